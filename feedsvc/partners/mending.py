"""What can be set right in an item before it goes to a partner."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from feedsvc.model import Entry, Syndication
from feedsvc.partners.findings import Terms
from feedsvc.partners.markup import clean_for_msn
from feedsvc.partners.pictures import enclose, judge_picture, mend_pictures, sized, versioned
from feedsvc.partners.words import (
    add_parameters,
    strip_address,
    strip_markup,
    strip_read_more,
    strip_tracking,
)
from feedsvc.plain import squeeze, text_of
from feedsvc.render import cut_text, plain_title, shorten, summary_of

# A description that a partner wants longer than ours is made from the text, and twice as long as
# asked for at most: then a sentence ends in time.
_ROOM = 2
# An article without a title (a short note) is called by its first words, as in every feed.
_TITLE_CHARS = 80
# What stands between the sentences of an article and is none.
_ASIDE = re.compile(r"<(h[1-6]|figcaption|table)\b.*?</\1>", re.DOTALL)


def begin(entry: Entry, terms: Terms) -> Entry:
    """Return an entry as it is before any rule: with its summary, and no more than it may say."""
    entry = replace(entry, summary=summary_of(entry))
    bound = entry.syndication is Syndication.SUMMARY
    if bound:  # a picture and a sound are no summary, and mostly somebody else's
        entry = replace(entry, image=None, enclosure=None, episode=None)
    if not bound and terms.partner.content == "full":
        return entry
    if terms.profile.no_read_more:
        text = f"<p>{escape(entry.summary, quote=False)}</p>" if entry.summary else ""
        return replace(entry, content=text)
    return shorten(entry)


def mend(entry: Entry, source: Entry, terms: Terms) -> Entry:
    """Return an entry as a partner takes it, as far as that can be.

    ``source`` is the entry with its whole text.
    """
    if terms.profile.has_rules:
        entry = _mend_link(entry, terms)
        entry = _mend_content(entry, terms)
        entry = _mend_title(entry, terms)
        entry = _mend_description(entry, source, terms)
    if terms.partner.utm:
        link = strip_tracking(entry.link)
        link = add_parameters(link, utm_source=terms.partner.name, utm_medium="feed")
        entry = replace(entry, link=link)
    if terms.profile.moved_by_edits:
        entry = replace(entry, published=max(entry.published, entry.updated))
    authors = tuple(filter(None, map(strip_address, entry.authors)))
    if terms.profile.needs_creator and not authors:
        authors = (strip_address(terms.feed.author) or terms.feed.title,)
    # What its rights allow was done: readers of the feed are not told again.
    return replace(entry, authors=authors, syndication=Syndication.FULL)


def _mend_link(entry: Entry, terms: Terms) -> Entry:
    return replace(entry, link=strip_tracking(entry.link)) if terms.profile.no_tracking else entry


def _mend_title(entry: Entry, terms: Terms) -> Entry:
    title = plain_title(strip_markup(entry.title)) or cut_text(entry.summary, _TITLE_CHARS)
    most = terms.profile.title_most
    return replace(entry, title=cut_text(title, most) if most else title)


def _mend_content(entry: Entry, terms: Terms) -> Entry:
    """Set the HTML and the pictures right."""
    image = sized(entry.image, terms) if entry.image else None
    left_out = ""
    if image and judge_picture(image, terms):
        left_out, image = image.url, None
    content = mend_pictures(entry.content, left_out, terms)
    if terms.profile.no_read_more:
        content = strip_read_more(content)
    if terms.profile.plain_html:
        content = clean_for_msn(content)
    if image:
        image = replace(image, url=versioned(image.url, terms))
    entry = replace(entry, content=content, image=image)
    if terms.profile.picture_as_enclosure:
        entry = replace(entry, enclosure=enclose(image) if image else None)
    return entry


def _mend_description(entry: Entry, source: Entry, terms: Terms) -> Entry:
    least, most = terms.profile.description_least, terms.profile.description_most
    summary = entry.summary
    if len(summary) < least and source.syndication is Syndication.FULL:
        summary = _lengthen(summary, source, least)
    if most:
        summary = cut_text(summary, most)
    return replace(entry, summary=plain_title(summary))


def _lengthen(summary: str, source: Entry, least: int) -> str:
    """Return a description of ``least`` characters or more, if the article has so many."""
    prose = _ASIDE.sub(" ", strip_read_more(source.content))
    text, written = squeeze(text_of(prose)), plain_title(source.summary)
    if text.startswith(written):
        written = ""
    whole = f"{written} {text}".strip()
    cut = cut_text(whole, least * _ROOM)
    if len(cut) < least < len(whole):  # one sentence ends too soon, and the next is endless
        cut = whole[: least * _ROOM - 1].rpartition(" ")[0] + "…"
    return cut if len(cut) >= len(summary) else summary

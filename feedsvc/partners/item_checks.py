"""The rules for one item, a named check each.

A check says in words what is wrong, or nothing. `FATAL` are those that a partner refuses an item
for; what fails another one goes out and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from feedsvc.model import Entry, Syndication
from feedsvc.partners.findings import Terms
from feedsvc.partners.markup import clean_for_msn
from feedsvc.partners.pictures import judge_picture, list_small_pictures, sized, versioned
from feedsvc.partners.words import (
    has_address,
    has_markup,
    host_of,
    is_https,
    list_read_more,
    list_tracking,
)
from feedsvc.plain import has_text

Check = Callable[[Entry, Terms], str]

# The date of an RSS item has a four-digit year (R44).
_FIRST_YEAR = 1000


def _check_title(entry: Entry, terms: Terms) -> str:
    return "" if entry.title.strip() else "there is no title"


def _check_title_markup(entry: Entry, terms: Terms) -> str:
    return "the title holds HTML" if has_markup(entry.title) else ""


def _check_title_length(entry: Entry, terms: Terms) -> str:
    least, most, size = terms.profile.title_least, terms.profile.title_most, len(entry.title)
    if size < least:
        return f"the title has {size} characters: {least} are the least"
    return f"the title has {size} characters: {most} are the most" if 0 < most < size else ""


def _check_link(entry: Entry, terms: Terms) -> str:
    return "" if host_of(entry.link) else "the link is no web address"


def _check_link_https(entry: Entry, terms: Terms) -> str:
    if not terms.profile.https_links or is_https(entry.link):
        return ""
    # A site without https is one fault, of the feed, and not one of each article.
    ours = host_of(entry.link) == host_of(terms.feed.base) and not is_https(terms.feed.base)
    return "" if ours else "the link does not begin with https"


def _check_link_tracking(entry: Entry, terms: Terms) -> str:
    found = list_tracking(entry.link) if terms.profile.no_tracking else ()
    return f"the link has tracking parameters: {', '.join(found)}" if found else ""


def _check_link_domain(entry: Entry, terms: Terms) -> str:
    if not terms.profile.own_links:
        return ""
    ours = host_of(terms.feed.base).removeprefix("www.")
    theirs = host_of(entry.link).removeprefix("www.")
    if theirs == ours or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}"):
        return ""
    return f"the link leads to {theirs or 'nowhere'}, not to {ours}"


def _check_guid(entry: Entry, terms: Terms) -> str:
    durable = entry.id.startswith(("tag:", "urn:"))
    return "" if durable else "the id is none that stays when the address changes"


def _check_date_ahead(entry: Entry, terms: Terms) -> str:
    ahead = max(entry.published, entry.updated) > terms.now
    return "the date lies in the future" if ahead else ""


def _check_date_age(entry: Entry, terms: Terms) -> str:
    oldest = terms.profile.oldest
    if oldest is None or terms.now - entry.published < oldest:
        return ""
    age = (terms.now - entry.published).days
    return f"it is {age} days old: {oldest.days} are too many"


def _check_date_year(entry: Entry, terms: Terms) -> str:
    return "" if entry.published.year >= _FIRST_YEAR else "the year has less than four digits"


def _check_creator(entry: Entry, terms: Terms) -> str:
    missing = terms.profile.needs_creator and not any(one.strip() for one in entry.authors)
    return "no author is named" if missing else ""


def _check_creator_address(entry: Entry, terms: Terms) -> str:
    return "an e-mail address stands among the authors" if any(
        map(has_address, entry.authors)
    ) else ""  # fmt: skip


def _check_description(entry: Entry, terms: Terms) -> str:
    missing = terms.profile.needs_description and not entry.summary.strip()
    return "there is no description" if missing else ""


def _check_description_length(entry: Entry, terms: Terms) -> str:
    least, most = terms.profile.description_least, terms.profile.description_most
    size = len(entry.summary)
    if size < least:
        return f"the description has {size} characters: {least} are the least"
    return f"the description has {size} characters: {most} are shown" if 0 < most < size else ""


def _check_body(entry: Entry, terms: Terms) -> str:
    missing = terms.profile.needs_body and not has_text(entry.content)
    return "there is no text" if missing else ""


def _check_full_text(entry: Entry, terms: Terms) -> str:
    if not terms.profile.needs_full_text:
        return ""
    if entry.syndication is not Syndication.FULL:
        return "its rights allow a summary only: the full text is wished for"
    short = terms.partner.content == "summary"
    return "the config gives a summary only: the full text is wished for" if short else ""


def _check_article_size(entry: Entry, terms: Terms) -> str:
    most, size = terms.profile.article_bytes_most, len(entry.content.encode())
    return f"the text has {size:,} bytes: {most:,} are the most" if 0 < most < size else ""


def _check_read_more(entry: Entry, terms: Terms) -> str:
    found = list_read_more(entry.content) if terms.profile.no_read_more else ()
    return f'a link only leads to the rest: "{found[0]}"' if found else ""


def _check_html(entry: Entry, terms: Terms) -> str:
    if not terms.profile.plain_html or clean_for_msn(entry.content) == entry.content:
        return ""
    return "the text holds HTML that is not on the list"


def _check_picture(entry: Entry, terms: Terms) -> str:
    missing = terms.profile.needs_picture and entry.image is None
    return "there is no picture, or none that will do" if missing else ""


def _check_picture_size(entry: Entry, terms: Terms) -> str:
    image = entry.image
    return judge_picture(sized(image, terms), terms) if image else ""


def _check_picture_known(entry: Entry, terms: Terms) -> str:
    if terms.profile.pictures is None or entry.image is None:
        return ""
    image = sized(entry.image, terms)
    known = image.width > 0 and image.height > 0
    return "" if known else "the size of the picture is not known: it may be too small"


def _check_picture_version(entry: Entry, terms: Terms) -> str:
    if entry.image is None or versioned(entry.image.url, terms) == entry.image.url:
        return ""
    return "a picture that is replaced would keep its address"


def _check_body_pictures(entry: Entry, terms: Terms) -> str:
    found = list_small_pictures(entry.content, terms)
    return f"a picture in the text will not do: {found[0]}" if found else ""


def _check_enclosure(entry: Entry, terms: Terms) -> str:
    if not terms.profile.picture_as_enclosure:
        return ""
    shown = entry.enclosure.url if entry.enclosure else ""
    wanted = entry.image.url if entry.image else ""
    return "" if shown == wanted else "the enclosure is not the picture"


def _check_language(entry: Entry, terms: Terms) -> str:
    if not terms.profile.one_language or not entry.language:
        return ""
    ours, its = (tag.lower().partition("-")[0] for tag in (terms.feed.language, entry.language))
    return "" if ours == its else f"it is in {its}, and the feed in {ours or 'none'}"


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "title": _check_title,
        "title-markup": _check_title_markup,
        "title-length": _check_title_length,
        "link": _check_link,
        "link-https": _check_link_https,
        "link-tracking": _check_link_tracking,
        "link-domain": _check_link_domain,
        "guid": _check_guid,
        "date-ahead": _check_date_ahead,
        "date-age": _check_date_age,
        "date-year": _check_date_year,
        "creator": _check_creator,
        "creator-address": _check_creator_address,
        "description": _check_description,
        "description-length": _check_description_length,
        "body": _check_body,
        "full-text": _check_full_text,
        "article-size": _check_article_size,
        "read-more": _check_read_more,
        "html": _check_html,
        "picture": _check_picture,
        "picture-size": _check_picture_size,
        "picture-known": _check_picture_known,
        "picture-version": _check_picture_version,
        "body-pictures": _check_body_pictures,
        "enclosure": _check_enclosure,
        "language": _check_language,
    }
)

# No partner refuses an article because nobody took a picture; and an article that may only be
# shown in short is better than none.
WISHES = frozenset({"picture", "picture-known", "full-text"})

# What holds for every partner, also for one without rules of its own.
FOR_ALL = frozenset({"title", "link", "guid", "date-ahead", "date-year", "creator-address"})


def find_faults(entry: Entry, terms: Terms) -> dict[str, str]:
    """Return what is wrong with an entry for this partner, by the name of the rule."""
    wanted = CHECKS if terms.profile.has_rules else {name: CHECKS[name] for name in FOR_ALL}
    found = {name: check(entry, terms) for name, check in wanted.items()}
    return {name: message for name, message in found.items() if message}

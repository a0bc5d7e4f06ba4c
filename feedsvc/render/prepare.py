"""What every format says alike: the order, the strings and the dates of a feed and its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from feedsvc.model import Enclosure, Entry, Feed, Image, Podcast, Syndication
from feedsvc.plain import text_of

from .markup import cut_text, first_sentences
from .text import (
    plain_category,
    plain_language,
    plain_link,
    plain_title,
    plain_url,
    strip_forbidden,
)

# An entry without a title (a short note) is called by its first words; readers show one line.
_TITLE_CHARS = 80
# Every format prepares the same entries, and the next version of a feed has all but one of them.
_PREPARED_KEPT = 1_000
# No standfirst is longer; one that is cannot make a shortened entry long again.
_SUMMARY_CHARS = 2_000


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return ``entries`` by published, the newest first, and ties by id (R42, F21).

    The store picks the newest in this very order, so that a cut never falls into the middle of it.
    """
    return tuple(sorted(entries, key=lambda entry: (entry.published, entry.id), reverse=True))


def summary_of(entry: Entry) -> str:
    """Return the entry's own summary or else its first sentences, as plain text (R47, F5).

    It follows the rule of `plain_title`, because readers take an RSS description for HTML and an
    Atom or JSON summary for text.
    """
    return plain_title(entry.summary) or plain_title(first_sentences(entry.content))


def content_of(entry: Entry) -> str:
    """Return the entry's HTML, with its correction on top if it has one."""
    content = strip_forbidden(entry.content)
    correction = strip_forbidden(entry.correction).strip()
    if not correction:
        return content
    return f"<p><strong>Correction:</strong> {escape(correction, quote=False)}</p>{content}"


def shorten(entry: Entry) -> Entry:
    """Return the entry with its summary and a link to the whole article as its content."""
    summary = cut_text(summary_of(entry), _SUMMARY_CHARS)
    link = escape(plain_url(entry.link))
    more = f'<p><a href="{link}">Read the whole article</a></p>'
    content = f"<p>{escape(summary, quote=False)}</p>{more}" if summary else more
    return replace(entry, summary=summary, content=content)


def prepare(feed: Feed) -> Feed:
    """Return the feed as it is to be written: every string plain, every date whole UTC seconds.

    Doing this in one place makes the formats agree, and leaves nothing in a value that XML or
    JSON could not carry. Feed and entries get a title in any case (P2, P3, P20, R35). What may not
    be syndicated is left out: nothing is written that did not pass here.
    """
    base = plain_url(feed.base)
    home = plain_url(feed.home) or base  # required in every format (P20, P40)
    title = plain_title(feed.title) or plain_title(feed.name) or home
    return replace(
        feed,
        id=plain_url(feed.id),
        title=title,
        description=plain_title(feed.description),
        language=plain_language(feed.language),
        base=base,
        home=home,
        updated=_to_second(feed.updated),
        entries=tuple(
            prepare_entry(entry, feed.language)
            for entry in feed.entries
            if entry.syndication is not Syndication.NONE
        ),
        author=plain_title(feed.author),
        copyright=plain_title(feed.copyright),
        icon=plain_url(feed.icon),
        logo=plain_url(feed.logo),
        deleted=tuple(replace(one, when=_to_second(one.when)) for one in feed.deleted),
        hubs=tuple(map(plain_url, feed.hubs)),
        cloud=plain_url(feed.cloud),
        podcast=_prepare_podcast(feed.podcast) if feed.podcast else None,
    )


def address_of(feed: Feed, suffix: str, page: int | None = None) -> str:
    """Return the URL of a feed's document in a format: of an archive ``page``, or of this one.

    Page 0 is the live feed.
    """
    page = feed.page if page is None else page
    return f"{feed.base}/archive/{page}.{suffix}" if page else f"{feed.base}.{suffix}{feed.query}"


def describe_cloud(url: str) -> dict[str, str]:
    """Return what RSS's cloud element says of the URL where readers ask to be notified."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return {
        "domain": f"[{host}]" if ":" in host else host,
        "port": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "path": parts.path,
        "registerProcedure": "",
        "protocol": "http-post",
    }


def write_links(feed: Feed, suffix: str) -> str:
    """Return the Link header of a feed: its hubs and its own address in a format (R56, W1, F28)."""
    feed = prepare(replace(feed, entries=()))
    return write_link_header(feed.hubs, address_of(feed, suffix))


def write_link_header(hubs: Iterable[str], own: str) -> str:
    """Return the Link header of a topic, given its hubs and its own address (W1)."""
    links = [*((hub, "hub") for hub in hubs), (own, "self")]
    return ", ".join(f'<{plain_url(url)}>; rel="{rel}"' for url, rel in links)


def list_archives(feed: Feed, suffix: str) -> dict[str, str]:
    """Return the links to the documents around this one, by relation (RFC 5005, P47-P49).

    All archive documents are closed, so each may name the next; the last one is followed by the
    live feed alone.
    """
    before = feed.page - 1 if feed.page else feed.pages
    links = {"prev-archive": address_of(feed, suffix, before)} if before else {}
    if feed.page:
        links["current"] = address_of(feed, suffix, 0)
        if feed.page < feed.pages:
            links["next-archive"] = address_of(feed, suffix, feed.page + 1)
    return links


def format_rfc3339(at: datetime) -> str:
    """Return a UTC moment as Atom and JSON write it, its offset spelled out (P9, P39)."""
    return at.isoformat()


def format_rfc822(at: datetime) -> str:
    """Return a UTC moment as RSS and OPML write it, in English under any locale (P22, F9, F10)."""
    return format_datetime(at)


@lru_cache(_PREPARED_KEPT)
def prepare_entry(entry: Entry, feed_language: str) -> Entry:
    """Return the entry as it is to be written in a feed of ``feed_language``; see `prepare`."""
    if entry.syndication is Syndication.SUMMARY:
        # No picture and no sound either: they are no summary, and mostly somebody else's.
        entry = replace(shorten(_cut_short(entry)), image=None, enclosure=None, episode=None)
    id_, link = plain_url(entry.id), plain_link(entry.link)
    summary = summary_of(entry)
    language = plain_language(entry.language)
    return Entry(
        id=id_,
        uid=entry.uid,
        title=plain_title(entry.title) or cut_text(summary, _TITLE_CHARS) or link or id_,
        link=link,
        published=_to_second(entry.published),
        updated=_to_second(entry.updated),
        summary=summary,
        content=content_of(entry),
        authors=_distinct(map(plain_title, entry.authors)),
        categories=_distinct(map(plain_category, entry.categories)),
        language="" if language.lower() == feed_language.lower() else language,
        image=_prepare_image(entry.image),
        enclosure=_prepare_enclosure(entry.enclosure),
        rights=plain_title(entry.rights),
        episode=entry.episode,
    )


def _cut_short(entry: Entry) -> Entry:
    """Return an entry whose summary is no more than half of it, where we make the summary."""
    if entry.summary.strip():
        return entry
    excerpt = summary_of(entry)
    half = len(text_of(content_of(entry))) // 2
    return replace(entry, summary=cut_text(excerpt, half)) if half else entry


def _prepare_image(image: Image | None) -> Image | None:
    url = plain_url(image.url) if image else ""
    return replace(image, url=url) if image and url else None


def _prepare_enclosure(enclosure: Enclosure | None) -> Enclosure | None:
    if enclosure is None or not (url := plain_url(enclosure.url)):
        return None
    # P25 and P42 ask for a type in any case; this one says that nothing is known.
    type_ = plain_url(enclosure.type) or "application/octet-stream"
    return Enclosure(url, type_, max(0, enclosure.length), max(0, enclosure.duration))


def _prepare_podcast(podcast: Podcast) -> Podcast:
    return replace(
        podcast,
        author=plain_title(podcast.author),
        owner_name=plain_title(podcast.owner_name),
        owner_email=plain_title(podcast.owner_email),
        artwork=plain_url(podcast.artwork),
        new_feed_url=plain_url(podcast.new_feed_url),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _to_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)

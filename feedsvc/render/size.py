"""How much of a feed is published: so many entries, and so many bytes (F20, R28)."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.model import Entry, Feed, Syndication

from .prepare import newest_first, prepare, prepare_entry, shorten

# Bounds of the markup around the texts, in bytes, whichever format is the longest: all elements
# of an entry that has everything, and of the head of a feed. The tests hold them against the
# renderers.
_ENTRY_BYTES = 400
_PICTURE_BYTES = 160
_ENCLOSURE_BYTES = 100
_AUTHOR_BYTES = 40
_CATEGORY_BYTES = 24
_RIGHTS_BYTES = 100
# What a podcast's feed has beside, and for each of its categories. The markup of an episode is no
# more than what Atom has beside RSS.
_PODCAST_BYTES = 700
_SUBJECT_BYTES = 90
_HEAD_BYTES = 1_600
_DELETED_BYTES = 90
_ARCHIVE_LINK_BYTES = 100


def fit(feed: Feed, items: int, max_bytes: int) -> Feed:
    """Return the feed with as many of its newest entries as may be published (F20, F21, R28, R42).

    They are sorted newest first with ties by id, each id once (R41, F17), at most ``items``, and
    cut from the tail so that no format exceeds ``max_bytes`` bytes. An entry that is too long all
    by itself keeps its place with its summary and a link; if even that is too long it is left out.

    Sizes are bounds computed from the texts, not renderings: never too low, and a few percent high.
    """
    room = max_bytes - _bound_head(feed)
    by_id: dict[str, Entry] = {}
    for entry in newest_first(feed.entries):
        by_id.setdefault(entry.id, entry)
    kept: list[Entry] = []
    xml = json = 0
    for entry in list(by_id.values())[: max(0, items)]:
        fitting, (more_xml, more_json) = entry, _bound(entry, feed)
        if max(more_xml, more_json) > room:
            fitting = shorten(entry)
            more_xml, more_json = _bound(fitting, feed)
            if max(more_xml, more_json) > room:
                continue
        if max(xml + more_xml, json + more_json) > room:
            break
        xml, json = xml + more_xml, json + more_json
        kept.append(fitting)
    return replace(feed, entries=tuple(kept))


def fit_all(feed: Feed, max_bytes: int) -> Feed:
    """Return the feed with all of its entries, the longest of them shortened to fit (P50, R28).

    An archive document may not lose an entry: what does not stand here stands nowhere.
    """
    entries = list(newest_first(feed.entries))
    sizes = [max(_bound(entry, feed)) for entry in entries]
    over = sum(sizes) + _bound_head(feed) - max_bytes
    for size, place in sorted(((size, place) for place, size in enumerate(sizes)), reverse=True):
        if over <= 0:
            break
        entries[place] = shorten(entries[place])
        over -= size - max(_bound(entries[place], feed))
    return replace(feed, entries=tuple(entries))


def _bound(entry: Entry, feed: Feed) -> tuple[int, int]:
    """Return how many bytes the entry takes at most in XML and in JSON."""
    if entry.syndication is Syndication.NONE:
        return 0, 0
    plain = prepare_entry(entry, feed.language)
    short = [plain.id, plain.link, plain.title, plain.language, *plain.authors[:1], *plain.authors]
    markup = _ENTRY_BYTES + _AUTHOR_BYTES * (len(plain.authors) + 1)
    short += plain.categories
    markup += _CATEGORY_BYTES * len(plain.categories)
    if plain.image:
        short += [plain.image.url, plain.image.url]
        markup += _PICTURE_BYTES
    if plain.enclosure:
        short += [plain.enclosure.url, plain.enclosure.type]
        markup += _ENCLOSURE_BYTES
    if plain.rights:
        short += [plain.rights, plain.rights]
        markup += _RIGHTS_BYTES
    if feed.podcast:
        short += [plain.title, plain.image.url if plain.image else ""]
    around = markup + sum(map(_bound_text, short))
    xml = around + _count_xml(plain.summary) + _count_xml(plain.content)
    # JSON has the summary a second time, as HTML, where there is no content.
    content = plain.content or plain.summary
    json = around + _count_json(plain.summary) + _count_json(content)
    return xml, json


def _bound_head(feed: Feed) -> int:
    plain = prepare(replace(feed, entries=()))
    # Title, home and logo stand in a feed up to three times.
    texts = [plain.title, plain.home, plain.logo] * 3
    texts += [plain.id, plain.description, plain.base, plain.author, plain.author]
    texts += [plain.copyright, plain.icon, plain.icon, plain.language]
    texts += [plain.base] * 3 if plain.pages else []
    texts += [one.id for one in plain.deleted]
    markup = _HEAD_BYTES + _DELETED_BYTES * len(plain.deleted) + 3 * _ARCHIVE_LINK_BYTES
    if podcast := plain.podcast:
        texts += [plain.author, podcast.author, podcast.owner_name]
        texts += [podcast.owner_email, podcast.artwork, podcast.new_feed_url]
        texts += [name for path in podcast.categories for name in path]
        markup += _PODCAST_BYTES + _SUBJECT_BYTES * len(podcast.categories)
    return markup + sum(map(_bound_text, texts))


def _bound_text(text: str) -> int:
    """Return the most that a short text takes, as an attribute too, where the most is escaped."""
    return len(text.encode()) + sum(map(text.count, '&<>"\\\n\r\t')) * 5


def _count_xml(text: str) -> int:
    """Return the bytes of ``text`` inside an XML element."""
    count = text.count
    return len(text.encode()) + 4 * (count("&") + count("\r")) + 3 * (count("<") + count(">"))


def _count_json(text: str) -> int:
    """Return the bytes of ``text`` inside a JSON string."""
    count = text.count
    escaped = count('"') + count("\\") + count("\n") + count("\r") + count("\t")
    return len(text.encode()) + escaped

"""Lines of a page that are not its text: who wrote it and when, which is read, and notices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from types import MappingProxyType

from feedsvc.ingest.datelines import read_date_line
from feedsvc.ingest.furniture import MAX_BAR_PART, MAX_NOTICE, judge
from feedsvc.ingest.headparts import MAX_HEAD_LINE, HeadParts, read_head_parts
from feedsvc.ingest.notices import (
    ADVERT,
    BLOCKER,
    COMMENTS,
    COOKIES,
    COPYRIGHT,
    LINKS,
    MEDIA,
    NAVIGATION,
    PAYWALL,
    RELATED,
    SECTIONS,
    SHARE,
    SIGN_UP,
    TAGS,
)
from feedsvc.ingest.pageblocks import CODE, HEADING, LIST, PICTURE, QUOTE, TABLE, TEXT, Block
from feedsvc.ingest.pagechoice import MOSTLY_LINKS
from feedsvc.ingest.people import read_byline
from feedsvc.ingest.reading import Reading
from feedsvc.model import Cut
from feedsvc.plain import squeeze

# A page's captions and credits stand in elements of their own and are left as they are.
_NOTICES = frozenset(
    {ADVERT, BLOCKER, COMMENTS, COOKIES, COPYRIGHT, LINKS, MEDIA, NAVIGATION, PAYWALL, RELATED}
    | {SECTIONS, SHARE, SIGN_UP, TAGS}
)
_SITES = (
    r"(?:twitter|facebook|instagram|linkedin|youtube|tiktok|whatsapp|threads|mastodon|bluesky"
    r"|telegram|x\b)"
)
# What pages put beside their articles, and scraped text seldom has: beginnings of lines.
_STARTS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        reason: re.compile("|".join(patterns), re.IGNORECASE)
        for reason, patterns in {
            SHARE: (
                rf"(?:follow|like|find|join) .{{2,80}}\bon {_SITES}",
                r"(?:do you )?(?:like|liked|enjoy|enjoyed) (?:this|what)\b.{0,60}"
                r"\b(?:share|follow|subscribe|support)\b",
                r"sharing is caring|\d[\d,.]{0,6}k? ?shares?$",
            ),
            SIGN_UP: (
                r"(?:get|receive|want) .{2,160}\b(?:in your inbox|to your inbox"
                r"|delivered to your|through your (?:letterbox|door))\b",
                r"thanks for signing up|keep an eye on your inbox|there was an error processing",
                r"sign up (?:for|to)\b.{0,120}$",
            ),
            COMMENTS: (
                r"(?:have|got) (?:a|any) (?:news )?(?:tip|story|correction)s?\b",
                r"tell us what you think|what do you think\?.{0,60}$",
                r"let us know (?:in the|what) .{0,60}$",
                r"(?:e-?mail|contact|reach|write to) .{2,80}?(?:\bat |: ?)[^\s@]{1,60}@[^\s@]{3}",
            ),
            MEDIA: (
                r"(?:tempo de leitura|lesezeit|temps de lecture|tiempo de lectura)\b.{0,30}$",
                r"\d{1,3} min\.? (?:lesezeit|de lecture|de lectura|de leitura|leestijd)",
            ),
            TAGS: (
                r"tags?$",
                r"(?:tags?|tagged(?: with| in| as)?|posted in|categor(?:y|ies)|labels?|themen"
                r"|stichworte)\b ?[:–-]",
            ),
        }.items()
    }
)
# A label of one of these makes what follows it, as long as it is links, a list of other articles.
_LABELS = frozenset({RELATED, TAGS, SHARE})
# "See also" boxes repeat no more than this many articles.
_MAX_BOX = 12
# A paragraph that opens the article has at least so many characters, or ends as a sentence does.
_MIN_PROSE = 60
_SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"”’»)\]]*$")
# Where one element ends and another begins, or a line.
_ELEMENT_BORDERS = re.compile(
    r"</(?:span|a|time|b|strong|em|i|small|div|li|font)>\s*(?=<)|<br ?/?>|</(?:span|a|time|li)>"
    r"|<(?:a|time|span)\b[^>]*>"
)
_TAGS = re.compile(r"<[^>]*>")
_BEHIND_WORD = re.compile(
    r"(\b(?:by|von|par|por|door|and|und|et|on|am|le|el|op|at)|[:&])(?: ?\|)+ ", re.IGNORECASE
)
_BEFORE_WORD = re.compile(r"(?: ?\|)+ (?=(?:and|und|et|&|y|og|och) |,)", re.IGNORECASE)
_SPACE_BEFORE_MARK = re.compile(r" (?=[,.;:])")
# Behind the last paragraph only lines this short are looked at for more than notices.
_MAX_LABEL = 60


@dataclass(slots=True)
class HeadLines:
    """What the lines around an article say of it; empty where they say nothing."""

    authors: tuple[str, ...] = ()
    source: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    places: set[int] = field(default_factory=set)


def is_prose(block: Block) -> bool:
    """Whether a block is text of an article rather than a label, a name or a bar of links."""
    if block.kind in (QUOTE, CODE, TABLE):
        return True
    if block.kind not in (TEXT, LIST) or block.linked > MOSTLY_LINKS * len(block.text):
        return False
    return len(block.text) >= _MIN_PROSE or bool(_SENTENCE_END.search(block.text))


def read_lines(
    blocks: Sequence[Block], kept: Sequence[bool], start: int, reading: Reading
) -> HeadLines:
    """Read the bylines and date lines at the head of an article, and at its end.

    ``start`` is where the head begins. A page's lists of other articles have such lines too, so
    nothing is read before the headline, nor between paragraphs, nor far behind the text.
    """
    found = HeadLines()
    for place in _list_edges(blocks, kept, start):
        if not blocks[place].text or len(blocks[place].text) > MAX_HEAD_LINE:
            continue
        text = _show(blocks[place])
        if parts := _read_parts(blocks[place], text, reading):
            found.authors = found.authors or parts.authors
            found.source = found.source or parts.source
            found.published = found.published or parts.published
            found.updated = found.updated or parts.updated
            found.places.add(place)
            continue
        if byline := read_byline(text):
            found.authors = found.authors or byline.authors
            found.source = found.source or byline.source
            found.places.add(place)
            text = byline.rest
        line = read_date_line(text, reading) if text else None
        if line:
            found.published = found.published or line.published
            found.updated = found.updated or line.updated
            found.places.add(place)
    return found


def _read_parts(block: Block, text: str, reading: Reading) -> HeadParts | None:
    """Read a line that tells several things by the borders of its elements."""
    if parts := read_head_parts(text, reading):
        return parts
    if text == block.text and "<br" not in block.markup:
        return None
    # "by <a>Ann Lee</a>": what is said before a name belongs to it.
    parted = squeeze(_TAGS.sub("", _ELEMENT_BORDERS.sub(" | ", block.markup)))
    parted = _BEHIND_WORD.sub(r"\1 ", _BEFORE_WORD.sub(" ", parted))
    return read_head_parts(unescape(parted).strip(" |"), reading)


def _show(block: Block) -> str:
    """Return the text of a line as it is seen: elements beside one another are set apart."""
    if block.kind not in (TEXT, LIST) or "<" not in block.markup[3:-4]:
        return block.text
    shown = squeeze(_TAGS.sub("", _ELEMENT_BORDERS.sub(" ", block.markup)))
    return unescape(_SPACE_BEFORE_MARK.sub("", shown))


def _list_edges(blocks: Sequence[Block], kept: Sequence[bool], start: int) -> Iterator[int]:
    taken = [place for place, keep in enumerate(kept) if keep and place >= start]
    if not taken:
        return
    prose = [
        place for place in taken if is_prose(blocks[place]) and len(blocks[place].text) > _MIN_PROSE
    ]
    first = prose[0] if prose else taken[0]
    yield from range(start, first)
    yield from range((prose[-1] if prose else taken[-1]) + 1, min(taken[-1] + 3, len(blocks)))


def cut_lines(
    blocks: Sequence[Block], kept: list[bool], start: int, reading: Reading
) -> tuple[Cut, ...]:
    """Cut notices, and lists of other articles with their labels; ``kept`` is changed."""
    cuts: list[Cut] = []
    box = 0  # how many more blocks may belong to a list of other articles
    for place, block in enumerate(blocks):
        if not kept[place]:
            continue
        if place < start and block.kind != PICTURE:
            kept[place] = False
            continue
        reason = _find_reason(block, reading)
        if not reason and box and block.linked > MOSTLY_LINKS * len(block.text):
            reason = RELATED
            box -= 1
        else:
            box = _MAX_BOX if reason in _LABELS and len(block.text) <= _MAX_LABEL else 0
        if reason:
            cuts.append(Cut(0, block.text[:MAX_NOTICE], reason))
            kept[place] = False
    _trim_end(blocks, kept)
    return tuple(cuts)


def _find_reason(block: Block, reading: Reading) -> str:
    text = block.text
    if block.kind not in (TEXT, HEADING, LIST) or not text or len(text) > MAX_NOTICE:
        return ""
    verdict = judge(text, reading.sections)
    if verdict and not verdict.weak and verdict.reason in _NOTICES:
        return verdict.reason
    return next((reason for reason, pattern in _STARTS.items() if pattern.match(text)), "")


def _trim_end(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Cut headings and labels behind the last paragraph: nothing stands below them any more."""
    for place in range(len(blocks) - 1, -1, -1):
        block = blocks[place]
        if not kept[place] or block.kind == PICTURE:
            continue
        linked = block.linked > MOSTLY_LINKS * len(block.text)
        label = block.kind in (HEADING, LIST) and (linked or block.kind == HEADING)
        label = label or (len(block.text) <= MAX_BAR_PART and linked)
        if not label:
            return
        kept[place] = False

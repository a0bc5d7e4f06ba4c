"""The head of a page: who wrote it, when, and its standfirst. What was read is cut."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.ingest.datelines import DateLine, read_agency, read_date_line
from feedsvc.ingest.layout import MARKER, QUOTE, Line
from feedsvc.ingest.notices import CREDITS, MEDIA, SHARE, TAGS
from feedsvc.ingest.people import Byline, is_role, read_byline, read_names
from feedsvc.ingest.reading import Reading

BYLINE = "byline"
DATE = "date line"
HEADLINE = "headline again"
# A standfirst is a sentence or two.
_MIN_STANDFIRST = 30
_MAX_STANDFIRST = 320
_MAX_SENTENCES = 3
_MAX_KICKER_WORDS = 5
# A deck without a full stop is told from a heading by its length.
_LEAST_DECK_WORDS = 8
# Bare dates and bylines stand in the head of a page: within this many paragraphs of prose.
_HEAD_PARAGRAPHS = 1
_PROSE_LENGTH = 140
# Names without a "By" stand within so many lines below the headline.
_HEAD_LINES = 10
# What follows a bar in a byline and is an agency is no longer.
_MAX_SOURCE = 60
# How sure a byline is whose next line is a role.
_ROLE_BELOW = 3
# Bylines that name nobody.
_NO_NAMES = frozenset(
    {"staff report", "staff reports", "from staff reports", "staff and agencies", "agencies"}
    | {"staff writer", "staff writers", "wire reports", "from wire reports", "newsroom"}
)
_SENTENCE_END = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")
_SENTENCE_BREAK = re.compile(r"[.!?][\"”’]? +(?=[\"“‘]?[^\W\d_a-z])")
_DATELINE = re.compile(r"[^\W\d_a-z][^a-z\n]{2,40}(?:\([A-Za-z ]{2,30}\) ?)?[—–-] ")
_READ_TIME = re.compile(r" ?[·•|–-] ?(?=\d{1,3}[ -]min)")


@dataclass(slots=True)
class Facts:
    """What is gathered while the lines of one page are judged."""

    authors: tuple[str, ...] = ()
    source: str = ""
    tags: tuple[str, ...] = ()
    published: tuple[datetime, str] | None = None
    updated: tuple[datetime, str] | None = None
    unclear: list[tuple[int, str]] = field(default_factory=list)

    def take_byline(self, byline: Byline) -> None:
        self.authors = self.authors or byline.authors
        self.source = self.source or byline.source

    def take_dates(self, line: DateLine, text: str, number: int) -> None:
        if line.published and not self.published:
            self.published = (line.published, text)
        if line.updated and not self.updated:
            self.updated = (line.updated, text)
        if line.unclear:
            self.unclear.append((number, line.unclear))


def read_facts(
    lines: Sequence[Line],
    reasons: list[str],
    title_at: int | None,
    reading: Reading,
    tails: Collection[str] = (),
) -> Facts:
    """Read bylines, date lines, tags and credits, and mark them to be cut.

    ``tails`` are names of the site, which are nobody's.
    """
    found = Facts()
    prose = sentences = 0
    bare: list[tuple[int, int, DateLine]] = []
    last_prose = max((n for n, line in enumerate(lines) if _is_prose(line.text)), default=-1)
    for index, line in enumerate(lines):
        text = line.text
        if index == title_at or line.is_code:
            continue
        reason = reasons[index]
        if reason == TAGS and not found.tags:
            names = text.partition(":")[2].split(",")
            found.tags = tuple(dict.fromkeys(tag for name in names if (tag := name.strip(" .#"))))
        elif reason == CREDITS and not found.authors:
            names_only = re.split(r"[;.]| in ", text.partition(" by ")[2], maxsplit=1)[0]
            byline = read_byline(f"By {names_only}")
            found.take_byline(byline or Byline())
        if reason or len(text) > _MAX_STANDFIRST:
            prose += _is_prose(text) and not reason
            sentences += not reason
            continue
        in_head_or_tail = prose <= _HEAD_PARAGRAPHS or index > last_prose
        if in_head_or_tail and (byline := read_byline(text)):
            reasons[index] = BYLINE
            found.take_byline(byline)
            _read_byline_rest(byline.rest, line, reading, found)
            continue
        dates = read_date_line(_READ_TIME.split(text)[0], reading)
        if dates and not dates.labelled:
            bare.append((index, sentences, dates))
        elif dates:
            reasons[index] = DATE
            found.take_dates(dates, text, line.number)
        sentences += len(text) >= _MIN_STANDFIRST and bool(_SENTENCE_END.search(text))
        prose += _is_prose(text) and not reasons[index]
    for index, before, dates in bare:
        # Of several dates without a word those in the text are a timeline.
        if before == 0 or (before == 1 and len(bare) == 1):
            reasons[index] = DATE
            found.take_dates(dates, lines[index].text, lines[index].number)
    _read_bare_names(lines, reasons, title_at, found, tails)
    return found


def _read_bare_names(
    lines: Sequence[Line],
    reasons: list[str],
    title_at: int | None,
    found: Facts,
    tails: Collection[str],
) -> None:
    """Read names that stand below the headline without a "By", beside a role or a date."""
    if title_at is None or BYLINE in reasons:
        return
    best: tuple[int, int] | None = None
    for index in range(title_at + 1, min(len(lines), title_at + 1 + _HEAD_LINES)):
        text = lines[index].text
        if _is_prose(text) and not reasons[index]:
            break
        if reasons[index] or text.casefold() in tails:
            continue
        if text.casefold() in _NO_NAMES:
            reasons[index] = BYLINE
            return
        if (rank := _rank_names(lines, reasons, index)) and read_names(text):
            best = max(best or (0, 0), (rank, index))
    if not best:
        return
    rank, at = best
    found.take_byline(read_names(lines[at].text) or Byline())
    reasons[at] = BYLINE
    if rank == _ROLE_BELOW:
        reasons[at + 1] = BYLINE


def _rank_names(lines: Sequence[Line], reasons: Sequence[str], index: int) -> int:
    """Say how surely a line of names is a byline, by what stands beside it; 0 if nothing does."""
    if names_role(lines[index].text):
        return _ROLE_BELOW + 1
    after = reasons[index + 1] if index + 1 < len(lines) else DATE
    if not after and is_role(lines[index + 1].text):
        return _ROLE_BELOW
    if after == DATE:
        return 2
    return 1 if reasons[index - 1] == DATE else 0


def names_role(text: str) -> bool:
    """Whether a line says what the person is that it names: "Ann Lee, Business Editor"."""
    return any(is_role(part) for part in text.split(",")[1:]) and bool(read_names(text))


def _is_kicker(text: str) -> bool:
    """Whether a line is the name of a section or a series, as it stands above a standfirst."""
    return len(text.split()) <= _MAX_KICKER_WORDS and not _SENTENCE_END.search(text)


def _is_prose(text: str) -> bool:
    return len(text) >= _PROSE_LENGTH


def _read_byline_rest(rest: str, line: Line, reading: Reading, found: Facts) -> None:
    if not rest:
        return
    if dates := read_date_line(rest, reading):
        found.take_dates(dates, rest, line.number)
    elif "@" in rest:
        return  # an address is nobody's source
    elif not found.source and len(rest) <= _MAX_SOURCE and not any(map(str.isdigit, rest)):
        found.source = rest


def _begins_story(lines: Sequence[Line], reasons: Sequence[str], at: int) -> bool:
    """Whether the next paragraph is the one with the dateline: what stands before it is no text."""
    first = next(
        (line for line, reason in zip(lines[at:], reasons[at:], strict=True) if not reason), None
    )
    return first is not None and bool(_DATELINE.match(first.text) or read_agency(first.text))


def find_standfirst(
    lines: Sequence[Line], reasons: Sequence[str], head_at: int | None
) -> Line | None:
    """Find the sentence that stands between the headline and what is said of its writing.

    Only before a byline, a date, a share bar or the paragraph with the dateline is it told from a
    first paragraph; an advert or a caption can stand after any. Below a date or a byline another of
    them must follow it.
    """
    if head_at is None:
        return None
    at, is_below = head_at + 1, False
    while at < len(lines) and (reasons[at] or _is_kicker(lines[at].text)):
        is_below = is_below or reasons[at] in (BYLINE, DATE)
        at += 1
    enders = (BYLINE, DATE) if is_below else (BYLINE, DATE, SHARE, MEDIA, HEADLINE)
    if at + 1 >= len(lines):
        return None
    if reasons[at + 1] not in enders and not _begins_story(lines, reasons, at + 1):
        return None
    line = lines[at]
    others = (n for n, other in enumerate(lines) if other.block == line.block and n != at)
    alone = all(reasons[n] or n == head_at for n in others)
    sentences = len(_SENTENCE_BREAK.findall(line.text)) + 1
    follows = sum(1 for reason in reasons[at + 1 :] if not reason)
    fits = _MIN_STANDFIRST <= len(line.text) <= _MAX_STANDFIRST and sentences <= _MAX_SENTENCES
    ends = bool(_SENTENCE_END.search(line.text)) or len(line.text.split()) >= _LEAST_DECK_WORDS
    if not (alone and fits and follows and ends) or MARKER.match(line.text):
        return None
    if _DATELINE.match(line.text) or read_agency(line.text) or QUOTE.match(line.text):
        return None
    return line

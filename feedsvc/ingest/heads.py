"""The head of a page: who wrote it, and when. What was read is cut."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.ingest.controls import read_tags
from feedsvc.ingest.datelines import DateLine, read_date_line
from feedsvc.ingest.dates import MAX_DATE
from feedsvc.ingest.layout import MARKER, Line
from feedsvc.ingest.notices import CAPTION, CREDITS, TAGS
from feedsvc.ingest.people import (
    MAX_BYLINE,
    Byline,
    is_place,
    is_role,
    read_byline,
    read_medium,
    read_names,
    read_wire,
)
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.signatures import read_signature

BYLINE = "byline"
DATE = "date line"
HEADLINE = "headline again"
# Longer lines are paragraphs.
_MAX_HEAD_LINE = 320
# Bare dates and bylines stand in the head of a page: within this many paragraphs of prose.
_HEAD_PARAGRAPHS = 1
_PROSE_LENGTH = 140
# A paragraph that ends with a full stop may be shorter; a caption seldom is so long.
_SENTENCE_LENGTH = 80
# Below a date in a timeline stands a sentence, however short.
_SHORT_SENTENCE = 15
_FULL_STOPS = (".", ".”", '."', "!", "?")
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
# A byline of two lines, of one name, and of a list of credits.
_LONE_BY = re.compile(r"(?:by|von|par|por) ?:?", re.IGNORECASE)
_MAX_LONE_BY = 5
_SAYS_BY = re.compile(r"\b(?:by|von|par|por) ", re.IGNORECASE)
_MONONYM = re.compile(r"By [A-Z][a-z]{2,15}")
_HELPED = re.compile(r"\(?(?:additional|further|with)\b", re.IGNORECASE)
_REPORTING = re.compile(r"\((?:Additional r|R)eporting by ")
_DASHED = re.compile(r"[–—-]{1,2} ?")
_READ_TIME = re.compile(r" ?[·•|–-] ?(?=\d{1,3}[ -]min)")


@dataclass(frozen=True, slots=True)
class _BareDate:
    """A date without a word: where it stands, and below how many sentences."""

    at: int
    sentences: int
    line: DateLine


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
    bare: list[_BareDate] = []
    is_prose = [_is_prose(line.text) for line in lines]
    last_prose = max((n for n, one in enumerate(is_prose) if one and not reasons[n]), default=-1)
    for index, line in enumerate(lines):
        text = line.text
        if index == title_at or line.is_code:
            continue
        if reasons[index] in (TAGS, CREDITS):
            _read_notice(text, reasons[index], found)
        if reasons[index] or len(text) > _MAX_HEAD_LINE:
            prose += is_prose[index] and not reasons[index]
            sentences += not reasons[index]
            continue
        if prose <= _HEAD_PARAGRAPHS or index > last_prose:
            in_head = prose == 0 and index < last_prose
            if _read_who(lines, reasons, index, in_head, reading, found):
                continue
            begin = _READ_TIME.split(text)[0] if "min" in text else text
            dates = read_date_line(begin, reading)
            if dates and dates.labelled:
                reasons[index] = DATE
                found.take_dates(dates, text, line.number)
            elif dates:
                bare.append(_BareDate(index, sentences, dates))
        elif len(text) <= MAX_DATE:
            dates = read_date_line(text, reading)
            if dates and not dates.labelled:
                bare.append(_BareDate(index, sentences, dates))
        sentences += len(text) >= _SHORT_SENTENCE and text.endswith(_FULL_STOPS)
        prose += is_prose[index] and not reasons[index]
    _read_bare_dates(lines, reasons, title_at, last_prose, bare, reading, found)
    if BYLINE not in reasons:
        _read_bare_names(lines, reasons, title_at, found, tails)
        _read_foot_names(lines, reasons, last_prose, found)
    if title_at is not None and not found.source:
        _read_lone_wire(lines, reasons, title_at, found)
    return found


def _read_notice(text: str, reason: str, found: Facts) -> None:
    if reason == TAGS and not found.tags:
        found.tags = read_tags(text)
    elif reason == CREDITS and not found.authors and not _HELPED.match(text):
        names_only = re.split(r"[;.]| in ", text.partition(" by ")[2], maxsplit=1)[0]
        found.take_byline(read_byline(f"By {names_only}") or Byline())


def _read_who(
    lines: Sequence[Line],
    reasons: list[str],
    index: int,
    in_head: bool,
    reading: Reading,
    found: Facts,
) -> bool:
    """Read a line of the head or foot as a byline; whether it is one."""
    line = lines[index]
    if len(line.text) > MAX_BYLINE:
        return False
    signature = read_signature(line.text, reading)
    # At the foot a bare name and a date may sign a letter or a comment.
    if signature and (in_head or not signature[0].authors or _SAYS_BY.search(line.text)):
        reasons[index] = BYLINE
        found.take_byline(signature[0])
        found.take_dates(signature[1], line.text, line.number)
        return True
    following = lines[index + 1].text if index + 1 < len(lines) else ""
    if _REPORTING.match(line.text):
        reasons[index] = CREDITS
        _read_notice(line.text, CREDITS, found)
        return True
    if len(line.text) <= _MAX_LONE_BY and _LONE_BY.fullmatch(line.text) and read_names(following):
        reasons[index] = reasons[index + 1] = BYLINE
        found.take_byline(read_names(following) or Byline())
        return True
    byline = read_byline(line.text)
    if not byline and _MONONYM.fullmatch(line.text) and read_date_line(following, reading):
        byline = Byline((line.text[3:],))
    if not byline or (is_place(byline) and not in_head):
        return False
    reasons[index] = BYLINE
    found.take_byline(byline)
    _read_byline_rest(byline.rest, line, reading, found)
    if in_head and index + 1 < len(lines):
        _read_affiliation(lines, reasons, index + 1, found)
    return True


def _read_affiliation(lines: Sequence[Line], reasons: list[str], index: int, found: Facts) -> None:
    """Read what stands below a name and says what he is or for whom he writes."""
    text = lines[index].text
    medium = read_medium(text)
    # An agency alone could be a picture's credit, but not below a name.
    if reasons[index] in ("", CAPTION) and (medium or is_role(text)):
        reasons[index] = BYLINE
        found.source = found.source or medium


def _read_bare_dates(
    lines: Sequence[Line],
    reasons: list[str],
    title_at: int | None,
    last_prose: int,
    bare: Sequence[_BareDate],
    reading: Reading,
    found: Facts,
) -> None:
    """Decide which of the dates without a word says when the page was published.

    The one beside the byline or below the headline does, rather than the page's clock above it.
    One in the future does not, nor those of a timeline: then they stay in the text.
    """
    head = title_at or 0
    past = [
        date for date in bare if not (date.line.published and date.line.published > reading.now)
    ]
    in_text = [date for date in past if date.sentences and head < date.at < last_prose]
    chosen = []
    for date in past:
        beside = BYLINE in reasons[max(0, date.at - 1) : date.at + 2] and date.at > head
        alone = all(date.line.has_clock > other.line.has_clock for other in in_text)
        below_one = date.sentences == 1 and len(past) == 1
        if beside or below_one or date.at < head or (date.sentences == 0 and alone):
            chosen.append(date)

    def rank(date: _BareDate) -> tuple[bool, bool, int]:
        return date.at < head, not date.line.has_clock, date.at

    for date in sorted(chosen, key=rank):
        reasons[date.at] = DATE
        found.take_dates(date.line, lines[date.at].text, lines[date.at].number)


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
    prose = 0
    for index in range(title_at + 1, min(len(lines), title_at + 1 + _HEAD_LINES)):
        text = lines[index].text
        prose += _is_prose(text) and not reasons[index]
        if prose > _HEAD_PARAGRAPHS:
            break
        if reasons[index] or not _could_be_names(text) or text.casefold() in tails:
            continue
        if text.casefold() in _NO_NAMES:
            reasons[index] = BYLINE
            return
        rank = _rank_names(lines, reasons, index)
        names = read_names(text) if rank > prose else None
        if names and (rank >= _ROLE_BELOW or not _is_label(names, text, lines)):
            best = max(best or (0, 0), (rank, index))
    if not best:
        return
    rank, at = best
    found.take_byline(read_names(lines[at].text) or Byline())
    reasons[at] = BYLINE
    if rank == _ROLE_BELOW:
        _read_affiliation(lines, reasons, at + 1, found)


def _read_lone_wire(lines: Sequence[Line], reasons: list[str], title_at: int, found: Facts) -> None:
    """Read an agency that stands alone beside the headline, the byline or the date."""
    last = min(len(lines) - 1, title_at + _HEAD_LINES)
    for index in range(max(0, title_at - 1), last):
        text = lines[index].text
        if index == title_at or reasons[index] not in ("", CAPTION):
            continue
        if index > title_at and not reasons[index] and _is_prose(text):
            return
        wire = read_wire(text)
        if wire and _is_beside_head(lines, reasons, title_at, index, bool(found.authors)):
            reasons[index], found.source = BYLINE, wire
            return


def _is_beside_head(
    lines: Sequence[Line], reasons: Sequence[str], title_at: int, index: int, is_signed: bool
) -> bool:
    """Whether an agency is the text's: a picture's stands below a caption, or below a date apart.

    A blank line sets it apart; where nobody has signed the page it is the text's all the same.
    """
    above, below = (n == title_at or reasons[n] in (BYLINE, DATE) for n in (index - 1, index + 1))
    is_apart = index == 0 or lines[index].number > lines[index - 1].number + 1
    if above:
        return below or not is_apart or not is_signed or index - 1 == title_at
    return below and is_apart and (index == 0 or reasons[index - 1] != CAPTION)


def _could_be_names(text: str) -> bool:
    return len(text) <= MAX_BYLINE and text[-1:] not in ".!?:"


def _read_foot_names(
    lines: Sequence[Line], reasons: list[str], last_prose: int, found: Facts
) -> None:
    """Read "Ann Lee, Staff Writer" below the last paragraph, if it is no list of people."""
    below = [n for n in range(last_prose + 1, len(lines)) if not reasons[n]]
    if last_prose < 0 or not below or lines[below[0]].block == lines[last_prose].block:
        return
    text = _DASHED.sub("", lines[below[0]].text)
    if names_role(text) and not any(names_role(lines[n].text) for n in below[1:]):
        reasons[below[0]] = BYLINE
        found.take_byline(read_names(text) or Byline())


def _rank_names(lines: Sequence[Line], reasons: Sequence[str], index: int) -> int:
    """Say how surely a line of names is a byline, by what stands beside it; 0 if nothing does."""
    if names_role(lines[index].text):
        return _ROLE_BELOW + 1
    if index + 1 < len(lines):
        below = lines[index + 1].text
        if reasons[index + 1] in ("", CAPTION) and (is_role(below) or read_medium(below)):
            return _ROLE_BELOW
        if reasons[index + 1] == DATE:
            return 2
    return int(_is_between_date_and_text(lines, reasons, index))


def _is_between_date_and_text(lines: Sequence[Line], reasons: Sequence[str], index: int) -> bool:
    """Whether a line stands right below a date, as a name does; a label stands above a list."""
    is_apart = lines[index].number > lines[index - 1].number + 1
    if reasons[index - 1] != DATE or is_apart:
        return False
    below = next((n for n in range(index + 1, len(lines)) if not reasons[n]), index)
    return _is_prose(lines[below].text) and not MARKER.match(lines[below].text)


def _is_label(names: Byline, text: str, lines: Sequence[Line]) -> bool:
    """Whether words in capitals are a place's or a thing's: the text has them in small letters."""
    words = text.casefold()
    return is_place(names) or any(words in line.text for line in lines)


def names_role(text: str) -> bool:
    """Whether a line says what the person is that it names: "Ann Lee, Business Editor"."""
    return any(is_role(part) for part in text.split(",")[1:]) and bool(read_names(text))


def _is_prose(text: str) -> bool:
    is_sentence = len(text) >= _SENTENCE_LENGTH and text.endswith(_FULL_STOPS)
    return is_sentence or len(text) >= _PROSE_LENGTH


def _read_byline_rest(rest: str, line: Line, reading: Reading, found: Facts) -> None:
    if not rest:
        return
    if dates := read_date_line(rest, reading):
        found.take_dates(dates, rest, line.number)
    elif "@" in rest:
        return  # an address is nobody's source
    elif not found.source and len(rest) <= _MAX_SOURCE and not any(map(str.isdigit, rest)):
        found.source = rest

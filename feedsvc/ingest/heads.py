"""The head of a page: who wrote it, and when. What was read is cut."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.ingest.barenames import (
    FULL_STOPS,
    HEAD_LINES,
    HEAD_PARAGRAPHS,
    ROLE_BELOW,
    find_bare_names,
    find_foot_names,
    find_names_above,
    is_prose,
)
from feedsvc.ingest.controls import read_tags
from feedsvc.ingest.datelines import DateLine, read_date_line
from feedsvc.ingest.dates import MAX_DATE
from feedsvc.ingest.layout import Line
from feedsvc.ingest.notices import ADVERT, CAPTION, CREDITS, LINKS, TAGS
from feedsvc.ingest.people import (
    MAX_BYLINE,
    Byline,
    is_place,
    names_medium,
    read_byline,
    read_joint,
    read_medium,
    read_names,
    read_paper,
    read_wire,
)
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.roles import is_role
from feedsvc.ingest.signatures import BYLINE, DATE, read_signature, read_signed_bar

HEADLINE = "headline again"
# Longer lines are paragraphs.
_MAX_HEAD_LINE = 320
# Below a date in a timeline stands a sentence, however short.
_SHORT_SENTENCE = 15
# What follows a bar in a byline and is an agency is no longer.
_MAX_SOURCE = 60
# What a byline with a bar is taken for where it is not asked who wrote.
_LIKE_BYLINES = frozenset({ADVERT, CAPTION, LINKS})
# Behind a bar stands who took the pictures, too.
_PICTURES = re.compile(r"(?:photo|picture|image|video|illustration|graphic)", re.IGNORECASE)
# A byline of two lines, of one name, and of a list of credits.
_LONE_BY = re.compile(r"(?:by|von|par|por) ?:?", re.IGNORECASE)
_MAX_LONE_BY = 5
_SAYS_BY = re.compile(r"\b(?:by|von|par|por) ", re.IGNORECASE)
_MONONYM = re.compile(r"By [A-Z][a-z]{2,15}")
_HELPED = re.compile(r"\(?(?:additional|further|with)\b", re.IGNORECASE)
_REPORTING = re.compile(r"\((?:Additional r|R)eporting by ")
_READ_TIME = re.compile(r" ?[·•|–-] ?(?=\d{1,3}[ -]min)| (?=\d{1,3}[ -]min\w* read\b)")


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
    are_prose = [is_prose(line.text) for line in lines]
    last_prose = max((n for n, one in enumerate(are_prose) if one and not reasons[n]), default=-1)
    for index, line in enumerate(lines):
        text = line.text
        if index == title_at or line.is_code:
            continue
        if reasons[index] in (TAGS, CREDITS):
            _read_notice(text, reasons[index], found)
        if (
            prose == 0
            and reasons[index] in _LIKE_BYLINES
            and index < last_prose
            and index > (title_at or 0)
            and _read_bar(lines, reasons, title_at, index, reading, found)
        ):
            continue
        if reasons[index] or len(text) > _MAX_HEAD_LINE:
            prose += are_prose[index] and not reasons[index]
            sentences += not reasons[index]
            continue
        if prose <= HEAD_PARAGRAPHS or index > last_prose:
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
        sentences += len(text) >= _SHORT_SENTENCE and text.endswith(FULL_STOPS)
        prose += are_prose[index] and not reasons[index]
    _read_bare_dates(lines, reasons, title_at, last_prose, bare, reading, found)
    if BYLINE not in reasons:
        if title_at is not None:
            _read_bare_names(lines, reasons, title_at, found, tails)
        if named := find_foot_names(lines, reasons, last_prose):
            reasons[named[0]] = BYLINE
            found.take_byline(named[1])
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
        lacks_names = in_head and not signature[0].authors and not found.authors
        above = find_names_above(lines, reasons, index) if lacks_names else None
        if above:
            reasons[index - 1] = BYLINE
            found.take_byline(above)
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
    if not byline and in_head and " with " not in line.text:  # "Tea with Reuters" is a heading
        byline = read_joint(line.text)
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


def _read_bar(
    lines: Sequence[Line],
    reasons: list[str],
    title_at: int | None,
    index: int,
    reading: Reading,
    found: Facts,
) -> bool:
    """Read a line of the head that was taken for a bar or a picture's credit as a byline."""
    line = lines[index]
    if "|" not in line.text and "·" not in line.text and "•" not in line.text:
        return False
    if signed := read_signed_bar(line.text, reading):
        reasons[index] = BYLINE
        found.take_byline(signed[0])
        found.take_dates(signed[1], line.text, line.number)
        return True
    if byline := read_byline(line.text):
        if byline.authors and reasons[index] != ADVERT:
            reasons[index] = BYLINE
            found.take_byline(byline)
            _read_byline_rest(byline.rest, line, reading, found)
            return True
        return False
    # Below a caption, or above a byline, it is a picture's.
    following = lines[index + 1 : index + 1 + HEAD_LINES]
    paper = read_paper(line.text) if reasons[index] == CAPTION else None
    if not paper or found.authors or any(read_byline(other.text) for other in following):
        return False
    if index - 1 != title_at and not (following and read_date_line(following[0].text, reading)):
        return False
    reasons[index] = BYLINE
    found.take_byline(paper)
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
    title_at: int,
    found: Facts,
    tails: Collection[str],
) -> None:
    """Read names that stand below the headline without a "By"."""
    named = find_bare_names(lines, reasons, title_at, tails)
    if not named:
        return
    rank, at, names = named
    found.take_byline(names)
    reasons[at] = BYLINE
    if rank == ROLE_BELOW:
        _read_affiliation(lines, reasons, at + 1, found)


def _read_lone_wire(lines: Sequence[Line], reasons: list[str], title_at: int, found: Facts) -> None:
    """Read an agency that stands alone beside the headline, the byline or the date."""
    last = min(len(lines) - 1, title_at + HEAD_LINES)
    for index in range(max(0, title_at - 1), last):
        text = lines[index].text
        if index == title_at or reasons[index] not in ("", CAPTION):
            continue
        if index > title_at and not reasons[index] and is_prose(text):
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


def _read_byline_rest(rest: str, line: Line, reading: Reading, found: Facts) -> None:
    if not rest:
        return
    if dates := read_date_line(rest, reading):
        found.take_dates(dates, rest, line.number)
        return
    # An address is nobody's source.
    parts = [part for part in rest.split(" | ") if "@" not in part and not _PICTURES.match(part)]
    rest = next(filter(names_medium, parts), parts[0] if len(parts) == 1 else "")
    if not found.source and len(rest) <= _MAX_SOURCE and not any(map(str.isdigit, rest)):
        found.source = rest

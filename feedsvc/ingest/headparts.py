"""One line below a headline that tells several things: "3 March 2026 | Kim Hale | 7 min read".

Plain text has its own reader (``heads``), which knows what stands beside a line. On a page, and in
Markdown, the place of a line says that it belongs to the head; so here its parts are enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.ingest.datelines import DateLine, has_year, join_clocks, read_date_line
from feedsvc.ingest.people import (
    MAX_BYLINE,
    Byline,
    is_place,
    read_byline,
    read_names,
    read_wire,
)
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.roles import is_role

# A name, two dates and their labels fit into this; it bounds the matching.
MAX_HEAD_LINE = 2 * MAX_BYLINE
_BORDER = re.compile(r" *(?:[|•·\n]| [–—-] )[ |•·\n]*")
# "May 1, 2026 by Ann Lee", "Posted 2 May 2026 von Ann Lee": behind a number only.
_BEFORE_NAME = re.compile(
    r"(?<=[\dmMzZ.]),? (?=(?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or|[Dd]oor) [^\W\d_a-z])"
)
# "Posted by Ann Lee on 3rd March 2026": before a day with its year.
_BEFORE_DATE = re.compile(r"(?<=[^\W\d_]),? (?:on|am|op|le|el) (?=\d|[A-Z][a-z]{2,8}\.? \d)")
# What else such lines tell: how long it takes to read, what was said below, where it is filed.
_ASIDE = re.compile(
    r"(?:lesedauer|lesezeit|temps de lecture|tempo di lettura|tiempo de lectura|tempo de leitura"
    r"|leestijd|reading time)\b.{0,20}"
    r"|(?:about |ca\.? )?\d{1,3}[ -]min(?:\.|ute[ns]?|utos)?\b.{0,16}"
    r"|(?:\d[\d,.]{0,8}|no|leave a|add a) (?:comment|kommentar|commentaire|comentario|reactie)"
    r"\w{0,3}"
    r"|kein\w{0,2} kommentar\w{0,2}|\d[\d,.]{0,8} (?:views?|words?|reads?)"
    # "Submitted by admin": the name of an account is no author's.
    r"|(?:(?:submitted|posted|written|published) )?by (?-i:[a-z0-9_.-]{2,30})",
    re.IGNORECASE,
)
_ASIDE_BEHIND = re.compile(r"(?<=\S) (?:\d[\d,.]{0,8}|no|leave a|add a) comments?$", re.IGNORECASE)
_FILED_IN = re.compile(r" in [^\W\d_a-z][^\d,.]{2,40}$")
_NAME_WORDS = range(2, 5)
# What lies ahead by less is today's date in a zone further east.
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HeadParts:
    """What one line of a head tells; empty where it says nothing."""

    authors: tuple[str, ...] = ()
    source: str = ""
    published: datetime | None = None
    updated: datetime | None = None


def merge_head(head: HeadParts, other: HeadParts) -> HeadParts:
    """Return what a head says, and for the rest what a further line of it says."""
    return HeadParts(
        head.authors or other.authors,
        head.source or other.source,
        head.published or other.published,
        head.updated or other.updated,
    )


def read_head_parts(text: str, reading: Reading) -> HeadParts | None:
    """Read a line of bylines, dates, reading times and counts of comments; None if it is else.

    A lone name is an author's beside a date only. A day to come that nothing calls the day of
    publication is what the article is about.
    """
    if not text or len(text) > MAX_HEAD_LINE:
        return None
    if not has_year(text):
        byline = read_byline(text)
        return HeadParts(byline.authors, byline.source) if byline and not byline.rest else None
    line = None if _BEFORE_NAME.search(text) else read_date_line(text, reading)
    if line:
        return None if _lies_ahead(line, reading) else _join([line], [], [])
    parts = join_clocks([part for part in _split(text) if part and not _ASIDE.fullmatch(part)])
    dates: list[DateLine] = []
    bylines: list[Byline] = []
    names: list[Byline] = []
    for part in parts:
        if line := _read_date(part, reading):
            dates.append(line)
        elif byline := read_byline(part):
            bylines.append(byline)
        elif not is_role(part):
            name = _read_name(part)
            if not name:
                return None
            names.append(name)
    if not dates or len(names) > 1 or (names and bylines):
        return None
    return _join(dates, bylines, names)


def _split(text: str) -> Iterator[str]:
    for piece in _BORDER.split(text.strip()):
        part = _ASIDE_BEHIND.sub("", _FILED_IN.sub("", piece.strip(" ,")))
        for half in _BEFORE_NAME.split(part, maxsplit=1):
            yield from _part_date(half.strip(" ,"))


def _part_date(part: str) -> Iterator[str]:
    """Part "By Ann Lee, published on 3 March 2026" at the sign behind which there is a date."""
    if not has_year(part) or part[:1].isdigit():
        yield part
        return
    cut = _BEFORE_DATE.search(part)
    before = part[: cut.start()] if cut else ""
    if cut and (_ASIDE.fullmatch(before) or read_byline(before)):
        yield before
        yield part[cut.end() :]
        return
    head, comma, tail = part.partition(", ")
    if comma and (read_byline(head) or _read_name(head)):
        yield head
        yield tail
    else:
        yield part


def _read_date(part: str, reading: Reading) -> DateLine | None:
    line = read_date_line(part, reading) if has_year(part) else None
    return None if line and _lies_ahead(line, reading) else line


def _lies_ahead(line: DateLine, reading: Reading) -> bool:
    moment = line.published
    return bool(moment and not line.labelled and moment > reading.now + _ONE_DAY)


def _read_name(part: str) -> Byline | None:
    if len(part.split()) not in _NAME_WORDS or has_year(part):
        wire = read_wire(part)
        return Byline(source=wire) if wire else None
    # "Door" begins a Dutch byline; beside a date it is no door.
    names = read_names(part.removeprefix("Door "))
    return names if names and len(names.authors) == 1 and not is_place(names) else None


def _join(dates: list[DateLine], bylines: list[Byline], names: list[Byline]) -> HeadParts:
    people = [*bylines, *names]
    return HeadParts(
        authors=tuple(dict.fromkeys(name for one in people for name in one.authors)),
        source=next((one.source for one in people if one.source), ""),
        published=next((one.published for one in dates if one.published), None),
        updated=next((one.updated for one in dates if one.updated), None),
    )

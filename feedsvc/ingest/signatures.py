"""Lines that say both who wrote a page and when: "Ann Lee | 27 Jan 2017 | 0 Comments"."""

from __future__ import annotations

import re
from dataclasses import replace

from feedsvc.ingest.datelines import DateLine, has_year, join_clocks, read_date_line
from feedsvc.ingest.dates import TWO_NUMBERS
from feedsvc.ingest.kickers import is_kicker
from feedsvc.ingest.people import Byline, is_place, read_byline, read_medium, read_names
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.roles import is_role

# The reasons of lines that were read.
BYLINE = "byline"
DATE = "date line"
# Names, a date with its clock, a place and a number of comments fit into this.
_MAX_SIGNATURE = 160
_BORDER = re.compile(
    r" *(?:[|•·]| [–—/-] |,? +(?=(?:by|By|von|par|por) )| +on +(?=\w{2,9}\.?,? \d|\d{1,2} )) *"
)
# One of these stands in what the pattern finds.
_BORDERS = ("|", "•", "·", " – ", " — ", " / ", " - ", "by ", "By ", "von ", "par ", "por ", " on ")
_COMMENTS = re.compile(
    r"(?:\d[\d,]{0,8}|no|leave a|add a) comments?|comments?(?: \d+)?|\d{1,3}[ -]min\w* \w{4,6}"
    r"|posted|published|submitted|written|follow|share",
    re.IGNORECASE,
)


_PARTS = re.compile(r" [|•·] ")


def read_signed_bar(text: str, reading: Reading) -> tuple[Byline, DateLine] | None:
    """Read a bar whose parts are who wrote and when, but the last: "... · Jump to recipe"."""
    if len(text) > _MAX_SIGNATURE or text[:3].casefold() != "by ":
        return None
    found = None
    for found in _PARTS.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return read_signature(text[: found.start()], reading) if found else None


def read_signature(text: str, reading: Reading) -> tuple[Byline, DateLine] | None:
    """Read a line of a date and of who wrote, in any order; None if it says anything else."""
    if len(text) > _MAX_SIGNATURE or not has_year(text) or not TWO_NUMBERS.search(text):
        return None
    if not any(map(text.__contains__, _BORDERS)):
        return None  # a date alone, as most of these are
    if text.endswith(".") and text[-2].isdigit():  # "Published by The Packet on Nov. 17, 2026."
        text = text[:-1]
    parts = join_clocks([part for part in _BORDER.split(text) if part])
    if len(parts) < 2:
        return None
    authors: tuple[str, ...] = ()
    source, dates = "", None
    for part in parts:
        if _COMMENTS.fullmatch(part) or is_kicker(part, reading.sections) or is_role(part):
            continue
        if found := read_date_line(part, reading):
            dates = _add(dates, found)
        elif medium := read_medium(part):
            source = source or medium
        elif not authors and (names := read_byline(part) or read_names(part)):
            if names.rest or (is_place(names) and part[:3].casefold() != "by "):
                return None
            authors, source = names.authors, source or names.source
        else:
            return None
    if not dates or not (authors or source):
        return None
    # What is to come is an event's day, and its place or guest before it.
    is_past = not dates.published or dates.published <= reading.now
    return (Byline(authors, source), dates) if is_past else None


def _add(one: DateLine | None, other: DateLine) -> DateLine:
    """Join the dates of two parts, the first of which is the stronger."""
    if not one:
        return other
    published, updated = one.published or other.published, one.updated or other.updated
    return replace(one, published=published, updated=updated)

"""Lines of a page that say when it was published or updated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from feedsvc.ingest.dates import MAX_DATE, read_date
from feedsvc.ingest.reading import Reading

# Two dates and their labels fit into this; prose that mentions a date rarely does.
MAX_DATE_LINE = 2 * MAX_DATE
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_UPDATED = (
    r"(?:last |letzte )?(?:updated|modified|edited|revised|aktualisiert|mis à jour|actualizado)"
)
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|released|created|veröffentlicht|publié|publicado)"
    r"|pub(?:lication)?\.? date|date published|date posted|published on|date|dated|stand"
)
_LABEL = re.compile(
    rf"(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))(?: (?:on|at|am|le|el))?"
    r"(?: ?:)? *",
    re.IGNORECASE,
)
_PARTS = re.compile(r" *(?:[|•·;]| [–—/] |(?<=\S) - (?=[A-Z])) *")
# "2 hours ago" and "Thursday" say nothing without knowing when they were written.
_RELATIVE = re.compile(
    r"(?:(?:an?|\d{1,3}) (?:sec|second|min|minute|hr|hour|day|week|month|year)s? ago"
    r"|just now|today|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"(?:,? (?:at )?\d{1,2}[:.]\d{2}.{0,12})?\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DateLine:
    """What a date line says; ``unclear`` holds words that are no date but stood for one."""

    published: datetime | None = None
    updated: datetime | None = None
    labelled: bool = False
    unclear: str = ""


def read_date_line(text: str, reading: Reading) -> DateLine | None:
    """Read a line that is nothing but dates and their labels; None if it is anything else."""
    if len(text) > MAX_DATE_LINE:
        return None
    if not _YEAR.search(text):
        label = _LABEL.match(text)
        rest = text[label.end() :] if label else text
        relative = _RELATIVE.fullmatch(rest)
        says_when = relative and (label or rest.endswith("ago"))
        return DateLine(labelled=True, unclear=rest) if says_when else None
    whole = _read_part(text, reading)
    if whole:
        return whole
    parts = [part for part in _PARTS.split(text) if part]
    lines = [_read_part(part, reading) for part in parts]
    if len(parts) < 2 or None in lines:
        return None
    return _join([line for line in lines if line])


def _read_part(text: str, reading: Reading) -> DateLine | None:
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    try:
        moment = read_date(rest, reading)
    except ValueError:
        return None
    if label and label["updated"]:
        return DateLine(updated=moment, labelled=True)
    return DateLine(published=moment, labelled=label is not None)


def _join(lines: list[DateLine]) -> DateLine:
    return DateLine(
        published=next((line.published for line in lines if line.published), None),
        updated=next((line.updated for line in lines if line.updated), None),
        labelled=any(line.labelled for line in lines),
    )

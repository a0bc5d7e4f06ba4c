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
# "SEATTLE (AP) -", "LONDON, Jan 5 (Reuters) -", "(CNN) --".
_DATELINE = re.compile(
    r"(?:(?:[^\W\d_a-z][\w.'’-]*[ ,/]{1,2}){1,6}(?:\d{1,2},? )?(?:\d{4} )?)?"
    r"\((?P<agency>[A-Z]{2,6}|dpa|Reuters|REUTERS|Xinhua|Bloomberg|Kyodo|Anadolu"
    r"|[A-Z][a-z]+wire|[A-Z]\w+ (?:News|Press|Agency|Service)(?: Agency"
    r"| Service)?|(?:The )?Associated Press|Agence France-Presse|Thomson Reuters Foundation)"
    r"(?:[/;,][^()]{1,30})?\) ?(?:--?|[–—])"
)
# The beginning of a paragraph in which a dateline is looked for.
_MAX_DATELINE = 120
_UPDATED = (
    r"(?:last |letzte )?(?:updated?|modified|edited|revised|aktualisiert|mis à jour|actualizado)"
)
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|released|created|issued|veröffentlicht|publié"
    r"|publicado)"
    r"|pub(?:lication)?\.? date|date published|date posted|published on|date|dated|stand"
)
_LABEL = re.compile(
    rf"(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))(?: (?:on|at|am|le|el))?"
    r"(?: ?:)? *",
    re.IGNORECASE,
)
# Between two dates; the second may follow with no more than its label.
_PARTS = re.compile(
    rf" *(?:[|•·;]| [–—/] |(?<=\S) - (?=[A-Z])|(?<!last)(?<!letzte),? +(?=(?:{_UPDATED})\b)) *",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:at )?\d{1,2}(?:[:.h]\d{2})?(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4})?", re.IGNORECASE
)
_MACHINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d")
# "2 hours ago" and "Thursday" say nothing without knowing when they were written.
_RELATIVE = re.compile(
    r"(?:(?:an?|\d{1,3}) (?:sec|second|min|minute|hr|hour|day|week|month|year)s? ago"
    r"|\d{1,3} ?[hdmwHDMW] ago"
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


def read_agency(text: str) -> str:
    """Return the agency that a paragraph's dateline names ("SEATTLE (AP) -"), or nothing.

    The day that may stand there has no year: it dates nothing.
    """
    found = _DATELINE.match(text[:_MAX_DATELINE]) if "(" in text[:_MAX_DATELINE] else None
    return found["agency"] if found else ""


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
    parts = _join_clocks([part for part in _PARTS.split(text) if part])
    lines = [_read_part(part, reading) for part in parts]
    if len(parts) < 2 or None in lines:
        return None
    return _join([line for line in lines if line])


def _join_clocks(parts: list[str]) -> list[str]:
    """Put a time that stands behind a bar back to its day: "January 27, 2017 | 1:23pm"."""
    joined: list[str] = []
    for part in parts:
        if joined and _CLOCK.fullmatch(part):
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def _read_part(text: str, reading: Reading) -> DateLine | None:
    label = _LABEL.match(text)
    rest = text[label.end() :].removesuffix(" by") if label else text
    try:
        moment = read_date(rest, reading)
    except ValueError:
        return None
    if label and label["updated"]:
        return DateLine(updated=moment, labelled=True)
    # Nobody writes "2026-01-31T12:00" in a sentence.
    return DateLine(published=moment, labelled=label is not None or bool(_MACHINE.match(rest)))


def _join(lines: list[DateLine]) -> DateLine:
    return DateLine(
        published=next((line.published for line in lines if line.published), None),
        updated=next((line.updated for line in lines if line.updated), None),
        labelled=any(line.labelled for line in lines),
    )

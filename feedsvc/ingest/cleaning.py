"""(lines, what is known of the site) -> what is the article, and each line cut with its reason.

Structural rules judge each line alone (``furniture``); here they are weighed against what stands
around the line, joined with the site's habits, and overruled by the admin's rules. When in doubt
the line stays: losing a sentence is worse than showing a button's label (DESIGN, Cleaning).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.ingest.captions import NOTHING, Caption, read_caption
from feedsvc.ingest.characters import shorten
from feedsvc.ingest.creditlines import LISTED, join_captions, spare_lists
from feedsvc.ingest.datelines import read_agency, read_dated_line
from feedsvc.ingest.furniture import judge_all
from feedsvc.ingest.habits import SiteHabits
from feedsvc.ingest.headlines import (
    MAX_RULE_TEXT,
    find_again,
    find_own_tails,
    find_title,
)
from feedsvc.ingest.heads import HEADLINE, read_facts
from feedsvc.ingest.kickers import is_kicker
from feedsvc.ingest.layout import Line
from feedsvc.ingest.mastheads import MAX_SITE_NAME, is_contact
from feedsvc.ingest.neighbours import (
    HABIT,
    cut_beside,
    cut_foot,
    cut_related,
    find_form,
    spare_tables,
    spare_verse,
)
from feedsvc.ingest.notices import CAPTION, LINKS, RELATED
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.remarks import cut_remarks
from feedsvc.ingest.signatures import read_signature
from feedsvc.ingest.standfirsts import find_standfirst
from feedsvc.ingest.subheads import spare_subheads
from feedsvc.model import Cut

ABOVE = "stands above the headline"
# A cut line is shown to the admin; its beginning is enough.
MAX_CUT_TEXT = 500
# Titles of other articles, listed above the headline, are shorter.
_MAX_LISTED = 130
# A standfirst may stand before the paragraph that begins with the dateline.
_DATELINE_PARAGRAPHS = 2
# Labels that no rule knew are shorter than a paragraph, and few stand above the first.
_DATELINE_LINES = 8
_LEAST_PARAGRAPH = 50


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a page's lines are: its title, standfirst and body; who and when; and what was cut."""

    title: str = ""
    tails: frozenset[str] = frozenset()
    standfirst: Line | None = None
    caption: Caption = NOTHING
    kept: tuple[Line, ...] = ()
    cuts: tuple[Cut, ...] = ()
    authors: tuple[str, ...] = ()
    source: str = ""
    tags: tuple[str, ...] = ()
    published: tuple[datetime, str] | None = None
    updated: tuple[datetime, str] | None = None
    unclear: tuple[tuple[int, str], ...] = ()


def clean(lines: Sequence[Line], reading: Reading, path: str = "", title: str = "") -> Cleaned:
    """Separate an article's lines from the furniture of its page.

    ``path`` is the article's own, so that its habits do not count against it; ``title`` is the one
    that front matter gives, if it does (then only a first line that repeats it is taken for it).
    """
    texts = [line.text for line in lines]
    known = reading.habits.find_furniture(texts, path)
    verdicts = judge_all(texts, reading.sections)
    for index, verdict in enumerate(verdicts):
        if verdict and (
            lines[index].is_code
            or (verdict.reason == LINKS and read_signature(lines[index].text, reading))
        ):
            verdicts[index] = None
    spare_tables(lines, verdicts)
    spare_verse(lines, verdicts)
    spare_subheads(lines, verdicts)
    listed = spare_lists(lines, verdicts)
    title_at = find_title(lines, verdicts, known, reading, title)
    again_at = find_again(lines, title_at)
    reasons = [verdict.reason if verdict and not verdict.weak else "" for verdict in verdicts]
    for index in range(title_at + 1 if title_at is not None else 0, again_at or 0):
        # Above the headline that stands again stands a kicker, too.
        if lines[index].text.isupper() and is_kicker(lines[index].text, reading.sections):
            reasons[index] = reasons[index] or ABOVE
    if again_at is not None:
        reasons[again_at] = HEADLINE
    cut_remarks(lines, reasons, title_at)
    for index in listed:  # who wrote the film is not who wrote of it
        reasons[index] = LISTED
    found = read_facts(lines, reasons, title_at, reading, known.tails)
    for index in listed:
        reasons[index] = ""
    forms = find_form(lines, reasons, known.lines, title_at)
    for index in known.lines - forms:
        if not lines[index].is_code:
            reasons[index] = reasons[index] or HABIT
    if title_at is not None:
        reasons[title_at] = ""
    cut_related(lines, reasons, title_at)
    cut_beside(lines, reasons, verdicts, title_at)
    join_captions(lines, reasons, title_at)
    cut_foot(lines, reasons, title_at, found.authors)
    longest = MAX_SITE_NAME
    for index in range(title_at or 0):
        longest = _MAX_LISTED if reasons[index] == RELATED else longest
        text = lines[index].text
        if len(text) <= longest or (len(text) <= _MAX_LISTED and is_contact(text)):
            reasons[index] = reasons[index] or ABOVE
    _obey_rules(lines, reasons, title_at, reading)
    kept = [
        line
        for index, (line, reason) in enumerate(zip(lines, reasons, strict=True))
        if not reason and index != title_at
    ]
    if known.lines and not kept:
        # Habits that leave nothing have mistaken the story for the site.
        return clean(lines, replace(reading, habits=SiteHabits()), path, title)
    standfirst = find_standfirst(lines, reasons, title_at)
    if again_at is not None:
        standfirst = standfirst or find_standfirst(lines, reasons, again_at)
    if standfirst:
        kept = [line for line in kept if line.text != standfirst.text]
    return Cleaned(
        title=title or _read_title(lines, title_at, again_at),
        tails=known.tails | find_own_tails(lines, reasons, title_at),
        standfirst=standfirst,
        caption=_read_picture(lines, reasons),
        kept=tuple(kept),
        cuts=tuple(
            Cut(line.number, shorten(line.text, MAX_CUT_TEXT), reason)
            for line, reason in zip(lines, reasons, strict=True)
            if reason
        ),
        authors=found.authors,
        source=found.source or _read_wire(kept),
        tags=found.tags,
        published=found.published or _read_dated_line(kept, reading),
        updated=found.updated,
        unclear=tuple(found.unclear),
    )


def _read_title(lines: Sequence[Line], title_at: int | None, again_at: int | None) -> str:
    at = title_at if again_at is None else again_at
    return lines[at].text if at is not None else ""


def _read_picture(lines: Sequence[Line], reasons: Sequence[str]) -> Caption:
    """Read the first picture's caption and credit; they may stand on two lines or in two blocks."""
    first = next((n for n, reason in enumerate(reasons) if reason == CAPTION), -1)
    if first < 0:
        return NOTHING
    text = credit = ""
    for index in range(first, len(lines)):
        is_beside = lines[index].block == lines[first].block
        if reasons[index] != CAPTION:
            if is_beside:
                continue
            break
        found = read_caption(lines[index].text) or Caption(lines[index].text)
        if not is_beside and ((text and found.text) or (credit and found.credit)):
            break  # the next picture's
        text, credit = text or found.text, credit or found.credit
    return Caption(text, credit)


def _read_wire(kept: Sequence[Line]) -> str:
    """Return the agency that the dateline of the first paragraphs names."""
    agencies = (read_agency(line.text) for line in _find_first(kept))
    return next(filter(None, agencies), "")


def _read_dated_line(kept: Sequence[Line], reading: Reading) -> tuple[datetime, str] | None:
    """Return the day of a press release that only its dateline names."""
    days = (read_dated_line(line.text, reading) for line in _find_first(kept))
    return next(filter(None, days), None)


def _find_first(kept: Sequence[Line]) -> Iterator[Line]:
    """Find the first paragraphs, and the labels before them."""
    paragraphs = 0
    for line in kept[:_DATELINE_LINES]:
        yield line
        paragraphs += len(line.text) >= _LEAST_PARAGRAPH
        if paragraphs == _DATELINE_PARAGRAPHS:
            return


def _obey_rules(
    lines: Sequence[Line], reasons: list[str], title_at: int | None, reading: Reading
) -> None:
    """Let the admin's rules win over all others: stop_at, then keep, then drop."""
    if not (reading.drop or reading.keep or reading.stop_at):
        return
    stopped = False
    for index, line in enumerate(lines):
        if index == title_at:
            continue
        text = line.text[:MAX_RULE_TEXT]
        stopped = stopped or any(rule.search(text) for rule in reading.stop_at)
        if stopped:
            reasons[index] = "after cleaning.stop_at"
        elif any(rule.search(text) for rule in reading.keep):
            reasons[index] = ""
        elif any(rule.search(text) for rule in reading.drop):
            reasons[index] = "cleaning.drop"

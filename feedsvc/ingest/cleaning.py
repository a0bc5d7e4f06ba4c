"""(lines, what is known of the site) -> what is the article, and each line cut with its reason.

Structural rules judge each line alone (``furniture``); here they are weighed against what stands
around the line, joined with the site's habits, and overruled by the admin's rules. When in doubt
the line stays: losing a sentence is worse than showing a button's label (DESIGN, Cleaning).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.ingest.captions import NOTHING, Caption, read_caption
from feedsvc.ingest.characters import plain_line, shorten
from feedsvc.ingest.datelines import read_agency, read_date_line
from feedsvc.ingest.furniture import Verdict, judge
from feedsvc.ingest.habits import Furniture, SiteHabits, find_tails
from feedsvc.ingest.heads import HEADLINE, find_standfirst, names_role, read_facts
from feedsvc.ingest.layout import Line
from feedsvc.ingest.neighbours import HABIT, cut_beside, cut_foot, cut_related, spare_tables
from feedsvc.ingest.notices import CAPTION, LINKS
from feedsvc.ingest.people import names_medium, read_byline
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.titles import TAIL
from feedsvc.model import Cut

ABOVE = "stands above the headline"
# A cut line is shown to the admin; its beginning is enough.
MAX_CUT_TEXT = 500
# The admin's patterns see no more of a line than this.
_MAX_RULE_TEXT = 2000
# A site's name is short, and stands in its credits, its copyright line, its "More from".
_MAX_SITE_NAME = 40
_SITE_NAME_NOTICES = 2
# Above a headline a name of the site or section stands beside buttons, and is no longer than this.
_MAX_MENU_WORDS = 3
_MAX_HEADLINE = 200
# Below a menu or a standfirst the headline may stand again; shorter ones may begin a sentence.
_AGAIN_LINES = 12
_AGAIN_WORDS = 3
# A standfirst may stand before the paragraph that begins with the dateline.
_DATELINE_PARAGRAPHS = 2


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
    verdicts = [None if line.is_code else judge(line.text, reading.sections) for line in lines]
    spare_tables(lines, verdicts)
    title_at = _find_title(lines, verdicts, known, reading, title)
    again_at = _find_again(lines, title_at)
    reasons = [verdict.reason if verdict and not verdict.weak else "" for verdict in verdicts]
    if again_at is not None:
        reasons[again_at] = HEADLINE
    found = read_facts(lines, reasons, title_at, reading, known.tails)
    for index in known.lines:
        if not lines[index].is_code:
            reasons[index] = reasons[index] or HABIT
    if title_at is not None:
        reasons[title_at] = ""
    cut_related(lines, reasons, title_at)
    cut_beside(lines, reasons, verdicts, title_at)
    cut_foot(lines, reasons, title_at, found.authors)
    for index in range(title_at or 0):
        if len(lines[index].text) <= _MAX_SITE_NAME:
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
        tails=known.tails | _find_own_tails(lines, reasons, title_at),
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
        published=found.published,
        updated=found.updated,
        unclear=tuple(found.unclear),
    )


def _find_title(
    lines: Sequence[Line],
    verdicts: Sequence[Verdict | None],
    known: Furniture,
    reading: Reading,
    title: str,
) -> int | None:
    for index, (line, verdict) in enumerate(zip(lines, verdicts, strict=True)):
        if title:
            return index if plain_line(line.text).lstrip("# ") == title else None
        text = line.text[:_MAX_RULE_TEXT]
        dropped = any(rule.search(text) for rule in reading.drop)
        if dropped or text == reading.site:
            continue
        if verdict and not (verdict.reason == LINKS and _is_tailed(text)):
            continue
        if read_byline(text) or read_date_line(text, reading):
            continue
        if _is_menu(lines, verdicts, index, reading):
            continue
        if _is_site_name(lines, verdicts, index):
            continue
        # Lines of the site's may stand above the headline on some pages only.
        if index in known.tops or _is_masthead(text):
            below = _find_headline_below(lines, verdicts, known.tops, index, reading)
            if below is None and index in known.headers:
                # A masthead stands on most pages; a headline that returns every week on fewer.
                below = _find_headline_below(lines, verdicts, known.headers, index, reading)
            return index if below is None else below
        return index
    return None


def _is_masthead(text: str) -> bool:
    """Whether a line can be the name of a paper: "The Marl Courier"."""
    return len(text.split()) <= _MAX_MENU_WORDS + 1 and text.istitle() and names_medium(text)


def _is_tailed(text: str) -> bool:
    """Whether a bar of links is a headline with the names of its section and site behind it."""
    head, *tails = (part.split() for part in text.split("|"))
    return len(head) > _MAX_MENU_WORDS and all(len(tail) <= _MAX_MENU_WORDS for tail in tails)


def _find_headline_below(
    lines: Sequence[Line],
    verdicts: Sequence[Verdict | None],
    passed_over: Collection[int],
    above: int,
    reading: Reading,
) -> int | None:
    """Find the first other line below that is no furniture, if it looks like a headline."""
    for index in range(above + 1, min(len(lines), above + 1 + _AGAIN_LINES)):
        text = lines[index].text
        if verdicts[index] or index in passed_over:
            continue
        if read_byline(text) or read_date_line(text, reading) or names_role(text):
            return None  # the headline stood above
        words = len(text.split())
        if words > _AGAIN_WORDS and len(text) <= _MAX_HEADLINE and not text.endswith("."):
            return index
        if words > _AGAIN_WORDS:
            return None
    return None


def _find_again(lines: Sequence[Line], title_at: int | None) -> int | None:
    """Find the headline where it stands again, below a first line with the site's name."""
    if title_at is None:
        return None
    title = lines[title_at].text
    for index in range(title_at + 1, min(len(lines), title_at + 1 + _AGAIN_LINES)):
        text = lines[index].text
        rest = title[len(text) :]
        if title.startswith(text) and len(text.split()) >= _AGAIN_WORDS:
            return index if not rest or TAIL.match(rest) else None
    return None


def _find_own_tails(
    lines: Sequence[Line], reasons: Sequence[str], title_at: int | None
) -> frozenset[str]:
    """Find what stands behind the headline and in the notices of the page: the site's name."""
    tails = set(find_tails(lines[title_at].text)) if title_at is not None else set()
    if not tails:
        return frozenset()
    notices = [line.text.casefold() for line, why in zip(lines, reasons, strict=True) if why]
    counts = {tail: sum(tail in notice for notice in notices) for tail in tails if len(tail) > 2}
    return frozenset(tail for tail, count in counts.items() if count >= _SITE_NAME_NOTICES)


def _read_title(lines: Sequence[Line], title_at: int | None, again_at: int | None) -> str:
    at = title_at if again_at is None else again_at
    return lines[at].text if at is not None else ""


def _is_menu(
    lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int, reading: Reading
) -> bool:
    """Whether a line above the headline is the site's name or a section's, beside its buttons."""
    text = lines[index].text
    if len(text.split()) > _MAX_MENU_WORDS or text.endswith((".", "?", "!")):
        return False
    block = lines[index].block
    after = next((n for n in range(index + 1, len(lines)) if lines[n].block != block), None)
    if after is None or len(lines[after].text.split()) <= _MAX_MENU_WORDS or verdicts[after]:
        return False
    if lines[after].text.endswith(".") or len(lines[after].text) > _MAX_HEADLINE:
        return False
    beside = list(range(index + 1, after)) + (
        [index - 1] if index and lines[index - 1].block == block else []
    )
    is_section = text.casefold() in {name.casefold() for name in reading.sections}
    return is_section or any(verdicts[n] for n in beside)


def _is_site_name(lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int) -> bool:
    """Whether a first line is the site's: the last of its menu, or repeated in its notices."""
    text, block = lines[index].text, lines[index].block
    if len(text) > _MAX_SITE_NAME:
        return False
    is_last = index + 1 < len(lines) and lines[index + 1].block != block
    after_menu = index > 0 and lines[index - 1].block == block
    notices = sum(1 for at, line in enumerate(lines) if verdicts[at] and text in line.text)
    return (is_last and after_menu) or notices >= _SITE_NAME_NOTICES


def _read_picture(lines: Sequence[Line], reasons: Sequence[str]) -> Caption:
    """Read the first picture's caption and credit; they may stand on two lines of a block."""
    first = next((n for n, reason in enumerate(reasons) if reason == CAPTION), -1)
    if first < 0:
        return NOTHING
    text = credit = ""
    for index in range(first, len(lines)):
        if lines[index].block != lines[first].block:
            break
        if reasons[index] == CAPTION:
            found = read_caption(lines[index].text) or Caption(lines[index].text)
            text, credit = text or found.text, credit or found.credit
    return Caption(text, credit)


def _read_wire(kept: Sequence[Line]) -> str:
    """Return the agency that the dateline of the first paragraphs names."""
    agencies = (read_agency(line.text) for line in kept[:_DATELINE_PARAGRAPHS])
    return next(filter(None, agencies), "")


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
        text = line.text[:_MAX_RULE_TEXT]
        stopped = stopped or any(rule.search(text) for rule in reading.stop_at)
        if stopped:
            reasons[index] = "after cleaning.stop_at"
        elif any(rule.search(text) for rule in reading.keep):
            reasons[index] = ""
        elif any(rule.search(text) for rule in reading.drop):
            reasons[index] = "cleaning.drop"

"""(lines, what is known of the site) -> what is the article, and each line cut with its reason.

Structural rules judge each line alone (``furniture``); here they are weighed against what stands
around the line, joined with the site's habits, and overruled by the admin's rules. When in doubt
the line stays: losing a sentence is worse than showing a button's label (DESIGN, Cleaning).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from feedsvc.ingest.characters import plain_line, shorten
from feedsvc.ingest.datelines import DateLine, read_date_line
from feedsvc.ingest.furniture import Verdict, judge
from feedsvc.ingest.habits import Furniture, SiteHabits
from feedsvc.ingest.layout import MARKER, Line
from feedsvc.ingest.notices import BLOCKER, COOKIES, CREDITS, RELATED, SHARE, SIGN_UP, TAGS
from feedsvc.ingest.people import Byline, read_byline
from feedsvc.ingest.reading import Reading
from feedsvc.model import Cut

BYLINE = "byline"
DATE = "date line"
# What stands in one block with one of these belongs to it.
SPREADING = frozenset({BLOCKER, SIGN_UP, COOKIES})
HABIT = "stands in other articles of the site"
BESIDE = "stands among furniture"
# A cut line is shown to the admin; its beginning is enough.
MAX_CUT_TEXT = 500
# The admin's patterns see no more of a line than this.
_MAX_RULE_TEXT = 2000
# What stands in one block with furniture and is as short as this is no sentence of the article.
_MAX_BESIDE = 60
_MAX_SPREAD = 130
_MAX_SPREAD_BLOCK = 6
# Titles of other articles are shorter, paragraphs longer.
_MAX_HEADLINE = 130
# A site's name is short, and stands in its credits, its copyright line, its "More from".
_MAX_SITE_NAME = 40
_SITE_NAME_NOTICES = 2
# A standfirst is a sentence or two.
_MIN_STANDFIRST = 30
_MAX_STANDFIRST = 320
_MAX_SENTENCES = 3
# Bare dates and bylines stand in the head of a page: within this many paragraphs of prose.
_HEAD_PARAGRAPHS = 1
_PROSE_LENGTH = 140
_SENTENCE_END = re.compile(r"[.!?…:;,][\"”’»)\]]*$")
_SENTENCE_BREAK = re.compile(r"[.!?][\"”’]? +(?=[\"“‘]?[^\W\d_a-z])")
_DATELINE = re.compile(r"[^\W\d_a-z][^a-z\n]{2,40}(?:\([A-Za-z ]{2,30}\) ?)?[—–-] ")
_READ_TIME = re.compile(r" ?[·•|] ?(?=\d{1,3}[ -]min)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a page's lines are: its title, standfirst and body; who and when; and what was cut."""

    title: str = ""
    standfirst: Line | None = None
    kept: tuple[Line, ...] = ()
    cuts: tuple[Cut, ...] = ()
    authors: tuple[str, ...] = ()
    source: str = ""
    tags: tuple[str, ...] = ()
    published: tuple[datetime, str] | None = None
    updated: tuple[datetime, str] | None = None
    unclear: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class _Findings:
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


def clean(lines: Sequence[Line], reading: Reading, path: str = "", title: str = "") -> Cleaned:
    """Separate an article's lines from the furniture of its page.

    ``path`` is the article's own, so that its habits do not count against it; ``title`` is the one
    that front matter gives, if it does (then only a first line that repeats it is taken for it).
    """
    texts = [line.text for line in lines]
    known = reading.habits.find_furniture(texts, path)
    verdicts = [judge(text, reading.sections) for text in texts]
    title_at = _find_title(lines, verdicts, known, reading, title)
    found = _Findings()
    reasons = [verdict.reason if verdict and not verdict.weak else "" for verdict in verdicts]
    _find_people_and_dates(lines, reasons, title_at, reading, found)
    for index in known.lines:
        reasons[index] = reasons[index] or HABIT
    if title_at is not None:
        reasons[title_at] = ""
    _cut_related(lines, reasons, title_at)
    _cut_beside(lines, reasons, verdicts, title_at)
    _obey_rules(lines, reasons, title_at, reading)
    kept = [
        line
        for index, (line, reason) in enumerate(zip(lines, reasons, strict=True))
        if not reason and index != title_at
    ]
    if known.lines and not kept:
        # Habits that leave nothing have mistaken the story for the site.
        return clean(lines, replace(reading, habits=SiteHabits()), path, title)
    standfirst = _find_standfirst(lines, reasons, title_at)
    if standfirst:
        kept = [line for line in kept if line.text != standfirst.text]
    return Cleaned(
        title=title or (lines[title_at].text if title_at is not None else ""),
        standfirst=standfirst,
        kept=tuple(kept),
        cuts=tuple(
            Cut(line.number, shorten(line.text, MAX_CUT_TEXT), reason)
            for line, reason in zip(lines, reasons, strict=True)
            if reason
        ),
        authors=found.authors,
        source=found.source,
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
        if verdict or index in known.headers or dropped or text == reading.site:
            continue
        if read_byline(text) or read_date_line(text, reading):
            continue
        if not _is_site_name(lines, verdicts, index):
            return index
    return None


def _is_site_name(lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int) -> bool:
    """Whether a first line is the site's: the last of its menu, or repeated in its notices."""
    text, block = lines[index].text, lines[index].block
    if len(text) > _MAX_SITE_NAME:
        return False
    is_last = index + 1 < len(lines) and lines[index + 1].block != block
    after_menu = index > 0 and lines[index - 1].block == block
    notices = sum(1 for at, line in enumerate(lines) if verdicts[at] and text in line.text)
    return (is_last and after_menu) or notices >= _SITE_NAME_NOTICES


def _find_people_and_dates(
    lines: Sequence[Line],
    reasons: list[str],
    title_at: int | None,
    reading: Reading,
    found: _Findings,
) -> None:
    """Read bylines, date lines, tags and credits, and mark them to be cut."""
    prose = sentences = 0
    bare: list[tuple[int, int, DateLine]] = []
    last_prose = max((n for n, line in enumerate(lines) if _is_prose(line.text)), default=-1)
    for index, line in enumerate(lines):
        text = line.text
        if index == title_at:
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


def _is_prose(text: str) -> bool:
    return len(text) >= _PROSE_LENGTH


def _read_byline_rest(rest: str, line: Line, reading: Reading, found: _Findings) -> None:
    if not rest:
        return
    if dates := read_date_line(rest, reading):
        found.take_dates(dates, rest, line.number)
    elif not found.source and len(rest) <= _MAX_BESIDE and not any(map(str.isdigit, rest)):
        found.source = rest


def _cut_related(lines: Sequence[Line], reasons: list[str], title_at: int | None) -> None:
    """Cut the headlines of other articles that follow a heading such as "Related Articles".

    In the middle of a page these are the rest of its block; at the end, all that is no prose.
    """
    last_prose = max(
        (n for n, line in enumerate(lines) if not reasons[n] and not _is_headline(line.text)),
        default=-1,
    )
    block, to_the_end, open_list = -1, False, False
    for index, line in enumerate(lines):
        if reasons[index] == RELATED:
            block, to_the_end, open_list = line.block, index > last_prose > -1, True
        elif open_list:
            is_article = index == title_at or not (reasons[index] or _is_headline(line.text))
            open_list = not is_article and (to_the_end or line.block == block)
            if open_list:
                reasons[index] = reasons[index] or RELATED


def _is_headline(text: str) -> bool:
    return len(text) <= _MAX_HEADLINE and not (len(text) > 20 and text.endswith((".", ".”", '."')))


def _cut_beside(
    lines: Sequence[Line],
    reasons: list[str],
    verdicts: Sequence[Verdict | None],
    title_at: int | None,
) -> None:
    """Decide on what is furniture only by its neighbours: the other lines of its block."""
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[end].block == lines[start].block:
            end += 1
        if end == start + 1:
            alone = verdicts[start]
            if alone and start != title_at:
                reasons[start] = reasons[start] or alone.reason
            start = end
            continue
        members = [index for index in range(start, end) if index != title_at]
        spread = next((reasons[n] for n in members if reasons[n] in SPREADING), "")
        if spread and len(members) <= _MAX_SPREAD_BLOCK:
            for index in members:
                if len(lines[index].text) <= _MAX_SPREAD:
                    reasons[index] = reasons[index] or spread
        open_ones = [n for n in members if not reasons[n]]
        doubtful = [n for n in open_ones if not (verdict := verdicts[n]) or not verdict.weak]
        marked = len(members) - len(doubtful)
        short = all(_stands_beside(lines[n].text) for n in doubtful)
        if len(doubtful) <= marked and short:
            for index in open_ones:
                weak = verdicts[index]
                reasons[index] = weak.reason if weak else BESIDE
        start = end


def _stands_beside(text: str) -> bool:
    return len(text) <= _MAX_BESIDE and not _SENTENCE_END.search(text) and not MARKER.match(text)


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


def _find_standfirst(
    lines: Sequence[Line], reasons: Sequence[str], title_at: int | None
) -> Line | None:
    """Find the sentence that stands between the title and the byline, date or share bar.

    Only there is it told from a first paragraph; an advert or a caption can stand after any.
    """
    if title_at is None:
        return None
    at = title_at + 1
    while at < len(lines) and reasons[at]:
        if reasons[at] in (BYLINE, DATE):
            return None
        at += 1
    if at + 1 >= len(lines) or reasons[at + 1] not in (BYLINE, DATE, SHARE):
        return None
    line = lines[at]
    alone = all(lines[n].block != line.block or reasons[n] for n in range(len(lines)) if n != at)
    sentences = len(_SENTENCE_BREAK.findall(line.text)) + 1
    follows = sum(1 for reason in reasons[at + 1 :] if not reason)
    fits = _MIN_STANDFIRST <= len(line.text) <= _MAX_STANDFIRST and sentences <= _MAX_SENTENCES
    if not (alone and fits and follows) or _DATELINE.match(line.text):
        return None
    return line

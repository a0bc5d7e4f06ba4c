"""What a line is by those around it: lists of other articles, the foot of a page, mixed blocks.

``furniture`` judges each line alone; what it says is weighed here. ``reasons`` are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from feedsvc.ingest.captions import read_caption
from feedsvc.ingest.furniture import Verdict
from feedsvc.ingest.layout import MARKER, Line
from feedsvc.ingest.notices import (
    AUTHOR,
    BLOCKER,
    CAPTION,
    COMMENTS,
    COOKIES,
    COPYRIGHT,
    DIVIDER,
    LINKS,
    MEDIA,
    NAVIGATION,
    PAYWALL,
    RELATED,
    SECTIONS,
    SIGN_UP,
    TAGS,
    WEATHER,
)
from feedsvc.ingest.prose import (
    LINE_MARKS,
    could_be_foot,
    could_be_link,
    ends_with,
    is_detail,
    is_fixture,
    is_statement,
    reports,
)

HABIT = "stands in other articles of the site"
BESIDE = "stands among furniture"
FOOT = "stands at the foot of the page"
# What stands in one block with one of these belongs to it.
SPREADING = frozenset({BLOCKER, SIGN_UP, COOKIES, PAYWALL})
# Behind the last paragraph one of these begins the foot of a page; a share bar need not.
_FOOTS = frozenset({AUTHOR, COPYRIGHT, NAVIGATION, SECTIONS, LINKS, TAGS, COMMENTS, RELATED})
# What stands in one block with furniture and is as short as this is no sentence of the article.
MAX_BESIDE = 60
_MAX_SPREAD = 130
# A shorter call for money is a button ("Donate now"), and speaks for itself alone.
_LEAST_SPREAD_WORDS = 3
_MAX_SPREAD_BLOCK = 6
# Lines that a site's articles share are the articles' if they are more than this of the middle of
# one, between two sentences of its own at least.
FORM_SHARE = 0.5
_LEAST_OWN = 2
_OWN_LENGTH = 25
# Titles of other articles are shorter, paragraphs longer.
_MAX_HEADLINE = 130
_HEADING_REASONS = frozenset({RELATED, HABIT})
# Two headlines are a list; an item or a line of verse may have fewer words than one of them.
_LEAST_LISTED = 2
_LEAST_LISTED_WORDS = 4
# A story lists inns and books, too, below a subhead of its own.
_OWN_LIST = re.compile(r"recommended(?: reading)?\W*$", re.IGNORECASE)
# A heading that the site's articles share leads to other articles if it says so.
_POINTS = re.compile(
    r"\b(?:read(?:ers|ing)?|more|stories|headlines|news|latest|trending|popular|also|watch(?:ing)?"
    r"|miss|missed|recommended|viewed)\b",
    re.IGNORECASE,
)
# A caption and its credit, and the buttons beside them.
_MAX_PICTURE_BLOCK = 5
_MAX_CAPTION = 300
# A sentence of this length is text; shorter ones end promises and slogans too.
_TEXT_LENGTH = 60
_MAX_BIOGRAPHY = 500
_BIOGRAPHY = re.compile(
    r"$|,? (?:is|was|has|covers|joined|writes|reports|reported|works|worked|can be|an? "
    r"|the author)\b"
)
# A surname alone may be a relative's: it is the author's where the line says what the trade is.
_TRADE = re.compile(
    r" (?:covers|writes (?:about|for)|reports (?:on|for|from)|is an? (?:[\w'’-]+ ){0,5}?(?:reporter"
    r"|writer|editor|correspondent|columnist|journalist|photographer)\b)"
)
_POINTER = re.compile(r"https?://[^\s/]\S*$")
_ONE_RELATED = re.compile(r"[^:|»›→]{4,16}[:|»›→] ?\S|more ?: ?\S", re.IGNORECASE)
# A link within the page may stand in its middle, between the parts of a long report.
_ANCHOR = re.compile(r"\W{0,3}(?:back|return|scroll|skip|jump|go) to\b", re.IGNORECASE)


def spare_tables(lines: Sequence[Line], verdicts: list[Verdict | None]) -> None:
    """Take back what was said of a table's head: beside rows with figures it is no link bar."""
    for index, verdict in enumerate(verdicts):
        if verdict and verdict.reason == LINKS:
            bars = lines[index].text.count("|")
            for other in (index - 1, index + 1):
                if 0 <= other < len(lines) and lines[other].block == lines[index].block:
                    text = lines[other].text
                    if bars and text.count("|") == bars and any(map(str.isdigit, text)):
                        verdicts[index] = None


def spare_verse(lines: Sequence[Line], verdicts: list[Verdict | None]) -> None:
    """Take back what was said of a word that a line of verse goes on from: "Share / my bread"."""
    for index, (line, following) in enumerate(pairwise(lines)):
        is_word = " " not in line.text and line.text[:1].isupper()
        goes_on = line.block == following.block and following.text[:1].islower()
        if is_word and goes_on and not verdicts[index + 1]:
            verdicts[index] = None


def find_form(
    lines: Sequence[Line], reasons: Sequence[str], known: frozenset[int], title_at: int | None
) -> frozenset[int]:
    """Find the lines that the site's articles share as a form: a recipe's, a court list's.

    ``known`` are those that stand in other articles too. Between the sentences of one article they
    are a form if they are much of it; furniture stands around an article, or is little of it.
    """
    forms: list[int] = []
    for is_cut, run in groupby(range(len(lines)), key=lambda n: bool(reasons[n]) or n == title_at):
        if not is_cut and known:
            forms += _find_form_in(lines, list(run), known)
    return frozenset(forms)


def _find_form_in(lines: Sequence[Line], run: Sequence[int], known: frozenset[int]) -> list[int]:
    if known.isdisjoint(run):
        return []
    own = [
        index
        for index in run
        if index not in known
        and len(lines[index].text) >= _OWN_LENGTH
        and ends_with(lines[index].text, LINE_MARKS)
    ]
    if len(own) < _LEAST_OWN:
        return []
    end = own[-1]
    while end < run[-1] and end + 1 in known and MARKER.match(lines[end + 1].text):
        end += 1  # the last steps, if they are short ones
    inner = [index for index in range(own[0], end + 1) if index in known]
    # Figures, steps and questions are filled in; what furniture says are labels.
    filled = sum(_is_filled_in(lines[index].text) for index in inner)
    is_form = len(inner) > FORM_SHARE * (end + 1 - own[0]) and 2 * filled > len(inner)
    return inner if is_form else []


def _is_filled_in(text: str) -> bool:
    return bool(MARKER.match(text)) or text.endswith("?") or any(map(str.isdigit, text))


def cut_related(lines: Sequence[Line], reasons: list[str], title_at: int | None) -> None:
    """Cut the headlines of other articles that follow a heading such as "Related Articles".

    In the middle of a page these are the rest of its block, or the next one where the heading
    stands alone; at the end, all that is no prose. A line that names the other article itself
    ("Related: ...") speaks for no other line.
    """
    if RELATED in reasons or HABIT in reasons:
        _cut_list_below(lines, reasons, title_at)
    last_prose = max(
        (n for n, line in enumerate(lines) if not reasons[n] and not _is_headline(line.text)),
        default=-1,
    )
    block, to_the_end, open_list = -1, False, False
    for index, line in enumerate(lines):
        if reasons[index] == RELATED:
            if not _names_one(line.text):
                block, to_the_end, open_list = line.block, index > last_prose > -1, True
        elif open_list:
            # A list in one block with its heading is the heading's.
            text = MARKER.sub("", line.text, count=1) if line.block == block else line.text
            is_link = len(line.text) <= _MAX_HEADLINE and could_be_link(text)
            is_article = index == title_at or line.is_code or not (reasons[index] or is_link)
            open_list = not is_article and (to_the_end or line.block == block)
            if open_list:
                reasons[index] = reasons[index] or RELATED


def _cut_list_below(lines: Sequence[Line], reasons: list[str], title_at: int | None) -> None:
    """Cut the headlines that stand in a block of their own below a heading that stands alone."""
    headings = [n for n, reason in enumerate(reasons[:-2]) if reason in _HEADING_REASONS]
    for index in headings:
        # Below most of them there is no block of several lines.
        if lines[index + 1].block != lines[index + 2].block:
            continue
        if not _is_list_heading(lines, index, reasons):
            continue
        end = start = index + 1
        while end < len(lines) and lines[end].block == lines[start].block:
            end += 1
        if end - start >= _LEAST_LISTED and all(
            n != title_at and not lines[n].is_code and _could_be_listed(lines[n].text)
            for n in range(start, end)
        ):
            for n in range(start, end):
                reasons[n] = reasons[n] or RELATED


def _is_list_heading(lines: Sequence[Line], index: int, reasons: Sequence[str]) -> bool:
    text, block = lines[index].text, lines[index].block
    is_alone = lines[index + 1].block != block and not (index and lines[index - 1].block == block)
    if not is_alone or len(text) > MAX_BESIDE or _names_one(text) or _OWN_LIST.match(text):
        return False
    return reasons[index] == RELATED or bool(_POINTS.search(text) and not ends_with(text, (".",)))


def _could_be_listed(text: str) -> bool:
    return (
        len(text) <= _MAX_HEADLINE
        and len(text.split()) >= _LEAST_LISTED_WORDS
        and not ends_with(text, LINE_MARKS)
        and could_be_link(text)
    )


def _names_one(text: str) -> bool:
    return bool(_ONE_RELATED.match(text))


def cut_foot(
    lines: Sequence[Line], reasons: list[str], title_at: int | None, authors: Sequence[str]
) -> None:
    """Cut what stands at the end of a page: who the authors are, and all from its foot on."""
    last = len(lines) - 1
    while last > -1:
        text = lines[last].text
        if not reasons[last] and last != title_at:
            if _is_biography(text, authors):
                reasons[last] = AUTHOR
            elif lines[last].is_code or (len(text) >= _TEXT_LENGTH and ends_with(text, LINE_MARKS)):
                break
        last -= 1
    in_foot = is_likely = is_below = False
    for index in range(last + 1, len(lines) if last > -1 else 0):
        is_below = is_below or reasons[index] == DIVIDER
        if is_below and not reasons[index] and _is_pointer(lines[index].text):
            reasons[index] = FOOT
        before = reasons[index - 1] if index else ""
        if reasons[index] in _FOOTS:
            text = lines[index].text
            in_foot = in_foot or not (_names_one(text) or _ANCHOR.match(text))
        elif reasons[index] and before and HABIT in (reasons[index], before):
            is_likely = True  # one alone may stand in the middle of a list
        elif (
            not reasons[index]
            and index != title_at
            and (
                (in_foot and could_be_foot(lines[index].text))
                or (is_likely and _is_label(lines[index].text))
            )
        ):
            reasons[index] = FOOT


def _is_pointer(text: str) -> bool:
    """Whether a short line ends in an address, as the last ones of a wire's story do."""
    if len(text) > _MAX_HEADLINE or "://" not in text:
        return False
    return bool(_POINTER.search(text)) and not is_statement(text)


def _is_label(text: str) -> bool:
    return not (ends_with(text, LINE_MARKS) or MARKER.match(text) or is_detail(text))


def _is_biography(text: str, authors: Sequence[str]) -> bool:
    """Whether a line says who an author is: "Ann Lee covers schools for the Ledger"."""
    for name in authors:
        if text[: len(name)].casefold() == name.casefold():
            return len(text) <= _MAX_BIOGRAPHY and bool(_BIOGRAPHY.match(text, len(name)))
        surname = name.rpartition(" ")[2]
        if surname and text[: len(surname)].casefold() == surname.casefold():
            return len(text) <= _MAX_BIOGRAPHY and bool(_TRADE.match(text, len(surname)))
    return False


def _is_headline(text: str) -> bool:
    return len(text) <= _MAX_HEADLINE and not (len(text) > 20 and text.endswith((".", ".”", '."')))


def cut_beside(
    lines: Sequence[Line],
    reasons: list[str],
    verdicts: Sequence[Verdict | None],
    title_at: int | None,
) -> None:
    """Decide on what is furniture only by its neighbours: the other lines of its block."""
    start = 0
    paragraphs = [
        n
        for n, line in enumerate(lines)
        if not reasons[n]
        and len(line.text) >= _TEXT_LENGTH
        and n != title_at
        and not ((doubt := verdicts[n]) and doubt.weak)
    ]
    text_at = (paragraphs[0], paragraphs[-1]) if paragraphs else (len(lines), -1)
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[end].block == lines[start].block:
            end += 1
        if end == start + 1:
            alone = verdicts[start]
            if (
                alone
                and start != title_at
                and (not alone.weak or _holds(reasons, verdicts, start, text_at))
            ):
                reasons[start] = reasons[start] or alone.reason
            start = end
            continue
        members = [index for index in range(start, end) if index != title_at]
        _join_caption(lines, reasons, members)
        marked_at = next((n for n in members if reasons[n]), end)
        spread = next((reasons[n] for n in members if _spreads(lines[n].text, reasons[n])), "")
        if spread and len(members) <= _MAX_SPREAD_BLOCK:
            for index in members:
                text = lines[index].text
                is_own = (
                    reports(text)
                    or is_detail(text)
                    or MARKER.match(text)
                    or (index < marked_at and is_fixture(text))
                )
                if len(text) <= _MAX_SPREAD and not is_own:
                    reasons[index] = reasons[index] or spread
        open_ones = [n for n in members if not reasons[n]]
        doubtful = [n for n in open_ones if not (verdict := verdicts[n]) or not verdict.weak]
        marked = len(members) - len(doubtful)
        # Below a heading of furniture a result is a link; above all furniture it is the text's end.
        short = all(
            _stands_beside(lines[n].text) and not (n < marked_at and is_fixture(lines[n].text))
            for n in doubtful
        )
        # A poem may have "Search" on a line of its own: words that are weak alone carry no other.
        sure = any(reasons[n] for n in members) or (
            not doubtful and bool(members) and _holds(reasons, verdicts, members[0], text_at)
        )
        if len(doubtful) <= marked and short and sure:
            for index in open_ones:
                weak = verdicts[index]
                reasons[index] = weak.reason if weak else BESIDE
        start = end


def _holds(
    reasons: Sequence[str],
    verdicts: Sequence[Verdict | None],
    index: int,
    text_at: tuple[int, int],
) -> bool:
    """Whether a weak verdict holds: beside furniture or, but for the weather, in head or foot."""
    verdict = verdicts[index]
    if not text_at[0] < index < text_at[1] and not (verdict and verdict.reason == WEATHER):
        return True
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(reasons) and not reasons[at] and (near := verdicts[at]) and near.weak:
            at += step
        if 0 <= at < len(reasons) and reasons[at]:
            return True
    return False


def _spreads(text: str, reason: str) -> bool:
    """Whether a notice speaks for its whole block; a lone button ("Donate now") does not."""
    is_button = reason == PAYWALL and len(text.split()) < _LEAST_SPREAD_WORDS
    return reason in SPREADING and not is_button


def _stands_beside(text: str) -> bool:
    return (
        len(text) <= MAX_BESIDE
        and not ends_with(text, LINE_MARKS)
        and not MARKER.match(text)
        and not is_detail(text)
    )


def _join_caption(lines: Sequence[Line], reasons: list[str], members: list[int]) -> None:
    """Take the one line that stands before a picture's credit for its caption."""
    if len(members) > _MAX_PICTURE_BLOCK:
        return
    open_ones = [index for index in members if not reasons[index]]
    if len(open_ones) != 1 or any(reasons[n] not in ("", CAPTION, MEDIA) for n in members):
        return
    credit = next((n for n in members if reasons[n] == CAPTION), -1)
    if credit > open_ones[0] and len(lines[open_ones[0]].text) <= _MAX_CAPTION:
        found = read_caption(lines[credit].text)
        if found and not found.text:
            reasons[open_ones[0]] = CAPTION

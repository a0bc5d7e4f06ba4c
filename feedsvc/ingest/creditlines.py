"""What lines that look like credits are by those beside them: of a list, or of a picture.

Each line of a list of prizes or of a film's makers may be a picture's credit or an editor's
("Photo: Ann Lee", "Edited by Ann Lee"); other labels in the same form tell that it is a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from feedsvc.ingest.captions import read_caption
from feedsvc.ingest.furniture import Verdict
from feedsvc.ingest.layout import Line
from feedsvc.ingest.notices import CAPTION, CREDITS, MEDIA
from feedsvc.ingest.prose import LINE_MARKS, ends_with

LISTED = "stands in a list of the article"
# Two lines of one form are a caption and its credit, or who wrote and who edited.
LEAST_LISTED = 3
# Names and a house fit into this; longer lines are paragraphs of an interview.
_MAX_LISTED = 100
_PARAGRAPH = 60
_LISTED = re.compile(
    r"(?:[-*•‣▪–] )?(?P<label>[^\W\d_a-z][\w’'&/-]*(?: [\w’'&/-]+){0,4})"
    r"(?: ?: ?[^\W_a-z]| by [^\W\d_a-z])"
)
# The controls of a picture or a gallery; a caption beyond a blank line follows one of them.
_CONTROL = re.compile(
    r"\d{1,3} ?(?:of|/) ?\d{1,3}|buy (?:now|photo|this photo)|enlarge(?: this)?(?: image| photo)?"
    r"|view (?:image|photo|picture) in (?:fullscreen|full screen)|(?:open|expand) image.{0,20}",
    re.IGNORECASE,
)
_MAX_CONTROL = 40
_MAX_CAPTION = 300
# What is said of a picture or of the page; a list has labels of other things beside them.
_PICTURE_WORDS = re.compile(
    r"photo|image|picture|video|graphic|illustrat|caption|credit|source|copyright|camera|foto|bild"
    r"|writ|edit|report(?!a)|text|words|published|updated|posted",
    re.IGNORECASE,
)


def spare_lists(lines: Sequence[Line], verdicts: list[Verdict | None]) -> list[int]:
    """Take back what was said of the lines of a list of prizes or makers, and return these lines.

    Such a list stands between paragraphs; in the head and at the foot of a page the lines are what
    they look like.
    """
    marked = [n for n, one in enumerate(verdicts) if one and one.reason in (CAPTION, CREDITS)]
    if not marked:
        return []
    listed: list[int] = []
    inner = range(marked[0], marked[-1] + 1)
    # Lines of other kinds end a run, so that one need only look a little beyond the marked ones.
    start, end = inner.start, inner.stop
    while start and _is_listed(lines, verdicts, start - 1):
        start -= 1
    while end < len(lines) and _is_listed(lines, verdicts, end):
        end += 1
    of_form = {n for n in range(start, end) if _is_listed(lines, verdicts, n)}
    if len(of_form) < LEAST_LISTED:  # as on most pages
        return []
    for _, run in groupby(range(start, end), key=lambda n: _name_run(lines, verdicts, n)):
        members = [n for n in run if n in of_form]
        if len(members) >= LEAST_LISTED and _is_list(lines, verdicts, members):
            listed += members
    for index in listed:
        verdicts[index] = None
    return listed


def _name_run(lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int) -> int:
    """Tell the blocks apart; lines that have a block each may be the items of one list."""
    block = lines[index].block
    beside = (lines[n].block for n in (index - 1, index + 1) if 0 <= n < len(lines))
    if block in beside:
        return 2 * block
    return 1 if _is_listed(lines, verdicts, index) else -1  # no block's number is odd here


def _is_listed(lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int) -> bool:
    text = lines[index].text
    if len(text) > _MAX_LISTED or not (":" in text or " by " in text):
        return False
    verdict = verdicts[index]
    return (
        (not verdict or verdict.reason in (CAPTION, CREDITS))
        and bool(_LISTED.match(text))
        and not ends_with(text, LINE_MARKS)
    )


def _is_list(
    lines: Sequence[Line], verdicts: Sequence[Verdict | None], members: Sequence[int]
) -> bool:
    labels = [found["label"] for n in members if (found := _LISTED.match(lines[n].text))]
    others = [label for label in labels if not _PICTURE_WORDS.search(label)]
    return (
        len(set(labels)) == len(labels)
        and bool(others)
        and _has_paragraph(lines, verdicts, range(members[0]))
        and _has_paragraph(lines, verdicts, range(members[-1] + 1, len(lines)))
    )


def _has_paragraph(lines: Sequence[Line], verdicts: Sequence[Verdict | None], among: range) -> bool:
    return any(
        not verdicts[n]
        and len(lines[n].text) >= _PARAGRAPH
        and ends_with(lines[n].text, LINE_MARKS)
        for n in among
    )


def join_captions(lines: Sequence[Line], reasons: list[str], title_at: int | None) -> None:
    """Take for a caption what stands between a picture's control and its credit, a line each."""
    if CAPTION not in reasons:
        return
    for credit in [n for n, reason in enumerate(reasons) if reason == CAPTION and n > 1]:
        control, text = lines[credit - 2].text, lines[credit - 1].text
        if reasons[credit - 1] or credit - 1 == title_at or len(text) > _MAX_CAPTION:
            continue
        found = read_caption(lines[credit].text)
        if (
            found
            and not found.text
            and len(control) <= _MAX_CONTROL
            and _CONTROL.fullmatch(control)
        ):
            reasons[credit - 1] = CAPTION
            reasons[credit - 2] = reasons[credit - 2] or MEDIA

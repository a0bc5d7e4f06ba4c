"""Subheads that a page's own labels look like: "Comments" above a paragraph about comments.

They are told by their company. A story that has subheads has several, each between paragraphs; what
a site repeats on its other pages is still learned as its furniture.
"""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.ingest.furniture import Verdict
from feedsvc.ingest.layout import Line
from feedsvc.ingest.prose import LINE_MARKS, SENTENCE_MARKS, ends_with

# What stories are about, too; "Advertisement" and "Share" stand on pages only.
_TOPICS = frozenset({"Advertising", "Comments", "Careers", "Related", "Feedback", "Accessibility"})
_MORE_ON = "More on "
# "More on the town library"; the title of another article is longer.
_MAX_WORDS = 5
# So many others show that the story has subheads.
_LEAST_OTHERS = 2
_PARAGRAPH_LENGTH = 60


def spare_subheads(lines: Sequence[Line], verdicts: list[Verdict | None]) -> None:
    """Take back what was said of a subhead among several, unless the page has it twice."""
    doubtful = [
        index
        for index, verdict in enumerate(verdicts)
        if verdict
        and ((text := lines[index].text) in _TOPICS or text.startswith(_MORE_ON))
        and _is_subhead(lines, verdicts, index)
    ]
    if not doubtful:
        return
    others = sum(
        not verdict and _is_subhead(lines, verdicts, index)
        for index, verdict in enumerate(verdicts)
    )
    if others < _LEAST_OTHERS:
        return
    texts = [line.text for line in lines]
    for index in doubtful:
        if texts.count(texts[index]) == 1:
            verdicts[index] = None


def _is_subhead(lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int) -> bool:
    """Whether a line is a label on its own, and paragraphs of the story stand on both sides."""
    text = lines[index].text
    return (
        len(text.split()) <= _MAX_WORDS
        and text[:1].isupper()
        and not ends_with(text, LINE_MARKS)
        and _is_paragraph(lines, verdicts, index - 1)
        and _is_paragraph(lines, verdicts, index + 1)
    )


def _is_paragraph(lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int) -> bool:
    if not 0 <= index < len(lines) or verdicts[index]:
        return False
    text = lines[index].text
    return len(text) >= _PARAGRAPH_LENGTH and ends_with(text, SENTENCE_MARKS)

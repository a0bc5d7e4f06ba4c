"""The standfirst: the sentence or two between the headline and what is said of its writing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedsvc.ingest.datelines import read_agency
from feedsvc.ingest.heads import HEADLINE
from feedsvc.ingest.layout import MARKER, QUOTE, Line
from feedsvc.ingest.notices import MEDIA, SHARE
from feedsvc.ingest.prose import LINE_MARKS, ends_with
from feedsvc.ingest.signatures import BYLINE, DATE

# A standfirst is a sentence or two.
_MIN_STANDFIRST = 30
MAX_STANDFIRST = 320
_MAX_SENTENCES = 3
_MAX_KICKER_WORDS = 5
# A deck without a full stop is told from a heading by its length.
_LEAST_DECK_WORDS = 8
# A share bar may stand below a first paragraph too; a standfirst is shorter than the paragraphs.
_DECK_SHARE = 0.9
# The paragraphs that a deck is measured by: such as are no captions, near it.
_SENTENCE_LENGTH = 80
_HEAD_LINES = 10
SENTENCE_BREAK = re.compile(r"[.!?][\"”’]? +(?=[\"“‘]?[^\W\d_a-z])")
_DATELINE = re.compile(r"[^\W\d_a-z][^a-z\n]{2,40}(?:\([A-Za-z ]{2,30}\) ?)?[—–-] ")


def find_standfirst(
    lines: Sequence[Line], reasons: Sequence[str], head_at: int | None
) -> Line | None:
    """Find the sentence that stands between the headline and what is said of its writing.

    Only before a byline, a date, a share bar or the paragraph with the dateline is it told from a
    first paragraph; an advert or a caption can stand after any. Below a date or a byline another of
    them must follow it.
    """
    if head_at is None:
        return None
    at, is_below = head_at + 1, False
    while at < len(lines) and (reasons[at] or _is_kicker(lines[at].text)):
        is_below = is_below or reasons[at] in (BYLINE, DATE)
        at += 1
    enders = (BYLINE, DATE) if is_below else (BYLINE, DATE, SHARE, MEDIA, HEADLINE)
    if at + 1 >= len(lines):
        return None
    if reasons[at + 1] not in enders and not _begins_story(lines, reasons, at + 1):
        return None
    line = lines[at]
    others = (n for n, other in enumerate(lines) if other.block == line.block and n != at)
    alone = all(reasons[n] or n == head_at for n in others)
    sentences = len(SENTENCE_BREAK.findall(line.text)) + 1
    follows = sum(1 for reason in reasons[at + 1 :] if not reason)
    fits = _MIN_STANDFIRST <= len(line.text) <= MAX_STANDFIRST and sentences <= _MAX_SENTENCES
    ends = ends_with(line.text, LINE_MARKS) or len(line.text.split()) >= _LEAST_DECK_WORDS
    if not (alone and fits and follows and ends) or MARKER.match(line.text):
        return None
    if reasons[at + 1] in (SHARE, MEDIA) and not _is_shorter(line, lines, reasons, at):
        return None
    if _DATELINE.match(line.text) or read_agency(line.text) or QUOTE.match(line.text):
        return None
    return line


def _is_kicker(text: str) -> bool:
    """Whether a line is the name of a section or a series, as it stands above a standfirst."""
    return len(text.split()) <= _MAX_KICKER_WORDS and not ends_with(text, LINE_MARKS)


def _begins_story(lines: Sequence[Line], reasons: Sequence[str], at: int) -> bool:
    """Whether the next paragraph is the one with the dateline: what stands before it is no text."""
    first = next(
        (line for line, reason in zip(lines[at:], reasons[at:], strict=True) if not reason), None
    )
    return first is not None and bool(_DATELINE.match(first.text) or read_agency(first.text))


def _is_shorter(line: Line, lines: Sequence[Line], reasons: Sequence[str], at: int) -> bool:
    """Whether a sentence above a share bar is not as long as the paragraphs below it are."""
    below = [
        len(lines[n].text)
        for n in range(at + 1, min(len(lines), at + 1 + _HEAD_LINES))
        if not reasons[n] and len(lines[n].text) >= _SENTENCE_LENGTH
    ]
    return bool(below) and len(line.text) * len(below) < _DECK_SHARE * sum(below)

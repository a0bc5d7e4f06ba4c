"""Whether a line of a page stands in what was read from it."""

from __future__ import annotations

import re

from feedsvc.model import Article

# A shorter line ("Share", "Read more") may stand within a sentence and be no furniture there.
_TELLING = 20
_WORD = re.compile(r"\w+")
# The marks of lists and headings become markup, and are no text.
_MARK = re.compile(r"\s*(?:[-*•–>#]+|\d{1,3}[.)])\s+")


def words_of(text: str) -> str:
    """A text as words and single spaces: wrapping, signs and table cells make no difference."""
    return " ".join(_WORD.findall(text.casefold()))


class Found:
    """What was read from a page, prepared for looking lines up in it."""

    def __init__(self, article: Article, *, head: bool) -> None:
        """Prepare an article's text, with title and standfirst if ``head``."""
        parts = article.text.split("\n")
        if head:
            parts = [article.title, article.summary, *parts]
        self._raw = {part.strip() for part in parts}
        self._lines = {words_of(part) for part in parts}
        self._whole = f" {' '.join(words_of(part) for part in parts)} "

    def holds(self, line: str) -> bool:
        """Whether an article's line is there: words in a row, whatever stands around them."""
        return any(f" {words} " in self._whole for words in _readings(line)) or self._is_raw(line)

    def shows(self, line: str) -> bool:
        """Whether a line of furniture is there: as a whole line, or a long one within another."""
        return self._is_raw(line) or any(
            words in self._lines or (len(line) >= _TELLING and f" {words} " in self._whole)
            for words in _readings(line)
        )

    def _is_raw(self, line: str) -> bool:
        return line.strip() in self._raw


def _readings(line: str) -> set[str]:
    """A line's words, with what may be a mark and without; a line of signs has none."""
    mark = _MARK.match(line)
    readings = {words_of(line), words_of(line[mark.end() :] if mark else line)}
    return readings - {""}

"""The syntax of the admin's own rules and patterns, checked where the config is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from feedsvc.logs import get_log

log = get_log(__name__)

_FIELDS = ("author", "tag", "path")

# A careless expression takes time that grows with the square of its text, or without end. None is
# searched for longer than this, in seconds of the processor: a text of 10,000 characters takes a
# hundredth of that.
_SEARCH_MOST = 1.0

# After so many searches that found no end, an expression is put aside: one article may be odd.
_UNENDED_MOST = 3


class Pattern:
    """A regular expression of the admin's, that can keep nobody waiting: its time is bounded.

    Where it finds no end it matches nothing, which is logged; after three times it is put aside.
    """

    __slots__ = ("_compiled", "_left", "source")

    def __init__(self, source: str, compiled: Any) -> None:
        self.source = source
        self._compiled = compiled
        self._left = _UNENDED_MOST

    def search(self, text: str) -> bool:
        """Whether it matches anywhere in ``text``."""
        if not self._left:
            return False
        try:
            return self._compiled.search(text, timeout=_SEARCH_MOST) is not None
        except TimeoutError:
            self._left -= 1
            log.warning(
                "rule found no end",
                pattern=self.source,
                matches="nothing from now on" if not self._left else "not this article",
                hint="write it with fewer * and +, or as words",
            )
            return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, int]:
        return self.source, self._compiled.flags


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ``match.any``, ``match.all`` or ``match.none``.

    ``text`` is what the admin wrote; ``field`` is ``author``, ``tag`` or ``path``, and empty for
    title, summary and text. Either ``pattern`` is set, or ``phrase`` has the words to find.
    """

    text: str
    field: str = ""
    phrase: str = ""
    pattern: Pattern | None = None


def parse_rule(text: str) -> Rule:
    """Read one rule: words, a ``/pattern/``, or one of them after ``author:``, ``tag:``, ``path:``.

    :raises ValueError: it has nothing to find, or a pattern that is wrong or may never end; the
        message says what to do.
    """
    text = text.strip()
    head, colon, rest = text.partition(":")
    field = head.strip().casefold() if colon else ""
    if field in _FIELDS:
        body = rest.strip()
    else:
        field, body = "", text
    if len(body) > 2 and body.startswith("/") and body.endswith("/"):
        return Rule(text, field, pattern=compile_pattern(body[1:-1], ignore_case=True))
    if not any(map(str.isalnum, body)):
        raise ValueError(f'"{text}" has no word to find: write a word, a phrase or a /pattern/')
    return Rule(text, field, phrase=body)


def compile_pattern(source: str, ignore_case: bool = False) -> Pattern:
    """Compile a regular expression of the admin's.

    :raises ValueError: it is none, or a repeat within a repeat may keep it busy for ever.
    """
    import regex  # few configs have a pattern, and the others need not wait for it

    try:
        re.compile(source)  # what Python's own documentation tells of, and no more
        pattern = Pattern(source, regex.compile(source, regex.IGNORECASE if ignore_case else 0))
    except (re.error, regex.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if _repeats_a_repeat(source):
        raise ValueError(
            f"/{source}/ repeats a group that itself repeats, and may never end on a long text: "
            "write it with one + or * at a time"
        )
    return pattern


_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<?[=!:]|\(|\)|[*+]|\{\d*,\d*\}|.", re.DOTALL
)
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\d*\}")


def _repeats_a_repeat(source: str) -> bool:
    """Whether a repeated group holds a repeat, as in ``(a+)+``: each letter doubles its time."""
    pieces = _PIECE.findall(source)
    groups = [False]
    for at, piece in enumerate(pieces):
        if piece.startswith("("):
            groups.append(False)
        elif piece == ")" and len(groups) > 1:
            inner = groups.pop()
            repeated = at + 1 < len(pieces) and bool(_UNBOUNDED.fullmatch(pieces[at + 1]))
            if inner and repeated:
                return True
            groups[-1] = groups[-1] or inner
        elif _UNBOUNDED.fullmatch(piece):
            groups[-1] = True
    return False

"""The syntax of the admin's own rules and patterns, checked where the config is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIELDS = ("author", "tag", "path")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ``match.any``, ``match.all`` or ``match.none``.

    ``text`` is what the admin wrote; ``field`` is ``author``, ``tag`` or ``path``, and empty for
    title, summary and text. Either ``pattern`` is set, or ``phrase`` has the words to find.
    """

    text: str
    field: str = ""
    phrase: str = ""
    pattern: re.Pattern[str] | None = None


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
        return Rule(text, field, pattern=compile_pattern(body[1:-1], re.IGNORECASE))
    if not any(map(str.isalnum, body)):
        raise ValueError(f'"{text}" has no word to find: write a word, a phrase or a /pattern/')
    return Rule(text, field, phrase=body)


def compile_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a regular expression of the admin's.

    :raises ValueError: it is none, or a repeat within a repeat may keep it busy for ever.
    """
    try:
        pattern = re.compile(source, flags)
    except (re.error, OverflowError, RecursionError) as error:
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

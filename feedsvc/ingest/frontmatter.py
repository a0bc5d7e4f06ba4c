"""The ``---`` block at the top of a file -> keys with their lines and values as written.

Values are read as text and never guessed at: ``language: no`` is Norwegian, ``title: 42`` is the
title "42", and a date is read by our own rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from feedsvc.errors import RefusedError

# Real front matter is under 2 kB; this bounds what one file can cost.
MAX_FRONT_MATTER = 64 * 1024
# Beyond this depth nothing that we read can stand.
_MAX_DEPTH = 8
_FENCE = "---\n"
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_KEY_LINE = re.compile(r"\s*(?:#[^\n]*\n\s*)*[A-Za-z_][\w-]{0,40}[ \t]*:(?:[ \t\n]|$)")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_WORDS = {
    "mapping values are not allowed": "there is a colon too much; put the value in quotes",
    "cannot start any token": "a character stands where no value may begin with it (often a tab, @"
    " or %); indent with spaces, or put the value in quotes",
    "could not find expected ':'": "a line is no 'key: value'",
    "did not find expected": "brackets, quotes or indentation do not fit together",
    "exceeded maximum": "it is nested too deeply",
    "found unexpected end of stream": "a quote is not closed",
}

Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Item:
    """One key of the front matter; ``line`` counts from 1, 0 where there is none."""

    key: str
    line: int
    value: Value


def split_front_matter(text: str) -> tuple[tuple[Item, ...], str, int]:
    """Split a text into its front matter, its body, and the line on which the body begins.

    A ``---`` that opens no block of keys is part of the text. Raises RefusedError, naming the
    line, if the block is broken: half-understood front matter must not be published.
    """
    start = text.lstrip("\n \t")
    skipped = text[: len(text) - len(start)].count("\n")
    fence, newline, rest = start.partition("\n")
    if fence.rstrip() != "---" or not newline or not _is_block(rest):
        return (), text, 1
    close = _CLOSE.search(rest, 0, MAX_FRONT_MATTER)
    if not close:
        large = len(rest) > MAX_FRONT_MATTER
        reason = "is longer than 64 kB" if large else "has no closing line ---"
        raise RefusedError(f"line {skipped + 1}: the front matter that opens here {reason}")
    block, body = rest[: close.start()], rest[close.end() :]
    first_line = skipped + 2
    return _read_block(block, first_line), body, first_line + block.count("\n") + 1 - (not body)


def _is_block(rest: str) -> bool:
    return bool(_KEY_LINE.match(rest[:4000]) or _CLOSE.match(rest))


def _read_block(block: str, first_line: int) -> tuple[Item, ...]:
    try:
        root = yaml.compose(block, Loader=_Loader)
        if root is None:
            return ()
        if not isinstance(root, yaml.MappingNode):
            raise RefusedError(f"line {first_line}: the front matter is not a list of key: value")
        return tuple(
            Item(_read_key(key), first_line + key.start_mark.line, _read_value(value, first_line))
            for key, value in root.value
        )
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        problem = str(getattr(error, "problem", "") or error).splitlines()[0]
        words = (plain for part, plain in _PLAIN_WORDS.items() if part in problem)
        raise RefusedError(
            f"line {line}: the front matter is broken: {next(words, problem)}"
        ) from None
    except RecursionError:
        raise RefusedError(f"line {first_line}: the front matter is nested too deeply") from None


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """PyYAML's C loader where it is built in, without its types: we read text only."""

    def resolve(self, *_: object) -> None:
        """Give a node no type."""

    def descend_resolver(self, *_: object) -> None:
        """Keep no path to the node: only types depend on it."""

    def ascend_resolver(self) -> None:
        """See above."""


def _read_key(node: yaml.Node) -> str:
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else "?"


def _read_value(node: yaml.Node, first_line: int, depth: int = 0) -> Value:
    # An alias is the same node again; the depth and the total bound what a "bomb" can unfold to.
    if isinstance(node, yaml.ScalarNode):
        value = str(node.value)
        return "" if not node.style and value in _NULLS else value
    if depth >= _MAX_DEPTH or len(node.value) > MAX_FRONT_MATTER // 8**depth:
        line = first_line + node.start_mark.line
        raise RefusedError(f"line {line}: the front matter is nested too deeply")
    if isinstance(node, yaml.SequenceNode):
        return [_read_value(item, first_line, depth + 1) for item in node.value]
    return {_read_key(key): _read_value(one, first_line, depth + 1) for key, one in node.value}

"""The block of keys at the top of a file -> keys with their lines and values as written.

It stands between ``---`` (YAML), between ``+++`` (TOML), or is an object in JSON. Values are read
as text and never guessed at: ``language: no`` is Norwegian, ``title: 42`` is the title "42", and a
date is read by our own rules.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import yaml

from feedsvc.errors import RefusedError

# Real front matter is under 2 kB; this bounds what one file can cost.
MAX_FRONT_MATTER = 64 * 1024
# Beyond this depth nothing that we read can stand.
_MAX_DEPTH = 8
_FENCE = "---\n"
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_KEY_LINE = re.compile(r"\s*(?:#[^\n]*\n\s*)*[A-Za-z_][\w-]{0,40}[ \t]*:(?:[ \t\n]|$)")
_TOML_CLOSE = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
_TOML_LINE = re.compile(
    r"\s*(?:#[^\n]*\n\s*)*(?:\[|[\"']?[A-Za-z_][\w.-]{0,40}[\"']?[ \t]*=|\+\+\+)"
)
_TOML_KEY = re.compile(r"[ \t]*[\"']?([\w-]+)[\"']?[ \t]*(?:=|\.)|[ \t]*\[+[ \t]*[\"']?([\w-]+)")
_TOML_MARK = re.compile(r" \((?:at line (\d+)[^()]*|at end of document)\)$")
_JSON_START = re.compile(r'\{\s*"[^"\n]{1,60}"\s*:')
_JSON_KEY = re.compile(r'[ \t{]*"([^"]{1,60})"()\s*:')
_TOO_LONG = "the front matter has a number of thousands of digits"
# Where Zola keeps the lists that others keep at the top.
_TABLES_OF_LISTS = frozenset({"taxonomies"})
_BARE_LINE = re.compile(r"(?P<key>[A-Za-z][\w-]{1,40}):(?P<value>[ \t][^\n]*|)$")
_MAX_KEY_LINES = 60
# A single line of these opens no sentence; of others at least two stand together.
_SURE_KEYS = frozenset({"title", "status", "draft"})
_LEAST_KEYS = 2
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
    if start.startswith("{") and _JSON_START.match(start):
        return _split_json(start, skipped + 1)
    fence, newline, rest = start.partition("\n")
    fence = fence.rstrip()
    if fence not in ("---", "+++") or not newline or not _is_block(fence, rest):
        return (), text, 1
    close = (_CLOSE if fence == "---" else _TOML_CLOSE).search(rest, 0, MAX_FRONT_MATTER)
    if not close:
        large = len(rest) > MAX_FRONT_MATTER
        reason = "is longer than 64 kB" if large else f"has no closing line {fence}"
        raise RefusedError(f"line {skipped + 1}: the front matter that opens here {reason}")
    block, body = rest[: close.start()], rest[close.end() :]
    first_line = skipped + 2
    items = (_read_block if fence == "---" else _read_toml)(block, first_line)
    return items, body, first_line + block.count("\n") + 1 - (not body)


def _is_block(fence: str, rest: str) -> bool:
    if fence == "+++":
        return bool(_TOML_LINE.match(rest[:4000]))
    return bool(_KEY_LINE.match(rest[:4000]) or _CLOSE.match(rest))


def _split_json(start: str, line: int) -> tuple[tuple[Item, ...], str, int]:
    try:
        root, end = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(
            start[:MAX_FRONT_MATTER]
        )
    except json.JSONDecodeError as error:
        if len(start) > MAX_FRONT_MATTER and error.pos >= MAX_FRONT_MATTER - 1:
            raise RefusedError(f"line {line}: the front matter is longer than 64 kB") from None
        at = line + error.lineno - 1
        raise RefusedError(f"line {at}: the front matter is broken: {error.msg}") from None
    except RecursionError:
        raise RefusedError(f"line {line}: the front matter is nested too deeply") from None
    rest, _, body = start[end:].partition("\n")
    if rest.strip():
        raise RefusedError(f"line {line}: behind the JSON that opens here must follow a new line")
    return _list_items(root, start[:end], line), body, line + start[:end].count("\n") + bool(body)


def _read_toml(block: str, first_line: int) -> tuple[Item, ...]:
    try:
        root = tomllib.loads(block)
    except RecursionError:
        raise RefusedError(f"line {first_line}: the front matter is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        mark = _TOML_MARK.search(str(error))
        line = first_line + (int(mark[1]) - 1 if mark and mark[1] else block.count("\n"))
        problem = _TOML_MARK.sub("", str(error))
        raise RefusedError(f"line {line}: the front matter is broken: {problem}") from None
    except ValueError:  # Python's own bound of whole numbers
        raise RefusedError(f"line {first_line}: {_TOO_LONG}") from None
    for name in _TABLES_OF_LISTS & root.keys():
        if isinstance(lists := root[name], dict):
            root = {**root, **lists}
            del root[name]
    return _list_items(root, block, first_line)


def _list_items(root: dict[str, Any], block: str, first_line: int) -> tuple[Item, ...]:
    lines: dict[str, int] = {}
    for number, line in enumerate(block.split("\n"), start=first_line):
        if found := _TOML_KEY.match(line) or _JSON_KEY.match(line):
            lines.setdefault(found[1] or found[2], number)
    return tuple(
        Item(key.strip(), lines.get(key, first_line), _as_written(value, first_line))
        for key, value in root.items()
    )


def _as_written(value: object, line: int, depth: int = 0) -> Value:
    """Return a typed value as it would be written."""
    if depth >= _MAX_DEPTH:
        raise RefusedError(f"line {line}: the front matter is nested too deeply")
    if isinstance(value, list):
        return [_as_written(one, line, depth + 1) for one in value]
    if isinstance(value, dict):
        return {str(key): _as_written(one, line, depth + 1) for key, one in value.items()}
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    try:
        return "" if value is None else str(value)
    except ValueError:  # a number of thousands of digits that was written in hexadecimal ones
        raise RefusedError(f"line {line}: {_TOO_LONG}") from None


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


def split_key_lines(text: str, known: Callable[[str], bool]) -> tuple[tuple[Item, ...], str]:
    """Split off lines of "Key: value" that open a text without a fence, as Pelican has them.

    All their keys must be ``known``: a text may begin with "Note: ..." as well.
    """
    items: list[Item] = []
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    at = first
    for at in range(first, min(first + _MAX_KEY_LINES, len(lines))):
        found = _BARE_LINE.match(lines[at])
        if items and not lines[at].strip():
            break
        if not found or not known(found["key"]):
            return (), text
        items.append(Item(found["key"], at + 1, found["value"].strip()))
    keys = {item.key.casefold() for item in items}
    if not items or (len(items) < _LEAST_KEYS and not keys & _SURE_KEYS):
        return (), text
    return tuple(items), "\n".join([*[""] * (at + 1), *lines[at + 1 :]])

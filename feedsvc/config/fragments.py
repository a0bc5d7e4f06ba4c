"""New pieces of YAML: texts, lists and blocks of keys as they are written into a config."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

# What an editor's window shows in one line; longer lists go on in the next.
LINE_WIDTH = 100

# What stands in no text on one line, or in none at all, as it is.
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
_SPECIAL = re.compile(_CONTROL)
_ESCAPED = re.compile(rf'{_CONTROL}|["\\]')

# A text, texts, or keys with such values.
Value = str | Sequence[str] | Mapping[str, Any]


def write_scalar(value: str) -> str:
    """Return a text as YAML reads it, in one line, in a list or a map as well."""
    if value and not _SPECIAL.search(value):
        yaml, out = YAML(), StringIO()
        yaml.width = 1 << 30
        yaml.default_flow_style = True
        yaml.dump([value], out)
        written = out.getvalue().strip()[1:-1]
        if "\n" not in written and _is_read_as(value, written):
            return written
    return f'"{_ESCAPED.sub(_escape, value)}"'


def _is_read_as(value: str, written: str) -> bool:
    """Whether a text is read back as it was: ruamel writes `?x` between brackets without quotes."""
    try:
        read = YAML(typ="safe", pure=True).load(f"[{written}, {{a: {written}}}]")
    except (YAMLError, ValueError):
        return False
    return bool(read == [value, {"a": value}])


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    return f"\\{letter}" if letter in '"\\' else f"\\u{ord(letter):04x}"


def write_flow(value: Value) -> str:
    if isinstance(value, str):
        return write_scalar(value)
    if isinstance(value, Mapping):
        pairs = (f"{write_scalar(key)}: {write_flow(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    return "[" + ", ".join(map(write_scalar, value)) + "]"


def write_block(value: Mapping[str, Any], indent: int, step: int) -> list[str]:
    return list(_write_lines(value, indent, step))


def _write_lines(value: Mapping[str, Any], indent: int, step: int) -> Iterator[str]:
    for key, one in value.items():
        head = f"{' ' * indent}{write_scalar(key)}:"
        if isinstance(one, Mapping) and one:
            yield head
            yield from _write_lines(one, indent + step, step)
        elif isinstance(one, str | Mapping):
            yield f"{head} {write_flow(one)}"
        else:
            yield from _wrap_list(head, [write_scalar(each) for each in one], indent + step)


def _wrap_list(head: str, items: Sequence[str], indent: int) -> Iterator[str]:
    """Yield a list in lines of a width that can be read."""
    line = f"{head} ["
    for at, item in enumerate(items):
        item += "," if at + 1 < len(items) else "]"
        if len(line) + len(item) + 1 > LINE_WIDTH and not line.endswith("["):
            yield line
            line = f"{' ' * indent}{item}"
        else:
            line += item if line.endswith("[") else f" {item}"
    yield line if items else f"{line}]"

"""An event as one line: for people, or as JSON for programs.

Whatever stands in a value (a title with line ends, a file's name with the codes that move a
terminal's cursor), an event stays on its line, and no code reaches the terminal.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# Characters of a value that are told, and values of a list: titles and messages come from outside,
# and collectors of logs cut or refuse lines of more than some kilobytes.
TEXT_MOST = 1_000
_ITEMS_MOST = 30

# Characters of an exception that are told, the last ones: those name the place and the reason.
_EXCEPTION_MOST = 8_000

# Characters of a key; ours are all shorter.
_KEY_MOST = 64

# What breaks a line, moves a cursor, turns the direction of writing, or is half a character.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# A value that needs no quotes to be told from what stands around it.
_PLAIN = re.compile(r"[^\s\"'=,\[\]{}\\]+")

# Whole numbers of more bits are none to most readers of JSON.
_BITS_MOST = 63

_COLOURS = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_BOLD, _FAINT, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def escape(text: str, most: int = TEXT_MOST) -> str:
    """Return ``text`` on one line and safe for a terminal, of ``most`` characters before that."""
    text = _cut(text, most)
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape_one, text)


def tell_time(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC, with milliseconds."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def render_json(head: Mapping[str, Any], keys: Mapping[str, Any], exception: str = "") -> str:
    """Return an event as one JSON object on one line, in ASCII: it passes through everything.

    What stands in ``head`` wins over a key of the same name.
    """
    line = {key: _shape(value) for key, value in head.items()}
    line |= {name: _shape(value) for key, value in keys.items() if (name := _name(key)) not in line}
    if exception:
        line["exception"] = _mend(exception[-_EXCEPTION_MOST:])
    return json.dumps(line).replace("\x7f", "\\u007f")


def render_line(
    start: str,
    level: str,
    event: str,
    keys: Mapping[str, Any],
    exception: str = "",
    coloured: bool = False,
) -> str:
    """Return an event as one line for people; an exception stands below it.

    That is indented, so that nothing in it looks like an event. ``level`` is told if it is not
    ``info``.
    """

    def paint(text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if coloured and colour else text

    parts = [start] if start else []
    if level != "info":
        parts.append(paint(level, _COLOURS.get(level, "")))
    parts.append(paint(escape(event), _BOLD if keys else ""))
    parts += [paint(f"{_name(key)}=", _FAINT) + _write(_shape(keys[key])) for key in keys]
    below = exception[-_EXCEPTION_MOST:].split("\n")
    return "\n".join([" ".join(parts), *(f"  {escape(one)}" for one in below if one.strip())])


def _shape(value: Any) -> Any:
    """Return a value as JSON can have it, and no larger than anybody reads."""
    if isinstance(value, str):
        return _mend(_cut(value, TEXT_MOST))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= _BITS_MOST else _cut(hex(value), TEXT_MOST)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return tell_time(value)
    if isinstance(value, list | tuple):
        more = len(value) - _ITEMS_MOST
        return [_tell(one) for one in value[:_ITEMS_MOST]] + [f"and {more} more"] * (more > 0)
    return _tell(value)


def _tell(value: Any) -> str:
    try:
        return _mend(_cut(str(value), TEXT_MOST))
    except Exception:  # what cannot be told must not cost its event
        return f"<{type(value).__name__}>"


def _name(key: Any) -> str:
    return escape(str(key), _KEY_MOST)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _mend(text: str) -> str:
    """Write halves of characters by their numbers: no strict reader of JSON takes them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _write(value: Any) -> str:
    """Return a value as people read it, in quotes where they would not see its ends."""
    if isinstance(value, list):
        return ",".join(map(_write, value)) or "-"
    if value is None:
        return "-"
    text = str(value)
    shown = escape(text)
    if shown == text and _PLAIN.fullmatch(text):
        return shown
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escape(quoted, 2 * TEXT_MOST)}"'


def _escape_one(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _NAMED.get(match[0]) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")

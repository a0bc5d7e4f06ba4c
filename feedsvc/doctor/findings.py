"""What a check says: fine, or a finding with what to do about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

OK, WARNING, FAULT = "ok", "warning", "fault"

# Of many names the first say enough; the command that is named lists all.
_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: a ``state``, what there is, and what mends it."""

    check: str
    state: str
    what: str
    fix: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to do something."""
        return self.state != OK


def name_some(names: Collection[str]) -> str:
    """Return the first of many names, and how many there are beside."""
    first = ", ".join(sorted(names)[:_NAMES_SHOWN])
    rest = len(names) - _NAMES_SHOWN
    return f"{first} and {rest} more" if rest > 0 else first


def write_size(size: float) -> str:
    """Write a number of bytes for a person."""
    for unit in ("bytes", "kB", "MB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit != "MB" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB" if size < 1000 else f"{size / 1000:.1f} TB"

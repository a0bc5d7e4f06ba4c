"""Numbers and moments as a person reads them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_STEPS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def write_moment(moment: datetime | None, timezone: str) -> str:
    """Return a moment in the site's own time zone; a dash for none."""
    if moment is None:
        return "–"
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def write_ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment is, or in how long it comes."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"{span(seconds)} ago" if seconds > 0 else f"in {span(-seconds)}"


def span(seconds: float | None) -> str:
    """Return a length of time in its largest unit."""
    if seconds is None:
        return "–"
    for length, unit in _STEPS:
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a second"


def size(count: float) -> str:
    """Return a number of bytes."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1000
    raise AssertionError  # the loop has an end


def share(part: float | None) -> str:
    """Return a share of the whole; a dash where there is no whole."""
    return "–" if part is None else f"{100 * part:.0f} %"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

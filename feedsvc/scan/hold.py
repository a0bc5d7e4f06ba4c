"""Holding new articles back before anything of them is public, decided purely."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.store import State, StoredEntry


def date_arrival(modified_ns: int, now: datetime, is_first_scan: bool) -> datetime:
    """Return when a file came that was never seen before ``now``.

    Where the store is new, the folder may be old: then its file's time says best how long an
    article has lain here. Later a file that comes with an old time (a copy, an archive that was
    unpacked) has come now all the same.
    """
    if not is_first_scan:
        return now
    try:
        return min(now, datetime.fromtimestamp(max(modified_ns, 0) / 1e9, UTC))
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return now


def hold_entry(entry: StoredEntry, hold: timedelta, now: datetime) -> StoredEntry:
    """Return the entry held back until it has been here for ``hold``, or released if it has.

    What the public has seen is never held back, and its dates stay what they are (R44).
    """
    if entry.state not in (State.LIVE, State.HELD):
        return entry if entry.held_until is None else replace(entry, held_until=None)
    until = entry.arrived + hold if entry.arrived and not entry.shown else now
    if until <= now:
        if entry.state is State.LIVE and entry.held_until is None:
            return entry
        return replace(entry, state=State.LIVE, held_until=None)
    return replace(entry, state=State.HELD, held_until=until)

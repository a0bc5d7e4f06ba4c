"""What comes due by itself: a hold or an embargo that ends, an entry that expires."""

from __future__ import annotations

from datetime import datetime

from feedsvc.scan.hold import hold_entry
from feedsvc.scan.ledger import Clerk
from feedsvc.scan.run import Scanner
from feedsvc.scan.telling import Telling
from feedsvc.store import DECIDED, State, Store, StoredEntry

# Until when feeds have been marked, in the store: nothing is missed while nothing runs.
_RELEASED = "released_until"


def mark_due(store: Store, scanner: Scanner, now: datetime) -> None:
    """Mark the feeds in which a hold or an embargo ended, or an entry expired, since last time.

    Raises StoreError.
    """
    before = store.fact(_RELEASED)
    since = min(datetime.fromisoformat(before), now) if before else now
    due = store.next_due(since)
    if before and (due is None or due > now):
        return
    release_held(store, scanner, now)
    with store.writing() as writer:
        writer.mark_dirty(writer.sections_due(since, now))
        writer.put_fact(_RELEASED, now.isoformat())


def release_held(store: Store, scanner: Scanner, now: datetime) -> None:
    """Let the hold of the config count for what is held back already; release what is due by it.

    Raises StoreError.
    """
    if not store.next_held():
        return
    clerk = scanner.clerk
    if clerk.merge:
        # One that is due may tell a story that is public already.
        held = store.held()
        due = [one for one in held if hold_entry(one, clerk.hold, now).state is not State.HELD]
        scanner.look([one.path for one in due])
    telling = Telling()
    telling.tell_each("released", _hold_anew(store, clerk, now), now)
    telling.finish()


def _hold_anew(store: Store, clerk: Clerk, now: datetime) -> list[StoredEntry]:
    """Hold back by the hold of today; return the entries that this releases."""
    with store.writing() as writer:
        held = writer.held()
        entries = [hold_entry(one, clerk.hold, now) for one in held]
        changed = [new for old, new in zip(held, entries, strict=True) if old != new]
        writer.put_entries(changed, clerk.sections, loud=clerk.guard.loud)
        released = [one for one in changed if one.state is not State.HELD]
        writer.hub.tally({f"{DECIDED}released": len(released)} if released else {})
    return released

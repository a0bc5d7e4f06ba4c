"""Slowing down who guesses passwords: decided purely, kept in the store for all workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import orjson

# A person mistypes a password a few times; from then on each try waits twice as long.
FREE_TRIES = 3
_LONGEST = timedelta(minutes=5)

# After so long without a try everything is forgotten.
_FORGOTTEN = timedelta(minutes=30)

# Clients that are remembered; of more, those that tried last.
_CLIENTS_MOST = 1_000

Tries = Mapping[str, tuple[int, datetime]]


def read_tries(known: str) -> Tries:
    """Return who failed how often and when last, as the store keeps it."""
    rows = orjson.loads(known) if known else {}
    return {
        client: (int(count), datetime.fromisoformat(last)) for client, (count, last) in rows.items()
    }


def write_tries(tries: Tries) -> str:
    """Return what the store keeps of ``tries``."""
    rows = {client: (count, last.isoformat()) for client, (count, last) in tries.items()}
    return orjson.dumps(rows).decode()


def find_wait(tries: Tries, client: str, now: datetime) -> int:
    """Return in how many seconds ``client`` may try again; 0 if it may now."""
    count, last = tries.get(client, (0, now))
    if count < FREE_TRIES or now - last > _FORGOTTEN:
        return 0
    wait = min(timedelta(seconds=2 ** min(count - FREE_TRIES, 20)), _LONGEST)
    # A clock that was set back must lock nobody out for longer than that.
    left = min(last + wait - now, wait)
    return max(0, -(-left // timedelta(seconds=1)))


def note_try(tries: Tries, client: str, now: datetime) -> Tries:
    """Return ``tries`` with one more of ``client``; it counts as a failure until it is none."""
    count, last = tries.get(client, (0, now))
    count = 0 if now - last > _FORGOTTEN else count
    kept = {one: known for one, known in tries.items() if now - known[1] <= _FORGOTTEN}
    kept.pop(client, None)
    newest = sorted(kept.items(), key=lambda each: each[1][1])[-(_CLIENTS_MOST - 1) :]
    return {**dict(newest), client: (count + 1, now)}


def clear_tries(tries: Tries, client: str) -> Tries:
    """Return ``tries`` without those of ``client``, which has signed in."""
    return {one: known for one, known in tries.items() if one != client}

"""Writing down what was tallied, in the transactions of who calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from feedsvc.readership.intervals import SAME_VISIT, Turnover, step_of
from feedsvc.readership.salts import CLIENTS_MOST, hash_client, is_sampled, make_salt
from feedsvc.readership.tallying import Client, Tally, choose_counts, place
from feedsvc.store import DaySalt, Interval, Pair, PollCount, ReadershipTables


def record_polls(tables: ReadershipTables, tally: Tally) -> Tally:
    """Write down a tally but for its clients; return it as it has a place in the tables."""
    placed = place(tally, tables.pairs(tally.day))
    tables.add_polls(tally.day, placed.polls)
    tables.add_hours(tally.at, placed.statuses)
    if placed.counts:
        put, gone = choose_counts(tables.counts(tally.day), placed.counts)
        tables.put_counts(tally.day, put, gone)
    return placed


def record_clients(
    tables: ReadershipTables,
    clients: Mapping[Client, bool],
    turnovers: Mapping[str, Turnover],
    at: datetime,
) -> None:
    """Write down who was here: who is new today, how long the others waited, what they missed.

    ``clients`` says of each whether the feed itself was sent; ``turnovers`` have what feeds go
    through. Nothing is written of a day that is closed.
    """
    day = at.date()
    closed = tables.last_closed()
    if closed and day <= closed:
        return
    salt = tables.salt(day) or DaySalt(make_salt())
    hashes = {hash_client(client, salt.salt): client for client in clients}
    hashes = {one: client for one, client in hashes.items() if is_sampled(one, salt.level)}
    seen = tables.seen(day, hashes)
    here = {one for one in hashes if one not in seen or at - seen[one] >= SAME_VISIT}
    weight = 1 << salt.level
    counts: defaultdict[Pair, PollCount] = defaultdict(PollCount)
    intervals: dict[Interval, tuple[int, int]] = {}
    for one in here:
        client = hashes[one]
        if one not in seen:
            if client.direct:
                counts[client.pair] += PollCount(clients=weight)
            continue
        waited = at - seen[one]
        key = Interval(client.reader, step_of(waited))
        count, seconds = intervals.get(key, (0, 0))
        waits = weight * int(waited.total_seconds())
        intervals[key] = (count + weight, seconds + waits)
        if clients[client] and (turnover := turnovers.get(client.feed)):
            missed = weight * turnover.count_missed(seen[one], at)
            counts[client.pair] += PollCount(missed=missed)
    tables.put_clients(day, here, at)
    tables.add_polls(day, counts)
    tables.add_intervals(day, intervals)
    _keep_bounds(tables, salt, len(here - seen.keys()), at)


def _keep_bounds(tables: ReadershipTables, salt: DaySalt, new: int, at: datetime) -> None:
    """Note how many clients are kept; of too many, keep every second one from now on."""
    level, kept = salt.level, salt.kept + new
    while kept > CLIENTS_MOST:
        level += 1
        kept = tables.thin_clients(at.date(), level)
    if new or not salt.kept:
        tables.put_salt(at.date(), DaySalt(salt.salt, level, kept))

"""Writing down what was tallied, in the transactions of who calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from feedsvc.readership.intervals import SAME_VISIT, Turnover, step_of
from feedsvc.readership.salts import CLIENTS_MOST, hash_client, is_sampled, make_salt
from feedsvc.readership.tallying import Client, Tally, choose_counts, place
from feedsvc.store import DaySalt, Interval, Pair, PollCount, ReadershipTables


def record(tables: ReadershipTables, tally: Tally, turnovers: Mapping[str, Turnover]) -> None:
    """Write down a tally; ``turnovers`` have what feeds go through, for missed entries."""
    placed = place(tally, tables.pairs(tally.day))
    tables.add_polls(tally.day, placed.polls)
    tables.add_hours(tally.at, placed.statuses)
    if placed.counts:
        put, gone = choose_counts(tables.counts(tally.day), placed.counts)
        tables.put_counts(tally.day, put, gone)
    if placed.clients:
        _record_clients(tables, placed.clients, turnovers, tally.at)


def _record_clients(
    tables: ReadershipTables,
    clients: Mapping[Client, bool],
    turnovers: Mapping[str, Turnover],
    at: datetime,
) -> None:
    """Write down who was here: who is new today, how long the others waited, what they missed.

    Nothing is written of a day that is closed: its hashes can be made no more.
    """
    day = at.date()
    closed = tables.last_closed()
    if closed and day <= closed:
        return
    salt = tables.salt(day) or DaySalt(make_salt())
    hashes = {hash_client(client, salt.salt): client for client in clients}
    hashes = {one: client for one, client in hashes.items() if is_sampled(one, salt.level)}
    seen, now = tables.seen(day, hashes), int(at.timestamp())
    here = {one for one in hashes if one not in seen or now - seen[one] >= SAME_VISIT}
    weight = 1 << salt.level
    new: Counter[Pair] = Counter()
    missed: Counter[Pair] = Counter()
    intervals: dict[Interval, tuple[int, int]] = {}
    for one in here:
        client = hashes[one]
        if one not in seen:
            if client.direct:
                new[client.pair] += weight
            continue
        waited = now - seen[one]
        key = Interval(client.reader, step_of(waited))
        count, seconds = intervals.get(key, (0, 0))
        intervals[key] = (count + weight, seconds + weight * waited)
        if clients[client] and (turnover := turnovers.get(client.feed)):
            went_by = turnover.count_missed(datetime.fromtimestamp(seen[one], UTC), at)
            missed[client.pair] += weight * went_by
    tables.put_clients(day, here, now)
    changed = {pair: PollCount(clients=new[pair], missed=missed[pair]) for pair in new | missed}
    tables.add_polls(day, changed)
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

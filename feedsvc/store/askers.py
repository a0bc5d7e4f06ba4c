"""How much each host of callbacks has asked the hub for of late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from feedsvc.store import schema
from feedsvc.store.engine import upsert


def admit(
    connection: Connection,
    host: str,
    now: datetime,
    a_minute: int,
    failures_most: int,
    under_way: int,
) -> int:
    """Count a request of a host; return after how many seconds it may ask again, 0 if it is served.

    It is not if ``a_minute`` came in this minute, or ``failures_most`` of its verifications failed
    in this hour or may yet, being ``under_way``. A clock that was set back begins a new minute.
    """
    row = _read(connection, host)
    minute, hour = now.replace(second=0, microsecond=0), _hour_of(now)
    requests = row.requests if row and row.minute == minute else 0
    failures = row.failures if row and row.hour == hour else 0
    if requests >= a_minute:
        return 60 - now.second
    if failures >= failures_most:
        return 3600 - 60 * now.minute - now.second
    if failures + under_way >= failures_most:
        return 60  # by then they have been asked
    _put(connection, host, minute, requests + 1, hour, failures)
    return 0


def note_failure(connection: Connection, host: str, now: datetime) -> None:
    """Count a verification that failed against its host."""
    row, hour = _read(connection, host), _hour_of(now)
    failures = row.failures if row and row.hour == hour else 0
    minute, requests = (row.minute, row.requests) if row else (hour, 0)
    _put(connection, host, minute, requests, hour, failures + 1)


def forget_askers(connection: Connection, now: datetime) -> None:
    """Forget the hosts that asked for nothing in this hour and the last."""
    table = schema.askers
    before = _hour_of(now) - timedelta(hours=1)
    connection.execute(delete(table).where(table.c.hour < before))


def _hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _read(connection: Connection, host: str) -> Row[Any] | None:
    table = schema.askers
    return connection.execute(select(table).where(table.c.host == host)).first()


def _put(
    connection: Connection,
    host: str,
    minute: datetime,
    requests: int,
    hour: datetime,
    failures: int,
) -> None:
    row = {"host": host, "minute": minute, "requests": requests, "hour": hour, "failures": failures}
    upsert(connection, schema.askers, [row])

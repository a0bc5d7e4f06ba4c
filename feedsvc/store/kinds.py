"""What the hub's tables keep of hubs elsewhere and of rssCloud's handlers, beside subscribers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from feedsvc.store import schema
from feedsvc.store.engine import is_one_of
from feedsvc.store.hubrows import CLOUD_MODES, EXTERNAL, RSSCLOUD


def put_external(
    connection: Connection, topics: Mapping[str, str], hubs: Mapping[str, str], now: datetime
) -> None:
    """Let each of the ``hubs`` (URL -> host) hear of ``topics`` (path -> URL)."""
    table = schema.subscriptions
    for hub, host in hubs.items():
        listed = is_one_of(connection, table.c.path, topics)
        query = select(table.c.path, table.c.topic).where(
            table.c.callback == hub, table.c.kind == EXTERNAL, listed
        )
        known = {row.path: row.topic for row in connection.execute(query)}
        for path in topics.keys() & known.keys():
            if known[path] != topics[path]:  # the site has moved to another address
                same = (table.c.path == path, table.c.callback == hub, table.c.kind == EXTERNAL)
                connection.execute(update(table).where(*same).values(topic=topics[path]))
        rows = [
            {"path": path, "callback": hub, "kind": EXTERNAL, "host": host, "since": now}
            | {"topic": topic}
            for path, topic in topics.items()
            if path not in known
        ]
        if rows:
            connection.execute(insert(table), rows)


def list_external_but(connection: Connection, hubs: Collection[str]) -> list[int]:
    """Return the numbers of what is kept of hubs elsewhere that are none of ``hubs``."""
    table = schema.subscriptions.c
    query = select(table.number, table.callback).where(table.kind == EXTERNAL)
    return [row.number for row in connection.execute(query) if row.callback not in hubs]


def drop_owed_but(connection: Connection, kinds: Collection[str]) -> None:
    """Drop what is owed to subscriptions of other kinds; they stay until their lease ends."""
    table, owed = schema.subscriptions, schema.deliveries
    others = select(table.c.number).where(table.c.kind.not_in(sorted(kinds)))
    connection.execute(delete(owed).where(owed.c.subscription.in_(others)))


def list_tested(connection: Connection, host: str, callback: str) -> set[str]:
    """Return the paths for which a handler waits to be tested."""
    table = schema.checks.c
    query = select(table.path).where(
        table.host == host, table.callback == callback, table.mode.in_(CLOUD_MODES)
    )
    return set(connection.execute(query).scalars())


def list_handled(connection: Connection, host: str, callback: str) -> dict[str, datetime]:
    """Return the paths that a handler hears of, each with the moment since when."""
    table = schema.subscriptions.c
    query = select(table.path, table.since).where(
        table.host == host, table.callback == callback, table.kind == RSSCLOUD
    )
    return {row.path: row.since for row in connection.execute(query)}


def drop_tests(connection: Connection, host: str, callback: str) -> None:
    """Drop the tests of a handler that nobody waits for any more."""
    table = schema.checks
    same = (table.c.host == host, table.c.callback == callback, table.c.mode.in_(CLOUD_MODES))
    connection.execute(delete(table).where(*same))

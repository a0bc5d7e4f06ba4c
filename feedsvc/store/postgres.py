"""PostgreSQL: how a database that several machines share is opened, locked and watched.

One writer at a time, as with a file: whoever writes takes a lock of the site's own first, which
ends with his transaction or with his connection. So everything that reads and then writes is right
on both engines, and nobody meets a deadlock. Readers wait for nobody, and see one moment.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from feedsvc.errors import StoreError
from feedsvc.store.bounds import Bounds
from feedsvc.store.trouble import as_store_errors

DRIVER = "postgresql+psycopg"

# A machine that was cut off holds nothing for longer than this: the server and we give up a
# connection on which nothing comes back (seconds, seconds, times; milliseconds).
_KEEPALIVE = {"idle": 2, "interval": 1, "count": 3}
_UNANSWERED = 5_000

# A writer that was stopped in the middle, with its machine still answering for it, must not keep
# all others from writing (milliseconds).
_IDLE_WRITER = 10_000

# Nothing we ask takes so long; what does has gone wrong (milliseconds). Who reads may be as long
# about what was found: it is in nobody's way, and a million files take a minute to look through.
_LONGEST = 600_000

# Each thread that reads or writes has a connection; so many stay open, and so many more may be
# needed for a moment.
_KEPT, _MORE = 4, 12

# The first half of the lock's name: other programs in the same database have others.
_LOCK = 0x66656564
_CHANNEL = "feedsvc"

# Is bounded from here on, takes the lock, and tells those who watch that something changed, when it
# is committed. The schema tells two sites in one database apart.
_BEGIN_WRITING = (
    f"SELECT set_config('idle_in_transaction_session_timeout', '{_IDLE_WRITER}', true), "
    f"pg_advisory_xact_lock({_LOCK}, hashtext(current_schema())), "
    f"pg_notify('{_CHANNEL}', current_schema())"
)

# How often to look although nobody was told of a change, in seconds: what is told may be lost with
# a connection, or not come through what stands between.
_LOOK_EVERY = 2.0


def open_postgres(url: URL, patience: float, writes: str, bounds: Bounds) -> Engine:
    """Open a database; a transaction with the execution option ``writes`` waits for other writers.

    ``patience`` is for how long, in seconds; ``bounds`` are for a server that is silent. Raises
    StoreError when the driver is not installed.
    """
    try:
        from psycopg.types.string import StrDumperUnknown  # only who has such a store has it
    except ImportError:
        raise StoreError(
            "store.url: PostgreSQL needs its driver: pip install 'feedsvc[postgres]'"
        ) from None
    if not url.database:
        raise StoreError(f"store.url: names no database: {DRIVER}://user@host/database")
    from feedsvc.store.link import Connector

    connector = Connector(bounds.look, bounds.rest)
    engine = create_engine(
        url,
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        pool_size=_KEPT,
        max_overflow=_MORE,
        pool_timeout=patience,
        connect_args=_list_arguments(url.query, patience, bounds.connect),
    )

    class Words(StrDumperUnknown):
        """Text as PostgreSQL can keep it: without NUL, which a request's path may well have."""

        def dump(self, text: str) -> Any:
            return super().dump(text.replace("\0", "\ufffd"))

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: Any, options: Any) -> Any:
        return connector.connect(*args, **options)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.adapters.register_dumper(str, Words)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get(writes, False)
        link: Any = connection.connection.driver_connection
        link.silence = bounds.writing if is_writing else bounds.reading
        if is_writing:
            connection.exec_driver_sql(_BEGIN_WRITING)

    @event.listens_for(engine, "checkin")
    def _give_back(link: Any, _record: Any) -> None:
        if link is not None:  # else it was given up
            link.silence = bounds.look  # the next to have it looks first whether it lives

    return engine


def _list_arguments(query: Mapping[str, Any], patience: float, connect: int) -> dict[str, Any]:
    """Return what connections are made with; what the URL says itself wins."""
    settings = {
        "lock_timeout": int(patience * 1000),
        "idle_in_transaction_session_timeout": _LONGEST,
        "statement_timeout": _LONGEST,
        "tcp_user_timeout": _UNANSWERED,
        # Compiling a query takes longer than any of ours.
        "jit": "off",
        **{f"tcp_keepalives_{name}": number for name, number in _KEEPALIVE.items()},
    }
    arguments = {
        "application_name": "feedsvc",
        "connect_timeout": connect,
        "tcp_user_timeout": _UNANSWERED,
        **{f"keepalives_{name}": number for name, number in _KEEPALIVE.items()},
    }
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options = f"{ours} {query.get('options', '')}".strip()
    return {name: one for name, one in arguments.items() if name not in query} | {
        "options": options
    }


class ServerWatch:
    """Listens for what the server tells of commits, and looks every two seconds all the same."""

    def __init__(self, engine: Engine) -> None:
        from psycopg import sql

        with as_store_errors(), self._as_store_errors():
            pooled = engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()  # nobody else may have a connection that listens
        self._connection = connection
        with self._as_store_errors():
            connection.rollback()
            connection.autocommit = True
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(_CHANNEL)))
            self._schema = self._ask("SELECT current_schema()")
        self._looked: float | None = None

    def changed(self) -> bool:
        """Whether something may have changed; the first look always says yes.

        Raises StoreError when the server does not answer.
        """
        now = time.monotonic()
        with self._as_store_errors():
            told = list(self._connection.notifies(timeout=0))
            is_due = self._looked is None or now - self._looked >= _LOOK_EVERY
            if is_due:
                # A server that cannot be reached tells nothing either.
                self._ask("SELECT 1")
                self._looked = now
        return is_due or any(one.payload == self._schema for one in told)

    def _ask(self, query: str) -> Any:
        (value,) = self._connection.execute(query).fetchone()
        return value

    @contextlib.contextmanager
    def _as_store_errors(self) -> Iterator[None]:
        import psycopg

        # The raw connection is the driver's own: SQLAlchemy does not wrap what it raises.
        try:
            yield
        except psycopg.Error as error:
            with contextlib.suppress(Exception):
                self._connection.close()
            reason = str(error).split("\n")[0]
            raise StoreError(f"the store does not answer: {reason}") from error

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

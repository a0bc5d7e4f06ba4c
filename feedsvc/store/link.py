"""A connection to PostgreSQL that is given up when the server keeps silent for too long.

Imported by who has such a store alone: the driver is an extra.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from typing import Any

import psycopg

# What the driver tells a generator that waits for the socket when nothing has come.
_NOTHING = 0


class Link(psycopg.Connection[Any]):
    """A connection on which nothing is waited for longer than ``silence`` seconds; None: for ever.

    What has been silent for longer is closed, since nobody knows what will come of it.
    """

    silence: float | None = None

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Wait for what the driver asked for, as it does, but not for ever."""
        if self.silence is None:
            return super().wait(gen, *args, **options)
        try:
            return super().wait(_bound(gen, self.silence), *args, **options)
        except _SilentError:
            self.close()
            raise


class _SilentError(psycopg.OperationalError):
    """Nothing came back in time."""


def _bound(gen: Any, silence: float) -> Generator[Any, Any, Any]:
    """Run the driver's generator; raise _SilentError once nothing has come for so many seconds."""
    end = time.monotonic() + silence
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            now = time.monotonic()
            if ready != _NOTHING:
                end = now + silence
            elif now >= end:
                raise _SilentError(f"the server has been silent for {silence:g} s")
            wanted = gen.send(ready)
    except StopIteration as done:
        return done.value


class Connector:
    """Makes connections; after one that could not be made in time nobody tries for a while.

    That is for ``rest`` seconds. Then one tries, and all others are refused until it knows.
    """

    def __init__(self, silence: float, rest: float) -> None:
        self._silence = silence
        self._rest = rest
        self._lock = threading.Lock()
        self._reason = ""
        self._until = 0.0

    def connect(self, *args: Any, **options: Any) -> Link:
        """Return a new connection. Raises psycopg.OperationalError, at once while all rest."""
        self._require_turn()
        try:
            link = Link.connect(*args, **options)
        except psycopg.errors.ConnectionTimeout as error:
            self._note(str(error))
            raise
        except BaseException:
            self._note("")  # it answers, be it that nobody is there
            raise
        self._note("")
        link.silence = self._silence
        return link

    def _require_turn(self) -> None:
        with self._lock:
            now = time.monotonic()
            if self._reason and now < self._until:
                raise psycopg.OperationalError(self._reason)
            self._until = float("inf")  # matters only while there is a reason

    def _note(self, reason: str) -> None:
        with self._lock:
            self._reason = reason if self._rest else ""
            self._until = time.monotonic() + self._rest

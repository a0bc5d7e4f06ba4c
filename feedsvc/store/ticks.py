"""Whose turn it is: ticks that one process takes by compare-and-set, by the database's clock.

A tick is held until it is due; who holds it says again and again that it is still there. Each new
holder has a higher term, and what writes in the name of an older one is stopped by its fence.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, type_coerce, update

from feedsvc.errors import NotAtWorkError
from feedsvc.store import schema
from feedsvc.store.engine import add_missing, db_now, upsert
from feedsvc.store.schema import Moment

_MICROSECOND = timedelta(microseconds=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# The tick that all work on a site hangs on. A tick for each job would let two engines share the
# work, but each knows the folder and the feeds by heart: whoever has them does all of it.
ENGINE_TICK = "engine"

# No tick is held for longer than this; what is due later was written before the database's clock
# was set back.
_FARTHEST = timedelta(minutes=5)

# A claim is renewed when so much of it is used up.
_OLD = 0.25

# An engine that was not heard of for so long is not there any more, and is forgotten after a while.
ENGINE_SILENT = timedelta(seconds=15)
_FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """That a process holds a tick: its name, who holds it, and the how manieth holder that is."""

    name: str
    holder: str
    term: int

    @property
    def who(self) -> str:
        """Host and process of the holder, for people."""
        return self.holder.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick as it stands: ``left`` is for how long it is held still, zero when it is free.

    ``since`` is when its holder took it; ``now`` the database's time.
    """

    claim: Claim
    since: datetime
    left: timedelta
    now: datetime


@dataclass(frozen=True, slots=True)
class Crew:
    """Which engine is at work, as host and process, and since when; and how many stand by.

    Where none is, ``active`` is empty.
    """

    active: str = ""
    since: datetime | None = None
    standby: int = 0


def read_crew(connection: Connection) -> Crew:
    """Return which engines there are."""
    ticks = TickTables(connection)
    tick, engines = ticks.read(ENGINE_TICK), ticks.engines()
    if tick is None or not tick.left:
        return Crew(standby=len(engines))
    who = tick.claim.who
    return Crew(who, tick.since, sum(one != who for one in engines))


class TickTables:
    """The verbs of ticks within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._now = db_now(connection)

    def read(self, name: str) -> Tick | None:
        """Return how a tick stands; None if nobody ever took it."""
        table = schema.ticks
        now = type_coerce(self._now, Moment).label("now")
        row = self._connection.execute(select(table, now).where(table.c.name == name)).first()
        if row is None:
            return None
        held = bool(row.holder) and row.now < row.due <= row.now + _FARTHEST
        left = row.due - row.now if held else timedelta(0)
        return Tick(Claim(name, row.holder, row.term), row.since, left, row.now)

    def take(self, name: str, holder: str, length: timedelta) -> Claim | None:
        """Take a tick for ``length`` if it is free; None if another holds it.

        The condition and the change are one statement: of many that try, one has it.
        """
        table = schema.ticks
        free = or_(table.c.due <= self._now, table.c.due > self._ahead(_FARTHEST))
        return self._take(name, holder, length, free)

    def take_from(self, dead: Claim, holder: str, length: timedelta) -> Claim | None:
        """Take a tick from a holder that is known to have ended, unless somebody else has."""
        same = schema.ticks.c.term == dead.term
        return self._take(dead.name, holder, length, same)

    def _take(
        self, name: str, holder: str, length: timedelta, may: ColumnElement[bool]
    ) -> Claim | None:
        table = schema.ticks
        never = {"name": name, "holder": "", "term": 0, "due": _NEVER, "since": _NEVER}
        add_missing(self._connection, table, never)
        values = {"holder": holder, "term": table.c.term + 1, "since": self._now}
        taken = (
            update(table)
            .where(table.c.name == name, may)
            .values(**values, due=self._ahead(length))
            .returning(table.c.term)
        )
        term = self._connection.execute(taken).scalar()
        return None if term is None else Claim(name, holder, int(term))

    def renew(self, claim: Claim, length: timedelta) -> bool:
        """Hold a tick for ``length`` from now; False if somebody else has taken it.

        Nobody can take it before this transaction ends.
        """
        return self._update(claim, due=self._ahead(length))

    def give_back(self, claim: Claim) -> bool:
        """Let the next one have a tick at once; False if it was somebody else's anyway."""
        return self._update(claim, due=_NEVER, holder="")

    def _update(self, claim: Claim, **values: Any) -> bool:
        table = schema.ticks
        mine = (table.c.name == claim.name, table.c.term == claim.term)
        held = table.c.holder == claim.holder
        changed = self._connection.execute(update(table).where(*mine, held).values(**values))
        return bool(changed.rowcount)

    def note_engine(self, name: str) -> None:
        """Note that an engine is there, at work or standing by."""
        table = schema.engines
        upsert(self._connection, table, [{"name": name, "seen": self._read_now()}])
        old = table.c.seen < self._ahead(-_FORGOTTEN)
        self._connection.execute(delete(table).where(old))

    def forget_engine(self, name: str) -> None:
        """Forget an engine that ends."""
        self._connection.execute(delete(schema.engines).where(schema.engines.c.name == name))

    def engines(self) -> list[str]:
        """Return the engines that are there, by name."""
        table = schema.engines.c
        query = select(table.name).where(table.seen > self._ahead(-ENGINE_SILENT))
        return list(self._connection.execute(query.order_by(table.name)).scalars())

    def _ahead(self, length: timedelta) -> ColumnElement[Any]:
        return self._now + length // _MICROSECOND

    def _read_now(self) -> datetime:
        moment: datetime = self._connection.execute(
            select(type_coerce(self._now, Moment))
        ).scalar_one()
        return moment


class Fence:
    """Lets a store write only while this process holds its tick, for ``length`` from each write.

    ``claim`` is what it holds; None while another does. ``acting`` is the claim under which it
    read what it knows: what it knew under an older one is no ground to write on. A process that was
    stopped and wakes after its tick was taken finds out with its next write, which does not happen.
    """

    def __init__(self, length: timedelta) -> None:
        self.length = length
        self.claim: Claim | None = None
        self.acting: Claim | None = None
        self._renewed = 0.0
        self._inside = 0

    @contextlib.contextmanager
    def guard(self, connection: Connection) -> Iterator[None]:
        """Run a transaction in the name of the claim. Raises NotAtWorkError if it is over.

        The tick's row stays locked until the transaction ends: nobody takes it meanwhile.
        """
        claim = self.acting
        if claim is None or claim != self.claim:
            raise NotAtWorkError("another engine is at work on this store: nothing was written")
        self._hold(connection, claim)
        self._inside += 1
        try:
            yield
            if self.is_old:
                self._hold(connection, claim)  # the transaction has used up what it held
        finally:
            self._inside -= 1

    @property
    def is_old(self) -> bool:
        """Whether it is time to renew the claim."""
        return time.monotonic() - self._renewed > self.length.total_seconds() * _OLD

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is under way, which renews the claim itself when it ends."""
        return self._inside > 0

    def note(self, claim: Claim | None) -> None:
        """Note what this process holds from now on."""
        self._renewed = time.monotonic()
        self.claim = claim

    def _hold(self, connection: Connection, claim: Claim) -> None:
        if TickTables(connection).renew(claim, self.length):
            self._renewed = time.monotonic()
            return
        if self.claim == claim:
            self.claim = None
        raise NotAtWorkError("another engine has taken over this store: nothing was written")

"""The engine's courier: asks callbacks, pushes what is owed, and writes down how it went.

It decides nothing by memory: what is due stands in the store, and what it has in hand comes due
again by itself if this process ends before it is settled.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from feedsvc.errors import FeedsvcError, KeyFileError
from feedsvc.hub.keys import Vault
from feedsvc.hub.retries import find_next_check, find_next_try
from feedsvc.hub.tallies import CHECK, class_of, tally_latency
from feedsvc.hub.topics import name_of
from feedsvc.hub.wire import IN_FLIGHT, SIGNATURE_METHOD, TOTAL_TIMEOUT, Outcome, Wire
from feedsvc.logs import Complaints
from feedsvc.model import Representation
from feedsvc.publication import is_cut
from feedsvc.store import (
    DENIED,
    EXTERNAL,
    FRESH,
    RETRY,
    RSSCLOUD,
    UNSUBSCRIBE,
    ChangeWatch,
    Check,
    Delivery,
    HubTables,
    Settled,
    Store,
)

log = logging.getLogger(__name__)

# How often to ask whether the store has changed, in seconds; and to look whatever it says.
_WATCH_EVERY = 0.05
_LOOK_EVERY = 1.0

# A claim outlives the exchange twice over: nobody else may take it while it may still go well.
CLAIM = timedelta(seconds=2.5 * TOTAL_TIMEOUT)

# Retries and checks may take so many of the slots: who failed before waits for who did not.
_RETRY_SLOTS = IN_FLIGHT // 4
_CHECK_SLOTS = IN_FLIGHT // 10

# So many are taken in hand at a time; fewer free slots are not worth a transaction.
_BATCH = 250
_FREE_LEAST = 50

# Leases are looked at so often, in seconds.
_EXPIRE_EVERY = 60.0

# After an error of the store, in seconds; the same one is told again after a minute.
_REST = 1.0
_COMPLAIN_AGAIN = 60.0

# How long what is under way may take when a config is replaced, or all ends; nearly all of it is
# done by then, and a person who ends the service does not notice it.
_GRACE = 1.0

_Any = TypeVar("_Any")
_Shown = dict[str, Representation | None]


@dataclass(frozen=True, slots=True)
class _Load:
    """What was taken in hand at one look, and what was published then where it leads."""

    checks: tuple[Check, ...] = ()
    fresh: tuple[Delivery, ...] = ()
    retries: tuple[Delivery, ...] = ()
    shown: _Shown = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether there may be more."""
        return max(len(self.checks), len(self.fresh), len(self.retries)) >= _FREE_LEAST


class _Slots(NamedTuple):
    """How many more exchanges may begin: in all, of checks, and of what failed before."""

    free: int
    checks: int
    retries: int


@dataclass(frozen=True, slots=True)
class _Done:
    """What is done and not written down yet."""

    settled: list[Settled] = field(default_factory=list)
    tallies: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.settled or self.tallies)

    def add(self, later: _Done) -> _Done:
        return _Done(self.settled + later.settled, self.tallies + later.tallies)


class Courier:
    """Delivers for one site until it is stopped; all of it in a thread of its own.

    ``site`` is what it names itself by; a callback with an address that is not public is refused
    unless ``allow_private`` says otherwise; pushes are signed by the method ``signature``.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        site: str,
        allow_private: bool,
        clock: Callable[[], datetime],
        signature: str = SIGNATURE_METHOD,
    ) -> None:
        self._store = store
        self._vault = vault
        self._wire_for = (site, allow_private, signature)
        self._clock = clock
        self._complaints = Complaints(_COMPLAIN_AGAIN)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        # The store's calls must not stop the loop, and SQLite takes one writer at a time anyway.
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="hub-store")
        self._busy: Counter[str] = Counter()
        self._workers: list[asyncio.Task[None]] = []
        self._idle = 0
        self._pushing: dict[int, asyncio.Task[None]] = {}
        # Subscriptions that are being asked whether they end, and those that have ended.
        self._asking: set[int] = set()
        self._left: set[int] = set()
        self._done_with = _Done()
        self._shown: _Shown = {}
        self._revision = -1

    @property
    def in_flight(self) -> int:
        """How many exchanges are under way."""
        return len(self._workers) - self._idle

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more in hand; what was done is written down, all else comes again."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=2 * _REST)
        self._hand.shutdown(wait=True)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_find_loop()) as runner:
                runner.run(self._work())
        except Exception:
            log.exception("the hub's courier ended; what is owed waits for the next start")

    async def _work(self) -> None:
        self._done = asyncio.Event()
        self._jobs: asyncio.Queue[tuple[str, Check | Delivery, _Shown, float]] = asyncio.Queue()
        watch: ChangeWatch | None = None
        looked = expired = -_EXPIRE_EVERY
        full = False
        async with Wire(*self._wire_for) as wire:
            while not self._stopping.is_set():
                try:
                    if watch is None:
                        watch = await self._call(self._store.watch)
                    changed = await self._call(watch.changed)
                    now = time.monotonic()
                    if now - expired >= _EXPIRE_EVERY:
                        await self._call(self._expire)
                        expired = now
                    if changed or full or self._done_with or now - looked >= _LOOK_EVERY:
                        full = await self._turn(wire)
                        looked = now
                except Exception as error:  # the hub must live on, whatever the driver raises
                    self._complain(error)
                    if watch:
                        with contextlib.suppress(Exception):  # it may be what failed
                            watch.close()
                    watch = None
                    await asyncio.sleep(_REST)
                else:
                    await self._wait(full)
            await self._finish()
            for worker in self._workers:
                worker.cancel()
            with contextlib.suppress(FeedsvcError):
                await self._call(self._settle, self._done_with)

    async def _wait(self, full: bool) -> None:
        """Wait until there is something to write down or, if there may be more, a free slot."""
        if full and IN_FLIGHT - self.in_flight >= _BATCH:
            await asyncio.sleep(0)
            return
        self._done.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), _WATCH_EVERY)
            await asyncio.sleep(_WATCH_EVERY / 5)  # more will be done by then

    async def _finish(self) -> None:
        """Give what is under way a moment: what is broken off is tried again, but later."""
        end = time.monotonic() + _GRACE
        while self.in_flight and time.monotonic() < end:
            self._done.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), _WATCH_EVERY)

    async def _turn(self, wire: Wire) -> bool:
        """Write down what is done, take in hand what is due; return whether there may be more."""
        slots = _Slots(
            IN_FLIGHT - self.in_flight,
            _CHECK_SLOTS - self._busy["check"],
            _RETRY_SLOTS - self._busy["retry"],
        )
        done, self._done_with = self._done_with, _Done()
        # Until then what is claimed now may begin: it is done by the time the claim runs out.
        until = time.monotonic() + CLAIM.total_seconds() - 1.5 * TOTAL_TIMEOUT
        try:
            load = await self._call(self._take, slots, done)
        except Exception:
            self._done_with = done.add(self._done_with)  # it is written down the next time
            raise
        for kind, jobs in (("check", load.checks), ("fresh", load.fresh), ("retry", load.retries)):
            for job in jobs:
                self._hand_out(wire, kind, job, load.shown, until)
        return load.is_full

    def _hand_out(
        self, wire: Wire, kind: str, job: Check | Delivery, shown: _Shown, until: float
    ) -> None:
        """Give a job to a worker that is idle, or to a new one.

        Workers stay: a task for each push would cost a fifth of the throughput.
        """
        self._busy[kind] += 1
        self._jobs.put_nowait((kind, job, shown, until))
        if self._idle:
            self._idle -= 1
        else:
            self._workers.append(asyncio.create_task(self._work_off(wire)))

    async def _work_off(self, wire: Wire) -> None:
        """Do one job after the other."""
        while True:
            kind, job, shown, until = await self._jobs.get()
            try:
                if time.monotonic() > until:
                    pass  # this process was stopped for a while: another engine may have it by now
                elif isinstance(job, Check):
                    await self._check(wire, job)
                else:
                    await self._deliver(wire, job, shown.get(job.to.path))
            except asyncio.CancelledError:
                if self._stopping.is_set():
                    raise
                # Only this push was broken off: nobody wants it any more.
            except Exception as error:  # it comes again after its claim
                self._complain(error)
            finally:
                self._busy[kind] -= 1
                self._idle += 1
                self._done.set()

    def _complain(self, error: Exception) -> None:
        if not self._complaints.is_news(str(error), time.monotonic()):
            return
        if isinstance(error, FeedsvcError):  # the store is away
            log.error("the hub waits: %s", error)
        else:
            log.error("the hub stumbled; it will try again", exc_info=error)

    async def _call(self, act: Callable[..., _Any], *arguments: Any) -> _Any:
        return await asyncio.get_running_loop().run_in_executor(self._hand, act, *arguments)

    # What the hand does, one after the other

    def _take(self, slots: _Slots, done: _Done) -> _Load:
        now = self._clock()
        if not done:
            with self._store.reading_hub() as hub:
                if slots.free < _FREE_LEAST or not hub.is_due(now):
                    return _Load()
        until = now + CLAIM
        with self._store.writing() as writer:
            hub = writer.hub
            _write_down(hub, done, now)
            if slots.free < _FREE_LEAST:
                return _Load()
            checks = hub.claim_checks(now, until, max(0, slots.checks))
            fresh = hub.claim(FRESH, now, until, min(slots.free, _BATCH))
            left = min(slots.free - len(fresh), slots.retries)
            retries = hub.claim(RETRY, now, until, max(0, left))
            revision = writer.revision()
            if revision != self._revision:
                self._shown, self._revision = {}, revision
            for path in {one.to.path for one in (*fresh, *retries)} - self._shown.keys():
                self._shown[path] = hub.representation(path)
        return _Load(tuple(checks), tuple(fresh), tuple(retries), self._shown)

    def _settle(self, done: _Done) -> None:
        if done:
            with self._store.writing() as writer:
                _write_down(writer.hub, done, self._clock())

    def _expire(self) -> None:
        now = self._clock()
        with self._store.writing() as writer:
            writer.hub.expire(now)
            # The feed of a tag is kept ready for as long as anybody subscribes to it.
            names = {name_of(path) for path in writer.hub.paths()}
            writer.touch_cuts({name for name in names if is_cut(name)}, now)

    def _finish_check(self, check: Check, outcome: Outcome, asked: datetime) -> bool:
        """Write down how a check ended; return whether it did what was asked for."""
        now = self._clock()
        with self._store.writing() as writer:
            if not outcome.failed and check.mode != DENIED:
                return writer.hub.confirm(check, asked)
            if check.mode == DENIED or not outcome.may_pass:
                writer.hub.drop_check(check, now, failed=bool(outcome.failed))
            elif due := find_next_check(check.attempt, now, random.random()):  # noqa: S311
                writer.hub.put_off(check, due)
            else:
                writer.hub.drop_check(check, now, failed=True)
        return False

    def _list_numbers(self, check: Check) -> list[int]:
        with self._store.reading_hub() as hub:
            return hub.numbers_of(check.path, check.callback)

    # Exchanges

    async def _check(self, wire: Wire, check: Check) -> None:
        numbers: list[int] = []
        if check.mode == UNSUBSCRIBE:
            numbers = await self._call(self._list_numbers, check)
        # Nothing is pushed after the answer (H22), so nothing begins meanwhile, and what is on its
        # way is broken off: if it is to go on, that comes again when its claim is over.
        self._asking.update(numbers)
        self._break_off(numbers)
        try:
            asked = self._clock()
            outcome = await wire.ask(check)
            kind = "failed" if outcome.failed else "passed"
            self._done_with.tallies[f"{CHECK}{check.mode} {kind}"] += 1
            if await self._call(self._finish_check, check, outcome, asked):
                # What was taken in hand before that, and has not begun yet, sees it then.
                self._left.update(numbers)
        finally:
            self._asking.difference_update(numbers)

    def _break_off(self, numbers: list[int]) -> None:
        for number in numbers:
            if task := self._pushing.pop(number, None):
                task.cancel()

    async def _deliver(self, wire: Wire, one: Delivery, shown: Representation | None) -> None:
        to = one.to
        while to.number in self._asking:
            await asyncio.sleep(_WATCH_EVERY)
        if to.number in self._left:
            return
        now, outcome = self._clock(), Outcome()
        if (worker := asyncio.current_task()) is not None:
            self._pushing[to.number] = worker
        try:
            if (
                shown is None
                or "identity" not in shown.bodies
                or (to.expires and to.expires <= now)
            ):
                pass  # there is nothing to push, or nobody any more (H24)
            elif to.kind == EXTERNAL:
                outcome = await wire.ping(to.callback, to.topic, now)
            elif to.kind == RSSCLOUD:
                outcome = await wire.notify(to.callback, to.topic, now)
            else:
                secret = self._vault.open(to.secret) if to.secret else b""
                outcome = await wire.push(to.callback, shown, secret, now)
        except KeyFileError as error:
            outcome = Outcome(str(error))
        finally:
            self._pushing.pop(to.number, None)
        ended, failed, due = self._clock(), outcome.failed, None
        if failed and not outcome.gone:
            due = find_next_try(one.attempt, ended, random.random(), outcome.again)  # noqa: S311
        heals = not failed and to.failures > 0
        done = self._done_with
        done.settled.append(Settled(to.number, one.revision, failed, due, outcome.gone, heals))
        done.tallies[class_of(failed)] += 1
        if not failed:
            tally_latency(done.tallies, (ended - one.published).total_seconds())


def _write_down(hub: HubTables, done: _Done, now: datetime) -> None:
    if done.settled:
        hub.settle(done.settled, now)
    hub.tally(done.tallies)


def _find_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory

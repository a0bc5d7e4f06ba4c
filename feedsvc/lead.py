"""Which of several engines is at work: the one that holds the store's tick, and nobody else.

It says each second that it is still there; when it has not for an interval, another engine takes
the tick, by compare-and-set and by the database's clock. What an engine writes checks the tick in
the same transaction, so that one that was stopped for a while cannot write after it lost it.
"""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from feedsvc.errors import FeedsvcError
from feedsvc.logs import get_log
from feedsvc.store import ENGINE_TICK, Claim, Fence, Store, Tick

log = get_log(__name__)

# After so long without a word from the engine at work another one takes over: the interval.
LEASE = timedelta(seconds=3)

# How often the engine at work says that it is there, and those that stand by look, in seconds.
# One small write a second is all that the lease costs an idle site.
RENEW_EVERY = 1.0
LOOK_EVERY = 0.5

# How often an engine tells that it is there, at work or not, in seconds.
_NOTE_EVERY = 5.0

# How long an engine leaves the work to others after it could not take over, in seconds.
_REST = 5.0

# Linux tells here which process is which, and which machine and container this is.
_PROC = Path("/proc")


class Lead:
    """Takes the site's tick when it is free, and holds it until it is stopped.

    ``fence`` goes to the store that the engine writes through. ``on_change`` is called in a thread
    of its own when the tick came or went.
    """

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.fence = Fence(LEASE)
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.on_change: Callable[[], None] = _do_nothing
        self._holder = f"{self.name}/{mark_process(os.getpid())}"
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._claim: Claim | None = None
        self._other = ""
        self._trouble = ""
        self._noted = -_NOTE_EVERY
        self._rest_until = 0.0

    def start(self) -> None:
        """Try to take the tick now, and go on trying or holding it. Raises StoreError."""
        self.store.migrate()
        with self.store.reading_ticks() as ticks:
            tick = ticks.read(ENGINE_TICK)
        if tick and tick.left and has_ended(tick.claim.holder):
            # An engine that is started again after a crash need not wait for its own lease.
            with self.store.writing() as writer:
                self._hold(writer.ticks.take_from(tick.claim, self._holder, LEASE))
        self._turn()
        self._thread = threading.Thread(target=self._run, name="lead", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let another engine take over at once."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        try:
            with self.store.writing() as writer:
                writer.ticks.forget_engine(self.name)
                if claim := self.fence.claim:
                    writer.ticks.give_back(claim)
        except FeedsvcError as error:
            log.debug("the tick runs out by itself: %s", error)
        self.fence.claim = None
        self.store.close()

    def give_up(self) -> None:
        """Leave the work to another engine for a while, since it cannot be begun here.

        Raises StoreError.
        """
        self._rest_until = time.monotonic() + _REST
        claim, self.fence.claim = self.fence.claim, None
        if claim:
            with self.store.writing() as writer:
                writer.ticks.give_back(claim)

    def _run(self) -> None:
        while not self._stopping.wait(RENEW_EVERY if self.fence.claim else LOOK_EVERY):
            try:
                self._turn()
                self._trouble = ""
            except FeedsvcError as error:
                if str(error) != self._trouble:
                    log.error("%s", error)
                self._trouble = str(error)
            except Exception:  # the thread must live on, whatever the driver raises
                log.exception("the engine's tick failed; it will be tried again")

    def _turn(self) -> None:
        """Hold the tick, or take it if it is free; tell of what changed."""
        if self.fence.claim:
            self._renew(self.fence.claim)
        elif time.monotonic() >= self._rest_until:
            self._try_to_take()
        if not self.fence.claim and self._is_to_note():
            with self.store.writing() as writer:
                writer.ticks.note_engine(self.name)
        if self.fence.claim != self._claim:
            if self._claim and not self.fence.claim:
                log.warning("lost its turn", engine=self.name, why="another engine has taken over")
                self._other = ""
            self._claim = self.fence.claim
            self.on_change()

    def _renew(self, claim: Claim) -> None:
        if self.fence.is_writing or not self.fence.is_old:
            return  # what is being written, or was just now, has done it
        with self.store.writing() as writer:
            held = writer.ticks.renew(claim, LEASE)
            if held and self._is_to_note():
                writer.ticks.note_engine(self.name)
        self.fence.note(claim if held else None)

    def _try_to_take(self) -> None:
        with self.store.reading_ticks() as ticks:
            tick = ticks.read(ENGINE_TICK)
        if tick and tick.left:
            # Only who looks at a free tick writes: those that stand by leave the store alone.
            self._tell_standing_by(tick)
            return
        with self.store.writing() as writer:
            claim = writer.ticks.take(ENGINE_TICK, self._holder, LEASE)
            if claim and tick and tick.claim.who:
                # It is not known to stand by, unless it says so itself.
                writer.ticks.forget_engine(tick.claim.who)
                log.warning("takes over", engine=self.name, from_engine=tick.claim.who)
        self._hold(claim)

    def _hold(self, claim: Claim | None) -> None:
        if claim:
            self.fence.note(claim)

    def _is_to_note(self) -> bool:
        """Whether it is time to tell that this engine is there; notes that it was told."""
        now = time.monotonic()
        if now - self._noted < _NOTE_EVERY:
            return False
        self._noted = now
        return True

    def _tell_standing_by(self, tick: Tick) -> None:
        if tick.claim.who != self._other:
            self._other = tick.claim.who
            log.info("stands by", engine=self.name, at_work=self._other)


def mark_process(pid: int) -> str:
    """Return what no other process ever has, here or elsewhere; empty where that is unknown."""
    machine, start = _mark_machine(), _find_start(pid)
    return f"{machine}-{start}" if machine and start else ""


def has_ended(holder: str) -> bool:
    """Whether it is known for sure that who holds a tick ran on this very machine and has ended."""
    name, _, mark = holder.partition("/")
    machine, _, start = mark.partition("-")
    pid = name.rpartition(":")[2]
    if not (pid.isdecimal() and machine and start and machine == _mark_machine()):
        return False
    return _find_start(int(pid)) != start


def _mark_machine() -> str:
    """Return what tells this boot of this machine, and this container, from any other."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {space}".encode()).hexdigest()[:16]


def _find_start(pid: int) -> str:
    """Return when a process began, in the kernel's ticks; empty if it is there no more."""
    try:
        status = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    fields = status.rpartition(")")[2].split()  # before that stands a name, which may hold anything
    return "" if fields[0] == "Z" else fields[19]


def _do_nothing() -> None:
    return

"""The web workers of ``feedsvc serve``, forked from a process that has loaded all they are made of.

So they are there at once, whatever their number, and share the memory of it. An engine has threads,
and a forked process would have their locks without them: what waits for one of those would wait for
ever. So beside an engine a process of its own starts them, forked before the engine is there; it
waits until it is told that there is something to serve.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from feedsvc.web.launch import STORE_VARIABLE, STREAMS_MOST, end_with_parent

# What a worker may still finish when it is told to end, in seconds; serve ends within five.
_WORKER_GRACE = 2

# In all they have so long, in seconds; what is left then is killed.
_GRACE = 4.0

# Elsewhere the system's libraries do not bear to be forked: there each worker loads all for itself.
_METHOD = "fork" if sys.platform == "linux" else "spawn"

# Threads a worker runs Python in: measured on one core with 32 connections, 8 serve a third more
# requests than 1, and more serve no more. They begin when needed, and each slow download of a long
# file needs one more.
_WORKER_THREADS = 8

# What Granian says goes where all else goes, and not to standard output.
_GRANIAN_LOGS: dict[str, Any] = {
    "loggers": {
        name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")
    }
}

_ENDING = (signal.SIGTERM, signal.SIGINT)

# Ours and a proxy's idle connections; the kernel's own list of waiting ones.
_BACKLOG = 2048


def preload() -> None:
    """Load what web workers are made of and what starts them, and choose how processes begin."""
    multiprocessing.set_start_method(_METHOD, force=True)
    for name in ("feedsvc.web.worker", "granian.server"):
        importlib.import_module(name)
    # The collector would write into each object, and so make each worker a copy of its own.
    gc.collect()
    gc.freeze()


def serve_web(store_url: str, host: str, port: int, workers: int) -> None:
    """Run the web workers until a signal ends them; this process has preloaded, and no threads."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.environ[STORE_VARIABLE] = store_url
    server = Server(
        "feedsvc.web.worker:make_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        factory=True,
        backlog=_BACKLOG,
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=_WORKER_THREADS + STREAMS_MOST,
        # Its warnings doubt settings that were measured; what breaks is said as an error.
        log_level=LogLevels.error,
        log_dictconfig=_GRANIAN_LOGS,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=_WORKER_GRACE,
    )
    server.serve()


class WebSide:
    """The web workers beside an engine, behind a process of their own.

    Made and started before this process has any thread; they serve from ``begin`` on.
    """

    def __init__(self, store_url: str, host: str, port: int, workers: int) -> None:
        told, self._teller = multiprocessing.Pipe(duplex=False)
        serve = partial(serve_web, store_url, host, port, workers)
        self._process = multiprocessing.Process(
            target=_serve_when_told, args=(told, self._teller, serve), name="web"
        )
        # Not even in its first moment may a signal find the handlers of this process there.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        told.close()
        # The web server takes a hang-up for a wish to begin its workers anew, one by one.
        signal.signal(signal.SIGHUP, lambda *_: self._renew())

    def _renew(self) -> None:
        if self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGHUP)

    def begin(self) -> None:
        """Let them serve from now on."""
        with contextlib.suppress(OSError):  # it has ended: who waits for it is told
            self._teller.send(True)

    def wait(self) -> int:
        """Wait until they have ended by themselves; return their exit code."""
        self._process.join()
        return self._process.exitcode or 0

    def terminate(self) -> None:
        """Ask them to end in order, if they have not ended."""
        self._process.terminate()

    def join(self) -> None:
        """Wait until they have ended; whatever takes too long for that is killed."""
        self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve_when_told(told: Connection, teller: Connection, serve: Callable[[], None]) -> None:
    # Until the web server has its own handlers, either signal ends a process that has done nothing.
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    teller.close()  # or it would never be seen that the other end is gone
    end_with_parent()
    with contextlib.suppress(EOFError):
        told.recv()
        serve()

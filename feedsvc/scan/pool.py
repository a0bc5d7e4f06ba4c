"""Reading many files in several processes at once."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime

from feedsvc.errors import ContentFolderError
from feedsvc.logs import is_json, start_log
from feedsvc.scan.take import Desk, Taken, take_file

# From here on the start of other processes (about 0.5 s) costs less than it saves.
POOL_FILES_LEAST = 600

# Files a task: small enough that all processes end together.
_CHUNK = 200

# Of the files of a batch that are read from afar, so many must fail for the whole to be given up:
# a server that went away is one trouble, and not that of a thousand files.
_FAILED_LEAST = 3

# How often a worker process looks whether its parent lives, in seconds.
_PARENT_EVERY = 1.0

# What a worker process reads with: it is large, and sent once.
_desk: Desk


def take_in_parallel(
    paths: Sequence[str], desk: Desk, now: datetime, batch_size: int
) -> Iterator[list[Taken]]:
    """Read files as ``take_file`` does, and yield them in batches, in their order."""
    workers = multiprocessing.cpu_count()
    # Forked workers are there at once, but would copy the locks of other threads, if any run.
    alone = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if alone else "spawn")
    chunks = iter([paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)])
    with ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=_begin_worker,
        initargs=(os.getpid(), desk, is_json()),
    ) as pool:
        running: deque[Future[list[Taken]]] = deque()
        batch: list[Taken] = []
        try:
            while True:
                # A bounded number in flight: results must not pile up while the store writes.
                while len(running) < workers * 4 and (chunk := next(chunks, None)) is not None:
                    running.append(pool.submit(_take_chunk, chunk, now))
                if not running:
                    break
                batch += running.popleft().result()
                if len(batch) >= batch_size:
                    yield batch
                    batch = []
            if batch:
                yield batch
        finally:
            # Who breaks off waits for what is being read, not for all that was to be.
            pool.shutdown(cancel_futures=True)


def take_in_threads(paths: Sequence[str], desk: Desk, now: datetime) -> Iterator[list[Taken]]:
    """Read files that lie elsewhere, several at once, and yield them in batches, in their order.

    Raises ContentFolderError when most of a batch cannot be read: its server went away.
    """
    with ThreadPoolExecutor(desk.source.reads_at_once, "read") as pool:
        for start in range(0, len(paths), _CHUNK):
            part = paths[start : start + _CHUNK]
            batch = list(pool.map(lambda path: take_file(path, desk, now), part))
            failed = [one for one in batch if one.unreadable]
            if len(failed) >= max(_FAILED_LEAST, len(batch) // 2):
                raise ContentFolderError(
                    f"the content folder cannot be read: {len(failed)} of {len(batch)} files could "
                    f"not; {failed[0].path} {failed[0].refused}"
                )
            yield batch


def _take_chunk(paths: Sequence[str], now: datetime) -> list[Taken]:
    return [take_file(path, _desk, now) for path in paths]


def _begin_worker(parent: int, desk: Desk, as_json: bool) -> None:
    """Equip this worker process, which ends soon after its parent, even if that was killed."""
    global _desk
    _desk = desk
    # Only what a library warns of: the parent tells what is decided.
    start_log(as_json, logging.WARNING)
    # Ctrl-C reaches the whole group; the parent decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

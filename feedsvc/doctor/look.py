"""Looking at this machine: each look is bounded in time, and writes nothing."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from feedsvc.doctor.checks import ContentSeen
from feedsvc.ingest import SUFFIXES
from feedsvc.scan import list_folder

T = TypeVar("T")

_INOTIFY = Path("/proc/sys/fs/inotify")

# What the kernel tells of itself is short.
_TEXT_MOST = 1_000_000


def within(seconds: float, act: Callable[[], T]) -> T:
    """Do something, and give it up after so many seconds: a disk far away may never answer.

    Raises TimeoutError then, and what ``act`` raises.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(act())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]
    return done[0]


def look_at_content(folder: Path, seconds: float) -> ContentSeen:
    """List the content folder as a scan does. Raises ContentFolderError and OSError."""
    end = time.monotonic() + seconds
    listing = list_folder(folder, SUFFIXES)
    files: dict[str, float] = {}
    unreadable: list[str] = []
    for name, marks in listing.folders.items():
        for file, (modified_ns, _, _) in marks.items():
            path = f"{name}/{file}" if name else file
            files[path] = modified_ns / 1e9
            if not os.access(folder / listing.raw.get(path, path), os.R_OK):
                unreadable.append(path)
        if time.monotonic() > end:
            raise TimeoutError
    folders = sum(1 for _ in os.walk(folder))
    return ContentSeen(files, tuple(sorted(listing.failed)), tuple(unreadable), folders)


def read_watch_limit(name: str) -> int | None:
    """Return a limit of the kernel for watching folders; None if there is none."""
    try:
        return int((_INOTIFY / name).read_text()[:20])
    except (OSError, ValueError):
        return None


def read_file_limits() -> tuple[int, int]:
    """Return how many files a process may have open, by itself and at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 2**31
    return (most if soft < 0 else soft, most if hard < 0 else hard)


def size_of(file: Path) -> int:
    """Return the size of a file; 0 if there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return 0

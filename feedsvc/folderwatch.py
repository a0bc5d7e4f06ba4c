"""File-system events of the content folder, as hints: scans find whatever they miss."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from watchfiles import Change, watch

from feedsvc.config import ContentConfig
from feedsvc.scan import find_watched, read_mounts

log = logging.getLogger(__name__)

# Events are handed over when none came for `step`, but after `debounce` at the latest; both in ms.
# The settle time of a file runs meanwhile, so this costs a new article nothing.
_EVENT_STEP = 20
_EVENT_DEBOUNCE = 400

# How long to wait before trying to watch a folder again that could not be watched, in seconds.
_WATCH_AGAIN = 5.0

# How long the end waits for what is being handed over, in seconds.
_JOIN = 1.0


class Changes(NamedTuple):
    """The paths below the folder that events have named, and those of them that were renamed."""

    paths: frozenset[str]
    renamed: frozenset[str]


class FolderWatch:
    """Tells ``notice`` what events name, in a thread of its own, until ``stopping`` is set.

    ``read_content`` says which folder it is now, and whether it may be watched.
    """

    def __init__(
        self,
        read_content: Callable[[], ContentConfig],
        notice: Callable[[Changes], None],
        stopping: threading.Event,
    ) -> None:
        self._read_content = read_content
        self._notice = notice
        self._stopping = stopping
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait a moment for what is being handed over."""
        if self._thread.ident:
            self._thread.join(_JOIN)

    def _run(self) -> None:
        while not self._stopping.is_set():
            folder = find_watched(self._read_content(), read_mounts())
            if folder is None:  # only scans see what changes there
                self._stopping.wait(_WATCH_AGAIN)
                continue
            try:
                self._watch(folder)
            except (OSError, RuntimeError) as error:
                log.debug("the content folder cannot be watched: %s", error)
                self._stopping.wait(_WATCH_AGAIN)

    def _watch(self, folder: Path) -> None:
        for events in watch(
            folder,
            stop_event=self._stopping,
            step=_EVENT_STEP,
            debounce=_EVENT_DEBOUNCE,
            rust_timeout=500,
            yield_on_timeout=True,
            watch_filter=None,
            raise_interrupt=False,
        ):
            content = self._read_content()
            if content.folder != folder or content.watch == "off" or not folder.is_dir():
                return
            if events:
                self._notice(_sort_events(events, folder))


def _sort_events(events: Iterable[tuple[Change, str]], folder: Path) -> Changes:
    kinds: dict[str, set[Change]] = {}
    for change, name in events:
        if name != str(folder):
            kinds.setdefault(os.path.relpath(name, folder), set()).add(change)
    # A file that was written here is also reported as modified; one that only appeared was renamed
    # into place, or linked.
    renamed = frozenset(path for path, seen in kinds.items() if seen == {Change.added})
    return Changes(frozenset(kinds), renamed)

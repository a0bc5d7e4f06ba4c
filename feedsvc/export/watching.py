"""Exporting again whenever something new is published, until somebody ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from feedsvc.errors import FeedsvcError
from feedsvc.export.layout import ExportError
from feedsvc.export.run import Exported, StoppedError
from feedsvc.store import ChangeWatch, Store

# How often to look whether the store has changed, in seconds.
WATCH_EVERY = 0.2

# What changes by itself (a sitemap of the last two days) is exported so often, in seconds.
ANYWAY_EVERY = 600.0

# How long to wait after a failure, in seconds: longer each time, and then no longer.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0


def keep_exported(
    store: Store,
    export: Callable[[], Exported],
    tell: Callable[[Exported], None],
    complain: Callable[[FeedsvcError, float], None],
    ending: threading.Event,
) -> None:
    """Export now and after each change of the store, until ``ending``.

    A run that fails is told of once a try, with the seconds until the next one.
    """
    watch: ChangeWatch | None = None
    wait, last = FIRST_WAIT, 0.0
    while not ending.is_set():
        try:
            watch = watch or store.watch()
            # Before the export: what is written meanwhile is found at the next look.
            if watch.changed() or time.monotonic() - last > ANYWAY_EVERY:
                done = export()
                last = time.monotonic()
                tell(done)
            wait = FIRST_WAIT
            ending.wait(WATCH_EVERY)
        except StoppedError:
            return
        except FeedsvcError as error:
            if not isinstance(error, ExportError):
                watch = None  # the store may be another one
            last = -ANYWAY_EVERY  # not done: whatever the store says, try again
            complain(error, wait)
            ending.wait(wait)
            wait = min(LONGEST_WAIT, wait * 2)
    if watch is not None:
        watch.close()

"""What a process must know that starts web workers, and need not load what they are made of."""

from __future__ import annotations

import multiprocessing
import os
import threading

# The variables of the environment that name a worker's store and, without an engine, its content.
STORE_VARIABLE = "FEEDSVC_WORKER_STORE"
FOLDER_VARIABLE = "FEEDSVC_WORKER_FOLDER"

# So many files go out piece by piece at a time from one worker, beside everything else.
STREAMS_MOST = 32


def end_with_parent() -> None:
    """End this process when the one that started it has ended, however that came (kill -9 too).

    A worker that lived on would hold the port, and serve what no engine keeps fresh.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)  # it only reads: nothing can be left half-done

    threading.Thread(target=wait, name="parent", daemon=True).start()

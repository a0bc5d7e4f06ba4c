"""What each Granian worker runs: the app, loaded and kept fresh.

The process that starts them hands over the store's URL through the environment (and, without an
engine, the content folder): workers are separate processes and share nothing but the store.
"""

from __future__ import annotations

import gc
import multiprocessing.util
import os

from flask import Flask

from feedsvc.config import read_folder
from feedsvc.errors import StoreError
from feedsvc.logs import start_log, wants_json
from feedsvc.store import IN_BRIEF, Store
from feedsvc.web.app import create_app
from feedsvc.web.launch import FOLDER_VARIABLE, STORE_VARIABLE, end_with_parent
from feedsvc.web.site import LiveSite


def make_app() -> Flask:
    """Return the app of one worker, its publication loaded and kept up to date by a thread."""
    start_log(wants_json(os.environ))
    end_with_parent()
    folder = os.environ.get(FOLDER_VARIABLE)
    store = Store(os.environ[STORE_VARIABLE], IN_BRIEF)  # somebody waits for each answer
    live = LiveSite(store, read_folder(folder) if folder else None)
    app = create_app(live)
    try:
        live.refresh()
    except StoreError as error:
        # Not a reason to die: the thread goes on trying, and /readyz says why it is not ready.
        live.note_trouble(error)
    # What is there now lives to the end: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    live.watch()
    # Run at the end of a process that another one has started, where `atexit` is not.
    multiprocessing.util.Finalize(None, live.stop, exitpriority=1)
    return app

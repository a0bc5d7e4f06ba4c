"""What each Granian worker runs: the app, loaded and kept fresh.

The engine's process hands over the store's URL and the content folder through the environment:
workers are separate processes and share nothing but the store.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask

from feedsvc.errors import StoreError
from feedsvc.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.site import LiveSite

STORE_VARIABLE = "FEEDSVC_WORKER_STORE"
FOLDER_VARIABLE = "FEEDSVC_WORKER_FOLDER"


def make_app() -> Flask:
    """Return the app of one worker, its publication loaded and kept up to date by a thread."""
    live = LiveSite(Store(os.environ[STORE_VARIABLE]), Path(os.environ[FOLDER_VARIABLE]))
    app = create_app(live)
    try:
        live.refresh()
    except StoreError as error:
        # Not a reason to die: the thread goes on trying, and /readyz says why it is not ready.
        logging.getLogger(__name__).error("%s", error)
    live.watch()
    return app

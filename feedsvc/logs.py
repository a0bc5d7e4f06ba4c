"""What a running site says of itself, to standard error: one form in every process."""

from __future__ import annotations

import logging
import sys

# They tell of their own work; only their warnings are for an admin.
_TALKATIVE = ("alembic", "apscheduler", "trafilatura", "watchfiles")


def start_log() -> None:
    """Write what is logged in this process to standard error, one line an event."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr
    )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns when a job that comes every half second is still at work: that is how it should be.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

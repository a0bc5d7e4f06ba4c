"""Whether a file is whole: it has been still for a while, or came by an atomic rename."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.scan.listing import Fingerprint, Status, fingerprint


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of how a file came.

    ``renamed``: an event said that it came by a rename, so it may be whole already.
    ``waited_for``: how it looked when we last saw it, at least ``settle`` ago.
    """

    renamed: bool = False
    waited_for: Fingerprint | None = None


def still_for(status: Status, settle: float, now: datetime, arrival: Arrival) -> float:
    """Return how many seconds are missing until a file has been still long enough.

    Goes by the change time, which every write moves and which no copying program can set back.
    """
    renamed_whole = arrival.renamed and status.st_ctime_ns > status.st_mtime_ns
    if renamed_whole or settle <= 0 or fingerprint(status) == arrival.waited_for:
        return 0.0
    still = now.timestamp() - status.st_ctime
    if still < 0:
        return settle  # the disk's clock runs ahead of ours: wait here, and compare
    return max(0.0, settle - still)

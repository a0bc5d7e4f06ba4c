"""What the tables of who reads hold, as values."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

# The feed and the reader that something is counted for.
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PollCount:
    """What was counted of polls; ``unchanged`` were answered 304, ``unconditional`` could not be.

    ``clients`` are those that asked for themselves, each once a day; ``missed`` the entries that
    went through the feed between two polls without being seen.
    """

    polls: int = 0
    unchanged: int = 0
    unconditional: int = 0
    bytes: int = 0
    clients: int = 0
    missed: int = 0

    def __add__(self, other: PollCount) -> PollCount:
        """Return both together."""
        return PollCount(*(getattr(self, name) + getattr(other, name) for name in POLL_COLUMNS))


POLL_COLUMNS = tuple(field.name for field in fields(PollCount))


class CountKey(NamedTuple):
    """What an aggregator's number of subscribers is kept for."""

    feed: str
    reader: str
    feed_id: str


class Interval(NamedTuple):
    """A class of intervals between two polls of a reader: 2**step seconds and more."""

    reader: str
    step: int


@dataclass(frozen=True, slots=True)
class DaySalt:
    """What a day's hashes are made with; one in 2**``level`` of them is kept, ``kept`` so far."""

    salt: bytes
    level: int = 0
    kept: int = 0

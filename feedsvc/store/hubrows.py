"""What the hub's tables hold, as values: subscriptions, checks, deliveries and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from feedsvc.store import schema

WEBSUB, EXTERNAL, RSSCLOUD = KINDS = ("websub", "external", "rsscloud")
SUBSCRIBE, UNSUBSCRIBE, DENIED = "subscribe", "unsubscribe", "denied"

# How rssCloud tests a handler: by a challenge where its domain was named, else by a notification.
CHALLENGE, TRIAL = CLOUD_MODES = ("challenge", "trial")

# What is new, and what failed before.
FRESH, RETRY = 0, 1


@dataclass(frozen=True, slots=True)
class Subscription:
    """Callback, topic, secret (encrypted) and lease; ``path`` is where the topic is published."""

    number: int
    path: str
    callback: str
    kind: str
    topic: str
    host: str
    secret: bytes | None
    since: datetime
    expires: datetime | None
    failures: int = 0
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What a subscriber asked for and has yet to confirm, or is to be told (``mode`` denied).

    ``lease`` in seconds. The store gives the ``number``.
    """

    path: str
    callback: str
    mode: str
    topic: str
    host: str
    asked: datetime
    secret: bytes | None = None
    lease: int = 0
    reason: str = ""
    attempt: int = 0
    number: int = 0

    @property
    def kind(self) -> str:
        """The kind of the subscription that this is about."""
        return RSSCLOUD if self.mode in CLOUD_MODES else WEBSUB


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push that is owed to one subscription; ``attempt`` counts from 1 while it is claimed."""

    to: Subscription
    revision: int
    published: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class Settled:
    """How a claimed delivery ended: it is over, or ``due`` again; ``failed`` says why, if it did.

    ``ends`` takes the subscription with it (410); one that ``heals`` had failed before.
    """

    number: int
    revision: int
    failed: str = ""
    due: datetime | None = None
    ends: bool = False
    heals: bool = False


@dataclass(frozen=True, slots=True)
class HubFigures:
    """The state of the hub in numbers; ``tallies`` are counted for ever."""

    subscriptions: int
    failing: int
    unverified: int
    due: int
    waiting: int
    oldest: datetime | None
    tallies: Mapping[str, int]


CHECK_COLUMNS = ("path", "callback", "mode", "topic", "host", "secret", "lease", "reason", "asked")

# In the order of ``Subscription``.
SUBSCRIPTION_COLUMNS = tuple(schema.subscriptions.c[one.name] for one in fields(Subscription))


def row_to_check(row: Row[Any]) -> Check:
    values = {name: getattr(row, name) for name in (*CHECK_COLUMNS, "attempt", "number")}
    return Check(**values)


def row_to_subscription(row: Row[Any]) -> Subscription:
    return Subscription(*(getattr(row, column.name) for column in SUBSCRIPTION_COLUMNS))

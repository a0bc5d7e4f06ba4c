"""A courier at work on a store of its own, by a clock that tests may set."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callbacks import Subscriber
from sites import wait_until

from feedsvc.hub.courier import Courier
from feedsvc.hub.keys import Vault
from feedsvc.model import Representation
from feedsvc.store import SUBSCRIBE, Check, Store

FEED = "/feeds/politics.atom"
TOPIC = f"http://127.0.0.1{FEED}"


@dataclass(slots=True)
class Post:
    """A store in which a feed is published, and a courier that delivers it by a clock of ours."""

    store: Store
    vault: Vault
    ahead: timedelta = timedelta(0)
    revision: int = 0
    couriers: list[Courier] = field(default_factory=list)

    def clock(self) -> datetime:
        """Return the time that the courier believes."""
        return datetime.now(UTC) + self.ahead

    def begin(self) -> None:
        """Let a courier deliver."""
        courier = Courier(self.store, self.vault, "http://a.example", True, self.clock)
        courier.start()
        self.couriers.append(courier)

    def end(self) -> None:
        """Stop it."""
        while self.couriers:
            self.couriers.pop().stop()

    def ask(self, callback: str, mode: str = SUBSCRIBE) -> None:
        """Ask for a subscription, or its end."""
        now = self.clock()
        check = Check(FEED, callback, mode, TOPIC, "127.0.0.1", now, lease=86_400)
        with self.store.writing() as writer:
            writer.hub.ask(check, now)

    def subscribe(self, *callbacks: str) -> None:
        """Ask for subscriptions, and wait until they are verified."""
        for callback in callbacks:
            self.ask(callback)
        wait_until(lambda: set(callbacks) <= set(self.subscribed()))

    def subscribed(self) -> list[str]:
        """Return the callbacks that are subscribed."""
        with self.store.reading_hub() as hub:
            return [one.callback for one in hub.subscriptions()]

    def publish(self) -> bytes:
        """Publish something, and owe it; return its bytes."""
        now, body = self.clock(), f"content {self.revision + 1}".encode()
        shown = Representation("text/plain", {"identity": body}, now.replace(microsecond=0), 0)
        with self.store.writing() as writer:
            self.revision = writer.publish({FEED: shown}, {})
            writer.hub.owe([FEED], self.revision, now)
        return body

    def owed(self) -> int:
        """Return how many deliveries are owed."""
        with self.store.reading_hub() as hub:
            return len(hub.owed(100_000))


def bodies(subscriber: Subscriber, path: str) -> list[bytes]:
    """Return what was pushed to a callback."""
    return [push.body for push in subscriber.pushes[path]]


def is_asking(post: Post) -> bool:
    """Whether a question is under way."""
    return any(one.in_flight for one in post.couriers)

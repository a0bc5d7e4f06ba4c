"""What a test publishes, and who follows it: each test has a section that nobody else uses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from follower import Follower, Shown
from sites import Item, Server, article, parse_feed, wait_until
from wire import Exchange, Wire


@dataclass(frozen=True, slots=True)
class Desk:
    """A section of the server, whose folder has its name."""

    name: str
    server: Server
    wire: Wire

    @property
    def entries(self) -> dict[str, Item]:
        """What its feed holds now, by title, as the server itself says."""
        return self.server.items(self.name)

    def ids(self, suffix: str) -> list[str]:
        """Return the ids in its feed of this format, in order."""
        body = self.server.get(f"/feeds/{self.name}.{suffix}").body
        return [str(one["id"]) for one in parse_feed(suffix, body)]

    def url(self, suffix: str) -> str:
        """Return the address of its feed, as readers know it."""
        return f"{self.server.site.base_url}/feeds/{self.name}.{suffix}"

    def publish(self, file: str, title: str, body: str = "", **front: str) -> Item:
        """Write an article, and wait until its feed has this title."""
        self.server.site.write(f"{self.name}/{file}.md", article(title, body, **front))
        return wait_until(lambda: self.entries.get(title))

    def delete(self, file: str, title: str) -> None:
        """Delete an article, and wait until its feed is without this title."""
        (self.folder / f"{file}.md").unlink()
        wait_until(lambda: title not in self.entries)

    @property
    def folder(self) -> Path:
        """Where its articles lie."""
        return self.server.site.content / self.name


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reader that follows a desk in one format."""

    follower: Follower
    desk: Desk
    suffix: str

    def fetch(self) -> Exchange:
        """Fetch once, by one request, and return how that went."""
        before = len(self.exchanges)
        self.follower.fetch(self.desk.url(self.suffix))
        (exchange,) = self.exchanges[before:]
        return exchange

    def let_a_second_pass(self) -> None:
        """Change something only in the second after a fetch, if the reader compares dates.

        What happens within one second is `test_changes_within_a_second`.
        """
        if self.follower.compares_dates:
            time.sleep(1 - time.time() % 1)

    @property
    def exchanges(self) -> list[Exchange]:
        """All that was said about this feed."""
        return self.desk.wire.about(f"/feeds/{self.desk.name}.{self.suffix}")

    @property
    def items(self) -> list[Shown]:
        """What the reader has for its person."""
        return self.follower.items()

"""What a site publishes, to look at it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedsvc.model import Representation
from feedsvc.publication import load_publication
from feedsvc.service import Service

# More articles than a feed takes, and more words than fit into its bytes (R28, R43).
LONG_ARTICLES = 60
LONG_WORDS = 6_000


@dataclass(frozen=True)
class Published:
    """What a site publishes; ``expected`` is how many of its articles must be among it."""

    paths: Mapping[str, Representation]
    sections: tuple[str, ...]
    expected: int

    def feeds(self, suffix: str) -> dict[str, bytes]:
        """Return the feeds of a format, by the names of their sections."""
        names = ("all", *self.sections)
        return {name: self.paths[f"/feeds/{name}.{suffix}"].bodies["identity"] for name in names}


def publish(service: Service, expected: int) -> Published:
    """Take what lies in the folder, and return all that is published."""
    service.start()
    service.finish_pass(service.scan(None, True), True)
    paths = load_publication(service.store).representations
    return Published(paths, tuple(service.config.sections), expected)

"""The readers that are Python packages: feedparser, and lemon24's reader."""

from __future__ import annotations

import importlib.util
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import reader
from follower import Follower, Shown

# reader 3.26 carries a feedparser that needs the module sgmllib, and does not bring it; by this
# switch of its own it uses the installed feedparser instead.
if importlib.util.find_spec("sgmllib") is None:
    os.environ["READER_NO_VENDORED_FEEDPARSER"] = "1"


class Feedparser(Follower):
    """A library without memory: its user keeps the validators, and here the last answer alone."""

    name = "feedparser"
    agent = r"feedparser/6\..*"
    on_edit = "replaces it"
    on_withdrawal = "drops it"
    in_two_sections = "twice"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._last: dict[str, Any] = {}

    def fetch(self, *urls: str) -> None:
        """Parse each address; a 304 leaves what was there."""
        for url in urls:
            old = self._last.get(url, {})
            parsed = feedparser.parse(url, etag=old.get("etag"), modified=old.get("modified"))
            assert not parsed.bozo, parsed.bozo_exception
            if parsed.status != 304:
                self._last[url] = parsed

    def items(self) -> list[Shown]:
        """Return the entries of the last answers."""
        entries = [one for parsed in self._last.values() for one in parsed.entries]
        return [Shown(one.id, one.title, one.link, one.content[0].value) for one in entries]


class Lemon24(Follower):
    """A reader with a database, used through its Python interface."""

    name = "reader"
    formats = ("xml", "atom", "json")
    agent = r"python-reader/3\..*"
    on_edit = "replaces it"
    on_withdrawal = "keeps it"
    in_two_sections = "twice"

    def fetch(self, *urls: str) -> None:
        """Subscribe to what is new, and update all now, whatever ``max-age`` asks."""
        with self._open() as library:
            for url in urls:
                library.add_feed(url, exist_ok=True)
            for result in library.update_feeds_iter(scheduled=False):
                if isinstance(result.value, Exception):
                    raise result.value

    def items(self) -> list[Shown]:
        """Read its database."""
        with self._open() as library:
            return [
                Shown(one.id, one.title or "", one.link or "", one.content[0].value)
                for one in library.get_entries()
            ]

    def dates(self) -> dict[str, tuple[datetime | None, datetime | None]]:
        """Return when each entry, by its id, was published and last edited."""
        with self._open() as library:
            return {one.id: (one.published, one.updated) for one in library.get_entries()}

    def enclosures(self) -> dict[str, list[tuple[str, str | None, int | None]]]:
        """Return address, type and length of the enclosures of each entry, by title."""
        with self._open() as library:
            return {
                one.title or "": [(file.href, file.type, file.length) for file in one.enclosures]
                for one in library.get_entries()
            }

    def _open(self) -> reader.Reader:
        return reader.make_reader(str(self.home / "reader.sqlite"))

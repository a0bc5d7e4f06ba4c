"""gPodder's command line: it subscribes to podcasts and downloads their episodes."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from follower import Follower, Shown


@dataclass(frozen=True, slots=True)
class Recording:
    """What it knows of an episode's file; ``seconds`` is how long that lasts."""

    title: str
    url: str
    type: str
    length: int
    seconds: int


class Gpodder(Follower):
    """It takes RSS and Atom; what has no recording is an episode without one."""

    name = "gPodder"
    packages = "gpodder"
    programs = ("gpo",)
    agent = r"gPodder/3\..*"
    on_edit = "replaces it"
    on_withdrawal = "keeps it"
    in_two_sections = "twice"

    def fetch(self, *urls: str) -> None:
        """Subscribe to what is new, and look for new episodes of all."""
        known = self.run("gpo", "list")
        for url in urls:
            if url not in known:
                said = self.run("gpo", "subscribe", url)
                assert "Successfully added" in said, said
        self.run("gpo", "update")

    def download(self) -> str:
        """Download all new episodes, and return what it says."""
        return self.run("gpo", "download")

    def files(self) -> list[Path]:
        """Return the files of episodes that are complete."""
        found = (self.home / "gPodder" / "Downloads").rglob("*.mp3")
        return sorted(file for file in found if file.is_file())

    def items(self) -> list[Shown]:
        """Read its database."""
        query = "SELECT guid, title, link, description_html FROM episode"
        return [Shown(*row) for row in self._ask(query)]

    def recordings(self) -> dict[str, Recording]:
        """Return the files that it knows, by title."""
        query = "SELECT title, url, mime_type, file_size, total_time FROM episode"
        return {str(row[0]): Recording(*row) for row in self._ask(query)}  # type: ignore[arg-type]

    def _ask(self, query: str) -> list[tuple[str, ...]]:
        with contextlib.closing(sqlite3.connect(self.home / "gPodder" / "Database")) as database:
            return database.execute(query).fetchall()

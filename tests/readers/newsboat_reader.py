"""newsboat: the terminal reader, run without its screen."""

from __future__ import annotations

import contextlib
import sqlite3

from follower import Follower, Shown


class Newsboat(Follower):
    """Its cache holds titles as it lists them: it makes text of HTML ones while it parses."""

    name = "newsboat"
    packages = "newsboat"
    programs = ("newsboat",)
    agent = r"newsboat/2\.\d+.*"
    # It has no row to keep the first answer's validators in (2.21).
    full_fetches = 2
    compares_dates = True
    on_edit = "replaces it"
    on_withdrawal = "keeps it"
    in_two_sections = "once"

    def fetch(self, *urls: str) -> None:
        """Reload all feeds, as its key R does."""
        (self.home / "urls").write_text("\n".join(urls) + "\n")
        (self.home / "config").touch()
        options = ["--url-file=urls", "--cache-file=cache.db", "--config-file=config"]
        said = self.run("newsboat", *options, "--execute=reload")
        assert not said, said

    def items(self) -> list[Shown]:
        """Read its cache."""
        query = "SELECT guid, title, url, content FROM rss_item WHERE deleted = 0"
        with contextlib.closing(sqlite3.connect(self.home / "cache.db")) as cache:
            return [Shown(*row) for row in cache.execute(query)]

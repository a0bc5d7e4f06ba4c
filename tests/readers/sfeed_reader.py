"""sfeed: a parser that reads standard input, and the script that fetches for it."""

from __future__ import annotations

import re

from follower import Follower, Shown

# As its README fetches ("Caching, incremental data updates"): as it comes, it never asks for news
# only.
CONFIG = """\
sfeedpath="$HOME/feeds"
fetch() {{
	etag="$HOME/etags/$(basename "$3")"
	curl -L --max-redirs 0 -H "User-Agent:" -f -s -m 15 --compressed \\
		--etag-save "$etag" --etag-compare "$etag" -z "$etag" "$2" 2>/dev/null
}}
feeds() {{
{feeds}
}}
"""
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}


class Sfeed(Follower):
    """Items are lines of fields; a line that differs in id, title or link is another line."""

    name = "sfeed"
    packages = "sfeed curl"
    programs = ("sfeed", "sfeed_update", "curl")
    agent = ""  # it does not say who it is
    compares_dates = True
    on_edit = "keeps both versions"
    on_withdrawal = "keeps it"
    in_two_sections = "twice"

    def fetch(self, *urls: str) -> None:
        """Run its script, which ends with an error if one feed had one."""
        (self.home / "etags").mkdir(exist_ok=True)
        feeds = "\n".join(f'\tfeed "feed{number}" "{url}"' for number, url in enumerate(urls))
        (self.home / "sfeedrc").write_text(CONFIG.format(feeds=feeds))
        self.run("sfeed_update", "sfeedrc")

    def items(self) -> list[Shown]:
        """Return what its files hold."""
        return [_read(line) for line in self._lines()]

    def enclosures(self) -> dict[str, str]:
        """Return the address of each item's enclosure, by title."""
        rows = [line.split("\t") for line in self._lines()]
        return {row[1]: row[7] for row in rows}

    def _lines(self) -> list[str]:
        """Read its files, one for each feed."""
        files = sorted((self.home / "feeds").iterdir())
        # Titles may hold what `splitlines` takes for the end of a line.
        return [line for file in files for line in file.read_text().split("\n") if line]


def _read(line: str) -> Shown:
    _time, title, link, content, _type, id_, *_ = line.split("\t")
    return Shown(id_, title, link, re.sub(r"\\[nt\\]", lambda mark: _ESCAPES[mark[0]], content))

"""Running an export in a process of its own, and looking at what one left behind."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from sites import Site, article, plain_environment

BASE = "http://gazette.test"

# The links of feeds and indexes: what stands in a page's own navigation leads back up.
_LINKS = re.compile(rf"""(?:href|url|xmlUrl|htmlUrl|src)="({BASE}/[^"#?]*)["#?]|>({BASE}/[^<]*)<""")


def fill(site: Site, count: int, first: int = 0) -> None:
    """Write articles that are an hour old and more."""
    now = datetime.now(UTC)
    for number in range(first, first + count):
        date = (now - timedelta(hours=1 + number)).isoformat()
        site.write(f"politics/{number}.md", article(f"Story {number}", "Words. " * 60, date=date))


def start_export(site: Site, *arguments: str) -> subprocess.Popen[bytes]:
    """Start ``feedsvc export`` with some arguments."""
    command = [sys.executable, "-m", "feedsvc", "export", "--config", str(site.config), *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=plain_environment()
    )


def find_broken(out: Path) -> list[tuple[str, str]]:
    """Return the links of indexes, feeds and archives that lead nowhere at the target."""
    found = []
    indexes = [out / "index.html", out / "feeds/index.html", out / "feeds.opml"]
    for file in [*indexes, *(out / "feeds").rglob("*"), out / "sitemap.xml"]:
        if not file.is_file() or file.suffix not in (".xml", ".atom", ".opml", ".html"):
            continue
        for one, other in _LINKS.findall(file.read_text()):
            path = unquote((one or other).removeprefix(BASE))
            if path.startswith("/hub") or path == "/rsscloud":
                continue
            if "next-archive" in file.read_text() and "/archive/" in path and one:
                continue
            name = f"{path}index.html" if path.endswith("/") else path
            if not any((out / f"{name[1:]}{end}").is_file() for end in ("", ".html")):
                found.append((str(file.relative_to(out)), path))
    return found

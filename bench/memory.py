"""How much memory a web worker needs, and that it does not grow with the number of articles.

Serves sites of different sizes with one worker, asks for every feed, page and a number of articles,
and reads the worker's resident memory from /proc (Linux).
"""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from pathlib import Path

from bench import corpus, freshness

PORT = 8094

# Enough article pages that a cache without a bound would show.
_ARTICLES = 500


def measure(config: Path) -> float:
    """Return a worker's resident memory in MB, serving the site of ``config``."""
    feedsvc = [sys.executable, "-m", "feedsvc"]
    scan = [*feedsvc, "scan", "--json", "--config", str(config)]
    subprocess.run(scan, check=True, stdout=subprocess.DEVNULL)
    serve = [*feedsvc, "serve", "--role", "web", "--workers", "1"]
    serve += ["--port", str(PORT), "--config", str(config)]
    with (config.parent / "log").open("w") as log:
        server = subprocess.Popen(serve, stdout=log, stderr=log)
        try:
            freshness.wait_until_ready(PORT)
            _visit()
            return resident_of(server.pid)
        finally:
            server.terminate()
            server.wait(10)


def _visit() -> None:
    """Ask for everything that a worker may keep."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)

    def get(path: str) -> bytes:
        connection.request("GET", path)
        return connection.getresponse().read()

    articles: set[str] = set()
    for name in ("all", *corpus.SECTIONS):
        for suffix in ("xml", "atom", "json"):
            body = get(f"/feeds/{name}.{suffix}").decode()
            articles |= set(re.findall(r"/articles/[\w-]+", body))
        if name != "all":
            get(f"/sections/{name}")
    for path in ("/", "/feeds/", "/feeds.opml", *sorted(articles)[:_ARTICLES]):
        get(path)


def resident_of(pid: int) -> float:
    """Return the resident memory in MB of a server's largest worker."""
    return read_resident(find_worker(pid))


def find_worker(pid: int) -> int:
    """Return a server's largest process that started no other: its worker."""
    children = _children(pid)
    return max(map(find_worker, children), key=read_resident) if children else pid


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def read_resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0.0

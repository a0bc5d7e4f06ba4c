"""How long after a file is closed its entry can be read over HTTP, less the settle time.

Serves a site of the given number of articles, drops one article after the other into it, and polls
the feed of its section on loopback until it is there.
"""

from __future__ import annotations

import http.client
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __package__:
    from bench import corpus
else:
    import corpus

# The site's settle time: files are taken when they have been still for so long.
SETTLE = 0.5
PORT = 8091

CONFIG = """\
site: {{id: "bench.example,2026", title: Bench, base_url: "http://127.0.0.1:{port}"}}
content: {{folder: content, settle: {settle}}}
sections: {{{sections}}}
"""


def write_site(folder: Path, count: int, port: int = PORT, kind: str = "md") -> Path:
    """Write a site with ``count`` articles; return its config file."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = ", ".join(f"{name}: {name.capitalize()}" for name in corpus.SECTIONS)
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(port=port, settle=SETTLE, sections=sections))
    corpus.write_corpus(kind, count, folder / "content")
    return config


def wait_until_ready(port: int, timeout: float = 600.0) -> None:
    """Wait until the site answers that it is ready."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.01)  # what is measured must not be this
    raise SystemExit("the site did not become ready")


def measure(folder: Path, articles: int, drops: int) -> list[float]:
    """Return the delays in milliseconds of ``drops`` articles, dropped one after the other."""
    config = write_site(folder, articles)
    command = [sys.executable, "-m", "feedsvc", "serve", "--config", str(config)]
    command += ["--port", str(PORT), "--workers", "1"]
    log = (folder / "log").open("w")
    server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_ready(PORT)
        time.sleep(3)  # the first scan and the model are through
        return drop_articles(folder, articles, drops)
    finally:
        server.terminate()
        server.wait(10)


def drop_articles(folder: Path, articles: int, drops: int, mark: str = "dropped") -> list[float]:
    """Drop articles into a served site, one after the other; return their delays in milliseconds.

    ``mark`` tells those of one call from those of another on the same folder.
    """
    delays = []
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    for drop in range(drops):
        section = corpus.SECTIONS[drop % len(corpus.SECTIONS)]
        title = f"Freshly {mark} number {drop}"
        file = folder / "content" / section / f"fresh-{mark}-{drop}.md"
        # A text that the site has would be the same story told again.
        random_ = random.Random(f"{mark} {articles + drop}")
        paragraphs = [corpus.make_sentence(random_, corpus.PLAIN) for _ in range(20)]
        file.write_text(f"---\ntitle: {title}\n---\n" + "\n\n".join(paragraphs))
        closed = time.perf_counter()
        needle = f">{title}<".encode()
        while True:
            connection.request("GET", f"/feeds/{section}.xml")
            if needle in connection.getresponse().read():
                break
            if time.perf_counter() - closed > 20:
                raise SystemExit(f"{file} did not appear within 20 s")
            time.sleep(0.002)
        delays.append((time.perf_counter() - closed - SETTLE) * 1000)
        time.sleep(0.05)
    return delays


def summarise(delays: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and maximum."""
    ordered = sorted(delays)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, round(len(ordered) * 0.99) - 1)],
        "max": ordered[-1],
    }


if __name__ == "__main__":
    for size in map(int, sys.argv[2:] or ["10000"]):
        with tempfile.TemporaryDirectory() as place:
            result = summarise(measure(Path(place), size, int(sys.argv[1])))
            print(size, {name: round(value, 1) for name, value in result.items()}, flush=True)

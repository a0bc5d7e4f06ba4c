"""A client that asks for ever other feeds: what that costs the others, and the memory.

The same client, asking for one section's feed that has not changed (a 304), is what it is measured
against: any client takes its share of a server.
"""

from __future__ import annotations

import http.client
import itertools
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench import corpus, memory, serving
from bench.freshness import wait_until_ready, write_site

PORT = 8095

ARTICLES = 2_000
TAGS, WRITERS = 3_000, 700

# What a client asks for that does not want anything, but to ask.
REQUESTS = 100_000

# After so many, what a worker makes at once is made, and what comes is the rule.
_BEGINNING = 2_000

_SECTION = "/feeds/politics.xml"
_UNION = "/feeds/politics+health.xml"


@dataclass(frozen=True)
class Flood:
    """What was measured: requests a second beside both clients, and memory in MB."""

    beside_one: float
    beside_many: float
    ratio: float
    before: float
    after: float
    union: float


def list_paths(seed: int) -> Iterator[str]:
    """Yield paths of tags, authors and unions, hardly ever one twice: a third exists."""
    random_ = random.Random(seed)
    for number in itertools.count():
        kind = number % 4
        if kind == 0:
            yield f"/feeds/tag/topic-{random_.randrange(TAGS)}.{random_.choice(('xml', 'atom'))}"
        elif kind == 1:
            yield f"/feeds/author/writer-{random_.randrange(WRITERS * 20)}.json"
        elif kind == 2:
            names = random_.sample(corpus.SECTIONS, random_.randint(2, 8))
            yield f"/feeds/{'+'.join(names)}.xml"
        else:
            yield f"/feeds/tag/{quote(f'nothing {number} of {seed}')}.xml"


def ask(paths: Iterator[str], count: int, stop: threading.Event, etag: str = "") -> str:
    """Ask for one path after the other over one connection; return the last one's ETag."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    found = ""
    for path in itertools.islice(paths, count):
        if stop.is_set():
            break
        connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        answer = connection.getresponse()
        answer.read()
        found = answer.headers.get("ETag", "")
    return found


def measure(folder: Path, rounds: int, seconds: int, requests: int) -> Flood:
    """Measure with one worker on one core, and the clients on the other."""
    config = write_site(folder, ARTICLES, PORT)
    for number, file in enumerate(sorted(folder.rglob("*.md"))):
        words = f"tags: [one, topic {number % TAGS}]\nauthor: Writer {number % WRITERS}"
        file.write_text(file.read_text().replace("tags: [one, two]", words))
    command = [sys.executable, "-m", "feedsvc"]
    subprocess.run([*command, "scan", "--config", str(config)], check=True, capture_output=True)
    serve = [*command, "serve", "--workers", "1", "--port", str(PORT), "--config", str(config)]
    with serving.running(["taskset", "-c", serving.SERVER_CORE, *serve], folder) as process:
        wait_until_ready(PORT)
        ask(iter([_UNION]), 1, threading.Event())
        time.sleep(5)  # the engine keeps it within two
        etag = ask(iter([_SECTION]), 1, threading.Event())
        ask(list_paths(-1), _BEGINNING, threading.Event())
        time.sleep(5)
        pairs = []
        for turn in range(rounds):
            one = _load_beside(itertools.repeat(_SECTION), seconds, etag)
            many = _load_beside(list_paths(turn), seconds)
            pairs.append((one, many))
        before = memory.resident_of(process.pid)
        ask(list_paths(rounds), requests, threading.Event())
        after = memory.resident_of(process.pid)
        union, section = (
            statistics.median(serving.load(PORT, path, {}, seconds) for _ in range(rounds))
            for path in (_UNION, _SECTION)
        )
    one, many = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    return Flood(one, many, ratio, before, after, union / section)


def _load_beside(paths: Iterator[str], seconds: int, etag: str = "") -> float:
    """Return the requests a second for a section's feed while a client asks for ``paths``."""
    stop = threading.Event()
    client = threading.Thread(target=ask, args=(paths, REQUESTS, stop, etag))
    client.start()
    try:
        return serving.load(PORT, _SECTION, {}, seconds)
    finally:
        stop.set()
        client.join()


def list_rows(flood: Flood, requests: int) -> list[str]:
    """Return the rows of the table."""
    return [
        f"| a section's feed, beside a client that asks for ever other tags, authors and unions | "
        f"{flood.beside_many:,.0f}/s | the same client polling that feed: "
        f"{flood.beside_one:,.0f}/s | {flood.ratio:.2f} |",
        f"| a worker's memory after {requests:,} such requests | {flood.after:.0f} MB | "
        f"before: {flood.before:.0f} MB | {flood.after / flood.before:.2f} |",
        f"| a union once built, against a section's feed | | | {flood.union:.2f} |",
    ]

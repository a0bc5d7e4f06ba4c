"""What a second web worker brings on two cores, less what the load generator takes of them.

One worker has a core for itself, and the generator the other. Two workers share both cores with
the generator; what a worker answers in a second of its own processor time tells what the two would
answer with the cores for themselves. Both figures are of the workers' own seconds, so that the
generator's share is out of either.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.freshness import wait_until_ready, write_site
from bench.serving import load, running
from feedsvc.config import load_config
from feedsvc.publication import make_page_path
from feedsvc.store import Store

PORT = 8096
_TICKS = os.sysconf("SC_CLK_TCK")


def measure(folder: Path, rounds: int, seconds: int) -> list[str]:
    """Return the rows of two workers beside one: a feed packed, and one that did not change."""
    folder.mkdir(parents=True, exist_ok=True)
    config = write_site(folder / "site", 500, PORT)
    scan = [sys.executable, "-m", "feedsvc", "scan", "--config", str(config)]
    subprocess.run(scan, check=True, capture_output=True)
    return [
        _measure_path(folder, config, path, what, rounds, seconds)
        for path, what in (
            ("/feeds/politics.xml", "45 kB gzip"),
            # Here the generator's share is next to nothing.
            (_find_page(config), "an article's page, made for each request"),
        )
    ]


def _find_page(config: Path) -> str:
    store = Store(load_config(config, {}).config.store.url)
    (newest,) = store.newest("politics", datetime.now(UTC), 1, quiet=True)
    store.close()
    return make_page_path(newest.uid, newest.article.slug, newest.article.title)


def _measure_path(
    folder: Path, config: Path, path: str, what: str, rounds: int, seconds: int
) -> str:
    gained: list[float] = []
    rates: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for _ in range(rounds):
        one, two = (_measure_once(folder, config, path, count, seconds) for count in (1, 2))
        rates[1].append(one)
        rates[2].append(two)
        gained.append(2 * two[1] / one[1])
    raw = {count: statistics.median(rate for rate, _ in found) for count, found in rates.items()}
    ratio = statistics.median(gained)
    return (
        f"| two web workers on two cores, {what}, less the load generator's share | "
        f"{raw[2]:,.0f}/s with the generator on the same cores | one worker on a core of its own: "
        f"{raw[1]:,.0f}/s | {ratio:.2f} |"
    )


def _measure_once(
    folder: Path, config: Path, path: str, count: int, seconds: int
) -> tuple[float, float]:
    """Return requests a second, and requests a second of the workers' processor time."""
    serve = [sys.executable, "-m", "feedsvc", "serve", "--role", "web", "--workers", str(count)]
    serve += ["--port", str(PORT), "--config", str(config)]
    cores, asked_from, connections = ("0", "1", "64") if count == 1 else ("0,1", "0,1", "128")
    with running(["taskset", "-c", cores, *serve], folder) as server:
        wait_until_ready(PORT)
        time.sleep(1)
        headers = {"Accept-Encoding": "gzip"}
        before = _seconds_of(server.pid)
        # Enough connections that a worker always finds requests waiting: one that has to wait for
        # them pays for each wake-up, with one worker as with two.
        rate = load(PORT, path, headers, seconds, asked_from, connections)
        spent = _seconds_of(server.pid) - before
        return rate, rate * seconds / spent


def _seconds_of(pid: int) -> float:
    """Return the processor seconds of a process and all its children."""
    found = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += sum(map(_seconds_of, map(int, (task / "children").read_text().split())))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return found + (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        print(*measure(Path(place), 3, 5), sep="\n")

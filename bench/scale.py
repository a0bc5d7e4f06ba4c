"""A large site on SQLite and on PostgreSQL: what one more article costs, a scan, a restart, memory.

And the same site as files: a whole export, one of a single change, beside rsync of the same tree.
``python -m bench.scale 100000 [sqlite|postgresql ...]`` measures one size alone.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import corpus, freshness, memory
from feedsvc.config import load_config
from feedsvc.service import Service

PORT = freshness.PORT
# An export of more would take hours, and say nothing new: its time grows with their number.
_EXPORT_MOST = 100_000
# How long a server may take to find that nothing changed, in seconds an article.
_SETTLING = 20e-6
# They know how to run a PostgreSQL of their own.
_TESTS = Path(__file__).parents[1] / "tests"

_FEEDSVC = [sys.executable, "-m", "feedsvc"]


def measure(folder: Path, articles: int, url: str, name: str, adds: int = 20) -> Iterator[str]:
    """Yield the rows of a site of ``articles`` whose store is at ``url``; empty for SQLite's."""
    config = folder / "config.yaml"
    if not config.exists():
        freshness.write_site(folder, articles)
    before = config.read_text()
    if url:
        config.write_text(before + f"store: {{url: '{url}'}}\n")
    try:
        yield from _measure(config, articles, name, adds)
    finally:
        config.write_text(before)


def _measure(config: Path, articles: int, name: str, adds: int) -> Iterator[str]:
    what = f"{articles:,} articles, {name}"
    first = _run("scan", "--json", "--config", str(config))
    yield f"| {what}: first scan of all | {first:.0f} s | {1000 * first / articles:.2f} ms each | |"
    service = Service(load_config(config, {}))
    service.start()
    service.scan()
    again = _clock(service.scan)
    service.close()
    find = _time(["find", str(config.parent / "content"), "-printf", "%T@ %s %i %p\n"])
    beside = f"find: {find:.2f} s | {again / find:.2f}"
    yield f"| {what}: a scan without change | {again:.2f} s | {beside} |"
    with _serving(config, "--role", "engine") as engine:
        time.sleep(10 + _SETTLING * articles)
        yield f"| {what}: the engine's memory | {memory.read_resident(engine.pid):.0f} MB | | |"
    for what_runs, options in (("a web worker", ["--role", "web"]), ("the whole of it", [])):
        ready = []
        for _ in range(3):
            began = time.perf_counter()
            with _serving(config, "--workers", "1", *options) as server:
                freshness.wait_until_ready(PORT)
                ready.append(time.perf_counter() - began)
                worker = memory.resident_of(server.pid)
        took = statistics.median(ready)
        yield f"| {what}: {what_runs} is ready after | {took:.2f} s | asked: 2 s | {took / 2:.2f} |"
    yield f"| {what}: a web worker's memory | {worker:.0f} MB | | |"
    delays = _add(config, articles, adds, name)
    p50, most = statistics.median(delays), max(delays)
    yield f"| {what}: one more, closed file to HTTP | p50 {p50:.0f} ms | max {most:.0f} ms | |"


def measure_export(folder: Path, articles: int) -> list[str]:
    """Return the rows of an export, beside rsync; the site's store is SQLite's, and full."""
    config = folder / "config.yaml"
    target, copy = folder / "out", folder / "copy"
    whole = _run("export", str(target), "--config", str(config))
    rows = []
    if shutil.which("rsync"):
        rsync = ["rsync", "-a", f"{target}/", f"{copy}/"]
        peer = _time(rsync)
        ratio = f"rsync -a of it: {peer:.1f} s | {whole / peer:.1f}"
    else:
        peer, ratio = 0.0, "left out: apt-get install rsync | "
    rows.append(f"| {articles:,} articles: a whole export | {whole:.1f} s | {ratio} |")
    ours, theirs = [], []
    for number in range(3):
        file = folder / "content" / corpus.SECTIONS[0] / f"export-{number}.md"
        _, _, paragraphs, _ = corpus.make_article(articles + 1000 + number)
        file.write_text(f"---\ntitle: Exported {number}\n---\n" + "\n\n".join(paragraphs))
        _run("scan", "--json", "--config", str(config))
        ours.append(_run("export", str(target), "--config", str(config)))
        if peer:
            theirs.append(_time(rsync))
    one = statistics.median(ours)
    beside = f"rsync -a of it: {statistics.median(theirs):.2f} s" if theirs else ""
    ratio = f"{one / statistics.median(theirs):.2f}" if theirs else ""
    what = f"{articles:,} articles: an export of one change"
    rows.append(f"| {what} | {one:.2f} s | {beside} | {ratio} |")
    return rows


def _add(config: Path, articles: int, adds: int, name: str) -> list[float]:
    """Return how many milliseconds after it was closed each new article was in its feed."""
    with _serving(config, "--workers", "1"):
        freshness.wait_until_ready(PORT)
        time.sleep(10 + _SETTLING * articles)  # the first scan and the model are through
        return freshness.drop_articles(config.parent, articles, adds, name.lower())


@contextlib.contextmanager
def _serving(config: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [*_FEEDSVC, "serve", "--config", str(config), "--log-json", *options]
    if "engine" not in options:
        command += ["--port", str(PORT)]
    with (config.parent / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield server
        finally:
            server.terminate()
            server.wait(30)


def _run(*words: str) -> float:
    return _time([*_FEEDSVC, *words])


def _clock(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _time(command: list[str]) -> float:
    run = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
    return _clock(run)


@contextlib.contextmanager
def running_engines(wanted: list[str]) -> Iterator[dict[str, str]]:
    """Yield the engines that are there, by name, each with the URL of an empty store."""
    with contextlib.ExitStack() as stack:
        found = {"SQLite": ""} if "sqlite" in wanted else {}
        if "postgresql" in wanted:
            sys.path.insert(0, str(_TESTS))
            try:
                from postgres import running_postgres
            except ImportError:  # pytest, say
                print("| PostgreSQL | left out: make .venv/test.stamp | | |")
            else:
                server = stack.enter_context(running_postgres())
                found["PostgreSQL"] = server.make_database()
        yield found


def list_rows(folder: Path, articles: int, wanted: list[str]) -> Iterator[str]:
    """Yield the rows of one size on the engines that are wanted; SQLite's site is exported, too."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_engines(wanted or ["sqlite", "postgresql"]) as engines:
        for name, url in engines.items():
            yield from measure(folder, articles, url, name)
            if not url and articles <= _EXPORT_MOST:
                yield from measure_export(folder, articles)


def main(articles: int, wanted: list[str]) -> None:
    """Measure one size, and print the rows."""
    with tempfile.TemporaryDirectory() as place:
        for row in list_rows(Path(place) / "site", articles, wanted):
            print(row, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

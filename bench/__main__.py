"""``make bench``: every figure beside a peer or a physical limit, measured in one run.

Prints the table that stands in docs/performance.md. Needs nginx, wrk, hugo, rsync and redis-server
(Debian's packages) and celery[redis] (PyPI's); what is missing is left out with a word.
``python -m bench quick`` uses smaller sites; ``python -m bench.scale 1000000`` measures a size of
which one run takes an hour.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import corpus, flood, freshness, memory, push, readership, scale, serving, workers

_HUGO_CONFIG = """\
baseURL = "https://bench.example/"
title = "Bench"
disableKinds = ["taxonomy", "term", "sitemap"]
[outputs]
home = ["HTML", "RSS"]
section = ["HTML", "RSS"]
[services.rss]
limit = 50
"""
_HUGO_SINGLE = "<!doctype html><title>{{ .Title }}</title><h1>{{ .Title }}</h1>{{ .Content }}"
_HUGO_LIST = (
    "<!doctype html>{{ range first 50 .Pages }}<a href={{ .Permalink }}>{{ .Title }}</a>{{ end }}"
)


def measure_builds(folder: Path, articles: int, rounds: int) -> list[str]:
    """Return the rows of building a whole site, against Hugo."""
    hugo = folder / "hugo"
    (hugo / "layouts/_default").mkdir(parents=True)
    (hugo / "config.toml").write_text(_HUGO_CONFIG)
    (hugo / "layouts/_default/single.html").write_text(_HUGO_SINGLE)
    for name in ("_default/list.html", "index.html"):
        (hugo / "layouts" / name).write_text(_HUGO_LIST)
    corpus.write_corpus("md", articles, hugo / "content")
    sites = {
        kind: freshness.write_site(folder / kind, articles, kind=kind) for kind in ("md", "txt")
    }
    times: dict[str, list[float]] = {"hugo": [], "md": [], "txt": []}
    for _ in range(rounds):
        shutil.rmtree(hugo / "public", ignore_errors=True)
        times["hugo"].append(_time(["hugo", "--quiet", "--source", str(hugo)]))
        for kind, config in sites.items():
            shutil.rmtree(config.parent / "var", ignore_errors=True)
            command = [sys.executable, "-m", "feedsvc", "scan", "--json", "--config", str(config)]
            times[kind].append(_time(command))
    base = statistics.median(times["hugo"])
    return [
        f"| {articles} {kind} articles, empty store to all feeds | {value:.1f} s | "
        f"Hugo, {articles} md: {base:.1f} s | {value / base:.2f} |"
        for kind, value in ((kind, statistics.median(times[kind])) for kind in ("md", "txt"))
    ]


def measure_scan(folder: Path, articles: int, rounds: int) -> str:
    """Return the row of a scan in which nothing has changed, against find."""
    from feedsvc.config import load_config
    from feedsvc.service import Service

    config = freshness.write_site(folder / "scan", articles, kind="txt")
    service = Service(load_config(config, {}))
    service.start()
    service.scan()
    find = ["find", str(config.parent / "content"), "-printf", "%T@ %s %i %p\n"]
    ours, theirs = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        service.scan()
        ours.append(time.perf_counter() - began)
        theirs.append(_time(find))
    service.close()
    a, b = statistics.median(ours), statistics.median(theirs)
    return f"| scan of {articles} files, no change | {a:.2f} s | find: {b:.2f} s | {a / b:.2f} |"


def _time(command: list[str]) -> float:
    # With its compiled modules beside it, as any installed program has them.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    quiet = subprocess.DEVNULL
    os.sync()  # what the run before left to be written must not slow this one
    began = time.perf_counter()
    subprocess.run(command, check=False, stdout=quiet, stderr=quiet, env=env)
    return time.perf_counter() - began


def main(quick: bool) -> None:
    """Measure, and print the table row by row."""
    print("| what | feedsvc | beside it | ratio |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if shutil.which("wrk") and shutil.which("nginx", path="/usr/sbin:/usr/bin"):
            rates = serving.measure(folder / "serving", 3, 2 if quick else 5)
            for kind, (ours, nginx, ratio) in rates.items():
                print(
                    f"| {kind} | {ours:,.0f}/s | nginx: {nginx:,.0f}/s | {ratio:.2f} |", flush=True
                )
            print(*workers.measure(folder / "workers", 3, 2 if quick else 5), sep="\n", flush=True)
            requests = 5_000 if quick else flood.REQUESTS
            found = flood.measure(folder / "flood", 3, 2 if quick else 5, requests)
            print(*flood.list_rows(found, requests), sep="\n", flush=True)
        else:
            print("| serving | left out: apt-get install nginx wrk | | |")
        counted = readership.measure(folder / "readership", 10 if quick else 60, 1)
        print(*readership.list_rows(counted), sep="\n", flush=True)
        if shutil.which("hugo"):
            for row in measure_builds(folder / "build", 2_000 if quick else 10_000, 3):
                print(row, flush=True)
        else:
            print("| building | left out: apt-get install hugo | | |")
        sizes = (1_000, 10_000) if quick else (10_000, 100_000)
        p99, resident = {}, {}
        for size in sizes:
            site = folder / f"fresh-{size}"
            delays = freshness.measure(site, size, 30 if quick else 100)
            resident[size] = memory.measure(site / "config.yaml")
            p99[size] = freshness.summarise(delays)["p99"]
            print(
                f"| closed file to HTTP, {size} articles, p99 | {p99[size]:.0f} ms | | |",
                flush=True,
            )
        ratio = p99[sizes[1]] / p99[sizes[0]]
        print(f"| the same, {sizes[1]} against {sizes[0]} | | | {ratio:.2f} |", flush=True)
        ratio = resident[sizes[1]] / resident[sizes[0]]
        print(
            f"| a worker's memory, {sizes[1]} articles | {resident[sizes[1]]:.0f} MB | "
            f"{sizes[0]} articles: {resident[sizes[0]]:.0f} MB | {ratio:.2f} |",
            flush=True,
        )
        for row in push.list_rows(folder / "push", 1 if quick else 3):
            print(row, flush=True)
        print(measure_scan(folder, 2_000 if quick else 100_000, 5), flush=True)
        for row in scale.list_rows(folder / "scale", 2_000 if quick else 100_000, []):
            print(row, flush=True)


if __name__ == "__main__":
    main(quick="quick" in sys.argv[1:])

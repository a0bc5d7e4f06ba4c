"""The life of ``feedsvc serve``: start and stop, crashes, roles, embargoes, config edits."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres import ENGINES, find_store
from sites import (
    FORMATS,
    Server,
    Site,
    article,
    at,
    parse_feed,
    plain_environment,
    running_in_group,
    serving,
    wait_until,
)

from feedsvc.publication.history import GROWN_MOST
from feedsvc.store import State, Store

PATHS = [f"/feeds/{name}.{suffix}" for name in ("all", "politics") for suffix in FORMATS]


@pytest.fixture(params=ENGINES)
def quick(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A site whose files are taken soon, on each engine."""
    return Site(tmp_path / "site", settle="100ms", store_url=find_store(request))


@contextlib.contextmanager
def opened(site: Site) -> Iterator[Store]:
    """Look into the store as another process would."""
    store = Store(site.load().config.store.url)
    try:
        yield store
    finally:
        store.close()


def command(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of feedsvc on a site."""
    line = [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)]
    return subprocess.run(
        line, capture_output=True, text=True, timeout=30, env=plain_environment(), check=False
    )


def shown(server: Server) -> dict[str, tuple[bytes, str, str]]:
    """Return what readers see of every feed: bytes, tag and date."""
    answers = {path: server.get(path, Accept_Encoding="gzip") for path in [*PATHS, "/"]}
    return {
        path: (one.body, one.headers["etag"], one.headers["last-modified"])
        for path, one in answers.items()
    }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_in_order(quick: Site, number: signal.Signals) -> None:
    """Within five seconds, with exit code 0, no process left, and nothing half-done."""
    quick.write("politics/one.md", article("One"))
    with serving(quick, workers=2) as server:
        assert server.children()
        assert server.stop(number) == 0
        wait_until(lambda: not running_in_group(server.process.pid), patience=2)
    assert not quick.store.with_name("feedsvc.db-wal").exists()


def test_ctrl_c_reaches_the_whole_group(quick: Site) -> None:
    """A terminal sends SIGINT to every process at once."""
    with serving(quick, workers=2) as server:
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(5) == 0
        wait_until(lambda: not running_in_group(server.process.pid), patience=2)


def test_signal_during_the_first_scan(quick: Site) -> None:
    """It need not wait for thousands of articles, and the next start goes on."""
    write_many(quick, 2000)
    server = Server(quick)
    try:
        wait_until(lambda: has_store(quick) and count_entries(quick))
        assert server.stop(signal.SIGTERM) == 0
        # The helper of its pool ends when it sees that it is alone.
        wait_until(lambda: not running_in_group(server.process.pid), patience=2)
    finally:
        server.kill()
    assert "Traceback" not in server.log
    assert 0 < count_entries(quick) < 2000


def test_signal_while_thousands_are_taken(quick: Site) -> None:
    """It ends between two batches, and the next start goes on."""
    with serving(quick) as server:
        write_many(quick, 8000)
        wait_until(lambda: count_entries(quick))
        assert server.stop() == 0
        wait_until(lambda: not running_in_group(server.process.pid), patience=2)
    assert count_entries(quick) < 8000
    with serving(quick):
        wait_until(lambda: count_entries(quick) == 8000, patience=60)


def test_restart_and_rebuild_change_nothing(quick: Site) -> None:
    """R10, F12, F15: the same bytes, tags and dates after a restart; the same ids with no store."""
    for number in range(5):
        quick.write(f"politics/{number}.md", article(f"Number {number}", date="2026-01-02"))
    with serving(quick, workers=2) as server:
        before, ids = shown(server), {one.id for one in server.items().values()}
        server.stop()
    with serving(quick) as server:
        assert shown(server) == before
        server.stop()
    quick.lose_store()
    with serving(quick) as server:
        assert {one.id for one in server.items().values()} == ids


# Crashes

MANY = 2000


def write_many(site: Site, count: int) -> Path:
    """Write many articles into a folder of their own, all at once visible."""
    staging = site.root / "staging"
    staging.mkdir()
    for number in range(count):
        text = article(f"Bulk {number}", f"Report number {number}.", date="2026-01-02")
        (staging / f"{number}.md").write_text(text)
    return staging.rename(site.content / "politics")


def has_store(site: Site) -> bool:
    """Return whether looking makes no store."""
    return bool(site.store_url) or site.store.exists()


def count_entries(site: Site) -> int:
    """Return how many entries the store holds; none while it is not made yet."""
    from feedsvc.errors import StoreError

    try:
        with opened(site) as store:
            found = store.counts(datetime.now(UTC)).get("all")
            return found.entries if found else 0
    except StoreError:
        return 0


def test_kill_during_a_bulk_loses_nothing(quick: Site) -> None:
    """kill -9 of everything in the middle; then all are there, once, with their own ids."""
    with serving(quick) as server:
        write_many(quick, MANY)
        wait_until(lambda: count_entries(quick))
        server.kill()
    assert 0 < count_entries(quick) < MANY, "it was killed in the middle"
    with serving(quick) as server:
        wait_until(lambda: count_entries(quick) == MANY)
        with opened(quick) as store:
            entries = list(store.entries(*State))
            assert store.problems() == []
        assert len({entry.id for entry in entries}) == len(entries) == MANY
        assert {entry.key for entry in entries} == {f"politics/{n}" for n in range(MANY)}
        newest = sorted(entries, key=lambda one: (one.published, one.uid), reverse=True)
        # All came within two hours, so the live feed has grown as far as it may.
        newest = newest[:GROWN_MOST]
        ids = {entry.id for entry in newest}
        wait_until(lambda: {one.id for one in server.items("politics").values()} == ids)
        for path in PATHS:
            found = parse_feed(path.rpartition(".")[2], server.get(path).body)
            assert len(found) == len(ids) and {one["id"] for one in found} == ids


# Embargoes


def test_embargo_ends_at_its_second(quick: Site) -> None:
    """F18: not before, anywhere; and over a restart as well."""
    for name in ("First", "Second"):
        later = at(datetime.now(UTC) + timedelta(days=1))
        quick.write(f"politics/{name.lower()}.md", article(name, embargo=later))
    links = find_pages(quick)
    # Late enough that a slow machine has started the server before each.
    now = datetime.now(UTC).replace(microsecond=0)
    first, second = now + timedelta(seconds=5), now + timedelta(seconds=11)
    quick.write("politics/first.md", article("First", embargo=at(first)))
    quick.write("politics/second.md", article("Second", embargo=at(second)))
    with serving(quick) as server:
        assert appears(server, "First", links["First"]) - first < timedelta(seconds=1)
        assert "Second" not in server.items()
        server.stop()
    with serving(quick) as server:
        assert appears(server, "Second", links["Second"]) - second < timedelta(seconds=1)
        feed = server.items("politics")
        assert [one.published for one in feed.values()] == [
            moment.isoformat() for moment in (second, first)
        ]


def find_pages(site: Site) -> dict[str, str]:
    """Return the page of each article, as explain tells it before anybody may see it."""
    links = {}
    for file in sorted(site.content.rglob("*.md")):
        facts = json.loads(command(site, "explain", str(file), "--json").stdout)
        found = re.search(r'href="http://gazette\.test(/articles/[^"]+)"', facts["entry"])
        assert found and not facts["visible"]
        links[facts["title"]] = found[1]
    return links


def appears(server: Server, title: str, page: str) -> datetime:
    """Return when an entry appeared, having looked that it was nowhere before its second."""

    def look() -> datetime | None:
        answers = [server.get(path).text for path in (*PATHS, "/", "/sections/politics")]
        status, moment = server.get(page).status, datetime.now(UTC)
        if any(title in text for text in answers) or status == 200:
            return moment
        return None

    found = wait_until(look)
    with opened(server.site) as store:
        (entry,) = (one for one in store.entries(State.LIVE) if one.article.title == title)
    assert found >= entry.published
    wait_until(lambda: all(title in server.get(path).text for path in PATHS), patience=1)
    return found


# Config edits


def test_config_is_edited_live(quick: Site) -> None:
    """A new section is filled with past articles; a faulty edit changes nothing and is told."""
    quick.write("science/comet.md", article("Comet seen"))
    quick.write("politics/vote.md", article("Vote held"))
    with serving(quick) as server:
        before = server.items()["Comet seen"]
        assert server.get("/feeds/science.xml").status == 404
        quick.configure("  science: Science\n")
        wait_until(lambda: server.get("/feeds/science.atom").status == 200)
        assert list(server.items("science").values()) == [before]
        assert [server.get(f"/feeds/science.{one}").status for one in FORMATS] == [200] * 3
        assert "Science" in server.get("/").text and "science.xml" in server.get("/feeds.opml").text
        good = shown(server)

        quick.configure("  science: Science\n  sport news: Sport\n")
        with store_of(quick) as store:
            wait_until(lambda: any(one.kind == "config" for one in store.problems()))
            (problem,) = store.problems()
            assert problem.path == "config.yaml" and "sport-news" in problem.message
            listed = command(quick, "problems", "--json")
            assert listed.returncode == 1
            assert any("sport-news" in one["message"] for one in json.loads(listed.stdout))
            assert shown(server) == good

            quick.configure("  science: Science\n  weather: Weather\n")
            wait_until(lambda: server.get("/feeds/weather.xml").status == 200)
            wait_until(lambda: store.problems() == [])
        assert "Comet seen" in server.items("science")
        assert "Traceback" not in server.log


def test_max_age_is_edited_live(quick: Site) -> None:
    """P57, R14: every format tells readers the same new age."""
    with serving(quick) as server:
        quick.configure("feeds:\n  max_age: 900\n")
        wait_until(lambda: "max-age=900" in server.get("/feeds/all.xml").headers["cache-control"])
        ages = {path: server.get(path).headers["cache-control"] for path in PATHS}
        stale = ", stale-while-revalidate=60, stale-if-error=86400"
        assert set(ages.values()) == {f"public, max-age=900{stale}"}, ages


@contextlib.contextmanager
def store_of(site: Site) -> Iterator[Store]:
    """Open the store at its usual place, whatever the config says."""
    store = Store(site.store_url or f"sqlite:///{site.store}")
    try:
        yield store
    finally:
        store.close()


# Roles


def test_engine_and_web_apart(quick: Site) -> None:
    """Two processes share nothing but the store; either may come first."""
    quick.write("politics/one.md", article("One"))
    web = Server(quick, role="web", workers=2)
    try:
        wait_until(lambda: _status(web, "/healthz") == 200)
        assert _status(web, "/feeds/all.xml") == 503
        with serving(quick, role="engine") as engine:
            # Each worker looks by itself: all have it when none of many answers is without.
            wait_until(lambda: {_status(web, "/feeds/all.xml") for _ in range(20)} == {200})
            assert "One" in web.items()
            quick.write("politics/two.md", article("Two"))
            wait_until(lambda: all("Two" in web.items() for _ in range(20)))
            assert engine.stop() == 0
        # The engine is gone, and readers do not notice (R25).
        answers = [web.get("/feeds/all.xml", Accept_Encoding="br") for _ in range(20)]
        assert {one.status for one in answers} == {200}
        assert len({(one.body, one.headers["etag"]) for one in answers}) == 1
        assert web.stop() == 0
        wait_until(lambda: not running_in_group(web.process.pid), patience=2)
        assert "Traceback" not in web.log
    finally:
        web.kill()


def test_scan_by_hand_beside_a_running_engine(quick: Site) -> None:
    """Two processes take the same file, and it is one entry."""
    with serving(quick) as server:
        quick.write("politics/one.md", article("One"))
        result = command(quick, "scan", "--json")
        assert result.returncode == 0, result.stderr
        wait_until(lambda: "One" in server.items())
        assert len(server.items()) == 1
        assert "Traceback" not in server.log
        assert server.stop() == 0


def _status(server: Server, path: str) -> int:
    with contextlib.suppress(OSError):
        return server.get(path).status
    return 0


def test_content_folder_is_edited_live(quick: Site) -> None:
    """Articles and what lies beside them come from the new folder at once."""
    picture = b"\x89PNG\r\n\x1a\n"
    with serving(quick) as server:
        (quick.root / "content2" / "politics").mkdir(parents=True)
        (quick.root / "content2" / "politics" / "p.png").write_bytes(picture)
        assert server.get("/media/politics/p.png").status == 404
        text = quick.config.read_text().replace("folder: content", "folder: content2")
        assert "content2" in text
        quick.config.write_text(text)
        wait_until(lambda: server.get("/media/politics/p.png").status == 200)
        assert server.get("/media/politics/p.png").body == picture

"""``/healthz`` and ``/readyz``: what is wrong is said shortly, without the machine's places."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import Site, article
from workers import Worker

from feedsvc import __version__
from feedsvc.errors import ConfigError, Fault
from feedsvc.store import ENGINE_TICK, Problem
from feedsvc.web.health import (
    DETAIL_CHARS_MOST,
    DETAILS_MOST,
    bound,
    describe_engine,
    describe_problems,
    hide_places,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ask(worker: Worker, path: str = "/readyz", status: int = 200) -> dict[str, Any]:
    """Return what is answered; it is JSON, about now."""
    answer = worker.fetch(path)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.body)
    return found


@pytest.fixture
def worker(site: Site, open_worker: Callable[..., Worker]) -> Worker:
    """A worker on a site with one article."""
    site.write("politics/a.md", article("A"))
    site.scan()
    worker: Worker = open_worker(site)
    return worker


def test_alive(site: Site, open_worker: Callable[..., Worker]) -> None:
    """Whatever there is to serve."""
    worker = open_worker(site, load=False)
    assert ask(worker, "/healthz") == {"ok": True, "version": __version__}


def test_ready(worker: Worker) -> None:
    """The revision that this worker serves, and when it was published."""
    found = ask(worker)
    assert set(found) == {"ready", "revision", "published", "reasons", "details", "engine"}
    assert found["engine"] == {"active": None, "since": None, "standby": 0}
    assert (found["ready"], found["reasons"], found["details"]) == (True, [], [])
    assert found["revision"] == worker.store.revision() > 0
    age = datetime.now(UTC) - datetime.fromisoformat(found["published"])
    assert timedelta(0) <= age < timedelta(minutes=5)


def test_published_moves_with_the_revision(site: Site, worker: Worker) -> None:
    before = ask(worker)
    site.write("politics/b.md", article("B"))
    site.scan()
    assert ask(worker) == before  # this worker still serves what it did
    worker.live.refresh()
    after = ask(worker)
    assert after["revision"] > before["revision"] and after["published"] > before["published"]


def test_the_engines(worker: Worker) -> None:
    """Which one is at work, since when, and how many stand by."""
    with worker.store.writing() as writer:
        assert writer.ticks.take(ENGINE_TICK, "vm1:77/mark", timedelta(minutes=1))
        for name in ("vm1:77", "vm2:78"):
            writer.ticks.note_engine(name)
    found = ask(worker)["engine"]
    assert (found["active"], found["standby"]) == ("vm1:77", 1)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(found["since"])) < timedelta(minutes=1)


def test_not_ready(site: Site, open_worker: Callable[..., Worker]) -> None:
    """503 with the reason, and details all the same."""
    worker = open_worker(site, load=False)
    worker.store.migrate()
    with worker.store.writing() as writer:
        writer.put_problem("/", "folder", f"the content folder {site.content} is missing", NOW)
    answer = worker.fetch("/readyz")
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    found = json.loads(answer.body)
    assert (found["ready"], found["revision"], found["published"]) == (False, 0, None)
    assert found["reasons"] == ["no publication is loaded yet"]
    assert found["details"] == ["the content folder content is missing"]


def test_a_store_that_is_gone(site: Site, worker: Worker) -> None:
    """Readers are served, and the answer names no folder of the machine."""
    worker.store.close()
    site.store.rename(site.store.with_suffix(".gone"))
    site.store.mkdir()
    found = ask(worker)
    assert found["ready"] is True and len(found["details"]) == 1
    assert found["details"][0].startswith("the store does not answer: ")
    worker.live.trouble = f"the store {site.store} was removed or replaced"
    (detail,) = ask(worker)["details"]
    assert detail == "the store does not answer: the store feedsvc.db was removed or replaced"


def test_a_config_with_faults(worker: Worker) -> None:
    """Each with its line, key and reason, until it is mended; problems of files are not here."""
    faults = (
        Fault("config.yaml", 12, "feeds.itmes", "unknown key", "did you mean items?"),
        Fault("config.yaml", 14, "feeds.max_age", "must be a whole number"),
    )
    with worker.store.writing() as writer:
        writer.put_problem("config.yaml", "config", str(ConfigError(faults)), NOW)
        writer.put_problem("politics/b.md", "refused", "is empty", NOW)
    found = ask(worker)
    assert found["ready"] is True
    assert found["details"] == [
        f"the config is not in force: {fault}"
        for fault in (
            "config.yaml:12: feeds.itmes: unknown key (did you mean items?)",
            "config.yaml:14: feeds.max_age: must be a whole number",
        )
    ]
    with worker.store.writing() as writer:
        writer.clear_problems(["config.yaml"])
    assert ask(worker)["details"] == []


@pytest.mark.parametrize(
    ("age", "details"),
    [
        (5, []),
        (59, []),
        (61, ["the engine has not been seen since 2026-03-01T11:58:59.000Z"]),
        (86_400, ["the engine has not been seen since 2026-02-28T12:00:00.000Z"]),
        (-300, []),  # two machines' clocks
    ],
)
def test_an_engine_that_is_gone(age: int, details: list[str]) -> None:
    jobs = {"at": (NOW - timedelta(seconds=age)).isoformat(), "jobs": []}
    assert describe_engine(json.dumps(jobs), NOW) == details


def test_the_engine_is_looked_up_in_the_store(worker: Worker) -> None:
    with worker.store.writing() as writer:
        writer.put_fact("jobs", '{"at": "2026-01-01T00:00:00+00:00"}')
    assert ask(worker)["details"] == ["the engine has not been seen since 2026-01-01T00:00:00.000Z"]


@pytest.mark.parametrize("jobs", ["", "{}", "[]", "nonsense", '{"at": 3}', '{"at": "soon"}', "7"])
def test_a_fact_that_says_nothing_is_none(jobs: str) -> None:
    """An engine of another version may write none, or another one."""
    assert describe_engine(jobs, NOW) == []


@pytest.mark.parametrize(
    ("problem", "details"),
    [
        (
            Problem(
                "config.yaml", "config", "/srv/my site/config.yaml: there is no such file", NOW
            ),
            ["the config is not in force: config.yaml: there is no such file"],
        ),
        (
            Problem("drafts", "folder", "the folder cannot be read: Permission denied", NOW),
            ["drafts: the folder cannot be read: Permission denied"],
        ),
        (
            Problem("config.yaml", "config", "environment FEEDSVC_FEEDS__ITEMS: no number", NOW),
            ["the config is not in force: environment FEEDSVC_FEEDS__ITEMS: no number"],
        ),
    ],
)
def test_problems_in_words(problem: Problem, details: list[str]) -> None:
    assert describe_problems([problem]) == details


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the folder /srv/my site/content/x is", "the folder x is"),
        ("the folder /srv/my site/content is", "the folder content is"),
        ("the file '/etc/feedsvc/key.pem' is", "the file 'key.pem' is"),
        ("/opt/news/config.yaml:3: x", "config.yaml:3: x"),
        ("no such file:/opt/news/config.yaml", "no such file:config.yaml"),
        ("see https://news.example/feeds/all.xml", "see https://news.example/feeds/all.xml"),
        ("politics/a.md: no title", "politics/a.md: no title"),
    ],
)
def test_places_are_hidden(text: str, shown: str) -> None:
    assert hide_places(text, ["/srv/my site/content", "/srv/my site"]) == shown


names = st.text(st.sampled_from("abc._-é"), min_size=1, max_size=8)


@given(st.lists(names, min_size=2, max_size=5), st.text(max_size=20))
def test_no_absolute_path_is_left(parts: list[str], more: str) -> None:
    """Also of folders that nobody named."""
    place = "/" + "/".join(parts)
    assert place not in hide_places(f"{more} {place} {more}", [])
    folder = Path(place)
    assert place not in hide_places(f"{folder}/x y/z: {more}", [place])


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=600), max_size=30))
def test_details_are_bounded(details: list[str]) -> None:
    """However many there are, and whatever they say."""
    told = bound(details)
    assert len(told) <= DETAILS_MOST and all(len(one) <= DETAIL_CHARS_MOST for one in told)
    assert all(len(one.splitlines()) <= 1 for one in told)
    if len(details) > DETAILS_MOST:
        assert told[-1] == f"and {len(details) - DETAILS_MOST + 1} more"


def test_many_problems_are_a_few_details(worker: Worker) -> None:
    with worker.store.writing() as writer:
        for number in range(50):
            writer.put_problem(f"f{number}", "folder", "cannot be read: " + "x" * 1_000, NOW)
    details = ask(worker)["details"]
    assert len(details) == DETAILS_MOST and max(map(len, details)) <= DETAIL_CHARS_MOST

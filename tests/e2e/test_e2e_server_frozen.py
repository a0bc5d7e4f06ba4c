"""A database server that takes connections and answers nothing: a frozen machine, a hung disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Server as Postgres
from postgres import running_postgres
from sites import Answer, Server, Site, article, serving, wait_until

# Longer than all of a worker's waits one after the other.
_FROZEN = 12.0
# What a balancer gives /readyz; a worker promises half a second, and the machine may be busy.
_READY_WITHIN = 2.0
# A look at a connection and a new one take two seconds each; the rest is for a busy machine.
_ARTICLE_WITHIN = 8.0
_BACK_WITHIN = 40.0


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    """A server that tests may stop."""
    with running_postgres() as server:
        yield server


def timed(server: Server, path: str) -> tuple[Answer, float]:
    """Ask for a path; return the answer, and how long it took."""
    began = time.monotonic()
    answer = server.get(path)
    return answer, time.monotonic() - began


def test_a_replica_stays_ready_while_the_server_is_frozen(
    database: Postgres, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", settle="50ms", store_url=database.make_database())
    site.write("politics/one.md", article("One"))
    with serving(site, role="engine"), serving(site, role="web") as server:
        wait_until(lambda: "One" in server.items("politics"))
        page = "/articles/" + server.items("politics")["One"].link.rpartition("/")[2]
        assert server.get(page).status == 200
        feed = server.get("/feeds/politics.atom").body
        with database.frozen():
            end = time.monotonic() + _FROZEN
            while time.monotonic() < end:
                ready, took = timed(server, "/readyz")
                assert ready.status == 200 and took < _READY_WITHIN, (ready, took)
                assert "the store does not answer" in ready.text, ready.text
                gone, took = timed(server, page)
                assert gone.status == 503 and took < _ARTICLE_WITHIN, (gone, took)
                assert "retry-after" in gone.headers
                served, took = timed(server, "/feeds/politics.atom")
                assert (served.status, served.body) == (200, feed) and took < _READY_WITHIN
            site.write("politics/two.md", article("Two"))
        wait_until(lambda: server.get(page).status == 200, patience=_BACK_WITHIN)
        wait_until(lambda: "Two" in server.items("politics"), patience=_BACK_WITHIN)
        wait_until(lambda: "does not answer" not in server.get("/readyz").text)

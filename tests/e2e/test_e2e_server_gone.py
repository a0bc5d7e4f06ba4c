"""A database server that goes away and comes back: nobody who reads notices (R25)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Server as Postgres
from postgres import running_postgres
from sites import Server, Site, article, serving, wait_until

# How long the server is away: longer than any wait of ours for one connection.
_AWAY = 8.0
# Connections are made anew, and the machine may be busy.
_BACK_WITHIN = 40.0


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    """A server that tests may end."""
    with running_postgres() as server:
        yield server


def poll(server: Server, seconds: float) -> set[tuple[int, bytes]]:
    """Ask for a feed again and again; return all that was answered."""
    seen = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = server.get("/feeds/politics.atom")
        seen.add((answer.status, answer.body))
        time.sleep(0.02)
    return seen


def test_readers_are_served_while_the_server_is_away(database: Postgres, tmp_path: Path) -> None:
    site = Site(tmp_path / "site", settle="50ms", store_url=database.make_database())
    site.write("politics/one.md", article("One"))
    with serving(site) as server:
        wait_until(lambda: "One" in server.items("politics"))
        before = server.get("/feeds/politics.atom").body
        database.kill()
        try:
            site.write("politics/two.md", article("Two"))
            assert poll(server, _AWAY) == {(200, before)}
            ready = server.get("/readyz")
            assert ready.status == 200 and "does not answer" in ready.text, ready.text
            assert "feedsvc_store_up 0.0" in server.get("/metrics").text
            # What only the store knows is not there for a moment: no error, and no "not found".
            assert server.get("/feeds/politics/archive/1.atom").status == 503
        finally:
            database.start()
        # What came meanwhile is taken, by whoever was at work before.
        wait_until(lambda: "Two" in server.items("politics"), patience=_BACK_WITHIN)
        wait_until(lambda: "does not answer" not in server.get("/readyz").text)
        assert "feedsvc_store_up 1.0" in server.get("/metrics").text


def test_a_restart_is_a_matter_of_seconds(database: Postgres, tmp_path: Path) -> None:
    """Again and again, in good order and not: nothing is lost, and nothing is there twice."""
    site = Site(tmp_path / "site", settle="50ms", store_url=database.make_database())
    site.write("politics/0.md", article("Number 0"))
    with serving(site) as server:
        for number, end in enumerate((database.kill, database.stop, database.kill), start=1):
            wait_until(lambda n=number: f"Number {n - 1}" in server.items("politics"))
            end()
            site.write(f"politics/{number}.md", article(f"Number {number}"))
            database.start()
        titles = {f"Number {number}" for number in range(4)}
        wait_until(lambda: titles <= set(server.items("politics")), patience=_BACK_WITHIN)
        assert set(server.items("politics")) == titles

"""A database server that goes away and comes back: nobody who reads notices (R25)."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Server as Postgres
from postgres import running_postgres
from sites import Answer, Server, Site, article, serving, wait_until

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


def test_a_replica_waits_for_a_server_that_is_away(database: Postgres, tmp_path: Path) -> None:
    """When machines come back after a power cut, nobody says which is first."""
    site = Site(tmp_path / "site", settle="50ms", store_url=database.make_database())
    site.write("politics/one.md", article("One"))
    site.scan()
    database.kill()
    server = Server(site, role="web")
    try:
        try:
            ready = wait_until(lambda: find_answer(server, "/readyz"))
            assert ready.status == 503 and "retry-after" in ready.headers
            assert "no publication is loaded yet" in ready.text and "not answer" in ready.text
            assert server.get("/feeds/politics.atom").status == 503
            assert server.get("/articles/0123456789abcdef").status == 503
            assert "warning: the store postgresql+psycopg://" in server.log
            assert "readers are told to come again" in server.log
            time.sleep(3.0)  # it tries each second, and says so once
            assert server.log.count("serving nothing until it does") == 1, server.log
            assert "published before" not in server.log
        finally:
            database.start()
        server.wait_ready()
        assert "One" in server.items("politics")
        assert server.stop() == 0
    finally:
        server.kill()


def test_a_replica_does_not_wait_for_a_database_that_is_not_there(
    database: Postgres, tmp_path: Path
) -> None:
    """Nor for another user, or a password: that is a config to be mended."""
    url = database.make_database()
    site = Site(tmp_path / "site", store_url=f"{url}_of_nobody")
    server = Server(site, role="web")
    try:
        assert server.process.wait(_BACK_WITHIN) == 2 and "does not exist" in server.log
    finally:
        server.kill()


def find_answer(server: Server, path: str) -> Answer | None:
    """Ask a server that may not listen yet."""
    assert server.process.poll() is None, server.log
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.get(path)
    return None


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

"""What only PostgreSQL can do wrong: sites that share a server, and connections that are lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from postgres import Server, running_postgres
from sites import wait_until
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from feedsvc.errors import StoreAwayError, StoreError
from feedsvc.store import AT_LENGTH, IN_BRIEF, Bounds, Store
from feedsvc.store.engine import open_engine
from feedsvc.store.trouble import as_store_errors


def open_in(url: str, name: str) -> Store:
    """Open the store of a site that has a schema of its own."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    store = Store(f"{url}?options=-csearch_path%3D{name}")
    store.migrate()
    return store


@pytest.fixture
def pair(postgres: Server) -> Iterator[tuple[Store, Store]]:
    """Two sites in one database."""
    url = postgres.make_database()
    stores = open_in(url, "gazette"), open_in(url, "herald")
    yield stores
    for store in stores:
        store.close()


def test_two_sites_in_one_database_know_nothing_of_each_other(
    pair: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.store.postgres._LOOK_EVERY", 1000.0)
    one, other = pair
    watch = other.watch()
    assert watch.changed()
    with one.writing() as writer:
        writer.put_fact("name", "Gazette")
        with other.writing() as second:  # and neither waits for the other
            second.put_fact("name", "Herald")
    assert (one.fact("name"), other.fact("name")) == ("Gazette", "Herald")
    assert watch.changed()  # of its own
    with one.writing() as writer:
        writer.put_fact("name", "The Gazette")
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        assert not watch.changed()
        time.sleep(0.05)
    watch.close()


def test_writers_take_turns_and_see_what_was_written(pair: tuple[Store, Store]) -> None:
    """Reading and then writing loses nothing, however many do it at once."""
    store, _ = pair

    def count() -> None:
        for _ in range(25):
            with store.writing() as writer:
                writer.put_fact("count", str(int(store.fact("count") or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.fact("count") == "100"


_STOPPED = """
import sys, time
from feedsvc.store import Store

with Store(sys.argv[1]).writing() as writer:
    writer.put_fact("name", "half")
    print("half", flush=True)
    time.sleep(600)
"""


def test_a_writer_that_is_stopped_keeps_nobody_from_writing(pair: tuple[Store, Store]) -> None:
    """SIGSTOP in the middle of a transaction: the machine answers, and nothing comes."""
    store, _ = pair
    process = subprocess.Popen(
        [sys.executable, "-c", _STOPPED, store.url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout and process.stdout.readline() == "half\n"
        os.kill(process.pid, signal.SIGSTOP)

        def write() -> bool:
            try:
                with store.writing() as writer:
                    writer.put_fact("other", "whole")
            except StoreError:
                return False
            return True

        wait_until(write, patience=40)
        assert store.fact("other") == "whole" and store.fact("name") == ""
    finally:
        process.kill()
        process.wait()


def test_a_reader_may_be_long_about_what_it_found(pair: tuple[Store, Store]) -> None:
    """Longer than a writer: a million files take a minute to look through."""
    store, _ = pair
    with store.reading_marks() as tables:
        assert not list(tables.media())
        time.sleep(11)
        assert not list(tables.media())


def test_a_text_with_nul_is_no_reason_to_fail(pair: tuple[Store, Store]) -> None:
    store, _ = pair
    assert store.entry("a\0b") is None
    with store.writing() as writer:
        writer.put_fact("name", "a\0b")
    assert store.fact("name") == "a\ufffdb"


def test_a_lost_connection_is_noticed_and_made_anew(pair: tuple[Store, Store]) -> None:
    store, _ = pair
    watch = store.watch()
    assert watch.changed()
    engine = create_engine(store.url)
    with engine.connect() as connection:
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        connection.execute(text(query))
    engine.dispose()

    def notices() -> bool:
        try:
            watch.changed()
        except StoreError:
            return True
        return False

    wait_until(notices)
    assert store.fact("name") == ""  # the pool looks before it hands out
    watch = store.watch()
    assert watch.changed()
    watch.close()


def test_a_count_that_fails_is_no_error(postgres: Server) -> None:
    """It is a help and no more: what was written is written, and the command has done its work."""
    url = postgres.make_database()
    store = Store(f"{url}?options=-clock_timeout%3D100")
    store.migrate()
    other = create_engine(url)
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE"))
        store.analyze()
    other.dispose()
    store.analyze()
    store.close()
    query = "SELECT reltuples FROM pg_class WHERE relname = 'entries'"
    assert postgres.ask(url.rpartition("/")[2], query) == [(0.0,)]


@pytest.fixture
def own() -> Iterator[Server]:
    """A server that a test may stop."""
    with running_postgres() as server:
        yield server


def time_failure(store: Store) -> float:
    """Ask a store that fails; return how long that took."""
    began = time.monotonic()
    with pytest.raises(StoreError, match="the store does not answer"):
        store.fact("name")
    return time.monotonic() - began


def test_a_silent_server_is_given_up(own: Server) -> None:
    """By web workers, whose readers wait; once that is known, nobody waits at all."""
    store = Store(own.make_database(), IN_BRIEF)
    store.migrate()
    watch = store.watch()
    assert watch.changed()
    with own.frozen():
        # A look at what is open, and a new one.
        assert time_failure(store) < IN_BRIEF.look + IN_BRIEF.connect + 3
        assert min(time_failure(store) for _ in range(3)) < 0.5
        time.sleep(2.0)  # the watch looks each two seconds
        began = time.monotonic()
        with pytest.raises(StoreError, match="silent for 2 s"):
            watch.changed()
        assert time.monotonic() - began < IN_BRIEF.look + 3
    wait_until(lambda: answers(store))
    store.close()


def answers(store: Store) -> bool:
    try:
        return store.fact("name") == ""
    except StoreError:
        return False


def test_a_question_may_take_long_to_who_can_wait(postgres: Server) -> None:
    """An engine may wait; a web worker not, unless something comes bit by bit."""
    url = postgres.make_database()
    assert ask(replace(AT_LENGTH, look=0.5), url, "SELECT pg_sleep(2)") == 1
    with pytest.raises(OperationalError, match="silent for 1 s"):
        ask(replace(IN_BRIEF, reading=1.0), url, "SELECT pg_sleep(4)")
    bits = "SELECT pg_sleep(0.25), repeat('x', 9000) FROM generate_series(1, 12)"
    assert ask(replace(IN_BRIEF, reading=1.0), url, bits) == 12


@pytest.mark.parametrize(
    ("said", "statement", "is_away"),
    [
        ("connection failed: Connection refused", None, True),
        ("connection timeout expired", None, True),
        ("connection failed: FATAL:  the database system is starting up", None, True),
        ('connection failed: FATAL:  password authentication failed for user "u"', None, False),
        ('connection failed: FATAL:  database "d" does not exist', None, False),
        ("canceling statement due to lock timeout", "SELECT 1", False),
    ],
)
def test_what_waiting_may_mend(said: str, statement: str | None, is_away: bool) -> None:
    with pytest.raises(StoreError) as caught, as_store_errors():
        raise OperationalError(statement, None, psycopg.OperationalError(said))
    assert isinstance(caught.value, StoreAwayError) is is_away and said in str(caught.value)


def ask(bounds: Bounds, url: str, query: str) -> int:
    """Ask a server; return how many rows came."""
    engine = open_engine(url, bounds)
    try:
        with engine.connect() as connection:
            return len(connection.exec_driver_sql(query).all())
    finally:
        engine.dispose()

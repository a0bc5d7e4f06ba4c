"""The contract's verbs of ticks: one holder, by the database's clock, and fenced writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from feedsvc.errors import NotAtWorkError
from feedsvc.store import ENGINE_TICK, Claim, Crew, Fence, Store, Tick, schema
from feedsvc.store.engine import connect_to_write, db_now, open_engine

LONG, SHORT = timedelta(minutes=1), timedelta(milliseconds=50)
NAME = ENGINE_TICK


@pytest.fixture
def fenced(store: Store, url: str) -> Iterator[Store]:
    """A store behind a fence that nobody has passed yet."""
    one = Store(url)
    yield one
    one.close()


def take(store: Store, holder: str, length: timedelta = LONG) -> Claim | None:
    with store.writing() as writer:
        return writer.ticks.take(NAME, holder, length)


def renew(store: Store, claim: Claim, length: timedelta = LONG) -> bool:
    with store.writing() as writer:
        return writer.ticks.renew(claim, length)


def read(store: Store) -> Tick | None:
    with store.reading_ticks() as ticks:
        return ticks.read(NAME)


def set_due(url: str, due: datetime) -> None:
    with connect_to_write(open_engine(url)) as connection:
        connection.execute(update(schema.ticks).values(due=due))


def test_the_database_tells_the_time(store: Store, url: str) -> None:
    """In microseconds, and it goes on within a transaction."""
    with connect_to_write(open_engine(url)) as connection:
        first = connection.execute(select(db_now(connection))).scalar_one()
        assert abs(first - time.time() * 1e6) < 5e6
        time.sleep(0.05)
        assert connection.execute(select(db_now(connection))).scalar_one() - first >= 40_000


def test_one_holds_it_until_it_is_due(store: Store) -> None:
    assert read(store) is None
    first = take(store, "a:1/x")
    assert first == Claim(NAME, "a:1/x", 1) and first.who == "a:1"
    assert take(store, "b:2") is None and take(store, "a:1/x") is None
    tick = read(store)
    assert tick and tick.claim == first and timedelta(seconds=30) < tick.left <= LONG
    assert abs(tick.since - datetime.now(UTC)) < timedelta(seconds=30)
    assert renew(store, first, SHORT)
    time.sleep(0.1)
    free = read(store)
    assert free and not free.left and free.since == tick.since
    second = take(store, "b:2")
    assert second == Claim(NAME, "b:2", 2)
    # Who comes back late is known by its term, even under the same name.
    assert not renew(store, first)
    with store.writing() as writer:
        assert not writer.ticks.give_back(first)
        assert writer.ticks.give_back(second)
    assert take(store, "a:1/x") == Claim(NAME, "a:1/x", 3)


def test_what_ran_out_and_nobody_took_is_held_on(store: Store) -> None:
    claim = take(store, "a:1", SHORT)
    assert claim
    time.sleep(0.1)
    assert renew(store, claim) and take(store, "b:2") is None


def test_from_a_dead_holder_one_takes_it(store: Store) -> None:
    dead = take(store, "a:1")
    assert dead
    with store.writing() as writer:
        assert writer.ticks.take_from(dead, "a:2", LONG) == Claim(NAME, "a:2", 2)
    with store.writing() as writer:
        assert writer.ticks.take_from(dead, "a:3", LONG) is None


def test_a_clock_that_was_set_back_keeps_nobody_waiting(store: Store, url: str) -> None:
    assert take(store, "a:1")
    set_due(url, datetime.now(UTC) + timedelta(days=400))
    tick = read(store)
    assert tick and not tick.left
    assert take(store, "b:2")


def test_of_many_that_try_one_has_it(store: Store, url: str) -> None:
    """At a new store too, where the first one makes the row."""
    for _ in range(5):
        claims = race(url, 6)
        (claim,) = (one for one in claims if one)
        assert len(claims) == 6
        with store.writing() as writer:
            writer.ticks.give_back(claim)


def race(url: str, many: int) -> list[Claim | None]:
    """Let many try to take the tick at once, each with connections of its own."""
    claims: list[Claim | None] = []
    gate = threading.Barrier(many)

    def attempt(number: int) -> None:
        store = Store(url)
        gate.wait(10)
        claims.append(take(store, f"h:{number}"))
        store.close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return claims


def test_the_crew(store: Store) -> None:
    assert store.crew() == Crew()
    for name in ("a:1", "b:2", "c:3"):
        with store.writing() as writer:
            writer.ticks.note_engine(name)
    assert store.crew() == Crew(standby=3)
    take(store, "a:1/x")
    crew = store.crew()
    assert (crew.active, crew.standby) == ("a:1", 2) and crew.since
    with store.writing() as writer:
        writer.ticks.forget_engine("b:2")
    assert store.crew().standby == 1
    assert store.figures(datetime.now(UTC)).crew == store.crew()


def test_engines_that_are_silent_are_not_counted(store: Store, url: str) -> None:
    with store.writing() as writer:
        writer.ticks.note_engine("a:1")
    with connect_to_write(open_engine(url)) as connection:
        connection.execute(
            update(schema.engines).values(seen=datetime.now(UTC) - timedelta(seconds=20))
        )
    assert store.crew().standby == 0


def test_behind_a_fence_only_the_holder_writes(store: Store, fenced: Store) -> None:
    fence = Fence(LONG)
    fenced.put_fence(fence)
    assert refused(fenced)  # nothing is held
    claim = take(store, "a:1", SHORT)
    fence.note(claim)
    assert refused(fenced)  # held, but what this process knows is of no use yet
    fence.acting = claim
    assert not refused(fenced) and fenced.fact("x") == "1"
    tick = read(store)
    assert tick and tick.left > timedelta(seconds=30)  # writing renews it


def test_who_slept_while_another_took_over_cannot_write(store: Store, fenced: Store) -> None:
    fence = Fence(LONG)
    fenced.put_fence(fence)
    fence.acting = claim = take(store, "a:1", SHORT)
    fence.note(claim)
    time.sleep(0.1)
    other = take(store, "b:2", SHORT)
    assert other
    assert refused(fenced) and fence.claim is None
    # It has its turn again, but what it knows is as old as before.
    time.sleep(0.1)
    fence.note(take(store, "a:1"))
    assert refused(fenced)
    fence.acting = fence.claim
    assert not refused(fenced)


def test_a_long_write_keeps_its_turn(store: Store, fenced: Store) -> None:
    """Nobody takes it while the transaction lasts, nor right after it."""
    length = timedelta(seconds=0.4)
    fence = Fence(length)
    fenced.put_fence(fence)
    fence.acting = claim = take(store, "a:1", length)
    fence.note(claim)
    took: list[Claim | None] = []
    other = threading.Thread(target=lambda: took.append(take(store, "b:2")))
    with fenced.writing() as writer:
        assert fence.is_writing
        writer.put_fact("x", "long")
        time.sleep(0.6)
        other.start()
        time.sleep(0.2)
    other.join(30)
    assert took == [None] and store.fact("x") == "long" and not fence.is_writing


def test_what_fails_behind_a_fence_is_rolled_back(store: Store, fenced: Store) -> None:
    fence = Fence(LONG)
    fenced.put_fence(fence)
    fence.acting = claim = take(store, "a:1")
    fence.note(claim)
    with pytest.raises(RuntimeError), fenced.writing() as writer:
        writer.put_fact("x", "no")
        raise RuntimeError
    assert store.fact("x") == "" and not fence.is_writing


def refused(store: Store) -> bool:
    """Whether a write is refused; then it has left nothing."""
    before = store.fact("x")
    try:
        with store.writing() as writer:
            writer.put_fact("x", "1")
    except NotAtWorkError as error:
        assert "another engine" in str(error)
        assert store.fact("x") == before
        return True
    return False

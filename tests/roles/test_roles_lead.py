"""One process's side of taking turns: what it knows when it takes over, and who has ended."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sites import Site, article, wait_until

from feedsvc.errors import NotAtWorkError
from feedsvc.lead import LEASE, Lead, has_ended, mark_process
from feedsvc.orders import carry_out_orders
from feedsvc.service import Service
from feedsvc.store import ENGINE_TICK, WITHDRAW, Fence, Order, Store

LONG = timedelta(minutes=1)


@contextlib.contextmanager
def engine(site: Site) -> Iterator[tuple[Service, Fence]]:
    """An engine's hand that nobody drives."""
    fence = Fence(LONG)
    service = Service(site.load(), fence=fence)
    try:
        yield service, fence
    finally:
        service.close()


def hand_over(store: Store, to: Fence, name: str) -> None:
    """Let one engine have the tick, whoever had it, who does not hear of it."""
    with store.writing() as writer:
        if tick := writer.ticks.read(ENGINE_TICK):
            writer.ticks.give_back(tick.claim)
        to.note(writer.ticks.take(ENGINE_TICK, name, LONG))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site")
    site.write("politics/a.md", article("A", "What the first of them says."))
    return site


def test_who_takes_over_knows_what_the_other_did(site: Site) -> None:
    """Files, withdrawals, and the publication; and who lost its turn changes nothing."""
    store = Store(site.load().config.store.url)
    with engine(site) as (one, first), engine(site) as (two, second):
        assert not one.is_at_work and not two.is_at_work
        with pytest.raises(NotAtWorkError):
            two.take_over()
        hand_over(store, first, "one:1")
        assert not one.is_at_work  # it knows nothing yet
        one.take_over()
        assert one.is_at_work
        one.finish_pass(one.scan())
        site.write("politics/b.md", article("B", "Something else that has happened."))
        hand_over(store, second, "two:2")
        two.take_over()
        report = two.scan()
        assert len(report.outcome.new) == 1
        two.finish_pass(report)
        revision = store.revision()
        # The first was stopped meanwhile, and believes that it is at work.
        assert one.is_at_work
        with pytest.raises(NotAtWorkError):
            one.scan()
        assert not one.is_at_work and store.revision() == revision
        hand_over(store, first, "one:1")
        one.take_over()
        report = one.scan()
        assert not report.changed and not one.publish().revision
        assert store.revision() == revision
    store.close()


def test_what_it_knew_in_an_earlier_turn_is_no_ground_to_write_on(site: Site) -> None:
    store = Store(site.load().config.store.url)
    with engine(site) as (one, first), engine(site) as (two, second):
        hand_over(store, first, "one:1")
        one.take_over()
        one.finish_pass(one.scan())
        hand_over(store, second, "two:2")
        two.take_over()
        hand_over(store, first, "one:1")
        with pytest.raises(NotAtWorkError):
            one.report_folder("gone")
        one.take_over()
        one.report_folder("gone")
    store.close()


def test_a_new_config_waits_for_the_turn(site: Site) -> None:
    store = Store(site.load().config.store.url)
    with engine(site) as (one, first), engine(site) as (two, second):
        hand_over(store, first, "one:1")
        one.take_over()
        one.finish_pass(one.scan())
        site.configure("  money: Money\n")
        two.reload(site.load())
        assert "money" in two.config.sections and "money" not in store.built()
        hand_over(store, second, "two:2")
        two.take_over()
        assert "money" in store.built()
    store.close()


def test_an_order_that_another_engine_has_done_is_left(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it was seen waiting before that."""
    site.scan()
    with site.service() as service:
        (entry,) = service.store.entries_of([service.find_entry("politics/a.md").uid])  # type: ignore[union-attr]
        order = Order(datetime.now(UTC), "Ann", WITHDRAW, entry.uid)
        with service.store.writing() as writer:
            number = writer.orders.ask(order)
        with service.store.reading_orders() as orders:
            seen = orders.waiting(9)
        with service.store.writing() as writer:
            writer.orders.finish(number, "the other did it", False, datetime.now(UTC))
        monkeypatch.setattr("feedsvc.store.OrderTables.waiting", lambda *_: seen)
        carry_out_orders(service)
        with service.store.reading_orders() as orders:
            done = orders.order(number)
        assert done and done.outcome == "the other did it"
        assert not service.store.entry(entry.uid).withheld  # type: ignore[union-attr]


def test_who_has_ended_on_this_machine(site: Site) -> None:
    """Only that is told for sure; a number that another process has now is no proof of life."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = mark_process(child.pid)
    alive = f"host:{child.pid}/{mark}"
    assert mark and not has_ended(alive)
    assert has_ended(f"host:{os.getpid()}/{mark}")
    child.kill()
    wait_until(lambda: has_ended(alive), 5)  # not waited for yet
    child.wait()
    assert has_ended(alive)
    start = mark.partition("-")[2]
    elsewhere = (f"host:{child.pid}/0123-{start}", f"host:{child.pid}/", "", "x/y-z", "::/-")
    assert not any(map(has_ended, elsewhere))


def test_an_engine_takes_the_turn_of_one_that_ended_here_at_once(site: Site) -> None:
    url = site.load().config.store.url
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = f"host:{child.pid}/{mark_process(child.pid)}"
    store = Store(url)
    store.migrate()
    with store.writing() as writer:
        assert writer.ticks.take(ENGINE_TICK, holder, LONG)
    waits = Lead(url)
    waits.start()
    assert waits.fence.claim is None
    waits.stop()
    child.kill()
    child.wait()
    lead = Lead(url)
    lead.start()
    assert lead.fence.claim and lead.fence.claim.term == 2
    changes: list[object] = []
    lead.on_change = lambda: changes.append(lead.fence.claim)
    time.sleep(LEASE.total_seconds() + 1.5)  # it holds on
    tick = store.crew()
    assert tick.active == lead.name and not changes
    lead.give_up()
    assert store.crew().active == ""
    wait_until(lambda: changes == [None], 5)
    lead.stop()
    assert store.crew().standby == 0
    store.close()

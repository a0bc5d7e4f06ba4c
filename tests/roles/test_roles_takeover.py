"""Two engines on one store: one works, the other takes over, and nothing is lost or done twice."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime

from crews import BOUND, SLACK, Crew, opened
from sites import wait_until
from subscriber import subscribing

from feedsvc.store import WITHDRAW, Order


def test_one_works_and_the_other_stands_by(crew: Crew) -> None:
    """The one that stands by writes nothing of the site, and takes a new config."""
    for _ in range(3):
        crew.wait_shown(crew.tell())
    (other,) = [one for one in crew.engines if one is not crew.find_active()]
    crew.check_whole()
    assert '"stands by"' in other.log
    assert not [line for line in other.log.splitlines() if "published" in line]
    text = crew.site.config.read_text()
    crew.site.config.write_text(text.replace("title: The Test Gazette", "title: The Other Gazette"))
    wait_until(lambda: b"The Other Gazette" in crew.web.get("/feeds/all.xml").body)
    time.sleep(1.5)  # each engine reads it for itself
    active = crew.find_active()
    assert active
    crew.kill(active)
    crew.wait_shown(crew.tell())
    assert b"The Other Gazette" in crew.web.get("/feeds/all.xml").body
    crew.check_whole()


def test_an_engine_that_ends_in_order_gives_the_work_over_at_once(crew: Crew) -> None:
    active = crew.find_active()
    assert active
    crew.stop(active)
    took = crew.wait_shown(crew.tell())
    print(f"takeover from one that ended in order: {took:.2f} s")
    assert crew.state()["standby"] == 0
    crew.check_whole()
    (said,) = [one for one in crew.engines[0].log.splitlines() if '"at work"' in one]
    assert "ready_after" in said


def test_killed_at_random_nothing_is_lost_and_nothing_comes_twice(crew: Crew) -> None:
    """While articles arrive, and orders from the dashboard."""
    seed = int(time.time())
    print(f"seed {seed}")
    chance = random.Random(seed)
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.25):
            crew.tell("load")

    writer = threading.Thread(target=write)
    writer.start()
    took = []
    uids = []
    try:
        for _ in range(3):
            time.sleep(chance.uniform(0.2, 1.2))
            uids.append(order_withdrawal(crew, uids))
            active = crew.find_active()
            assert active
            crew.kill(active)
            took.append(crew.wait_shown(crew.tell("after")))
            crew.start()
            crew.wait_active()
    finally:
        ended.set()
        writer.join(10)
    print("takeover after kill -9:", ", ".join(f"{one:.2f}" for one in took), "s")
    assert max(took) < SLACK
    wait_until(lambda: not waiting(crew), SLACK)
    with opened(crew.site) as store:
        deeds = [one for one in store.deeds(1000) if one.action == "withdraw"]
        assert sorted(one.uid for one in deeds) == sorted(uids)
        gone = store.entries_of(uids)
        assert all(one.withheld for one in gone)
        numbers = [one.detail for one in deeds]
    assert len(numbers) == len(uids)
    withdrawn = {one.article.title for one in gone}
    crew.names = [name for name in crew.names if f"Report {name}" not in withdrawn]
    shown = sorted(f"Report {name}" for name in crew.names)
    wait_until(lambda: sorted(crew.web.items()) == shown, SLACK)
    paths = [one["path"] for one in crew.events("article new")]
    assert len(paths) == len(set(paths)), "an article was taken twice"
    entries = [one for one in crew.entries() if one.uid not in uids]
    assert sorted(one.article.title for one in entries) == shown


def test_one_that_was_stopped_and_wakes_writes_nothing(crew: Crew) -> None:
    """It finds that another has taken over, stands by, and may take over again."""
    took = []
    for _ in range(2):
        crew.wait_shown(crew.tell())
        active = crew.find_active()
        assert active
        crew.freeze(active)
        took.append(crew.wait_shown(crew.tell()))
        (other,) = [one for one in crew.engines if one is not active]
        assert crew.find_active() is other
        lines = len(active.log.splitlines())
        crew.tell()
        crew.thaw(active)
        crew.wait_active(standby=1)
        crew.wait_shown(crew.tell())
        assert crew.find_active() is other
        later = active.log.splitlines()[lines:]
        assert not [one for one in later if '"article' in one or '"published"' in one], later
        assert any("another engine" in one for one in later)
    print("takeover after SIGSTOP:", ", ".join(f"{one:.2f}" for one in took), f"s, bound {BOUND} s")
    crew.check_whole()


def test_each_subscriber_hears_of_each_change_once(crew: Crew) -> None:
    """With two engines that could deliver, and over a change of turns in order."""
    topic = "http://gazette.test/feeds/politics.atom"
    with subscribing() as subscriber:
        callbacks = [subscriber.new() for _ in range(20)]
        for callback in callbacks:
            subscribe(crew, topic, callback.url)
        wait_until(lambda: all(len(one.questions) >= 1 for one in callbacks))
        time.sleep(1.0)  # until the answers have been taken note of
        assert [len(one.questions) for one in callbacks] == [1] * len(callbacks)
        for turn in range(4):
            title = crew.tell()
            wait_until(lambda told=title: all(holds(one, told) for one in callbacks), SLACK)
            if turn == 1:
                time.sleep(1.0)  # what was answered is written down
                active = crew.find_active()
                assert active
                crew.stop(active)
        time.sleep(1.5)
        for callback in callbacks:
            bodies = [hit.body for hit in callback.pushes]
            assert len(bodies) == len(set(bodies)), "a change was delivered twice"
            # One for each change of this feed, and no more.
            assert len(bodies) == 4


def holds(callback: object, title: str) -> bool:
    """Whether the last push has an article."""
    pushes = callback.pushes  # type: ignore[attr-defined]
    return bool(pushes) and title.encode() in pushes[-1].body


def subscribe(crew: Crew, topic: str, callback: str) -> None:
    """Ask the web replica's hub for a subscription."""
    import http.client
    from urllib.parse import urlencode

    form = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback}
    connection = http.client.HTTPConnection("127.0.0.1", crew.web.port, timeout=10)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/hub", urlencode(form), kind)
    assert connection.getresponse().status == 202
    connection.close()


def order_withdrawal(crew: Crew, but: list[str]) -> str:
    """Ask for a withdrawal as the dashboard does; return the uid of the entry."""
    with opened(crew.site) as store:
        uid = next(one.uid for one in crew.entries() if one.uid not in but and not one.withheld)
        with store.writing() as writer:
            writer.orders.ask(Order(datetime.now(UTC), "Ann", WITHDRAW, uid, {"reason": "a test"}))
    return uid


def waiting(crew: Crew) -> bool:
    """Whether an order waits to be carried out."""
    with opened(crew.site) as store, store.reading_orders() as orders:
        return bool(orders.waiting(1))

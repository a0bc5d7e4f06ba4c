"""What goes wrong with subscribers, the clock, the store and the engine: nothing that is owed is
lost, nobody holds others up, and nothing comes after unsubscribing."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from callbacks import Subscriber, subscribing
from post import FEED, TOPIC, Post, bodies, is_asking
from sites import Server, Site, article, wait_until
from sqlalchemy import insert
from swarm import Swarm, swarming

from feedsvc.hub import wire
from feedsvc.hub.courier import Courier
from feedsvc.store import UNSUBSCRIBE, Store, schema

KILLS, SUBSCRIBERS = 20, 5_000


@pytest.fixture(scope="module")
def subscriber() -> Iterator[Subscriber]:
    """Callbacks for all tests here, each with its own."""
    with subscribing() as one:
        yield one


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that waits for a second only."""
    monkeypatch.setattr(wire, "TOTAL_TIMEOUT", 1.0)


@pytest.mark.usefixtures("impatient")
def test_who_hangs_is_pushed_to_later(post: Post, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    fine, other = subscriber.new()
    post.subscribe(callback, other)
    subscriber.behaviours[path].hangs = True
    body = post.publish()
    wait_until(lambda: body in bodies(subscriber, fine))
    wait_until(lambda: tried(post) == [1] or None)
    subscriber.behaviours[path].released.set()
    subscriber.behaviours[path].hangs = False
    post.ahead += timedelta(seconds=20)
    wait_until(lambda: bodies(subscriber, path).count(body) == 2 or None)
    wait_until(lambda: post.owed() == 0 or None)


def tried(post: Post) -> list[int]:
    """Return how many tries in a row have failed and are written down, of each delivery owed."""
    with post.store.reading_hub() as hub:
        return [to.failures for to, _, _ in hub.owed(100) if to.failures]


@pytest.mark.parametrize("statuses", [[500, 204], [302, 204], [404, 204], [503, 500, 200]])
def test_what_fails_is_tried_until_it_comes(
    post: Post, subscriber: Subscriber, statuses: list[int]
) -> None:
    path, callback = subscriber.new()
    post.subscribe(callback)
    subscriber.behaviours[path].pushes = list(statuses)
    body = post.publish()
    for count in range(1, len(statuses)):
        wait_until(lambda: tried(post) == [count] or None)  # noqa: B023
        newest = post.publish() if count == len(statuses) - 1 and len(statuses) > 2 else body
        post.ahead += timedelta(minutes=2)
    wait_until(lambda: post.owed() == 0 or None)
    assert bodies(subscriber, path)[-1] == newest  # a retry carries the latest


def test_the_hub_goes_on_after_what_nobody_foresaw(
    post: Post,
    subscriber: Subscriber,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not until its next start: that may be months away."""
    path, callback = subscriber.new()
    post.subscribe(callback)
    take, raised = Courier._take, []

    def stumble(courier: Courier, *arguments: Any) -> Any:
        if len(raised) < 2:
            raised.append(1)
            raise RuntimeError("a driver's own")
        return take(courier, *arguments)

    monkeypatch.setattr(Courier, "_take", stumble)
    body = post.publish()
    wait_until(lambda: body in bodies(subscriber, path))
    wait_until(lambda: post.owed() == 0 or None)
    # With all that finding its cause needs, and not twice a minute.
    (told,) = [record for record in caplog.records if "stumbled" in record.message]
    assert len(raised) == 2 and told.exc_info and "a driver's own" in str(told.exc_info[1])


def test_410_ends_it(post: Post, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    post.subscribe(callback)
    subscriber.behaviours[path].pushes = [410]
    post.publish()
    wait_until(lambda: not post.subscribed())
    assert post.owed() == 0


def test_after_giving_up_the_subscription_stays(post: Post, subscriber: Subscriber) -> None:
    """H36: seven retries, and what is published next is tried again."""
    path, callback = subscriber.new()
    post.subscribe(callback)
    subscriber.behaviours[path].pushes = [500]
    post.publish()
    for count in range(1, 8):
        wait_until(lambda: tried(post) == [count] or None)  # noqa: B023
        post.ahead += timedelta(hours=13) if count > 5 else timedelta(hours=3)
        renew(post)
    wait_until(lambda: post.owed() == 0 or None)
    assert len(subscriber.pushes[path]) == 8 and post.subscribed() == [callback]
    subscriber.behaviours[path].pushes = [204]
    body = post.publish()
    wait_until(lambda: bodies(subscriber, path)[-1] == body)


def renew(post: Post) -> None:
    """Let the lease go on, as its subscriber would have by now."""
    with post.store.writing() as writer:
        expires = post.clock() + timedelta(days=3)
        connection = writer._connection
        connection.execute(schema.subscriptions.update().values(expires=expires))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["reset", "endless", "garbage", "silence"])
def test_answers_that_are_none(post: Post, subscriber: Subscriber, fault: str) -> None:
    """Of who answers like that, only his own push is lost."""
    fine, callback = subscriber.new()
    with misbehaving() as bad:
        url = f"http://127.0.0.1:{bad.port}/x"
        post.subscribe(callback, url)
        bad.fault = fault
        body = post.publish()
        wait_until(lambda: body in bodies(subscriber, fine))
        wait_until(lambda: (bad.posts >= 1 and tried(post) == [1]) or None)
        bad.fault = ""
        post.ahead += timedelta(seconds=20)
        wait_until(lambda: post.owed() == 0 or None)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["reset", "endless", "garbage", "silence"])
def test_questions_that_are_not_answered(post: Post, fault: str) -> None:
    """They are asked three times at most; then the request is forgotten."""
    with misbehaving() as bad:
        bad.fault = fault
        post.ask(f"http://127.0.0.1:{bad.port}/x")
        for count in range(1, 4):
            wait_until(lambda: bad.gets == count or None)  # noqa: B023
            wait_until(lambda: not is_asking(post))
            if fault in ("endless", "garbage") and not waiting(post):
                break  # an answer that is a wrong one is an answer
            post.ahead += timedelta(minutes=2)
        wait_until(lambda: not waiting(post))
        assert bad.gets <= 3 and post.subscribed() == []


def waiting(post: Post) -> int:
    """Return how many requests wait to be verified."""
    with post.store.reading_hub() as hub:
        return hub.count_checks()


def test_a_clock_that_jumps(post: Post, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    post.subscribe(callback)
    for jump in (timedelta(days=-3), timedelta(days=2), timedelta(days=-400)):
        body = post.publish()
        post.ahead += jump
        wait_until(lambda: body in bodies(subscriber, path))  # noqa: B023
        subscriber.behaviours[path].pushes = [500, 204]
        body = post.publish()
        wait_until(lambda: tried(post) == [1] or None)
        post.ahead -= timedelta(days=30)  # its retry is far ahead now
        wait_until(lambda: post.owed() == 0 or None)
        post.ahead += timedelta(days=30)


def test_a_store_that_is_locked_for_five_seconds(post: Post, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    post.subscribe(callback)
    body = post.publish()
    with post.store.writing():  # nobody else writes meanwhile
        time.sleep(5)
    wait_until(lambda: body in bodies(subscriber, path))
    wait_until(lambda: post.owed() == 0 or None)
    assert bodies(subscriber, path).count(body) == 1


def test_who_is_slow_to_verify_holds_nobody_up(post: Post, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    subscriber.behaviours[path].hangs = True
    post.ask(callback)
    wait_until(lambda: subscriber.questions[path])
    fine, other = subscriber.new()
    post.subscribe(other)
    body = post.publish()
    wait_until(lambda: body in bodies(subscriber, fine))
    assert callback not in post.subscribed()
    subscriber.behaviours[path].hangs = False
    subscriber.behaviours[path].released.set()
    wait_until(lambda: callback in post.subscribed())


def test_H22_what_is_on_its_way_is_broken_off(post: Post, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    post.subscribe(callback)
    subscriber.behaviours[path].hangs = True
    post.publish()
    wait_until(lambda: subscriber.pushes[path])
    subscriber.behaviours[path].hangs = False
    post.ask(callback, UNSUBSCRIBE)
    wait_until(lambda: not post.subscribed())
    subscriber.behaviours[path].released.set()
    wait_until(lambda: not is_asking(post))
    post.publish()
    post.ahead += timedelta(minutes=1)
    time.sleep(1.5)
    assert len(subscriber.pushes[path]) == 1 and post.owed() == 0


def test_the_engine_is_killed_twenty_times(tmp_path: Path) -> None:
    """kill -9 at random moments, while thousands are pushed to: each has the latest in the end."""
    site = Site(tmp_path / "site")
    site.config.write_text(
        "site: {id: 'a.example,2026', base_url: 'http://127.0.0.1:1'}\n"
        "content: {folder: content, settle: 0s}\nsections: {politics: Politics}\n"
        "hub: {allow_private: true}\n"
    )
    site.write("politics/0.md", article("Number 0"))
    site.scan()
    chance = random.Random(6)
    with swarming() as swarm:
        subscribe_all(site, swarm)
        left: set[int] = set()
        for number in range(1, KILLS + 1):
            site.write("politics/0.md", article(f"Number {number}"))
            server = Server(site, role="engine")
            try:
                wait_until(lambda: swarm.has_any(number))  # noqa: B023
                time.sleep(chance.uniform(0, 0.4))
            finally:
                server.kill()
            left |= leave_some(site, number)
            swarm.note_left(left)
        site.write("politics/0.md", article("Number 99"))
        server = Server(site, role="engine")
        try:
            staying = SUBSCRIBERS - len(left)
            # What was in hand at the last kill comes again when its claim is over.
            wait_until(lambda: swarm.count(99) >= staying, 60.0)
            time.sleep(1)
        finally:
            server.kill()
        assert swarm.count(99) == staying
        assert not swarm.late


def subscribe_all(site: Site, swarm: Swarm) -> None:
    """Put thousands of subscriptions into the store, as if all had been verified."""
    now = datetime.now(UTC)
    rows = [
        {"path": FEED, "callback": swarm.url(number), "kind": "websub", "topic": TOPIC}
        | {"host": "127.0.0.1", "since": now, "expires": now + timedelta(days=1)}
        for number in range(SUBSCRIBERS)
    ]
    store = Store(site.load().config.store.url)
    with store.writing() as writer:
        writer._connection.execute(insert(schema.subscriptions), rows)
    store.close()


def leave_some(site: Site, number: int) -> set[int]:
    """End the subscriptions of a few, as if they had asked for that and were verified."""
    leaving = set(range(number * 10, number * 10 + 10))
    store = Store(site.load().config.store.url)
    with store.writing() as writer:
        writer.hub.end([one + 1 for one in leaving])
    store.close()
    return leaving


class Misbehaving:
    """A server that answers like none; without a fault, as a subscriber should."""

    def __init__(self) -> None:
        self.fault = ""
        self.gets = self.posts = 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._linger = (socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.port = self._socket.getsockname()[1]
        self.stopped = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            data = connection.recv(65_536)
            is_get = data.startswith(b"GET")
            self.gets += is_get
            self.posts += not is_get
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
            if self.fault == "reset":
                connection.setsockopt(*self._linger)
            elif self.fault == "garbage":
                connection.sendall(b"\x16\x03\x01 what is this?\r\n\r\n")
            elif self.fault == "silence":
                self.stopped.wait(10)
            elif self.fault == "endless":
                said = head if is_get else head.replace(b"200 OK", b"500 No")
                connection.sendall(said + b"\r\n")
                while not self.stopped.wait(0.01):
                    connection.sendall(b"x" * 65_536)
            else:
                found = re.search(rb"hub\.challenge=([\w-]+)", data)
                body = found[1] if found else b""
                connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def stop(self) -> None:
        """Let go of everybody."""
        self.stopped.set()
        self._socket.close()


@contextmanager
def misbehaving() -> Iterator[Misbehaving]:
    """Run such a server."""
    one = Misbehaving()
    try:
        yield one
    finally:
        one.stop()

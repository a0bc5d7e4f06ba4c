"""H22: nothing is pushed to who has left, whenever the rest happens."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from callbacks import Subscriber, subscribing
from post import Post, bodies, is_asking
from sites import wait_until

from feedsvc.hub.courier import CLAIM
from feedsvc.store import UNSUBSCRIBE

_CHALLENGE = re.compile(rb"hub\.challenge=([\w-]+)")
_WANTED = 300


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    """Callbacks that do as they are told."""
    with subscribing() as one:
        yield one


class Leavers:
    """Callbacks ``/0``, ``/1`` ... which note what comes after they said yes to leaving."""

    def __init__(self) -> None:
        self.left: set[int] = set()
        self.late: list[int] = []
        self.pushes = 0
        self._began = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self._began.wait(5)

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        self._began.set()
        await self._over.wait()
        server.close()

    def url(self, number: int) -> str:
        """Return the URL of a callback."""
        return f"http://127.0.0.1:{self._port}/{number}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                number = int(re.split(rb"[ ?]", head)[1][1:])
                body = b""
                if head.startswith(b"POST"):
                    self.pushes += 1
                    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                    await reader.readexactly(length)
                    if number in self.left and not await _is_broken_off(reader):
                        self.late.append(number)
                elif found := _CHALLENGE.search(head):
                    body = found[1]
                    if b"hub.mode=unsubscribe" in head:
                        self.left.add(number)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)


async def _is_broken_off(reader: asyncio.StreamReader) -> bool:
    """Whether the other side waits for no answer: it sent that before it asked, and let it be."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(reader.read(1), 1.0) == b""
    return False


@contextmanager
def leaving() -> Iterator[Leavers]:
    """Run such callbacks."""
    leavers = Leavers()
    try:
        yield leavers
    finally:
        leavers.stop()


def test_nothing_comes_after_the_answer(post: Post) -> None:
    """Hundreds leave, one after the other, while one push follows the other."""
    with leaving() as leavers:
        for number in range(_WANTED):
            post.ask(leavers.url(number))
        wait_until(lambda: len(post.subscribed()) == _WANTED or None)
        chance = random.Random(22)
        order = chance.sample(range(_WANTED), _WANTED)
        for number in order[: _WANTED - 10]:
            post.ask(leavers.url(number), UNSUBSCRIBE)
            if chance.random() < 0.2:
                post.publish()
        wait_until(lambda: len(post.subscribed()) == 10 or None)
        before = leavers.pushes
        post.publish()
        wait_until(lambda: leavers.pushes >= before + 10)
        post.ahead += CLAIM  # what was broken off comes again
        wait_until(lambda: post.owed() == 0 or None)
        assert len(leavers.left) == _WANTED - 10 and not leavers.late


@pytest.mark.parametrize("status", [200, 404])
def test_nothing_comes_while_it_is_asked(post: Post, subscriber: Subscriber, status: int) -> None:
    """Who says no to leaving gets what was owed meanwhile (H17); who says yes, nothing."""
    path, callback = subscriber.new()
    fine, other = subscriber.new()
    post.subscribe(callback, other)
    behaviour = subscriber.behaviours[path]
    behaviour.status, behaviour.hangs = status, True
    post.ask(callback, UNSUBSCRIBE)
    wait_until(lambda: len(subscriber.questions[path]) == 2)
    body = post.publish()
    wait_until(lambda: body in bodies(subscriber, fine))
    assert not bodies(subscriber, path)
    behaviour.hangs = False
    behaviour.released.set()
    wait_until(lambda: post.owed() == 0 or None)
    assert bodies(subscriber, path) == ([] if status == 200 else [body])


def test_what_was_on_its_way_to_who_stays_comes_again(post: Post, subscriber: Subscriber) -> None:
    """H17: somebody else asked for the end of it while a push was on its way."""
    path, callback = subscriber.new()
    post.subscribe(callback)
    behaviour = subscriber.behaviours[path]
    behaviour.hangs = True
    body = post.publish()
    wait_until(lambda: subscriber.pushes[path])
    behaviour.hangs, behaviour.status = False, 404
    post.ask(callback, UNSUBSCRIBE)
    wait_until(lambda: len(subscriber.questions[path]) == 2)
    behaviour.released.set()
    wait_until(lambda: not is_asking(post))
    post.ahead += CLAIM
    wait_until(lambda: post.owed() == 0 or None)
    assert bodies(subscriber, path) == [body, body] and post.subscribed() == [callback]

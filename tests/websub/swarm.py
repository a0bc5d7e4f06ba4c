"""Thousands of callbacks on one quick server, which notes what the last push to each was."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

_NUMBER = re.compile(rb"Number (\d+)")


class Swarm:
    """Callbacks ``/0``, ``/1`` ...; a push says which number of the feed it is."""

    def __init__(self) -> None:
        self.latest: dict[int, int] = {}
        self.late: list[int] = []
        self._left: frozenset[int] = frozenset()
        self._loop = asyncio.new_event_loop()
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048)
        )
        self._port = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def url(self, number: int) -> str:
        """Return the URL of a callback."""
        return f"http://127.0.0.1:{self._port}/{number}"

    def has_any(self, revision: int) -> bool:
        """Whether any callback has come so far."""
        return any(one == revision for one in list(self.latest.values()))

    def count(self, revision: int) -> int:
        """Return how many callbacks have come so far, last of all."""
        return sum(one == revision for one in list(self.latest.values()))

    def note_left(self, left: Collection[int]) -> None:
        """Take note of who has unsubscribed: a push to one of them is ``late``."""
        self._left = frozenset(left)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                number = int(head.split(b" ")[1][1:])
                if number in self._left:
                    self.late.append(number)
                found = _NUMBER.search(body)
                self.latest[number] = int(found[1]) if found else -1
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


@contextmanager
def swarming() -> Iterator[Swarm]:
    """Run a swarm for as long as the block lasts."""
    swarm = Swarm()
    try:
        yield swarm
    finally:
        swarm.stop()

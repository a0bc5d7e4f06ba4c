"""A subscriber that costs next to nothing: reads each POST whole, answers 204, counts.

Run as a process of its own: ``python bench/receiver.py``; prints its port, then for each line that
it is asked with how many it has received. A path that begins with /hang is never answered.
"""

from __future__ import annotations

import asyncio
import sys
import threading

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class _Connection(asyncio.Protocol):
    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._head = bytearray()
        self._left = 0
        self._hangs = False

    def data_received(self, data: bytes) -> None:
        while data:
            if self._left:
                taken = min(self._left, len(data))
                self._left -= taken
                data = data[taken:]
            else:
                self._head += data
                head, end, data = bytes(self._head).partition(b"\r\n\r\n")
                if not end:
                    return
                self._head.clear()
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                self._left = int(length or 0)
                self._hangs = head.startswith(b"POST /hang")
                if self._left and not data:
                    return
                continue
            if not self._left and not self._hangs:
                _Connection.received += 1
                self._transport.write(_ANSWER)


def _answer_questions(loop: asyncio.AbstractEventLoop) -> None:
    for _ in sys.stdin:
        print(_Connection.received, flush=True)
    loop.call_soon_threadsafe(loop.stop)


async def _serve() -> int:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=4096)
    return int(server.sockets[0].getsockname()[1])


def main() -> None:
    """Serve until standard input ends."""
    try:
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    except ImportError:
        loop = asyncio.new_event_loop()
    print(loop.run_until_complete(_serve()), flush=True)
    threading.Thread(target=_answer_questions, args=(loop,), daemon=True).start()
    loop.run_forever()


if __name__ == "__main__":
    main()

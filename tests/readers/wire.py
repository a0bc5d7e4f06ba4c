"""A recorder on loopback between a reader and the server: who asked for what, and how it went."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sites import ask

# Of one connection, not of the message; the server behind gets its own.
_HOP = frozenset({"host", "connection", "keep-alive", "te", "upgrade", "proxy-connection"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; header names are lower-case."""

    path: str
    asked: Mapping[str, str]
    status: int
    answered: Mapping[str, str]


@dataclass(slots=True)
class Wire:
    """What readers talk to; ``upstream`` is the port of the server behind.

    The next answer about a path in ``breaks`` ends after so many bytes, as lost connections do.
    """

    port: int
    upstream: int = 0
    breaks: dict[str, int] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list, repr=False)

    def about(self, path: str) -> list[Exchange]:
        """Return what was said about a path, in order."""
        return [one for one in self.exchanges if one.path == path]


@contextlib.contextmanager
def recording() -> Iterator[Wire]:
    """Listen for as long as the block lasts; its ``upstream`` is to be set before anyone asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name.lower(): value for name, value in self.headers.items()}
            passed_on = {name: value for name, value in asked.items() if name not in _HOP}
            answer = ask(wire.upstream, self.path, self.command, passed_on)
            wire.exchanges.append(Exchange(self.path, asked, answer.status, answer.headers))
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name not in _HOP:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: wire.breaks.pop(self.path, None)])

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Stay silent: the exchanges are the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wire = Wire(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

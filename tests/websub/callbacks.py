"""A subscriber on loopback, which does what it is told for each of its callbacks."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CHALLENGE = "the challenge"


@dataclass(frozen=True, slots=True)
class Push:
    """What was posted to a callback; header names are lower-case."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Behaviour:
    """What a callback answers; ``pushes`` are used up one by one, and the last one stays.

    ``verify`` is what it answers to a question, ``status`` with which status. It waits for
    ``released`` first.
    """

    verify: str = CHALLENGE
    status: int = 200
    pushes: list[int] = field(default_factory=lambda: [204])
    location: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False


class Subscriber:
    """Callbacks by path: what they are to do, what they were asked, and what was pushed to them."""

    def __init__(self) -> None:
        self.behaviours: defaultdict[str, Behaviour] = defaultdict(Behaviour)
        self.questions: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.targets: defaultdict[str, list[str]] = defaultdict(list)
        self.pushes: defaultdict[str, list[Push]] = defaultdict(list)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
                behaviour = outer.behaviours[path]
                outer.targets[path].append(self.path)
                outer.questions[path].append({name: values[-1] for name, values in query.items()})
                if behaviour.hangs:
                    behaviour.released.wait(30)
                answer = behaviour.verify
                if answer == CHALLENGE:
                    challenge = query.get("hub.challenge") or query.get("challenge") or [""]
                    answer = challenge[0]
                self._answer(behaviour.status, answer.encode(), behaviour.location)

            def do_POST(self) -> None:
                path = urlsplit(self.path).path
                behaviour = outer.behaviours[path]
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.pushes[path].append(Push(self.path, headers, body))
                if behaviour.hangs:
                    behaviour.released.wait(30)
                rest = behaviour.pushes
                status = rest.pop(0) if len(rest) > 1 else rest[0]
                self._answer(status, b"" if status == 204 else b"whatever", behaviour.location)

            def _answer(self, status: int, body: bytes, location: str) -> None:
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class _Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A hub that gives up is no error."""

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self._number = 0

    @property
    def base(self) -> str:
        """The URL of its root, without a slash."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def new(self) -> tuple[str, str]:
        """Return the path and the URL of a callback that nobody knows yet."""
        self._number += 1
        path = f"/callback/{self._number}"
        return path, self.base + path

    def stop(self) -> None:
        """Let go of whoever waits, and end."""
        for behaviour in list(self.behaviours.values()):
            behaviour.released.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def subscribing() -> Iterator[Subscriber]:
    """Run a subscriber for as long as the block lasts."""
    subscriber = Subscriber()
    try:
        yield subscriber
    finally:
        subscriber.stop()

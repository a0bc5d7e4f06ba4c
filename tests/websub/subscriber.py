"""Real subscribers on loopback: each callback answers by its script and keeps what it was sent."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlsplit

# How often a callback that holds its answer back looks whether the hub is still there, in seconds.
_LOOK_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Reply:
    """What a callback answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Hit:
    """A request that came to a callback.

    ``abandoned`` says that the other side gave up waiting for the answer, ``answered`` that it was
    sent one.
    """

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    abandoned: bool = False
    answered: bool = False

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Every parameter of the query, in order."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def said(self, name: str) -> str:
        """Return the last parameter of this name: what the hub appended."""
        return dict(self.parameters).get(name, "")

    def header(self, name: str) -> str:
        """Return a header; empty if there is none. Fails if there are several."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) <= 1, found
        return found[0] if found else ""

    def is_signed_by(self, secret: str, method: str = "sha256") -> bool:
        """Whether the signature is that of the body, by this secret."""
        digest = hmac.new(secret.encode(), self.body, getattr(hashlib, method)).hexdigest()
        return self.header("X-Hub-Signature") == f"{method}={digest}"


def confirm(challenge: str) -> Reply:
    """Answer as a subscriber does who has asked for it."""
    return Reply(200, challenge.encode())


@dataclass
class Callback:
    """One callback: ``verify`` answers questions, ``replies`` pushes in turn, the last for ever."""

    url: str
    verify: Callable[[str], Reply] = confirm
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    hits: list[Hit] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    @property
    def questions(self) -> list[Hit]:
        """Verifications, and denials."""
        return [hit for hit in self.hits if hit.method == "GET"]

    @property
    def pushes(self) -> list[Hit]:
        """What was delivered, or tried to be."""
        return [hit for hit in self.hits if hit.method == "POST"]

    def hold(self) -> None:
        """Answer nothing until it is released."""
        self.open.clear()

    def release(self) -> None:
        """Answer what was held back, and everything after it."""
        self.open.set()

    def answer(self, hit: Hit) -> Reply:
        """Return what the script says to a request."""
        if hit.method == "GET":
            return self.verify(hit.said("hub.challenge"))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Subscriber:
    """An HTTP server of callbacks; what is none answers 404."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._callbacks: dict[str, Callback] = {}
        self._numbers = count(1)
        self._server = _Server((address, 0), _make_handler(self._callbacks))
        self.base = f"http://{address}:{self._server.server_port}"

    def new(
        self, query: str = "", path: str = "", verify: Callable[[str], Reply] = confirm
    ) -> Callback:
        """Return a callback that nobody knows yet."""
        path = path or f"/callbacks/{next(self._numbers)}"
        made = Callback(f"{self.base}{path}{query}", verify)
        made.release()
        self._callbacks[path] = made
        return made

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Let go of everything."""
        for callback in self._callbacks.values():
            callback.release()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def subscribing(address: str = "127.0.0.1") -> Iterator[Subscriber]:
    """Run a server of callbacks for as long as the block lasts."""
    subscriber = Subscriber(address)
    subscriber.start()
    try:
        yield subscriber
    finally:
        subscriber.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Hubs break off: that is no error of the subscriber."""


def _make_handler(callbacks: Mapping[str, Callback]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            callback = callbacks.get(self.path.partition("?")[0])
            if callback is None:
                self._send(Reply(404))
                return
            hit = Hit(self.command, self.path, self.headers.items(), body)
            callback.hits.append(hit)
            while not callback.open.wait(_LOOK_EVERY):
                if _has_left(self.connection):
                    hit.abandoned = self.close_connection = True
                    return
            self._send(callback.answer(hit))
            hit.answered = True

        do_GET = do_POST = _take

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if reply.status != 204:
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: tests look at the hits."""

    return Handler


def _has_left(connection: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    ready, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(ready) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True

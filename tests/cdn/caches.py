"""Real caches in front of a site, by deploy/'s own files; and one that only writes down."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from servers import DEPLOY, SYSTEM_PATH, adapt, running, serving_nginx
from sites import Answer, free_port

VARNISH = shutil.which("varnishd", path=SYSTEM_PATH)
FAKETIME = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
PURGE_MODULE = Path("/usr/lib/nginx/modules/ngx_http_cache_purge_module.so")
XKEY = [*Path("/usr/lib").glob("*/varnish/vmods/libvmod_xkey.so")]


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache at work."""

    port: int
    host: str

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask it as a reader would."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, headers={"Host": self.host, **headers})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def is_there(self) -> bool:
        """Whether it answers anything."""
        return bool(self.get("/healthz").status)


@contextlib.contextmanager
def running_varnish(root: Path, port: int, backend: int, host: str) -> Iterator[Cache]:
    """Run Varnish with deploy/varnish.vcl in front of what listens at ``backend``."""
    assert VARNISH
    root.mkdir(parents=True)
    text = adapt(DEPLOY / "varnish.vcl", {'.port = "8080"': f'.port = "{backend}"'})
    (root / "site.vcl").write_text(text)
    words = ["-F", "-n", root / "work", "-a", f"127.0.0.1:{port}", "-f", root / "site.vcl"]
    words += ["-s", "malloc,32m", "-j", "none", "-T", "none"]
    cache = Cache(port, host)
    with running([VARNISH, *map(str, words)], root / "varnish.log", cache.is_there):
        yield cache


@contextlib.contextmanager
def running_nginx(
    root: Path, port: int, backend: int, host: str, later: str = ""
) -> Iterator[Cache]:
    """Run nginx with deploy/nginx-cache.conf; its cache outlives it.

    ``later`` is how much later its clock is, as faketime writes it: ``+40m``.
    """
    root.mkdir(parents=True, exist_ok=True)
    places = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/cache/nginx/feedsvc": f"{root}/cache",
        "127.0.0.1:8080": f"127.0.0.1:{backend}",
        "server_name news.example;": f"server_name {host.partition(':')[0]};",
    }
    (root / "cache.conf").write_text(adapt(DEPLOY / "nginx-cache.conf", places, "127.0.0.1:8080"))
    faked = {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": later} if later else {}
    cache = Cache(port, host)
    module = f"load_module {PURGE_MODULE};"
    include = f"include {root}/cache.conf;"
    with serving_nginx(root, include, cache.is_there, head=module, more=faked):
        yield cache


@dataclass(slots=True)
class Recorder:
    """A cache that keeps nothing but what it was told; ``status`` is what it answers."""

    port: int = field(default_factory=free_port)
    status: int = 200
    told: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The targets of all requests, in the order they came."""
        return [path for _, path, _, _ in self.told]


@contextlib.contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """Let a recorder listen."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            headers = {name.lower(): text for name, text in self.headers.items()}
            recorder.told.append((self.command, self.path, headers, body))
            self.send_response(recorder.status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", recorder.port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()

"""Requests a second of one web worker on one core, beside nginx with the same bytes on disk."""

from __future__ import annotations

import gzip
import http.client
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.freshness import wait_until_ready, write_site

OURS, NGINX = 8092, 8093

# The server has one core and the load generator the other, so that neither takes from the other.
SERVER_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = "32"

_NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  types {{ application/rss+xml xml; }}
  gzip_static on;
  gzip_vary on;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/www;
    add_header Cache-Control "public, max-age=1800";
    add_header X-Content-Type-Options nosniff;
  }}
}}
"""


def measure(folder: Path, rounds: int, seconds: int) -> dict[str, tuple[float, float, float]]:
    """Return for each kind of request our rate, nginx's, and the median ratio of paired rounds."""
    folder.mkdir(parents=True, exist_ok=True)
    config = write_site(folder / "site", 500, OURS)
    command = [sys.executable, "-m", "feedsvc"]
    subprocess.run([*command, "scan", "--config", str(config)], check=True, capture_output=True)
    serve = [*command, "serve", "--role", "web", "--workers", "1", "--port", str(OURS)]
    with (
        running(["taskset", "-c", SERVER_CORE, *serve, "--config", str(config)], folder),
        _nginx(folder) as www,
    ):
        wait_until_ready(OURS)
        path = "/feeds/politics.xml"
        body, etag = _fetch(OURS, path, {})
        (www / "feeds").mkdir()
        (www / "feeds/politics.xml").write_bytes(body)
        packed, _ = _fetch(OURS, path, {"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed) == body
        (www / "feeds/politics.xml.gz").write_bytes(packed)
        _, nginx_etag = _fetch(NGINX, path, {})
        kinds = {
            f"200, {len(body) // 1000} kB plain": ({}, {}),
            f"200, {len(packed) // 1000} kB gzip": ({"Accept-Encoding": "gzip"},) * 2,
            "304": ({"If-None-Match": etag}, {"If-None-Match": nginx_etag}),
        }
        results = {}
        for kind, (ours_headers, nginx_headers) in kinds.items():
            pairs = [
                (
                    load(OURS, path, ours_headers, seconds),
                    load(NGINX, path, nginx_headers, seconds),
                )
                for _ in range(rounds)
            ]
            ours, nginx = (statistics.median(side) for side in zip(*pairs, strict=True))
            results[kind] = (ours, nginx, statistics.median(a / b for a, b in pairs))
        return results


def load(
    port: int,
    path: str,
    headers: dict[str, str],
    seconds: int,
    cores: str = LOAD_CORE,
    connections: str = CONNECTIONS,
) -> float:
    """Return how many requests a second a server answers to a client with these ``cores``."""
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    threads = f"-t{len(cores.split(','))}"
    command = ["taskset", "-c", cores, "wrk", threads, "-c", connections, "-d", f"{seconds}s"]
    url = f"http://127.0.0.1:{port}{path}"
    text = subprocess.run([*command, *options, url], check=True, capture_output=True, text=True)
    if "Non-2xx" in text.stdout:
        raise SystemExit(f"{url} does not answer as it should:\n{text.stdout}")
    match = re.search(r"Requests/sec:\s+([\d.]+)", text.stdout)
    assert match, text.stdout
    return float(match[1])


def _fetch(port: int, path: str, headers: dict[str, str]) -> tuple[bytes, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.read(), answer.headers["ETag"]


@contextmanager
def _nginx(folder: Path) -> Iterator[Path]:
    www = folder / "www"
    www.mkdir()
    for parent in (*folder.parents, folder):
        if parent.parent.is_relative_to(tempfile.gettempdir()):
            parent.chmod(0o755)  # nginx drops root for its worker
    conf = folder / "nginx.conf"
    conf.write_text(_NGINX.format(folder=folder, port=NGINX))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    with running(["taskset", "-c", SERVER_CORE, nginx, "-c", str(conf)], folder):
        time.sleep(0.5)
        yield www


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for as long as the block takes."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(10)

"""What counting who reads costs: one worker that counts beside one that does not.

Both answer the same requests, in turn and on the same core, as if through a proxy from many
readers, each known by its address. First they come one at a time on a connection, as proxies and
readers send them; then many at once, which nobody does, so that a request costs the server as
little as it can, and counting as large a part of it. What is counted is the requests that a worker
answers in a second of processor time, which is what other programs on the machine change least.
"""

from __future__ import annotations

import http.client
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bench import memory, serving
from bench.freshness import wait_until_ready, write_site

COUNTING, SILENT = 8096, 8097

PATH = "/feeds/politics.xml"
CONNECTIONS = 32
# Requests that are under way on a connection: one, and so many that they cost least.
AT_ONCE = (1, 16)
# So many different readers within ten seconds are those of a site of 180,000 that poll each half
# hour.
READERS = 1_000

_AGENT = "Mozilla/5.0 (compatible; Miniflux/2.2.8; +https://miniflux.app)"
_STATUS = b"HTTP/1.1 "


def measure(folder: Path, rounds: int, seconds: int) -> dict[int, tuple[float, float, float]]:
    """Return the rates of a 304 with and without counting, and the median ratio of paired rounds.

    By the requests that are under way on a connection. A 304 is the answer that costs least, so
    that counting takes the largest part of it.
    """
    workers: dict[int, int] = {}
    with ExitStack() as stack:
        for port, enabled in ((COUNTING, "true"), (SILENT, "false")):
            place = folder / str(port)
            config = write_site(place, 500, port)
            with config.open("a") as file:
                file.write(f"statistics: {{enabled: {enabled}}}\n")
            command = [sys.executable, "-m", "feedsvc"]
            scan = [*command, "scan", "--config", str(config)]
            subprocess.run(scan, check=True, capture_output=True)
            serve = [*command, "serve", "--role", "web", "--workers", "1", "--port", str(port)]
            pinned = ["taskset", "-c", serving.SERVER_CORE, *serve, "--config", str(config)]
            process = stack.enter_context(serving.running(pinned, place))
            wait_until_ready(port)
            workers[port] = memory.find_worker(process.pid)
        time.sleep(2)  # by then the silent one knows that it is
        tags = {port: _ask_etag(port) for port in (COUNTING, SILENT)}
        results = {}
        for at_once in AT_ONCE:
            pairs = []
            for turn in range(rounds):
                # Who is first in a round has no advantage.
                order = (COUNTING, SILENT) if turn % 2 else (SILENT, COUNTING)
                rates = {
                    port: _run_load(port, workers[port], seconds, tags[port], at_once)
                    for port in order
                }
                pairs.append((rates[COUNTING], rates[SILENT]))
            counting, silent = (statistics.median(side) for side in zip(*pairs, strict=True))
            results[at_once] = (counting, silent, statistics.median(a / b for a, b in pairs))
        return results


def list_rows(found: dict[int, tuple[float, float, float]]) -> list[str]:
    """Return the rows of the table."""
    return [
        f"| 304, counting who reads: {READERS:,} readers through a proxy"
        f"{f', {at_once} requests at once' if at_once > 1 else ''} | {counting:,.0f}/s | "
        f"counting nobody: {silent:,.0f}/s | {ratio:.3f} |"
        for at_once, (counting, silent, ratio) in found.items()
    ]


def _ask_etag(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", PATH, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    return answer.headers["ETag"]


def _run_load(port: int, worker: int, seconds: int, etag: str, at_once: int) -> float:
    """Return the requests in a second of the worker's time; the client has a core of its own."""
    command = ["taskset", "-c", serving.LOAD_CORE, sys.executable, "-m", "bench.readership"]
    what = [str(port), str(seconds), etag, str(at_once)]
    before = _read_time(worker)
    done = subprocess.run([*command, *what], check=True, capture_output=True, text=True)
    return int(done.stdout) / (_read_time(worker) - before)


def _read_time(pid: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(port: int, seconds: float, etag: str, at_once: int) -> int:
    """Ask for a feed as fast as it is answered; return how often it was."""
    batches = _write_batches(etag, at_once)
    selector = selectors.DefaultSelector()
    waiting: dict[socket.socket, int] = {}
    tails: dict[socket.socket, bytes] = {}
    for number in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(batches[number % len(batches)])
        waiting[connection], tails[connection] = at_once, b""
    sent, answered = CONNECTIONS, 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        for key, _ in selector.select(1.0):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            data = tails[connection] + connection.recv(1 << 20)
            came = data.count(_STATUS)
            tails[connection] = data[-len(_STATUS) + 1 :]
            answered += came
            waiting[connection] -= came
            if not waiting[connection]:
                connection.sendall(batches[sent % len(batches)])
                waiting[connection] = at_once
                sent += 1
    for connection in waiting:
        connection.close()
    return answered


def _write_batches(etag: str, at_once: int) -> list[bytes]:
    requests = [
        f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n"
        f"User-Agent: {_AGENT}\r\nIf-None-Match: {etag}\r\n"
        f"X-Forwarded-For: 203.0.{number // 250}.{number % 250}\r\n\r\n"
        for number in range(READERS)
    ]
    return [
        "".join(requests[start : start + at_once]).encode()
        for start in range(0, READERS - at_once, at_once)
    ]


if __name__ == "__main__":
    print(load(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], int(sys.argv[4])))

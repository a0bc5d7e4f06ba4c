"""How fast the hub pushes: against a bare loop that posts the same bytes, and another hub."""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import insert

from feedsvc.hub.courier import CLAIM, Courier
from feedsvc.hub.keys import Vault
from feedsvc.hub.wire import IN_FLIGHT
from feedsvc.model import Representation
from feedsvc.store import RETRY, Store, schema

SUBSCRIBERS = 10_000
BODY = b"<feed>" + b"An entry of a feed, with some words. " * 540 + b"</feed>"  # 20 kB
PATH = "/feeds/politics.atom"
SECRET = "a secret of usual length"
HANGING = 0.05
WAITING = 1_000_000
CLAIMED = 100
# So many of another hub's pushes tell its rate.
OTHERS = 2_000
_PATIENCE = 300.0


class Receiver:
    """The subscriber's side, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("receiver.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def count(self) -> int:
        """Return how many pushes came in so far."""
        assert self._process.stdin and self._process.stdout
        print("?", file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def wait_for(self, count: int) -> float:
        """Wait until so many came in; return the clock then."""
        end = time.monotonic() + _PATIENCE
        while self.count() < count:
            if time.monotonic() > end:
                raise SystemExit(f"{self.count()} of {count} pushes came within {_PATIENCE:.0f} s")
            time.sleep(0.01)
        return time.perf_counter()

    def end(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for as long as the block lasts."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.end()


def make_store(folder: Path, port: int, subscribers: int, hanging: int = 0) -> tuple[Store, Vault]:
    """Make a store in which a feed is published that so many subscribe to with a secret."""
    folder.mkdir(parents=True)
    store, vault = Store(f"sqlite:///{folder / 'feedsvc.db'}"), Vault(folder / "key")
    store.migrate()
    now = datetime.now(UTC)
    shown = Representation(
        "application/atom+xml; charset=utf-8",
        {"identity": BODY},
        now.replace(microsecond=0),
        900,
        etag="x",
        link=f'<http://127.0.0.1/hub>; rel="hub", <http://127.0.0.1{PATH}>; rel="self"',
    )
    rows = [
        {
            "path": PATH,
            "callback": f"http://127.0.0.1:{port}/{'hang' if number < hanging else 'at'}/{number}",
            "kind": "websub",
            "topic": f"http://127.0.0.1{PATH}",
            "host": "127.0.0.1",
            "secret": vault.seal(SECRET),
            "since": now,
            "expires": now + timedelta(days=10),
        }
        for number in range(subscribers)
    ]
    with store.writing() as writer:
        writer.publish({PATH: shown}, {})
        if rows:
            writer._connection.execute(insert(schema.subscriptions), rows)
    return store, vault


def time_ours(folder: Path, receiver: Receiver, hanging: int = 0) -> float:
    """Return the seconds from publishing until all who answer have been pushed to.

    It is the second publishing: connections are open and secrets known, as on any day.
    """
    store, vault = make_store(folder, receiver.port, SUBSCRIBERS, hanging)
    courier = Courier(store, vault, "http://127.0.0.1", True, lambda: datetime.now(UTC))
    courier.start()
    took = 0.0
    for revision in (2, 3):
        before = receiver.count()
        began = time.perf_counter()
        with store.writing() as writer:
            writer.hub.owe([PATH], revision, datetime.now(UTC))
        took = receiver.wait_for(before + SUBSCRIBERS - hanging) - began
        if not hanging:
            time.sleep(0.5)  # until all is written down
        else:
            break  # those that hung would stand behind the others the next time
    courier.stop()
    store.close()
    return took


def time_bare(receiver: Receiver) -> float:
    """Return the seconds that a bare loop takes to post the same bytes to as many URLs."""

    async def post_all() -> float:
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
        headers = {"Content-Type": "application/atom+xml", "X-Hub-Signature": "sha256=" + 64 * "0"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def post_some(numbers: Iterator[int]) -> None:
                for number in numbers:
                    url = f"http://127.0.0.1:{receiver.port}/at/{number}"
                    async with session.post(url, data=BODY) as response:
                        assert response.status == 204

            took = 0.0
            for _ in range(2):
                numbers = iter(range(SUBSCRIBERS))
                began = time.perf_counter()
                await asyncio.gather(*(post_some(numbers) for _ in range(IN_FLIGHT)))
                took = time.perf_counter() - began
            return took

    try:
        import uvloop
    except ImportError:
        return asyncio.run(post_all())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(post_all())


def time_claims(folder: Path) -> float:
    """Return the milliseconds in which a hundred of a million waiting retries are claimed."""
    store, _ = make_store(folder, 1, 0)
    now = datetime.now(UTC)
    with store.writing() as writer:
        connection = writer._connection
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO subscriptions "
            "(number, path, callback, kind, topic, host, since, failures) "
            "SELECT i, '/feeds/politics.atom', 'http://127.0.0.1/' || i, 'websub', "
            "'http://127.0.0.1', '127.0.0.1', 0, 1 FROM n",
            (WAITING,),
        )
        due = schema.to_micro(now)
        connection.exec_driver_sql(
            "INSERT INTO deliveries (subscription, path, revision, published, lane, due, attempt) "
            "SELECT number, path, 1, 0, 1, ? - (number * 7919) % 3600000000, 1 FROM subscriptions",
            (due,),
        )
    times = []
    for _ in range(20):
        began = time.perf_counter()
        with store.writing() as writer:
            found = writer.hub.claim(RETRY, now, now + CLAIM, CLAIMED)
        times.append(time.perf_counter() - began)
        assert len(found) == CLAIMED
    store.close()
    return 1000 * sorted(times)[len(times) // 2]


def measure_memory(folder: Path) -> float:
    """Return the MB that a process takes with all slots in flight; run it in one of its own."""
    with receiving() as receiver:
        store, vault = make_store(folder, receiver.port, IN_FLIGHT, IN_FLIGHT)
        courier = Courier(store, vault, "http://127.0.0.1", True, lambda: datetime.now(UTC))
        courier.start()
        with store.writing() as writer:
            writer.hub.owe([PATH], 2, datetime.now(UTC))
        end = time.monotonic() + 20
        while courier.in_flight < IN_FLIGHT and time.monotonic() < end:
            time.sleep(0.05)
        if courier.in_flight < IN_FLIGHT:
            raise SystemExit(f"only {courier.in_flight} are in flight")
        time.sleep(1)
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        courier.stop()
        store.close()
    return resident


def time_other_hub(folder: Path, receiver: Receiver) -> float:
    """Return the pushes a second of Flask-WebSub's hub, with as many workers as there are cores.

    Raises ImportError or FileNotFoundError where Celery or Redis are missing.
    """
    folder.mkdir(parents=True)
    port = find_port()
    os.environ["BENCH_BROKER"] = f"redis://127.0.0.1:{port}/0"
    os.environ["BENCH_STORAGE"] = str(folder / "hub.sqlite3")
    redis = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    worker = [sys.executable, "-m", "celery", "-A", "bench.other_hub", "worker"]
    worker += ["--concurrency", str(os.cpu_count()), "--loglevel", "ERROR"]
    quiet = subprocess.DEVNULL
    started = []
    try:
        started.append(subprocess.Popen([*redis, "--dir", str(folder)], stdout=quiet))
        time.sleep(1)
        from bench.other_hub import hub

        topic = f"http://127.0.0.1{PATH}"
        for number in range(OTHERS):
            callback = f"http://127.0.0.1:{receiver.port}/at/{number}"
            hub.storage[topic, callback] = {
                "secret": SECRET,
                "mode": "subscribe",
                "lease_seconds": 864_000,
            }
        content = base64.b64encode(BODY).decode()
        links = f'<http://127.0.0.1/hub>; rel="hub", <{topic}>; rel="self"'
        headers = {"Link": links, "Content-Type": "application/atom+xml"}
        news = {"headers": headers, "content": content}
        started.append(subprocess.Popen(worker, stdout=quiet, stderr=quiet))
        rates = []
        for _ in range(2):  # the first time its workers are still starting
            before = receiver.count()
            began = time.perf_counter()
            hub.send_change_notification.delay(topic, news)
            rates.append(OTHERS / (receiver.wait_for(before + OTHERS) - began))
        return max(rates)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)


def find_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _live_as_the_engine() -> None:
    """Let the collector look as seldom as it does in ``feedsvc serve``; the bare loop gains too."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def list_rows(folder: Path, rounds: int = 3) -> Iterator[str]:
    """Yield the rows of the table."""
    _live_as_the_engine()
    with receiving() as receiver:
        ours, bare, hanging = [], [], []
        for number in range(rounds):
            bare.append(time_bare(receiver))
            ours.append(time_ours(folder / f"push-{number}", receiver))
            hanging.append(
                time_ours(folder / f"hang-{number}", receiver, int(HANGING * SUBSCRIBERS))
            )
        mine, loop = SUBSCRIBERS / min(ours), SUBSCRIBERS / min(bare)
        what = f"{SUBSCRIBERS} subscribers, {len(BODY) // 1000} kB signed"
        yield (
            f"| push to {what} | {mine:,.0f}/s | a bare aiohttp loop: {loop:,.0f}/s | "
            f"{mine / loop:.2f} |"
        )
        slower = min(hanging) / min(ours)
        yield (
            f"| the healthy, while {HANGING:.0%} hang | {min(hanging):.1f} s | "
            f"none hang: {min(ours):.1f} s | {slower:.2f} |"
        )
        try:
            other = time_other_hub(folder / "other", receiver)
        except (ImportError, FileNotFoundError):
            missing = "apt-get install redis-server, pip install celery[redis]"
            yield f"| push, another hub | left out: {missing} | | |"
        else:
            yield (
                f"| the same | {mine:,.0f}/s | Flask-WebSub's hub: {other:,.0f}/s | "
                f"{mine / other:.0f} |"
            )
    took = time_claims(folder / "claims")
    yield f"| claiming {CLAIMED} of {WAITING:,} waiting retries | {took:.1f} ms | 20 ms allowed | |"
    script = "from bench.push import *; import tempfile, pathlib;"
    script += "print(measure_memory(pathlib.Path(tempfile.mkdtemp()) / 'memory'))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    resident = float(done.stdout)
    yield f"| memory with {IN_FLIGHT} pushes in flight | {resident:.0f} MB | 500 MB allowed | |"

"""Two engines, three web replicas and a PostgreSQL, each on a host of its own, in bad weather.

Cables are pulled, engines and the database are killed, while articles arrive, readers poll and
subscribers listen. What must hold: no article is lost or published twice, every subscriber hears of
each, no replica answers 5xx, and another engine takes over in time.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from postgres import Server as Postgres
from postgres import running_postgres
from sites import Server, Site, article, ask, wait_until

sys.path.insert(0, str(Path(__file__).parents[1] / "websub"))

from hosts import Host, find_obstacle, networking
from subscriber import Callback, subscribing

# How long it storms, in seconds. A shorter time is for who works on this test.
STORM = float(os.environ.get("NETWORK_STORM", "180"))
PORT = 8080
ARTICLE_EVERY = 0.6

# An engine that dies is followed by another within one interval and 2 s, which is 5 s; this
# measures it on a machine that runs eight hosts and the tests.
TAKEOVER = 5.0
SLACK = 10.0

# How long all may take to come to rest after the storm: retries of deliveries wait a minute.
CALM = 240.0

CONFIG = """\
site: {{id: "gazette.test,2026-01-01", title: The Test Gazette, base_url: "http://{web}:{port}"}}
store: {{url: "{url}"}}
content: {{folder: content, settle: 100ms, scan_every: 5s, watch: "on"}}
feeds: {{items: 500, flood_items: 0, max_bytes: 5 MB}}
hub: {{allow_private: true}}
sections: {{politics: Politics, sports: Sports}}
"""

obstacle = find_obstacle()
pytestmark = pytest.mark.skipif(bool(obstacle), reason=obstacle)


@dataclass
class Weather:
    """What is wrong just now, and what readers were answered."""

    chance: random.Random
    ended: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)


def poll(replica: Server, weather: Weather) -> None:
    """Poll a replica; whatever it says itself must be an answer."""
    etag = ""
    while not weather.ended.wait(0.05):
        headers = {"If-None-Match": etag} if etag else {}
        try:
            answer = ask(PORT, "/feeds/politics.xml", "GET", headers, replica.address)
        except (OSError, http.client.HTTPException):
            weather.answers["no answer"] += 1  # its cable is out
            continue
        weather.answers[str(answer.status)] += 1
        if answer.status not in (200, 304):
            weather.bad.append(f"{replica.address}: {answer.status} {answer.body[:200]!r}")
        etag = answer.headers.get("etag", etag)


def write(site: Site, weather: Weather) -> None:
    """Write one article after the other, each about something else."""
    while not weather.ended.wait(ARTICLE_EVERY):
        number = len(weather.titles)
        title = f"Report {number:04}"
        words = " ".join(f"storm{number}word{at}" for at in range(30))
        weather.titles.append(title)
        site.write(f"politics/{number:04}.md", article(title, words))


class Crew:
    """The processes on the hosts, and what can be done to them."""

    def __init__(
        self, site: Site, database: Postgres, engines: list[Host], web: list[Host]
    ) -> None:
        self.site, self.database = site, database
        self.engine_hosts, self.web_hosts = engines, web
        self.logs: list[Path] = []
        self.engines: list[Server] = []
        self.replicas: list[Server] = []

    def start(self) -> None:
        """Start everything."""
        for host in self.engine_hosts:
            self.engines.append(self._start(host, "engine"))
        for host in self.web_hosts:
            self.replicas.append(self._start(host, "web"))
        for replica in self.replicas:
            replica.wait_ready()

    def _start(self, host: Host, role: str) -> Server:
        options = ("--log-json", "--host", "0.0.0.0", "--port", str(PORT))
        server = Server(self.site, *options, role=role, address=host.address, wrap=host.wrap)
        server.port = PORT
        self.logs.append(server.log_file)
        return server

    def kill_engine(self, number: int) -> None:
        """End an engine as a power cut would."""
        self.engines[number].kill()

    def start_engine(self, number: int) -> None:
        """Start another one on its host."""
        self.engines[number] = self._start(self.engine_hosts[number], "engine")

    def mind(self) -> None:
        """Start engines again that ended by themselves, as deploy/feedsvc.service does.

        One that finds no database when it starts says so, and ends.
        """
        for number, engine in enumerate(self.engines):
            if engine.process.poll() is not None:
                self.start_engine(number)

    def find_active(self) -> int | None:
        """Return which engine is at work, by what a replica says."""
        state = json.loads(self.replicas[0].get("/readyz").body)["engine"]
        for number, engine in enumerate(self.engines):
            if str(state["active"]).endswith(f":{engine.process.pid}"):
                return number
        return None

    def end(self) -> None:
        """End all processes."""
        for server in (*self.engines, *self.replicas):
            server.kill()


def storm(crew: Crew, weather: Weather) -> None:
    """Do one bad thing after the other, and mend it again."""
    chance = weather.chance
    end = time.monotonic() + STORM
    while time.monotonic() < end:
        what = chance.choice(["engine", "engine", "database", "replica", "engine's cable"])
        weather.done[what] += 1
        pause = chance.uniform(0.2, 5.0)
        if what == "engine":
            number = chance.randrange(len(crew.engines))
            crew.kill_engine(number)
            time.sleep(pause)
            crew.start_engine(number)
        elif what == "database":
            crew.database.kill()
            time.sleep(pause)
            crew.database.start()
        else:
            hosts = crew.web_hosts if what == "replica" else crew.engine_hosts
            host = chance.choice(hosts)
            host.cut()
            time.sleep(pause)
            host.join()
        time.sleep(chance.uniform(0.5, 4.0))
        crew.mind()


def subscribe(hub: str, topic: str, callback: Callback) -> None:
    """Subscribe, and wait until the hub has heard the callback's answer."""
    connection = http.client.HTTPConnection(hub, PORT, timeout=20)
    form = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback.url}
    with contextlib.closing(connection):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/hub", urlencode(form), headers)
        answer = connection.getresponse()
        assert answer.status == 202, answer.read()
    wait_until(lambda: any(hit.answered for hit in callback.questions))


def titles_in(body: bytes) -> list[str]:
    """Return the titles of a JSON Feed."""
    return [str(item["title"]) for item in json.loads(body)["items"]]


def tag_of(replica: Server) -> str:
    """Return the tag of the whole site's feed."""
    return replica.get("/feeds/all.xml").headers["etag"]


def measure_takeover(crew: Crew, weather: Weather) -> float:
    """Kill the engine at work; return after how long another one was."""
    active = wait_until(lambda: (found := crew.find_active()) is not None and [found])[0]
    wait_until(lambda: json.loads(crew.replicas[0].get("/readyz").body)["engine"]["standby"] == 1)
    crew.kill_engine(active)
    began = time.monotonic()
    wait_until(lambda: crew.find_active() not in (None, active), SLACK)
    took = time.monotonic() - began
    crew.start_engine(active)
    return took


def test_a_storm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(time.time())
    weather = Weather(random.Random(seed))
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(networking())
        hosts = [network.add() for _ in range(6)]
        (base, *engines), web = hosts[:3], hosts[3:]
        database = stack.enter_context(running_postgres(base.address, network.range, base.wrap))
        url = database.make_database()
        site = Site(tmp_path / "site")
        text = CONFIG.format(web=web[0].address, port=PORT, url=url)
        site.config.write_text(text)
        site.write("politics/first.md", article("Before the storm"))
        crew = Crew(site, database, engines, web)
        stack.callback(crew.end)
        crew.start()
        for replica in crew.replicas:
            wait_until(lambda replica=replica: "Before the storm" in replica.items("politics"), 60)
        subscriber = stack.enter_context(subscribing(network.address))
        callbacks = [subscriber.new() for _ in range(3)]
        topic = f"http://{web[0].address}:{PORT}/feeds/politics.json"
        for callback in callbacks:
            subscribe(web[0].address, topic, callback)
        works: list[Callable[[], None]] = [lambda: write(site, weather)]
        works += [lambda one=one: poll(one, weather) for one in crew.replicas]  # type: ignore[misc]
        threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in threads:
            thread.start()
        try:
            storm(crew, weather)
        finally:
            weather.ended.set()
            for thread in threads:
                thread.join(15)
        wait_until(lambda: _is_manned(crew), CALM)
        wanted = sorted(["Before the storm", *weather.titles])

        def is_whole(replica: Server) -> bool:
            return sorted(titles_in(replica.get("/feeds/politics.json").body)) == wanted

        for replica in crew.replicas:
            wait_until(lambda replica=replica: is_whole(replica), CALM)
        wait_until(lambda: len({tag_of(one) for one in crew.replicas}) == 1)
        items = json.loads(crew.replicas[0].get("/feeds/politics.json").body)["items"]
        ids = [item["id"] for item in items]
        assert len(set(ids)) == len(ids) == len(wanted)
        for callback in callbacks:
            # Each push is the whole feed: the newest of all is in the last one.
            wait_until(lambda callback=callback: weather.titles[-1] in _heard(callback), CALM)
            assert set(weather.titles) <= _heard(callback)
        assert not weather.bad, weather.bad[:10]
        taken = [measure_takeover(crew, weather) for _ in range(3)]
        logs = "".join(path.read_text(errors="replace") for path in crew.logs)
    assert "Traceback" not in logs
    with capsys.disabled():
        shown = ", ".join(f"{took:.1f}" for took in taken)
        print(
            f" (seed {seed}: {dict(weather.done)}; {len(wanted)} articles; readers were answered "
            f"{dict(weather.answers)}; takeover after {shown} s) ",
            end="",
        )
    assert max(taken) < TAKEOVER + SLACK


def _heard(callback: Callback) -> set[str]:
    return {title for hit in callback.pushes if hit.answered for title in titles_in(hit.body)}


def _is_manned(crew: Crew) -> bool:
    """Whether an engine is at work and another stands by."""
    crew.mind()
    time.sleep(1)
    state = json.loads(crew.replicas[0].get("/readyz").body)["engine"]
    return crew.find_active() is not None and state["standby"] == 1

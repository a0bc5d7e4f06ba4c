"""The hub that is tested: a ``feedsvc serve`` of ours, or any other that FEEDSVC_TEST_HUB names.

For another hub, set

    FEEDSVC_TEST_HUB      where it takes requests
    FEEDSVC_TEST_TOPIC    a topic that it delivers, which can be fetched
    FEEDSVC_TEST_PUBLISH  what makes the topic change and the hub deliver it: a command, or a URL
                          that is sent ``hub.mode=publish`` with the topic
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import pytest
from sites import Answer, Server, Site, article, free_port, wait_until
from sqlalchemy import create_engine, text
from subscriber import Callback

# Read now: every test is freed from what the environment says to feedsvc.
OTHER = {name: os.environ.get(f"FEEDSVC_TEST_{name}", "") for name in ("HUB", "TOPIC", "PUBLISH")}

DAY = 86_400

# A hub elsewhere does not say when it is done: so long it may take, in seconds.
_PAUSE = 1.0

# A retry of ours that is put off comes due within so many microseconds; a claim lasts longer.
_PUT_OFF = 20_000_000

Form = Mapping[str, str] | Sequence[tuple[str, str]]


class Hub(Protocol):
    """A hub, and a way to make it deliver."""

    url: str
    is_ours: bool

    def topic(self, name: str, suffix: str = "atom") -> str:
        """Return a topic; a hub elsewhere has one for all."""

    def publish(self, name: str) -> str:
        """Change the topics of this name, and return what is new in them."""

    def settle(self) -> None:
        """Wait until everything that was published has been pushed once."""

    def wait_heard(self, callback: Callback) -> None:
        """Wait until what a callback has answered is taken to heart."""


class OurHub:
    """The hub of a site of ours, whose store may be looked into."""

    is_ours = True

    def __init__(self, site: Site, server: Server) -> None:
        self.site, self.server = site, server
        self.url = f"{site.base_url}/hub"
        self._numbers = count(1)

    def topic(self, name: str, suffix: str = "atom") -> str:
        """Return the canonical URL of a section's feed."""
        return f"{self.site.base_url}/feeds/{name}.{suffix}"

    def publish(self, name: str) -> str:
        """Write an article into a section, and wait until it is in its feed."""
        title = f"Item {next(self._numbers)} of {name}"
        self.site.write(f"{name}/{title.replace(' ', '-')}.md", article(title))
        self.wait_shown(name, title)
        return title

    def wait_shown(self, name: str, text: str, shown: bool = True) -> None:
        """Wait until a section's feed has a text, or has it no more."""
        path = f"/feeds/{name}.atom"
        wait_until(lambda: (text in self.server.get(path).text) is shown)

    def settle(self) -> None:
        """Wait until nothing is owed that was not tried."""
        wait_until(lambda: not self.ask_store("SELECT 1 FROM deliveries WHERE lane = 0"))

    def rest(self) -> None:
        """Wait until no feed waits for its next second: whatever is published changes at once."""
        wait_until(lambda: not self.ask_store("SELECT 1 FROM dirty"))
        time.sleep(1)

    def wait_heard(self, callback: Callback) -> None:
        """Wait until no check of a callback is in hand or was never tried."""
        query = (
            "SELECT 1 FROM checks WHERE callback = :callback AND NOT (attempt > 0 AND due < :soon)"
        )
        wait_until(
            lambda: not self.ask_store(query, callback=callback.url, soon=_micro() + _PUT_OFF)
        )

    def hurry(self, callback: Callback) -> None:
        """Let the retry that is owed to a callback, once it was put off, come due now."""
        where = "callback = :callback AND lane = 1 AND claimed IS NULL"
        join = f"FROM deliveries JOIN subscriptions ON subscription = number WHERE {where}"
        wait_until(lambda: self.ask_store(f"SELECT 1 {join}", callback=callback.url))
        self.ask_store(
            f"UPDATE deliveries SET due = :now WHERE subscription IN (SELECT subscription {join})",
            callback=callback.url,
            now=_micro(),
        )

    def end_lease(self, callback: Callback) -> None:
        """Set the end of a callback's leases to now."""
        self.ask_store(
            "UPDATE subscriptions SET expires = :now WHERE callback = :callback",
            callback=callback.url,
            now=_micro(),
        )

    def subscription(self, callback: Callback) -> dict[str, Any]:
        """Return the row of a callback's one subscription; empty if there is none."""
        rows = self.ask_store("SELECT * FROM subscriptions WHERE callback = :c", c=callback.url)
        assert len(rows) <= 1, rows
        return rows[0] if rows else {}

    def ask_store(self, statement: str, **values: object) -> list[dict[str, Any]]:
        """Run a statement on the store."""
        engine = create_engine(self.site.load().config.store.url)
        try:
            with engine.begin() as connection:
                found = connection.execute(text(statement), values)
                return [dict(row) for row in found.mappings()] if found.returns_rows else []
        finally:
            engine.dispose()


class OtherHub:
    """A hub that nothing is known of but what the environment says."""

    is_ours = False

    def __init__(self, url: str, topic: str, publish: str) -> None:
        self.url, self._topic, self._publish = url, topic, publish

    def topic(self, name: str, suffix: str = "atom") -> str:
        """Return the one topic."""
        return self._topic

    def publish(self, name: str) -> str:
        """Do what makes the hub deliver."""
        if self._publish.startswith(("http://", "https://")):
            form = {"hub.mode": "publish", "hub.url": self._topic, "hub.topic": self._topic}
            assert 200 <= post(self._publish, form).status < 300
        else:
            subprocess.run(shlex.split(self._publish), check=True, timeout=60)
        return ""

    def settle(self) -> None:
        """Give it time: it does not say when it is done."""
        time.sleep(_PAUSE)

    def wait_heard(self, callback: Callback) -> None:
        """Give it time: it does not say what it believes."""
        time.sleep(_PAUSE)


def only_ours(hub: Hub, reason: str) -> OurHub:
    """Return the hub as ours; skip the test, for this reason, if it is another."""
    if isinstance(hub, OurHub):
        return hub
    pytest.skip(reason)


@contextlib.contextmanager
def serving_hub(
    root: Path, more: str, hub: str = "{allow_private: true}", store_url: str = ""
) -> Iterator[OurHub]:
    """Run a site that the world knows by its own address; ``more`` are further sections."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    site = Site(root, base_url=address, settle="20ms", store_url=store_url)
    site.configure(f"{more}hub: {hub}\n")
    server = Server(site, "--port", str(port))
    server.port = port  # the last one that is said wins
    try:
        server.wait_ready()
        yield OurHub(site, server)
    finally:
        server.kill()
    assert "Traceback" not in server.log, server.log


def post(url: str, form: Form) -> Answer:
    """Send a form, without following anything."""
    return exchange("POST", url, urlencode(form).encode())


def fetch(url: str, method: str = "GET", **headers: str) -> Answer:
    """Ask for a URL, without following anything; ``_`` in a header's name stands for ``-``."""
    return exchange(
        method, url, None, {key.replace("_", "-"): text for key, text in headers.items()}
    )


def exchange(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] = {}
) -> Answer:
    """Send one request and return what was answered."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=20)
    sent = dict(headers)
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def ask_for(hub: Hub, mode: str, callback: Callback, topic: str, **more: str) -> Answer:
    """Ask a hub for something; ``secret`` and ``lease_seconds`` may come with it."""
    form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback.url}
    return post(hub.url, form | {f"hub.{name}": value for name, value in more.items()})


def subscribe(hub: Hub, callback: Callback, topic: str, **more: str) -> None:
    """Subscribe, and wait until the hub has heard the callback's answer."""
    _agree(hub, "subscribe", callback, topic, **more)


def unsubscribe(hub: Hub, callback: Callback, topic: str, **more: str) -> None:
    """Unsubscribe, and wait until the hub has heard the callback's answer."""
    _agree(hub, "unsubscribe", callback, topic, **more)


def _agree(hub: Hub, mode: str, callback: Callback, topic: str, **more: str) -> None:
    before = len(callback.questions)
    answer = ask_for(hub, mode, callback, topic, **more)
    assert answer.status == 202, answer
    wait_until(lambda: any(hit.answered for hit in callback.questions[before:]))
    hub.wait_heard(callback)


def deliver(hub: Hub, name: str, *reached: Callback) -> str:
    """Publish; wait until each of ``reached`` has one push more, and nothing more is to come."""
    before = [len(callback.pushes) for callback in reached]
    title = hub.publish(name)
    for callback, number in zip(reached, before, strict=True):
        wait_until(lambda callback=callback, number=number: len(callback.pushes) > number)
    hub.settle()
    for callback, number in zip(reached, before, strict=True):
        assert len(callback.pushes) == number + 1, [hit.target for hit in callback.pushes]
    return title


def assert_refused(answer: Answer) -> None:
    """A refusal is 4xx, and says why in plain text (H4)."""
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.strip()


def assert_deaf(hub: Hub, name: str, control: Callback, *deaf: Callback) -> None:
    """What is published reaches the ``control`` of the same topic, and none of the ``deaf``."""
    before = [len(callback.pushes) for callback in deaf]
    deliver(hub, name, control)
    assert [len(callback.pushes) for callback in deaf] == before


def _micro() -> int:
    return time.time_ns() // 1000

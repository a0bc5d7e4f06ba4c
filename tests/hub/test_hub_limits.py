"""What the hub does not serve, so that nobody is flooded by it: neither itself nor others."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sites import PATIENCE, Site, article, serving
from sqlalchemy import insert

from feedsvc.store import SUBSCRIBE, UNSUBSCRIBE, Store, schema
from feedsvc.web.app import create_app
from feedsvc.web.hub import (
    BODY_MOST,
    FAILURES_AN_HOUR,
    REQUESTS_A_MINUTE,
    SUBSCRIPTIONS_A_HOST,
)
from feedsvc.web.site import LiveSite

# In the middle of an hour and a minute.
NOON = datetime(2026, 11, 26, 12, 30, 20, tzinfo=UTC)
FEED = "/feeds/politics.atom"
FORM = "application/x-www-form-urlencoded"
TRIES = 3


@dataclass(slots=True)
class Door:
    """The hub of a worker, without an engine: what is asked for is verified by ``fail``."""

    client: Any
    store: Store
    topic: str
    now: datetime = NOON

    def ask(self, callback: str, mode: str = SUBSCRIBE, **more: Any) -> Any:
        """Send the hub a request."""
        form = {"hub.mode": mode, "hub.topic": self.topic, "hub.callback": callback}
        return self.client.post("/hub", data=form, **more)

    def hit(self, *, is_last: bool = False) -> int:
        """Ask every callback that is due, none of which answers; return how many were asked.

        ``is_last`` says that they refuse it for good.
        """
        with self.store.writing() as writer:
            checks = writer.hub.claim_checks(self.now, self.now + timedelta(seconds=25), 1000)
            for check in checks:
                if is_last or check.attempt >= TRIES:
                    writer.hub.drop_check(check, self.now, failed=True)
                else:
                    writer.hub.put_off(check, self.now + timedelta(seconds=15))
            return len(checks)

    def confirm(self) -> None:
        """Let all that was asked for be meant."""
        with self.store.writing() as writer:
            for check in writer.hub.claim_checks(self.now, self.now, 1000):
                writer.hub.confirm(check, self.now)

    def waiting(self) -> int:
        """Return how many requests wait to be verified."""
        with self.store.reading_hub() as hub:
            return hub.count_checks()


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    """The hub of a site with one article."""
    site.write("politics/first.md", article("First"))
    site.scan()
    store = Store(site.load().config.store.url)
    made = Door(None, store, f"{site.base_url}{FEED}")
    live = LiveSite(store, site.content, lambda: made.now)
    live.refresh()
    made.client = create_app(live).test_client()
    yield made
    live.stop()
    store.close()


def test_requests_a_minute(door: Door) -> None:
    for number in range(REQUESTS_A_MINUTE):
        assert door.ask("https://r.example/", UNSUBSCRIBE).status_code == 404, number
    refused = door.ask("https://R.example./x")
    assert refused.status_code == 429 and "r.example asks for too much" in refused.text
    assert refused.headers["Retry-After"] == "40"
    assert refused.content_type == "text/plain; charset=utf-8" and door.waiting() == 0
    assert door.ask("https://other.example/").status_code == 202
    door.now += timedelta(seconds=40)
    assert door.ask("https://r.example/").status_code == 202


def test_a_clock_that_was_set_back_locks_nobody_out(door: Door) -> None:
    for _ in range(REQUESTS_A_MINUTE):
        door.ask("https://r.example/", UNSUBSCRIBE)
    door.now -= timedelta(hours=5)
    assert door.ask("https://r.example/").status_code == 202


def test_verifications_that_failed(door: Door) -> None:
    for number in range(FAILURES_AN_HOUR):
        assert door.ask(f"https://r.example/{number}").status_code == 202
        door.hit(is_last=True)
    refused = door.ask("https://r.example/x")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1780")
    door.now += timedelta(seconds=1780)
    assert door.ask("https://r.example/x").status_code == 202


def test_verifications_that_are_under_way(door: Door) -> None:
    for number in range(FAILURES_AN_HOUR):
        assert door.ask(f"https://r.example/{number}").status_code == 202
    refused = door.ask("https://r.example/x")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    door.confirm()
    assert door.ask("https://r.example/x").status_code == 202


def test_who_subscribes_may_fail_more_often_but_not_for_ever(door: Door) -> None:
    door.ask("https://r.example/mine")
    door.confirm()
    for number in range(2 * FAILURES_AN_HOUR):
        assert door.ask(f"https://r.example/{number}").status_code == 202
        door.hit(is_last=True)
    assert door.ask("https://r.example/x").status_code == 429


def _same(number: int) -> tuple[str, str]:
    return "https://third.example/", SUBSCRIBE


def _others(number: int) -> tuple[str, str]:
    return f"https://third.example/{number}", SUBSCRIBE


def _to_and_fro(number: int) -> tuple[str, str]:
    return "https://third.example/", (SUBSCRIBE, UNSUBSCRIBE)[number % 2]


@pytest.mark.parametrize("pick", [_same, _others, _to_and_fro])
@pytest.mark.parametrize("is_last", [False, True])
def test_a_third_party_is_hit_so_often_at_most(
    door: Door, pick: Callable[[int], tuple[str, str]], is_last: bool
) -> None:
    """However a stranger asks: three times for each failure that is allowed, within an hour."""
    door.now = NOON.replace(minute=0, second=0)
    end, hits, number = door.now + timedelta(hours=1), 0, 0
    while door.now < end:
        for _ in range(2):
            door.ask(*pick(number))
            number += 1
        hits += door.hit(is_last=is_last)
        door.now += timedelta(seconds=20)
    assert 1 <= hits <= TRIES * FAILURES_AN_HOUR


def test_who_asks_again_in_good_faith_is_served(door: Door) -> None:
    """A subscriber that is slow to verify, and asks anew meanwhile."""
    for _ in range(5):
        assert door.ask("https://r.example/").status_code == 202
        door.hit()
    door.now += timedelta(seconds=20)
    door.confirm()
    with door.store.reading_hub() as hub:
        assert hub.count_host("r.example") == 1


def test_subscriptions_of_a_host(door: Door) -> None:
    rows = [
        {"path": FEED, "callback": f"https://r.example/{number}", "kind": "websub", "topic": "t"}
        | {"host": "r.example", "since": NOON, "expires": NOON + timedelta(days=1)}
        for number in range(SUBSCRIPTIONS_A_HOST)
    ]
    with door.store.writing() as writer:
        writer._connection.execute(insert(schema.subscriptions), rows)
    refused = door.ask("https://r.example/one-more")
    assert refused.status_code == 429 and "Retry-After" in refused.headers
    assert f"{SUBSCRIPTIONS_A_HOST} subscriptions" in refused.text
    # Those it has may be renewed, and ended.
    assert door.ask("https://r.example/7").status_code == 202
    assert door.ask("https://r.example/8", UNSUBSCRIBE).status_code == 202
    assert door.ask("https://other.example/").status_code == 202


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/xml"],
)
def test_only_forms_are_read(door: Door, kind: str) -> None:
    body = urlencode(
        {"hub.mode": SUBSCRIBE, "hub.topic": door.topic, "hub.callback": "http://r.ex"}
    )
    if kind.startswith("multipart"):
        body = (
            '--x\r\nContent-Disposition: form-data; name="hub.mode"\r\n\r\nsubscribe\r\n--x--\r\n'
        )
    refused = door.client.post("/hub", data=body, content_type=kind)
    assert refused.status_code == 415 and FORM in refused.text and door.waiting() == 0
    assert refused.content_type == "text/plain; charset=utf-8"


def test_a_form_with_a_charset_is_one(door: Door) -> None:
    body = urlencode(
        {"hub.mode": SUBSCRIBE, "hub.topic": door.topic, "hub.callback": "http://r.ex"}
    )
    kind = f"{FORM}; charset=UTF-8"
    assert door.client.post("/hub", data=body, content_type=kind).status_code == 202


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"hub.mode=%ff%fe", b"%", b"&&&=&", b"\0" * 99])
def test_forms_that_are_none(door: Door, body: bytes) -> None:
    refused = door.client.post("/hub", data=body, content_type=FORM)
    assert refused.status_code == 400 and refused.text.startswith("hub.mode")


def test_a_form_that_is_too_long(door: Door) -> None:
    start = urlencode(
        {"hub.mode": SUBSCRIBE, "hub.topic": door.topic, "hub.callback": "http://r.ex"}
    )
    fits = f"{start}&x={'x' * (BODY_MOST - len(start) - 3)}"
    assert door.client.post("/hub", data=fits, content_type=FORM).status_code == 202
    refused = door.client.post("/hub", data=f"{fits}x", content_type=FORM)
    assert refused.status_code == 413 and f"{BODY_MOST} bytes" in refused.text


def test_a_form_without_a_length_has_an_end(tmp_path: Path) -> None:
    """Over a socket: in chunks that nobody has counted beforehand."""
    site = Site(tmp_path / "site")
    site.configure("hub: {allow_private: true}\n")
    site.write("politics/first.md", article("First"))
    with serving(site) as server:
        said = {"mode": UNSUBSCRIBE, "topic": site.base_url + FEED, "callback": "http://r.example/"}
        form = urlencode({f"hub.{name}": value for name, value in said.items()}).encode()
        assert send_chunks(server.port, [form]) == 404  # it was read: nobody subscribes
        assert send_chunks(server.port, [form, *[b"&" + b"x" * 1023] * 200]) == 413


def send_chunks(port: int, chunks: list[bytes]) -> int:
    """Post a form in chunks; return the status of the answer."""
    head = f"POST /hub HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        for chunk in chunks:
            connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        connection.sendall(b"0\r\n\r\n")
        return int(connection.makefile("rb").readline().split()[1])

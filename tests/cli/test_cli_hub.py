"""``feedsvc hub``: what it lists, what it ends, and how it tries a callback."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import Result
from lxml import etree
from sites import ATOM, Site, article, free_port, parse_atom, snapshot

from feedsvc.store import SUBSCRIBE, Check, Settled, Store

Run = Callable[..., Result]
FEED = "/feeds/politics.atom"


@pytest.fixture
def hub_site(site: Site) -> Site:
    """A site with three subscriptions: one is fine, one fails, one has expired."""
    site.configure("hub: {allow_private: true}\n")
    site.write("politics/a.md", article("A"))
    site.scan()
    now = datetime.now(UTC)
    store = Store(site.load().config.store.url)
    with store.writing() as writer:
        hub = writer.hub
        for name, lease in (("fine", 90_000), ("failing", 90_000), ("expired", -1)):
            callback = f"http://{name}.example/x"
            secret = b"sealed" if name == "fine" else None
            topic = f"http://gazette.test{FEED}"
            check = Check(FEED, callback, SUBSCRIBE, topic, f"{name}.example", now, secret, lease)
            hub.ask(check, now)
        for check in hub.claim_checks(now, now + timedelta(minutes=1), 9):
            hub.confirm(check, now)
        hub.owe([FEED], 2, now)
        for one in hub.claim(0, now, now + timedelta(minutes=1), 9):
            if "failing" in one.to.callback:
                due = now + timedelta(hours=5)
                hub.settle([Settled(one.to.number, 2, "answered 500", due)], now)
    store.close()
    return site


@pytest.mark.parametrize("name", ["subscriptions", "deliveries"])
def test_looking_makes_no_store(site: Site, run: Run, name: str) -> None:
    before = snapshot(site.root)
    assert "Nothing was recorded yet" in run("hub", name).stdout
    assert json.loads(run("hub", name, "--json").stdout) == []
    assert snapshot(site.root) == before
    site.scan()
    assert "Nothing was recorded yet" not in run("hub", name).stdout


def test_subscriptions_are_listed_without_their_secrets(hub_site: Site, run: Run) -> None:
    rows = json.loads(run("hub", "subscriptions", "--json").stdout)
    told = {
        row["callback"]: (row["signed"], row["failures"], row["outcome"], row["kind"])
        for row in rows
    }
    assert told == {
        "http://fine.example/x": (True, 0, "", "websub"),
        "http://failing.example/x": (False, 1, "answered 500", "websub"),
        "http://expired.example/x": (False, 0, "", "websub"),
    }
    assert {row["topic"] for row in rows} == {f"http://gazette.test{FEED}"}
    assert all(datetime.fromisoformat(row["until"]).tzinfo for row in rows)
    text = run("hub", "subscriptions").stdout
    assert "http://failing.example/x" in text and "answered 500" in text and "sealed" not in text
    assert len(json.loads(run("hub", "subscriptions", "--json", "--limit", "1").stdout)) == 1


def test_deliveries_are_listed(hub_site: Site, run: Run) -> None:
    rows = json.loads(run("hub", "deliveries", "--json").stdout)
    assert [(row["callback"], row["tries"]) for row in rows] == [
        ("http://fine.example/x", 1),
        ("http://failing.example/x", 1),
    ]
    assert "http://failing.example/x" in run("hub", "deliveries").stdout


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ([], {"fine", "failing"}),
        (["--failing"], {"fine", "expired"}),
        (["--host", "FINE.example"], {"failing", "expired"}),
        (["--callback", "http://fine.example/x"], {"failing", "expired"}),
        (["--host", "nobody.example"], {"fine", "failing", "expired"}),
        (["--all", "--yes"], set()),
    ],
    ids=str,
)
def test_purge_ends_what_is_named(
    hub_site: Site, run: Run, words: list[str], left: set[str]
) -> None:
    result = run("hub", "purge", *words)
    assert result.exit_code == 0 and f"{3 - len(left)} subscription" in result.stdout
    rows = json.loads(run("hub", "subscriptions", "--json").stdout)
    assert {row["callback"].split("/")[2].split(".")[0] for row in rows} == left
    owed = {row["callback"] for row in json.loads(run("hub", "deliveries", "--json").stdout)}
    assert owed <= {row["callback"] for row in rows}


def test_purge_asks_before_all_of_them_go(hub_site: Site, run: Run) -> None:
    for words in ((), ("--json",)):
        result = run("hub", "purge", "--all", *words)
        assert result.exit_code == 1 and not result.stdout  # nobody said yes
    assert len(json.loads(run("hub", "subscriptions", "--json").stdout)) == 3


@pytest.fixture
def callbacks() -> Iterator[str]:
    """Callbacks by path: /fine, /wrong (no challenge), /unsigned (refuses the push), /moved,
    /sports (waits for that feed alone), and /secret (checks the signature and the feed)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            said = query["hub.challenge"][0] if "/wrong" not in self.path else "no"
            status = 302 if "/moved" in self.path else 200
            if "/sports" in self.path and "sports" not in query["hub.topic"][0]:
                status = 404
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = 204 if self.headers["X-Hub-Signature"] else 403
            if "/unsigned" in self.path:
                status = 403
            if "/secret" in self.path:
                signature = "sha512=" + hmac.digest(b"of ours", body, "sha512").hex()
                is_feed = etree.fromstring(body).tag == f"{ATOM}feed" and not parse_atom(body)
                is_ours = self.headers["X-Hub-Signature"] == signature
                status = 204 if is_feed and is_ours else 403
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("/fine", [("verification", ""), ("push", "")]),
        ("/wrong", [("verification", "did not answer with the challenge")]),
        ("/unsigned", [("verification", ""), ("push", "answered 403")]),
    ],
)
def test_a_callback_is_tried_as_the_hub_would(
    hub_site: Site, run: Run, callbacks: str, path: str, steps: list[tuple[str, str]]
) -> None:
    result = run("hub", "test", callbacks + path, "--json")
    assert [(one["step"], one["why"]) for one in json.loads(result.stdout)] == steps
    is_fine = all(not why for _, why in steps)
    assert result.exit_code == (0 if is_fine else 1)
    text = run("hub", "test", callbacks + path).stdout
    assert ("The hub can push to it." in text) == is_fine


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["/fine"], "push: it took a feed without entries, signed by sha512"),
        (["/wrong"], "the body must be the value of hub.challenge"),
        (["/unsigned"], "push: answered 403: it refuses: it may want another secret (--secret)"),
        (["/moved"], "the hub follows no redirect"),
        (["/sports"], "name one by --topic"),
        (["/sports", "--topic", "http://gazette.test/feeds/sports.json"], "The hub can push"),
        (["/fine", "--topic", "http://gazette.test/"], "the topic must be a feed"),
        (["/fine", "--topic", "http://other.test/feeds/sports.json"], "no feed of this site"),
        (["/secret", "--secret", "of ours"], "The hub can push"),
        (["/secret", "--secret", "of others"], "The hub could not push"),
        (["/fine", "--secret", "x" * 200], "hub.secret is too long"),
    ],
    ids=str,
)
def test_it_is_said_in_plain_words_how_it_went(
    site: Site, run: Run, callbacks: str, words: list[str], told: str
) -> None:
    """No store is needed; pushes are signed as the config says (H31)."""
    site.configure("hub: {allow_private: true, signature: sha512}\n")
    before = snapshot(site.root)
    result = run("hub", "test", callbacks + words[0], *words[1:])
    assert told in result.stdout
    assert result.exit_code == ("The hub can push to it." not in result.stdout)
    assert snapshot(site.root) == before


def test_a_callback_that_is_not_there(site: Site, run: Run) -> None:
    site.configure("hub: {allow_private: true}\n")
    result = run("hub", "test", f"http://127.0.0.1:{free_port()}/")
    assert result.exit_code == 1
    assert "verification: cannot be connected to: is it running" in result.stdout


def test_a_callback_that_no_hub_would_take(site: Site, run: Run, callbacks: str) -> None:
    """The site's own config counts: an address that is not public is none."""
    for url, why in ((callbacks, "not public"), ("ftp://a.example/", "no http or https URL")):
        result = run("hub", "test", url)
        assert result.exit_code == 1 and why in result.stdout
        assert ("hub.allow_private" in result.stdout) == (why == "not public")

"""rssCloud: what feeds say of it, how a handler is tested, and what it is told, over real HTTP.

After the walkthrough that `feedsvc.hub.rsscloud` names: readers on loopback ask a running server.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from callbacks import Subscriber, subscribing
from hub_at_work import CONFIG, HubAtWork
from lxml import etree
from sites import Server, Site, article, serving, wait_until

from feedsvc.hub import CLOUD_LEASE
from feedsvc.render.prepare import describe_cloud
from feedsvc.store import RSSCLOUD, Store, Subscription

PATH = "/rsscloud/pleaseNotify"
FORM = "application/x-www-form-urlencoded"
HUB = "hub: {allow_private: true}"
TAGS = [f"t{number}" for number in range(21)]


@pytest.fixture(scope="module")
def subscriber() -> Iterator[Subscriber]:
    """Handlers for all tests here, each with its own."""
    with subscribing() as one:
        yield one


@dataclass(frozen=True, slots=True)
class Result:
    """What a pleaseNotify was answered."""

    status: int
    success: bool
    message: str
    retry_after: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """A site that speaks rssCloud, and readers of it."""

    site: Site
    server: Server
    readers: Subscriber

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def feed(self, name: str = "politics") -> str:
        return f"{self.base}/feeds/{name}.xml"

    def form(self, handler: str, *feeds: str, **more: str) -> dict[str, str]:
        """Return the form by which a reader asks; what is empty in ``more`` is left out."""
        parts = urlsplit(handler)
        urls = {f"url{number}": url for number, url in enumerate(feeds or (self.feed(),), 1)}
        said = {"notifyProcedure": "", "protocol": "http-post", "path": parts.path}
        said |= {"domain": str(parts.hostname), "port": str(parts.port)} | urls | more
        return {name: value for name, value in said.items() if value or name not in more}

    def ask(self, form: dict[str, str], kind: str = FORM, chunked: bool = False) -> Result:
        """Ask to be notified; ``chunked`` sends the form without its length."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            body = urlencode(form).encode()
            sent = iter([body]) if chunked else body
            connection.request("POST", PATH, sent, {"Content-Type": kind}, encode_chunked=chunked)
            answer = connection.getresponse()
            assert answer.getheader("Content-Type") == "text/xml; charset=utf-8"
            root = etree.fromstring(answer.read())
            assert root.tag == "notifyResult" and root.get("success") in ("true", "false")
            success, wait = root.get("success") == "true", answer.getheader("Retry-After", "")
            return Result(answer.status, success, root.get("msg", ""), wait)
        finally:
            connection.close()

    def told(self, path: str) -> list[dict[str, str]]:
        """Return the forms that a handler was sent."""
        forms = list(self.readers.pushes[path])
        assert {one.headers["content-type"] for one in forms} <= {
            "application/x-www-form-urlencoded"
        }
        return [dict(parse_qsl(one.body.decode(), keep_blank_values=True)) for one in forms]

    def kept(self, handler: str) -> list[Subscription]:
        """Return what the store keeps of a handler."""
        with _opened(self.site) as store, store.reading_hub() as hub:
            return [one for one in hub.subscriptions(RSSCLOUD) if one.callback == handler]

    def settle(self) -> None:
        """Wait until nothing is due any more."""

        def is_done() -> bool:
            with _opened(self.site) as store, store.reading_hub() as hub:
                return not hub.is_due(datetime.now(UTC))

        wait_until(is_done)


@contextmanager
def _opened(site: Site) -> Iterator[Store]:
    store = Store(site.load().config.store.url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def speaking(site: Site, readers: Subscriber, hub: str) -> Iterator[Cloud]:
    """Serve a site with this ``hub`` block."""
    site.config.write_text(CONFIG.replace(HUB, hub))
    site.write("politics/first.md", article("The first of all", tags=f"[{', '.join(TAGS)}]"))
    site.write("sports/game.md", article("The game of the day"))
    with serving(site) as server:
        yield Cloud(site, server, readers)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, subscriber: Subscriber) -> Iterator[Cloud]:
    """A site that speaks rssCloud beside WebSub."""
    site = Site(tmp_path_factory.mktemp("cloud"))
    with speaking(site, subscriber, "hub: {rsscloud: true, allow_private: true}") as one:
        yield one


def test_off_unless_the_config_says_otherwise(tmp_path: Path, subscriber: Subscriber) -> None:
    with speaking(Site(tmp_path / "site"), subscriber, HUB) as silent:
        assert b"cloud" not in silent.server.get("/feeds/politics.xml").body
        assert silent.server.get(PATH).status == silent.server.get(PATH, "POST").status == 404


@pytest.mark.parametrize("name", ["politics", "all", "tag/t1", "politics+sports"])
def test_every_rss_feed_says_where_to_ask(cloud: Cloud, name: str) -> None:
    channel = etree.fromstring(cloud.server.get(f"/feeds/{name}.xml").body)[0]
    (found,) = channel.findall("cloud")
    assert dict(found.attrib) == {
        "domain": "127.0.0.1",
        "port": str(cloud.server.port),
        "path": PATH,
        "registerProcedure": "",
        "protocol": "http-post",
    }
    for suffix in ("atom", "json"):
        assert b"pleaseNotify" not in cloud.server.get(f"/feeds/{name}.{suffix}").body
    assert cloud.server.get(PATH).status == 200  # and a person who looks there is told what it is


@pytest.mark.parametrize(
    ("url", "domain", "port", "path"),
    [
        ("https://news.example/rsscloud/pleaseNotify", "news.example", "443", PATH),
        ("http://news.example/rsscloud/pleaseNotify", "news.example", "80", PATH),
        ("https://news.example:8443/a/rsscloud/pleaseNotify", "news.example", "8443", f"/a{PATH}"),
        ("http://[2001:db8::1]:81/rsscloud/pleaseNotify", "[2001:db8::1]", "81", PATH),
    ],
)
def test_where_to_ask_by_the_sites_own_address(url: str, domain: str, port: str, path: str) -> None:
    found = describe_cloud(url)
    assert (found["domain"], found["port"], found["path"]) == (domain, port, path)


def test_a_handler_with_a_domain_is_tested_by_a_challenge_and_told(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    result = cloud.ask(cloud.form(handler))
    assert (result.status, result.success) == (200, True), result
    (question,) = cloud.readers.questions[path]
    assert question.keys() == {"url", "challenge"} and question["url"] == cloud.feed()
    assert len(question["challenge"]) > 20 and cloud.told(path) == []
    cloud.site.write("sports/no-matter.md", article("A game that does not matter"))
    wait_until(lambda: "does not matter" in cloud.server.get("/feeds/sports.xml").text)
    cloud.site.write("politics/second.md", article("The second"))
    assert wait_until(lambda: cloud.told(path)) == [{"url": cloud.feed()}]
    assert "The second" in cloud.server.get("/feeds/politics.xml").text
    assert len(cloud.readers.questions[path]) == 1


def test_a_handler_at_the_callers_address_is_tested_by_a_notification(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    result = cloud.ask(cloud.form(handler, domain=""))
    assert result.success, result
    assert cloud.told(path) == [{"url": cloud.feed()}] and not cloud.readers.questions[path]
    cloud.site.write("politics/third.md", article("The third"))
    wait_until(lambda: len(cloud.told(path)) == 2)
    assert cloud.told(path)[1] == {"url": cloud.feed()}


def test_the_handlers_own_query_is_kept(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    assert cloud.ask(cloud.form(handler, path=f"{path}?token=a%20b")).success
    (target,) = cloud.readers.targets[path]
    assert target.startswith(f"{path}?token=a%20b&url=http")


def test_a_lease_lasts_25_hours_and_asking_again_begins_it_anew(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    assert cloud.ask(cloud.form(handler)).success
    (first,) = cloud.kept(handler)
    assert first.expires and first.expires - first.since == timedelta(hours=25)
    assert timedelta(seconds=CLOUD_LEASE) == timedelta(hours=25)
    assert cloud.ask(cloud.form(handler)).success
    (again,) = cloud.kept(handler)
    assert again.since > first.since and len(cloud.readers.questions[path]) == 2
    cloud.site.write("politics/fourth.md", article("The fourth"))
    wait_until(lambda: cloud.told(path))
    cloud.settle()
    assert cloud.told(path) == [{"url": cloud.feed()}]  # once, however often it was asked for


def test_several_feeds_at_once(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    feeds = [cloud.feed(name) for name in ("sports", "tag/t3", "politics+sports")]
    result = cloud.ask(cloud.form(handler, *feeds))
    assert result.success and "3 feeds" in result.message
    assert sorted(one["url"] for one in cloud.readers.questions[path]) == sorted(feeds)
    cloud.site.write("sports/other.md", article("Another game", tags="[t3]"))
    wait_until(lambda: {one["url"] for one in cloud.told(path)} == set(feeds))


@pytest.mark.parametrize(
    ("verify", "status"),
    [("another word", 200), ("", 200), ("the challenge", 404), ("the challenge", 500)],
)
def test_a_handler_that_fails_its_test_is_not_told(cloud: Cloud, verify: str, status: int) -> None:
    path, handler = cloud.readers.new()
    behaviour = cloud.readers.behaviours[path]
    behaviour.verify, behaviour.status = verify, status
    result = cloud.ask(cloud.form(handler))
    assert (result.status, result.success) == (200, False)
    assert handler in result.message and cloud.feed() in result.message
    cloud.settle()
    assert len(cloud.readers.questions[path]) == 1  # it is not asked again by ourselves
    assert cloud.kept(handler) == []


@pytest.mark.parametrize("status", [302, 404, 410, 500])
def test_a_handler_at_the_callers_address_must_answer_2xx(cloud: Cloud, status: int) -> None:
    path, handler = cloud.readers.new()
    cloud.readers.behaviours[path].pushes = [status]
    cloud.readers.behaviours[path].location = f"{cloud.readers.base}/elsewhere"
    assert not cloud.ask(cloud.form(handler, domain="")).success
    assert len(cloud.told(path)) == 1 and not cloud.told("/elsewhere")
    assert cloud.kept(handler) == []


def test_a_test_that_fails_leaves_what_was_before(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    assert cloud.ask(cloud.form(handler)).success
    before = cloud.kept(handler)
    cloud.readers.behaviours[path].verify = "another word"
    assert not cloud.ask(cloud.form(handler)).success
    assert cloud.kept(handler) == before


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"protocol": "xml-rpc"}, "protocol 'xml-rpc' is not known here: write http-post"),
        ({"protocol": "soap"}, "write http-post"),
        ({"protocol": "https-post"}, "port 443 is reached by https"),
        ({"protocol": '"<\x00\ufffe>&'}, "write http-post"),
        ({"protocol": ""}, "protocol is missing"),
        ({"port": ""}, "port is missing"),
        ({"port": "0"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "80; rm"}, "port"),
        ({"path": ""}, "path is missing"),
        ({"path": "/a b"}, "path"),
        ({"path": "/a#b"}, "path"),
        ({"path": "/ä"}, "path"),
        ({"domain": "http://127.0.0.1"}, "domain is no host"),
        ({"domain": "user@127.0.0.1"}, "domain is no host"),
        ({"domain": "127.0.0.1/x"}, "domain is no host"),
        ({"domain": "127.0.0.1:80"}, "domain is no host"),
        ({"url1": ""}, "url1 is missing"),
        ({"url1": "{base}/feeds/politics.atom"}, "url1 is no RSS feed"),
        ({"url1": "{base}/feeds/nowhere.xml"}, "url1 is no RSS feed"),
        ({"url1": "https://other.example/feeds/politics.xml"}, "url1 is no RSS feed"),
        ({"url2": "{base}/"}, "url2 is no RSS feed"),
        ({"url1": "{base}/feeds/tag/never.xml"}, "nothing was ever in"),
    ],
)
def test_what_is_refused_says_why(cloud: Cloud, change: dict[str, str], word: str) -> None:
    path, handler = cloud.readers.new()
    change = {name: value.replace("{base}", cloud.base) for name, value in change.items()}
    result = cloud.ask(cloud.form(handler, **change))
    assert (result.status, result.success) == (200, False)
    assert word in result.message
    assert not cloud.readers.questions[path] and not cloud.readers.pushes[path]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_form_that_is_too_long_is_refused(cloud: Cloud, chunked: bool) -> None:
    _, handler = cloud.readers.new()
    result = cloud.ask(cloud.form(handler, note="x" * 20_000), chunked=chunked)
    assert (result.status, result.success) == (413, False)


def test_what_is_no_form_is_refused(cloud: Cloud) -> None:
    _, handler = cloud.readers.new()
    result = cloud.ask(cloud.form(handler), "application/json")
    assert (result.status, result.success) == (415, False)


def test_a_notification_that_fails_is_owed_and_the_next_change_is_told_at_once(
    cloud: Cloud,
) -> None:
    """By the delivery rows that WebSub's pushes have, and so by their pauses."""
    path, handler = cloud.readers.new()
    assert cloud.ask(cloud.form(handler)).success
    cloud.readers.behaviours[path].pushes = [500, 204]
    cloud.site.write("politics/fifth.md", article("The fifth"))

    def find_owed() -> list[tuple[datetime, int]]:
        with _opened(cloud.site) as store, store.reading_hub() as hub:
            owed = [one for one in hub.owed(100) if one[0].callback == handler]
        return [(due, tries) for to, due, tries in owed if to.failures]

    ((due, tries),) = wait_until(find_owed)
    assert tries == 1 and due > datetime.now(UTC) + timedelta(seconds=5)
    cloud.site.write("politics/sixth.md", article("The sixth"))
    wait_until(lambda: len(cloud.told(path)) == 2)
    wait_until(lambda: not find_owed())


def test_a_handler_that_is_gone_is_told_no_more(cloud: Cloud) -> None:
    path, handler = cloud.readers.new()
    assert cloud.ask(cloud.form(handler)).success
    cloud.readers.behaviours[path].pushes = [410]
    cloud.site.write("politics/seventh.md", article("The seventh"))
    wait_until(lambda: not cloud.kept(handler))
    assert len(cloud.told(path)) == 1


def test_what_rsscloud_tells_is_no_subscription_of_websub(cloud: Cloud) -> None:
    """The same URL may be both; who leaves the one stays in the other."""
    path, handler = cloud.readers.new()
    assert cloud.ask(cloud.form(handler)).success
    hub = HubAtWork(f"{cloud.base}/hub", cloud.feed(), cloud.readers)
    assert hub.post(hub.form(handler, "unsubscribe")).status == 404
    hub.subscribe(handler)
    hub.unsubscribe(handler)
    assert len(cloud.kept(handler)) == 1
    cloud.site.write("politics/eighth.md", article("The eighth"))
    wait_until(lambda: cloud.told(path))
    cloud.settle()
    assert cloud.told(path) == [{"url": cloud.feed()}]


def test_strangers_cannot_have_a_host_asked_more_than_twenty_times_an_hour(cloud: Cloud) -> None:
    """Each feed counts, because each is a test of the handler; the host never answers rightly."""
    path, handler = cloud.readers.new()
    cloud.readers.behaviours[path].verify = "no"
    feeds = [cloud.feed(f"tag/{tag}") for tag in TAGS]
    form = cloud.form(handler, *feeds, domain="localhost")
    result = cloud.ask(form)
    assert (result.status, result.success) == (429, False) and int(result.retry_after) <= 3600
    assert not cloud.readers.questions[path]
    form.pop(f"url{len(feeds)}")
    result = cloud.ask(form)
    assert (result.status, result.success) == (200, False)
    assert len(cloud.readers.questions[path]) == 20
    result = cloud.ask(cloud.form(handler, domain="localhost"))
    assert (result.status, result.success) == (429, False) and int(result.retry_after) <= 3600
    assert len(cloud.readers.questions[path]) == 20


def test_handlers_that_hang_cost_nobody_else_anything(cloud: Cloud) -> None:
    """Their readers wait for ten seconds, so many at a time; feeds go on, and so does the hub."""
    hanging = [cloud.readers.new() for _ in range(8)]
    for path, _ in hanging:
        cloud.readers.behaviours[path].hangs = True
    results: list[Result] = []

    def wait(handler: str) -> None:
        results.append(cloud.ask(cloud.form(handler)))

    threads = [threading.Thread(target=wait, args=(handler,)) for _, handler in hanging]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(cloud.readers.questions[path] for path, _ in hanging))
    path, handler = cloud.readers.new()
    busy = cloud.ask(cloud.form(handler))
    assert (busy.status, busy.success, busy.retry_after) == (503, False, "20")
    assert cloud.server.get("/feeds/politics.xml").status == 200
    for thread in threads:
        thread.join(30)
    assert [(one.status, one.success) for one in results] == [(200, False)] * len(hanging)
    assert cloud.ask(cloud.form(handler)).success


def test_a_running_server_changes_its_mind(tmp_path: Path, subscriber: Subscriber) -> None:
    """Without WebSub; with the guard, without it, and with rssCloud taken back."""
    path, handler = subscriber.new()
    with speaking(
        Site(tmp_path / "site"), subscriber, "hub: {mode: none, rsscloud: true}"
    ) as cloud:

        def change(hub: str) -> None:
            cloud.site.config.write_text(CONFIG.replace(HUB, hub))

        for domain in ("127.0.0.1", "localhost", "0x7f.1", ""):
            result = cloud.ask(cloud.form(handler, domain=domain))
            assert (result.status, result.success) == (200, False)
            assert "not public" in result.message or "private network" in result.message, result
            assert ("domain is missing" in result.message) is (not domain)
        assert not subscriber.questions[path] and not subscriber.pushes[path]

        change("hub: {mode: none, rsscloud: true, allow_private: true}")
        wait_until(lambda: cloud.ask(cloud.form(handler)).success)
        cloud.site.write("politics/second.md", article("The second"))
        wait_until(lambda: cloud.told(path))
        assert "link" in cloud.server.get("/feeds/politics.xml").headers
        assert 'rel="hub"' not in cloud.server.get("/feeds/politics.xml").headers["link"]

        change("hub: {mode: none, allow_private: true}")
        wait_until(lambda: b"<cloud" not in cloud.server.get("/feeds/politics.xml").body)
        wait_until(lambda: cloud.server.get(PATH).status == 404)
        cloud.site.write("politics/third.md", article("The third"))
        wait_until(lambda: "The third" in cloud.server.get("/feeds/politics.xml").text)
        with _opened(cloud.site) as store, store.reading_hub() as hub:
            assert hub.owed(10) == []
        assert len(cloud.told(path)) == 1

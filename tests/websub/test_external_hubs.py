"""Hubs elsewhere: what they are told of, again until it goes well, and as the config then says.

Each is a real server on loopback; a config is edited under a running site.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from callbacks import Subscriber, subscribing
from feed_links import read_header
from hub_at_work import CONFIG, HubAtWork
from sites import FORMATS, Server, Site, article, serving, wait_until

from feedsvc.store import EXTERNAL, WEBSUB, Store

HUB = "hub: {allow_private: true}"


@pytest.fixture(scope="module")
def subscriber() -> Iterator[Subscriber]:
    """Hubs elsewhere, as callbacks that do what they are told."""
    with subscribing() as one:
        yield one


@dataclass(slots=True)
class Publisher:
    """A running site whose config a test edits; ``hubs`` are all hubs elsewhere."""

    site: Site
    server: Server
    hubs: Subscriber
    articles: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def configure(self, hub: str, more: str = "") -> None:
        """Put another ``hub`` block in force, and wait until the feeds name its hubs."""
        self.site.config.write_text(make_config(hub, more))
        named = list(self.site.load().config.hub.urls) if "none" not in hub else []
        own = [f"{self.base}/hub"] if "both" in hub or "builtin" in hub else []
        wait_until(lambda: self.named() == own + named)

    def named(self) -> list[str]:
        """Return the hubs that a feed names."""
        links = read_header(self.server.get("/feeds/politics.atom").headers["link"])
        return [url for rel, url in links if rel == "hub"]

    def publish(self, **front: str) -> None:
        """Publish something in politics, and wait until nothing of it is due any more."""
        self.articles += 1
        title = f"Headline number {self.articles} of the day"
        self.site.write(f"politics/{self.articles}.md", article(title, **front))
        wait_until(lambda: title in self.server.get("/feeds/politics.atom").text)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is due any more."""

        def is_done() -> bool:
            with self.store() as store, store.reading_hub() as hub:
                return not hub.is_due(datetime.now(UTC)) and not any(
                    tries == 0 or to.failures == 0 for to, _, tries in hub.owed(1000)
                )

        wait_until(is_done)

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        store = Store(self.site.load().config.store.url)
        try:
            yield store
        finally:
            store.close()

    def owed(self) -> list[tuple[str, str, timedelta, int]]:
        """Return what is owed: callback, path, how far ahead it is due, and its tries so far."""
        with self.store() as store, store.reading_hub() as hub:
            now = datetime.now(UTC)
            return [(to.callback, to.path, due - now, n) for to, due, n in hub.owed(1000)]

    def kept(self, kind: str) -> set[str]:
        """Return the callbacks that the store keeps."""
        with self.store() as store, store.reading_hub() as hub:
            return {one.callback for one in hub.subscriptions(kind)}

    def pinged(self, path: str) -> list[str]:
        """Return the topics that a hub was told of (H38)."""
        found = []
        for push in list(self.hubs.pushes[path]):
            assert push.headers["content-type"] == "application/x-www-form-urlencoded"
            form = dict(parse_qsl(push.body.decode()))
            assert form["hub.mode"] == "publish" and form["hub.url"] == form["hub.topic"]
            found.append(form["hub.url"])
        return found


def make_config(hub: str, more: str = "") -> str:
    assert HUB in CONFIG
    return CONFIG.replace(HUB, hub) + more


def block(mode: str, *urls: str) -> str:
    return f"hub: {{mode: {mode}, urls: [{', '.join(urls)}], allow_private: true}}"


@contextlib.contextmanager
def publishing(folder: Path, hubs: Subscriber, hub: str) -> Iterator[Publisher]:
    site = Site(folder / "site")
    site.config.write_text(make_config(hub))
    site.write("politics/first.md", article("The first of all", tags="[Zürich]"))
    site.write("sports/game.md", article("The game"))
    with serving(site) as server:
        yield Publisher(site, server, hubs)


def list_topics(base: str, *names: str) -> set[str]:
    """Return the URLs of the feeds of these names, and that of the front page."""
    return {f"{base}/feeds/{name}.{suffix}" for name in names for suffix in FORMATS} | {f"{base}/"}


def test_W9_H38_each_topic_that_changed_is_pinged_once(
    tmp_path: Path, subscriber: Subscriber
) -> None:
    """By the address that the feed itself names, which is a document; and nothing else is."""
    path, url = subscriber.new()
    with publishing(tmp_path, subscriber, block("external", url)) as publisher:
        assert publisher.named() == [url]
        assert publisher.server.get("/hub").status == 404
        assert publisher.server.get("/feeds/tag/z%C3%BCrich.atom").status == 200
        wait_until(lambda: b"/feeds/tag/" in _dump_built(publisher))
        publisher.publish(tags="[Zürich]")
        pinged = publisher.pinged(path)
        assert set(pinged) == list_topics(publisher.base, "politics", "all", "tag/z%C3%BCrich")
        assert len(pinged) == len(set(pinged))
        for topic in pinged:
            answer = publisher.server.get(urlsplit(topic).path)
            assert answer.status == 200
            assert ("self", topic) in read_header(answer.headers["link"])


def _dump_built(publisher: Publisher) -> bytes:
    with publisher.store() as store:
        return "\n".join(store.etags()).encode()


def test_W9_a_ping_that_fails_is_owed_and_newer_content_takes_its_place(
    tmp_path: Path, subscriber: Subscriber
) -> None:
    """In the delivery rows, as WebSub's pushes: no hub holds up another, and a redirect is none.

    That it is sent again by itself takes a pause: see the publisher's conformance, W9.
    """
    path, url = subscriber.new()
    bad = {subscriber.new(): status for status in (503, 404, 302)}
    for (bad_path, _), status in bad.items():
        subscriber.behaviours[bad_path].pushes = [status]
        subscriber.behaviours[bad_path].location = f"{subscriber.base}/elsewhere"
    hubs = [url, *(bad_url for _, bad_url in bad)]
    with publishing(tmp_path, subscriber, block("external", *hubs)) as publisher:
        publisher.publish()
        topics = list_topics(publisher.base, "politics", "all")
        assert set(publisher.pinged(path)) == topics
        owed = publisher.owed()
        assert {callback for callback, *_ in owed} == set(hubs) - {url}
        assert len(owed) == len(bad) * len(topics)
        # The first pause is 15 seconds, a fifth more or less.
        assert all(timedelta(seconds=5) < ahead < timedelta(seconds=19) for _, _, ahead, _ in owed)
        assert {tries for *_, tries in owed} == {1}
        for bad_path, _ in bad:
            assert set(publisher.pinged(bad_path)) == topics
            subscriber.behaviours[bad_path].pushes = [204]
        publisher.publish()
        wait_until(lambda: not publisher.owed())
        for bad_path, _ in bad:
            assert sorted(publisher.pinged(bad_path)) == sorted([*topics, *topics])
        assert not subscriber.pushes["/elsewhere"]


def test_W9_a_hub_that_says_410_is_told_of_the_next_change_all_the_same(
    tmp_path: Path, subscriber: Subscriber
) -> None:
    """It stands in the config: the admin's word holds, not its own."""
    path, url = subscriber.new()
    with publishing(tmp_path, subscriber, block("external", url)) as publisher:
        subscriber.behaviours[path].pushes = [410]
        publisher.publish()
        assert publisher.owed() == []
        count = len(publisher.pinged(path))
        publisher.publish()
        assert len(publisher.pinged(path)) == 2 * count > 0


def test_W9_in_both_modes_at_once_subscribers_are_pushed_and_hubs_told(
    tmp_path: Path, subscriber: Subscriber
) -> None:
    path, url = subscriber.new()
    mine, callback = subscriber.new()
    with publishing(tmp_path, subscriber, block("both", url)) as publisher:
        assert publisher.named() == [f"{publisher.base}/hub", url]
        topic = f"{publisher.base}/feeds/politics.atom"
        HubAtWork(f"{publisher.base}/hub", topic, subscriber).subscribe(callback)
        publisher.publish()
        (push,) = subscriber.pushes[mine]
        assert push.body == publisher.server.get("/feeds/politics.atom").body
        assert read_header(push.headers["link"])[:2] == [("hub", one) for one in publisher.named()]
        assert set(publisher.pinged(path)) == list_topics(publisher.base, "politics", "all")


def test_W9_a_hub_that_leaves_the_config_is_told_no_more(
    tmp_path: Path, subscriber: Subscriber
) -> None:
    """Not of what it is owed either; the one that came is told, and of the change itself."""
    left_path, left = subscriber.new()
    stays_path, stays = subscriber.new()
    comes_path, comes = subscriber.new()
    with publishing(tmp_path, subscriber, block("external", left, stays)) as publisher:
        subscriber.behaviours[left_path].pushes = [500]
        publisher.publish()
        count = len(publisher.pinged(left_path))
        assert {callback for callback, *_ in publisher.owed()} == {left} and count
        publisher.configure(block("external", stays, comes))
        publisher.settle()
        assert publisher.kept(EXTERNAL) == {stays, comes} and publisher.owed() == []
        everything = list_topics(publisher.base, "politics", "sports", "all")
        assert set(publisher.pinged(comes_path)) == everything  # each names another hub now
        publisher.publish()
        for path in (stays_path, comes_path):
            last = publisher.pinged(path)[-7:]
            assert set(last) == list_topics(publisher.base, "politics", "all")
        assert len(publisher.pinged(left_path)) == count


def test_W9_a_running_site_goes_from_mode_to_mode(tmp_path: Path, subscriber: Subscriber) -> None:
    """What a mode does not tell is owed nothing; a subscriber stays, for when it comes back."""
    path, url = subscriber.new()
    mine, callback = subscriber.new()
    with publishing(tmp_path, subscriber, block("builtin")) as publisher:
        topic = f"{publisher.base}/feeds/politics.atom"
        HubAtWork(f"{publisher.base}/hub", topic, subscriber).subscribe(callback)
        subscriber.behaviours[mine].pushes = [500]
        publisher.publish()
        assert [one for one, *_ in publisher.owed()] == [callback]
        pushed = len(subscriber.pushes[mine])

        publisher.configure(block("none"))
        assert publisher.owed() == []
        wait_until(lambda: publisher.server.get("/hub").status == 404)
        assert b"hub" not in publisher.server.get("/feeds/politics.xml").body
        publisher.publish()
        assert publisher.owed() == [] and len(subscriber.pushes[mine]) == pushed

        publisher.configure(block("external", url))
        publisher.settle()
        count = len(publisher.pinged(path))
        assert count == len(list_topics(publisher.base, "politics", "sports", "all"))
        publisher.publish()
        told = publisher.pinged(path)[count:]
        assert set(told) == list_topics(publisher.base, "politics", "all")
        assert len(subscriber.pushes[mine]) == pushed

        subscriber.behaviours[mine].pushes = [204]
        publisher.configure(block("builtin"))
        assert publisher.kept(EXTERNAL) == set() and publisher.kept(WEBSUB) == {callback}
        wait_until(lambda: publisher.server.get("/hub").status == 200)
        count = len(publisher.pinged(path))
        publisher.publish()
        wait_until(lambda: subscriber.pushes[mine][pushed:])
        assert subscriber.pushes[mine][-1].body == publisher.server.get(urlsplit(topic).path).body
        assert len(publisher.pinged(path)) == count


def test_W9_a_site_that_moves_pings_by_its_new_address(
    tmp_path: Path, subscriber: Subscriber
) -> None:
    path, url = subscriber.new()
    with publishing(tmp_path, subscriber, block("external", url)) as publisher:
        publisher.publish()
        count = len(publisher.pinged(path))
        hub = block("external", url)
        named = make_config(hub).replace("site: {", "site: {base_url: https://moved.test/news, ")
        publisher.site.config.write_text(named)
        new = "https://moved.test/news"
        wait_until(
            lambda: f"<{new}/feeds/" in publisher.server.get("/feeds/all.xml").headers["link"]
        )
        publisher.settle()
        told = publisher.pinged(path)[count:]
        assert set(told) == list_topics(new, "politics", "sports", "all")


def test_F31_a_hub_at_a_private_address_is_not_told(tmp_path: Path, subscriber: Subscriber) -> None:
    """The guard holds for the admin's own hubs, too, until the config opens it."""
    path, url = subscriber.new()
    hub = f"hub: {{mode: external, urls: [{url}]}}"
    with publishing(tmp_path, subscriber, hub) as publisher:
        publisher.publish()
        with publisher.store() as store, store.reading_hub() as tables:
            outcomes = {one.outcome for one in tables.subscriptions(EXTERNAL)}
        assert outcomes == {"127.0.0.1 is not a public address"}
        assert not subscriber.pushes[path]
        publisher.site.config.write_text(make_config(block("external", url)))

        def find() -> list[str]:
            publisher.publish()
            return publisher.pinged(path)

        wait_until(find)

"""What a publisher must do (hub.md, W1 to W10), each by its number, on a running server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from feed_links import read_document, read_header
from hub_at_work import CONFIG, QUIET, HubAtWork
from lxml import html
from sites import FORMATS, Site, article, ask, serving, wait_until
from subscriber import Subscriber

TOPICS = ("/feeds/politics", "/feeds/all", "/feeds/tag/harbour", "/feeds/politics+sports")


@pytest.fixture
def own_hub(tmp_path: Path, subscriber: Subscriber) -> Iterator[HubAtWork]:
    """A hub on a site that a test may change as it likes."""
    site = Site(tmp_path / "site")
    site.config.write_text(CONFIG)
    site.write("politics/first.md", article("The first of all", tags="[harbour]"))
    with serving(site) as server:
        base = f"http://127.0.0.1:{server.port}"
        yield HubAtWork(f"{base}/hub", f"{base}/feeds/politics.atom", subscriber, site, server)


@pytest.mark.parametrize("suffix", FORMATS)
def test_W1_to_W6_what_a_feed_says_of_itself(own_hub: HubAtWork, suffix: str) -> None:
    assert own_hub.server
    base = own_hub.url.removesuffix("/hub")
    for topic in TOPICS:
        path = f"{topic}.{suffix}"
        answer = own_hub.server.get(path)
        links = read_header(answer.headers["link"])
        assert links == [("hub", own_hub.url), ("self", base + path)]  # W1, W5, W6
        assert own_hub.server.get(path, "HEAD").headers["link"] == answer.headers["link"]  # W2
        assert read_document(suffix, answer.body) == links  # W3, W4
        assert own_hub.server.get(path, accept="text/html").body == answer.body  # W5


def test_W1_to_W6_what_the_front_page_says_of_itself(own_hub: HubAtWork) -> None:
    assert own_hub.server
    answer = own_hub.server.get("/")
    base = own_hub.url.removesuffix("/hub")
    links = [("hub", own_hub.url), ("self", f"{base}/")]
    assert read_header(answer.headers["link"]) == links
    head = html.fromstring(answer.body).find("head")
    assert head is not None
    found = [(one.get("rel"), one.get("href")) for one in head.findall("link")]
    assert [link for link in found if link[0] in ("hub", "self")] == links


def test_W7_every_change_is_pushed(own_hub: HubAtWork, subscriber: Subscriber) -> None:
    """A new article, an edit, one that is withdrawn and one that is gone; no more than that."""
    assert own_hub.site and own_hub.server
    path, callback = subscriber.new()
    own_hub.subscribe(callback)
    own_hub.site.write("politics/new.md", article("A new one"))
    own_hub.push(path, "A new one")
    own_hub.site.write("politics/new.md", article("A new one, edited"))
    push = own_hub.push(path, "A new one, edited")
    own_hub.site.write("politics/new.md", article("A new one, edited", status="withdrawn"))
    wait_until(lambda: b"A new one" not in subscriber.pushes[path][-1].body)
    assert b"deleted-entry" in subscriber.pushes[path][-1].body
    assert push.body != subscriber.pushes[path][-1].body
    count = len(subscriber.pushes[path])
    (own_hub.site.content / "politics/first.md").unlink()
    wait_until(lambda: len(subscriber.pushes[path]) > count)
    assert b"The first of all" not in subscriber.pushes[path][-1].body


def test_W7_what_is_no_news_is_not_pushed(own_hub: HubAtWork, subscriber: Subscriber) -> None:
    """A minor edit, a file that was only touched, and a start over."""
    assert own_hub.site and own_hub.server
    path, callback = subscriber.new()
    own_hub.subscribe(callback)
    own_hub.site.write(
        "politics/first.md",
        article("The first of all", "Its words are others now.", tags="[harbour]", minor="true"),
    )
    wait_until(lambda: "words are others" in own_hub.get_topic().text)
    (own_hub.site.content / "politics/first.md").touch()
    time.sleep(QUIET)
    assert not subscriber.pushes[path]
    own_hub.server.kill()
    with serving(own_hub.site) as again:
        base = f"http://127.0.0.1:{again.port}"
        hub = HubAtWork(f"{base}/hub", f"{base}/feeds/politics.atom", subscriber, own_hub.site)
        other, its = subscriber.new()
        hub.subscribe(its)
        time.sleep(QUIET)
        assert not subscriber.pushes[other]


def test_W7_each_feed_of_an_article_is_pushed(own_hub: HubAtWork, subscriber: Subscriber) -> None:
    """Of its section, its tag, the whole site, a union, in every format; and the front page."""
    assert own_hub.site
    base = own_hub.url.removesuffix("/hub")
    topics = [f"{base}{topic}.{suffix}" for topic in TOPICS for suffix in FORMATS] + [f"{base}/"]
    paths = []
    for topic in topics:
        path, callback = subscriber.new()
        own_hub.subscribe(callback, topic=topic)
        paths.append(path)
    other, its = subscriber.new()
    own_hub.subscribe(its, topic=f"{base}/feeds/sports.atom")
    for topic in TOPICS:  # a tag's feed is kept from when somebody wants it
        wait_until(lambda: ask(urlsplit(base).port or 0, f"{topic}.json").status == 200)  # noqa: B023
    time.sleep(1.5)
    own_hub.site.write("politics/new.md", article("News of the pier", tags="[harbour]"))
    for path in paths:
        own_hub.push(path, "News of the pier")
    assert not subscriber.pushes[other]


def test_W8_a_feed_that_moved(own_hub: HubAtWork, subscriber: Subscriber) -> None:
    """The old topic leads to the new one, whose own links are its own; subscribers are told."""
    assert own_hub.site and own_hub.server
    server = own_hub.server
    path, callback = subscriber.new()
    own_hub.subscribe(callback)
    text = own_hub.site.config.read_text()
    moved = "  state: {title: Politics and Government, moved_from: politics}\n"
    own_hub.site.config.write_text(text.replace("  politics: Politics and Government\n", moved))
    wait_until(lambda: server.get("/feeds/politics.atom").status == 301)
    answer = server.get("/feeds/state.atom")
    assert server.get("/feeds/politics.atom").headers["location"].endswith("/feeds/state.atom")
    base = own_hub.url.removesuffix("/hub")
    assert read_header(answer.headers["link"])[-1] == ("self", f"{base}/feeds/state.atom")
    wait_until(lambda: len(subscriber.questions[path]) == 2 or None)
    assert subscriber.questions[path][1]["hub.mode"] == "denied"


@pytest.mark.parametrize("mode", ["external", "both", "none"])
def test_W9_every_hub_that_is_named_is_told(
    tmp_path: Path, subscriber: Subscriber, mode: str
) -> None:
    """Each by a ping for each topic that changed; one that fails is told again."""
    first, one = subscriber.new()
    second, two = subscriber.new()
    subscriber.behaviours[second].pushes = [503, 204]
    site = Site(tmp_path / "site")
    urls = f"[{one}, {two}]"
    block = f"hub: {{mode: {mode}, urls: {urls}, allow_private: true}}"
    site.config.write_text(CONFIG.replace("hub: {allow_private: true}", block))
    site.write("politics/first.md", article("The first of all"))
    with serving(site) as server:
        links = server.get("/feeds/politics.atom").headers["link"]
        own = [f"http://127.0.0.1:{server.port}/hub"] if mode == "both" else []
        named = [url for rel, url in read_header(links) if rel == "hub"]
        assert named == ([] if mode == "none" else [*own, one, two])
        site.write("politics/second.md", article("The second"))
        wait_until(lambda: "The second" in server.get("/feeds/politics.atom").text)
        if mode == "none":
            time.sleep(QUIET)
            assert not subscriber.pushes[first]
            return
        topic = f"http://127.0.0.1:{server.port}/feeds/politics.atom"
        for path in (first, second):
            wait_until(lambda: topic in list_pinged(subscriber, path))  # noqa: B023
            assert f"{topic.removesuffix('/feeds/politics.atom')}/" in wait_until(
                lambda: list_pinged(subscriber, path)  # noqa: B023
            )
        assert not any("sports" in one for one in list_pinged(subscriber, first))
        count = len(list_pinged(subscriber, first))
        wait_until(lambda: len(list_pinged(subscriber, second)) > count, 25.0)


def list_pinged(subscriber: Subscriber, path: str) -> list[str]:
    """Return the topics that a hub was told of."""
    forms = [parse_qs(push.body.decode()) for push in subscriber.pushes[path]]
    assert all(form["hub.mode"] == ["publish"] for form in forms)
    assert all(form["hub.url"] == form["hub.topic"] for form in forms)
    return [form["hub.url"][0] for form in forms]


def test_W10_the_whole_flow(own_hub: HubAtWork, subscriber: Subscriber) -> None:
    """Discover by the header, subscribe for two hours, be verified, be pushed to."""
    assert own_hub.server
    links = dict(read_header(own_hub.server.get("/feeds/politics.xml").headers["link"]))
    path, callback = subscriber.new()
    hub = HubAtWork(links["hub"], links["self"], subscriber, own_hub.site)
    hub.subscribe(callback, lease_seconds="7200")
    (question,) = subscriber.questions[path]
    assert question["hub.topic"] == links["self"]
    assert int(question["hub.lease_seconds"]) >= 7200
    title = hub.publish()
    push = hub.push(path, title)
    assert push.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert push.body == hub.get_topic().body

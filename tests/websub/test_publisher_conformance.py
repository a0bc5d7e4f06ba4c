"""W1-W10 of the requirements: what a site that is published by a hub says and does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin

import pytest
from feed_links import read_document, read_header
from hubs import (
    DAY,
    OurHub,
    ask_for,
    assert_refused,
    deliver,
    fetch,
    serving_hub,
    subscribe,
)
from lxml import etree
from sites import FORMATS, article, wait_until
from subscriber import Callback, Subscriber

# Each test that publishes has a section of its own: feeds change once a second at most.
SECTIONS = "".join(f"  w{number}: Section W{number}\n" for number in range(1, 11))

# Topics that are no section: the whole site, a tag, an author and a union.
OTHERS = ("all", "tag/trams", "author/ada-byron", "w1+w2")


@pytest.fixture(scope="module")
def elsewhere(subscriber: Subscriber) -> list[Callback]:
    """Two hubs elsewhere, which keep the pings that they get."""
    return [subscriber.new(path="/hub-one"), subscriber.new(path="/hub-two", query="?key=1")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, elsewhere: list[Callback]) -> Iterator[OurHub]:
    """A site with its own hub, and those elsewhere."""
    urls = ", ".join(f'"{one.url}"' for one in elsewhere)
    setting = f"{{mode: both, urls: [{urls}], allow_private: true}}"
    root = tmp_path_factory.mktemp("publisher") / "site"
    with serving_hub(root, SECTIONS, setting) as hub:
        trams = article("Trams", tags="[trams]", author="Ada Byron")
        hub.site.write("w1/trams.md", trams)
        hub.wait_shown("w1", "Trams")
        yield hub


def topics_of(site: OurHub) -> list[str]:
    """Return every kind of topic that is a feed, in every format."""
    return [site.topic(name, suffix) for name in ("w1", *OTHERS) for suffix in FORMATS]


def hubs_of(site: OurHub, elsewhere: list[Callback]) -> list[str]:
    """Return the hubs that everything must advertise."""
    return [site.url, *(one.url for one in elsewhere)]


def read_links(url: str, method: str = "GET") -> list[tuple[str, str]]:
    """Return what the Link header of a URL says."""
    answer = fetch(url, method)
    assert answer.status == 200, answer
    return read_header(answer.headers["link"])


def pings_of(hub: Callback, topic: str) -> int:
    """Return how often a hub elsewhere was told of a topic."""
    return sum(topic == dict(parse_form(hit.body)).get("hub.url") for hit in hub.pushes)


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """Read a form strictly."""
    return parse_qsl(body.decode("ascii"), strict_parsing=True)


def test_W1_headers_name_every_hub_and_one_self(site: OurHub, elsewhere: list[Callback]) -> None:
    hubs = [("hub", url) for url in hubs_of(site, elsewhere)]
    for topic in (*topics_of(site), f"{site.site.base_url}/"):
        assert read_links(topic) == [*hubs, ("self", topic)]


def test_W2_head_has_the_links_of_get(site: OurHub) -> None:
    for topic in (*topics_of(site), f"{site.site.base_url}/"):
        assert read_links(topic, "HEAD") == read_links(topic)
        etag = fetch(topic).headers["etag"]
        unchanged = fetch(topic, If_None_Match=etag)
        assert unchanged.status == 304
        assert read_header(unchanged.headers["link"]) == read_links(topic)


def test_W3_W4_documents_say_what_headers_say(site: OurHub) -> None:
    """Atom, RSS and JSON; and the front page in its head."""
    for topic in topics_of(site):
        suffix = topic.rpartition(".")[2]
        assert read_document(suffix, fetch(topic).body) == read_links(topic)
    home = f"{site.site.base_url}/"
    head = etree.HTML(fetch(home).text).find("head")
    assert head is not None
    links = [(one.get("rel", ""), one.get("href", "")) for one in head.findall("link")]
    said = [link for link in links if link[0] in ("hub", "self")]
    assert said == read_links(home)


def test_W5_a_topic_has_one_representation(site: OurHub) -> None:
    """Whatever a client would rather have; encodings apart."""
    for topic in (*topics_of(site), f"{site.site.base_url}/"):
        plain = fetch(topic)
        for wanted in ("text/html", "application/atom+xml", "application/json", "image/png"):
            answer = fetch(topic, Accept=wanted, Accept_Language="fr")
            assert answer.body == plain.body
            assert answer.headers["content-type"] == plain.headers["content-type"]
        assert plain.headers.get("vary", "").lower() in ("", "accept-encoding")


def test_W6_self_leads_to_itself(site: OurHub) -> None:
    """Also from an address that is not the canonical one."""
    base = site.site.base_url
    for url in (f"{base}/feeds/w1.atom?utm_source=x", f"{base}/feeds/w1.xml", f"{base}/?x=1"):
        answer = fetch(url)
        own = dict(read_header(answer.headers["link"]))["self"]
        assert read_links(own) == read_header(answer.headers["link"])
        assert fetch(own).body == answer.body


@pytest.mark.parametrize("suffix", FORMATS)
def test_W7_every_update_is_pushed(site: OurHub, subscriber: Subscriber, suffix: str) -> None:
    """A new article, an edit and a deletion; not what changes nothing that is news."""
    name = {"xml": "w2", "atom": "w3", "json": "w4"}[suffix]
    callback = subscriber.new()
    subscribe(site, callback, site.topic(name, suffix))

    def count_after(act: str, text: str, shown: bool = True) -> int:
        if act:
            site.site.write(f"{name}/story.md", act)
        else:
            (site.site.content / name / "story.md").unlink()
        site.wait_shown(name, text, shown)
        site.settle()
        return len(callback.pushes)

    assert count_after(article("A first version"), "A first version") == 1
    assert count_after(article("A second version"), "A second version") == 2
    minor = article("A second version", "It says so: commas, set rightly.", minor="true")
    assert count_after(minor, "set rightly") == 2
    assert count_after("", "A second version", shown=False) == 3
    assert "A second version" not in callback.pushes[-1].body.decode()


def test_W7_topics_of_every_kind_are_pushed(site: OurHub, subscriber: Subscriber) -> None:
    """An article is news in its section, its tag, its author, a union, and the whole site."""
    home = f"{site.site.base_url}/"
    topics = [site.topic(name, "xml") for name in ("w1", *OTHERS)] + [home]
    callbacks = [subscriber.new() for _ in topics]
    for callback, topic in zip(callbacks, topics, strict=True):
        subscribe(site, callback, topic)
    later = article("Later trams", tags="[trams]", author="Ada Byron")
    site.site.write("w1/later.md", later)
    for callback, topic in zip(callbacks, topics, strict=True):
        push = wait_until(lambda callback=callback: callback.pushes)[0]
        assert "Later trams" in push.body.decode(), topic
        assert read_header(push.header("Link"))[-1] == ("self", topic)


def test_W7_a_rebuild_is_no_news(site: OurHub, subscriber: Subscriber) -> None:
    """Everything is built again where the config changes; nobody hears of what is the same."""
    callback = subscriber.new()
    subscribe(site, callback, site.topic("w5"))
    deliver(site, "w5", callback)
    config = site.site.config.read_text(encoding="utf-8")
    changed = config.replace("  w10: ", "  another: Another\n  w10: ")
    site.site.config.write_text(changed, encoding="utf-8")
    wait_until(lambda: site.server.get("/feeds/another.atom").status == 200)
    site.settle()
    assert len(callback.pushes) == 1
    deliver(site, "w5", callback)


def test_W8_a_renamed_section_takes_its_readers_along(
    site: OurHub, subscriber: Subscriber, elsewhere: list[Callback]
) -> None:
    """The old topic leads to the new one, whose own self and hubs it advertises."""
    old, new, callback = site.topic("w8"), site.topic("w8-new"), subscriber.new()
    subscribe(site, callback, old)
    config = site.site.config.read_text(encoding="utf-8")
    renamed = "  w8-new: {title: Section W8, match: {folders: [w8]}, moved_from: [w8]}\n"
    config = re.sub(r"(?m)^  w8: .*\n", renamed, config)
    site.site.config.write_text(config, encoding="utf-8")
    denied = wait_until(lambda: callback.questions[1:])[0]
    assert (denied.said("hub.mode"), denied.said("hub.topic")) == ("denied", old)
    assert denied.said("hub.reason")
    moved = wait_until(lambda: (it := fetch(old)).status != 200 and it)
    assert (moved.status, urljoin(old, moved.headers["location"])) == (301, new)
    hubs = [("hub", url) for url in hubs_of(site, elsewhere)]
    assert read_links(new) == [*hubs, ("self", new)]
    assert_refused(ask_for(site, "subscribe", callback, old))
    subscribe(site, callback, new)
    site.site.write("w8/after.md", article("After the move"))
    assert "After the move" in wait_until(lambda: callback.pushes)[0].body.decode()


def test_W9_every_advertised_hub_hears_of_it(
    site: OurHub, subscriber: Subscriber, elsewhere: list[Callback]
) -> None:
    """Ours pushes; hubs elsewhere are pinged with each topic that changed, and no other."""
    topic, callback = site.topic("w9"), subscriber.new()
    assert [url for rel, url in read_links(topic) if rel == "hub"] == hubs_of(site, elsewhere)
    other = [pings_of(hub, site.topic("w10")) for hub in elsewhere]
    subscribe(site, callback, topic)
    deliver(site, "w9", callback)
    for hub in elsewhere:
        for suffix in FORMATS:
            assert pings_of(hub, site.topic("w9", suffix)) == 1
        ping = hub.pushes[-1]
        assert ping.header("Content-Type") == "application/x-www-form-urlencoded"
        assert dict(parse_form(ping.body))["hub.mode"] == "publish"
    assert [pings_of(hub, site.topic("w10")) for hub in elsewhere] == other
    assert elsewhere[1].pushes[-1].target == "/hub-two?key=1"


@pytest.mark.parametrize("suffix", FORMATS)
def test_W10_the_whole_flow(site: OurHub, subscriber: Subscriber, suffix: str) -> None:
    """As a subscriber goes who knows no more than an address that somebody gave him."""
    given = f"{site.site.base_url}/feeds/w10.{suffix}?from=somebody"
    links = read_links(given)
    hub = next(url for rel, url in links if rel == "hub")
    (topic,) = [url for rel, url in links if rel == "self"]
    assert (hub, topic) == (site.url, site.topic("w10", suffix))
    callback = subscriber.new()
    answer = ask_for(site, "subscribe", callback, topic, lease_seconds="7200", secret="ours")
    assert answer.status == 202
    question = wait_until(lambda: callback.questions)[0]
    assert (question.said("hub.mode"), question.said("hub.topic")) == ("subscribe", topic)
    assert int(question.said("hub.lease_seconds")) == DAY  # the least that is granted
    wait_until(lambda: question.answered)
    site.wait_heard(callback)
    title = deliver(site, "w10", callback)
    (push,) = callback.pushes
    answer = fetch(topic)
    assert title in push.body.decode()
    assert push.body == answer.body
    assert push.header("Content-Type") == answer.headers["content-type"]
    assert read_header(push.header("Link")) == links
    assert push.is_signed_by("ours")

"""H27-H38 of the requirements: what a hub delivers, and what it makes of the answers.

Another hub can be tested as well: see hubs.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from feed_links import read_header
from hubs import Hub, OurHub, ask_for, deliver, fetch, only_ours, post, serving_hub, subscribe
from sites import wait_until
from subscriber import Reply, Subscriber

# How often a push is tried: at once, and after each of the pauses of feedsvc.hub.retries.
TRIES = 8


def test_H27_the_push_is_what_a_fresh_get_would_bring(hub: Hub, subscriber: Subscriber) -> None:
    callback = subscriber.new(query="?token=a%20b&x")
    subscribe(hub, callback, hub.topic("h27"))
    title = deliver(hub, "h27", callback)
    (push,) = callback.pushes
    assert push.method == "POST"
    assert push.target.endswith("?token=a%20b&x")
    assert push.body == fetch(hub.topic("h27")).body
    assert title in push.body.decode()


def test_H28_the_content_type_is_the_topics(hub: Hub, subscriber: Subscriber) -> None:
    """To the letter: of Atom, RSS, JSON and the front page's HTML."""
    topics = [hub.topic("h28")]
    if isinstance(hub, OurHub):
        topics += [hub.topic("h28", "xml"), hub.topic("h28", "json"), f"{hub.site.base_url}/"]
        # The front page would be pushed twice, for its section and for the whole site a second
        # later, if another test had changed the feed of the whole site just now.
        hub.rest()
    callbacks = [subscriber.new() for _ in topics]
    for callback, topic in zip(callbacks, topics, strict=True):
        subscribe(hub, callback, topic)
    deliver(hub, "h28", *callbacks)
    for callback, topic in zip(callbacks, topics, strict=True):
        answer = fetch(topic)
        assert callback.pushes[0].header("Content-Type") == answer.headers["content-type"]
        assert callback.pushes[0].body == answer.body


def test_H29_the_push_names_hub_and_topic_in_one_header(hub: Hub, subscriber: Subscriber) -> None:
    """The canonical topic, however it was spelled by who subscribed."""
    callback, topic = subscriber.new(), hub.topic("h29")
    subscribe(hub, callback, topic.replace("a", "%61") if hub.is_ours else topic)
    deliver(hub, "h29", callback)
    header = callback.pushes[0].header("Link")
    links = read_header(header) if hub.is_ours else _read_any(header)
    assert [url for rel, url in links if rel == "self"] == [topic]
    assert [url for rel, url in links if rel == "hub"]
    if hub.is_ours:
        assert fetch(topic).headers["link"] == header


def test_H30_without_a_secret_there_is_no_signature(hub: Hub, subscriber: Subscriber) -> None:
    callback = subscriber.new()
    subscribe(hub, callback, hub.topic("h30"))
    deliver(hub, "h30", callback)
    assert not callback.pushes[0].header("X-Hub-Signature")


def test_H31_a_secret_signs_the_very_bytes(hub: Hub, subscriber: Subscriber) -> None:
    callback, secret = subscriber.new(), "gehört uns & keinem"
    subscribe(hub, callback, hub.topic("h31"), secret=secret)
    deliver(hub, "h31", callback)
    (push,) = callback.pushes
    method = push.header("X-Hub-Signature").partition("=")[0]
    assert method in ("sha1", "sha256", "sha384", "sha512")
    assert push.is_signed_by(secret, method)
    assert not push.is_signed_by("another", method)
    if hub.is_ours:
        assert method == "sha256"


def test_H31_another_method_by_setting(tmp_path: Path, subscriber: Subscriber) -> None:
    callback, secret = subscriber.new(), "ours"
    setting = "{allow_private: true, signature: sha512}"
    with serving_hub(tmp_path / "site", "", setting) as hub:
        subscribe(hub, callback, hub.topic("politics"), secret=secret)
        deliver(hub, "politics", callback)
        assert callback.pushes[0].is_signed_by(secret, "sha512")


def test_H32_every_2xx_is_success(hub: Hub, subscriber: Subscriber) -> None:
    """Whatever is in its body."""
    callbacks = [subscriber.new() for _ in range(4)]
    replies = (Reply(201, b"x" * 90_000), Reply(202, b"error"), Reply(204), Reply(299))
    for callback, reply in zip(callbacks, replies, strict=True):
        callback.replies = [reply]
        subscribe(hub, callback, hub.topic("h32"))
    deliver(hub, "h32", *callbacks)
    if isinstance(hub, OurHub):
        assert [hub.subscription(callback)["failures"] for callback in callbacks] == [0] * 4
        assert not any(_owed(hub, callback.url) for callback in callbacks)


def test_H33_410_ends_the_subscription(hub: Hub, subscriber: Subscriber) -> None:
    """As ours does; another hub may go on."""
    ours = only_ours(hub, "another hub need not take 410 for the end")
    callback, control = subscriber.new(), subscriber.new()
    callback.replies = [Reply(410), Reply()]
    for one in (callback, control):
        subscribe(hub, one, hub.topic("h33"))
    deliver(hub, "h33", callback, control)
    assert not ours.subscription(callback)
    deliver(hub, "h33", control)
    assert len(callback.pushes) == 1
    assert ask_for(hub, "unsubscribe", callback, hub.topic("h33")).status == 404


def test_H34_every_other_status_is_a_failure(hub: Hub, subscriber: Subscriber) -> None:
    """What failed is owed again; where a redirect leads to hears nothing."""
    target = subscriber.new()
    failing = {status: subscriber.new() for status in (301, 302, 303, 307, 308, 400, 404, 500, 503)}
    for status, callback in failing.items():
        callback.replies = [Reply(status, headers={"Location": target.url})]
        subscribe(hub, callback, hub.topic("h34"))
    deliver(hub, "h34", *failing.values())
    assert not target.hits
    if isinstance(hub, OurHub):
        for status, callback in failing.items():
            row = hub.subscription(callback)
            assert (row["failures"], row["outcome"]) == (1, f"answered {status}")
            assert _owed(hub, callback.url)


def test_H35_what_failed_is_tried_again_and_carries_the_latest(
    hub: Hub, subscriber: Subscriber
) -> None:
    """A push of before is not sent any more when there is a newer one."""
    ours = only_ours(hub, "when another hub tries again is its own affair")
    callback = subscriber.new()
    callback.replies = [Reply(500), Reply(503), Reply()]
    subscribe(hub, callback, hub.topic("h35"), secret="ours")
    deliver(hub, "h35", callback)
    latest = deliver(hub, "h35")
    wait_until(lambda: callback.pushes[1:])
    ours.hurry(callback)
    third = wait_until(lambda: callback.pushes[2:])[0]
    assert latest in third.body.decode()
    assert third.body == fetch(hub.topic("h35")).body
    assert third.is_signed_by("ours")
    wait_until(lambda: not _owed(ours, callback.url))
    assert ours.subscription(callback)["failures"] == 0


def test_H35_H36_tries_are_bounded_and_the_subscription_outlives_them(
    hub: Hub, subscriber: Subscriber
) -> None:
    ours = only_ours(hub, "another hub may try for days")
    callback = subscriber.new()
    callback.replies = [Reply(500)]
    subscribe(hub, callback, hub.topic("h36"))
    deliver(hub, "h36", callback)
    for number in range(2, TRIES + 1):
        ours.hurry(callback)
        wait_until(lambda number=number: len(callback.pushes) == number)
    wait_until(lambda: not _owed(ours, callback.url))
    assert ours.subscription(callback)["failures"] == TRIES
    callback.replies = [Reply()]
    latest = ours.publish("h36")
    wait_until(lambda: len(callback.pushes) == TRIES + 1)
    assert latest in callback.pushes[-1].body.decode()
    wait_until(lambda: ours.subscription(callback)["failures"] == 0)


def test_H37_one_that_hangs_holds_up_nobody(hub: Hub, subscriber: Subscriber) -> None:
    hanging = [subscriber.new() for _ in range(5)]
    healthy = [subscriber.new() for _ in range(5)]
    for one in (*hanging, *healthy):
        subscribe(hub, one, hub.topic("h37"))
    for one in hanging:
        one.hold()
    hub.publish("h37")
    for one in (*healthy, *hanging):
        wait_until(lambda one=one: one.pushes)
    assert not any(hit.answered or hit.abandoned for one in hanging for hit in one.pushes)
    hub.publish("h37")
    for one in healthy:
        wait_until(lambda one=one: one.pushes[1:])
    for one in hanging:
        one.release()


@pytest.mark.parametrize("name", ["hub.url", "hub.topic"])
def test_H38_a_ping_is_taken_by_either_name(hub: Hub, name: str) -> None:
    answer = post(hub.url, {"hub.mode": "publish", name: hub.topic("h38")})
    assert 200 <= answer.status < 300, answer


def test_H38_a_ping_for_no_topic_of_ours_is_refused(hub: Hub) -> None:
    only_ours(hub, "another hub may take any URL for a topic")
    for form in ({}, {"hub.url": "http://elsewhere.test/feed.xml"}):
        assert post(hub.url, {"hub.mode": "publish", **form}).status == 400


def _read_any(header: str) -> list[tuple[str, str]]:
    """Read a Link header in whatever form another hub writes it."""
    links = re.findall(r'<([^<>]+)>[^<]*?;\s*rel="?([\w ]+)', header)
    return [(rel, url) for url, rels in links for rel in rels.split()]


def _owed(hub: OurHub, callback: str) -> bool:
    query = "SELECT 1 FROM deliveries JOIN subscriptions ON subscription = number"
    return bool(hub.ask_store(f"{query} WHERE callback = :callback", callback=callback))

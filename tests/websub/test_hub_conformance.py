"""What a hub must do (hub.md, H1 to H38), each by its number, against one that is at work.

Point it at another hub with WEBSUB_HUB, WEBSUB_TOPIC and WEBSUB_PUBLISH (a command).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
import time

import pytest
from hub_at_work import QUIET, HubAtWork
from sites import wait_until
from subscriber import Subscriber

SECRET = "a secret of ours"
LINK = re.compile(r'<([^<>]+)>; rel="(hub|self)"')


def test_H1_a_request_is_accepted(hub: HubAtWork, subscriber: Subscriber) -> None:
    _, callback = subscriber.new()
    assert hub.post(hub.form(callback)).status == 202


def test_H2_with_a_secret(hub: HubAtWork, subscriber: Subscriber) -> None:
    _, callback = subscriber.new()
    assert hub.post(hub.form(callback, secret=SECRET)).status == 202


def test_H3_unknown_parameters_are_ignored(hub: HubAtWork, subscriber: Subscriber) -> None:
    _, callback = subscriber.new()
    form = hub.form(callback, foo="bar", verify="sync") | {"foo": "bar", "hub": "x"}
    assert hub.post(form).status == 202


@pytest.mark.parametrize("missing", ["hub.callback", "hub.mode", "hub.topic"])
def test_H4_something_is_missing(hub: HubAtWork, subscriber: Subscriber, missing: str) -> None:
    form = hub.form(subscriber.new()[1])
    answer = hub.post({name: value for name, value in form.items() if name != missing})
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert missing in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "subscribed"},
        {"mode": "denied"},
        {"callback": "ftp://a.example/b"},
        {"callback": "javascript:alert(1)"},
        {"callback": "/relative"},
        {"callback": "http://"},
        {"callback": "http://[::1"},
        {"callback": "http://a.example:99999/"},
        {"callback": "http://user:secret@a.example/"},
        {"callback": "http://a.example/with space"},
        {"callback": "http://a.example/line\r\nbreak"},
        {"callback": "http://a.example/#fragment"},
        {"callback": "http://a.example/" + "x" * 3000},
    ],
    ids=lambda wrong: next(iter(wrong.values()))[:30],
)
def test_H4_something_is_wrong(
    hub: HubAtWork, subscriber: Subscriber, wrong: dict[str, str]
) -> None:
    form = hub.form(**({"callback": subscriber.new()[1]} | wrong))
    answer = hub.post(form)
    assert answer.status == 400 and answer.text.strip()
    assert answer.headers["content-type"].startswith("text/plain")


def test_H4_a_body_that_is_no_form(hub: HubAtWork) -> None:
    assert hub.post("not=a&form=%zz").status == 400
    assert hub.post('{"hub.mode": "subscribe"}', "application/json").status == 400
    assert hub.post("").status == 400


def test_H5_a_secret_has_less_than_200_bytes(hub: HubAtWork, subscriber: Subscriber) -> None:
    for secret, status in (
        ("x" * 199, 202),
        ("x" * 200, 400),
        ("ä" * 99 + "x", 202),
        ("ä" * 100, 400),
    ):
        assert hub.post(hub.form(subscriber.new()[1], secret=secret)).status == status, secret


@pytest.mark.parametrize("lease", ["0", "-1", "abc", "1.5", "00", "+5", "1e3", "٣"])
def test_H6_no_lease(hub: HubAtWork, subscriber: Subscriber, lease: str) -> None:
    path, callback = subscriber.new()
    assert hub.post(hub.form(callback, lease_seconds=lease)).status == 400
    hub.subscribe(callback)
    # It means nothing where one unsubscribes.
    form = hub.form(callback, "unsubscribe", lease_seconds=lease)
    assert hub.post(form).status == 202
    wait_until(lambda: len(subscriber.questions[path]) == 2 or None)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [("", 864_000), ("1", 86_400), ("90000", 90_000), ("9" * 30, 30 * 86_400)],
)
def test_H6_leases_are_bounded(
    our_hub: HubAtWork, subscriber: Subscriber, asked: str, granted: int
) -> None:
    path, callback = subscriber.new()
    our_hub.subscribe(callback, **({"lease_seconds": asked} if asked else {}))
    assert subscriber.questions[path][0]["hub.lease_seconds"] == str(granted)


def test_H7_the_answer_waits_for_nobody(hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    subscriber.behaviours[path].hangs = True
    assert hub.post(hub.form(callback)).status == 202
    wait_until(lambda: subscriber.questions[path])  # and it still hangs
    assert hub.post(hub.form("http://127.0.0.1:9/nobody")).status == 202
    subscriber.behaviours[path].released.set()


@pytest.mark.parametrize(
    "topic",
    [
        "https://elsewhere.example/feed",
        "{base}/feeds/nothing.atom",
        "{base}/feeds/politics.rss",
        "{base}/feeds/politics.atom?x=1",
        "{base}/feeds/politics.atom#x",
        "{base}/feeds/POLITICS.atom",
        "{base}/feeds//politics.atom",
        "{base}/feeds/x/../politics.atom",
        "{base}/articles/0123456789abcdef-a",
        "{base}/feeds/politics/archive/1.atom",
        "{base}/feeds/tag/nobody-ever-wrote-of-this.atom",
        "{base}",
    ],
)
def test_H8_a_topic_that_is_not_ours(
    our_hub: HubAtWork, subscriber: Subscriber, topic: str
) -> None:
    base = our_hub.url.removesuffix("/hub")
    form = our_hub.form(subscriber.new()[1], topic=topic.format(base=base))
    answer = our_hub.post(form)
    assert answer.status == 400 and "hub.topic" in answer.text


@pytest.mark.parametrize(
    "topic",
    [
        "{base}/",
        "{base}/feeds/all.xml",
        "{base}/feeds/politics.json",
        "{base}/feeds/sports.xml",
        "{base}/feeds/politics+sports.atom",
    ],
)
def test_H8_every_feed_and_the_front_page_are_topics(
    our_hub: HubAtWork, subscriber: Subscriber, topic: str
) -> None:
    base = our_hub.url.removesuffix("/hub")
    form = our_hub.form(subscriber.new()[1], topic=f"{base}/{topic}")
    assert our_hub.post(form).status == 202


def test_H9_the_hub_is_where_it_says(hub: HubAtWork, subscriber: Subscriber) -> None:
    answer = hub.post(hub.form(subscriber.new()[1]))
    assert answer.status == 202 and "location" not in answer.headers


def test_H10_H11_unreserved_characters_may_be_encoded(
    our_hub: HubAtWork, subscriber: Subscriber
) -> None:
    path, callback = subscriber.new()
    topic = our_hub.topic.replace("politics", "%70olitic%73")
    our_hub.subscribe(callback, topic=topic)
    assert subscriber.questions[path][0]["hub.topic"] == topic
    our_hub.push(path, our_hub.publish())


def test_H11_H13_what_a_callback_is_asked(hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    hub.subscribe(callback)
    hub.subscribe(callback)
    hub.unsubscribe(callback)
    first, second, third = subscriber.questions[path]
    assert first["hub.mode"] == "subscribe" and third["hub.mode"] == "unsubscribe"
    assert {one["hub.topic"] for one in (first, second, third)} == {hub.topic}
    assert int(first["hub.lease_seconds"]) > 0 and "hub.lease_seconds" not in third
    challenges = {one["hub.challenge"] for one in (first, second, third)}
    assert len(challenges) == 3 and min(map(len, challenges)) >= 16


def test_H12_H18_H27_the_query_of_a_callback_is_kept(
    hub: HubAtWork, subscriber: Subscriber
) -> None:
    path, callback = subscriber.new()
    own = "?a=1&hub.mode=mine&b=%7Ex%2F&c"
    hub.subscribe(callback + own)
    (target,) = subscriber.targets[path]
    assert target.startswith(f"{path}{own}&hub.")
    assert hub.push(path, hub.publish()).target == path + own


@pytest.mark.parametrize("wrong", ["", "wrong", "the challenge is {challenge}"])
def test_H14_H16_H19_only_the_challenge_will_do(
    hub: HubAtWork, subscriber: Subscriber, wrong: str
) -> None:
    path, callback = subscriber.new()
    subscriber.behaviours[path].verify = wrong
    hub.subscribe(callback)
    fine, its = subscriber.new()
    hub.subscribe(its)
    hub.push(fine, hub.publish())
    assert not subscriber.pushes[path]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_H15_only_2xx_will_do(hub: HubAtWork, subscriber: Subscriber, status: int) -> None:
    path, callback = subscriber.new()
    elsewhere, its = subscriber.new()
    subscriber.behaviours[path].status = status
    subscriber.behaviours[path].location = its if status < 400 else ""
    hub.subscribe(callback)
    fine, other = subscriber.new()
    hub.subscribe(other)
    hub.push(fine, hub.publish())
    assert not subscriber.pushes[path] and not subscriber.questions[elsewhere]


def test_H17_H21_what_fails_leaves_what_was(hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    hub.subscribe(callback, secret=SECRET)
    subscriber.behaviours[path].status = 404
    hub.subscribe(callback, secret="another")
    hub.unsubscribe(callback)
    push = hub.push(path, hub.publish())
    assert push.headers["x-hub-signature"] == sign(push.body, SECRET)


def test_H20_H21_H26_subscribing_again(hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    hub.subscribe(callback, secret=SECRET)
    hub.subscribe(callback)
    assert len(subscriber.questions[path]) == 2
    title = hub.publish()
    push = hub.push(path, title)
    time.sleep(QUIET)
    assert [one.body for one in subscriber.pushes[path]].count(push.body) == 1
    assert "x-hub-signature" not in push.headers  # H30


def test_H22_after_unsubscribing_nothing_comes(hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    hub.subscribe(callback)
    hub.push(path, hub.publish())
    hub.unsubscribe(callback)
    fine, its = subscriber.new()
    hub.subscribe(its)
    count = len(subscriber.pushes[path])
    hub.push(fine, hub.publish())
    assert len(subscriber.pushes[path]) == count


def test_H23_who_is_not_subscribed_cannot_leave(hub: HubAtWork, subscriber: Subscriber) -> None:
    answer = hub.post(hub.form(subscriber.new()[1], "unsubscribe"))
    assert answer.status == 404 and answer.text.strip()


def test_H24_a_lease_ends(our_hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    fine, its = subscriber.new()
    our_hub.subscribe(callback)
    our_hub.subscribe(its)
    assert our_hub.site
    with sqlite3.connect(our_hub.site.store, timeout=10) as store:
        past = int((time.time() - 1) * 1_000_000)
        command = "UPDATE subscriptions SET expires = ? WHERE callback = ?"
        assert store.execute(command, (past, callback)).rowcount == 1
    our_hub.push(fine, our_hub.publish())
    assert not subscriber.pushes[path]


def test_H27_H28_H29_H30_a_push_is_what_a_reader_gets(
    hub: HubAtWork, subscriber: Subscriber
) -> None:
    path, callback = subscriber.new()
    hub.subscribe(callback)
    push = hub.push(path, hub.publish())
    topic = wait_until(lambda: (found := hub.get_topic()).body == push.body and found)
    assert push.headers["content-type"] == topic.headers["content-type"]
    links = LINK.findall(push.headers["link"])
    assert [url for url, rel in links if rel == "self"] == [hub.topic]
    assert hub.url in [url for url, rel in links if rel == "hub"]
    assert push.headers["link"] == topic.headers["link"]
    assert "x-hub-signature" not in push.headers


def test_H31_a_push_is_signed(hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    hub.subscribe(callback, secret=SECRET + "ä")
    push = hub.push(path, hub.publish())
    assert push.headers["x-hub-signature"] == sign(push.body, SECRET + "ä")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_H32_2xx_is_enough(hub: HubAtWork, subscriber: Subscriber, status: int) -> None:
    path, callback = subscriber.new()
    subscriber.behaviours[path].pushes = [status]
    hub.subscribe(callback)
    hub.push(path, hub.publish())
    hub.push(path, hub.publish())


def test_H33_410_ends_it(our_hub: HubAtWork, subscriber: Subscriber) -> None:
    path, callback = subscriber.new()
    fine, its = subscriber.new()
    subscriber.behaviours[path].pushes = [410]
    our_hub.subscribe(callback)
    our_hub.subscribe(its)
    our_hub.push(path, our_hub.publish())
    time.sleep(0.5)
    our_hub.push(fine, our_hub.publish())
    assert len(subscriber.pushes[path]) == 1
    assert our_hub.post(our_hub.form(callback, "unsubscribe")).status == 404


def test_H34_H35_H36_what_fails_is_tried_again(our_hub: HubAtWork, subscriber: Subscriber) -> None:
    """After 15 seconds, a fifth more or less; a redirect is not followed."""
    failing, first = subscriber.new()
    moved, second = subscriber.new()
    elsewhere, third = subscriber.new()
    subscriber.behaviours[failing].pushes = [500, 204]
    subscriber.behaviours[moved].pushes = [302, 204]
    subscriber.behaviours[moved].location = third
    our_hub.subscribe(first)
    our_hub.subscribe(second)
    title = our_hub.publish()
    for path in (failing, moved):
        our_hub.push(path, title)
    time.sleep(QUIET)
    for path in (failing, moved):
        assert len(subscriber.pushes[path]) == 1
    for path in (failing, moved):
        our_hub.push(path, title, 2)
    assert not subscriber.pushes[elsewhere]


def test_H37_who_hangs_holds_nobody_up(hub: HubAtWork, subscriber: Subscriber) -> None:
    slow = [subscriber.new() for _ in range(20)]
    for path, callback in slow:
        hub.subscribe(callback)
        subscriber.behaviours[path].hangs = True
    fine, its = subscriber.new()
    hub.subscribe(its)
    title = hub.publish()
    hub.push(fine, title)
    for path, _ in slow:
        hub.push(path, title)
        subscriber.behaviours[path].released.set()


@pytest.mark.parametrize("name", ["hub.url", "hub.topic"])
def test_H38_a_ping_is_taken(hub: HubAtWork, name: str) -> None:
    assert hub.post({"hub.mode": "publish", name: hub.topic}).status in (200, 202, 204)
    assert hub.post({"hub.mode": "publish", name: "https://elsewhere.example/"}).status == 400


def sign(body: bytes, secret: str) -> str:
    """Return the signature of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_H25_who_subscribes_to_what_is_removed_is_told(
    our_hub: HubAtWork, subscriber: Subscriber
) -> None:
    """The last one: it takes a section away."""
    path, callback = subscriber.new()
    base = our_hub.url.removesuffix("/hub")
    our_hub.subscribe(callback, topic=f"{base}/feeds/sports.atom")
    assert our_hub.site
    text = our_hub.site.config.read_text().replace("  sports: Sports\n", "") + "removed: sports\n"
    our_hub.site.config.write_text(text)
    wait_until(lambda: len(subscriber.questions[path]) == 2 or None)
    told = subscriber.questions[path][1]
    assert told["hub.mode"] == "denied" and told["hub.reason"]
    assert told["hub.topic"] == f"{base}/feeds/sports.atom"
    again = our_hub.post(our_hub.form(callback, topic=f"{base}/feeds/sports.atom"))
    assert again.status == 400

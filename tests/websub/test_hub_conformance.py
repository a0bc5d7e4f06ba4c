"""H1-H19 of the requirements: what a hub does with requests, and how it verifies them.

Another hub can be tested as well: see hubs.py. The other numbers stand in
test_hub_conformance_leases.py (H20-H26) and test_hub_conformance_delivery.py (H27-H38).
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from hubs import (
    DAY,
    Hub,
    OurHub,
    ask_for,
    assert_deaf,
    assert_refused,
    deliver,
    only_ours,
    post,
    subscribe,
    unsubscribe,
)
from sites import free_port, wait_until
from subscriber import Callback, Reply, Subscriber

# Requests


def test_H1_a_request_is_answered_202(hub: Hub, subscriber: Subscriber) -> None:
    assert ask_for(hub, "subscribe", subscriber.new(), hub.topic("h1")).status == 202


def test_H2_a_request_with_a_secret_is_answered_202(hub: Hub, subscriber: Subscriber) -> None:
    answer = ask_for(hub, "subscribe", subscriber.new(), hub.topic("h2"), secret="between us")
    assert answer.status == 202


def test_H3_parameters_that_nobody_knows_are_ignored(hub: Hub, subscriber: Subscriber) -> None:
    callback = subscriber.new()
    form = {
        "foo": "bar",
        "hub.foo": "bar",
        "hub.verify": "sync",
        "hub.callback": callback.url,
        "hub.mode": "subscribe",
        "hub.topic": hub.topic("h3"),
    }
    assert post(hub.url, form).status == 202
    wait_until(lambda: callback.questions)


@pytest.mark.parametrize("missing", ["hub.callback", "hub.topic", "hub.mode"])
def test_H4_what_is_missing_is_refused(hub: Hub, subscriber: Subscriber, missing: str) -> None:
    form = {
        "hub.callback": subscriber.new().url,
        "hub.mode": "subscribe",
        "hub.topic": hub.topic("h4"),
    }
    assert_refused(post(hub.url, {key: form[key] for key in form if key != missing}))
    assert_refused(post(hub.url, form | {missing: ""}))


@pytest.mark.parametrize(
    ("mode", "callback"),
    [
        ("replace", ""),
        ("SUBSCRIBE", ""),
        ("denied", ""),
        ("subscribe", "ftp://127.0.0.1/"),
        ("subscribe", "mailto:me@host.test"),
        ("subscribe", "javascript:alert(1)"),
        ("subscribe", "/callback"),
        ("subscribe", "http://"),
        ("subscribe", "nonsense"),
    ],
)
def test_H4_other_modes_and_callbacks_are_refused(
    hub: Hub, subscriber: Subscriber, mode: str, callback: str
) -> None:
    chosen = Callback(callback) if callback else subscriber.new()
    assert_refused(ask_for(hub, mode, chosen, hub.topic("h4")))
    assert not chosen.hits


@pytest.mark.parametrize("secret", ["x" * 199, "é" * 99 + "x"], ids=["ascii", "utf-8"])
def test_H5_a_secret_of_199_bytes_is_taken(hub: Hub, subscriber: Subscriber, secret: str) -> None:
    callback = subscriber.new()
    subscribe(hub, callback, hub.topic("h5"), secret=secret)
    deliver(hub, "h5", callback)
    assert callback.pushes[0].is_signed_by(secret)


@pytest.mark.parametrize("secret", ["x" * 200, "é" * 100], ids=["ascii", "utf-8"])
def test_H5_a_secret_of_200_bytes_is_refused(hub: Hub, subscriber: Subscriber, secret: str) -> None:
    answer = ask_for(hub, "subscribe", subscriber.new(), hub.topic("h5"), secret=secret)
    assert_refused(answer)


@pytest.mark.parametrize("lease", ["0", "-1", "abc", "1.5", "1e5", "٣", "00", "+5 "])
def test_H6_a_lease_that_is_no_positive_decimal_is_refused(
    hub: Hub, subscriber: Subscriber, lease: str
) -> None:
    answer = ask_for(hub, "subscribe", subscriber.new(), hub.topic("h6"), lease_seconds=lease)
    assert_refused(answer)


def test_H6_a_lease_is_clamped_or_defaulted(hub: Hub, subscriber: Subscriber) -> None:
    callback = subscriber.new()
    for more in ({}, {"lease_seconds": "1"}, {"lease_seconds": "9" * 30}):
        subscribe(hub, callback, hub.topic("h6"), **more)
    told = [int(hit.said("hub.lease_seconds")) for hit in callback.questions]
    assert all(lease > 0 for lease in told)
    if hub.is_ours:
        assert told == [10 * DAY, DAY, 30 * DAY]


def test_H6_a_lease_means_nothing_to_who_leaves(hub: Hub, subscriber: Subscriber) -> None:
    callback = subscriber.new()
    subscribe(hub, callback, hub.topic("h6"))
    unsubscribe(hub, callback, hub.topic("h6"), lease_seconds="abc")
    assert not callback.questions[-1].said("hub.lease_seconds")


def test_H7_202_waits_for_no_callback(hub: Hub, subscriber: Subscriber) -> None:
    """The answer is there while the callback still holds its own back, or where nobody listens."""
    slow, failing = subscriber.new(), subscriber.new(verify=lambda challenge: Reply(500))
    nobody = Callback(f"http://127.0.0.1:{free_port()}/")
    slow.hold()
    for callback in (slow, failing, nobody):
        assert ask_for(hub, "subscribe", callback, hub.topic("h7")).status == 202
    hit = wait_until(lambda: slow.questions)[0]
    assert not hit.answered and not hit.abandoned
    slow.release()
    wait_until(lambda: hit.answered)


def test_H8_what_is_no_topic_of_ours_is_refused(hub: Hub, subscriber: Subscriber) -> None:
    ours = only_ours(hub, "which topics another hub takes is its own affair")
    base = ours.site.base_url
    for topic in (
        "http://elsewhere.test/feed.atom",
        f"{base}/feeds/none.atom",
        f"{base}/feeds/h8.rss",
        f"{base}/feeds/h8.atom?x=1",
        f"{base}/feeds/h8.atom#top",
        f"{base}/healthz",
        f"{base}.elsewhere.test/feeds/h8.atom",
    ):
        assert_refused(ask_for(hub, "subscribe", subscriber.new(), topic))


def test_H8_callbacks_that_we_serve_to_nobody_are_refused(hub: Hub, subscriber: Subscriber) -> None:
    only_ours(hub, "which callbacks another hub takes is its own affair")
    for callback in (
        "http://me:secret@host.test/",
        "http://host.test/#part",
        "http://host.test/a b",
        "http://host.test:0/",
        f"http://host.test/{'a' * 2_000}",
    ):
        assert_refused(ask_for(hub, "subscribe", Callback(callback), hub.topic("h8")))


def test_H9_a_redirect_says_where_to_and_keeps_the_method(hub: Hub, subscriber: Subscriber) -> None:
    """We answer where we advertise; another hub may send on, with 307 or 308."""
    callback = subscriber.new()
    form = {"hub.mode": "subscribe", "hub.topic": hub.topic("h9"), "hub.callback": callback.url}
    answer = post(hub.url, form)
    if answer.status in (307, 308):
        answer = post(answer.headers["location"], form)
    assert answer.status == 202
    assert "location" not in answer.headers


def test_H10_unreserved_letters_may_be_encoded(hub: Hub, subscriber: Subscriber) -> None:
    """It is the same topic: one subscription, and one push."""
    callback, topic = subscriber.new(), hub.topic("h10")
    start, last = topic[:-1], topic[-1]
    spelled = f"{start}%{ord(last):02X}"
    assert last.isalnum()
    subscribe(hub, callback, topic)
    subscribe(hub, callback, spelled)
    assert [hit.said("hub.topic") for hit in callback.questions] == [topic, spelled]
    deliver(hub, "h10", callback)
    unsubscribe(hub, callback, f"{start}%{ord(last):02x}")
    control = subscriber.new()
    subscribe(hub, control, topic)
    assert_deaf(hub, "h10", control, callback)


def test_H10_reserved_letters_may_not_be_encoded(hub: Hub, subscriber: Subscriber) -> None:
    ours = only_ours(hub, "another hub may take any URL for a topic")
    topic = f"{ours.site.base_url}/feeds%2Fh10.atom"
    assert_refused(ask_for(hub, "subscribe", subscriber.new(), topic))


# Verification


def test_H11_the_question_names_what_was_asked_for(hub: Hub, subscriber: Subscriber) -> None:
    callback, topic = subscriber.new(), hub.topic("h11")
    subscribe(hub, callback, topic, lease_seconds=str(2 * DAY))
    unsubscribe(hub, callback, topic)
    come, leave = (dict(hit.parameters) for hit in callback.questions)
    assert set(come) == {"hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds"}
    assert set(leave) - {"hub.lease_seconds"} == {"hub.mode", "hub.topic", "hub.challenge"}
    assert (come["hub.mode"], leave["hub.mode"]) == ("subscribe", "unsubscribe")
    assert come["hub.topic"] == leave["hub.topic"] == topic
    assert int(come["hub.lease_seconds"]) > 0


def test_H12_the_callbacks_own_query_is_kept(hub: Hub, subscriber: Subscriber) -> None:
    own = "?a=1&hub.mode=mine&b=%20x&a=2&hub.challenge=fake&c"
    callback = subscriber.new(query=own)
    subscribe(hub, callback, hub.topic("h12"))
    (question,) = callback.questions
    query = question.target.partition("?")[2]
    assert query.startswith(f"{own[1:]}&")
    modes = [value for name, value in question.parameters if name == "hub.mode"]
    assert modes == ["mine", "subscribe"]


def test_H13_every_challenge_is_new(hub: Hub, subscriber: Subscriber) -> None:
    callback = subscriber.new()
    for _ in range(3):
        subscribe(hub, callback, hub.topic("h13"))
    challenges = {hit.said("hub.challenge") for hit in callback.questions}
    assert len(challenges) == 3
    assert all(len(challenge) >= 16 for challenge in challenges)


def test_H14_any_2xx_with_the_challenge_confirms(hub: Hub, subscriber: Subscriber) -> None:
    callbacks = [
        subscriber.new(verify=lambda it, status=status: Reply(status, it.encode()))
        for status in (200, 201, 202, 299)
    ]
    for callback in callbacks:
        subscribe(hub, callback, hub.topic("h14"))
    deliver(hub, "h14", *callbacks)


def test_H15_no_other_status_confirms(hub: Hub, subscriber: Subscriber) -> None:
    """Whatever its body says; and where a redirect leads to is asked nothing."""
    target, control = subscriber.new(), subscriber.new()
    headers = {"Location": target.url}
    deaf = [
        subscriber.new(verify=lambda it, status=status: Reply(status, it.encode(), headers))
        for status in (301, 302, 303, 307, 308, 400, 401, 404, 410, 429, 500, 503)
    ]
    for callback in (control, *deaf):
        subscribe(hub, callback, hub.topic("h15"))
    assert_deaf(hub, "h15", control, *deaf)
    assert not target.hits


def test_H15_a_callback_that_answers_nothing_is_given_up(hub: Hub, subscriber: Subscriber) -> None:
    callback, control = subscriber.new(), subscriber.new()
    callback.hold()
    assert ask_for(hub, "subscribe", callback, hub.topic("h15")).status == 202
    hit = wait_until(lambda: callback.questions)[0]
    subscribe(hub, control, hub.topic("h15"))
    wait_until(lambda: hit.abandoned)
    callback.verify = lambda challenge: Reply(404)
    callback.release()
    assert_deaf(hub, "h15", control, callback)


def test_H16_a_wrong_body_does_not_confirm(hub: Hub, subscriber: Subscriber) -> None:
    """None, another, a shorter or longer one, one in HTML, or one that is far too long."""
    answers: list[Callable[[str], str]] = [
        lambda challenge: "",
        lambda challenge: "OK",
        lambda challenge: challenge[:-1],
        lambda challenge: challenge + "x",
        lambda challenge: challenge.swapcase(),
        lambda challenge: f"<p>{challenge}</p>",
        lambda challenge: challenge + " " * 100_000,
    ]
    control = subscriber.new()
    deaf = [
        subscriber.new(verify=lambda it, answer=answer: Reply(200, answer(it).encode()))
        for answer in answers
    ]
    for callback in (control, *deaf):
        subscribe(hub, callback, hub.topic("h16"))
    assert_deaf(hub, "h16", control, *deaf)


def test_H17_what_failed_changes_nothing(hub: Hub, subscriber: Subscriber) -> None:
    """Neither the secret nor the lease; and who did not mean to leave is still delivered to."""
    callback, topic = subscriber.new(), hub.topic("h17")
    subscribe(hub, callback, topic, secret="first", lease_seconds=str(5 * DAY))
    before = hub.subscription(callback) if isinstance(hub, OurHub) else {}
    callback.verify = lambda challenge: Reply(404)
    subscribe(hub, callback, topic, secret="second", lease_seconds=str(20 * DAY))
    unsubscribe(hub, callback, topic)
    deliver(hub, "h17", callback)
    assert callback.pushes[0].is_signed_by("first")
    if isinstance(hub, OurHub):
        assert hub.subscription(callback) == before


def test_H18_the_callback_is_used_as_it_is(hub: Hub, subscriber: Subscriber) -> None:
    path, query = "/callbacks/%7Eu/a%2fb/./(é".replace("é", "%C3%a9") + ")", "?q=%41;b&&=+"
    callback = subscriber.new(path=path, query=query)
    subscribe(hub, callback, hub.topic("h18"))
    deliver(hub, "h18", callback)
    assert callback.questions[0].target.startswith(f"{path}{query}&hub.")
    assert callback.pushes[0].target == path + query


def test_H18_https_is_asked_by_https(hub: Hub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        callback = Callback(f"https://127.0.0.1:{server.getsockname()[1]}/callback")
        assert ask_for(hub, "subscribe", callback, hub.topic("h18")).status == 202
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b"\x16"  # a TLS handshake begins so


def test_H19_nothing_comes_before_the_confirmation(hub: Hub, subscriber: Subscriber) -> None:
    callback, control = subscriber.new(), subscriber.new()
    callback.hold()
    assert ask_for(hub, "subscribe", callback, hub.topic("h19")).status == 202
    subscribe(hub, control, hub.topic("h19"))
    wait_until(lambda: callback.questions)
    assert_deaf(hub, "h19", control, callback)
    callback.release()
    wait_until(lambda: callback.questions[0].answered)
    hub.wait_heard(callback)
    deliver(hub, "h19", callback, control)

"""H20-H26 of the requirements: coming again, leaving, leases, and denials.

Another hub can be tested as well: see hubs.py.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from hubs import (
    DAY,
    Hub,
    OurHub,
    ask_for,
    assert_deaf,
    assert_refused,
    deliver,
    only_ours,
    subscribe,
    unsubscribe,
)
from sites import Site, wait_until
from subscriber import Reply, Subscriber, confirm

from feedsvc.hub import make_courier
from feedsvc.store import SUBSCRIBE, Check, Store


def find_lease(store: Store) -> datetime | None:
    """Return when the newest subscription of a store ends."""
    with store.reading_hub() as hub:
        return next((one.expires for one in hub.subscriptions()), None)


def test_H20_who_subscribes_again_gets_one_push(hub: Hub, subscriber: Subscriber) -> None:
    callback, topic = subscriber.new(), hub.topic("h20")
    subscribe(hub, callback, topic, lease_seconds=str(DAY))
    before = hub.subscription(callback) if isinstance(hub, OurHub) else {}
    subscribe(hub, callback, topic, lease_seconds=str(20 * DAY))
    assert len(callback.questions) == 2
    deliver(hub, "h20", callback)
    deliver(hub, "h20", callback)
    if isinstance(hub, OurHub):
        after = hub.subscription(callback)
        assert after["expires"] - before["expires"] > 18 * DAY * 1_000_000


def test_H21_another_secret_counts_from_its_confirmation(hub: Hub, subscriber: Subscriber) -> None:
    callback, topic = subscriber.new(), hub.topic("h21")
    subscribe(hub, callback, topic, secret="first")
    callback.verify = lambda challenge: Reply(404)
    subscribe(hub, callback, topic, secret="second")
    deliver(hub, "h21", callback)
    callback.verify = confirm
    subscribe(hub, callback, topic, secret="second")
    deliver(hub, "h21", callback)
    subscribe(hub, callback, topic)
    deliver(hub, "h21", callback)
    first, second, third = callback.pushes
    assert first.is_signed_by("first") and second.is_signed_by("second")
    assert not third.header("X-Hub-Signature")


def test_H22_who_left_gets_nothing_more(hub: Hub, subscriber: Subscriber) -> None:
    callback, control, topic = subscriber.new(), subscriber.new(), hub.topic("h22")
    for one in (callback, control):
        subscribe(hub, one, topic)
    deliver(hub, "h22", control, callback)
    unsubscribe(hub, callback, topic)
    assert callback.questions[-1].said("hub.mode") == "unsubscribe"
    assert_deaf(hub, "h22", control, callback)
    assert_deaf(hub, "h22", control, callback)


def test_H23_who_never_came_cannot_leave(hub: Hub, subscriber: Subscriber) -> None:
    known, stranger = subscriber.new(), subscriber.new()
    subscribe(hub, known, hub.topic("h23"))
    assert ask_for(hub, "unsubscribe", stranger, hub.topic("h23")).status == 404
    if hub.is_ours:
        assert ask_for(hub, "unsubscribe", known, hub.topic("h22")).status == 404
    assert not stranger.hits


def test_H24_nothing_comes_after_the_lease(hub: Hub, subscriber: Subscriber) -> None:
    """Nor is any lease for ever (H6); who comes again is delivered to again."""
    ours = only_ours(hub, "the leases of another hub end when they end")
    callback, control, topic = subscriber.new(), subscriber.new(), hub.topic("h24")
    for one in (callback, control):
        subscribe(hub, one, topic, lease_seconds="9" * 12)
        assert ours.subscription(one)["expires"] <= (time.time() + 30 * DAY) * 1_000_000
    ours.end_lease(callback)
    assert_deaf(hub, "h24", control, callback)
    assert ask_for(hub, "unsubscribe", callback, topic).status == 404
    subscribe(hub, callback, topic)
    deliver(hub, "h24", control, callback)


def test_H24_the_lease_counts_from_the_question(site: Site, subscriber: Subscriber) -> None:
    """However long the request had to wait for it."""
    site.configure("hub: {allow_private: true}\n")
    site.scan()
    callback, path = subscriber.new(), "/feeds/politics.atom"
    before = datetime.now(UTC)
    check = Check(
        path=path,
        callback=callback.url,
        mode=SUBSCRIBE,
        topic=site.base_url + path,
        host="127.0.0.1",
        asked=before - timedelta(hours=5),
        lease=DAY,
    )
    with site.service() as service:
        with service.store.writing() as writer:
            writer.hub.ask(check, check.asked)
        courier = make_courier(service.store, service.config, service.clock)
        courier.start()
        try:
            expires = wait_until(lambda: find_lease(service.store))
        finally:
            courier.stop()
    assert before + timedelta(days=1) <= expires <= datetime.now(UTC) + timedelta(days=1)


def test_H25_who_can_be_told_no_more_is_denied(hub: Hub, subscriber: Subscriber) -> None:
    """A section that is removed: its subscribers hear so, and those who are just being verified."""
    ours = only_ours(hub, "another hub denies when it likes")
    callback, late, topic = subscriber.new(query="?a=1"), subscriber.new(), hub.topic("h25")
    subscribe(hub, callback, topic)
    late.hold()
    assert ask_for(hub, "subscribe", late, topic).status == 202
    wait_until(lambda: late.questions)
    config = ours.site.config.read_text(encoding="utf-8")
    config = re.sub(r"(?m)^  h25: .*\n", "", config) + "removed: [h25]\n"
    ours.site.config.write_text(config, encoding="utf-8")
    told = wait_until(lambda: callback.questions[1:])[0]
    assert told.target.partition("?")[2].startswith("a=1&hub.mode=denied&")
    assert told.said("hub.topic") == topic
    assert told.said("hub.reason")
    late.release()
    assert wait_until(lambda: late.questions[1:])[0].said("hub.mode") == "denied"
    for one in (callback, late):
        hub.wait_heard(one)
        assert not ours.subscription(one)
    assert_refused(ask_for(hub, "subscribe", callback, topic))
    wait_until(lambda: ours.server.get("/feeds/h25.atom").status == 410)


def test_H25_what_is_removed_is_no_topic_for_any_process(site: Site) -> None:
    """Also for one that has not read the new config yet: what is published decides."""
    site.scan()
    site.config.write_text(
        site.config.read_text(encoding="utf-8").replace("  sports: Sports\n", "")
        + "removed: [sports]\n",
        encoding="utf-8",
    )
    site.scan()
    with site.service() as service, service.store.reading_hub() as hub:
        assert hub.is_published("/feeds/politics.atom")
        assert not hub.is_published("/feeds/sports.atom")


def test_H26_what_was_accepted_is_always_verified(hub: Hub, subscriber: Subscriber) -> None:
    callbacks = [subscriber.new() for _ in range(12)]
    for callback in callbacks:
        assert ask_for(hub, "subscribe", callback, hub.topic("h26")).status == 202
    for callback in callbacks:
        wait_until(lambda callback=callback: callback.questions)

"""The hub's tables: what is owed is not lost, what is over not sent, and nothing sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.store import (
    DENIED,
    EXTERNAL,
    FRESH,
    RETRY,
    SUBSCRIBE,
    UNSUBSCRIBE,
    Check,
    Delivery,
    Settled,
    Store,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CLAIM = 25 * SECOND
FEED = "/feeds/politics.atom"
CALLBACK = "http://127.0.0.1:9/callback"


def ask(
    store: Store,
    callback: str = CALLBACK,
    mode: str = SUBSCRIBE,
    path: str = FEED,
    secret: bytes | None = None,
    lease: int = 86_400,
    now: datetime = NOON,
) -> None:
    """Ask for a subscription, or its end."""
    check = Check(path, callback, mode, f"http://a{path}", "127.0.0.1", now, secret, lease)
    with store.writing() as writer:
        writer.hub.ask(check, now)


def verify(store: Store, now: datetime = NOON) -> list[Check]:
    """Confirm all that was asked for."""
    with store.writing() as writer:
        checks = writer.hub.claim_checks(now, now + CLAIM, 100)
        return [check for check in checks if writer.hub.confirm(check, now)]


def owe(store: Store, revision: int, now: datetime = NOON, path: str = FEED) -> int:
    """Publish."""
    with store.writing() as writer:
        return writer.hub.owe([path], revision, now)


def claim(store: Store, now: datetime = NOON, lane: int = FRESH, most: int = 100) -> list[Delivery]:
    """Take in hand what is due."""
    with store.writing() as writer:
        return writer.hub.claim(lane, now, now + CLAIM, most)


def settle(store: Store, *settled: Settled, now: datetime = NOON) -> None:
    """Write down how it went."""
    with store.writing() as writer:
        writer.hub.settle(settled, now)


def subscribed(store: Store) -> list[tuple[str, bytes | None]]:
    """Return callback and secret of all subscriptions."""
    with store.reading_hub() as hub:
        return [(one.callback, one.secret) for one in hub.subscriptions()]


def test_H19_nothing_is_owed_before_it_is_verified(store: Store) -> None:
    ask(store)
    assert owe(store, 1) == 0 and claim(store) == []
    verify(store)
    assert owe(store, 2) == 1
    (one,) = claim(store)
    assert (one.to.callback, one.revision, one.attempt) == (CALLBACK, 2, 1)


def test_H20_asking_again_renews_and_stays_one_subscription(store: Store) -> None:
    ask(store, secret=b"old")
    verify(store)
    later = NOON + timedelta(hours=1)
    ask(store, secret=b"new", now=later)
    assert subscribed(store) == [(CALLBACK, b"old")]  # H21: only once it is verified
    verify(store, later)
    assert subscribed(store) == [(CALLBACK, b"new")]
    with store.reading_hub() as hub:
        (one,) = hub.subscriptions()
    assert one.expires == later + timedelta(days=1)  # H24: counted from the question
    assert owe(store, 1, later) == 1


def test_H17_a_check_that_failed_leaves_what_was(store: Store) -> None:
    ask(store, secret=b"old")
    verify(store)
    for mode in (SUBSCRIBE, UNSUBSCRIBE):
        ask(store, mode=mode, secret=b"new")
        with store.writing() as writer:
            (check,) = writer.hub.claim_checks(NOON, NOON + CLAIM, 10)
            writer.hub.drop_check(check, NOON, failed=True)
        assert subscribed(store) == [(CALLBACK, b"old")]


def test_a_newer_request_takes_the_place_of_one_that_is_being_verified(store: Store) -> None:
    ask(store)
    with store.writing() as writer:
        (older,) = writer.hub.claim_checks(NOON, NOON + CLAIM, 10)
    ask(store, mode=UNSUBSCRIBE)
    with store.writing() as writer:
        assert not writer.hub.confirm(older, NOON)
    assert subscribed(store) == []
    assert [check.mode for check in verify(store)] == [UNSUBSCRIBE]


def test_a_check_that_nobody_settled_comes_again(store: Store) -> None:
    ask(store)
    with store.writing() as writer:
        assert len(writer.hub.claim_checks(NOON, NOON + CLAIM, 10)) == 1
        assert writer.hub.claim_checks(NOON + SECOND, NOON + CLAIM, 10) == []
        (again,) = writer.hub.claim_checks(NOON + CLAIM, NOON + 2 * CLAIM, 10)
    assert again.attempt == 2


def test_H22_an_unsubscribed_callback_is_owed_nothing(store: Store) -> None:
    ask(store)
    verify(store)
    owe(store, 1)
    ask(store, mode=UNSUBSCRIBE)
    verify(store)
    assert subscribed(store) == [] and claim(store) == []
    assert owe(store, 2) == 0


def test_H24_a_lease_ends(store: Store) -> None:
    ask(store, lease=100)
    ask(store, "http://127.0.0.1:9/other", lease=1000)
    verify(store)
    owe(store, 1)
    later = NOON + 100 * SECOND
    with store.writing() as writer:
        assert writer.hub.expire(later) == 1
    assert [one.to.callback for one in claim(store, later)] == ["http://127.0.0.1:9/other"]
    assert owe(store, 2, later + 900 * SECOND) == 0  # also before anybody has looked


def test_newer_content_takes_the_place_of_older(store: Store) -> None:
    ask(store)
    verify(store)
    owe(store, 1)
    owe(store, 2, NOON + SECOND)
    (one,) = claim(store, NOON + SECOND)
    assert (one.revision, one.published) == (2, NOON + SECOND)


def test_newer_content_waits_for_what_is_in_hand(store: Store) -> None:
    """Two pushes to one subscriber at a time could come in the wrong order."""
    ask(store)
    verify(store)
    owe(store, 1)
    (first,) = claim(store)
    owe(store, 2, NOON + SECOND)
    assert claim(store, NOON + SECOND) == []
    settle(store, Settled(first.to.number, 1), now=NOON + 2 * SECOND)
    (second,) = claim(store, NOON + 2 * SECOND)
    assert (second.revision, second.attempt) == (2, 1)
    settle(store, Settled(second.to.number, 2))
    assert claim(store, NOON + CLAIM) == []


def test_what_was_claimed_and_not_settled_comes_again(store: Store) -> None:
    """A process that was killed has settled nothing."""
    ask(store)
    verify(store)
    owe(store, 1)
    claim(store)
    assert claim(store, NOON + CLAIM - SECOND) == []
    (again,) = claim(store, NOON + CLAIM)
    assert again.attempt == 2


def test_H37_who_failed_stands_behind_who_did_not(store: Store) -> None:
    ask(store)
    verify(store)
    owe(store, 1)
    (one,) = claim(store)
    settle(store, Settled(one.to.number, 1, "took too long", NOON + 15 * SECOND))
    assert claim(store, NOON + 15 * SECOND) == []
    (again,) = claim(store, NOON + 15 * SECOND, RETRY)
    assert (again.attempt, again.to.failures, again.to.outcome) == (2, 1, "took too long")
    # H36: also with what is published next, which is tried at once.
    settle(store, Settled(one.to.number, 1, "took too long"))
    owe(store, 2, NOON + 20 * SECOND)
    assert claim(store, NOON + 20 * SECOND) == []
    (next_one,) = claim(store, NOON + 20 * SECOND, RETRY)
    settle(store, Settled(one.to.number, 2, heals=True))
    assert next_one.attempt == 1
    with store.reading_hub() as hub:
        assert [(sub.failures, sub.outcome) for sub in hub.subscriptions()] == [(0, "")]


def test_H33_410_ends_a_subscription(store: Store) -> None:
    ask(store)
    verify(store)
    owe(store, 1)
    (one,) = claim(store)
    settle(store, Settled(one.to.number, 1, "answered 410", ends=True))
    assert subscribed(store) == [] and claim(store, NOON + CLAIM) == []


def test_H25_who_subscribed_to_what_is_gone_is_told(store: Store) -> None:
    ask(store)
    verify(store)
    owe(store, 1)
    with store.writing() as writer:
        writer.hub.deny([FEED], "it is gone", NOON)
        (check,) = writer.hub.claim_checks(NOON, NOON + CLAIM, 10)
    assert (check.mode, check.reason, check.callback) == (DENIED, "it is gone", CALLBACK)
    assert subscribed(store) == [] and claim(store) == []


def test_a_clock_that_was_set_back_holds_nothing_up(store: Store) -> None:
    ask(store)
    verify(store)
    owe(store, 1)
    earlier = NOON - timedelta(days=30)
    assert len(claim(store, earlier)) == 1
    ask(store, "http://127.0.0.1:9/other")
    assert len(verify(store, earlier)) == 1


def test_W9_hubs_elsewhere_hear_of_what_changed(store: Store) -> None:
    hubs = {"https://hub.example/": "hub.example"}
    with store.writing() as writer:
        for _ in range(2):
            topics = {path: f"http://a{path}" for path in (FEED, "/")}
            writer.hub.put_external(topics, hubs, NOON)
        writer.hub.owe([FEED], 1, NOON)
    assert claim(store) == []  # it would come and fetch what a worker does not serve yet
    (one,) = claim(store, NOON + SECOND)
    assert (one.to.kind, one.to.callback) == (EXTERNAL, "https://hub.example/")
    assert one.to.topic == f"http://a{FEED}" and one.to.expires is None
    with store.writing() as writer:
        writer.hub.put_external({FEED: f"http://a{FEED}"}, {}, NOON)
    assert subscribed(store) == []


@pytest.mark.parametrize("known", [False, True])
def test_a_host_may_ask_for_so_much(store: Store, known: bool) -> None:
    if known:
        ask(store)
        verify(store)
    host = "127.0.0.1"
    with store.writing() as writer:
        hub = writer.hub
        waits = [hub.admit(host, NOON + 10 * SECOND, 3, 100) for _ in range(5)]
        assert waits == [0, 0, 0, 50, 50]
        assert hub.admit("other.example", NOON, 3, 100) == 0
        assert hub.admit(host, NOON + 60 * SECOND, 3, 100) == 0
        for number in range(2):
            check = Check(FEED, f"http://127.0.0.1/{number}", SUBSCRIBE, "t", host, NOON)
            hub.ask(check, NOON)
            (claimed,) = hub.claim_checks(NOON, NOON + CLAIM, 1)
            hub.drop_check(claimed, NOON, failed=True)
        # A host that has shown that it wants to be pushed to may fail more often.
        assert hub.admit(host, NOON + 120 * SECOND, 3, 2) == (0 if known else 3480)
        assert hub.admit(host, NOON + timedelta(hours=1), 3, 2) == 0
        hub.expire(NOON + timedelta(hours=3))


def test_figures_and_tallies(store: Store) -> None:
    ask(store)
    verify(store)
    ask(store, "http://127.0.0.1:9/other")
    owe(store, 1)
    with store.writing() as writer:
        writer.hub.tally({"sent": 2})
        writer.hub.tally({"sent": 3, "failed 5xx": 1})
    with store.reading_hub() as hub:
        found = hub.figures(NOON + SECOND)
        assert (found.subscriptions, found.unverified, found.due, found.waiting) == (1, 1, 1, 0)
        assert found.oldest == NOON and found.tallies == {"sent": 5, "failed 5xx": 1}
        assert [(to.callback, due, tried) for to, due, tried in hub.owed(5)] == [
            (CALLBACK, NOON, 0)
        ]
        assert hub.paths() == [FEED] and hub.is_due(NOON)
        assert not hub.is_due(NOON - SECOND) and hub.is_due(NOON - timedelta(days=2))

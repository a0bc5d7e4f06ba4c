"""From visits to rows: who is told apart from whom, and what has a place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitors import MINIFLUX, NOON, visit

from feedsvc.readership import tallying
from feedsvc.readership.salts import hash_client, make_salt
from feedsvc.readership.tallying import (
    COUNTS_MOST,
    FEED_IDS_MOST,
    OTHERS,
    PAIRS_MOST,
    UNKNOWN_MOST,
    Client,
    choose_counts,
    name_feed,
    place,
    read_address,
    tally_visits,
)
from feedsvc.readership.visits import BARE, DELTA, FULL, UNCHANGED
from feedsvc.store import CountKey, PollCount


@pytest.mark.parametrize(
    ("path", "feed", "is_archive"),
    [
        ("/feeds/all.xml", "all", False),
        ("/feeds/all.atom", "all", False),
        ("/feeds/politics/archive/12.json", "politics/archive", True),
        ("/feeds/tag/klima-wandel-ü.xml", "tag/klima-wandel-ü", False),
        ("/feeds/tag/v1.2.atom", "tag/v1.2", False),
        ("/feeds/sports+health.xml", "health+sports", False),
    ],
)
def test_the_feed_of_a_path(path: str, feed: str, is_archive: bool) -> None:
    assert name_feed(path) == (feed, is_archive)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        (" 192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one household
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("[2001:db8::1]", "2001:db8::1%eth0", True),
    ],
)
def test_which_addresses_are_one_client(one: str, other: str, alike: bool) -> None:
    assert read_address(one) and read_address(other)
    assert (read_address(one) == read_address(other)) == alike


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(text: str) -> None:
    assert len(read_address(text)) <= 16


@pytest.mark.parametrize(
    ("address", "forwarded", "believed"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # only our proxy's own word
        ("::1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # nobody is believed who comes from afar
        ("::1234", "203.0.113.9", "::1234"),
    ],
)
def test_whom_a_proxy_names(address: str, forwarded: str, believed: str) -> None:
    tally = tally_visits({visit(address=address, forwarded=forwarded): 1}, NOON)
    (client,) = tally.clients
    assert client.identity == read_address(believed)


def test_what_visits_amount_to() -> None:
    feedbin = "Feedbin feed-id:{} - {} subscribers"
    tally = tally_visits(
        {
            visit(kind=BARE, length=100): 2,
            visit(kind=FULL, length=70): 1,
            visit(kind=UNCHANGED, length=0): 4,
            visit(kind=DELTA, length=10): 1,
            visit(feedbin.format(1, 20)): 1,
            visit(feedbin.format(1, 30), "192.0.2.9", path="/feeds/politics.atom"): 1,
            visit(feedbin.format(2, 5), kind=UNCHANGED): 1,
            visit("curl/8"): 3,
            visit(path="/feeds/politics/archive/1.xml"): 1,
            ("", "", "", None, "404", 0): 7,
        },
        NOON,
    )
    assert tally.polls == {
        ("politics", "Miniflux"): PollCount(8, 4, 2, 280),
        ("politics", "Feedbin"): PollCount(3, 1, 2, 300),
        ("politics", "other"): PollCount(3, 0, 3, 300),
        ("politics/archive", "Miniflux"): PollCount(1, 0, 1, 100),
    }
    assert tally.statuses == {"200": 9, "304": 5, "226": 1, "404": 7}
    assert tally.counts == {
        CountKey("politics", "Feedbin", "1"): 30,
        CountKey("politics", "Feedbin", "2"): 5,
    }
    # A service is one client for each of its ids, from whatever machine; a script is none.
    assert sorted((one.reader, one.direct, sent) for one, sent in tally.clients.items()) == [
        ("Feedbin", False, False),
        ("Feedbin", False, True),
        ("Miniflux", True, True),
    ]


def test_strangers_and_pairs_are_bounded_and_known_readers_keep_their_name() -> None:
    visits = {visit(f"Stranger{number}/1"): 1 for number in range(4 * UNKNOWN_MOST)}
    visits |= {visit(path=f"/feeds/tag/{number}.xml"): 1 for number in range(2 * PAIRS_MOST)}
    visits[visit("FreshRSS/1.2", path="/feeds/last.xml")] = 1
    tally = tally_visits(visits, NOON)
    known: set[tuple[str, str]] = set()
    for _ in range(3):  # the same again changes nothing
        placed = place(tally, known)
        known |= placed.polls.keys()
        readers = {reader for _, reader in known}
        assert len(readers) == UNKNOWN_MOST + 3  # with FreshRSS, Miniflux and OTHERS
        assert len(known) <= PAIRS_MOST + len(readers)
        assert sum(one.polls for one in placed.polls.values()) == len(visits)
        assert placed.polls[OTHERS, "Miniflux"].polls > PAIRS_MOST / 2
        assert {one.pair for one in placed.clients} <= known
    assert ("last", "FreshRSS") in known or (OTHERS, "FreshRSS") in known


def test_most_polled_pairs_have_a_place_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "PAIRS_MOST", 1)
    tally = tally_visits(
        {visit(path="/feeds/a.xml"): 1, visit(path="/feeds/b.xml"): 5},
        NOON,
    )
    assert set(place(tally, ()).polls) == {("b", "Miniflux"), (OTHERS, "Miniflux")}
    assert set(place(tally, {("a", "Miniflux")}).polls) == {
        ("a", "Miniflux"),
        (OTHERS, "Miniflux"),
    }


def test_of_too_many_feed_ids_the_largest_stay() -> None:
    def key(number: int, feed: str = "a") -> CountKey:
        return CountKey(feed, "Feedly", str(number))

    forged = {key(number): number + 1 for number in range(2 * FEED_IDS_MOST)}
    kept: dict[CountKey, int] = {}
    for one, count in forged.items():  # one after the other, the small ones first
        put, gone = choose_counts(kept, {one: count})
        kept = {name: n for name, n in (kept | put).items() if name not in gone}
    assert sorted(kept.values()) == list(range(FEED_IDS_MOST + 1, 2 * FEED_IDS_MOST + 1))
    assert choose_counts(kept, {key(0): 1}) == ({}, [])
    assert choose_counts({key(0): 7}, {key(0): 5}) == ({}, [])  # the day's highest counts
    many = {key(0, f"feed-{number}"): 1 for number in range(2 * COUNTS_MOST)}
    assert len(choose_counts({}, many)[0]) == COUNTS_MOST


def test_a_hash_is_of_one_day_and_one_feed() -> None:
    client = Client("politics", "Miniflux", read_address("192.0.2.1"), True)
    salt = make_salt()
    assert len(salt) >= 16 and salt != make_salt()
    number = hash_client(client, salt)
    assert number == hash_client(client, salt) and -(2**63) <= number < 2**63
    others = (client._replace(feed="sports"), client._replace(reader="Yarr"))
    assert len({number, *(hash_client(one, salt) for one in others)}) == 3
    assert number != hash_client(client, make_salt())


@given(st.lists(st.tuples(*(st.text(max_size=30) for _ in range(3))), max_size=20))
def test_any_texts_are_tallied_whole(texts: list[tuple[str, str, str]]) -> None:
    visits = {
        visit(agent, address, path="/feeds/x.xml", forwarded=forwarded): 1
        for agent, address, forwarded in texts
    }
    tally = tally_visits(visits, NOON)
    assert sum(one.polls for one in place(tally, ()).polls.values()) == len(visits)
    assert replace(tally, clients={}).statuses == ({"200": len(visits)} if visits else {})
    assert MINIFLUX not in str(tally.polls)

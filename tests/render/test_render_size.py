"""The order of entries, and how many of them fit."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_samples import START, make_entry, make_feed, make_full_feed

from feedsvc.model import Entry, Feed
from feedsvc.render import FORMATS, fit, newest_first, shorten


def measure(feed: Feed) -> int:
    """Return the bytes of the longest format."""
    return max(len(one.render(feed)) for one in FORMATS.values())


def numbers(feed: Feed) -> list[int]:
    return [int(entry.uid, 16) for entry in feed.entries]


def test_r42_f21_newest_first_and_ties_by_id() -> None:
    tied = [make_entry(number, published=START) for number in (3, 1, 2)]
    newer = make_entry(9)
    assert newest_first([*tied, newer]) == (newer, tied[0], tied[2], tied[1])
    assert newest_first([newer, *reversed(tied)]) == newest_first([*tied, newer])


def test_r42_the_order_follows_published_not_updated() -> None:
    edited = make_entry(0, updated=START + timedelta(days=9))
    assert newest_first([edited, make_entry(1)]) == (make_entry(1), edited)


def test_r43_f21_the_cut_comes_after_sorting() -> None:
    feed = make_feed(*(make_entry(number) for number in (2, 5, 1, 4, 3)))
    assert numbers(fit(feed, 3, 1_000_000)) == [5, 4, 3]
    assert fit(feed, 0, 1_000_000).entries == ()


def test_r41_f17_an_id_stands_once() -> None:
    entry = make_entry(1)
    feed = make_feed(entry, make_entry(2), replace(entry, published=START), entry)
    assert numbers(fit(feed, 50, 1_000_000)) == [2, 1]


def test_what_fits_is_left_as_it_is() -> None:
    feed = make_full_feed()
    assert fit(feed, 50, 1_000_000) == feed


@pytest.mark.parametrize("limit", [5_000, 20_000, 60_000])
def test_f20_r28_no_format_is_over_the_limit_and_the_tail_goes(limit: int) -> None:
    feed = make_feed(*(make_entry(n, content='<p class="x">a & "b"</p>' * 60) for n in range(60)))
    fitting = fit(feed, 60, limit)
    assert numbers(fitting) == list(range(59, 59 - len(fitting.entries), -1))
    assert 0 < len(fitting.entries) < 60
    assert measure(fitting) <= limit
    more = replace(feed, entries=newest_first(feed.entries)[: len(fitting.entries) + 1])
    assert measure(more) > 0.85 * limit


def test_f21_nothing_older_stands_behind_a_gap() -> None:
    big, small = "<p>long</p>" * 1_000, "<p>short</p>"
    bodies = {4: small, 3: big, 2: big, 1: small}
    entries = [make_entry(number, content=body) for number, body in bodies.items()]
    assert numbers(fit(make_feed(*entries), 50, 40_000)) == [4, 3]


def test_f20_an_entry_too_long_for_the_feed_goes_with_its_summary_and_a_link() -> None:
    long = make_entry(1, content="<p>long</p>" * 10_000, correction="It was 7.")
    fitting = fit(make_feed(make_entry(0), long, make_entry(2)), 50, 20_000)
    assert numbers(fitting) == [2, 1, 0]
    assert fitting.entries[1] == shorten(long)
    assert "Read the whole article" in fitting.entries[1].content
    assert long.link.replace("&", "&amp;") in fitting.entries[1].content
    assert fitting.entries[1].correction == "It was 7."
    assert measure(fitting) <= 20_000


def test_f2_an_entry_too_long_in_any_shape_is_left_out_alone() -> None:
    endless = make_entry(1, title="long " * 10_000)
    assert numbers(fit(make_feed(make_entry(0), endless, make_entry(2)), 50, 20_000)) == [2, 0]


def test_shorten_escapes_once_and_makes_a_summary() -> None:
    entry = make_entry(
        summary="", content="<p>R&amp;D is 3 &lt; 4.</p>", link="https://x.example/?a&b"
    )
    assert shorten(entry).summary == "R&D is 3 < 4."
    assert shorten(entry).content == (
        "<p>R&amp;D is 3 &lt; 4.</p>"
        '<p><a href="https://x.example/?a&amp;b">Read the whole article</a></p>'
    )


TEXT = st.text(max_size=60) | st.sampled_from(
    ["&" * 200, '"' * 200, "\\" * 200, "\r" * 99, "\t\n" * 99, "é<"]
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "title": TEXT,
            "summary": TEXT,
            "content": TEXT,
            "link": TEXT,
            "authors": st.lists(TEXT, max_size=3).map(tuple),
            "categories": st.lists(TEXT, max_size=3).map(tuple),
            "language": st.sampled_from(["", "fr", "zh-Hant-TW"]),
        },
        optional={"image": st.none(), "enclosure": st.none()},
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(ENTRIES, TEXT, st.integers(2_500, 9_000))
def test_r28_the_bound_holds_for_any_text(
    fields: list[dict[str, Any]], text: str, limit: int
) -> None:
    entries: list[Entry] = [make_entry(number, **one) for number, one in enumerate(fields)]
    feed = make_feed(*entries, title=text, description=text, home=text, logo=text, author=text)
    fitting = fit(feed, 50, limit)
    if fitting.entries:
        assert measure(fitting) <= limit


def test_fit_is_quick_enough_to_run_at_each_publish() -> None:
    feed = make_feed(*(make_entry(n, content="<p>Some words.</p>" * 200) for n in range(50)))
    fit(feed, 50, 1_000_000)
    start = time.perf_counter()
    fit(feed, 50, 1_000_000)
    assert time.perf_counter() - start < 0.05  # 2 ms where this was written

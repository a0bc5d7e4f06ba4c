"""A podcast's RSS, byte by byte and as a client reads it; the other formats know nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from render_samples import make_entry, make_feed
from test_render_golden import hold_against

from feedsvc.model import Enclosure, Entry, Episode, Feed, Image, Podcast
from feedsvc.render import FORMATS, fit

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
RECORDING = Enclosure("https://paper.example/m/talk.mp3", "audio/mpeg", 123456, 3723)
COVER = "https://paper.example/cover.jpeg?v=2"
PODCAST = Podcast(
    author="The Paper & Co",
    owner_name="Ann Lee",
    owner_email="ann@paper.example",
    categories=(("News", "Politics"), ("Society & Culture",), ("News", "Daily News")),
    explicit=False,
    kind="serial",
    artwork=COVER,
    complete=True,
    new_feed_url="https://paper.example/feeds/new.xml",
)


def make_podcast(*entries: Entry, **changes: Any) -> Feed:
    return make_feed(*entries, podcast=replace(PODCAST, **changes))


def make_episode(**changes: Any) -> Entry:
    return make_entry(**{"enclosure": RECORDING, "image": None} | changes)


def render(feed: Feed) -> etree._Element:
    return etree.fromstring(FORMATS["xml"].render(feed))


def said(parent: etree._Element | None) -> dict[str, str]:
    """Return what is said in Apple's words: the text, or the address."""
    assert parent is not None
    found = [one for one in parent if one.tag.startswith(f"{{{ITUNES}}}")]
    return {one.tag.partition("}")[2]: one.get("href") or one.text or "" for one in found}


def test_the_bytes_are_those_of_the_golden_file() -> None:
    feed = make_podcast(
        make_episode(number=3, episode=Episode(2, 1, "full", True), rights="© A & B"),
        make_episode(number=2, episode=Episode(kind="trailer"), image=Image(COVER, "", "", 0, 0)),
        make_entry(1, enclosure=None, title="Nothing to hear"),
    )
    hold_against("podcast.xml", FORMATS["xml"].render(feed))


def test_a_client_reads_it() -> None:
    episode = make_episode(episode=Episode(2, 1, "bonus", True), image=Image(COVER))
    parsed = feedparser.parse(FORMATS["xml"].render(make_podcast(episode)))
    # It takes the owner for the author, and of `explicit` only the words that feedgen writes.
    assert not parsed.bozo
    channel, (item,) = parsed.feed, parsed.entries
    assert channel.publisher_detail == {"name": "Ann Lee", "email": "ann@paper.example"}
    assert [tag.term for tag in channel.tags] == [
        *("News", "Politics", "Daily News"),
        "Society & Culture",
    ]
    assert channel.image.href == COVER and item.image.href == COVER
    assert channel.itunes_type == "serial" and channel.itunes_complete == "Yes"
    assert item.itunes_duration == "3723" and item.itunes_title == item.title
    assert (item.itunes_episode, item.itunes_season) == ("2", "1")
    assert item.itunes_episodetype == "bonus"
    assert item.enclosures[0] == {"href": RECORDING.url, "length": "123456", "type": "audio/mpeg"}


def test_what_is_not_said_is_not_written() -> None:
    bare = said(render(make_feed(make_episode(), podcast=Podcast())).find("channel"))
    assert bare == {"author": "The Paper", "type": "episodic", "explicit": "false"}
    untimed = make_episode(enclosure=replace(RECORDING, duration=0))
    (item,) = render(make_podcast(untimed)).iter("item")
    assert said(item) == {"title": make_episode().title}


@pytest.mark.parametrize("explicit", [True, False])
def test_apple_wants_true_and_false(explicit: bool) -> None:
    """feedgen knows yes, no and clean alone."""
    episode = make_episode(episode=Episode(explicit=explicit))
    root = render(make_podcast(episode, explicit=not explicit))
    assert said(root.find("channel"))["explicit"] == str(not explicit).lower()
    assert said(root.find("channel/item"))["explicit"] == str(explicit).lower()


@pytest.mark.parametrize(
    ("image", "taken"),
    [
        (Image("https://x.example/a.jpg"), True),
        (Image("https://x.example/a.PNG?v=1.webp"), True),
        (Image("https://x.example/a.webp"), False),
        (Image("https://x.example/picture"), False),
        (Image("https://x.example/picture", type="image/png"), True),
        (Image("https://x.example/a.jpg", type="image/webp"), False),
        (Image("https://x.example/a.jpg", width=1400, height=1400), True),
        (Image("https://x.example/a.jpg", width=3000, height=3000), True),
        (Image("https://x.example/a.jpg", width=1399, height=1399), False),
        (Image("https://x.example/a.jpg", width=3001, height=3001), False),
        (Image("https://x.example/a.jpg", width=2000, height=1500), False),
    ],
)
def test_an_episodes_picture_is_one_that_apple_takes(image: Image, taken: bool) -> None:
    item = render(make_podcast(make_episode(image=image))).find("channel/item")
    assert said(item).get("image") == (image.url if taken else None)


@pytest.mark.parametrize(
    "enclosure", [None, Enclosure("https://x.example/a.pdf", "application/pdf")]
)
def test_what_nobody_can_hear_is_no_episode(enclosure: Enclosure | None) -> None:
    entry = make_entry(enclosure=enclosure, episode=Episode(1, 1, "full", False))
    (item,) = render(make_podcast(entry)).iter("item")
    assert said(item) == {}


def test_apple_has_its_own_name_for_m4a() -> None:
    """In a podcast only: everybody else knows it by its registered one."""
    sound = Enclosure("https://x.example/a.m4a", "audio/mp4", 9)
    for feed, name in (
        (make_podcast(make_episode(enclosure=sound)), "audio/x-m4a"),
        (make_feed(make_entry(enclosure=sound)), "audio/mp4"),
    ):
        (found,) = render(feed).iter("enclosure")
        assert dict(found.attrib) == {"url": sound.url, "length": "9", "type": name}


def test_other_formats_and_other_feeds_have_none_of_it() -> None:
    feed = make_podcast(make_episode(episode=Episode(1)))
    for suffix in ("atom", "json"):
        assert FORMATS[suffix].render(feed) == FORMATS[suffix].render(replace(feed, podcast=None))
    assert b"itunes" not in FORMATS["xml"].render(replace(feed, podcast=None))


TEXT = st.text(max_size=40) | st.sampled_from(["&" * 90, '"' * 90, "\r" * 60, "é<"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=4), TEXT, st.integers(4_000, 9_000))
def test_r28_the_bound_holds_for_podcasts(
    texts: list[tuple[str, str]], text: str, limit: int
) -> None:
    episode = Episode(999_999, 999_999, "trailer", False)
    entries = [
        make_episode(
            number=number,
            title=title,
            rights=rights,
            content="",
            summary="",
            episode=episode,
            image=Image(f"https://x.example/{'&' * 20}.jpg", width=3000, height=3000),
        )
        for number, (title, rights) in enumerate(texts)
    ]
    feed = make_podcast(*entries, author=text, owner_name=text or "x", new_feed_url=text)
    fitting = fit(feed, 50, limit)
    if fitting.entries:
        assert max(len(one.render(fitting)) for one in FORMATS.values()) <= limit


@pytest.mark.parametrize("title", ["T", "<&" * 60])
def test_r28_the_bound_counts_what_each_episode_has(title: str) -> None:
    """Where there are many: the longest numbers, and a title and a picture that stand twice."""
    entries = [
        make_episode(
            number=number,
            title=title,
            image=Image(f"https://x.example/{'&' * 40}.jpg", width=3000, height=3000),
            episode=Episode(999_999, 999_999, "trailer", False),
            enclosure=replace(RECORDING, duration=360_000),
            language="fr",
            rights="©",
        )
        for number in range(60)
    ]
    fitting = fit(make_podcast(*entries), 60, 60_000)
    assert 0 < len(fitting.entries) < 60
    assert 0.7 * 60_000 < len(FORMATS["xml"].render(fitting)) <= 60_000

"""What a feed holds: as much as the config says, and each story once."""

from __future__ import annotations

import random

import feedparser
from publication_samples import NOON, SECTIONS, feeds_of, look, titles_of
from sites import Site, article, clock_from, parse_atom, parse_feed, plain_text

from feedsvc.service import Service


def test_R35_empty_site_has_valid_feeds(service: Service) -> None:
    """An empty section is a valid, titled feed in every format, and dated."""
    publication = look(service)
    for name in ("all", *SECTIONS):
        assert titles_of(publication, name) == []
        for form in ("xml", "atom"):
            parsed = feedparser.parse(feeds_of(publication, name)[form])
            assert not parsed.bozo, parsed
            assert parsed.feed.title and parsed.feed.link and parsed.feed.updated_parsed
    assert "Sports" in feedparser.parse(feeds_of(publication, "sports")["xml"]).feed.title


def test_F16_R40_a_story_in_two_sections_is_one_story(site: Site, service: Service) -> None:
    """One id in every section and format, however often it is shown."""
    site.write("a.md", article("Both", date="2026-01-02", sections="[politics, sports]"))
    publication = look(service)
    ids = {
        item["id"]
        for name in ("all", "politics", "sports")
        for form, body in feeds_of(publication, name).items()
        for item in parse_feed(form, body)
    }
    assert len(ids) == 1
    assert titles_of(publication, "culture") == []


LIMITS = """\
  travel:
    title: Travel
    feed: {items: 2, content: full}
  wire:
    title: From the Wire
    feed: {items: 6}
feeds: {items: 4, content: summary}
"""


def test_F20_F21_items_and_content_follow_feeds_and_the_section(site: Site) -> None:
    """``feeds`` holds for all, ``sections.x.feed`` over it; the newest stay, newest first."""
    site.configure(LIMITS)
    body = "The first sentence of it. " + "And much more is said. " * 40 + "The very end."
    for name in ("politics", "travel", "wire"):
        for number in random.Random(1).sample(range(1, 8), 7):
            text = article(f"{name} {number}", body, date=f"2026-01-0{number}", summary="In short")
            site.write(f"{name}/{number}.md", text)
    with site.service(clock_from(NOON)) as service:
        publication = look(service)
    assert titles_of(publication, "politics") == [f"politics {n}" for n in (7, 6, 5, 4)]
    assert titles_of(publication, "travel") == ["travel 7", "travel 6"]
    assert titles_of(publication, "wire") == [f"wire {n}" for n in (7, 6, 5, 4, 3, 2)]
    assert len(titles_of(publication, "all")) == 4
    for form, body_ in feeds_of(publication, "travel").items():
        for item in parse_feed(form, body_):
            assert "The very end." in item["content"]
    links = {item.id: item.link for item in parse_atom(feeds_of(publication, "politics")["atom"])}
    for form, body_ in feeds_of(publication, "politics").items():
        for item in parse_feed(form, body_):
            assert plain_text(item["content"]).startswith("In short")
            assert "And much more" not in item["content"]
            assert f'href="{links[item["id"]]}"' in item["content"]


def test_F20_bytes_are_limited_in_every_format(site: Site) -> None:
    """Older entries go until every format fits; the newest stays."""
    site.configure("feeds: {max_bytes: 10000}\n")
    for number in range(1, 9):
        text = article(f"Number {number}", "Words & *more*. " * 60, date=f"2026-01-0{number}")
        site.write(f"sports/{number}.md", text)
    with site.service(clock_from(NOON)) as service:
        publication = look(service)
    titles = titles_of(publication, "sports")
    assert 1 < len(titles) < 8 and titles[0] == "Number 8"
    assert max(map(len, feeds_of(publication, "sports").values())) <= 10_000

"""A small site in several languages, and each kind of page of it, for every test of the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import lxml.html
import orjson
import pytest
from lxml.html import HtmlElement

from feedsvc.config import SiteConfig
from feedsvc.model import Entry, Feed, Image
from feedsvc.render.pages import (
    render_article,
    render_feed_list,
    render_home,
    render_message,
    render_section,
)

BASE = "https://observer.example/news"
NOON = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)

SITE = SiteConfig(
    title="The Harbour Observer",
    description="News from the harbour towns.",
    base_url=BASE,
    timezone="Europe/Berlin",
    copyright="© 2026 The Harbour Observer",
)


def make_entry(number: int = 1, **fields: object) -> Entry:
    """Return an entry of the site, an hour older for each number."""
    at = NOON - timedelta(hours=number)
    entry = Entry(
        id=f"tag:observer.example,2026:{number}",
        uid=f"{number:016x}",
        title=f"Headline {number}",
        link=f"{BASE}/articles/{number:016x}",
        published=at,
        updated=at,
        summary=f"Standfirst {number}.",
        content=f"<p>Body of article {number}.</p>",
        language="en",
    )
    return replace(entry, **fields)  # type: ignore[arg-type]


def make_feed(name: str, title: str, entries: tuple[Entry, ...] = (), **fields: object) -> Feed:
    """Return the feed of a section of the site."""
    feed = Feed(
        name=name,
        id=f"tag:observer.example,2026:{name}",
        title=title,
        description=f"All about {title}.",
        language="en",
        base=f"{BASE}/feeds/{name}",
        home=f"{BASE}/sections/{name}",
        updated=NOON,
        entries=entries,
    )
    return replace(feed, **fields)  # type: ignore[arg-type]


ARABIC = make_entry(
    3,
    title="افتتاح معرض الخرائط القديمة",
    summary="أربعون ألف خريطة.",
    content="<p>افتتح أمس معرض للخرائط.</p>",
    language="ar",
    authors=("ليلى حداد",),
)
ENTRIES = (make_entry(1), make_entry(2), ARABIC, *(make_entry(number) for number in range(4, 15)))
FEEDS = (
    make_feed("all", SITE.title, ENTRIES),
    make_feed("politics", f"Politics - {SITE.title}", ENTRIES[:8]),
    make_feed("sea", "The sea", ENTRIES[2:4]),
    make_feed("sport", "Sport"),
)
PICTURE = Image("https://cdn.example/pier.jpg", "The old pier", "A. Nielsen", 1200, 675)
STORY = make_entry(
    1,
    authors=("Jette Hansen", "Ole Brandt", "Ada Kim"),
    updated=NOON + timedelta(hours=3),
    image=PICTURE,
    correction="The cost is nine million, not ninety.",
    categories=("Politics", "ferries"),
)
SECTIONS = (("Politics", f"{BASE}/sections/politics"),)

PAGES: dict[str, Callable[[], bytes]] = {
    "home": lambda: render_home(SITE, FEEDS),
    "home without sections": lambda: render_home(SITE, [make_feed("all", SITE.title)]),
    "section": lambda: render_section(SITE, FEEDS[1], FEEDS),
    "empty section": lambda: render_section(SITE, FEEDS[3], FEEDS),
    "article": lambda: render_article(SITE, STORY, SECTIONS, feed=FEEDS[1]),
    "bare article": lambda: render_article(SITE, make_entry(summary="", content=""), []),
    "arabic article": lambda: render_article(SITE, ARABIC, SECTIONS),
    "feeds": lambda: render_feed_list(SITE, FEEDS),
    "message": lambda: render_message(SITE, 410, "Withdrawn", "It is not here any more."),
}
every_page = pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())


def parse(page: bytes) -> HtmlElement:
    return lxml.html.document_fromstring(page.decode(), parser=lxml.html.HTMLParser())


def facts_of(page: bytes) -> dict[str, object]:
    (script,) = parse(page).xpath("//script")
    assert script.get("type") == "application/ld+json"
    facts = orjson.loads(script.text)
    assert isinstance(facts, dict)
    return facts


def text_of(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())

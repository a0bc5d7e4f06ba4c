"""A small site in several languages, for every test of the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.config import SiteConfig
from feedsvc.model import Entry, Feed, Image

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

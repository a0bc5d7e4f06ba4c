"""Feeds that have everything, for the tests of the renderers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from feedsvc.model import Enclosure, Entry, Feed, Image

START = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
AUTHORITY = "tag:paper.example,2025"
PICTURE = "https://paper.example/i/bridge.jpg?w=1200&v=2"


def make_entry(number: int = 0, **changes: Any) -> Entry:
    """Return an entry with every field set; a higher number is newer."""
    published = START + timedelta(hours=number)
    values: dict[str, Any] = {
        "id": f"{AUTHORITY}:6f1c0000-0000-5000-8000-{number:012x}",
        "uid": f"{number:016x}",
        "title": f"Council widens the café bridge, part {number}",
        "link": f"https://paper.example/a/{number:016x}/bridge?from=feed&n={number}",
        "published": published,
        "updated": published + timedelta(minutes=30),
        "summary": "The council voted 7–2 to widen the bridge.",
        "content": f'<p>The council voted “7–2” &amp; went home.</p><img src="{PICTURE}">'.replace(
            "&v", "&amp;v"
        ),
        "authors": ("Ann Lee", "Bo Ek"),
        "categories": ("City", "Bridges"),
        "language": "",
        "image": Image(PICTURE, "The bridge", "Cy Oz", 1200, 800),
        "enclosure": Enclosure("https://paper.example/m/debate.mp3", "audio/mpeg", 123456),
        "correction": "",
    }
    return Entry(**(values | changes))


def make_feed(*entries: Entry, **changes: Any) -> Feed:
    """Return a feed with every field set, of the given entries."""
    values: dict[str, Any] = {
        "name": "city",
        "id": f"{AUTHORITY}:feed:city",
        "title": "The Paper: City",
        "description": "What happens in the city",
        "language": "en",
        "base": "https://paper.example/feeds/city",
        "home": "https://paper.example/city/",
        "updated": START + timedelta(days=1),
        "entries": entries,
        "author": "The Paper",
        "copyright": "© 2025 The Paper",
        "icon": "https://paper.example/icon.png",
        "logo": "https://paper.example/logo.png",
        "ttl": 30,
    }
    return Feed(**(values | changes))


def make_full_feed() -> Feed:
    """Return the feed of the golden files: an ordinary entry and the odd ones."""
    return make_feed(
        make_entry(
            5,
            title="R&D at AT&T: <3 for &copy; &amp; <b>bold</b>",
            content="<p>a ]]> b</p><pre>if x &lt; y &amp;&amp; y &gt; z:</pre>",
            image=None,
            enclosure=None,
        ),
        make_entry(
            4,
            title="Le pont élargi",
            summary="",
            content="<p>Le conseil a voté. «&nbsp;Enfin&nbsp;!&nbsp;»</p>",
            language="fr",
            categories=("Ville", "Paris, France"),
            correction="Le vote fut de 7 à 2, non de 9 à 0.",
            enclosure=Enclosure("https://paper.example/m/vote.mp3", "", 0),
        ),
        make_entry(3, title="", summary="", content="", authors=(), categories=(), image=None),
        make_entry(2, title="橋が広がる 🌉", image=Image(PICTURE)),
    )

"""A feed that suits every partner, from data, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from feedsvc.config import PartnerConfig
from feedsvc.model import Enclosure, Entry, Feed, Image, MediaFile, Syndication, Tombstone

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BASE = "https://paper.example"
PROFILES = ("smartnews", "google", "apple", "flipboard", "msn", "plain")

_DATA: dict[str, Any] = yaml.safe_load((HERE / "cases/feed.yaml").read_text(encoding="utf-8"))
_KINDS: Mapping[str, Any] = {
    "image": lambda value: Image(**value),
    "enclosure": lambda value: Enclosure(**value),
    "authors": tuple,
    "categories": tuple,
    "syndication": Syndication,
}


def make_entry(number: int = 0, **changes: Any) -> Entry:
    """Return an entry that no partner minds; a higher number is newer.

    ``age`` and ``edited`` are hours before now; ``times`` repeats the content.
    """
    values = {**_DATA["entry"], **changes}
    age = values.pop("age", 40 - number)
    edited = values.pop("edited", age)
    values["content"] = values["content"] * values.pop("times", 1)
    for name, make in _KINDS.items():
        if values.get(name) is not None and isinstance(values[name], (str, dict, list)):
            values[name] = make(values[name])
    digits = f"6f1c{number:012x}"
    number_of_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:]}-8000-000000000000"
    return Entry(
        **{
            "id": f"tag:paper.example,2026:{number_of_id}",
            "uid": digits,
            "link": f"{BASE}/articles/{digits}-bridge",
            "published": NOW - timedelta(hours=age),
            "updated": NOW - timedelta(hours=edited),
            **values,
        }
    )


def make_feed(*entries: Entry, **changes: Any) -> Feed:
    """Return a feed of these entries, the newest first."""
    ordered = sorted(entries, key=lambda one: (one.published, one.id), reverse=True)
    feed = Feed(updated=NOW, entries=tuple(ordered), **_DATA["feed"])
    return replace(feed, **changes)


def make_partner(profile: str, **changes: Any) -> PartnerConfig:
    """Return a partner as config.yaml would have it."""
    return PartnerConfig(**{**_DATA["partners"][profile], "profile": profile, **changes})


def make_full_feed() -> Feed:
    """Return the feed of the golden files: the entries of the data, and as many ordinary ones."""
    odd = [
        make_entry(100 + number, **{"age": 4 + number, **one})
        for number, one in enumerate(_DATA["odd"])
    ]
    plain = [make_entry(number) for number in range(24)]
    gone = [
        Tombstone(make_entry(200).id, NOW - timedelta(hours=3)),
        Tombstone(make_entry(201).id, NOW - timedelta(days=31)),
    ]
    return make_feed(*odd, *plain, deleted=tuple(gone))


def make_pictures() -> dict[str, MediaFile]:
    """Return what is known of the files of the site, by URL."""
    return {
        f"{BASE}/media/{name}": MediaFile(name, **values)
        for name, values in _DATA["pictures"].items()
    }

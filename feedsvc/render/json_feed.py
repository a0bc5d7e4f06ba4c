"""JSON Feed 1.1."""

from __future__ import annotations

from html import escape
from typing import Any

import orjson

from feedsvc.model import Entry, Feed

from .prepare import address_of, format_rfc3339, list_archives, prepare

_VERSION = "https://jsonfeed.org/version/1.1"

# JSON Feed has no word for rights: this is Dublin Core's, as in RSS, and where it is explained.
_RIGHTS = "http://purl.org/dc/elements/1.1/rights"


def render_json(feed: Feed) -> bytes:
    """Return the feed as JSON Feed 1.1 (P35-P46, R36, R48, R51, R58; F29).

    The entries are written in the order given; `fit` sorts them.
    """
    feed = prepare(feed)
    document = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": address_of(feed, "json"),
        "next_url": list_archives(feed, "json").get("prev-archive", ""),
        "description": feed.description,
        "icon": feed.logo or feed.icon,
        "favicon": feed.icon,
        **_authors((feed.author,) if feed.author else ()),
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
    }
    items = [_item(entry) for entry in feed.entries]
    return orjson.dumps({**_known(document), "items": items})


def _item(entry: Entry) -> dict[str, Any]:
    return _known(
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            # Required (P38), and content_text would be taken for it by some readers (R48).
            "content_html": entry.content or f"<p>{escape(entry.summary, quote=False)}</p>",
            "summary": entry.summary,
            "image": entry.image.url if entry.image else "",
            "date_published": format_rfc3339(entry.published),
            "date_modified": format_rfc3339(entry.updated),
            **_authors(entry.authors),
            "tags": list(entry.categories),
            "language": entry.language,
            "attachments": _attachments(entry),
            "_feedsvc": {"about": _RIGHTS, "rights": entry.rights} if entry.rights else {},
        }
    )


def _authors(names: tuple[str, ...]) -> dict[str, Any]:
    # `authors` is version 1.1's; readers of 1.0 look for `author` (R51).
    people = [{"name": name} for name in names]
    return {"authors": people, "author": people[0]} if people else {}


def _attachments(entry: Entry) -> list[dict[str, Any]]:
    if entry.enclosure is None:
        return []
    one = entry.enclosure
    size = {"size_in_bytes": one.length} if one.length else {}
    duration = {"duration_in_seconds": one.duration} if one.duration else {}
    return [{"url": one.url, "mime_type": one.type, **size, **duration}]


def _known(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}

"""Surrogate keys: the names under which a cache forgets all that shows one thing, at once.

CDNs read them from a header of each answer: Fastly and Varnish (xkey) from Surrogate-Key,
Cloudflare and Akamai from Cache-Tag.
"""

from __future__ import annotations

import re
from urllib.parse import quote

# On everything; and on everything of one kind.
SITE = "feedsvc"
FEEDS, PAGES, ARTICLES, MEDIA, LISTS = "feeds", "pages", "articles", "media", "lists"

# A key stands between spaces in one header and between commas in the other.
_SAFE = "/+:@!$'()*~"

_FEED = re.compile(r"/feeds/(?P<name>.+?)(?:/archive/\d+)?\.\w+")
_ARTICLE = re.compile(r"/articles/(?P<uid>[0-9a-f]{16})(?:-.*)?")

Headers = list[tuple[str, str]]


def feed_key(name: str) -> str:
    """Return the key of all that shows a feed: each format, its archives, its section's page."""
    return f"feed:{quote(name, safe=_SAFE)}"


def article_key(uid: str) -> str:
    """Return the key of an article's page, whatever its headline was in the address."""
    return f"article:{uid}"


def media_key(path: str) -> str:
    """Return the key of a media file, ``path`` being below the content folder."""
    return f"media:{quote(path, safe=_SAFE)}"


def keys_of(path: str) -> tuple[str, ...]:
    """Return the keys of what is published at ``path``, the last one naming it most closely."""
    if path == "/":
        return SITE, PAGES, feed_key("all")
    if match := _ARTICLE.fullmatch(path):
        return SITE, ARTICLES, article_key(match["uid"])
    if match := _FEED.fullmatch(path):
        return SITE, FEEDS, feed_key(match["name"])
    if path.startswith("/sections/"):
        return SITE, PAGES, feed_key(path.removeprefix("/sections/"))
    if path.startswith("/media/"):
        return SITE, MEDIA, media_key(path.removeprefix("/media/"))
    return SITE, LISTS


def write_key_headers(path: str) -> Headers:
    """Return the headers that tell a cache the keys of what is published at ``path``."""
    keys = keys_of(path)
    return [("Surrogate-Key", " ".join(keys)), ("Cache-Tag", ",".join(keys))]

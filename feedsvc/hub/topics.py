"""Which URLs are topics of ours: each feed in each format, and the front page."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from feedsvc.config import Config
from feedsvc.labels import feed_path
from feedsvc.publication import is_cut, read_cut
from feedsvc.render import FORMATS
from feedsvc.store import WHOLE_SITE

HOME = "/"
_SUFFIXES = frozenset(form.suffix for form in FORMATS.values())

# What RFC 3986 calls unreserved: whether these are written plainly or as %7E makes no difference.
_UNRESERVED = re.compile(
    r"%(2D|2E|5F|7E|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])", re.IGNORECASE
)
_ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)


def find_path(topic: str, config: Config) -> str:
    """Return the path, as it is published, of the feed or page whose URL ``topic`` is.

    Empty if it is none of ours. Only the percent-encoding of unreserved characters may differ from
    the URL that the document itself names (H10).
    """
    start = config.site.base_url + "/"
    plain = _decode_unreserved(topic)
    if not plain.startswith(_decode_unreserved(start)):
        return ""
    path = "/" + plain.removeprefix(_decode_unreserved(start))
    if path == HOME:
        return HOME
    stem, dot, suffix = path.rpartition(".")
    name = unquote(stem.removeprefix("/feeds/"))
    if not stem.startswith("/feeds/") or suffix not in _SUFFIXES or not _is_feed(name, config):
        return ""
    if _decode_unreserved(feed_path(name) if is_cut(name) else f"/feeds/{quote(name)}") != stem:
        return ""
    return f"/feeds/{name}{dot}{suffix}"


def name_of(path: str) -> str:
    """Return the name of the feed that is published at ``path``; empty for the front page."""
    return path.removeprefix("/feeds/").rpartition(".")[0] if path != HOME else ""


def _is_feed(name: str, config: Config) -> bool:
    if name == WHOLE_SITE or name in config.sections:
        return True
    cut = read_cut(name, config) if is_cut(name) else None
    return cut is not None and cut.name == name


def _decode_unreserved(url: str) -> str:
    plain = _UNRESERVED.sub(lambda found: unquote(found[0]), url)
    return _ENCODED.sub(lambda found: found[0].upper(), plain)

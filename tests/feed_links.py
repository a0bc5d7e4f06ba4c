"""Reading what a feed says of its hubs and of itself."""

from __future__ import annotations

import json
import re

from lxml import etree
from sites import ATOM

_LINK = r'<([^<>]+)>; rel="(hub|self)"'


def read_header(header: str) -> list[tuple[str, str]]:
    """Return relation and address of each link; fails if anything else stands there (R56)."""
    assert re.fullmatch(f"{_LINK}(, {_LINK})*", header), header
    return [(rel, url) for url, rel in re.findall(_LINK, header)]


def read_document(suffix: str, body: bytes) -> list[tuple[str, str]]:
    """Return the hubs that a feed names, and then what it calls itself."""
    if suffix == "json":
        feed = json.loads(body)
        hubs = feed.get("hubs", ())
        assert all(hub["type"] == "WebSub" for hub in hubs)  # W4, P41
        return [*(("hub", hub["url"]) for hub in hubs), ("self", feed["feed_url"])]
    root = etree.fromstring(body)
    head = root if suffix == "atom" else root[0]
    links = [(one.get("rel", ""), one.get("href", "")) for one in head.findall(f"{ATOM}link")]
    return [link for rel in ("hub", "self") for link in links if link[0] == rel]

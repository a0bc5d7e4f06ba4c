"""A picture has one address, wherever it stands (R53, R49, P29)."""

from __future__ import annotations

import json

import pytest
from lxml import etree
from sites import FORMATS, Site, article
from values import find_images, is_web_url

from feedsvc.publication import load_publication

MEDIA = "{http://search.yahoo.com/mrss/}content"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
ATOM_CONTENT = "{http://www.w3.org/2005/Atom}content"

NAMES = [
    "a.jpg",
    "a b.jpg",
    "a%20b.jpg",
    "x&y.jpg",
    "sub/a(b)'c.jpg",
    "../up.jpg",
    "/from/the/root.jpg?w=1&h=2",
    "https://cdn.example/a.jpg?w=1&h=2",
    "ö.jpg",
    "日本/橋.jpg",
    "a[1].jpg",
]


def read_pictures(suffix: str, document: bytes) -> tuple[str, list[str]]:
    """Return the address of the picture beside the text, and those within it."""
    if suffix == "json":
        (item,) = json.loads(document)["items"]
        return item["image"], find_images(item["content_html"])
    root = etree.fromstring(document)
    media = next(root.iter(MEDIA))
    body = next(root.iter(ENCODED, ATOM_CONTENT))
    return media.get("url", ""), find_images(body.text or "")


@pytest.mark.parametrize("name", NAMES)
def test_R53_picture_of_body_and_element_is_one(site: Site, name: str) -> None:
    """Readers that show both take two addresses for two pictures, and show it twice."""
    text = article("Pictured", f"Look: ![this](<{name}>)", date="2026-01-02", image=f'"{name}"')
    site.write("sports/a.md", text)
    site.scan()
    with site.service() as service:
        paths = load_publication(service.store).representations
    for suffix in FORMATS:
        beside, within = read_pictures(suffix, paths[f"/feeds/sports.{suffix}"].bodies["identity"])
        assert is_web_url(beside)
        assert within == [beside], suffix

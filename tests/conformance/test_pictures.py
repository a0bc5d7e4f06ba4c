"""A picture has one address, wherever it stands (R53, R49, P29)."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from lxml import etree
from media_files import draw_picture
from sites import FORMATS, Site, article
from values import find_images, is_web_url

from feedsvc.publication import load_publication

MEDIA = "{http://search.yahoo.com/mrss/}content"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
ATOM_CONTENT = "{http://www.w3.org/2005/Atom}content"

# How an article in sports/ writes a picture, and where its file lies, if it is one of ours.
NAMES = {
    "a.jpg": "sports/a.jpg",
    "a b.jpg": "sports/a b.jpg",
    "a%20b.jpg": "sports/a b.jpg",
    "a%2520b.jpg": "sports/a%20b.jpg",
    "x&y.jpg": "sports/x&y.jpg",
    "sub/a(b)'c.jpg": "sports/sub/a(b)'c.jpg",
    "sub/a%28b%29%27c.jpg": "sports/sub/a(b)'c.jpg",
    "./a.jpg?w=1#top": "sports/a.jpg",
    "../up.jpg": "up.jpg",
    "/media/sports/a.jpg": "sports/a.jpg",
    "/from/the/root.jpg?w=1&h=2": "",
    "https://cdn.example/a.jpg?w=1&h=2": "",
    "ö.jpg": "sports/ö.jpg",
    "日本/橋.jpg": "sports/日本/橋.jpg",
    "a[1].jpg": "sports/a[1].jpg",
    "my photo #1 100%.jpg": "sports/my photo #1 100%.jpg",
    "why not?.jpg": "sports/why not?.jpg",
    "🎻 «solo».jpg": "sports/🎻 «solo».jpg",
}


def read_pictures(suffix: str, document: bytes) -> tuple[str, list[str]]:
    """Return the address of the picture beside the text, and those within it."""
    if suffix == "json":
        (item,) = json.loads(document)["items"]
        return item["image"], find_images(item["content_html"])
    root = etree.fromstring(document)
    media = next(root.iter(MEDIA))
    body = next(root.iter(ENCODED, ATOM_CONTENT))
    return media.get("url", ""), find_images(body.text or "")


@pytest.mark.parametrize(("name", "file"), NAMES.items(), ids=NAMES)
def test_R53_picture_of_body_and_element_is_one(site: Site, name: str, file: str) -> None:
    """Readers that show both take two addresses for two pictures, and show it twice."""
    if file:
        site.write(file, draw_picture(640, 480))
    text = article("Pictured", f"Look: ![this](<{name}>)", date="2026-01-02", image=f'"{name}"')
    site.write("sports/a.md", text)
    site.scan()
    with site.service() as service:
        paths = load_publication(service.store).representations
    for suffix in FORMATS:
        beside, within = read_pictures(suffix, paths[f"/feeds/sports.{suffix}"].bodies["identity"])
        assert is_web_url(beside)
        if file:
            path = beside.removeprefix("http://gazette.test/media/")
            assert (unquote(path), path.count("?")) == (file, 0)
        assert within == [beside], suffix

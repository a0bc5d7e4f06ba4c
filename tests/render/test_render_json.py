"""JSON Feed 1.1, and OPML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import listparser
import pytest
from lxml import etree
from render_samples import PICTURE, START, make_entry, make_feed, make_full_feed

from feedsvc.model import Feed
from feedsvc.render import FORMATS, render_opml

SCHEMA = json.loads(Path(__file__).with_name("json_feed.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def read(feed: Feed) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(FORMATS["json"].render(feed))
    return value


@pytest.mark.parametrize(
    "feed",
    [
        make_full_feed(),
        make_feed(),
        make_feed(make_entry()),
        make_feed(description="", author="", icon="", logo="", language="?", copyright=""),
    ],
)
def test_p35_p36_p38_p42_r36_it_follows_the_schema(feed: Feed) -> None:
    VALIDATOR.validate(read(feed))


def test_the_schema_can_fail() -> None:
    document = read(make_feed(make_entry()))
    document["items"][0]["content_text"] = "x"
    assert not VALIDATOR.is_valid(document)


def test_p40_r55_r58_the_head() -> None:
    document = read(make_full_feed())
    del document["items"]
    assert document == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Paper: City",
        "home_page_url": "https://paper.example/city/",
        "feed_url": "https://paper.example/feeds/city.json",
        "description": "What happens in the city",
        "icon": "https://paper.example/logo.png",
        "favicon": "https://paper.example/icon.png",
        "authors": [{"name": "The Paper"}],
        "author": {"name": "The Paper"},
        "language": "en",
    }


def test_p37_p39_p42_r48_r51_an_item() -> None:
    entry = make_entry()
    assert read(make_feed(entry))["items"] == [
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            "content_html": entry.content,
            "summary": entry.summary,
            "image": PICTURE,
            "date_published": "2025-03-04T05:06:07+00:00",
            "date_modified": "2025-03-04T05:36:07+00:00",
            "authors": [{"name": "Ann Lee"}, {"name": "Bo Ek"}],
            "author": {"name": "Ann Lee"},
            "tags": ["City", "Bridges"],
            "attachments": [
                {
                    "url": "https://paper.example/m/debate.mp3",
                    "mime_type": "audio/mpeg",
                    "size_in_bytes": 123456,
                }
            ],
        }
    ]


def test_p38_an_item_without_content_has_its_summary_as_html() -> None:
    (item,) = read(make_feed(make_entry(content="", summary="a < b & c")))["items"]
    assert item["content_html"] == "<p>a &lt; b &amp; c</p>"
    assert item["summary"] == "a < b & c"


def test_r36_an_unknown_size_is_left_out() -> None:
    (attachment,) = read(make_full_feed())["items"][1]["attachments"]
    assert "size_in_bytes" not in attachment


def test_r32_r30_utf8_without_a_bom() -> None:
    document = FORMATS["json"].render(make_full_feed())
    assert document.startswith(b'{"version":')
    assert "橋が広がる 🌉".encode() in document


def test_r59_p46_r30_the_table_of_formats() -> None:
    rows = [
        (suffix, one.suffix, one.name, one.content_type, one.link_type)
        for suffix, one in FORMATS.items()
    ]
    rss, atom, feed = "application/rss+xml", "application/atom+xml", "application/feed+json"
    assert rows == [
        ("xml", "xml", "RSS", f"{rss}; charset=utf-8", rss),
        ("atom", "atom", "Atom", f"{atom}; charset=utf-8", atom),
        ("json", "json", "JSON Feed", feed, feed),
    ]


def test_opml_lists_the_feeds_in_order() -> None:
    feeds = [
        make_feed(title="R&D <3", description="All\nof it"),
        make_feed(title="", name="b", base="https://x.example/b", language="?", description=""),
    ]
    document = render_opml("The Paper\x00", feeds, START)
    root = etree.fromstring(document)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "The Paper"
    assert root.findtext("head/dateModified") == "Tue, 04 Mar 2025 05:06:07 +0000"
    assert [dict(outline.attrib) for outline in root.findall("body/outline")] == [
        {
            "type": "rss",
            "text": "R&D ＜3",
            "title": "R&D ＜3",
            "xmlUrl": "https://paper.example/feeds/city.xml",
            "htmlUrl": "https://paper.example/city/",
            "description": "All of it",
            "language": "en",
        },
        {
            "type": "rss",
            "text": "b",
            "title": "b",
            "xmlUrl": "https://x.example/b.xml",
            "htmlUrl": "https://paper.example/city/",
        },
    ]


def test_a_reader_takes_the_opml() -> None:
    feeds = [make_feed(), make_feed(title="Two", base="https://paper.example/feeds/two")]
    result = listparser.parse(render_opml("The Paper", feeds, START))
    assert not result.bozo
    assert [(one.title, one.url) for one in result.feeds] == [
        ("The Paper: City", "https://paper.example/feeds/city.xml"),
        ("Two", "https://paper.example/feeds/two.xml"),
    ]

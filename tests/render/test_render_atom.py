"""Atom 1.0."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import feedparser
import pytest
from lxml import etree
from render_samples import AUTHORITY, PICTURE, make_entry, make_feed, make_full_feed

from feedsvc.model import Feed
from feedsvc.render import FORMATS

A = "{http://www.w3.org/2005/Atom}"
M = "{http://search.yahoo.com/mrss/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render(feed: Feed) -> bytes:
    return FORMATS["atom"].render(feed)


def read(feed: Feed) -> etree._Element:
    return etree.fromstring(render(feed))


@pytest.fixture
def root() -> etree._Element:
    return read(make_full_feed())


def test_p1_r32_an_atom_document_in_utf8() -> None:
    document = render(make_full_feed())
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<feed ")
    assert b"<!DOCTYPE" not in document
    assert read(make_full_feed()).tag == f"{A}feed"


@pytest.mark.parametrize("name", ["id", "title", "updated"])
def test_p2_p3_exactly_one(root: etree._Element, name: str) -> None:
    for element in [root, *root.iter(f"{A}entry")]:
        (only,) = element.findall(f"{A}{name}")
        assert only.text


@pytest.mark.parametrize("name", ["generator", "icon", "logo", "subtitle", "rights"])
def test_p15_r58_at_most_one_each_on_the_feed(root: etree._Element, name: str) -> None:
    (only,) = root.findall(f"{A}{name}")
    assert only.text


@pytest.mark.parametrize("name", ["summary", "content", "published"])
def test_p15_at_most_one_each_on_an_entry(root: etree._Element, name: str) -> None:
    for entry in root.iter(f"{A}entry"):
        assert len(entry.findall(f"{A}{name}")) <= 1


def test_p4_the_feed_has_an_author_even_if_nobody_is_named(root: etree._Element) -> None:
    assert root.findtext(f"{A}author/{A}name") == "The Paper"
    assert read(make_feed(author="")).findtext(f"{A}author/{A}name") == "The Paper: City"


def test_p5_p6_p7_r54_alternate_first_then_self(root: etree._Element) -> None:
    assert [dict(link.attrib) for link in root.findall(f"{A}link")] == [
        {"href": "https://paper.example/city/", "rel": "alternate", "type": "text/html"},
        {
            "href": "https://paper.example/feeds/city.atom",
            "rel": "self",
            "type": "application/atom+xml",
        },
    ]
    for element, entry in zip(root.iter(f"{A}entry"), make_full_feed().entries, strict=True):
        first = element.find(f"{A}link")
        assert first is not None
        assert dict(first.attrib) == {"href": entry.link, "rel": "alternate", "type": "text/html"}


def test_p8_r38_f14_ids_are_tags_and_stay_when_the_site_moves(root: etree._Element) -> None:
    ids = [element.text or "" for element in root.iter(f"{A}id")]
    assert ids[0] == f"{AUTHORITY}:feed:city"
    assert all(one.startswith("tag:") for one in ids)
    feed = make_full_feed()
    moved = replace(feed, base="https://new.example/f/city", home="https://new.example/")
    assert [element.text for element in read(moved).iter(f"{A}id")] == ids


def test_p9_r45_dates(root: etree._Element) -> None:
    dates = [one.text or "" for one in root.iter(f"{A}updated", f"{A}published")]
    assert len(dates) == 1 + 2 * 4
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", one) for one in dates)
    assert root.findtext(f"{A}updated") == "2025-03-05T05:06:07+00:00"
    entry = root.find(f"{A}entry")
    assert entry is not None
    assert entry.findtext(f"{A}published") == "2025-03-04T10:06:07+00:00"
    assert entry.findtext(f"{A}updated") == "2025-03-04T10:36:07+00:00"


def test_another_zone_and_parts_of_a_second_do_not_show() -> None:
    there = datetime(2025, 3, 4, 7, 6, 7, 891011, tzinfo=timezone(timedelta(hours=2)))
    here = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
    for one in FORMATS.values():
        documents = {
            one.render(make_feed(make_entry(published=at, updated=at), updated=at))
            for at in (there, here)
        }
        assert len(documents) == 1


def test_p11_r48_summary_is_text_and_content_escaped_html(root: etree._Element) -> None:
    for element in root.iter(f"{A}content", f"{A}summary"):
        assert len(element) == 0
        assert element.get("type") == ("html" if element.tag == f"{A}content" else "text")


def test_f4_content_comes_back_exactly() -> None:
    html = "<p>a ]]> b &amp;amp; c</p><![CDATA[x]]>"
    document = render(make_feed(make_entry(content=html)))
    assert b"<![CDATA[" not in document
    (entry,) = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False).entries
    assert entry.content[0].value == html


def test_p16_r52_categories(root: etree._Element) -> None:
    entry = root.findall(f"{A}entry")[1]
    assert [one.get("term") for one in entry.findall(f"{A}category")] == ["Ville", "Paris France"]


def test_p18_enclosure_has_its_length_if_known() -> None:
    entries = read(make_feed(make_entry(1), make_full_feed().entries[1])).findall(f"{A}entry")
    assert [dict(entry.findall(f"{A}link")[1].attrib) for entry in entries] == [
        {
            "href": "https://paper.example/m/debate.mp3",
            "rel": "enclosure",
            "type": "audio/mpeg",
            "length": "123456",
        },
        {
            "href": "https://paper.example/m/vote.mp3",
            "rel": "enclosure",
            "type": "application/octet-stream",
        },
    ]


def test_r53_picture() -> None:
    (entry,) = read(make_feed(make_entry())).findall(f"{A}entry")
    found = [entry.find(f"{M}content"), entry.find(f"{M}thumbnail")]
    assert [one is not None and one.get("url") for one in found] == [PICTURE, PICTURE]


def test_r34_media_is_declared_only_when_used() -> None:
    assert b'xmlns:media="http://search.yahoo.com/mrss/"' in render(make_feed(make_entry()))
    assert b"media" not in render(make_feed(make_entry(image=None)))
    assert b"xmlns:dc" not in render(make_full_feed())


def test_the_language_stands_on_the_feed_and_where_an_entry_differs(root: etree._Element) -> None:
    assert root.get(LANG) == "en"
    assert [entry.get(LANG) for entry in root.iter(f"{A}entry")] == [None, "fr", None, None]
    assert read(make_feed(language="")).get(LANG) is None


def test_r35_an_empty_section_is_a_valid_titled_feed() -> None:
    feed = make_feed(description="", author="", copyright="", logo="", icon="", language="")
    parsed = feedparser.parse(render(feed))
    assert not parsed.bozo and parsed.version == "atom10"
    assert parsed.feed.title == "The Paper: City" and parsed.entries == []


def test_feedparser_reads_it_all() -> None:
    parsed = feedparser.parse(render(make_feed(make_entry())))
    assert not parsed.bozo and parsed.version == "atom10"
    (entry,) = parsed.entries
    assert entry.id == make_entry().id and entry.link == make_entry().link
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == make_entry().published
    assert datetime(*entry.updated_parsed[:6], tzinfo=UTC) == make_entry().updated
    assert [author.name for author in entry.authors] == ["Ann Lee", "Bo Ek"]
    assert entry.enclosures[0].length == "123456"
    assert entry.summary == make_entry().summary

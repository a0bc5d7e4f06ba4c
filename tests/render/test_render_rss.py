"""RSS 2.0."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from lxml import etree, html
from render_samples import PICTURE, make_entry, make_feed, make_full_feed

from feedsvc.model import Feed
from feedsvc.render import FORMATS

NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


def render(feed: Feed) -> bytes:
    return FORMATS["xml"].render(feed)


def read(feed: Feed) -> etree._Element:
    channel = etree.fromstring(render(feed)).find("channel")
    assert channel is not None
    return channel


@pytest.fixture
def channel() -> etree._Element:
    return read(make_full_feed())


def test_r32_utf8_with_a_declaration_no_bom_no_doctype() -> None:
    document = render(make_full_feed())
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss ")
    assert b"<!DOCTYPE" not in document
    assert "橋が広がる 🌉".encode() in document


def test_p19_p20_version_and_required_elements(channel: etree._Element) -> None:
    root = channel.getparent()
    assert root is not None and root.tag == "rss" and root.get("version") == "2.0"
    assert len(root) == 1
    assert channel.findtext("title") == "The Paper: City"
    assert channel.findtext("link") == "https://paper.example/city/"
    assert channel.findtext("description") == "What happens in the city"


def test_r34_literal_prefixes() -> None:
    document = render(make_full_feed()).decode()
    root = document[: document.index("<channel>")]
    assert dict(re.findall(r'xmlns:(\w+)="([^"]+)"', root)) == NAMES
    assert "xmlns" not in document[len(root) :]
    assert "<dc:creator>" in document and "<media:content " in document


def test_r34_only_namespaces_in_use_are_declared() -> None:
    entry = make_entry(authors=(), image=None)
    assert b"xmlns:dc" not in render(make_feed(entry))
    assert b"xmlns:media" not in render(make_feed(entry))
    assert b"xmlns:dc" in render(make_feed(replace(entry, language="fr")))


def test_p32_items_stand_last(channel: etree._Element) -> None:
    tags = [child.tag for child in channel]
    first = tags.index("item")
    assert set(tags[first:]) == {"item"}


def test_p27_r55_self_is_the_feeds_own_url(channel: etree._Element) -> None:
    (link,) = channel.findall("atom:link", NAMES)
    assert dict(link.attrib) == {
        "href": "https://paper.example/feeds/city.xml",
        "rel": "self",
        "type": "application/rss+xml",
    }


def test_r46_f12_last_build_date_is_the_feeds_updated(channel: etree._Element) -> None:
    assert channel.findtext("lastBuildDate") == "Wed, 05 Mar 2025 05:06:07 +0000"


def test_r57_p34_ttl_is_minutes(channel: etree._Element) -> None:
    assert channel.findtext("ttl") == "30"


def test_p33_r58_image_agrees_with_the_channel(channel: etree._Element) -> None:
    image = channel.find("image")
    assert image is not None
    assert image.findtext("url") == "https://paper.example/logo.png"
    assert image.findtext("title") == channel.findtext("title")
    assert image.findtext("link") == channel.findtext("link")
    assert read(make_feed(logo="")).find("image") is None


def test_language_and_copyright(channel: etree._Element) -> None:
    assert channel.findtext("language") == "en"
    assert channel.findtext("copyright") == "© 2025 The Paper"
    assert read(make_feed(language="not a tag")).find("language") is None


def test_r39_p23_p24_guid_is_the_id_and_the_link_stands_beside(channel: etree._Element) -> None:
    feed = make_full_feed()
    for item, entry in zip(channel.findall("item"), feed.entries, strict=True):
        guid = item.find("guid")
        assert guid is not None and guid.text == entry.id and guid.get("isPermaLink") == "false"
        assert item.findtext("link") == entry.link


def test_p22_r44_f10_dates_are_rfc822_with_zone_and_right_weekday(channel: etree._Element) -> None:
    form = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000"
    for item, entry in zip(channel.findall("item"), make_full_feed().entries, strict=True):
        (date,) = item.findall("pubDate")
        assert re.fullmatch(form, date.text or "")
        moment = parsedate_to_datetime(date.text or "")
        assert moment == entry.published
        assert (date.text or "").startswith(moment.strftime("%a"))


def test_p28_r47_description_stands_before_content(channel: etree._Element) -> None:
    for item in channel.findall("item"):
        tags = [child.tag for child in item]
        content = f"{{{NAMES['content']}}}encoded"
        if content in tags:
            assert tags.index("description") < tags.index(content)
            assert tags.count("description") == 1


def test_f4_p11_content_is_escaped_not_cdata_and_comes_back_exactly() -> None:
    html = "<p>a ]]> b &amp;amp; c</p><![CDATA[x]]>"
    document = render(make_feed(make_entry(content=html)))
    assert b"<![CDATA[" not in document
    (entry,) = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False).entries
    assert entry.content[0].value == html
    assert entry.content[0].type == "text/html"


def test_p30_text_is_escaped_once() -> None:
    document = render(make_feed(make_entry(summary="M & S: 3 > 2", title="R&D")))
    assert b"<description>M &amp; S: 3 &gt; 2</description>" in document
    assert b"<title>R&amp;D</title>" in document


@pytest.mark.parametrize("summary", ["R&D pays", "1 < 2", "a < b & c&d"])
def test_a_description_is_html_where_text_would_not_be(summary: str) -> None:
    """Readers and validators take it for HTML: an odd ``&`` or ``<`` must be one there as well."""
    (item,) = feedparser.parse(render(make_feed(make_entry(summary=summary)))).entries
    assert html.fromstring(item.description).text_content() == summary
    assert item.summary_detail.type == "text/html"


def test_r51_authors_are_dc_creators_and_there_is_no_author(channel: etree._Element) -> None:
    assert not list(channel.iter("author", "managingEditor", "webMaster"))
    item = channel.find("item")
    assert item is not None
    assert [one.text for one in item.findall("dc:creator", NAMES)] == ["Ann Lee", "Bo Ek"]


def test_r52_one_category_an_element_without_commas(channel: etree._Element) -> None:
    item = channel.findall("item")[1]
    assert [one.text for one in item.findall("category")] == ["Ville", "Paris France"]


def test_p25_p26_enclosure_has_url_length_and_type() -> None:
    items = read(make_feed(make_entry(1), make_full_feed().entries[1])).findall("item")
    enclosures = [item.findall("enclosure") for item in items]
    assert [[dict(one.attrib) for one in found] for found in enclosures] == [
        [{"url": "https://paper.example/m/debate.mp3", "length": "123456", "type": "audio/mpeg"}],
        [
            {
                "url": "https://paper.example/m/vote.mp3",
                "length": "0",
                "type": "application/octet-stream",
            }
        ],
    ]


def test_r53_the_pictures_url_is_the_one_in_the_body() -> None:
    (item,) = read(make_feed(make_entry())).findall("item")
    content, thumbnail = item.find("media:content", NAMES), item.find("media:thumbnail", NAMES)
    assert content is not None and thumbnail is not None
    assert content.get("url") == thumbnail.get("url") == PICTURE
    body = item.findtext("content:encoded", namespaces=NAMES) or ""
    assert PICTURE in body.replace("&amp;", "&")
    assert (content.get("medium"), content.get("width"), content.get("height")) == (
        "image",
        "1200",
        "800",
    )


def test_an_unknown_size_of_a_picture_is_left_out(channel: etree._Element) -> None:
    content = channel.findall("item")[3].find("media:content", NAMES)
    assert content is not None and set(content.attrib) == {"url", "medium"}


def test_the_language_of_an_entry_stands_where_it_differs(channel: etree._Element) -> None:
    found = [item.findtext("dc:language", namespaces=NAMES) for item in channel.findall("item")]
    assert found == [None, "fr", None, None]
    (item,) = read(make_feed(make_entry(language="EN"))).findall("item")
    assert item.find("dc:language", NAMES) is None


def test_p21_an_entry_without_a_title_is_called_by_its_first_words_or_its_link() -> None:
    words = "word " * 40
    items = read(
        make_feed(
            make_entry(1, title="", summary=words), make_entry(0, title=" ", summary="", content="")
        )
    ).findall("item")
    first, second = (item.findtext("title") or "" for item in items)
    assert first.endswith("word…") and len(first) <= 80
    assert second == make_entry(0).link


def test_r35_an_empty_section_is_a_valid_titled_feed() -> None:
    document = render(make_feed(description="", author="", copyright="", logo="", language=""))
    parsed = feedparser.parse(document)
    assert not parsed.bozo and parsed.version == "rss20"
    assert parsed.feed.title == "The Paper: City" and parsed.entries == []
    assert read(make_feed(description="")).findtext("description") == "The Paper: City"
    assert read(make_feed(title="")).findtext("title") == "city"


def test_a_correction_stands_in_the_content(channel: etree._Element) -> None:
    body = channel.findall("item")[1].findtext("content:encoded", namespaces=NAMES) or ""
    assert body.startswith("<p><strong>Correction:</strong> Le vote fut de 7 à 2")


def test_feedparser_reads_it_all() -> None:
    parsed = feedparser.parse(render(make_feed(make_entry())))
    assert not parsed.bozo and parsed.version == "rss20"
    (entry,) = parsed.entries
    assert entry.id == make_entry().id and not entry.guidislink
    assert entry.link == make_entry().link
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == make_entry().published
    assert [author.name for author in entry.authors] == ["Ann Lee", "Bo Ek"]
    assert [tag.term for tag in entry.tags] == ["City", "Bridges"]
    assert entry.media_thumbnail[0]["url"] == PICTURE
    assert entry.enclosures[0].href == "https://paper.example/m/debate.mp3"
    assert entry.summary == make_entry().summary

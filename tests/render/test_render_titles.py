"""Plain text: the rule for titles and the characters that XML forbids."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from render_samples import make_entry, make_feed

from feedsvc.render import FORMATS, plain_title, strip_forbidden
from feedsvc.render.text import plain_category, plain_language

TITLES = json.loads(Path(__file__).with_name("titles.json").read_text(encoding="utf-8"))
PIECES = [
    *("<", "&", "<b>", "</b>", "&amp;", "&lt;", "&#60;", "&#", "]]>", "<![CDATA[", "\x00", "\r"),
    *("\ud83d", "\ude00", "\ufffe", "\n", " ", "copy", ";", ",", "\\", '"', "%", "\u2028"),
]
NASTY = st.lists(st.text(st.characters(), max_size=8) | st.sampled_from(PIECES), max_size=8).map(
    "".join
)
FIELDS = ("title", "summary", "content", "name", "tag", "url")


def as_feedparser_shows(text: str) -> str:
    """Undo nothing, but repeat what feedparser does to any text: it mends supposed mojibake."""
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(feedparser.mixin._cp1252)


def read_titles(suffix: str, document: bytes) -> list[str]:
    """Return the titles of a feed and its entries as a reader gets them."""
    if suffix == "json":
        value = json.loads(document)
        return [value["title"], *(item["title"] for item in value["items"])]
    parsed = feedparser.parse(document)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [parsed.feed.title, *(entry.title for entry in parsed.entries)]


@pytest.mark.parametrize(("text", "plain"), TITLES, ids=range(len(TITLES)))
def test_title_rule(text: str, plain: str) -> None:
    assert plain_title(text) == plain


@pytest.mark.parametrize("suffix", FORMATS)
def test_f6_titles_survive_a_reader_unchanged(suffix: str) -> None:
    entries = [make_entry(number, title=text) for number, (text, _) in enumerate(TITLES)]
    document = FORMATS[suffix].render(make_feed(*entries, title=TITLES[1][0]))
    assert read_titles(suffix, document) == [TITLES[1][1], *(plain for _, plain in TITLES)]


@given(NASTY)
def test_f1_f3_r33_only_characters_that_xml_allows_are_left(text: str) -> None:
    stripped = strip_forbidden(text)
    element = etree.Element("x")
    element.text = stripped  # lxml refuses what XML forbids
    assert strip_forbidden(stripped) is stripped
    assert etree.fromstring(etree.tostring(element)).text == (stripped or None)


def test_f3_surrogates() -> None:
    assert strip_forbidden("\ud83d\ude00 \ud83d \ude00") == "😀 \ufffd \ufffd"


def test_strip_forbidden_returns_the_same_object_when_there_is_nothing_to_do() -> None:
    text = "Déjà vu\n\t\r 橋 😀"
    assert strip_forbidden(text) is text


@given(NASTY)
def test_a_plain_title_is_plain(text: str) -> None:
    title = plain_title(text)
    assert plain_title(title) == title
    assert title == title.strip()
    assert not set(title) & set("\n\r\t")
    assert not feedparser.mixin._FeedParserMixin.looks_like_html(title)


@pytest.mark.parametrize(
    "text", ["<" * 400_000, "&a" * 400_000, " " * 400_000 + "x", "&#" * 400_000]
)
def test_a_hostile_title_takes_linear_time(text: str) -> None:
    assert len(plain_title(text)) <= len(text)


def test_r52_a_category_has_no_comma() -> None:
    assert plain_category("Washington, D.C.") == "Washington D.C."


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-Hant-TW", "de-1996", "gsw"])
def test_a_language_tag_is_kept(tag: str) -> None:
    assert plain_language(tag) == tag


@pytest.mark.parametrize(
    "tag", ["", "english please", "e", "en_US", "en\n", "<b>", "en-toolongsubtag"]
)
def test_what_is_no_language_tag_is_dropped(tag: str) -> None:
    assert plain_language(tag) == ""


@settings(max_examples=80, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, NASTY)))
def test_any_text_in_any_field_comes_back_the_same(texts: dict[str, str]) -> None:
    """F1, F2, F4, F5, F6, F29, P11, P30: well-formed, escaped once, and nothing lost."""
    name, tag, url = texts["name"], texts["tag"], texts["url"]
    entry = make_entry(
        title=texts["title"],
        summary=texts["summary"],
        content=texts["content"],
        authors=(name,),
        categories=(tag,),
        link="https://paper.example/" + url,
        correction="",
        language=tag,
    )
    feed = make_feed(
        entry,
        title=texts["title"],
        description=texts["summary"],
        author=name,
        copyright=name,
        language=tag,
        home="https://paper.example/" + url,
        icon=url,
        logo=url,
    )
    expected = {
        "title": plain_title(texts["title"]),
        "summary": plain_title(texts["summary"]),
        "content": strip_forbidden(texts["content"]),
        "name": plain_title(name),
        "tag": plain_category(tag),
    }
    for suffix, one in FORMATS.items():
        document = one.render(feed)
        assert document == one.render(feed)
        read = read_json(document) if suffix == "json" else read_xml(document)
        compare(read, expected)
        if suffix != "json" and expected["title"]:
            assert read_titles(suffix, document)[1] == as_feedparser_shows(expected["title"])


def compare(read: dict[str, Any], expected: dict[str, str]) -> None:
    """Hold what was read against what was written; what is empty is filled from elsewhere."""
    for key, text in expected.items():
        if text and (key != "summary" or expected["summary"]):
            assert read[key] == text, key


def read_json(document: bytes) -> dict[str, Any]:
    """Return the fields of the first item."""
    (item,) = json.loads(document)["items"]
    return {
        "title": item["title"],
        "summary": item.get("summary"),
        "content": item["content_html"],
        "name": item.get("author", {}).get("name"),
        "tag": item.get("tags", [None])[0],
    }


def read_xml(document: bytes) -> dict[str, Any]:
    """Return the fields of the first item or entry."""
    root = etree.fromstring(document)
    names = {
        "a": "http://www.w3.org/2005/Atom",
        "c": "http://purl.org/rss/1.0/modules/content/",
        "d": "http://purl.org/dc/elements/1.1/",
    }
    paths = {
        "title": "item/title | a:entry/a:title",
        "summary": "item/description | a:entry/a:summary",
        # feedgen writes the content as the description where nothing makes a summary.
        "content": "item/c:encoded | item[not(c:encoded)]/description | a:entry/a:content",
        "name": "item/d:creator | a:entry/a:author/a:name",
        "tag": "item/category | a:entry/a:category/@term",
    }
    place = root.find("channel") if root.tag == "rss" else root
    assert place is not None
    read: dict[str, Any] = {}
    for key, path in paths.items():
        found: Any = place.xpath(path, namespaces=names)
        read[key] = getattr(found[0], "text", found[0]) if found else None
    if root.tag == "rss" and re.match(r"<p>.*(<|&(?=\S))", read["summary"] or ""):
        # A description is HTML: what is not the same as text and as HTML is written as HTML.
        read["summary"] = unescape(read["summary"].removeprefix("<p>").removesuffix("</p>"))
    return read

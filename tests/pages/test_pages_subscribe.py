"""How to subscribe: the address to copy, the readers that open it, and what is said of a feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from page_samples import BASE, FEEDS, PAGES, SITE, make_feed, parse, text_of

from feedsvc.render.pages import SCRIPT, render_feed_list, render_home, render_section

with_feed = pytest.mark.parametrize(("make", "name"), [
    (PAGES["home"], "all"),
    (PAGES["home without sections"], "all"),
    (PAGES["section"], "politics"),
    (PAGES["empty section"], "sport"),
])  # fmt: skip


@with_feed
def test_address_stands_in_a_field_with_a_label(make: Callable[[], bytes], name: str) -> None:
    page = parse(make())
    (field,) = page.xpath("//aside[@id='subscribe']//input")
    assert field.get("value") == f"{BASE}/feeds/{name}.xml"
    assert "readonly" in field.attrib and "disabled" not in field.attrib
    assert text_of(page.xpath(f"//label[@for='{field.get('id')}']")[0]) == "Feed address"


@with_feed
def test_button_is_there_for_scripts_alone(make: Callable[[], bytes], name: str) -> None:
    page = parse(make())
    (part,) = page.xpath("//*[.//button]/ancestor-or-self::p")
    assert "hidden" in part.attrib
    assert [text_of(button) for button in page.xpath("//button")] == ["Copy the feed address"]
    assert len(page.xpath("//script")) == 1
    # What it does is heard as well: an output is a live region.
    assert part.xpath("output/@for") == ["feed-address"]
    script = SCRIPT.decode()
    for words in part.xpath("@*[starts-with(name(), 'data-')]"):
        assert words and f"dataset.{words.attrname.removeprefix('data-')}" in script


@with_feed
def test_readers_open_the_feed_with_one_click(make: Callable[[], bytes], name: str) -> None:
    feed = f"{BASE}/feeds/{name}.xml"
    links = parse(make()).xpath("//ul[@class='readers']/li/a")
    assert {link.get("rel") for link in links} == {"nofollow"}
    found = {text_of(link): urlsplit(link.get("href")) for link in links}
    assert list(found) == [
        "Feedly", "Inoreader", "NewsBlur", "The Old Reader", "Feedbin", "An app on this device",
    ]  # fmt: skip
    assert unquote(found["Feedly"].path) == f"/i/subscription/feed/{feed}"
    assert parse_qs(found["Inoreader"].query) == {"add_feed": [feed]}
    assert parse_qs(found["NewsBlur"].query) == {"url": [feed]}
    assert parse_qs(found["The Old Reader"].query) == {"url": [feed]}
    assert parse_qs(found["Feedbin"].query) == {"subscribe": [feed]}
    app = found["An app on this device"]
    assert (app.scheme, app.netloc + app.path) == ("feed", feed.removeprefix("https://"))
    assert {url.scheme for url in found.values() if url is not app} == {"https"}


def test_feeds_address_cannot_add_to_a_readers() -> None:
    """Every character that means something in a query or in markup is quoted."""
    base = 'https://observer.example/a&b=c"<d> e'
    feed = replace(make_feed("sea", "The sea"), base=base)
    links = parse(render_section(SITE, feed, FEEDS)).xpath("//ul[@class='readers']/li/a/@href")
    assert parse_qs(urlsplit(links[1]).query) == {"add_feed": [f"{base}.xml"]}
    assert not [link for link in links[:-1] if set('"<> ') & set(link)]


@pytest.mark.parametrize("name", ["article", "feeds", "message"])
def test_page_that_needs_no_script_has_none(name: str) -> None:
    scripts = parse(PAGES[name]()).xpath("//script/@type")
    assert scripts == (["application/ld+json"] if name == "article" else [])


def test_description_that_was_made_up_is_not_shown() -> None:
    """A feed must have one (P20); to people it says nothing that the heading does not."""
    title = f"Sea - {SITE.title}"
    feed = make_feed("sea", title, description=f"The newest articles: {title}")
    for page in (
        render_section(SITE, feed, FEEDS),
        render_home(SITE, [FEEDS[0], feed]),
        render_feed_list(SITE, [FEEDS[0], feed]),
    ):
        assert "newest articles:" not in text_of(parse(page).find(".//main"))
    told = replace(feed, description="What the sea brings.")
    assert "What the sea brings." in text_of(parse(render_section(SITE, told, FEEDS)))


def test_section_of_another_language_says_so() -> None:
    feed = make_feed("world", "العالم", language="ar", description="أخبار")
    (card,) = parse(render_home(SITE, [FEEDS[0], feed])).xpath("//ul[@class='cards']/li")
    assert (card.get("lang"), card.get("dir")) == ("ar", "auto")
    (link,) = parse(render_feed_list(SITE, [FEEDS[0], feed])).xpath("//tbody/tr[2]/th/a")
    assert (link.get("lang"), link.get("dir")) == ("ar", "auto")

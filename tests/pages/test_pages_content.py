"""What stands on each page, for people and for machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from page_samples import (
    BASE,
    FEEDS,
    PAGES,
    PICTURE,
    SITE,
    STORY,
    facts_of,
    make_entry,
    parse,
    text_of,
)

from feedsvc.model import Enclosure
from feedsvc.render.pages import HEADLINES_A_SECTION, LATEST_ON_HOME, render_article


def test_home_shows_the_newest_and_each_section() -> None:
    page = parse(PAGES["home"]())
    headlines = [text_of(one) for one in page.xpath("//section[@class='latest']//h3")]
    assert headlines == [entry.title for entry in FEEDS[0].entries[:LATEST_ON_HOME]]
    cards = page.xpath("//ul[@class='cards']/li")
    assert [text_of(card.find("h3")) for card in cards] == ["Politics", "The sea", "Sport"]
    assert [len(card.xpath("ul[@class='headlines']/li")) for card in cards] == [
        HEADLINES_A_SECTION, 2, 0,
    ]  # fmt: skip
    assert cards[0].xpath("ul[@class='formats']/li/a/@href") == [
        f"/news/feeds/politics.{suffix}" for suffix in ("xml", "atom", "json")
    ]
    assert "No articles yet" in text_of(cards[2])


def test_section_lists_its_articles_with_date_and_summary() -> None:
    page = parse(PAGES["section"]())
    items = page.xpath("//ol[@class='archive']/li")
    assert len(items) == len(FEEDS[1].entries)
    assert text_of(items[0]) == "Headline 1 Standfirst 1. 24 November 2026, 13:05"
    assert items[0].xpath(".//time/@datetime") == ["2026-11-24T13:05:00+01:00"]
    assert [text_of(link) for link in page.xpath("//nav//a[@aria-current='page']")] == ["Politics"]
    assert text_of(page.find(".//h1")) == "Politics"  # not "Politics - The Harbour Observer"


def test_empty_section_says_so_kindly() -> None:
    assert "There are no articles in this section yet" in text_of(parse(PAGES["empty section"]()))


def test_article_tells_everything() -> None:
    page = parse(PAGES["article"]())
    article = page.find(".//article")
    assert text_of(article.xpath("header")[0]) == (
        "Headline 1 Standfirst 1. By Jette Hansen, Ole Brandt and Ada Kim "
        "24 November 2026, 13:05 Updated 24 November 2026, 17:05"
    )
    parts = [(one.tag, one.get("class")) for one in article]
    assert parts == [
        ("header", None),
        ("aside", "correction"),
        ("figure", None),
        ("div", "body"),
        ("footer", None),
    ]
    assert text_of(article.xpath("aside/p")[0]) == STORY.correction
    assert text_of(article.xpath("figure")[0]) == "The old pier · A. Nielsen"
    follow = article.xpath(".//ul[@class='tags']/li")
    assert [text_of(one).removesuffix(" (feed)") for one in follow] == [*STORY.authors, "ferries"]
    assert follow[-1].xpath("string(a/@href)").endswith("/feeds/tag/ferries.xml")
    assert page.xpath("//nav[@class='back']//a/@href") == ["/news/sections/politics", "/news/"]


def test_article_facts_for_machines() -> None:
    assert facts_of(PAGES["article"]()) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Headline 1",
        "description": "Standfirst 1.",
        "datePublished": "2026-11-24T13:05:00+01:00",
        "dateModified": "2026-11-24T17:05:00+01:00",
        "author": [
            {"@type": "Person", "name": "Jette Hansen"},
            {"@type": "Person", "name": "Ole Brandt"},
            {"@type": "Person", "name": "Ada Kim"},
        ],
        "publisher": {"@type": "Organization", "name": SITE.title, "url": f"{BASE}/"},
        "image": PICTURE.url,
        "url": STORY.link,
        "mainEntityOfPage": STORY.link,
        "inLanguage": "en",
        "articleSection": ["Politics"],
        "keywords": ["Politics", "ferries"],
        "correction": STORY.correction,
    }
    page = parse(PAGES["article"]())
    shown = {one.get("property"): one.get("content") for one in page.xpath("//meta[@property]")}
    assert shown["og:type"] == "article"
    assert shown["og:image"] == PICTURE.url
    assert shown["article:published_time"] == "2026-11-24T13:05:00+01:00"


def test_unchanged_article_names_one_date() -> None:
    entry = make_entry(updated=make_entry().published + timedelta(seconds=20))
    assert len(parse(render_article(SITE, entry, [])).xpath("//time")) == 1


@pytest.mark.parametrize(
    ("summary", "standfirst"),
    [
        ("The council met on", []),
        ("The council met on Tuesday & voted…", []),
        ("A pier for nine million", ["A pier for nine million"]),
        ("", []),
    ],
)
def test_standfirst_does_not_repeat_the_first_words(summary: str, standfirst: list[str]) -> None:
    content = "<p>The <b>council</b>\n met on Tuesday &amp; voted by eleven to four.</p>"
    page = parse(render_article(SITE, make_entry(summary=summary, content=content), []))
    assert [text_of(one) for one in page.xpath("//p[@class='standfirst']")] == standfirst
    assert page.xpath("//meta[@name='description']/@content")[0].strip()


def test_picture_of_the_text_is_shown_once() -> None:
    image = replace(PICTURE, url="https://cdn.example/a.jpg?w=1&h=2")
    content = '<p><img src="https://cdn.example/a.jpg?w=1&amp;h=2" alt=""></p>'
    page = parse(render_article(SITE, make_entry(image=image, content=content), []))
    assert page.xpath("//img/@src") == [image.url]
    assert page.xpath("//meta[@property='og:image']/@content") == [image.url]  # R53


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("h1 H1 h2", "h2 h2 h2"),
        ("h4 h2 h4 h6", "h2 h2 h3 h4"),
        ("h3 h4 h3 h2", "h2 h3 h3 h2"),
    ],
)
def test_headings_of_the_text_stand_in_order_below_the_headline(written: str, shown: str) -> None:
    content = "".join(f"<{tag} id='x'>x</{tag}><p>h1 &lt;h1&gt;</p>" for tag in written.split())
    page = parse(render_article(SITE, make_entry(content=content), []))
    assert [one.tag for one in page.xpath("//div[@class='body']/*[not(self::p)]")] == shown.split()
    assert text_of(page.xpath("//div[@class='body']/p")[0]) == "h1 <h1>"


@pytest.mark.parametrize(
    ("image", "alt"),
    [
        ('<img src="a.png">', ""),
        ('<img src="a.png" title=\'alt="x"\'>', ""),
        ('<img src="a.png" title=" alt= >">', ""),
        ('<IMG alt="A pier" src="a.png">', "A pier"),
        ('<img src="a.png" alt>', ""),
    ],
)
def test_every_picture_has_its_words_or_says_that_it_has_none(image: str, alt: str) -> None:
    page = parse(render_article(SITE, make_entry(content=f"<p>x{image}y</p>"), []))
    (shown,) = page.xpath("//img")
    assert (shown.get("alt"), shown.get("src")) == (alt, "a.png")
    assert text_of(page.xpath("//div[@class='body']")[0]) == "xy"


def test_enclosure_is_linked_with_type_and_size() -> None:
    sound = Enclosure("https://cdn.example/a.mp3", "audio/mpeg", 3_400_000)
    page = parse(render_article(SITE, make_entry(enclosure=sound), []))
    (line,) = page.xpath("//p[@class='enclosure']")
    assert line.xpath("a/@href") == [sound.url]
    assert text_of(line).endswith("(audio/mpeg, 3.4 MB)")


def test_untitled_note_is_called_by_its_first_words() -> None:
    entry = make_entry(title=" ", summary="", content="<p>The boat is late today.</p>")
    assert (
        text_of(parse(render_article(SITE, entry, [])).find(".//h1")) == "The boat is late today."
    )
    bare = make_entry(title="", summary="", content="")
    assert text_of(parse(render_article(SITE, bare, [])).find(".//h1")) == "Untitled"


def test_feed_list_names_every_feed_in_every_format() -> None:
    page = parse(PAGES["feeds"]())
    rows = page.xpath("//table/tbody/tr")
    assert [row.xpath("th/a/@href")[0] for row in rows] == [
        "/news/", "/news/sections/politics", "/news/sections/sea", "/news/sections/sport",
    ]  # fmt: skip
    for row, feed in zip(rows, FEEDS, strict=True):
        assert row.xpath("td/a/@href") == [
            f"/news/feeds/{feed.name}.{suffix}" for suffix in ("xml", "atom", "json")
        ]
    assert not page.xpath("//th[not(@scope)]")
    assert "A feed is an address" in text_of(page)


def test_message_is_not_for_search_engines() -> None:
    page = parse(PAGES["message"]())
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not page.xpath("//link[@rel='canonical']")
    assert text_of(page.find(".//h1")) == "Withdrawn"
    assert "It is not here any more." in text_of(page.find(".//main"))

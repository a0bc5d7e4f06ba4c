"""The pages for people: what stands on them, and that nothing in an article can break out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from page_samples import (
    BASE,
    FEEDS,
    PAGES,
    PICTURE,
    SECTIONS,
    SITE,
    STORY,
    every_page,
    facts_of,
    make_entry,
    make_feed,
    parse,
    text_of,
)

from feedsvc.model import Enclosure
from feedsvc.render.pages import (
    HEADLINES_A_SECTION,
    ICON,
    LATEST_ON_HOME,
    SCRIPT,
    STATIC,
    STYLESHEET,
    render_article,
    render_home,
    render_section,
)

# --- every page ---


@every_page
def test_page_has_its_landmarks_and_one_h1(make: Callable[[], bytes]) -> None:
    page = parse(make())
    assert make().startswith(b"<!doctype html>\n<html lang=")
    for landmark in ("body/header", "body/main", "body/footer"):
        assert len(page.xpath(f"/html/{landmark}")) == 1, landmark
    (heading,) = page.xpath("//h1")
    assert text_of(heading)
    (skip,) = page.xpath("/html/body/*[1][self::a]")
    assert skip.get("href") == "#" + page.xpath("//main")[0].get("id")
    names = [nav.get("aria-label") or nav.get("aria-labelledby") for nav in page.xpath("//nav")]
    assert all(names)
    assert len(set(names)) == len(names)


@every_page
def test_headings_leave_out_no_level(make: Callable[[], bytes]) -> None:
    levels = [int(heading.tag[1]) for heading in parse(make()).xpath("//h1|//h2|//h3|//h4")]
    assert levels[0] == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


@every_page
def test_ids_are_unique_and_references_meet_one(make: Callable[[], bytes]) -> None:
    page = parse(make())
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    wanted = page.xpath("//@aria-labelledby|//label/@for")
    wanted += [href[1:] for href in page.xpath("//a/@href[starts-with(., '#')]")]
    assert set(wanted) <= set(ids)


@every_page
def test_links_have_a_name_and_lists_hold_items_only(make: Callable[[], bytes]) -> None:
    page = parse(make())
    assert all(text_of(link) for link in page.xpath("//a"))
    assert not page.xpath("//ul/*[not(self::li)]|//ol/*[not(self::li)]")


@every_page
def test_page_works_under_a_strict_policy(make: Callable[[], bytes]) -> None:
    """No script or style in the page, nothing from elsewhere but an article's picture."""
    page = parse(make())
    scripts = page.xpath("//script[not(@type='application/ld+json')]")
    assert all(one.get("src") and not one.text for one in scripts)
    assert not page.xpath("//style|//iframe|//form")
    assert not page.xpath("//@style|//@*[starts-with(name(), 'on')]")
    loaded = page.xpath("//link[@rel='stylesheet' or @rel='icon']/@href|//@src|//@srcset")
    assert [url for url in loaded if not url.startswith("/news/static/")] in ([], [PICTURE.url])


@every_page
def test_page_is_stable_to_the_byte(make: Callable[[], bytes]) -> None:
    assert make() == make()  # R10


def test_pages_do_not_depend_on_the_process() -> None:
    """R10, F9: the same bytes under another hash seed, locale and time zone."""
    script = (
        "import hashlib, page_samples as t\n"
        "for make in t.PAGES.values(): print(hashlib.md5(make()).hexdigest())"
    )
    answers = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=True
        )
        answers.add(run.stdout)
    assert len(answers) == 1


# --- autodiscovery, R59 ---


@pytest.mark.parametrize(
    ("make", "name"),
    [("home", "all"), ("section", "politics"), ("article", "politics"), ("feeds", "all")],
)
def test_R59_autodiscovery_offers_the_right_feed_rss_first(make: str, name: str) -> None:
    links = parse(PAGES[make]()).xpath("/html/head/link[contains(@rel, 'alternate')]")
    assert [(link.get("href"), link.get("type")) for link in links] == [
        (f"{BASE}/feeds/{name}.xml", "application/rss+xml"),
        (f"{BASE}/feeds/{name}.atom", "application/atom+xml"),
        (f"{BASE}/feeds/{name}.json", "application/feed+json"),
    ]
    titles = [link.get("title") for link in links]
    assert len(set(titles)) == len(titles)
    for link in links:
        assert set(link.attrib) == {"rel", "type", "title", "href"}
        assert link.get("rel") == "alternate"


@pytest.mark.parametrize("make", ["message", "bare article"])
def test_page_of_no_feed_offers_none(make: str) -> None:
    assert not parse(PAGES[make]()).xpath("//link[@rel='alternate']")


# --- addresses ---


@every_page
def test_links_within_the_site_are_paths_below_its_prefix(make: Callable[[], bytes]) -> None:
    hrefs = parse(make()).xpath("//body//a[not(@rel='nofollow')]/@href")
    assert all(href.startswith(("/news/", "#")) for href in hrefs)
    assert "/news/" in hrefs or parse(make()).xpath("//h1[@class='name']")
    assert {"/news/feeds/", "/news/feeds.opml"} <= set(hrefs)


def test_what_others_copy_is_absolute() -> None:
    for make, path in (
        ("home", "/"),
        ("section", "/sections/politics"),
        ("article", f"/articles/{1:016x}"),
        ("feeds", "/feeds/"),
    ):
        page = parse(PAGES[make]())
        assert page.xpath("//link[@rel='canonical']/@href") == [BASE + path]
        assert page.xpath("//meta[@property='og:url']/@content") == [BASE + path]
    (field,) = parse(PAGES["section"]()).xpath("//input")
    assert field.get("value") == f"{BASE}/feeds/politics.xml"
    assert field.get("readonly") is not None
    assert field.getroottree().xpath(f"//label[@for='{field.get('id')}']")


@pytest.mark.parametrize(
    ("link", "href"),
    [
        (f"{BASE}/a/b?c=d&e=f", "/news/a/b?c=d&e=f"),
        ("https://observer.example/newspaper", "https://observer.example/newspaper"),
        ("https://elsewhere.example/a", "https://elsewhere.example/a"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example/a", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_headline_leads_only_to_the_web(link: str, href: str | None) -> None:
    feed = make_feed("sea", "The sea", (make_entry(link=link),))
    (title,) = parse(render_section(SITE, feed, FEEDS)).xpath("//article/h3")
    assert title.xpath("a/@href") == ([href] if href else [])
    assert text_of(title) == "Headline 1"


def test_path_is_never_another_hosts_address() -> None:
    site = SITE.model_copy(update={"base_url": "https://observer.example"})
    link = "https://observer.example//evil.example"
    feed = make_feed("sea", "The sea", (make_entry(link=link),))
    (href,) = parse(render_section(site, feed, [feed])).xpath("//article/h3/a/@href")
    assert href == link


def test_article_of_elsewhere_says_where() -> None:
    link = "https://www.elsewhere.example/story"
    page = parse(render_article(SITE, make_entry(link=link), SECTIONS))
    (origin,) = page.xpath("//p[@class='origin']/a")
    assert (origin.get("href"), text_of(origin)) == (link, "First published at elsewhere.example")
    assert page.xpath("//link[@rel='canonical']/@href") == [link]
    assert not parse(PAGES["article"]()).xpath("//p[@class='origin']")


# --- what stands on each page ---


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
    assert [text_of(tag) for tag in article.xpath(".//ul[@class='tags']/li")] == ["ferries"]
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


# --- static files ---


def test_static_files_are_named_by_their_content() -> None:
    assert {body for body, _ in STATIC.values()} == {STYLESHEET, SCRIPT, ICON}
    types = {path.rpartition(".")[2]: content_type for path, (_, content_type) in STATIC.items()}
    assert types == {
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }
    page = parse(PAGES["home"]())
    linked = page.xpath("//link[@rel='stylesheet' or @rel='icon']/@href|//script/@src")
    assert {href.removeprefix("/news") for href in linked} == set(STATIC)


def test_admins_icon_wins_over_ours() -> None:
    site = SITE.model_copy(update={"icon": "https://cdn.example/icon.png"})
    (icon,) = parse(render_home(site, FEEDS)).xpath("//link[@rel='icon']/@href")
    assert icon == "https://cdn.example/icon.png"

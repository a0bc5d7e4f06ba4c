"""Where the pages lead: to their feeds, within the site, to the web, and to their static files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from page_samples import (
    BASE,
    FEEDS,
    PAGES,
    SECTIONS,
    SITE,
    every_page,
    make_entry,
    make_feed,
    parse,
    text_of,
)

from feedsvc.render.pages import (
    ICON,
    SCRIPT,
    STATIC,
    STYLESHEET,
    render_article,
    render_home,
    render_section,
)


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

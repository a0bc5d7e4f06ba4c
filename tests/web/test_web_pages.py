"""Pages, articles, media and health: what Flask answers behind the fast path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from lxml import etree
from sites import FORMATS, Site, article, clock_from
from workers import PNG, THEN, Fetch, Worker

from feedsvc.store import State

CSP = "default-src 'none'"


def path_of(worker: Worker, title: str) -> str:
    """Return the path of an article's page, whatever its state."""
    states = (State.LIVE, State.DRAFT, State.WITHDRAWN, State.GONE)
    entries = {entry.article.title: entry for entry in worker.store.entries(*states)}
    return f"/articles/{entries[title].uid}-{title.lower().replace(' ', '-')}"


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("Budget passes", 200),
        ("Withdrawn story", 410),
        ("Deleted story", 410),
        ("Expired story", 410),
        ("Embargoed story", 404),
        ("Draft story", 404),
    ],
)
def test_article_page_by_state(
    fetch: Fetch, gazette_worker: Worker, title: str, status: int
) -> None:
    """R23: gone is said only of what the public has seen; the rest never existed (F18)."""
    path = path_of(gazette_worker, title)
    answer = fetch(path)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (title in answer.text) == (status == 200)
    if status != 200:
        assert answer.headers["cache-control"] == "no-cache"


def test_article_page_names_the_feeds_of_its_section(fetch: Fetch, gazette_worker: Worker) -> None:
    """R59: who gives a reader the address of an article gets the section's feeds, RSS first."""
    page = fetch(path_of(gazette_worker, "Budget passes")).text
    head = etree.HTML(page).find("head")
    assert head is not None
    links = [link.get("href") for link in head.findall("link") if link.get("rel") == "alternate"]
    assert links == [f"http://gazette.test/feeds/politics.{suffix}" for suffix in FORMATS]


def test_secret_article_looks_like_none(fetch: Fetch, gazette_worker: Worker) -> None:
    """F18: an embargoed article cannot be told from one that does not exist."""
    secret = fetch(path_of(gazette_worker, "Embargoed story"))
    nothing = fetch("/articles/0123456789abcdef-embargoed-story")
    assert (secret.status, secret.body) == (nothing.status, nothing.body)


@pytest.mark.parametrize("tail", ["", "-", "-old-title", "-Budget-Passes", "-%E2%82%AC", "-a/b"])
def test_other_slug_leads_to_the_page(fetch: Fetch, gazette_worker: Worker, tail: str) -> None:
    """A headline that was mended leaves the old address working."""
    path = path_of(gazette_worker, "Budget passes")
    answer = fetch(path.partition("-")[0] + tail)
    if "/b" in tail:
        assert answer.status == 404
        return
    assert (answer.status, answer.headers["location"]) == (301, path)
    # Headlines change back as well: two permanent redirects would then lead in a circle.
    assert re.fullmatch(r"public, max-age=\d{1,3}", answer.headers["cache-control"])


def test_article_page_is_conditional(fetch: Fetch, gazette_worker: Worker) -> None:
    """A page answers 304 by its tag and by its date, and HEAD as GET does."""
    path = path_of(gazette_worker, "Budget passes")
    answer = fetch(path)
    tag, date = answer.headers["etag"], answer.headers["last-modified"]
    assert parsedate_to_datetime(date) <= THEN
    assert fetch(path, If_None_Match=tag).status == 304
    assert fetch(path, If_None_Match=f'"old", W/{tag}').status == 304
    assert fetch(path, If_None_Match='"old"', If_Modified_Since=date).status == 200
    assert fetch(path, If_Modified_Since=date).status == 304
    head = fetch(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(answer.body))


def test_article_page_is_as_new_as_the_site_around_it(
    site: Site, open_worker: Callable[..., Worker]
) -> None:
    """Whoever asks only by date sees a new title of the site, too."""
    site.write("politics/a.md", article("A", date="2026-01-01T10:00:00Z"))
    site.scan(clock_from(THEN))
    worker = open_worker(site)
    path = path_of(worker, "A")
    before = worker.fetch(path).headers["last-modified"]
    assert worker.fetch(path, If_Modified_Since=before).status == 304
    site.config.write_text(site.config.read_text().replace("The Test Gazette", "The Renamed"))
    site.scan(clock_from(THEN + timedelta(days=1)))
    worker.live.refresh()
    answer = worker.fetch(path, If_Modified_Since=before)
    assert answer.status == 200
    assert "The Renamed" in answer.text


@pytest.mark.parametrize("path", ["/", "/feeds/", "/sections/politics", "/nothing", "article"])
def test_pages_are_safe(fetch: Fetch, gazette_worker: Worker, path: str) -> None:
    """No page may run anything but our own file, be framed, or set a cookie."""
    path = path_of(gazette_worker, "Budget passes") if path == "article" else path
    headers = fetch(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith(CSP) and "script-src 'self';" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/feeds/", "text/html; charset=utf-8"),
        ("/sections/politics", "text/html; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
    ],
)
def test_pages_are_there(fetch: Fetch, path: str, content_type: str) -> None:
    """R61: server-made pages, with a tag like feeds."""
    answer = fetch(path)
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert fetch(path, If_None_Match=answer.headers["etag"]).status == 304
    assert "Embargoed" not in answer.text and "Draft story" not in answer.text


def test_stylesheet_is_there_for_ever(fetch: Fetch) -> None:
    """Its name has its hash, so a browser need never ask again."""
    found = re.search(r'href="([^"]+\.css)"', fetch("/").text)
    assert found
    answer = fetch(found[1])
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/nothing", "/sections/none", "/articles/x", "/media/none.png"])
def test_missing_page_is_kind(fetch: Fetch, path: str) -> None:
    """People get a page that leads on."""
    answer = fetch(path)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert 'href="/"' in answer.text


def test_pages_refuse_other_methods(fetch: Fetch) -> None:
    """405 with Allow."""
    assert fetch("/", "POST").headers["allow"] == "GET, HEAD"
    answer = fetch("/healthz", "DELETE")
    assert answer.status == 405 and "GET" in answer.headers["allow"]


def test_health(fetch: Fetch) -> None:
    """Never cached: it is about now."""
    for path, word in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = fetch(path)
        assert answer.status == 200 and json.loads(answer.body)[word] is True
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


# /media


def test_media_beside_an_article(fetch: Fetch) -> None:
    """What lies beside an article is served with its type, and can run nothing."""
    answer = fetch("/media/politics/photo.png")
    assert (answer.status, answer.body) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age=3600" in answer.headers["cache-control"]
    assert fetch("/media/politics/photo.png", If_None_Match=answer.headers["etag"]).status == 304


def test_media_in_ranges(fetch: Fetch) -> None:
    """Players ask for parts of a recording."""
    part = fetch("/media/politics/photo.png", Range="bytes=8-13")
    assert (part.status, part.body) == (206, PNG[8:14])
    assert part.headers["content-range"] == f"bytes 8-13/{len(PNG)}"
    assert fetch("/media/politics/photo.png", Range="bytes=99999-").status == 416


@pytest.mark.parametrize(
    "path",
    [
        "politics/budget.md", "politics/notes.docx", "politics/.hidden.png", ".private/photo.png",
        "politics/link.png", "../outside.png", "politics/../../outside.png", "%2e%2e/outside.png",
        "..%2foutside.png", "politics%2f..%2f..%2foutside.png", "/etc/passwd", "%2fetc%2fx.png",
        "politics", "politics/", "", ".", "politics/photo.png/", "politics/photo.png%00.png",
        "politics\\photo.png", "a" * 300 + ".png", "%ff.png", "..\\outside.png", "~root/x.png",
    ],
)  # fmt: skip
def test_media_gives_nothing_else_away(fetch: Fetch, path: str) -> None:
    """No articles, nothing hidden, nothing from outside, no other types."""
    answer = fetch(f"/media/{path}")
    assert answer.status in (404, 308), answer
    assert PNG not in answer.body
    if answer.status == 308:  # two slashes are put right, and then it is the same question
        assert fetch(answer.headers["location"].partition("gazette.test")[2] or "/x").status == 404


# base_url with a path


@pytest.fixture
def below_news(tmp_path: Path, open_worker: Callable[..., Worker]) -> Worker:
    """A site that lies below https://host.test/news."""
    site = Site(tmp_path / "site", base_url="https://host.test/news")
    site.write("politics/budget.md", article("Budget passes"))
    site.scan()
    return open_worker(site)


@pytest.mark.parametrize("prefix", ["", "/news"], ids=["stripped by the proxy", "passed on"])
def test_site_below_a_path(below_news: Worker, prefix: str) -> None:
    """F22: every address that is named lies below the path, whatever the proxy does with it."""
    feed = below_news.fetch(f"{prefix}/feeds/politics.xml")
    assert feed.status == 200 and "https://host.test/news/feeds/politics.xml" in feed.text
    link = re.search(r"<link>https://host\.test(/news/articles/[^<]+)</link>", feed.text)
    assert link
    page = below_news.fetch(prefix + link[1].removeprefix("/news"))
    assert page.status == 200
    home = below_news.fetch(f"{prefix}/")
    for target in re.findall(r'(?:href|src)="(/[^"]*)"', home.text + page.text):
        assert target.startswith("/news/"), target
        inner = target.removeprefix("/news")
        assert below_news.fetch(prefix + inner).status == 200, target
    for path in ("/rss.xml", "/feeds/all.rss", link[1].removeprefix("/news") + "-x"):
        answer = below_news.fetch(prefix + path)
        assert answer.status == 301 and answer.headers["location"].startswith("/news/")


def test_path_alone_leads_to_the_home_page(below_news: Worker) -> None:
    """People type the address without the last slash."""
    answer = below_news.fetch("/news")
    assert (answer.status, answer.headers["location"]) == (301, "/news/")
    assert below_news.fetch("/newspaper").status == 404


# Dates that pass while nobody publishes


def test_page_opens_and_closes_by_the_clock(site: Site, open_worker: Callable[..., Worker]) -> None:
    """F18: a page keeps to the second by itself, even if the engine stands still."""
    start, end = THEN, THEN + timedelta(minutes=1)
    site.write("one.md", article("Timed", embargo=start.isoformat(), expires=end.isoformat()))
    site.scan(clock_from(THEN - timedelta(days=1)))
    for shift, status in ((-1, 404), (0, 200), (59, 200), (60, 410)):
        worker = open_worker(site, lambda: start + timedelta(seconds=shift))  # noqa: B023
        assert worker.fetch(path_of(worker, "Timed")).status == status

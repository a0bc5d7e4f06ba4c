"""Sitemaps and robots.txt: every page of ours that is public, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from sites import Answer, Site, article, clock_from
from workers import THEN, Worker

import feedsvc.web.sitemaps as sitemaps_module
from feedsvc.web.allowance import Allowance

OpenWorker = Callable[..., Worker]
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
BASE = "http://gazette.test"
# sitemaps.org: W3C's profile of ISO 8601, with its zone.
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with articles that are public, and all kinds that are not, or lie elsewhere."""
    site = Site(tmp_path)
    yesterday = (THEN - timedelta(hours=20)).isoformat()
    site.write("politics/vote.md", article("Vote held & counted", date=yesterday))
    site.write("sports/old.md", article("Old final", date="2026-01-02", language="pt-BR"))
    site.write("culture/out.md", article("Elsewhere", date=yesterday, link="https://x.example/a"))
    site.write("culture/draft.md", article("Draft", date=yesterday, status="draft"))
    ahead = (THEN + timedelta(days=2)).isoformat()
    site.write("culture/secret.md", article("Secret", embargo=ahead))
    site.write("culture/over.md", article("Over", date="2026-01-03", expires="2026-01-04"))
    site.scan(clock_from(THEN))
    return site


def locations(answer: Answer) -> list[str]:
    """Return what a sitemap names, after looking at its form."""
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = etree.fromstring(answer.body)
    assert root.tag in (f"{MAP}urlset", f"{MAP}sitemapindex")
    assert all(DATE.fullmatch(one.text or "") for one in root.iter(f"{MAP}lastmod"))
    return [one.text or "" for one in root.iter(f"{MAP}loc")]


def test_sitemap_names_every_public_page_of_ours(site: Site, open_worker: OpenWorker) -> None:
    """F18: nothing embargoed; no draft, nothing expired, nothing of another site."""
    worker = open_worker(site, clock_from(THEN))
    found = locations(worker.fetch("/sitemap.xml"))
    sections = [f"{BASE}/sections/{name}" for name in ("politics", "sports", "culture")]
    assert found[:4] == [f"{BASE}/", *sections]
    assert [re.sub(r".*/articles/\w{16}-", "", url) for url in found[4:]] == [
        "old-final",
        "vote-held-counted",
    ]
    for url in found:
        assert worker.fetch(url.removeprefix(BASE)).status == 200


def test_embargo_ends_in_the_sitemap_too(site: Site, open_worker: OpenWorker) -> None:
    """At its second, without a restart."""
    clock = [THEN]
    worker = open_worker(site, lambda: clock[0])
    assert "secret" not in str(locations(worker.fetch("/sitemap.xml")))
    clock[0] = THEN + timedelta(days=2, minutes=1)
    site.scan(lambda: clock[0])
    worker.live.refresh()
    assert "secret" in str(locations(worker.fetch("/sitemap.xml")))


def test_news_sitemap_holds_two_days(site: Site, open_worker: OpenWorker) -> None:
    """The rules of Google News: 48 hours, publication name and language, date, title."""
    worker = open_worker(site, clock_from(THEN))
    answer = worker.fetch("/news-sitemap.xml")
    (url,) = locations(answer)
    assert url.endswith("-vote-held-counted")
    root = etree.fromstring(answer.body)
    found = {str(one.tag).removeprefix(NEWS): one.text for one in root.iter() if NEWS in one.tag}
    assert found == {
        "news": None,
        "publication": None,
        "name": "The Test Gazette",
        "language": "en",
        "publication_date": (THEN - timedelta(hours=20)).isoformat(),
        "title": "Vote held & counted",
    }
    later = open_worker(site, clock_from(THEN + timedelta(days=1, hours=5)))
    assert locations(later.fetch("/news-sitemap.xml")) == []


def test_news_sitemap_names_an_articles_own_language(site: Site, open_worker: OpenWorker) -> None:
    """Without its country, as Google wants it."""
    now = THEN.isoformat()
    site.write("sports/new.md", article("Nova final", date=now, language="pt-BR"))
    site.scan(clock_from(THEN + timedelta(hours=1)))
    worker = open_worker(site, clock_from(THEN + timedelta(hours=1)))
    root = etree.fromstring(worker.fetch("/news-sitemap.xml").body)
    assert {one.text for one in root.iter(f"{NEWS}language")} == {"en", "pt"}


def test_a_large_site_has_a_list_of_sitemaps(
    site: Site, open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page in one of them; what was full stays as it is when more is published."""
    monkeypatch.setattr(sitemaps_module, "PAGES_MOST", 5)
    for number in range(12):
        site.write(f"sports/{number}.md", article(f"Game {number}", date=f"2026-01-1{number % 9}"))
    site.scan(clock_from(THEN + timedelta(hours=1)))
    worker = open_worker(site, clock_from(THEN + timedelta(hours=1)))
    parts = locations(worker.fetch("/sitemap.xml"))
    assert parts == [f"{BASE}/sitemap-{number}.xml" for number in (1, 2, 3)]
    before = [worker.fetch(part.removeprefix(BASE)) for part in parts]
    pages = [url for answer in before for url in locations(answer)]
    assert len(pages) == len(set(pages)) == 4 + 14
    assert worker.fetch("/sitemap-4.xml").status == 404
    site.write("sports/last.md", article("Last", date=THEN.isoformat()))
    site.scan(clock_from(THEN + timedelta(hours=2)))
    worker.live.refresh()
    after = [worker.fetch(part.removeprefix(BASE)) for part in parts]
    assert [one.headers["etag"] for one in after[1:]] == [one.headers["etag"] for one in before[1:]]
    (last,) = locations(worker.fetch("/sitemap-4.xml"))
    assert last.endswith("-last") and len(locations(worker.fetch("/sitemap.xml"))) == 4


def test_sitemaps_have_conditions(site: Site, open_worker: OpenWorker) -> None:
    """R1, R2: as everything that is polled."""
    worker = open_worker(site)
    for path in ("/sitemap.xml", "/news-sitemap.xml", "/robots.txt"):
        answer = worker.fetch(path)
        assert "public, max-age=" in answer.headers["cache-control"]
        assert worker.fetch(path, If_None_Match=answer.headers["etag"]).status == 304
        assert worker.fetch(path, method="HEAD").headers == answer.headers
        assert worker.fetch(path, method="POST").status == 405


def test_robots_names_both(site: Site, open_worker: OpenWorker) -> None:
    """As the place where search engines look."""
    answer = open_worker(site).fetch("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.body.decode().splitlines()
    assert [line for line in lines if line.startswith("Sitemap:")] == [
        f"Sitemap: {BASE}/sitemap.xml",
        f"Sitemap: {BASE}/news-sitemap.xml",
    ]


@pytest.mark.parametrize("path", ["/sitemap-0.xml", "/sitemap-2.xml", "/sitemap", "/sitemapx.xml"])
def test_what_is_no_sitemap_is_a_page_not_found(
    site: Site, open_worker: OpenWorker, path: str
) -> None:
    answer = open_worker(site).fetch(path)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_R27_who_asks_for_too_many_waits(site: Site, open_worker: OpenWorker) -> None:
    """The rest of the site goes on; one that was just made is not made again."""
    worker = open_worker(site)
    worker.live.sitemaps.making = Allowance(0.0, 1.0)
    assert worker.fetch("/sitemap.xml").status == 200
    answer = worker.fetch("/news-sitemap.xml")
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert worker.fetch("/sitemap.xml").status == 200
    assert worker.fetch("/feeds/politics.xml").status == 200


def test_an_empty_site_has_one_as_well(tmp_path: Path, open_worker: OpenWorker) -> None:
    """Its front page and sections, with nothing in them."""
    site = Site(tmp_path)
    site.scan(clock_from(datetime(2026, 1, 1, tzinfo=UTC)))
    worker = open_worker(site)
    assert len(locations(worker.fetch("/sitemap.xml"))) == 4
    assert locations(worker.fetch("/news-sitemap.xml")) == []

"""Feeds of tags, authors and unions: made when asked for, kept, and bounded in number."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from feed_links import read_document, read_header
from lxml import html
from sites import FORMATS, Answer, Site, article, clock_from, parse_atom, serving, wait_until
from workers import THEN, Worker

import feedsvc.web.cuts as cuts_module
from feedsvc.web.allowance import Allowance

OpenWorker = Callable[..., Worker]
PATHS = ("/feeds/tag/climate", "/feeds/author/ann-lee", "/feeds/politics+sports")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose articles have tags and authors."""
    site = Site(tmp_path)
    write(site, "politics/vote.md", "Vote held", 1, tags="[Climate, C++]")
    write(site, "sports/final.md", "Final played", 2, tags="[climate]", author="Ann Lee")
    write(site, "culture/film.md", "Film shown", 3, tags="['!!!', 日本]", author="Bo Ek")
    site.scan(clock_from(THEN))
    return site


def write(site: Site, path: str, title: str, day: int, **front: str) -> None:
    """Write an article of a day in January."""
    site.write(path, article(title, date=f"2026-01-{day:02}", **front))


def titles(answer: Answer) -> list[str]:
    """Return what an Atom feed holds."""
    assert answer.status == 200, answer
    return [item.title for item in parse_atom(answer.body)]


def keep(site: Site, worker: Worker, when: datetime = THEN + timedelta(hours=1)) -> None:
    """Let the engine take over what the worker has made."""
    worker.live.cuts.tell(set(), when)
    site.scan(clock_from(when))
    worker.live.refresh()


@pytest.mark.parametrize("base", PATHS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_made_and_kept_are_the_same_bytes(
    site: Site, open_worker: OpenWorker, base: str, suffix: str
) -> None:
    """R10: a reader that had the feed before the engine kept it gets a 304 after that."""
    worker = open_worker(site, clock_from(THEN + timedelta(hours=1)))
    path = f"{base}.{suffix}"
    made = worker.fetch(path)
    assert made.status == 200
    keep(site, worker)
    assert path in worker.live.fast.publication.representations  # type: ignore[union-attr]
    kept = worker.fetch(path)
    assert (kept.body, kept.headers) == (made.body, made.headers)
    assert worker.fetch(path, If_None_Match=made.headers["etag"]).status == 304
    # F28: it is called what it is asked for.
    assert read_document(suffix, kept.body) == read_header(kept.headers["link"])
    hub = ("hub", "http://gazette.test/hub")
    assert read_header(kept.headers["link"]) == [hub, ("self", f"http://gazette.test{path}")]


def test_what_stands_in_them(site: Site, open_worker: OpenWorker) -> None:
    """A tag in any spelling, an author, sections together; the newest first (R42)."""
    worker = open_worker(site)
    assert titles(worker.fetch("/feeds/tag/climate.atom")) == ["Final played", "Vote held"]
    assert titles(worker.fetch("/feeds/tag/c++.atom")) == ["Vote held"]
    assert titles(worker.fetch("/feeds/tag/!!!.atom")) == ["Film shown"]
    assert titles(worker.fetch("/feeds/tag/日本.atom")) == ["Film shown"]
    assert titles(worker.fetch("/feeds/author/ann-lee.atom")) == ["Final played"]
    assert titles(worker.fetch("/feeds/politics+culture.atom")) == ["Film shown", "Vote held"]
    feed = feedparser.parse(worker.fetch("/feeds/tag/日本.xml").body).feed
    assert (feed.title, feed.subtitle) == ("日本 - The Test Gazette", "Articles about 日本")
    feed = feedparser.parse(worker.fetch("/feeds/politics+sports.xml").body).feed
    assert feed.title == "Politics and Government + Sports - The Test Gazette"


def test_an_article_of_both_sections_stands_there_once(site: Site, open_worker: OpenWorker) -> None:
    """R41, F16."""
    write(site, "both.md", "Both", 4, sections="[politics, sports]")
    site.scan(clock_from(THEN + timedelta(hours=1)))
    found = titles(open_worker(site).fetch("/feeds/politics+sports.atom"))
    assert found == ["Both", "Final played", "Vote held"]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/feeds/tag/Climate.atom", "/feeds/tag/climate.atom"),
        ("/feeds/tag/%23climate.json", "/feeds/tag/climate.json"),
        ("/feeds/author/Ann%20Lee.xml", "/feeds/author/ann-lee.xml"),
        ("/feeds/author/ann-lee.rss", "/feeds/author/ann-lee.xml"),
        ("/feeds/politics+politics.xml", "/feeds/politics.xml"),
    ],
)
def test_R21_other_spellings_lead_there_for_good(
    site: Site, open_worker: OpenWorker, path: str, location: str
) -> None:
    answer = open_worker(site).fetch(path)
    assert (answer.status, answer.headers["location"]) == (301, location)


def test_sections_may_stand_in_any_order(site: Site, open_worker: OpenWorker) -> None:
    """One feed, with one address, whether it is made or kept."""
    worker = open_worker(site)
    for _ in range(2):
        one, other = (
            worker.fetch(f"/feeds/{name}.xml") for name in ("politics+sports", "sports+politics")
        )
        assert (one.status, one.body) == (200, other.body)
        assert one.headers["link"] == other.headers["link"]
        keep(site, worker)
    assert worker.store.cuts() == ["politics+sports"]


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/tag/nobody-wrote-of-this.xml",
        "/feeds/tag/climate.pdf",
        "/feeds/tag/---.xml",
        "/feeds/tag/.xml",
        "/feeds/tag/%FF.xml",
        "/feeds/author/climate.xml",
        "/feeds/politics+nothing.xml",
        "/feeds/politics+all.xml",
        "/feeds/+.xml",
        f"/feeds/tag/{'x' * 5000}.xml",
        f"/feeds/{'politics+' * 400}sports+nothing.xml",
    ],
)
def test_what_is_not_there_is_a_plain_404(site: Site, open_worker: OpenWorker, path: str) -> None:
    """And nothing is kept of it."""
    worker = open_worker(site)
    answer = worker.fetch(path)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    keep(site, worker)
    assert worker.store.cuts() == []


@pytest.mark.parametrize("base", PATHS)
def test_a_kept_feed_follows_the_site(site: Site, open_worker: OpenWorker, base: str) -> None:
    """R11, F19: a new article comes, an edit is seen, a withdrawn one goes, with a tombstone."""
    worker = open_worker(site)
    before = worker.fetch(f"{base}.atom")
    keep(site, worker)
    front = {"tags": "[climate]", "author": "Ann Lee"}
    write(site, "politics/new.md", "New one", 20, **front)
    site.scan(clock_from(THEN + timedelta(hours=2)))
    worker.live.refresh()
    after = worker.fetch(f"{base}.atom")
    assert titles(after) == ["New one", *titles(before)]
    assert after.headers["last-modified"] != before.headers["last-modified"]
    (site.content / "politics/new.md").unlink()
    site.scan(clock_from(THEN + timedelta(hours=3)))
    worker.live.refresh()
    last = worker.fetch(f"{base}.atom")
    assert titles(last) == titles(before) and b"at:deleted-entry" in last.body


def test_R11_another_tags_feed_stays_as_it_is(site: Site, open_worker: OpenWorker) -> None:
    """F13: what does not concern it leaves its bytes, its date and its tag alone."""
    worker = open_worker(site)
    paths = ["/feeds/tag/c++.xml", "/feeds/author/bo-ek.xml", "/feeds/sports+culture.xml"]
    before = [worker.fetch(path).headers["etag"] for path in paths]
    keep(site, worker)
    write(site, "politics/new.md", "New one", 20, tags="[climate]", author="Ann Lee")
    site.scan(clock_from(THEN + timedelta(hours=2)))
    worker.live.refresh()
    assert [worker.fetch(path).headers["etag"] for path in paths] == before


def test_F18_an_embargo_holds_in_all_of_them(site: Site, open_worker: OpenWorker) -> None:
    """Until its second comes; then it stands there, by the engine's own clock."""
    end = THEN + timedelta(days=1)
    front = {"tags": "[climate, secret-plan]", "author": "Ann Lee", "embargo": end.isoformat()}
    write(site, "politics/secret.md", "Secret plan", 30, **front)
    site.scan(clock_from(THEN + timedelta(hours=1)))
    worker = open_worker(site, clock_from(THEN + timedelta(hours=1)))
    for base in PATHS:
        assert "Secret plan" not in titles(worker.fetch(f"{base}.atom"))
    assert worker.fetch("/feeds/tag/secret-plan.atom").status == 404
    keep(site, worker)
    site.scan(clock_from(end + timedelta(minutes=1)))
    worker.live.refresh()
    for base in PATHS:
        assert "Secret plan" in titles(worker.fetch(f"{base}.atom"))


def test_a_section_that_moves_takes_its_unions_along(site: Site, open_worker: OpenWorker) -> None:
    """F27: the old name leads to the new feed, in one hop; nothing old is kept."""
    worker = open_worker(site)
    worker.fetch("/feeds/politics+sports.xml")
    keep(site, worker)
    text = site.config.read_text(encoding="utf-8")
    moved = "  games: {title: Games, moved_from: [sports], match: {folders: [sports]}}"
    site.config.write_text(text.replace("  sports: Sports", moved), encoding="utf-8")
    site.scan(clock_from(THEN + timedelta(hours=2)))
    worker.live.refresh()
    answer = worker.fetch("/feeds/politics+sports.xml")
    assert (answer.status, answer.headers["location"]) == (301, "/feeds/politics+games.xml")
    assert titles(worker.fetch("/feeds/politics+games.atom")) == ["Final played", "Vote held"]
    keep(site, worker, THEN + timedelta(hours=3))
    assert worker.store.cuts() == ["politics+games"]


def test_only_so_many_are_kept(
    site: Site, open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is asked for keeps its place; one that nobody asks for gives it away."""
    monkeypatch.setattr(cuts_module, "CUTS_MOST", 2)
    worker = open_worker(site)
    for path in ("/feeds/tag/climate.xml", "/feeds/author/ann-lee.xml", "/feeds/author/bo-ek.xml"):
        assert worker.fetch(path).status == 200
        keep(site, worker)
    assert worker.store.cuts() == ["author/ann-lee", "tag/climate"]
    assert worker.fetch("/feeds/author/bo-ek.xml").status == 200  # made again
    # Two days later only one of them has been asked for.
    later = THEN + timedelta(days=3)
    assert worker.fetch("/feeds/tag/climate.xml").status == 200
    worker.live.cuts.tell(worker.live.fast.asked, later)
    assert worker.live.fast.asked == set()
    worker.live.fast.forget()
    assert worker.fetch("/feeds/author/bo-ek.xml").status == 200
    keep(site, worker, later)
    assert worker.store.cuts() == ["author/bo-ek", "tag/climate"]
    paths = worker.live.fast.publication.representations  # type: ignore[union-attr]
    assert "/feeds/author/ann-lee.xml" not in paths and "/feeds/author/bo-ek.xml" in paths
    assert worker.fetch("/feeds/author/ann-lee.xml").status == 200


def test_R27_who_asks_for_too_many_has_to_wait(site: Site, open_worker: OpenWorker) -> None:
    """A 503 that says when to come back, never a 404; sections and kept feeds go on as always."""
    worker = open_worker(site)
    worker.fetch("/feeds/tag/climate.xml")
    keep(site, worker)
    time = [0.0]
    worker.live.cuts.making = Allowance(1.0, 2.0, lambda: time[0])
    names = ["tag/c++", "tag/!!!", "author/ann-lee", "author/bo-ek"]
    answers = [worker.fetch(f"/feeds/{name}.xml") for name in names]
    assert [answer.status for answer in answers] == [200, 200, 503, 503]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 14400
    assert worker.fetch("/feeds/tag/climate.xml").status == 200
    assert worker.fetch("/feeds/politics.xml").status == 200
    assert worker.fetch("/feeds/tag/never-there.xml").status == 404
    time[0] = 1.0
    assert worker.fetch("/feeds/author/ann-lee.xml").status == 200
    # Neither is the store asked for every name that somebody makes up.
    worker.live.cuts.looking = Allowance(1.0, 2.0, lambda: time[0])
    answers = [worker.fetch(f"/feeds/tag/made-up-{number}.xml") for number in range(4)]
    assert [answer.status for answer in answers] == [404, 404, 503, 503]


def test_engine_keeps_what_a_worker_made(site: Site) -> None:
    """Over HTTP, with a running engine: the feed that was asked for is in the publication soon."""
    with serving(site) as server:
        first = server.get("/feeds/tag/climate.json")
        assert first.status == 200 and len(json.loads(first.body)["items"]) == 2
        wait_until(lambda: "tag/climate" in server.log_file.read_text())
        assert server.get("/feeds/tag/climate.json").headers["etag"] == first.headers["etag"]
        now = datetime.now(UTC).isoformat()
        site.write("culture/late.md", article("Late", date=now, tags="[climate]"))
        wait_until(lambda: "Late" in titles(server.get("/feeds/tag/climate.atom")))


def test_an_article_leads_to_the_feeds_of_its_tags_and_author(
    site: Site, open_worker: OpenWorker
) -> None:
    """Each address on its page answers, whatever is in the tag; one that names nothing is text."""
    tags = '["C++", "100%", "Q&A <x>", "日本 ☃", "---", "a/b", "?"]'
    write(site, "politics/all.md", "All of them", 9, tags=tags, author="Ann O'Lee <ann@x.example>")
    site.scan(clock_from(THEN + timedelta(hours=1)))
    worker = open_worker(site)
    feed = feedparser.parse(worker.fetch("/feeds/politics.xml").body)
    page = worker.fetch(feed.entries[0].link.removeprefix("http://gazette.test"))
    links = html.fromstring(page.body).xpath("//ul[@class='tags']//a/@href")
    assert len(links) == 7 and b"ann@x.example" not in page.body
    for link in links:
        assert link.isascii()
        answer = worker.fetch(link)
        assert (answer.status, answer.headers["content-type"][:19]) == (200, "application/rss+xml")
        found = [entry.title for entry in feedparser.parse(answer.body).entries]
        assert "All of them" in found

"""History without loss: archive documents, and live feeds that grow (RFC 5005, P47-P52)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from lxml import etree
from sites import ATOM, Answer, Site, article, clock_from, parse_atom, parse_feed
from workers import THEN, Worker

HISTORY = "{http://purl.org/syndication/history/1.0}archive"
START = datetime(2026, 1, 1, tzinfo=UTC)
TEN = "feeds: {items: 10}\n"
OpenWorker = Callable[..., Worker]


def write(site: Site, numbers: range, every: timedelta = timedelta(hours=6)) -> None:
    """Write articles in order of their dates."""
    for number in numbers:
        date = (START + every * number).isoformat()
        site.write(f"politics/{number:03}.md", article(f"Story {number}", date=date))


def links(answer: Answer) -> dict[str, str]:
    """Return the path of every link of a feed document by its relation, in any format."""
    if answer.body.startswith(b"{"):
        document = json.loads(answer.body)
        found = {"self": document["feed_url"], "prev-archive": document.get("next_url", "")}
        return {rel: href.partition("gazette.test")[2] for rel, href in found.items() if href}
    root = etree.fromstring(answer.body)
    parent = root if root.tag == f"{ATOM}feed" else root[0]
    return {
        link.get("rel", ""): (link.get("href") or "").partition("gazette.test")[2]
        for link in parent.findall(f"{ATOM}link")
    }


def ids(answer: Answer, suffix: str) -> list[str]:
    """Return the ids in a document, in its order."""
    return [one["id"] for one in parse_feed(suffix, answer.body)]


def walk(worker: Worker, suffix: str, name: str = "politics") -> list[tuple[str, list[str]]]:
    """Follow a feed back to its first archive document; return each path with its ids."""
    path, found = f"/feeds/{name}.{suffix}", []
    while path:
        answer = worker.fetch(path)
        assert answer.status == 200, path
        found.append((path, ids(answer, suffix)))
        path = links(answer).get("prev-archive", "")
        assert path not in dict(found), "P43: it leads in a circle"
    return found


@pytest.mark.parametrize("suffix", ["xml", "atom", "json"])
def test_P47_P43_every_article_is_found_by_going_back(
    site: Site, open_worker: OpenWorker, suffix: str
) -> None:
    """From the live feed to the first archive document: nothing is missing in any format."""
    site.configure(TEN)
    write(site, range(37))
    site.scan()
    found = walk(open_worker(site), suffix)
    assert [len(held) for _, held in found] == [10, 10, 10, 10]
    assert len({one for _, held in found for one in held}) == 37
    assert [path for path, _ in found[1:]] == [
        f"/feeds/politics/archive/{page}.{suffix}" for page in (3, 2, 1)
    ]


@pytest.mark.parametrize("suffix", ["xml", "atom"])
def test_P48_P49_archive_documents_name_what_is_around_them(
    site: Site, open_worker: OpenWorker, suffix: str
) -> None:
    """The first has none before it, the last none behind it, and each says what it is."""
    site.configure(TEN)
    write(site, range(37))
    site.scan()
    worker = open_worker(site)
    live = worker.fetch(f"/feeds/politics.{suffix}")
    assert live.body.find(b"history/1.0") < 0 and "current" not in links(live)
    base = "/feeds/politics/archive"
    for page in (1, 2, 3):
        answer = worker.fetch(f"{base}/{page}.{suffix}")
        expected = {"self": f"{base}/{page}.{suffix}", "current": f"/feeds/politics.{suffix}"}
        if page > 1:
            expected["prev-archive"] = f"{base}/{page - 1}.{suffix}"
        if page < 3:
            expected["next-archive"] = f"{base}/{page + 1}.{suffix}"
        found = links(answer)
        assert found | expected == found and not {"next-archive", "prev-archive"} & (
            found.keys() - expected.keys()
        )
        assert len(list(etree.fromstring(answer.body).iter(HISTORY))) == 1
        assert not feedparser.parse(answer.body).bozo
    assert worker.fetch(f"{base}/4.{suffix}").status == 404


def test_P50_a_closed_document_keeps_its_set(site: Site, open_worker: OpenWorker) -> None:
    """Whatever comes later: newer articles, older ones, edits, another size of feeds."""
    site.configure(TEN)
    write(site, range(25))
    site.scan()
    worker = open_worker(site)
    before = walk(worker, "atom")[1:]
    write(site, range(25, 60))
    site.write("politics/late.md", article("Late", date="2026-01-01T01:00:00Z"))
    site.write("politics/003.md", article("Story 3, edited", date="2026-01-01T18:00:00Z"))
    site.configure("feeds: {items: 15}\n")
    site.scan()
    worker.live.refresh()
    after = dict(walk(worker, "atom"))
    assert all(after[path] == held for path, held in before)
    assert len({one for held in after.values() for one in held}) == 61


def test_article_that_comes_late_is_in_the_live_feed(site: Site, open_worker: OpenWorker) -> None:
    """Dated long ago, published now: a reader that polls must see it."""
    site.configure(TEN)
    write(site, range(20))
    site.scan()
    site.write("politics/late.md", article("Late", date="2026-01-01T01:00:00Z"))
    site.scan()
    worker = open_worker(site)
    live = parse_atom(worker.fetch("/feeds/politics.atom").body)
    assert [one.title for one in live][-1] == "Late" and len(live) == 11


def test_R43_live_feed_grows_for_those_who_ask_every_two_hours(
    site: Site, open_worker: OpenWorker
) -> None:
    """Thirty articles between two polls, of feeds that hold ten: none is missed."""
    site.configure("feeds: {items: 10, flood_age: 0}\n")  # these come as if they were today's
    write(site, range(12))
    site.scan()
    worker = open_worker(site)
    seen = set(ids(worker.fetch("/feeds/politics.xml"), "xml"))
    for number in range(30):
        date = (THEN + timedelta(minutes=3 * number)).isoformat()
        site.write(f"politics/burst-{number}.md", article(f"Burst {number}", date=date))
    site.scan()
    worker.live.refresh()
    found = ids(worker.fetch("/feeds/politics.xml"), "xml")
    assert len(set(found) - seen) == 30 and len(found) == 30
    site.write("politics/next.md", article("Next", date=(THEN + timedelta(hours=9)).isoformat()))
    site.scan()
    worker.live.refresh()
    assert len(ids(worker.fetch("/feeds/politics.xml"), "xml")) == 10  # and it shrinks again


def test_F20_what_the_bytes_cut_off_is_in_an_archive(site: Site, open_worker: OpenWorker) -> None:
    """Long articles: the live feed keeps to its bytes, and nothing falls between."""
    site.configure("feeds: {items: 50, max_bytes: 20 kB}\n")
    for number in range(30):
        body = " ".join(["A long sentence of an article stands here."] * 60)
        date = (START + timedelta(days=number)).isoformat()
        site.write(f"politics/{number}.md", article(f"Long {number}", body, date=date))
        if number % 7 == 0:
            site.scan()
    site.scan()
    worker = open_worker(site)
    for suffix in ("xml", "atom", "json"):
        found = walk(worker, suffix)
        assert len({one for _, held in found for one in held}) == 30
        assert all(len(worker.fetch(path).body) <= 20_000 for path, _ in found)


def test_archive_documents_are_as_good_as_feeds(site: Site, open_worker: OpenWorker) -> None:
    """R1-R3, R6, R15, R17, R30: headers, conditions, encodings and HEAD."""
    site.configure(TEN)
    write(site, range(25))
    site.scan(clock_from(THEN))
    worker = open_worker(site)
    for suffix, live in (("xml", "rss+xml"), ("atom", "atom+xml"), ("json", "feed+json")):
        path = f"/feeds/politics/archive/1.{suffix}"
        answer = worker.fetch(path)
        assert live in answer.headers["content-type"]
        assert answer.headers["vary"] == "Accept-Encoding"
        stale = ", stale-while-revalidate=60, stale-if-error=86400"
        assert answer.headers["cache-control"] == f"public, max-age=1800{stale}"
        assert worker.fetch(path, If_None_Match=answer.headers["etag"]).status == 304
        since = answer.headers["last-modified"]
        assert worker.fetch(path, If_Modified_Since=since).status == 304
        head = worker.fetch(path, "HEAD")
        assert (head.headers, head.body) == (answer.headers, b"")
        packed = worker.fetch(path, Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        again = open_worker(site).fetch(path)
        assert (again.body, again.headers["etag"]) == (answer.body, answer.headers["etag"])


def test_R8_an_archive_document_that_changes_is_dated_later(
    site: Site, open_worker: OpenWorker
) -> None:
    """The next document, an edit, a retraction: each moves Last-Modified and the ETag."""
    site.configure(TEN)
    write(site, range(12))
    site.scan(clock_from(THEN))
    worker = open_worker(site)
    path, states = "/feeds/politics/archive/1.atom", []

    def note() -> None:
        answer = worker.fetch(path)
        moment = parsedate_to_datetime(answer.headers["last-modified"])
        states.append((moment, answer.headers["etag"]))

    note()
    steps: list[Callable[[], object]] = [
        lambda: write(site, range(12, 22)),
        lambda: site.write("politics/003.md", article("Edited", date="2026-01-01T18:00:00Z")),
        lambda: (site.content / "politics/004.md").unlink(),
    ]
    for number, step in enumerate(steps, 1):
        step()
        site.scan(clock_from(THEN + timedelta(hours=number)))
        worker.live.refresh()
        note()
    assert len({etag for _, etag in states}) == 4
    assert [moment for moment, _ in states] == sorted({moment for moment, _ in states})


def test_formats_of_a_document_are_of_one_feed_and_of_this_moment(
    site: Site, open_worker: OpenWorker
) -> None:
    """What one format was made of serves the next, until something is published."""
    site.configure(TEN)
    write(site, range(25))
    site.scan(clock_from(THEN))
    worker = open_worker(site)

    def show(page: int, suffix: str) -> list[str]:
        return ids(worker.fetch(f"/feeds/politics/archive/{page}.{suffix}"), suffix)

    first, second = show(1, "xml"), show(2, "atom")
    assert len(first) == 10 and set(first).isdisjoint(second)
    assert show(1, "atom") == show(1, "json") == first
    assert show(2, "json") == show(2, "xml") == second
    site.write("politics/003.md", article("Edited", date="2026-01-01T18:00:00Z"))
    site.scan(clock_from(THEN + timedelta(hours=1)))
    worker.live.refresh()
    for suffix in ("json", "atom", "xml"):
        assert b"Edited" in worker.fetch(f"/feeds/politics/archive/1.{suffix}").body


@pytest.mark.parametrize(
    "path",
    [
        "0.atom",
        "01.atom",
        "1.rss",
        "1.html",
        "-1.atom",
        "1",
        "1.atom/",
        "999999999999.atom",
        "a.xml",
    ],
)
def test_what_is_no_archive_document_is_404(site: Site, open_worker: OpenWorker, path: str) -> None:
    """Odd numbers and names: short plain text, never a traceback."""
    write(site, range(60))
    site.scan()
    worker = open_worker(site)
    for name in ("politics", "nothing", "..", "%2e"):
        answer = worker.fetch(f"/feeds/{name}/archive/{path}")
        assert answer.status == 404 and answer.body == b"404 Not Found\n"


@pytest.mark.parametrize("suffix", ["xml", "atom"])
def test_P51_P52_no_document_claims_to_be_paged_or_complete(
    site: Site, open_worker: OpenWorker, suffix: str
) -> None:
    """Archives are the one way back: the other two of RFC 5005 would contradict them."""
    site.configure(TEN)
    write(site, range(25))
    site.scan()
    worker = open_worker(site)
    for path, _ in walk(worker, suffix):
        answer = worker.fetch(path)
        assert not {"first", "last", "previous", "next"} & links(answer).keys()
        assert b"complete" not in answer.body

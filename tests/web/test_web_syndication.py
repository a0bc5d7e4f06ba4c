"""What may be passed on of an article, in every kind of feed; and corrections, seen by all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from lxml import etree
from sites import ATOM, FORMATS, Site, article, clock_from, parse_atom, parse_feed, plain_text
from workers import THEN, Worker

from feedsvc.publication import load_publication

OpenWorker = Callable[..., Worker]
GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
TITLE, WORDS = "Agency report", "Every word of the agency."
REPORT = "politics/report.md"
# Two entries a feed, so that all of it goes into archive documents as well; and a partner.
MORE = """\
feeds:
  items: 2
partners:
  friend: {profile: plain, token: open-sesame-1234567}
"""
NAMES = ("all", "politics", "tag/agency", "author/ann-lee", "politics+sports")


def write_report(site: Site, **front: str) -> None:
    front = {"date": "2026-01-05", "tags": "agency", "author": "Ann Lee"} | front
    site.write(REPORT, article(TITLE, f"In short.\n\n{WORDS}", **front))


def open_site(site: Site, open_worker: OpenWorker, **front: str) -> Worker:
    """Publish a site with the report and three articles of its own, and open a worker on it."""
    site.configure(MORE)
    write_report(site, **front)
    for number in range(1, 4):
        text = article(f"Own story {number}", date=f"2026-01-0{number}", tags="agency")
        site.write(f"politics/own{number}.md", text)
    site.scan(clock_from(THEN))
    return open_worker(site)


def publish(site: Site, worker: Worker, hours: int = 1) -> None:
    """Take what was written, some hours later."""
    site.scan(clock_from(THEN + timedelta(hours=hours)))
    worker.live.refresh()


def list_feeds(worker: Worker) -> dict[str, str]:
    """Return every document of every kind of feed: text by path."""
    paths = [f"/feeds/{name}.{suffix}" for name in NAMES for suffix in FORMATS]
    for name in ("all", "politics"):
        pages = worker.store.pages(name)
        assert pages, "no archive to look at"
        for page in range(1, pages + 1):
            paths += [f"/feeds/{name}/archive/{page}.{suffix}" for suffix in FORMATS]
    found = {}
    for path in paths:
        answer = worker.fetch(path)
        assert answer.status == 200, (path, answer.status)
        found[path] = answer.text
    for path, one in load_publication(worker.store).representations.items():
        if path.startswith("/partners/"):
            found[path] = one.bodies["identity"].decode()
    assert any(path.startswith("/partners/") for path in found)
    return found


def page_of(worker: Worker) -> str:
    """Return the path of the report's own page."""
    (entry,) = [one for one in worker.store.newest("politics", THEN, 9) if one.path == REPORT]
    return f"/articles/{entry.uid}-agency-report"


def tombstones(worker: Worker, name: str) -> dict[str, str]:
    root = etree.fromstring(worker.fetch(f"/feeds/{name}.atom").body)
    return {one.get("ref", ""): one.get("when", "") for one in root.iter(GONE)}


def test_full_is_everywhere(site: Site, open_worker: OpenWorker) -> None:
    """The other tests look for these words where they can be."""
    feeds = list_feeds(open_site(site, open_worker))
    for name in NAMES:
        for suffix in FORMATS:
            assert WORDS in feeds[f"/feeds/{name}.{suffix}"]
    assert any(WORDS in text for path, text in feeds.items() if "/archive/" in path)
    assert any(WORDS in text for path, text in feeds.items() if path.startswith("/partners/"))


@pytest.mark.parametrize("syndication", ["none", "None", "nonne", "", "[none, full]"])
def test_none_is_in_no_feed_and_on_every_page(
    site: Site, open_worker: OpenWorker, syndication: str
) -> None:
    """What cannot be read is taken for none: nothing can be called back."""
    worker = open_site(site, open_worker, syndication=syndication)
    for path, text in list_feeds(worker).items():
        assert TITLE not in text and WORDS not in text, path
    for path in ("/", "/sections/politics", page_of(worker), "/news-sitemap.xml"):
        assert worker.fetch(path).status == 200
    for path in ("/", "/sections/politics", page_of(worker)):
        assert TITLE in worker.fetch(path).text, path
    assert WORDS in worker.fetch(page_of(worker)).text


def test_none_takes_no_other_articles_place(site: Site, open_worker: OpenWorker) -> None:
    """R43: a feed holds as many entries as it should, however much may not be in it."""
    site.configure(MORE)
    for number in range(1, 9):
        front = {"syndication": "none"} if number > 3 else {}
        day = f"2026-01-0{number}"
        site.write(f"politics/{number}.md", article(f"Story {number}", date=day, **front))
    site.scan(clock_from(THEN))
    worker = open_worker(site)
    for suffix in FORMATS:
        items = parse_feed(suffix, worker.fetch(f"/feeds/politics.{suffix}").body)
        assert [one["title"] for one in items] == ["Story 3", "Story 2"]


def test_summary_is_all_that_any_feed_has(site: Site, open_worker: OpenWorker) -> None:
    worker = open_site(site, open_worker, syndication="summary", summary="In short.")
    for path, text in list_feeds(worker).items():
        assert WORDS not in text, path
    for suffix in FORMATS:
        items = parse_feed(suffix, worker.fetch(f"/feeds/politics.{suffix}").body)
        (report,) = [one for one in items if one["title"] == TITLE]
        assert plain_text(str(report["content"])) == "In short.Read the whole article"
        assert page_of(worker) in str(report["content"])
    assert WORDS in worker.fetch(page_of(worker)).text


def test_P53_P55_recalled_from_feeds_alone(site: Site, open_worker: OpenWorker) -> None:
    """Readers of Atom are told, in every feed that had it; the page stays; and it can come back."""
    worker = open_site(site, open_worker)
    before = {one.title: one for one in parse_atom(worker.fetch("/feeds/politics.atom").body)}
    id_ = before[TITLE].id
    write_report(site, syndication="none", minor="true")
    publish(site, worker)
    for path, text in list_feeds(worker).items():
        assert TITLE not in text and WORDS not in text, path
    for name in NAMES:
        ((ref, when),) = tombstones(worker, name).items()
        assert ref == id_
        assert datetime.fromisoformat(when) >= datetime.fromisoformat(before[TITLE].updated)
    assert tombstones(worker, "sports") == {}
    assert any(id_ in text for path, text in list_feeds(worker).items() if "archive" in path)
    assert worker.fetch(page_of(worker)).status == 200
    assert TITLE in worker.fetch("/sections/politics").text

    write_report(site, syndication="summary", minor="true")
    publish(site, worker, hours=2)
    after = {one.title: one for one in parse_atom(worker.fetch("/feeds/politics.atom").body)}
    assert after[TITLE].id == id_ and after[TITLE].published == before[TITLE].published
    assert after[TITLE].updated > when
    for name in NAMES:
        assert tombstones(worker, name) == {}
    assert [(one.action, one.detail) for one in worker.store.deeds(9)] == [
        ("restore", f"{REPORT}: its file says syndication: summary again"),
        ("withdraw", f"{REPORT}: its file says syndication: none"),
    ]


def test_what_never_was_in_a_feed_leaves_no_tombstone(site: Site, open_worker: OpenWorker) -> None:
    """But its page is gone for good, and that is written down."""
    worker = open_site(site, open_worker, syndication="none")
    page = page_of(worker)
    write_report(site, syndication="none", summary="Edited.")
    publish(site, worker)
    assert tombstones(worker, "politics") == {}
    (site.content / REPORT).unlink()
    publish(site, worker, hours=2)
    assert tombstones(worker, "politics") == {}
    assert worker.fetch(page).status == 410
    assert [one.action for one in worker.store.deeds(9)] == ["withdraw"]
    write_report(site)
    publish(site, worker, hours=3)
    assert WORDS in worker.fetch("/feeds/politics.xml").text
    assert [one.action for one in worker.store.deeds(9)] == ["restore", "withdraw"]


def test_recalled_and_then_deleted(site: Site, open_worker: OpenWorker) -> None:
    """The tombstone stays as it was; both are written down."""
    worker = open_site(site, open_worker)
    write_report(site, syndication="none")
    publish(site, worker)
    told = tombstones(worker, "politics")
    assert len(told) == 1
    (site.content / REPORT).unlink()
    publish(site, worker, hours=2)
    assert tombstones(worker, "politics") == told
    assert [one.action for one in worker.store.deeds(9)] == ["withdraw", "withdraw"]


def test_R11_R46_what_stands_on_pages_alone_moves_no_feed(
    site: Site, open_worker: OpenWorker
) -> None:
    worker = open_site(site, open_worker, syndication="none")
    paths = [f"/feeds/{name}.{suffix}" for name in ("all", "politics") for suffix in FORMATS]
    before = {path: worker.fetch(path) for path in paths}
    site.write(REPORT, article("Another title", date="2026-01-05", syndication="none"))
    publish(site, worker)
    for path in paths:
        after = worker.fetch(path)
        assert after.body == before[path].body and after.headers == before[path].headers, path
    for path in ("/", "/sections/politics"):
        assert "Another title" in worker.fetch(path).text


def test_R45_P10_a_correction_is_seen_by_everybody(site: Site, open_worker: OpenWorker) -> None:
    """On top of the content of every format and of the page; and `updated` moves."""
    worker = open_site(site, open_worker)
    before = {one.title: one for one in parse_atom(worker.fetch("/feeds/all.atom").body)}
    write_report(site, correction="It was 7, not 9 & <more>.")
    publish(site, worker)
    for name in NAMES:
        for suffix in FORMATS:
            items = parse_feed(suffix, worker.fetch(f"/feeds/{name}.{suffix}").body)
            (report,) = [one for one in items if one["title"] == TITLE]
            shown = plain_text(str(report["content"]))
            assert shown.startswith("Correction: It was 7, not 9 & <more>.In short."), (
                name,
                suffix,
            )
    page = etree.HTML(worker.fetch(page_of(worker)).text)
    (box,) = page.xpath("//article//*[@class='correction']")
    assert "It was 7, not 9 & <more>." in "".join(box.itertext())
    (body,) = page.xpath("//article//*[@class='body']")
    assert box in body.xpath("preceding::*"), "it stands on top"
    after = {one.title: one for one in parse_atom(worker.fetch("/feeds/all.atom").body)}
    assert after[TITLE].updated > before[TITLE].updated
    assert after[TITLE].published == before[TITLE].published
    (item,) = [
        one
        for one in json.loads(worker.fetch("/feeds/all.json").body)["items"]
        if one["title"] == TITLE
    ]
    assert datetime.fromisoformat(item["date_modified"]) == datetime.fromisoformat(
        after[TITLE].updated
    )
    assert after["Own story 3"] == before["Own story 3"]


def test_rights_are_shown_in_feeds_and_on_the_page(site: Site, open_worker: OpenWorker) -> None:
    """And a change of them is news."""
    worker = open_site(site, open_worker)
    before = {one.title: one for one in parse_atom(worker.fetch("/feeds/politics.atom").body)}
    write_report(site, rights="© 2026 The Wire")
    publish(site, worker)
    for suffix in FORMATS:
        assert "© 2026 The Wire" in worker.fetch(f"/feeds/politics.{suffix}").text
    assert "© 2026 The Wire" in worker.fetch(page_of(worker)).text
    root = etree.fromstring(worker.fetch("/feeds/politics.atom").body)
    updated = root.findtext(f"{ATOM}entry/{ATOM}updated")
    assert updated and updated > before[TITLE].updated

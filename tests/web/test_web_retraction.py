"""Taking back: everywhere at once, told to readers as deleted, written down (P53-P56, F19, R23)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from lxml import etree
from sites import (
    ATOM,
    Site,
    article,
    clock_from,
    parse_atom,
    plain_environment,
    serving,
    wait_until,
)
from workers import THEN, Worker

from feedsvc.store import Deed

GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
OpenWorker = Callable[..., Worker]
SCOOP = "politics/scoop.md"


def command(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours on a site."""
    line = [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)]
    return subprocess.run(
        line, capture_output=True, text=True, timeout=60, check=False, env=plain_environment()
    )


def tombstones(worker: Worker, path: str = "/feeds/politics.atom") -> dict[str, str]:
    """Return the deleted entries of an Atom document: id and moment."""
    root = etree.fromstring(worker.fetch(path).body)
    found = [(one.get("ref", ""), one.get("when", "")) for one in root.iter(GONE)]
    assert len(set(found)) == len(found), "P54"
    return dict(found)


def delete(site: Site) -> None:
    (site.content / SCOOP).unlink()


def withdraw_in_file(site: Site) -> None:
    site.write(SCOOP, article("A scoop", date="2026-01-05", status="withdrawn"))


def make_draft(site: Site) -> None:
    site.write(SCOOP, article("A scoop", date="2026-01-05", draft="true"))


def withdraw_by_command(site: Site) -> None:
    assert command(site, "withdraw", SCOOP, "--reason", "a mistake").returncode == 0


WAYS = [delete, withdraw_in_file, make_draft, withdraw_by_command]


@pytest.fixture
def scoop(site: Site) -> Site:
    """A site with two public articles, one of them a scoop."""
    site.write(SCOOP, article("A scoop", "Secret words.", date="2026-01-05"))
    site.write("politics/other.md", article("Another", date="2026-01-04"))
    site.scan(clock_from(THEN))
    return site


@pytest.mark.parametrize("take_back", WAYS, ids=lambda way: way.__name__)
def test_F19_P53_retraction_is_complete(
    scoop: Site, open_worker: OpenWorker, take_back: Callable[[Site], None]
) -> None:
    """No feed, page or archive has it any more; Atom names its id; its page answers 410."""
    worker = open_worker(scoop)
    (entry,) = [
        one for one in parse_atom(worker.fetch("/feeds/all.atom").body) if one.title == "A scoop"
    ]
    page = entry.link.partition("gazette.test")[2]
    take_back(scoop)
    scoop.scan()
    worker.live.refresh()
    publication = worker.live.fast.publication
    assert publication
    for path in publication.representations:
        body = worker.fetch(path).text
        assert "scoop" not in body.lower() and "Secret words" not in body, path
    for path in ("/feeds/all.atom", "/feeds/politics.atom"):
        ((ref, when),) = tombstones(worker, path).items()
        assert ref == entry.id
        assert datetime.fromisoformat(when) >= datetime.fromisoformat(entry.updated)  # P55
        assert "T" in when and when.endswith("+00:00")
    assert tombstones(worker, "/feeds/sports.atom") == {}
    answer = worker.fetch(page)
    assert answer.status == 410 and "scoop" not in answer.text.lower()
    (deed,) = worker.store.deeds(10)
    assert (deed.action, deed.uid) == (
        "withdraw",
        entry.id.rpartition(":")[2].replace("-", "")[:16],
    )


@pytest.mark.parametrize("take_back", WAYS, ids=lambda way: way.__name__)
def test_P55_what_comes_back_is_newer_than_its_tombstone(
    scoop: Site, open_worker: OpenWorker, take_back: Callable[[Site], None]
) -> None:
    """The same id and date of publication, updated after the deletion, and no tombstone."""
    worker = open_worker(scoop)
    before = {one.title: one for one in parse_atom(worker.fetch("/feeds/all.atom").body)}
    take_back(scoop)
    scoop.scan()
    worker.live.refresh()
    when = tombstones(worker)[before["A scoop"].id]
    if take_back is withdraw_by_command:
        assert command(scoop, "withdraw", "--undo", before["A scoop"].id).returncode == 0
    scoop.write(SCOOP, article("A scoop", "Secret words.", date="2026-01-05"))
    scoop.scan()
    worker.live.refresh()
    after = {one.title: one for one in parse_atom(worker.fetch("/feeds/all.atom").body)}
    assert after["A scoop"].id == before["A scoop"].id
    assert after["A scoop"].published == before["A scoop"].published
    assert after["A scoop"].updated > when
    assert tombstones(worker) == {}
    assert [one.action for one in worker.store.deeds(10)] == ["restore", "withdraw"]


def test_withdrawal_by_command_holds_against_the_file(scoop: Site, open_worker: OpenWorker) -> None:
    """An edit, a move and a return of the file do not bring it back: only the person does."""
    withdraw_by_command(scoop)
    worker = open_worker(scoop)
    scoop.write(SCOOP, article("A scoop, edited", date="2026-01-05"))
    scoop.scan()
    (scoop.content / SCOOP).rename(scoop.content / "moved.md")
    scoop.scan()
    worker.live.refresh()
    assert "scoop" not in worker.fetch("/feeds/all.xml").text
    assert command(scoop, "withdraw", "--undo", "moved.md").returncode == 0
    worker.live.refresh()
    assert "scoop, edited" in worker.fetch("/feeds/all.xml").text


def test_withdraw_takes_every_name_of_an_article(scoop: Site, open_worker: OpenWorker) -> None:
    """A path, a file, an id, its short form, and the address of its page."""
    worker = open_worker(scoop)
    (entry,) = [
        one for one in parse_atom(worker.fetch("/feeds/all.atom").body) if one.title == "A scoop"
    ]
    uid = entry.id.rpartition(":")[2].replace("-", "")[:16]
    for name in (SCOOP, str(scoop.content / SCOOP), entry.id, uid, entry.link):
        answer = command(scoop, "withdraw", name, "--json")
        assert (answer.returncode, json.loads(answer.stdout)["status"]) == (0, "withdrawn"), name
        assert command(scoop, "withdraw", name, "--undo").returncode == 0, name
    for wrong in ("nothing.md", entry.id.replace(uid[:8], "0" * 8), "0" * 16, "", "tag:x", "../x"):
        answer = command(scoop, "withdraw", wrong)
        assert answer.returncode == 2 and answer.stderr.count("\n") == 1, wrong
    assert command(scoop, "withdraw", SCOOP, "--undo").returncode == 2
    deeds = json.loads(command(scoop, "audit", "--json").stdout)
    assert [one["action"] for one in deeds] == ["restore", "withdraw"] * 5
    assert SCOOP in command(scoop, "audit").stdout


def test_withdraw_beside_a_running_server(site: Site) -> None:
    """It is gone within the second, with no restart; a scan does not bring it back."""
    site.write(SCOOP, article("A scoop", date="2026-01-05"))
    with serving(site) as server:
        page = server.items()["A scoop"].link.partition("gazette.test")[2]
        assert command(site, "withdraw", SCOOP, "--reason", "libel").returncode == 0
        wait_until(lambda: "A scoop" not in server.items(), 2.0)
        assert server.get(page).status == 410
        site.write("politics/new.md", article("New"))
        wait_until(lambda: "New" in server.items())
        assert "A scoop" not in server.items("politics")
    assert "libel" in command(site, "audit").stdout


def test_what_nobody_saw_leaves_no_tombstone(site: Site, open_worker: OpenWorker) -> None:
    """A draft and an embargo were never public: not even their ids are told."""
    site.write(SCOOP, article("A scoop", embargo="2099-01-05"))
    site.write("politics/draft.md", article("A draft", draft="true"))
    site.scan()
    (site.content / SCOOP).unlink()
    (site.content / "politics/draft.md").unlink()
    site.scan()
    worker = open_worker(site)
    assert tombstones(worker) == {} and worker.store.deeds(10) == []


def test_P50_a_retracted_entry_leaves_its_tombstone_in_its_archive(
    site: Site, open_worker: OpenWorker
) -> None:
    """The document keeps its set of ids; the words are gone from every format."""
    site.configure("feeds: {items: 10}\n")
    for number in range(12):
        site.write(
            f"politics/{number}.md", article(f"Story {number}", date=f"2026-01-{number + 1:02}")
        )
    site.scan()
    worker = open_worker(site)
    path = "/feeds/politics/archive/1.atom"
    before = {one.id for one in parse_atom(worker.fetch(path).body)}
    (site.content / "politics/3.md").unlink()
    site.scan()
    worker.live.refresh()
    after = {one.id for one in parse_atom(worker.fetch(path).body)}
    assert after | tombstones(worker, path).keys() == before and len(after) == 9
    for suffix in ("xml", "json", "atom"):
        assert "Story 3" not in worker.fetch(f"/feeds/politics/archive/1.{suffix}").text


def test_tombstones_are_bounded_and_the_newest_stay(site: Site, open_worker: OpenWorker) -> None:
    """A site that deletes a thousand articles does not fill its feeds with their names."""
    for number in range(70):
        site.write(f"politics/{number}.md", article(f"Story {number}", date="2026-01-01"))
    site.scan(clock_from(THEN))
    for number in range(70):
        (site.content / f"politics/{number}.md").unlink()
        if number in (9, 69):
            site.scan(clock_from(THEN + timedelta(hours=number)))
    found = tombstones(open_worker(site))
    assert len(found) == 50 and set(found.values()) == {max(found.values())}, (
        "the ten that went first are told no more"
    )


def test_a_retraction_moves_every_feed_it_stood_in_and_no_other(
    scoop: Site, open_worker: OpenWorker
) -> None:
    """R11, R46: new ETag and date for politics and all; sports is as it was."""
    worker = open_worker(scoop)
    paths = [f"/feeds/{name}.xml" for name in ("all", "politics", "sports")]
    before = [worker.fetch(path).headers["etag"] for path in paths]
    delete(scoop)
    scoop.scan()
    worker.live.refresh()
    after = [worker.fetch(path).headers["etag"] for path in paths]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True]


def test_the_audit_log_keeps_what_was_written(scoop: Site, open_worker: OpenWorker) -> None:
    """Any text of a reason comes back as it was, on one line."""
    odd = 'a "quoted" reason\nof two lines, ünïcode'
    assert command(scoop, "withdraw", SCOOP, "--reason", odd).returncode == 0
    (deed,) = open_worker(scoop).store.deeds(10)
    assert isinstance(deed, Deed) and deed.detail == f"{SCOOP}: {odd}" and deed.who
    assert ATOM not in deed.detail


@pytest.mark.parametrize(
    ("take_back", "lost", "found"),
    [
        (delete, "its file was deleted", "its file is back"),
        (withdraw_in_file, "its file says status: withdrawn", "its file says status: live again"),
        (make_draft, "its file says status: draft", "its file says status: live again"),
    ],
    ids=["deleted", "withdrawn", "draft"],
)
def test_the_audit_log_tells_a_lost_file_from_a_status(
    scoop: Site, take_back: Callable[[Site], None], lost: str, found: str
) -> None:
    """Both ways: who reads it later can no longer see which it was."""
    take_back(scoop)
    scoop.scan()
    scoop.write(SCOOP, article("A scoop", date="2026-01-05"))
    scoop.scan()
    with scoop.service() as service:
        deeds = service.store.deeds(10)
    assert [(one.who, one.action, one.detail) for one in deeds] == [
        ("content folder", "restore", f"{SCOOP}: {found}"),
        ("content folder", "withdraw", f"{SCOOP}: {lost}"),
    ]


def test_P56_tombstones_stand_in_their_own_feed_only(scoop: Site, open_worker: OpenWorker) -> None:
    """Never alone, so they need no atom:source: the id around them is that of their feed."""
    worker = open_worker(scoop)
    path = "/feeds/politics.atom"
    before = etree.fromstring(worker.fetch(path).body).findtext(f"{ATOM}id")
    delete(scoop)
    scoop.scan()
    worker.live.refresh()
    root = etree.fromstring(worker.fetch(path).body)
    (dead,) = root.iter(GONE)
    parent = dead.getparent()
    assert parent is root and root.findtext(f"{ATOM}id") == before
    assert len(dead) == 0 and worker.fetch(path).headers["content-type"].startswith(
        "application/atom+xml"
    )

"""Identity, moves, deletions and doubt: a real folder and a real store, with a clock of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.config import parse_config
from feedsvc.scan import CACHE, Report
from feedsvc.scan import CONFIG as CONFIG_PROBLEM
from feedsvc.scan.plan import doubt_deletions, doubt_folders, plan_scan
from feedsvc.service import Service
from feedsvc.store import State, StoredEntry

CONFIG = b"""
site: {id: "test.example,2026-01-01", base_url: "https://test.example"}
content: {folder: content, settle: 0}
sections: {politics: Politics, sports: Sports}
"""


class Desk:
    """A site under test, whose clock only moves when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content = folder / "content"
        self.content.mkdir(exist_ok=True)
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)
        self.open()

    def open(self) -> None:
        loaded = parse_config(CONFIG, self.folder / "config.yaml", {})
        self.service = Service(loaded, clock=lambda: self.now)
        self.service.start()

    def write(self, path: str, title: str, body: str = "Some words.", **front: str) -> None:
        head = "".join(f"{key}: {value}\n" for key, value in {"title": title, **front}.items())
        file = self.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\n{head}---\n{body}\n")

    def scan(self, accept: bool = False) -> Report:
        self.service.scan(accept_deletions=accept)
        self.now += timedelta(seconds=5)
        report = self.service.scan(accept_deletions=accept)
        self.now += timedelta(seconds=5)
        return report

    def live(self) -> dict[str, StoredEntry]:
        return {one.path: one for one in self.service.store.entries(State.LIVE)}

    def bytes_of(self) -> dict[str, tuple[bytes, str, datetime]]:
        found = self.service.store.representations_since(0)
        return {
            path: (one.bodies["identity"], one.etag, one.modified)
            for path, one in found.items()
            if one
        }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.service.close()


def test_plan_tells_new_changed_and_missing() -> None:
    known = {"": {"a.txt": (1, 1, 1), "b.txt": (1, 1, 2)}, "x": {"c.txt": (1, 1, 3)}}
    listed = {"": {"a.txt": (2, 1, 1), "d.txt": (1, 1, 4)}}
    plan = plan_scan(listed, known)
    assert (plan.look, plan.missing) == (("a.txt", "d.txt"), ("b.txt", "x/c.txt"))
    assert plan_scan(listed, known, failed=["x"]).missing == ("b.txt",)


@pytest.mark.parametrize(
    ("missing", "known", "doubted"), [(10, 20, False), (11, 20, True), (19, 19, False)]
)
def test_more_than_half_of_twenty_is_doubted(missing: int, known: int, doubted: bool) -> None:
    assert bool(doubt_deletions(missing, known)) is doubted


MANY = {f"{number}.md": (1, 1, number) for number in range(30)}


@pytest.mark.parametrize(
    ("missing", "doubted"),
    [
        (["a/deep", "a/deep", "b"], {}),
        (["a/deep"] * 15, {}),
        (["a/deep"] * 16, {"a/deep": "16 of 30 files in a/deep/ vanished"}),
        (["a"] * 16 + ["a/deep"] * 15, {"a": "31 of 60 files in a/ vanished"}),
        (["a/deep"] * 30 + ["a"] * 1, {"a": "31 of 60 files in a/ vanished"}),
        (["a/deep"] * 16 + ["b"] * 17, {"a/deep": "16 of 30", "b": "17 of 30"}),
        (["a"] * 30 + ["a/deep"] * 16, {"": "46 of 91 files vanished"}),
        (["few"], {}),
    ],
)
def test_the_folder_that_vanishes_is_doubted(missing: list[str], doubted: dict[str, str]) -> None:
    """DESIGN "The scan": more than half of a folder of twenty or more files, wherever it lies."""
    known = {"a": MANY, "a/deep": MANY, "b": MANY, "few": {"1.md": (1, 1, 1)}}
    counts: dict[str, int] = {}
    paths = []
    for folder in missing:
        counts[folder] = counts.get(folder, -1) + 1
        paths.append(f"{folder}/{counts[folder]}.md")
    found = doubt_folders(paths, known)
    assert found.keys() == doubted.keys()
    for folder, reason in doubted.items():
        assert found[folder].startswith(reason)


def test_a_desk_that_vanishes_holds_nothing_else_up(desk: Desk) -> None:
    for number in range(60):
        desk.write(f"{'politics' if number < 25 else 'sports'}/{number}.md", f"Story {number}")
    desk.scan()
    for number in range(25):
        (desk.content / f"politics/{number}.md").unlink()
    (desk.content / "sports/30.md").unlink()
    report = desk.scan()
    assert "25 of 25 files in politics/ vanished at once" in report.halted
    assert len(desk.live()) == 59 and "sports/30.md" not in desk.live()
    (problem,) = desk.service.store.problems()
    assert "in politics/" in problem.message
    assert desk.scan().halted  # for as long as it takes
    desk.scan(accept=True)
    assert len(desk.live()) == 34 and not desk.service.store.problems()


@pytest.mark.parametrize(
    ("path", "kind"), [("config.yaml", CONFIG_PROBLEM), ("purge http://cache", CACHE)]
)
def test_scans_take_back_only_what_scans_report(desk: Desk, path: str, kind: str) -> None:
    """Whether a config or a cache is mended no folder tells."""
    desk.write("politics/1.md", "Story")
    (desk.content / "politics/bad.md").write_bytes(b"\0\1\2\3 no text")
    with desk.service.store.writing() as writer:
        writer.put_problem(path, kind, "is broken", desk.now)
    desk.scan()
    assert {one.kind for one in desk.service.store.problems()} == {kind, "refused"}
    (desk.content / "politics/bad.md").unlink()
    desk.scan()
    assert [one.path for one in desk.service.store.problems()] == [path]


def test_F14_R37_id_survives_edit_move_deletion_and_a_lost_store(desk: Desk) -> None:
    desk.write("a.md", "First")
    desk.scan()
    id_ = desk.live()["a.md"].id
    desk.write("a.md", "First, edited")
    desk.scan()
    assert desk.live()["a.md"].id == id_
    (desk.content / "a.md").rename(desk.content / "moved.md")
    desk.scan()
    assert {path: one.id for path, one in desk.live().items()} == {"moved.md": id_}
    (desk.content / "moved.md").rename(desk.folder / "away")
    desk.scan()
    assert desk.live() == {}
    (desk.folder / "away").rename(desk.content / "a.md")
    desk.scan()
    assert desk.live()["a.md"].id == id_
    desk.service.close()
    for file in (desk.folder / "var").iterdir():
        file.unlink()
    desk.open()
    desk.scan()
    assert desk.live()["a.md"].id == id_


def test_R44_R45_published_stays_and_only_a_visible_edit_moves_updated(desk: Desk) -> None:
    desk.write("a.md", "First")
    desk.scan()
    before = desk.live()["a.md"]
    desk.write("a.md", "First", weight="3")  # nothing that a reader sees
    desk.scan()
    assert desk.live()["a.md"].updated == before.updated
    desk.write("a.md", "Second")
    desk.scan()
    after = desk.live()["a.md"]
    assert after.published == before.published and after.updated > before.updated


def test_R45_R46_a_minor_edit_moves_the_feed_and_not_the_entry(desk: Desk) -> None:
    """Readers get the mended words with the next poll, and are not told that there is news."""
    desk.write("politics/a.md", "Frist")
    desk.scan()
    before, bytes_before = desk.live()["politics/a.md"], desk.bytes_of()["/feeds/politics.atom"]
    desk.write("politics/a.md", "First", minor="true")
    desk.scan()
    after, bytes_after = desk.live()["politics/a.md"], desk.bytes_of()["/feeds/politics.atom"]
    assert after.article.title == "First" and after.updated == before.updated
    assert b"<title>First</title>" in bytes_after[0] and bytes_after[1] != bytes_before[1]
    assert bytes_after[2] > bytes_before[2]  # R8, R46: the feed says that it changed
    desk.write("politics/a.md", "First")  # taking the word away is no edit either
    desk.scan()
    assert desk.live()["politics/a.md"].updated == before.updated
    desk.write("politics/a.md", "First of all", minor="false")
    desk.scan()
    assert desk.live()["politics/a.md"].updated > before.updated


def test_R7_R8_F18_a_feed_changes_once_a_second_at_most(desk: Desk) -> None:
    """Two changes within a second: the second waits, so no date is shared and none lies ahead."""
    desk.write("politics/a.md", "First")
    desk.scan()
    desk.write("politics/b.md", "Second")
    desk.service.scan()
    assert b"Second" in desk.bytes_of()["/feeds/politics.xml"][0]
    desk.now += timedelta(milliseconds=300)
    desk.write("politics/c.md", "Third")
    desk.write("sports/d.md", "Elsewhere")
    desk.service.scan()
    shown = desk.bytes_of()
    assert b"Third" not in shown["/feeds/politics.xml"][0]
    assert b"Elsewhere" in shown["/feeds/sports.xml"][0]  # which had not changed just now
    assert desk.service.next_release() == desk.now + timedelta(milliseconds=700)
    desk.now += timedelta(milliseconds=700)
    desk.service.publish()
    after = desk.bytes_of()
    assert b"Third" in after["/feeds/politics.xml"][0]
    dates = [shown["/feeds/politics.xml"][2], after["/feeds/politics.xml"][2]]
    assert dates[1] - dates[0] >= timedelta(seconds=1) and dates[1] <= desk.now
    assert desk.service.next_release() is None and desk.service.store.dirty() == {}


def test_two_files_with_one_id(desk: Desk) -> None:
    desk.write("a.md", "First", id="same")
    desk.scan()
    desk.write("b.md", "Second", id="same")
    desk.scan()
    assert list(desk.live()) == ["a.md"]
    (problem,) = desk.service.store.problems()
    assert problem.path == "b.md" and "a.md" in problem.message
    (desk.content / "a.md").unlink()
    desk.scan()
    assert list(desk.live()) == ["b.md"] and desk.service.store.problems() == []


def test_a_copy_and_a_namesake_are_entries_of_their_own(desk: Desk) -> None:
    desk.write("a.md", "First")
    (desk.content / "a.txt").write_text("A namesake\n\nIt says something else altogether.\n")
    desk.write("copy.md", "First")
    desk.scan()
    assert len({one.id for one in desk.live().values()}) == 3


@pytest.mark.parametrize("front", [{}, {"id": "its-own"}])
def test_R37_a_file_renamed_onto_a_dead_one_keeps_its_own_id(
    desk: Desk, front: dict[str, str]
) -> None:
    """A path that was somebody's is nobody's: the article goes before the place."""
    desk.write("politics/dead.md", "Dead")
    desk.write("politics/alive.md", "Alive", "Other words.", **front)
    desk.scan()
    ids = {path: entry.id for path, entry in desk.live().items()}
    (desk.content / "politics/dead.md").unlink()
    desk.scan()
    (desk.content / "politics/alive.md").rename(desk.content / "politics/dead.md")
    desk.scan()
    found = {path: entry.id for path, entry in desk.live().items()}
    assert found == {"politics/dead.md": ids["politics/alive.md"]}


def test_R37_a_renamed_copy_keeps_its_own_id_after_its_twin_went(desk: Desk) -> None:
    """Of two files that had these bytes, the one that has just vanished was renamed."""
    desk.write("politics/one.md", "Twin")
    desk.write("politics/two.md", "Twin")
    desk.scan()
    ids = {path: entry.id for path, entry in desk.live().items()}
    (desk.content / "politics/one.md").unlink()
    desk.scan()
    (desk.content / "politics/two.md").rename(desk.content / "politics/three.md")
    desk.scan()
    found = {path: entry.id for path, entry in desk.live().items()}
    assert found == {"politics/three.md": ids["politics/two.md"]}


def test_most_files_vanishing_withdraws_nothing_until_confirmed(desk: Desk) -> None:
    for number in range(20):
        desk.write(f"{number}.md", f"Number {number}")
    desk.scan()
    for number in range(15):
        (desk.content / f"{number}.md").unlink()
    desk.scan()
    assert len(desk.live()) == 20
    assert "vanished" in desk.service.store.problems()[0].message
    desk.scan(accept=True)
    assert len(desk.live()) == 5 and desk.service.store.problems() == []


def test_a_mended_file_clears_its_problem_and_a_broken_one_keeps_its_entry(desk: Desk) -> None:
    desk.write("a.md", "First")
    desk.scan()
    (desk.content / "a.md").write_text("---\ntitle: [\n---\nx\n")
    desk.scan()
    assert desk.live()["a.md"].article.title == "First"
    assert [one.path for one in desk.service.store.problems()] == ["a.md"]
    desk.write("a.md", "Mended")
    desk.scan()
    assert desk.live()["a.md"].article.title == "Mended" and not desk.service.store.problems()


def test_links_out_of_the_folder_and_pipes_are_not_followed(desk: Desk) -> None:
    (desk.folder / "secret.txt").write_text("Secret\n\nThis must not be published.\n")
    (desk.content / "out.txt").symlink_to(desk.folder / "secret.txt")
    os.mkfifo(desk.content / "pipe.txt")
    desk.scan()
    assert desk.live() == {}
    (problem,) = desk.service.store.problems()
    assert problem.path == "out.txt" and "leads out" in problem.message


def test_F12_F13_R10_a_rebuild_changes_nothing_and_an_edit_only_its_feeds(desk: Desk) -> None:
    desk.write("politics/a.md", "First")
    desk.write("sports/b.md", "Second")
    desk.scan()
    before, revision = desk.bytes_of(), desk.service.store.revision()
    desk.service.close()
    desk.open()
    with desk.service.store.writing() as writer:
        writer.mark_dirty({"all", "politics", "sports"})
    desk.service.publish()
    assert desk.bytes_of() == before and desk.service.store.revision() == revision
    desk.write("politics/a.md", "First, edited")
    desk.scan()
    after = desk.bytes_of()
    assert after["/feeds/sports.xml"] == before["/feeds/sports.xml"]
    moved = after["/feeds/politics.xml"][2] - before["/feeds/politics.xml"][2]
    assert moved >= timedelta(seconds=1)  # R8


def test_what_was_entered_but_not_published_is_published_by_the_next_start(desk: Desk) -> None:
    desk.write("politics/a.md", "First")
    desk.scan()
    with desk.service.store.writing() as writer:
        (entry,) = desk.live().values()
        writer.put_entries([entry], {"sports"})  # as a crash between the two would leave it
    desk.service.close()
    desk.open()
    assert desk.service.store.dirty() == {}


def test_F18_an_embargo_ends_at_its_second(desk: Desk) -> None:
    moment = desk.now + timedelta(hours=1)
    desk.write("politics/a.md", "Not yet", date=moment.isoformat())
    desk.scan()
    assert b"Not yet" not in desk.bytes_of()["/feeds/politics.xml"][0]
    assert desk.service.next_release() == moment
    desk.service.close()
    desk.now = moment
    desk.open()
    assert b"Not yet" in desk.bytes_of()["/feeds/politics.xml"][0]

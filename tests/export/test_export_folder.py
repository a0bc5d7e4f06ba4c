"""Exporting to a folder: what is ours and what is not, what changed, and runs that break off."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from exporting import fill, find_broken, start_export
from sites import Site, article, snapshot, wait_until

from feedsvc.cli import main
from feedsvc.export import (
    Exported,
    ExportError,
    File,
    FolderTarget,
    PublishedSite,
    export_site,
)
from feedsvc.store import Store


def export(site: Site, folder: Path, again: bool = False) -> Exported:
    store = Store(f"sqlite:///{site.store}")
    published = PublishedSite(store, site.content, lambda: datetime.now(UTC))
    try:
        return export_site(published, FolderTarget(folder), again=again)
    finally:
        store.close()


def invoke(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", "--config", str(site.config), *arguments])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_only_what_changed(site: Site, out: Path) -> None:
    fill(site, 20)
    site.scan()
    first = export(site, out)
    before = snapshot(out)
    again = export(site, out)
    assert (again.put, again.deleted, first.unchanged) == (0, 0, 0) and again.unchanged > 40
    assert snapshot(out) == before
    site.write("politics/3.md", article("Story 3", "Other words."))
    site.scan()
    done = export(site, out)
    pages = [name for name in done.names if name.startswith("articles/")]
    assert len(pages) == 1 and pages[0].endswith("-story-3.html")
    assert not any("sports" in name for name in done.names)
    assert done.put < first.put / 2 and not done.reload


def test_a_new_headline_leaves_a_redirect(site: Site, out: Path) -> None:
    fill(site, 3)
    site.scan()
    export(site, out)
    (old,) = (out / "articles").glob("*-story-1.html")
    site.write("politics/1.md", article("Another headline"))
    site.scan()
    done = export(site, out)
    assert not old.exists() and done.deleted == 1 and done.reload
    (new,) = (out / "articles").glob("*-another-headline.html")
    said = f"/articles/{old.stem} /articles/{new.stem} 301"
    assert said in (out / "_redirects").read_text()
    (site.content / "politics/1.md").unlink()
    site.scan()
    export(site, out)
    assert not new.exists()
    assert {file.name for file in (out / "_gone/articles").iterdir()} == {old.stem, new.stem}
    assert said not in (out / "_redirects").read_text()


def test_nothing_before_its_time(site: Site, out: Path) -> None:
    """An embargo and a draft keep their pages and their pictures; partners' feeds stay private."""
    site.configure("partners:\n  flip:\n    token: t0ken\n")
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    picture = b"\x89PNG\r\n\x1a\n" + bytes(30)
    site.write("politics/now.md", article("Now", "![n](now.png)"))
    site.write("politics/later.md", article("Later", "![l](later.png)", date=later))
    site.write("politics/draft.md", article("Draft", "![d](draft.png)", status="draft"))
    for name in ("now", "later", "draft"):
        site.write(f"politics/{name}.png", picture)
    site.scan()
    export(site, out)
    names = [file.name for file in out.rglob("*")]
    assert "now.png" in names and not {"later.png", "draft.png"} & set(names)
    assert not any("later" in name or "draft" in name for name in names)
    assert not (out / "partners").exists()


def test_what_is_not_ours_stays(site: Site, out: Path) -> None:
    fill(site, 2)
    site.scan()
    out.mkdir()
    theirs = out / "theirs.txt"
    theirs.write_text("theirs")
    run = invoke(site, str(out))
    assert run.exit_code == 1 and "is not empty" in run.stderr and run.stderr.count("\n") == 1
    assert list(out.iterdir()) == [theirs]
    theirs.unlink()
    assert invoke(site, str(out)).exit_code == 0
    theirs.write_text("theirs")
    beside = out / "articles/theirs.html"
    beside.write_text("theirs")
    for file in site.content.rglob("*.md"):
        file.unlink()
    fill(site, 2, 50)
    site.scan()
    assert invoke(site, str(out)).exit_code == 0
    assert theirs.exists() and beside.exists()
    assert len(list((out / "articles").iterdir())) == 3


def test_another_site(site: Site, out: Path, tmp_path: Path) -> None:
    fill(site, 1)
    site.scan()
    export(site, out)
    other = Site(tmp_path / "other")
    text = other.config.read_text().replace("gazette.test,2026", "other.test,2026")
    other.config.write_text(text)
    fill(other, 1)
    other.scan()
    run = invoke(other, str(out))
    assert run.exit_code == 1 and "another site" in run.stderr


def test_a_site_that_never_published(site: Site, out: Path) -> None:
    """Its store is there, and empty: as a web worker leaves it that comes before any engine."""
    store = Store(f"sqlite:///{site.store}")
    store.migrate()
    store.close()
    run = invoke(site, str(out))
    assert run.exit_code == 1 and "nothing is published yet" in run.stderr
    assert run.stderr.count("\n") == 1
    process = start_export(site, str(out), "--watch")
    try:
        assert process.stderr is not None
        assert b"nothing is published yet" in process.stderr.readline()
        fill(site, 2)
        site.scan()
        wait_until(lambda: (out / "index.html").exists())
    finally:
        process.terminate()
        process.communicate()


def test_other_bytes_have_another_date_or_size(site: Site, out: Path) -> None:
    """P21: nginx makes its ETag of both, and many pages change with no date of their own."""
    fill(site, 3)
    site.scan()
    export(site, out)
    before = {file: (file.read_bytes(), dated(file)) for file in out.rglob("*") if file.is_file()}
    for title in ("The Vest Gazette", "The Nest Gazette"):
        config = site.config.read_text()
        site.config.write_text(re.sub("The [A-Z]est Gazette", title, config))
        site.scan()
        export(site, out)
        after = {file: (file.read_bytes(), dated(file)) for file in before if file.exists()}
        changed = [
            file for file, (body, _) in after.items() if body != before[file][0] and is_site(file)
        ]
        assert {"index.html", "politics.xml"} <= {file.name for file in changed}
        assert [file for file in changed if after[file][1] == before[file][1]] == []
        before = after
    # And the same bytes keep it, also where all is put again.
    export(site, out, again=True)
    assert {file: (file.read_bytes(), dated(file)) for file in before if is_site(file)} == {
        file: said for file, said in before.items() if is_site(file)
    }


def dated(file: Path) -> tuple[int, int]:
    """Return what nginx makes an ETag of."""
    status = file.stat()
    return int(status.st_mtime), status.st_size


def is_site(file: Path) -> bool:
    """Whether it is for readers, and not as new as the moment."""
    skipped = ("nginx", "_", "news-sitemap")
    return ".feedsvc-export" not in file.parts and not file.name.startswith(skipped)


def test_former_names_lead_to_todays_archives(site: Site, out: Path) -> None:
    site.configure("feeds:\n  items: 5\n")
    config = site.config.read_text().replace("  politics: Politics and Government", HEIR)
    site.config.write_text(config)
    fill(site, 30)
    site.scan()
    export(site, out)
    redirects = (out / "_redirects").read_text()
    for number in range(1, 3):
        assert (out / f"feeds/politics/archive/{number}.atom").exists()
        for suffix in ("xml", "atom", "json"):
            for former in ("state", "polit"):
                said = f"/feeds/{former}/archive/{number}.{suffix} /feeds/politics/archive/{number}"
                assert f"{said}.{suffix} 301\n" in redirects


HEIR = "  politics: {title: Politics and Government, moved_from: [state, polit]}"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\x1f\x8b broken"], ids=["empty", "not packed", "broken"]
)
def test_a_broken_manifest(site: Site, out: Path, data: bytes) -> None:
    fill(site, 1)
    site.scan()
    export(site, out)
    (out / ".feedsvc-export/manifest.json.gz").write_bytes(data)
    before = snapshot(out)
    run = invoke(site, str(out))
    assert run.exit_code == 1 and "cannot be read" in run.stderr and run.stderr.count("\n") == 1
    assert snapshot(out) == before


def test_targets_that_cannot_be(site: Site, out: Path) -> None:
    assert "nothing is published yet" in invoke(site, str(out)).stderr
    fill(site, 1)
    site.scan()
    for target, said, code in (
        (str(site.content / "x"), "lies in the content folder", 2),
        ("ftp://host/x", "nothing else", 2),
        (str(site.config), "is a file", 1),
        ("/proc/feedsvc-export", "cannot write to", 1),
    ):
        run = invoke(site, target)
        assert run.exit_code == code and said in run.stderr, (target, run.output)
        assert run.stderr.count("\n") == 1


def test_links_that_lead_out(site: Site, out: Path, tmp_path: Path) -> None:
    fill(site, 1)
    site.scan()
    export(site, out)
    outside = tmp_path / "outside"
    (out / "articles").rename(outside)
    (out / "articles").symlink_to(outside)
    before = snapshot(outside)
    site.write("politics/0.md", article("Changed"))
    site.scan()
    run = invoke(site, str(out))
    assert run.exit_code == 1 and "leads elsewhere" in run.stderr
    assert snapshot(outside) == before


def test_killed_at_any_moment(site: Site, out: Path) -> None:
    """kill -9 at random points: what stands there points to nothing that is missing."""
    site.configure("feeds:\n  items: 5\n")
    fill(site, 30)
    site.scan()
    export(site, out)
    assert not find_broken(out)
    chance = random.Random(8)
    killed = 0
    for turn in range(6):
        fill(site, 15, 100 + 15 * turn)
        for number in range(4):
            (site.content / f"politics/{4 * turn + number}.md").unlink(missing_ok=True)
        site.scan()
        process = start_export(site, str(out))
        # Once it has begun, and then at any time.
        end = time.monotonic() + 20
        while not (out / ".feedsvc-export/journal.json.gz").exists():
            assert process.poll() is None and time.monotonic() < end
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.communicate()
        killed += (out / ".feedsvc-export/journal.json.gz").exists()
        assert not find_broken(out), turn
    assert killed >= 2
    export(site, out)
    fresh = out.parent / "fresh"
    export(site, fresh)
    ours = {name: digest for name, (digest, _) in snapshot(out).items()}
    theirs = {name: digest for name, (digest, _) in snapshot(fresh).items()}
    skipped = (".feedsvc", "nginx", "_", "news-sitemap")  # they tell of the place, and of the past
    same = {n: d for n, d in ours.items() if not n.startswith(skipped)}
    assert same == {n: d for n, d in theirs.items() if not n.startswith(skipped)}


def test_watching(site: Site, out: Path) -> None:
    """Each new revision is exported; a target that fails is tried again; SIGTERM is a good end."""
    fill(site, 3)
    site.scan()
    out.write_text("a file")
    process = start_export(site, str(out), "--watch")
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert b"is a file" in said and b"trying again in 1 s" in said
        out.unlink()
        wait_until(lambda: (out / "index.html").exists())
        site.write("politics/new.md", article("Quite new"))
        site.scan()
        wait_until(lambda: "Quite new" in (out / "feeds/politics.xml").read_text())
        wait_until(lambda: "Quite new" in (out / "index.html").read_text())
        wait_until(lambda: not (out / ".feedsvc-export/journal.json.gz").exists())
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert b"Traceback" not in process.stderr.read()
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert not (out / ".feedsvc-export/journal.json.gz").exists()


def test_two_at_once(site: Site, out: Path) -> None:
    fill(site, 1)
    site.scan()
    first = FolderTarget(out)
    first.open()
    run = invoke(site, str(out))
    first.close()
    assert run.exit_code == 1 and "another feedsvc export is at work" in run.stderr


class Broken(FolderTarget):
    """A folder that fails after so many batches, as a full disk does."""

    left = 0

    def put(self, files: Sequence[File]) -> None:
        self.left -= 1
        if self.left < 0:
            raise ExportError("the disk is full")
        super().put(files)


@pytest.mark.parametrize("more", ["", "removed: [opera]\n"])
@pytest.mark.parametrize("batches", [0, 1, 2, 4])
def test_a_first_run_that_breaks_off(site: Site, out: Path, batches: int, more: str) -> None:
    """The next one mends it: also names in doubt at which nothing ever lies, as of redirects."""
    site.configure(more)
    fill(site, 3)
    site.scan()
    store = Store(f"sqlite:///{site.store}")
    published = PublishedSite(store, site.content, lambda: datetime.now(UTC))
    for again in (False, True):
        target = Broken(out)
        target.left = batches
        with pytest.raises(ExportError, match="full"):
            export_site(published, target, again=again)
    store.close()
    export(site, out)
    assert not (out / ".feedsvc-export/journal.json.gz").exists()
    fresh = out.parent / "fresh"
    export(site, fresh)
    assert list_served(out) == list_served(fresh)


def list_served(folder: Path) -> dict[str, str]:
    """Return the digests of what the world sees, but of what tells of the place and the moment."""
    skipped = (".feedsvc", "nginx", "news-sitemap")
    return {n: digest for n, (digest, _) in snapshot(folder).items() if not n.startswith(skipped)}


def test_what_is_in_doubt_is_put_anew(site: Site, out: Path) -> None:
    """A run breaks off, and a restored backup is again what the manifest still says."""
    fill(site, 3)
    site.scan()
    export(site, out)
    before = {name: digest for name, (digest, _) in snapshot(out / "articles").items()}
    backup = out.parent / "backup"
    shutil.copytree(site.store.parent, backup)
    site.write("politics/1.md", article("Story 1", "Other words."))
    site.write("politics/new.md", article("Quite new"))
    site.scan()
    store = Store(f"sqlite:///{site.store}")
    target = Broken(out)
    target.left = 2  # the new page, and the changed one
    with pytest.raises(ExportError, match="full"):
        export_site(PublishedSite(store, site.content, lambda: datetime.now(UTC)), target)
    store.close()
    assert len(list((out / "articles").iterdir())) == 4
    shutil.rmtree(site.store.parent)
    shutil.copytree(backup, site.store.parent)
    export(site, out)
    left = {name: digest for name, (digest, _) in snapshot(out / "articles").items()}
    assert left == before
    assert not (out / ".feedsvc-export/journal.json.gz").exists()

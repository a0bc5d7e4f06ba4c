"""A backup is of one moment, whole, and its owner's alone, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from backup_sites import NOW, tables_of
from click.testing import CliRunner
from sites import Site, article, plain_environment, serving, wait_until

from feedsvc.backup import make_backup
from feedsvc.cli import main
from feedsvc.errors import BackupError, StoreError
from feedsvc.store import Store, copy_store, snapshot

# What a step reads, where many steps are wanted of a small store.
FEW_PAGES = 3


def count_twice(store: Store, number: int) -> None:
    """Write a number into two places, in one transaction."""
    with store.writing() as writer:
        writer.put_fact("one", str(number))
        writer.put_fact("two", str(number))


def facts_of(file: Path) -> dict[str, str]:
    """Return the facts of a store."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT name, value FROM facts"))


def test_a_copy_is_of_one_moment_however_often_others_write(
    full_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that began anew after each commit would never end; one in pieces would be torn."""
    monkeypatch.setattr(snapshot, "_STEP", FEW_PAGES)
    store = Store(full_site.load().config.store.url)
    count_twice(store, 0)
    steps = 0

    def write(done: int, total: int) -> None:
        nonlocal steps
        steps += 1
        assert steps < 3 * total
        count_twice(store, steps)

    copy_store(full_site.store, tmp_path / "copy.db", write)
    store.close()
    found = facts_of(tmp_path / "copy.db")
    assert steps > 20 and (found["one"], found["two"]) == ("0", "0")
    assert facts_of(full_site.store)["one"] == str(steps)


def test_a_running_site_is_backed_up_and_goes_on(full_site: Site, tmp_path: Path) -> None:
    with serving(full_site) as server:
        waits: list[float] = []
        over = threading.Event()
        store = Store(full_site.load().config.store.url)
        count_twice(store, 0)

        def keep_writing() -> None:
            number = 0
            while not over.is_set():
                began = time.monotonic()
                count_twice(store, number := number + 1)
                waits.append(time.monotonic() - began)

        writer = threading.Thread(target=keep_writing)
        writer.start()
        try:
            for number in range(3):
                full_site.write(f"sports/new-{number}.md", article(f"New {number}"))
                make_backup(full_site.load(), tmp_path / f"{number}.zip", NOW)
        finally:
            over.set()
            writer.join(20)
        store.close()
        wait_until(lambda: "New 2" in server.items("sports"))
        assert len(waits) > 10 and max(waits) < snapshot._PATIENCE
    for number in range(3):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            archive.extract("store.db", tmp_path / str(number))
        found = facts_of(tmp_path / str(number) / "store.db")
        assert found["one"] == found["two"]


def test_what_is_in_it(full_site: Site, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    full_site.write(".hidden/secret.md", "hidden")
    (full_site.content / "link.md").symlink_to("politics/1.md")
    os.utime(full_site.content / "politics/1.md", ns=(1, 1_700_000_000_123_456_789))
    made = make_backup(full_site.load(), target, NOW, content=True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert made.left_out == {"link.md": "is no regular file"}
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        manifest = orjson.loads(archive.read("manifest.json"))
        assert archive.read("config.yaml") == full_site.config.read_bytes()
        assert archive.read("hub.key") == Path(f"{full_site.store}.key").read_bytes()
        assert archive.read("content/a picture.png") == b"\x89PNG no picture"
    assert manifest["site"] == "gazette.test,2026-01-01"
    assert manifest["made"] == NOW.isoformat() and manifest["form"] >= "0008"
    content = [name for name in manifest["members"] if name.startswith("content/")]
    assert len(content) == 3 * 4 + 2
    assert manifest["members"]["content/politics/1.md"]["modified_ns"] == 1_700_000_000_123_456_789
    plain = make_backup(full_site.load(), tmp_path / "plain.zip", NOW).manifest
    assert set(plain.members) == {"store.db", "config.yaml", "hub.key"}


def test_the_store_is_no_content(tmp_path: Path) -> None:
    """A content folder that holds the whole site gives its articles alone."""
    site = Site(tmp_path / "site")
    text = site.config.read_text().replace("folder: content", 'folder: "."')
    site.config.write_text(text)
    (site.root / "a.md").write_text(article("A"))
    site.scan()
    (site.root / "old.zip").write_bytes(b"an older one")
    target = site.root / "b.zip"
    made = make_backup(site.load(), target, NOW, content=True)
    again = make_backup(site.load(), target, NOW, content=True, force=True)
    assert sorted(made.manifest.content) == sorted(again.manifest.content) == ["a.md", "old.zip"]


def test_nothing_is_replaced_without_being_asked(full_site: Site, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_text("mine")
    with pytest.raises(BackupError, match="--force"):
        make_backup(full_site.load(), target, NOW)
    assert target.read_text() == "mine" and list(tmp_path.glob(".feedsvc*")) == []
    make_backup(full_site.load(), target, NOW, force=True)
    assert zipfile.is_zipfile(target) and stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_folder_that_is_too_large_is_told(
    full_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.backup.make.CONTENT_FILES_MOST", 5)
    with pytest.raises(BackupError, match="rsync"):
        make_backup(full_site.load(), tmp_path / "b.zip", NOW, content=True)
    assert list(tmp_path.iterdir()) == [full_site.root]


def test_a_damaged_store_makes_no_backup(full_site: Site, tmp_path: Path) -> None:
    data = bytearray(full_site.store.read_bytes())
    data[8192:-4096] = bytes(len(data) - 12288)
    full_site.store.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        make_backup(full_site.load(), tmp_path / "b.zip", NOW)
    assert list(tmp_path.iterdir()) == [full_site.root]


def die(*_: object, **__: object) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("where", ["copying", "write_manifest", "_put"])
def test_a_killed_backup_leaves_all_as_it_was(
    full_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    target = tmp_path / "b.zip"
    make_backup(full_site.load(), target, NOW)
    before, rows = target.read_bytes(), tables_of(full_site.store)
    child = os.fork()
    if not child:
        monkeypatch.setattr(snapshot, "_STEP", FEW_PAGES)
        if where != "copying":
            monkeypatch.setattr(f"feedsvc.backup.make.{where}", die)
        progress = die if where == "copying" else None
        with contextlib.suppress(BaseException):
            make_backup(full_site.load(), target, NOW, force=True, progress=progress)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert target.read_bytes() == before and tables_of(full_site.store) == rows
    make_backup(full_site.load(), target, NOW, force=True)


def test_to_standard_output(full_site: Site) -> None:
    command = [sys.executable, "-m", "feedsvc", "backup", "-", "--content"]
    done = subprocess.run(
        [*command, "--config", str(full_site.config)],
        capture_output=True,
        timeout=60,
        env=plain_environment(),
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
        assert archive.testzip() is None and "hub.key" in archive.namelist()
    assert b"14 content files" in done.stderr


def test_what_the_command_says(full_site: Site, tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, ["backup", *words, "--config", str(full_site.config)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result.exit_code, result.stdout, result.stderr

    target = str(tmp_path / "b.zip")
    code, out, _ = run(target)
    assert code == 0 and "store.db, config.yaml, hub.key" in out and "content folder" in out
    code, _, err = run(target)
    assert code == 2 and err.count("\n") == 1 and "--force" in err
    (full_site.content / "link.md").symlink_to("politics/1.md")
    code, out, _ = run(target, "--force", "--content", "--json")
    told = orjson.loads(out)
    assert code == 1 and told["left_out"] == {"link.md": "is no regular file"}
    assert told["bytes"] == Path(target).stat().st_size and told["members"]["hub.key"] == 45
    code, _, err = run(str(tmp_path / "none" / "b.zip"))
    assert code == 2 and "No such file" in err and err.count("\n") == 1
    code, _, err = run("-", "--json")
    assert code == 2 and "--json" in err


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda site: site.store.unlink(), "cannot be copied"),
        (lambda site: site.configure("store:\n  url: sqlite://\n"), "store.url"),
        (lambda site: site.config.write_text("site: ["), "config.yaml:"),
    ],
)
def test_what_cannot_be_backed_up(
    full_site: Site, tmp_path: Path, spoil: Callable[[Site], object], says: str
) -> None:
    spoil(full_site)
    words = ["backup", str(tmp_path / "b.zip"), "--config", str(full_site.config)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2 and says in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "b.zip").exists() and not list(tmp_path.glob(".feedsvc*"))

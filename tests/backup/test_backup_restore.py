"""What a backup gives back, what it never replaces, and what a sudden end leaves."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from backup_sites import CALLBACK, NOW, SECRET, copy_site, subscribe, tables_of
from click.testing import CliRunner
from sites import FORMATS, Server, Site, article, serving, wait_until

import feedsvc.store.migrate as migrate_module
from feedsvc.backup import Restored, make_backup, restore_backup
from feedsvc.cli import main
from feedsvc.errors import BackupError, FeedsvcError, StoreError, StoreInUseError
from feedsvc.hub import open_vault
from feedsvc.store import Store, hold_alone
from feedsvc.store.engine import connect_to_write, open_engine

LATER = NOW + timedelta(hours=1)

# Reads a store as an engine does, and keeps it open.
HOLDER = """\
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("SELECT count(*) FROM facts").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


def restore(backup: Path, site: Site, force: bool = False) -> Restored:
    """Put a backup back where a site is."""
    return restore_backup(backup, site.config, {}, LATER, force)


def published_by(server: Server) -> dict[str, tuple[str, str, bytes]]:
    """Return ETag, date and bytes of every feed."""
    found = {}
    for section in ("all", "politics", "sports", "culture"):
        for suffix in FORMATS:
            answer = server.get(f"/feeds/{section}.{suffix}")
            assert answer.status == 200
            key = f"{section}.{suffix}"
            found[key] = (answer.headers["etag"], answer.headers["last-modified"], answer.body)
    return found


def test_a_lost_machine_comes_back_byte_for_byte(full_site: Site, tmp_path: Path) -> None:
    backup = tmp_path / "b.zip"
    with serving(full_site) as server:
        before = published_by(server)
        server.stop()
    make_backup(full_site.load(), backup, NOW, content=True)
    rows = tables_of(full_site.store)
    shutil.rmtree(full_site.root)

    site = Site(tmp_path / "elsewhere")
    site.config.unlink()
    site.content.rmdir()
    restored = restore(backup, site)
    assert set(restored.placed) == {"content/", "config.yaml", "hub.key", "store.db"}
    assert not restored.kept and not restored.without_content
    assert stat.S_IMODE(Path(f"{site.store}.key").stat().st_mode) == 0o600
    assert tables_of(site.store) == rows
    with serving(site) as server:
        assert published_by(server) == before
    store = Store(site.load().config.store.url)
    deeds = [(deed.who, deed.action) for deed in store.deeds(10)]
    assert deeds == [("Ada", "withdraw")]  # and nothing that the restore would have caused
    with store.reading_hub() as hub:
        (subscription,) = hub.subscriptions()
    assert subscription.callback == CALLBACK and subscription.secret
    vault = open_vault(store)
    assert vault.open(subscription.secret) == SECRET.encode()
    store.close()


@pytest.mark.parametrize("role", ["engine", "web"])
def test_nothing_is_restored_under_a_running_service(
    full_site: Site, tmp_path: Path, role: str
) -> None:
    make_backup(full_site.load(), tmp_path / "b.zip", NOW)
    with serving(full_site, role=role) as server:
        if role == "engine":
            full_site.write("a.md", article("Seen"))
            store = Store(full_site.load().config.store.url)
            wait_until(lambda: store.file("a.md"))
            store.close()
        with pytest.raises(StoreInUseError, match="feedsvc serve"):
            restore(tmp_path / "b.zip", full_site, force=True)
        assert server.process.poll() is None
    # kill -9 leaves no lock behind.
    restore(tmp_path / "b.zip", full_site, force=True)


def test_nothing_is_restored_under_a_command(full_site: Site, tmp_path: Path) -> None:
    make_backup(full_site.load(), tmp_path / "b.zip", NOW)
    store = Store(full_site.load().config.store.url)
    store.revision()
    with pytest.raises(StoreInUseError):
        restore(tmp_path / "b.zip", full_site, force=True)
    store.close()
    restore(tmp_path / "b.zip", full_site, force=True)


def test_who_begins_meanwhile_is_told(full_site: Site, tmp_path: Path) -> None:
    """A command that opened the store just before it was replaced waits, and then ends.

    It would go on with a file that has no name, and a log that is another's.
    """
    make_backup(full_site.load(), tmp_path / "b.zip", NOW)
    told: list[str] = []
    store = Store(full_site.load().config.store.url)

    def begin() -> None:
        try:
            store.revision()
        except StoreError as error:
            told.append(str(error))

    thread = threading.Thread(target=begin)
    with hold_alone(full_site.store):
        thread.start()
        time.sleep(0.5)
        assert thread.is_alive() and not told
        aside = full_site.store.with_name("aside.db")
        full_site.store.rename(aside)
        shutil.copy(aside, full_site.store)
    thread.join(20)
    store.close()
    assert told and "does not answer" in told[0]  # SQLite knows that its file was moved


def test_what_is_there_stays_without_force(full_site: Site, tmp_path: Path) -> None:
    backup = tmp_path / "b.zip"
    make_backup(full_site.load(), backup, NOW)
    rows, config = tables_of(full_site.store), full_site.config.read_text()
    with pytest.raises(BackupError, match=r"feedsvc\.db is there already.*--force"):
        restore(backup, full_site)
    full_site.store.unlink()
    full_site.config.write_text(config + "# mine\n")
    with pytest.raises(BackupError, match=r"config\.yaml is there already"):
        restore(backup, full_site)
    assert not full_site.store.exists() and full_site.config.read_text().endswith("# mine\n")
    full_site.config.write_text(config)
    restored = restore(backup, full_site)  # the same config and key are no hindrance
    assert set(restored.placed) == {"store.db"} and tables_of(full_site.store) == rows


def test_what_was_there_is_kept_beside(full_site: Site, tmp_path: Path) -> None:
    backup = tmp_path / "b.zip"
    make_backup(full_site.load(), backup, NOW, content=True)
    other = copy_site(full_site, tmp_path / "other")
    Path(f"{other.store}.key").unlink()
    subscribe(other, "https://other.example/")  # with a key of its own
    other.write("sports/mine.md", article("Mine"))
    other.scan()
    other.config.write_text(other.config.read_text() + "# mine\n")
    other.config.chmod(0o600)
    rows, key = tables_of(other.store), Path(f"{other.store}.key").read_bytes()
    restored = restore(backup, other, force=True)
    assert len(restored.kept) == 4
    kept = {path.name: kept for path, kept in restored.kept.items()}
    assert all(one.name.endswith(".before-restore-20260301T130000Z") for one in kept.values())
    assert tables_of(kept["feedsvc.db"]) == rows
    assert kept["feedsvc.db.key"].read_bytes() == key
    assert kept["config.yaml"].read_text().endswith("# mine\n")
    assert (kept["content"] / "sports/mine.md").exists()
    assert tables_of(other.store) == tables_of(full_site.store)
    assert stat.S_IMODE(other.config.stat().st_mode) == 0o600
    assert not list(other.root.rglob(".feedsvc-restore*"))


def test_a_store_that_is_no_database_any_more_is_replaced(full_site: Site, tmp_path: Path) -> None:
    backup = tmp_path / "b.zip"
    make_backup(full_site.load(), backup, NOW)
    rows = tables_of(full_site.store)
    full_site.store.write_bytes(b"this is no database" * 5000)
    for log in ("-wal", "-shm"):
        Path(f"{full_site.store}{log}").write_bytes(b"what a crash left")
    (kept,) = restore(backup, full_site, force=True).kept.values()
    assert tables_of(full_site.store) == rows
    assert kept.read_bytes().startswith(b"this is no database")
    assert [one.name for one in full_site.store.parent.glob("feedsvc.db-*")] == []


def upgrade(url: str, revision: str) -> None:
    """Make a store as a version of that time did."""
    config = AlembicConfig()
    folder = Path(migrate_module.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    engine = open_engine(url)
    with connect_to_write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_an_older_store_is_brought_up_to_date_at_the_next_start(site: Site, tmp_path: Path) -> None:
    upgrade(site.load().config.store.url, "0006")
    made = make_backup(site.load(), tmp_path / "b.zip", NOW)
    assert made.manifest.form == "0006"
    site.store.unlink()
    restore(tmp_path / "b.zip", site)
    site.write("politics/a.md", article("A"))
    with serving(site) as server:
        assert "A" in server.items("politics")


def test_a_newer_store_is_refused(full_site: Site, tmp_path: Path) -> None:
    backup = tmp_path / "b.zip"
    engine = open_engine(full_site.load().config.store.url)
    with connect_to_write(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    engine.dispose()
    with pytest.raises(StoreError, match=r"0999.*install"):
        make_backup(full_site.load(), backup, NOW)


def test_a_missing_content_folder_is_told(full_site: Site, tmp_path: Path) -> None:
    backup = tmp_path / "b.zip"
    make_backup(full_site.load(), backup, NOW)
    shutil.rmtree(full_site.root)
    words = ["restore", str(backup), "--config", str(full_site.config)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0 and "content folder is missing" in result.stderr
    assert "gazette.test,2026-01-01" in result.stdout and str(full_site.store) in result.stdout
    result = CliRunner().invoke(main, [*words, "--json"])
    assert result.exit_code == 2 and "--force" in result.stderr
    result = CliRunner().invoke(main, [*words, "--json", "--force"])
    told = orjson.loads(result.stdout)
    assert told["without_content"] and set(told["placed"]) == {"store.db"}


def test_content_is_not_put_where_the_store_lies(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.config.write_text(site.config.read_text().replace("folder: content", 'folder: "."'))
    (site.root / "a.md").write_text(article("A"))
    site.scan()
    make_backup(site.load(), tmp_path / "b.zip", NOW, content=True)
    with pytest.raises(BackupError, match="lies in the content folder"):
        restore(tmp_path / "b.zip", site, force=True)


def test_a_disk_without_room_is_left_alone(
    full_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(full_site.load(), tmp_path / "b.zip", NOW)
    full_site.store.unlink()
    monkeypatch.setattr("feedsvc.backup.restore._ROOM", 10**18)
    with pytest.raises(BackupError, match="no room"):
        restore(tmp_path / "b.zip", full_site)
    assert not full_site.store.exists()


# A sudden end


def digest_of(path: Path) -> str:
    """Return what a part of a site holds: of a store its rows, of a folder its files."""
    if path.is_dir():
        parts = [(str(one.relative_to(path)), one.read_bytes()) for one in path.rglob("*.md")]
        return hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()
    if path.suffix != ".yaml" and path.read_bytes()[:6] == b"SQLite":
        return hashlib.sha256(repr(tables_of(path)).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parts_of(site: Site) -> dict[str, Path]:
    """Return the four parts of a site."""
    return {
        "config": site.config,
        "store": site.store,
        "key": Path(f"{site.store}.key"),
        "content": site.content,
    }


@contextlib.contextmanager
def killed_at(number: int) -> Iterator[None]:
    """Kill this process before it gives a file a name for the so-manieth time."""
    count = 0

    def wrap(act: Callable[..., object]) -> Callable[..., object]:
        def stand_in(*words: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*words, **options)

        return stand_in

    for name in ("replace", "rename", "link"):
        setattr(os, name, wrap(getattr(os, name)))
    yield


def test_a_killed_restore_leaves_what_was_there(model: Site, tmp_path: Path) -> None:
    """Each part is in its place or beside it at every step; restoring again ends it."""
    new = copy_site(model, tmp_path / "new")
    Path(f"{new.store}.key").unlink()
    new.write("sports/more.md", article("More"))
    new.scan()
    subscribe(new, "https://other.example/")
    new.config.write_text(new.config.read_text() + "# new\n")
    backup = tmp_path / "b.zip"
    make_backup(new.load(), backup, NOW, content=True)
    wanted = {name: digest_of(path) for name, path in parts_of(new).items()}
    for number in range(1, 20):
        site = copy_site(model, tmp_path / f"site-{number}")
        before = {name: digest_of(path) for name, path in parts_of(site).items()}
        child = os.fork()
        if not child:
            code = 9
            with contextlib.suppress(BaseException), killed_at(number):
                restore(backup, site, force=True)
                code = 0
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for name, path in parts_of(site).items():
            beside = path.parent.glob(f"{path.name}.before-restore-*")
            places = [one for one in (path, *beside) if one.exists()]
            assert before[name] in map(digest_of, places), (number, name)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        restore_backup(backup, site.config, {}, LATER + timedelta(minutes=1), force=True)
        found = {name: digest_of(path) for name, path in parts_of(site).items()}
        assert found == wanted, number
    assert number > 7  # it was killed at every step


def test_what_fails_half_way_says_so(
    full_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(full_site.load(), tmp_path / "b.zip", NOW)

    def fail(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(full_site.store))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FeedsvcError, match="Read-only"):
        restore(tmp_path / "b.zip", full_site, force=True)


def test_a_damaged_store_that_somebody_has_open_is_left(full_site: Site, tmp_path: Path) -> None:
    """SQLite cannot be asked about it, but a process that opened it before holds its lock."""
    make_backup(full_site.load(), tmp_path / "b.zip", NOW)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(full_site.store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout and child.stdout.readline() == b"open\n"
        with full_site.store.open("r+b") as file:
            file.write(b"no database")
        for log in ("-wal", "-shm"):
            Path(f"{full_site.store}{log}").unlink()
        with pytest.raises(StoreInUseError):
            restore(tmp_path / "b.zip", full_site, force=True)
        child.kill()
    restore(tmp_path / "b.zip", full_site, force=True)

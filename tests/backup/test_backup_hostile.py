"""Archives that no feedsvc has made: refused with one line, and nothing is touched."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from backup_sites import NOW
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import Site

from feedsvc.backup import open_archive, restore_backup
from feedsvc.cli import main
from feedsvc.errors import BackupError, FeedsvcError

Members = dict[str, bytes]
Change = Callable[[Members, dict[str, Any]], object]


def unpack(data: bytes) -> tuple[Members, dict[str, Any]]:
    """Return the members of a backup, and its manifest."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return members, orjson.loads(members.pop("manifest.json"))


def pack(members: Members, manifest: object, **kinds: int) -> bytes:
    """Make an archive; ``kinds`` are the modes of members that are no plain files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = kinds.get(name.replace("/", "_"), stat.S_IFREG | 0o600) << 16
            archive.writestr(info, data)
        archive.writestr("manifest.json", orjson.dumps(manifest))
    return file.getvalue()


def add(name: str, data: bytes = b"x") -> Change:
    """Put a further member in, as a manifest would name it."""

    def change(members: Members, manifest: dict[str, Any]) -> None:
        members[name] = data
        sha256 = hashlib.sha256(data).hexdigest()
        manifest["members"][name] = {"size": len(data), "sha256": sha256}

    return change


def claim(**values: object) -> Change:
    """Let the manifest say something else."""
    return lambda _, manifest: manifest.update(values)


def say_of_store(**values: object) -> Change:
    """Let the manifest say something else of the store."""
    return lambda _, manifest: manifest["members"]["store.db"].update(values)


def put_store(*statements: str) -> Change:
    """Replace the store by one that these statements were run on, with its right hash."""

    def change(members: Members, manifest: dict[str, Any]) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.deserialize(members["store.db"])
        for statement in statements:
            connection.execute(statement)
        add("store.db", connection.serialize())(members, manifest)

    return change


CHANGES: dict[str, tuple[Change, str]] = {
    "a path from the root": (add("/etc/cron.d/x"), "no part of a backup"),
    "a path upwards": (add("content/../../x"), "leads out"),
    "a path upwards at its end": (add("content/a/.."), "leads out"),
    "a path from the root in content": (add("content//etc/x"), "leads out"),
    "a hidden file": (add("content/.ssh/keys"), "hidden"),
    "a backslash": (add("content/..\\x"), "name that no backup holds"),
    "a control character": (add("content/a\x1b[2J"), "name that no backup holds"),
    "a folder": (add("content/"), "leads out"),
    "an unknown member": (add("run.sh"), "no part of a backup"),
    "a config for another program": (add("content", b"x"), "no part of a backup"),
    "a member beside the manifest": (
        lambda members, _: members.update({"content/a.md": b"x"}),
        "differ",
    ),
    "a member too few": (lambda members, _: members.pop("hub.key"), "differ"),
    "no store": (
        lambda members, manifest: (members.pop("store.db"), manifest["members"].pop("store.db")),
        "no store.db",
    ),
    "another store": (
        lambda members, _: members.update({"store.db": members["store.db"][:-1] + b"x"}),
        "not what its manifest says",
    ),
    "a longer store": (say_of_store(size=100), "too large"),
    "a shorter store": (say_of_store(size=10**9), "not what its manifest says"),
    "a store beyond bounds": (say_of_store(size=10**15), "too large"),
    "a size below nothing": (say_of_store(size=-1), "manifest.json cannot be read"),
    "a size that is no number": (say_of_store(size="9"), "manifest.json cannot be read"),
    "a hash that is none": (say_of_store(sha256=7), "manifest.json cannot be read"),
    "a time that cannot be": (say_of_store(modified_ns=2**63), "manifest.json cannot be read"),
    "a large config": (add("config.yaml", b"#" * 3_000_000), "too large"),
    "a large key": (add("hub.key", b"#" * 3_000), "too large"),
    "a faulty config": (add("config.yaml", b"sites: 1\n"), "config.yaml:1"),
    "a store in memory": (add("config.yaml", b"store: {url: 'sqlite://'}\n"), "store.url"),
    "a form of the future": (claim(format=2), "the version that made it"),
    "no form": (claim(format=None), "the version that made it"),
    "a moment that is none": (claim(made="soon"), "manifest.json cannot be read"),
    "members that are a list": (claim(members=[1]), "manifest.json cannot be read"),
    "a long site": (claim(site="x" * 1000), "manifest.json cannot be read"),
    "a store that is no database": (add("store.db", b"no database" * 1000), "no store of feedsvc"),
    "a store of somebody else": (put_store("DROP TABLE entries"), "no store of feedsvc"),
    "a newer store": (put_store("UPDATE alembic_version SET version_num = '0999'"), "0999"),
    "a store of no version": (
        put_store("UPDATE alembic_version SET version_num = 'x'"),
        "no store of feedsvc",
    ),
    "a store with a trap": (
        put_store("CREATE TRIGGER t AFTER INSERT ON facts BEGIN DELETE FROM entries; END"),
        "triggers",
    ),
    "a store with a view": (put_store("CREATE VIEW v AS SELECT 1"), "triggers"),
    "another store than it says": (claim(form="0001"), "another form"),
}


def refuse(data: bytes, site: Site, says: str) -> None:
    """Require that an archive is refused with one line, whatever is asked, and nothing is left."""
    backup = site.root.parent / "bad.zip"
    backup.write_bytes(data)
    config = site.config.read_bytes()
    words = ["restore", str(backup), "--force", "--config", str(site.config)]
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, SystemExit), result
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert says in result.stderr, result.stderr
    assert "\x1b" not in result.stderr
    assert site.config.read_bytes() == config and not site.store.exists()
    assert not list(site.root.rglob(".feedsvc*")) and list(site.content.iterdir()) == []


@pytest.mark.parametrize("name", CHANGES)
def test_what_nobody_would_make_is_refused(good_backup: bytes, site: Site, name: str) -> None:
    change, says = CHANGES[name]
    members, manifest = unpack(good_backup)
    change(members, manifest)
    refuse(pack(members, manifest), site, says)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(good_backup: bytes, site: Site, kind: int) -> None:
    members, manifest = unpack(good_backup)
    add("content/x", b"/etc/passwd")(members, manifest)
    refuse(pack(members, manifest, content_x=kind | 0o777), site, "is a link, or no file")


def test_a_member_twice_is_refused(good_backup: bytes, site: Site) -> None:
    members, manifest = unpack(good_backup)
    file = io.BytesIO(pack(members, manifest))
    with pytest.warns(UserWarning), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("config.yaml", members["config.yaml"])
    refuse(file.getvalue(), site, "twice")


def test_more_than_is_said_is_not_unpacked(good_backup: bytes, site: Site) -> None:
    """A member that says it is small, and unpacks to much more."""
    members, manifest = unpack(good_backup)
    config = members["config.yaml"]
    members["config.yaml"] = config + bytes(50_000_000)
    data = bytearray(pack(members, manifest))
    true, false = struct.pack("<L", len(members["config.yaml"])), struct.pack("<L", len(config))
    refuse(bytes(data.replace(true, false)), site, "config.yaml")


def test_a_directory_beyond_bounds_is_not_read(
    good_backup: bytes, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.backup.archive._DIRECTORY_MOST", 100)
    refuse(good_backup, site, "more members than any backup")


def test_content_that_cannot_lie_side_by_side_is_refused(good_backup: bytes, site: Site) -> None:
    members, manifest = unpack(good_backup)
    add("content/politics/0.md/more")(members, manifest)
    refuse(pack(members, manifest), site, "politics/0.md")


def test_what_is_no_file(site: Site, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path / "none.zip", "No such file"),
        (tmp_path, "no file"),
        (tmp_path / "pipe", "no file"),
    ):
        with pytest.raises(BackupError, match=says):
            restore_backup(path, site.config, {}, NOW)


@given(data=st.data())
@settings(max_examples=60)
def test_damage_of_any_kind_is_one_line(
    good_backup: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """What was cut short, overwritten or made up never gets as far as a file of ours."""
    kind = data.draw(st.sampled_from(["cut", "spoiled", "made up"]))
    if kind == "made up":
        spoiled = data.draw(st.binary(max_size=300)) + data.draw(
            st.sampled_from([b"", good_backup[-22:], good_backup[-200:]])
        )
    elif kind == "cut":
        spoiled = good_backup[: data.draw(st.integers(0, len(good_backup) - 1))]
    else:
        # Where it hurts: in the directory at the end.
        at = len(good_backup) - data.draw(st.integers(1, 3_000))
        piece = data.draw(st.binary(min_size=1, max_size=8))
        spoiled = good_backup[:at] + piece + good_backup[at + len(piece) :]
    path = tmp_path / "spoiled.zip"
    path.write_bytes(spoiled)
    site = Site(tmp_path / "nowhere" / str(len(list(tmp_path.glob("nowhere/*")))))
    site.config.unlink()
    try:
        with open_archive(path):
            pass
        restore_backup(path, site.config, {}, NOW)
    except FeedsvcError as error:
        assert "\n" not in str(error)
        assert not site.config.exists() and not site.store.exists()
    else:
        # Bytes that mean nothing: the time of a member, say.
        assert kind == "spoiled" and site.store.exists()

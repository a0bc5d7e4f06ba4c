"""Putting a backup back: everything is checked and laid ready first, then put in place by renames.

What was there stays beside under another name. Whoever is killed meanwhile leaves what was there,
in its place or beside it, and restoring again ends what was begun.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from feedsvc.backup.archive import Archive, open_archive
from feedsvc.backup.make import sync_folder
from feedsvc.backup.manifest import CONFIG, CONTENT, KEY, STORE, Manifest
from feedsvc.config import Bucket, Config, parse_config
from feedsvc.errors import BackupError, ConfigError
from feedsvc.hub import find_key
from feedsvc.store import file_of_store, hold_alone, inspect_store

# What a file system needs beside the files themselves, in bytes.
_ROOM = 10_000_000

# The key opens secrets, and the config may hold tokens: they are not for everybody. A service that
# reads its config by its group goes on doing so.
_MODES = {STORE: 0o644, CONFIG: 0o640, KEY: 0o600}

# Names of what is laid ready, and what was there before; no scan takes them.
_READY = ".feedsvc-restore-"
_BEFORE = ".before-restore-"


@dataclass(slots=True)
class Restored:
    """What was put back, and where; ``kept`` is what was there before, by where it lies now.

    ``without_content`` says that the content folder is missing or empty: it must come back before
    an engine starts, which else takes its articles for deleted.
    """

    manifest: Manifest
    placed: dict[str, Path] = field(default_factory=dict)
    kept: dict[Path, Path] = field(default_factory=dict)
    without_content: bool = False


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of a backup go."""

    config: Path
    store: Path
    key: Path
    content: Path | Bucket


def restore_backup(
    path: Path,
    config_path: Path,
    environment: Mapping[str, str],
    now: datetime,
    force: bool = False,
) -> Restored:
    """Put the backup at ``path`` back: its config at ``config_path``, the rest where that says.

    Nothing is touched before the whole backup was checked, nor while anybody has the store open.
    What is there is replaced only by ``force``, and kept beside. Raises BackupError, StoreError
    (StoreInUseError) and ConfigError.
    """
    with open_archive(path) as archive:
        manifest = archive.manifest
        places = _find_places(archive.read(CONFIG), config_path, environment)
        restored = Restored(manifest)
        wanted = _list_wanted(archive, places)
        if not force:
            _require_free(wanted)
        try:
            for target in wanted.values():
                target.parent.mkdir(parents=True, exist_ok=True)
            _require_room(manifest, places)
            with hold_alone(places.store), contextlib.ExitStack() as stack:
                ready = {
                    name: stack.enter_context(_lay_ready(archive, name, target))
                    for name, target in wanted.items()
                }
                facts = inspect_store(ready[STORE])
                if facts.form != manifest.form:
                    raise BackupError("the backup is damaged: its store has another form")
                stamp = f"{_BEFORE}{now:%Y%m%dT%H%M%SZ}"
                _put_all(ready, wanted, places, stamp, restored)
        except OSError as error:
            reason = error.strerror or error
            raise BackupError(f"{error.filename or path}: {reason}; run it again") from None
    if isinstance(places.content, Path):  # a bucket is none of this machine's places
        restored.without_content = not _has_files(places.content)
    return restored


def _find_places(data: bytes, config_path: Path, environment: Mapping[str, str]) -> _Places:
    try:
        config: Config = parse_config(data, config_path, environment).config
    except ConfigError as error:
        first = error.faults[0]
        raise BackupError(
            f"the config in the backup cannot be used by this version: {first}"
        ) from None
    store = file_of_store(config.store.url)
    key = find_key(config.store.url)
    assert key  # a store in a file has it beside it
    return _Places(config_path.absolute(), store, key, config.content.folder)


def _require_folder(places: _Places) -> Path:
    """Return where articles go, for a backup that has some."""
    if isinstance(places.content, Bucket):
        raise BackupError(
            f"the backup holds articles, and content.folder is {places.content}: unpack the "
            "backup by hand (it is a zip), and copy its content into the bucket"
        )
    return places.content


def _require_apart(places: _Places) -> None:
    """Refuse to replace a folder that holds more than articles: it goes as a whole."""
    folder = _require_folder(places).resolve()
    for one in (places.config, places.store):
        if folder in one.resolve().parents:
            raise BackupError(
                f"{one} lies in the content folder {folder}: unpack the backup by hand (it is a "
                "zip), or restore one that was made without --content"
            )


def _list_wanted(archive: Archive, places: _Places) -> dict[str, Path]:
    """Return what is to be put where, in this order; a file that is the same already is left.

    The store comes last: who is killed before has the old store, and can run this again.
    """
    members = archive.manifest.members
    if archive.manifest.content:
        _require_apart(places)
    return {
        name: place
        for name, place, is_there in (
            *([(CONTENT, _require_folder(places), True)] if archive.manifest.content else []),
            (CONFIG, places.config, True),
            (KEY, places.key, KEY in members),
            (STORE, places.store, True),
        )
        if is_there and not (name in (CONFIG, KEY) and _is_same(place, archive.read(name)))
    }


def _is_same(place: Path, data: bytes) -> bool:
    return place.is_file() and place.stat().st_size == len(data) and place.read_bytes() == data


def _require_free(wanted: Mapping[str, Path]) -> None:
    for name, target in wanted.items():
        taken = _has_files(target) if name == CONTENT else os.path.lexists(target)
        if taken:
            raise BackupError(
                f"{target} is there already: add --force to replace it (it is kept beside, "
                f"as {target.name}{_BEFORE}...)"
            )


def _require_room(manifest: Manifest, places: _Places) -> None:
    sizes = {places.store.parent: manifest.members[STORE].size}
    content = sum(member.size for member in manifest.content.values())
    if content:
        folder = _require_folder(places).parent
        sizes[folder] = sizes.get(folder, 0) + content
    for folder, size in sizes.items():
        free = shutil.disk_usage(folder).free
        if size + _ROOM > free:
            raise BackupError(
                f"there is no room in {folder}: the backup needs {size // 10**6 + 10} MB, and "
                f"{free // 10**6} MB are free"
            )


@contextlib.contextmanager
def _lay_ready(archive: Archive, name: str, target: Path) -> Iterator[Path]:
    """Write a part of a backup beside its place, so that one rename puts it there."""
    with tempfile.TemporaryDirectory(
        prefix=_READY, dir=target.parent, ignore_cleanup_errors=True
    ) as work:
        ready = Path(work) / "ready"
        if name != CONTENT:
            archive.extract(name, ready, _MODES[name])
            if name == CONFIG and target.is_file():
                ready.chmod(target.stat().st_mode & 0o777)
        else:
            ready.mkdir()
            for path in archive.manifest.content:
                file = ready / path
                file.parent.mkdir(parents=True, exist_ok=True)
                archive.extract(CONTENT + path, file)
        _take_owner(ready, target)
        yield ready


def _take_owner(ready: Path, target: Path) -> None:
    """Give what is laid ready to who owns its place: root restores for a service of less power."""
    if os.geteuid() != 0:
        return
    like = target if target.exists() else target.parent
    status = like.stat()
    for file in (ready, *(ready.rglob("*") if ready.is_dir() else ())):
        os.chown(file, status.st_uid, status.st_gid, follow_symlinks=False)


def _put_all(
    ready: Mapping[str, Path],
    wanted: Mapping[str, Path],
    places: _Places,
    stamp: str,
    restored: Restored,
) -> None:
    for name, target in wanted.items():
        if name == CONTENT:
            _put_folder(ready[name], target, stamp, restored)
        else:
            _put_file(ready[name], target, stamp, restored)
        restored.placed[name] = target
    for folder in {target.parent for target in wanted.values()}:
        sync_folder(folder)


def _put_file(ready: Path, target: Path, stamp: str, restored: Restored) -> None:
    """Replace a file at once; the old one has a second name by then."""
    if os.path.lexists(target):
        # What stands beside a damaged store is its log: SQLite would take it for the new one's.
        for log in ("-wal", "-shm", "-journal"):
            beside = target.with_name(target.name + log)
            if beside.exists():
                beside.replace(target.with_name(target.name + stamp + log))
        kept = target.with_name(target.name + stamp)
        if target.is_dir() and not target.is_symlink():
            target.rename(kept)
        else:
            _name_twice(target, kept)
        restored.kept[target] = kept
    ready.replace(target)


def _name_twice(target: Path, kept: Path) -> None:
    try:
        os.link(target, kept, follow_symlinks=False)
    except FileExistsError:
        raise BackupError(f"{kept} is there already: run it again in a second") from None
    except OSError:
        shutil.copy2(target, kept)  # a file system without links


def _put_folder(ready: Path, target: Path, stamp: str, restored: Restored) -> None:
    """Replace a folder: two renames, since there is no one that does."""
    if os.path.lexists(target):
        kept = target.with_name(target.name + stamp)
        target.rename(kept)
        restored.kept[target] = kept
    ready.rename(target)


def _has_files(folder: Path) -> bool:
    try:
        return any(name[0] != "." for name in os.listdir(folder))  # noqa: PTH208
    except OSError:
        return folder.is_file()

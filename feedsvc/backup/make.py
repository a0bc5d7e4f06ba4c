"""Making a backup: one file with the store, the config and the key, of one moment."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from feedsvc import __version__
from feedsvc.backup.manifest import (
    CONFIG,
    CONTENT,
    CONTENT_BYTES_MOST,
    CONTENT_FILES_MOST,
    KEY,
    MANIFEST,
    STORE,
    Manifest,
    Member,
    find_fault,
    most_of,
    write_manifest,
)
from feedsvc.config import Bucket, LoadedConfig
from feedsvc.errors import BackupError
from feedsvc.hub import find_key
from feedsvc.store import copy_store, file_of_store

PIECE = 1_000_000

# Most of a store is compressed already: more effort takes long and saves a percent.
_EFFORT = 1

# The first moment that a zip can name, and the last.
_YEARS = 1980, 2107

# What stands beside the store's file and belongs to it alone.
_STORE_SUFFIXES = ("", "-wal", "-shm", "-journal", ".key")

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Made:
    """A backup that was made; ``left_out`` are content files that no backup can hold, and why."""

    manifest: Manifest
    size: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def make_backup(
    loaded: LoadedConfig,
    target: Path | None,
    now: datetime,
    *,
    force: bool = False,
    content: bool = False,
    progress: Progress | None = None,
) -> Made:
    """Write a backup of a site to ``target``, or to standard output, while anything runs.

    The file is there whole or not at all, and readable by its owner alone: the key and the config
    are in it. One that is there is replaced only by ``force``. With ``content`` the files of the
    content folder are in it, too. Raises BackupError and StoreError.
    """
    if target is not None and target.exists() and not (force and target.is_file()):
        raise BackupError(f"{target} is there already: name another file, or add --force")
    try:
        with tempfile.TemporaryDirectory(
            prefix=".feedsvc-backup-", dir=target.parent if target else None
        ) as work:
            copy = Path(work) / STORE
            facts = copy_store(file_of_store(loaded.config.store.url), copy, progress)
            config = loaded.config
            made = Made(
                Manifest(
                    feedsvc=__version__,
                    form=facts.form,
                    made=now,
                    site=config.site.tag if config.site.id else facts.tag or config.site.tag,
                    members={},
                )
            )
            sources = _list_sources(loaded, copy)
            if content:
                sources |= _list_content(loaded, target, made)
            if target is None:
                _write_archive(sys.stdout.buffer, sources, made)
                sys.stdout.buffer.flush()
            else:
                whole = Path(work) / "whole.zip"
                with whole.open("xb") as file:
                    os.fchmod(file.fileno(), 0o600)
                    _write_archive(file, sources, made)
                    file.flush()
                    os.fsync(file.fileno())
                made.size = whole.stat().st_size
                _put(whole, target, force)
    except OSError as error:
        place = error.filename or target or "standard output"
        reason = error.strerror or error
        raise BackupError(f"the backup cannot be made: {place}: {reason}") from None
    return made


def _list_sources(loaded: LoadedConfig, copy: Path) -> dict[str, Path]:
    sources = {STORE: copy, CONFIG: loaded.path}
    key = find_key(loaded.config.store.url)
    # None was made yet where nobody has subscribed with a secret.
    return sources | ({KEY: key} if key and key.exists() else {})


def _list_content(loaded: LoadedConfig, target: Path | None, made: Made) -> dict[str, Path]:
    """Return the files of the content folder, by their names in the backup.

    What is hidden is left out: no article is. So is what is no regular file.
    """
    folder = loaded.config.content.folder
    if isinstance(folder, Bucket):
        raise BackupError(
            f"--content is for a folder, and the articles lie in {folder}: leave it out, and let "
            "the bucket keep versions, or copy it by itself (rclone sync, say)"
        )
    store = file_of_store(loaded.config.store.url)
    ours = {os.path.realpath(f"{store}{suffix}") for suffix in _STORE_SUFFIXES}
    ours |= {os.path.realpath(path) for path in (loaded.path, target) if path}
    found: dict[str, Path] = {}
    total = 0
    for path, relative, status in _walk(folder, made.left_out):
        if os.path.realpath(path) in ours:
            continue
        if fault := find_fault(CONTENT + relative):
            made.left_out[relative] = fault
            continue
        total += status.st_size
        if len(found) >= CONTENT_FILES_MOST or total > CONTENT_BYTES_MOST:
            raise BackupError(
                f"the content folder is too large for --content (over {CONTENT_FILES_MOST} files, "
                f"or {CONTENT_BYTES_MOST // 10**9} GB): copy it by itself, with rsync -a, say"
            )
        found[CONTENT + relative] = path
    return found


def _walk(folder: Path, left_out: dict[str, str]) -> Iterator[tuple[Path, str, os.stat_result]]:
    def report(error: OSError) -> None:
        place = os.path.relpath(error.filename, folder)
        left_out[ascii(place) if not place.isprintable() else place] = "cannot be read"

    for place, folders, names in os.walk(folder, onerror=report):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(name for name in names if name[0] != "."):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            try:
                relative.encode()
                status = path.lstat()
            except UnicodeEncodeError:
                left_out[ascii(relative)] = "has a name that is not UTF-8"
            except OSError:
                continue  # it went away
            else:
                if stat.S_ISREG(status.st_mode):
                    yield path, relative, status
                else:
                    left_out[relative] = "is no regular file"


def _write_archive(file: BinaryIO, sources: dict[str, Path], made: Made) -> None:
    members: dict[str, Member] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_EFFORT) as archive:
        for name, path in sources.items():
            try:
                source = path.open("rb")
            except OSError as error:
                if not name.startswith(CONTENT):
                    raise
                made.left_out[name.removeprefix(CONTENT)] = f"cannot be read: {error.strerror}"
                continue
            with source:
                members[name] = _add(archive, name, source, made.manifest.made)
        made.manifest = Manifest(
            made.manifest.feedsvc,
            made.manifest.form,
            made.manifest.made,
            made.manifest.site,
            members,
        )
        archive.writestr(_describe(MANIFEST, made.manifest.made), write_manifest(made.manifest))


def _add(archive: zipfile.ZipFile, name: str, source: BinaryIO, made: datetime) -> Member:
    """Add a file as it is, up to the length that it has now; return what it was."""
    status = os.fstat(source.fileno())
    info = _describe(name, made)
    info.file_size = status.st_size  # whether its length needs the large form
    if status.st_size > most_of(name):
        raise BackupError(f"{source.name} is too large for a backup")
    digest, left = hashlib.sha256(), status.st_size
    with archive.open(info, "w") as member:
        while left and (piece := source.read(min(PIECE, left))):
            digest.update(piece)
            member.write(piece)
            left -= len(piece)
    when = status.st_mtime_ns if name.startswith(CONTENT) else 0
    return Member(status.st_size - left, digest.hexdigest(), max(0, when))


def _describe(name: str, made: datetime) -> zipfile.ZipInfo:
    first, last = _YEARS
    moment = made.replace(year=min(max(made.year, first), last))
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


def _put(whole: Path, target: Path, force: bool) -> None:
    """Give a file that is written its name; what was there is replaced at that moment, or stays."""
    if force:
        whole.replace(target)
    else:
        try:
            os.link(whole, target)
        except FileExistsError:
            raise BackupError(f"{target} is there already: name another file") from None
        except OSError:
            # A file system without links. Somebody who came in between is not seen.
            if target.exists():
                raise BackupError(f"{target} is there already: name another file") from None
            whole.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut; some file systems cannot."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

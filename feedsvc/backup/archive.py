"""Reading a backup that may come from anybody: nothing is believed before it was checked."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from feedsvc.backup.make import PIECE
from feedsvc.backup.manifest import (
    CONTENT_FILES_MOST,
    MANIFEST,
    Manifest,
    Member,
    find_fault,
    most_of,
    read_manifest,
)
from feedsvc.errors import BackupError

# A zip's end: a mark, numbers of the disk and of the members, and where their directory is; as long
# as that where no comment follows it, and we write none. Larger ones have a second end before it.
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\5\6"
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
_LARGE_MARK = b"PK\6\6"
_LARGE_AT = struct.Struct("<4sLQL")
_LARGE_AT_MARK = b"PK\6\7"

# Of a directory of members we read no more: a name, and what a zip says of it.
_DIRECTORY_MOST = 400 * (CONTENT_FILES_MOST + 4)

_ENCRYPTED = 0x1

# What reading a damaged zip may raise.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


class Archive:
    """A backup that was opened: its manifest is checked, its members are not read yet."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises BackupError when it is no backup, or one that no feedsvc would make."""
        try:
            _check_end(file)
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
        except (*_DAMAGE, struct.error) as error:
            raise BackupError(f"this is no backup, or a damaged one: {error}") from None
        for info in infos:
            _check_info(info)
        names = [info.filename for info in infos]
        if len(set(names)) != len(names):
            raise BackupError("the backup is refused: a member is in it twice")
        if MANIFEST not in names:
            raise BackupError(f"this is no backup of feedsvc: it has no {MANIFEST}")
        data = b"".join(self._read(MANIFEST, most_of(MANIFEST)))
        self.manifest: Manifest = read_manifest(data)
        if differing := {MANIFEST, *self.manifest.members} ^ set(names):
            raise BackupError(
                "the backup is refused: its manifest and its members differ, "
                f"as in {min(differing)!r:.200}"
            )

    def extract(self, name: str, target: Path, mode: int = 0o644) -> None:
        """Write a member to the new file ``target``.

        Raises BackupError where it is not what the manifest says, and OSError.
        """
        member = self.manifest.members[name]
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as file:
            digest, size = hashlib.sha256(), 0
            for piece in self._read(name, member.size):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            _compare(name, member, size, digest.hexdigest())
            file.flush()
            os.fsync(file.fileno())
        if member.modified_ns:
            os.utime(target, ns=(member.modified_ns, member.modified_ns))

    def read(self, name: str) -> bytes:
        """Return a small member. Raises BackupError."""
        member = self.manifest.members[name]
        data = b"".join(self._read(name, member.size))
        _compare(name, member, len(data), hashlib.sha256(data).hexdigest())
        return data

    def _read(self, name: str, most: int) -> Iterator[bytes]:
        """Yield a member piece by piece; what it is said to have more is not even unpacked."""
        try:
            with self._zip.open(name) as member:
                left = most
                while piece := member.read(min(PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        raise BackupError(f"the backup is refused: {name!r:.200} is too large")
                    yield piece
        except _DAMAGE as error:
            raise BackupError(f"the backup is damaged: {name!r:.200}: {error}") from None


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup. Raises BackupError."""
    try:
        # Opening a pipe would wait for who writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BackupError(f"{path} is no file that can be restored: name the backup's file")
    with os.fdopen(descriptor, "rb") as file:
        yield Archive(file)


def _check_info(info: zipfile.ZipInfo) -> None:
    name = info.filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    fault = find_fault(name)
    if not fault and info.orig_filename != name:
        fault = "has two names"
    if not fault and kind not in (0, stat.S_IFREG):
        fault = "is a link, or no file"
    if not fault and info.flag_bits & _ENCRYPTED:
        fault = "is encrypted"
    if not fault and info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        fault = "is packed in a way that no backup is"
    if not fault and info.file_size > most_of(name):
        fault = "is too large"
    if fault:
        raise BackupError(f"the backup is refused: its member {name!r:.200} {fault}")


def _compare(name: str, member: Member, size: int, sha256: str) -> None:
    if (size, sha256) != (member.size, member.sha256):
        raise BackupError(f"the backup is damaged: {name!r:.200} is not what its manifest says")


def _check_end(file: BinaryIO) -> None:
    """Bound the directory of members before it is read: all of it is held in memory."""
    length = file.seek(0, os.SEEK_END)
    if length < _END.size:
        raise BackupError("this is no backup: it is empty, or cut short")
    file.seek(length - _END.size)
    mark, *_, size, _, comment = _END.unpack(file.read(_END.size))
    if mark != _END_MARK or comment:
        raise BackupError("this is no backup, or it was cut short")
    before = length - _END.size - _LARGE_AT.size
    file.seek(max(before, 0))
    if before >= 0 and file.read(len(_LARGE_AT_MARK)) == _LARGE_AT_MARK:
        file.seek(max(before - _LARGE_END.size, 0))
        mark, *_, size, _ = _LARGE_END.unpack(file.read(_LARGE_END.size))
        if mark != _LARGE_MARK:
            raise BackupError("this is no backup, or a damaged one")
    if size > min(_DIRECTORY_MOST, length):
        raise BackupError("the backup is refused: it has more members than any backup")
    file.seek(0)

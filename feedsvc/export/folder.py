"""A folder as a target: each file written beside, flushed, and put in place all at once."""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import os
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from feedsvc.export.layout import STATE, ExportError, Layout, is_safe
from feedsvc.export.media import Source
from feedsvc.export.targets import WRITERS, File

# Notes are ours; what is served is for everybody.
_FILE_MODE, _NOTE_MODE = 0o644, 0o600

_TEMPORARY = "tmp"


class FolderTarget:
    """A folder, which one run has for itself."""

    layout = Layout()

    def __init__(self, folder: Path) -> None:
        # As it is written: a link to a folder may be led elsewhere between two runs.
        self.name = str(folder)
        self._root = folder.absolute()
        self._state = self._root / STATE
        self._lock = -1
        self._ready = False
        self._numbers = count()
        self._checked: set[Path] = set()

    def open(self) -> None:
        """Begin a run: make the folder if it is missing, and keep others out."""
        with self._as_export_errors():
            if self._root.exists() and not self._root.is_dir():
                raise ExportError(f"{self.name} is a file: name a folder")
            self._root.mkdir(parents=True, exist_ok=True)
            self._root = self._root.resolve()
            self._state = self._root / STATE
            self._checked = {self._root}
            self._ready = False
            # On the folder itself: nothing may be made in one that is not known to be ours.
            self._lock = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.close()
                raise ExportError(
                    f"{self.name}: another feedsvc export is at work there: wait for it, or end it"
                ) from None

    def is_empty(self) -> bool:
        """Whether nothing lies there that is not ours."""
        with self._as_export_errors():
            return not any(entry.name != STATE for entry in self._root.iterdir())

    def read_note(self, name: str) -> bytes | None:
        """Return one of our own notes; None if there is none."""
        with self._as_export_errors():
            try:
                return (self._state / name).read_bytes()
            except FileNotFoundError:
                return None

    def write_note(self, name: str, data: bytes) -> None:
        """Replace one of our own notes, all at once."""
        with self._as_export_errors():
            self._begin()
            self._write(self._state / name, data, _NOTE_MODE)
            _flush(self._state)

    def remove_note(self, name: str) -> None:
        """Remove one of our own notes."""
        with self._as_export_errors():
            (self._state / name).unlink(missing_ok=True)
            _flush(self._state)

    def put(self, files: Sequence[File]) -> None:
        """Replace each file, all at once, with its date; then all of them are on the disk."""
        with self._as_export_errors():
            self._begin()
            places = [self._place(file.name) for file in files]
            for folder in {place.parent for place in places}:
                self._make(folder)
            with ThreadPoolExecutor(WRITERS) as pool:
                for _ in pool.map(self._put, files, places):
                    pass
            for folder in {place.parent for place in places}:
                _flush(folder)

    def delete(self, names: Collection[str]) -> None:
        """Remove files that are there, and folders that they leave empty."""
        with self._as_export_errors():
            self._begin()
            folders = set()
            for name in names:
                place = self._place(name)
                if not self._is_below(place.parent):
                    continue
                if place.is_dir() and not place.is_symlink():
                    continue  # nothing that we put
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    place.unlink()
                    folders.add(place.parent)
            for folder in sorted(folders, key=lambda one: -len(one.parts)):
                self._tidy(folder)

    def close(self) -> None:
        """End a run, and let others in."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _begin(self) -> None:
        """Make room for our notes, and throw away what a run that broke off was writing."""
        if self._ready:
            return
        if self._state.is_symlink():
            raise ExportError(f"{self._state} is a link: remove it")
        self._state.mkdir(mode=0o700, exist_ok=True)
        temporary = self._state / _TEMPORARY
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(mode=0o700, exist_ok=True)
        self._ready = True

    def _place(self, name: str) -> Path:
        if not is_safe(name):
            raise ExportError(f"{self.name}: {name!r} is no name for a file there")
        return self._root / name

    def _make(self, folder: Path) -> None:
        """Make a folder below the root; what leads out of the root is no place for our files."""
        if folder in self._checked:
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        if not self._is_below(folder):
            raise ExportError(f"{folder} is a link that leads elsewhere: remove it")
        _flush(folder.parent)
        self._checked.add(folder)

    def _is_below(self, folder: Path) -> bool:
        try:
            return folder.resolve(strict=True) == folder
        except OSError:
            return False

    def _put(self, file: File, place: Path) -> None:
        self._write(place, file.body, _FILE_MODE, file.modified)

    def _write(self, place: Path, body: bytes | Source, mode: int, modified: float = 0.0) -> None:
        beside = self._state / _TEMPORARY / str(next(self._numbers))
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as stream:
            if isinstance(body, bytes):
                stream.write(body)
            else:
                body.copy_to(stream)
            stream.flush()
            moment = _date(beside, place, modified or time.time())
            os.utime(handle, (moment, moment))
            os.fchmod(handle, mode)
            os.fsync(handle)
        beside.replace(place)

    def _tidy(self, folder: Path) -> None:
        """Remove a folder that is empty, and those above it that are so then."""
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return  # something lies there
            self._checked.discard(folder)
            folder = folder.parent

    @contextlib.contextmanager
    def _as_export_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or self.name
            raise ExportError(f"cannot write to {where}: {error.strerror or error}") from error


def _date(new: Path, place: Path, modified: float) -> float:
    """Return the date of a file that replaces what is at ``place``, in seconds since 1970.

    Web servers tell readers by date and size whether they have it already. So the same bytes keep
    their date, and other ones have a later one, also where what changed (a title in the config)
    has none of its own.
    """
    try:
        before = int(place.stat().st_mtime)
        return before if filecmp.cmp(new, place, shallow=False) else max(modified, before + 1)
    except OSError:  # there is nothing
        return modified


def _flush(folder: Path) -> None:
    """Let the names in a folder be on the disk."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

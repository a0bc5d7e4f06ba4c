"""What lies in the content folder right now: one pass of scandir and stat.

This pass is the truth; file-system events only say when to look (they miss files in folders that
are moved in). It is kept lean, because it reads the whole folder again and again.
"""

from __future__ import annotations

import contextlib
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from feedsvc.errors import ContentFolderError

# (mtime in ns, size in bytes, inode), compared for inequality, never for "newer than".
Fingerprint = tuple[int, int, int]

# folder -> name -> fingerprint; names are as the disk has them, "" is the content folder itself.
Folders = Mapping[str, Mapping[str, Fingerprint]]

_NONE: Mapping[str, Fingerprint] = MappingProxyType({})
_NOTHING: Folders = MappingProxyType({})

# What editors and browsers leave behind while they are still writing.
_TEMPORARY = ("~", ".swp", ".swx", ".tmp", ".part", ".crdownload")

# A signed 64-bit column keeps the inode; some file systems use the top bit.
_INODE_MASK = (1 << 63) - 1


class Status(Protocol):
    """What is asked of a file's status, be the file on the disk (``os.stat_result``) or not."""

    @property
    def st_mode(self) -> int: ...
    @property
    def st_size(self) -> int: ...
    @property
    def st_ino(self) -> int: ...
    @property
    def st_mtime(self) -> float: ...
    @property
    def st_mtime_ns(self) -> int: ...
    @property
    def st_ctime(self) -> float: ...
    @property
    def st_ctime_ns(self) -> int: ...


@dataclass(slots=True)
class Listing:
    """The content folder at one moment.

    ``failed`` are the folders that could not be read, ``refused`` the files that cannot even be
    tried, each with the reason for people. ``raw`` has the names on the disk where they are not
    normalised (NFC). ``media`` are the files that articles name, with time and size.
    """

    folders: dict[str, dict[str, Fingerprint]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    media: dict[str, tuple[int, int]] = field(default_factory=dict)


def is_article_name(name: str, suffixes: Collection[str]) -> bool:
    """Whether a file of that name may be an article; ``suffixes`` are lower-case, with the dot."""
    lowered = name.lower()
    return lowered.endswith(tuple(suffixes)) and name[0] != "." and not lowered.endswith(_TEMPORARY)


def list_folder(
    root: Path, suffixes: Collection[str], under: str = "", known: Folders = _NOTHING
) -> Listing:
    """List every article file below ``root``, or only below its folder ``under``.

    ``known`` only makes it cheaper: fingerprints equal to known ones are these very objects, so
    that a quiet folder leaves no garbage and is compared in no time.

    Raises ContentFolderError when the root itself is missing or cannot be read.
    """
    listing = Listing()
    base = os.fspath(root)
    ends = tuple(suffixes)
    if not root.is_dir():
        raise ContentFolderError(
            f"the content folder {base} is missing: create it, or set content.folder"
        )
    waiting = [under]
    while waiting:
        disk_folder = waiting.pop()
        folder = normalise(disk_folder)
        plain = folder == disk_folder
        found = listing.folders.setdefault(folder, {})
        before = known.get(folder, _NONE)
        try:
            with _open_folder(f"{base}/{disk_folder}" if folder else base) as items:
                for item in items:
                    name = item.name
                    if name[0] == ".":
                        continue
                    if not (plain and name.isascii()):
                        name = _note_name(name, disk_folder, listing)
                        if not name:
                            continue
                    # Nearly every name has a lower-case suffix: only the rest is lowered.
                    fits = name.endswith(ends) or name.lower().endswith(ends)
                    if fits and item.is_file(follow_symlinks=False):
                        mark = fingerprint(item.stat(follow_symlinks=False))
                        old = before.get(name)
                        found[name] = old if old is not None and old == mark else mark
                    elif item.is_dir(follow_symlinks=False):
                        waiting.append(f"{disk_folder}/{item.name}" if folder else item.name)
                    elif fits and item.is_symlink():
                        link = f"{base}/{join(disk_folder, item.name)}"
                        _follow(link, base, join(folder, name), found, listing)
        except (FileNotFoundError, NotADirectoryError):
            if not folder:
                raise ContentFolderError(
                    f"the content folder {base} went away while it was read"
                ) from None
            # It went away between being listed and being read: its files are missing.
        except OSError as error:
            reason = error.strerror or str(error)
            if not folder:
                raise ContentFolderError(
                    f"the content folder {base} cannot be read: {reason}"
                ) from None
            listing.failed[folder] = f"the folder cannot be read: {reason}"
    top = normalise(under)
    for folder in [each for each, files in listing.folders.items() if not files and each != top]:
        del listing.folders[folder]
    return listing


@contextlib.contextmanager
def _open_folder(path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """Open a folder by its descriptor: then stat need not walk its path again for each file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(descriptor) as items:
            yield items
    finally:
        os.close(descriptor)


def _note_name(name: str, disk_folder: str, listing: Listing) -> str:
    """Return the name as it counts for identity, or nothing where the file cannot be taken."""
    folder = normalise(disk_folder)
    if not is_text(name):
        readable = name.encode(errors="replace").decode()
        listing.refused[join(folder, readable)] = "its name is not valid UTF-8: rename it"
        return ""
    normal = normalise(name)
    path, on_disk = join(folder, normal), join(disk_folder, name)
    if normal in listing.folders[folder]:
        # Two names that nobody can tell apart: the normalised one is taken, in whatever order.
        first = on_disk == path
        other = listing.raw.pop(path, path) if first else on_disk
        listing.refused[other] = "another file has this name, its accents written in another way"
        return normal if first else ""
    if on_disk != path:
        listing.raw[path] = on_disk
    return normal


def _follow(
    path: str, base: str, relative: str, found: dict[str, Fingerprint], listing: Listing
) -> None:
    """Take a link to a file inside the content folder; refuse one that leads out."""
    root = os.path.realpath(base)
    if os.path.commonpath([os.path.realpath(path), root]) != root:
        listing.refused[relative] = "is a link that leads out of the content folder: not followed"
        return
    try:
        status = os.stat(path)  # noqa: PTH116 - a string is what scandir gives
    except OSError:
        listing.refused[relative] = "is a link to a file that does not exist"
        return
    if stat.S_ISREG(status.st_mode):
        found[split(relative)[1]] = fingerprint(status)


def fingerprint(status: Status) -> Fingerprint:
    """Return what tells one version of a file from another."""
    return (status.st_mtime_ns, status.st_size, status.st_ino & _INODE_MASK)


def is_present(root: Path, path: str) -> bool:
    """Whether ``path``, as the disk spells it, is a file that a listing would find.

    That is none behind a link to a folder, and no link that leads out of the content folder. One
    that may not be looked at counts as present: nothing is withdrawn because of a permission.
    """
    disk = os.path.join(root, path)  # noqa: PTH118 - the rest of this works on strings
    base = os.path.realpath(root)
    try:
        regular = stat.S_ISREG(os.stat(disk).st_mode)  # noqa: PTH116
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    folder = os.path.normpath(f"{base}/{split(path)[0]}")
    inside = os.path.commonpath([os.path.realpath(disk), base]) == base
    return regular and inside and os.path.realpath(f"{root}/{split(path)[0]}") == folder


def kind_of(file: Path) -> int:
    """Return the type bits of what lies at a path, not following a link; 0 for nothing."""
    try:
        return stat.S_IFMT(file.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError:
        return stat.S_IFREG  # it may not be looked at: reading it will say why


def is_text(name: str) -> bool:
    """Whether a name of the disk is text at all; other bytes come as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def normalise(path: str) -> str:
    """Return the path as it counts for identity: NFC, for disks that store NFD."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def split(path: str) -> tuple[str, str]:
    """Split a relative path into folder and name."""
    folder, _, name = path.rpartition("/")
    return folder, name


def join(folder: str, name: str) -> str:
    """Put a name into a folder; the content folder itself is the empty one."""
    return f"{folder}/{name}" if folder else name


Progress = Callable[[int, int], None]

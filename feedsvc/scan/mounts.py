"""What is mounted where: which folders' events are worth listening to."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from feedsvc.config import Bucket, ContentConfig

_MOUNTS = Path("/proc/self/mountinfo")

# It has a line for each mount; nobody has so many.
_TEXT_MOST = 1_000_000

# File systems on which events of other machines never arrive, and locks are not to be trusted.
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs"}
    | {"gfs2", "ocfs2", "vboxsf"}
)


def read_mounts() -> str:
    """Return what is mounted where, as the kernel writes it."""
    with contextlib.suppress(OSError), _MOUNTS.open(encoding="utf-8", errors="replace") as file:
        return file.read(_TEXT_MOST)
    return ""


def find_watched(content: ContentConfig, mountinfo: str) -> Path | None:
    """Return the folder to watch; None where only scans are to see what changes.

    ``mountinfo`` is what :func:`read_mounts` gave.
    """
    folder = content.folder
    if isinstance(folder, Bucket) or content.watch == "off":
        return None
    if content.watch == "auto" and is_network(
        find_file_system(mountinfo, os.path.realpath(folder))
    ):
        return None
    return folder


def is_network(kind: str) -> bool:
    """Whether what others write on such a file system makes no events here."""
    return kind in _NETWORK or kind.startswith("fuse.")


def find_file_system(mountinfo: str, path: str) -> str:
    """Return the kind of the file system that a real path lies on, from /proc/self/mountinfo."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        # The kernel writes blanks in octal.
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind

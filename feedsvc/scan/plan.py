"""What a listing asks for, decided purely: which files to read, and which went missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from feedsvc.scan.listing import Folders

# Below this many files a person may well have deleted most of them on purpose.
VANISH_FILES_LEAST = 20

# More than this share vanishing at once is an unmounted disk or a slipped command.
VANISH_SHARE_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a listing."""

    look: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def plan_scan(listed: Folders, known: Folders, failed: Collection[str] = ()) -> Plan:
    """Compare what lies in the folder with what was read before.

    ``failed`` are folders that could not be read: nothing in or below them counts as missing.
    """
    look: list[str] = []
    missing: list[str] = []
    for folder, files in listed.items():
        before = known.get(folder, {})
        if files == before:
            continue
        prefix = f"{folder}/" if folder else ""
        look += [prefix + name for name, mark in files.items() if before.get(name) != mark]
    for folder, before in known.items():
        files = listed.get(folder, {})
        if files.keys() >= before.keys() or _is_below(folder, failed):
            continue
        prefix = f"{folder}/" if folder else ""
        missing += [prefix + name for name in before if name not in files]
    return Plan(tuple(sorted(look)), tuple(sorted(missing)))


def doubt_deletions(missing: int, known: int) -> str:
    """Return why not to believe that ``missing`` of ``known`` files were deleted, or nothing."""
    if known < VANISH_FILES_LEAST or missing <= known * VANISH_SHARE_MOST:
        return ""
    return (
        f"{missing} of {known} files vanished at once: nothing is withdrawn until you put them "
        "back, or confirm with: feedsvc scan --accept-deletions"
    )


def _is_below(folder: str, failed: Collection[str]) -> bool:
    return any(folder == bad or folder.startswith(f"{bad}/") for bad in failed)

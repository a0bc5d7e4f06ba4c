"""What a listing asks for, decided purely: which files to read, and which went missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from feedsvc.scan.listing import Folders, split

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
        if files.keys() >= before.keys() or is_below(folder, failed):
            continue
        prefix = f"{folder}/" if folder else ""
        missing += [prefix + name for name in before if name not in files]
    return Plan(tuple(sorted(look)), tuple(sorted(missing)))


def doubt_deletions(missing: int, known: int, folder: str = "") -> str:
    """Return why not to believe that ``missing`` of ``known`` files were deleted, or nothing.

    ``folder`` is where they lay; empty for the content folder itself.
    """
    if known < VANISH_FILES_LEAST or missing <= known * VANISH_SHARE_MOST:
        return ""
    where, there = (f" in {folder}/", "nothing there") if folder else ("", "nothing")
    return (
        f"{missing} of {known} files{where} vanished at once: {there} is withdrawn until you put "
        "them back, or confirm with: feedsvc scan --accept-deletions"
    )


def doubt_folders(missing: Iterable[str], known: Folders) -> dict[str, str]:
    """Return the folders of which too much vanished at once, each with the reason to doubt it.

    ``missing`` are paths among ``known``. The content folder itself is the empty one; what lies in
    a doubted folder is not named again.
    """
    gone = Counter(above for path in missing for above in _list_above(split(path)[0]))
    there: Counter[str] = Counter()
    for folder, files in known.items():
        there.update(dict.fromkeys((one for one in _list_above(folder) if one in gone), len(files)))
    doubts: dict[str, str] = {}
    for folder in sorted(gone, key=lambda one: one.count("/") + bool(one)):
        if is_below(folder, doubts):
            continue
        if reason := doubt_deletions(gone[folder], there[folder], folder):
            doubts[folder] = reason
    return doubts


def is_below(path: str, folders: Collection[str]) -> bool:
    """Whether a path is one of some folders, or lies in one; the empty one holds everything."""
    return any(not one or path == one or path.startswith(f"{one}/") for one in folders)


def _list_above(folder: str) -> Iterator[str]:
    """Yield a folder and all in which it lies."""
    while folder:
        yield folder
        folder = split(folder)[0]
    yield folder

"""What an editor decided about the filing of an article: it wins over everything else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import orjson

from feedsvc.model import Filed, Filing
from feedsvc.store import Deed, StoredEntry

# What stands for a correction in an entry's reasons, in the audit log, and in the store's facts.
BY_EDITOR = "filed by an editor"
DEED = "file"
FACT = "corrections"

# Corrections that a running engine can learn one by one; beyond that it learns all anew.
_LESSONS_KEPT = 50

_NO_HEIRS: Mapping[str, str] = MappingProxyType({})


class Lesson(NamedTuple):
    """What a correction teaches: ``section``, and no longer ``before``; either may be empty."""

    uid: str
    section: str
    before: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction did: the entry as it is now, and as it was.

    Of the unfiled and unsure articles ``again`` were decided anew, and ``moved`` are the paths of
    those that stand elsewhere now.
    """

    entry: StoredEntry
    before: StoredEntry
    again: int = 0
    moved: tuple[str, ...] = ()


def file_by_editor(
    corrected: Sequence[str], sections: Collection[str], heirs: Mapping[str, str] = _NO_HEIRS
) -> Filing | None:
    """Return where an editor put an article; None if that is nowhere, or no section any more.

    A section that was renamed since is one of ``heirs`` under its name of then.
    """
    named = dict.fromkeys(heirs.get(name, name) for name in corrected)
    kept = [name for name in named if name in sections]
    return Filing(tuple(Filed(name, BY_EDITOR) for name in kept)) if kept else None


def correct_entry(
    old: StoredEntry, corrected: Sequence[str], filing: Filing, who: str, now: datetime
) -> tuple[StoredEntry, Deed, Lesson]:
    """Return the entry as an editor files it, the line of the audit log, and what it teaches.

    Without ``corrected`` a correction is taken back, and ``filing`` is what was decided instead.
    """
    entry = replace(old, corrected=tuple(corrected), filing=filing)
    was, stands = (", ".join(one.filing.sections) or "unfiled" for one in (old, entry))
    how = stands if corrected else f"taken back: {stands}"
    deed = Deed(now, who, DEED, old.uid, f"{old.path}: {how} (was: {was})")
    return entry, deed, Lesson(old.uid, taught_by(entry), taught_by(old))


def taught_by(entry: StoredEntry) -> str:
    """Return the section that an entry teaches; nothing if nobody filed it for certain."""
    return entry.filing.sections[0] if entry.filing.certain and entry.is_coming else ""


def note_lesson(noted: str, lesson: Lesson) -> str:
    """Return what the store keeps of all corrections, with one more."""
    count, lessons = _read(noted)
    kept = [*lessons, lesson][-_LESSONS_KEPT:]
    return orjson.dumps([count + 1, list(map(list, kept))]).decode()


def list_lessons(noted: str, seen: str) -> list[Lesson] | None:
    """Return the corrections that came since the store kept what was ``seen``.

    None if they are not all known, or some cannot be learned without unlearning something.
    """
    if noted == seen:
        return []
    count, lessons = _read(noted)
    fresh = count - _read(seen)[0]
    if not 0 < fresh <= len(lessons):
        return None
    lessons = lessons[-fresh:]
    return None if any(one.before not in ("", one.section) for one in lessons) else lessons


def _read(noted: str) -> tuple[int, list[Lesson]]:
    """Return how many corrections there were, and the last of them."""
    count, lessons = orjson.loads(noted) if noted else (0, [])
    return count, [Lesson(*one) for one in lessons]

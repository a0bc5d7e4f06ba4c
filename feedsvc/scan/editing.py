"""What an editor does: files an article, and looks at doubtful ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from feedsvc.filing import decide_certain
from feedsvc.scan.correct import (
    FACT,
    Correction,
    correct_entry,
    file_by_editor,
    note_lesson,
    taught_by,
)
from feedsvc.scan.filer import Filer
from feedsvc.scan.unsure import doubt
from feedsvc.store import Store, StoredEntry

# So many of the newest articles that nobody filed for certain are looked at for doubts; older ones
# have been read by who reads them. It takes a third of a second.
LOOKED_AT_MOST = 20_000

# So many doubtful ones, the newest, are decided again after a correction: an editor waits for it.
AGAIN_MOST = 200

# So many articles of the review list are shown on one page.
REVIEWED_MOST = 100


# The short form of an id, as it stands in the address of an article's page.
_UID = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?=-|$|[0-9a-f]{16}$)")


class Doubt(NamedTuple):
    """An entry of whose filing a person should take a look, and why, in one word."""

    entry: StoredEntry
    why: str


def find_entry(store: Store, name: str) -> StoredEntry | None:
    """Return the entry of a path below the content folder, an id, or a page's address."""
    file = store.file(name)
    if file and file.uid:
        return store.entry(file.uid)
    # The last part of an id is its number; a page's address has it before the slug.
    whole = name.startswith("tag:")
    found = _UID.search(name.rpartition(":")[2].replace("-", "") if whole else name)
    entry = store.entry(found[0]) if found else None
    return None if entry and whole and entry.id != name else entry


def correct(
    store: Store,
    filer: Filer,
    uid: str,
    sections: Sequence[str],
    known: Collection[str],
    who: str,
    now: datetime,
) -> Correction:
    """File an entry in ``sections``, the first of them its primary one, as ``who`` says.

    With no sections a former correction is taken back. ``known`` are the sections of the config.
    The audit log has a line; the model learns it, and decides again about what it was unsure of.
    """
    entry = store.entry(uid)
    assert entry is not None
    before = taught_by(entry)
    if before and before not in sections[:1]:
        filer.relearn(without=uid)
    filing = file_by_editor(sections, known, filer.rules.heirs)
    filing = filing or decide_certain(entry.article, filer.rules) or filer.guess(entry.article)
    with store.writing() as writer:
        (old,) = writer.entries_of("uid", [uid])
        entry, deed, lesson = correct_entry(old, sections, filing, who, now)
        writer.put_entries([entry], known)
        writer.put_deeds([deed])
        writer.put_fact(FACT, note_lesson(writer.fact(FACT), lesson))
    if filer.catch_up():
        filer.relearn()
    again, moved = _decide_again(store, filer, known)
    return Correction(entry, old, again, tuple(moved))


def find_unsure(store: Store, limit: int, sections: Collection[str]) -> Iterator[Doubt]:
    """Yield the newest entries of whose filing a person should take a look, each with the doubt.

    One that was corrected is certain, so it is none of them. Nor is any where there is no section.
    """
    if not sections:
        return
    doubts: dict[str, str] = {}
    for uid, filing in store.uncertain(LOOKED_AT_MOST):
        if word := doubt(filing):
            doubts[uid] = word
        if len(doubts) == limit:
            break
    entries = {one.uid: one for one in store.entries_of(doubts)}
    for uid, word in doubts.items():
        if uid in entries:
            yield Doubt(entries[uid], word)


def find_nearest(
    store: Store,
    filer: Filer,
    sections: Collection[str],
    known: Mapping[str, tuple[str, ...]],
) -> dict[str, tuple[str, ...]]:
    """Return the two sections that are nearest to each article on the review list, by its uid.

    ``known`` are those that were found before, which are not looked for again.
    """
    listed = [one.entry for one in find_unsure(store, REVIEWED_MOST, sections)]
    listed += store.held()[:REVIEWED_MOST]
    found = {}
    for one in listed:
        kept = known.get(one.uid)
        is_good = kept is not None and {*kept} <= {*sections}
        found[one.uid] = kept if kept and is_good else filer.nearest(one.article)
    return found


def _decide_again(store: Store, filer: Filer, sections: Collection[str]) -> tuple[int, list[str]]:
    """Decide about the doubtful entries anew; return how many, and the paths of what moved."""
    doubtful = [entry for entry, _ in find_unsure(store, AGAIN_MOST, sections)]
    decided = {one.uid: (one, filer.guess(one.article)) for one in doubtful}
    changed = {uid: pair for uid, pair in decided.items() if pair[0].filing != pair[1]}
    with store.writing() as writer:
        # Only those that nobody else has changed meanwhile.
        now = writer.entries_of("uid", changed.keys())
        changed = {one.uid: changed[one.uid] for one in now if one == changed[one.uid][0]}
        writer.put_entries([replace(old, filing=new) for old, new in changed.values()], sections)
    moved = [old.path for old, new in changed.values() if old.filing.sections != new.sections]
    return len(doubtful), moved

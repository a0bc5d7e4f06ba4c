"""What the ledger of files and entries depends on, and taking files that are gone out of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedsvc.model import Article, Filing
from feedsvc.scan.book import GONE
from feedsvc.scan.flood import FloodGuard, FloodRule
from feedsvc.scan.identity import retract_entry
from feedsvc.scan.report import Outcome
from feedsvc.scan.stories import find_led, reread_copies, strike_copies
from feedsvc.scan.telling import tally_decisions
from feedsvc.store import Deed, State, StoredEntry, Writer

# Who did it, in the audit log, when it was done in the content folder.
_FOLDER_HAND = "content folder"


@dataclass(frozen=True, slots=True)
class Clerk:
    """What putting articles into the ledger depends on.

    ``file_article`` decides the sections of an article for which nothing certain is known;
    ``learn`` is told every entry of which something is. A new article is held back for ``hold``;
    the ``guard`` tells which of many new ones are news. Copies of a story ``merge`` into one entry.
    ``heirs`` are the sections of today by names that they had before.
    """

    tag: str
    sections: Collection[str]
    file_article: Callable[[Article], Filing]
    learn: Callable[[StoredEntry], None]
    hold: timedelta = timedelta(0)
    guard: FloodGuard = field(default_factory=lambda: FloodGuard(FloodRule()))
    merge: bool = True
    heirs: Mapping[str, str] = field(default_factory=dict)


def strike(paths: Iterable[str], writer: Writer, clerk: Clerk, now: datetime) -> Outcome:
    """Take files that are gone out of the ledger, and their entries out of the feeds."""
    outcome = Outcome()
    known = {file.path: file for file in writer.files_of(sorted(set(paths)))}
    uids = {file.uid for file in known.values() if file.uid}
    entries = {entry.uid: entry for entry in writer.entries_of("uid", uids)}
    retracted: list[StoredEntry] = []
    deeds: list[Deed] = []
    copies = writer.stories.copies_of(uids)
    changed = strike_copies(entries.values(), copies, known, clerk.file_article)
    entries |= {entry.uid: entry for entry in changed}
    led = find_led(entries.values(), copies, known, writer)
    for uid, entry in sorted(entries.items(), key=lambda item: item[1].path):
        heirs = [each for each in copies.get(uid, ()) if each not in known]
        if uid in led or entry.state is State.GONE:
            continue
        if heirs:
            outcome.again.update(heirs)  # the best of them leads from now on
            continue
        retracted.append(retract_entry(entry, now))
        deeds += note_deed(entry, retracted[-1], entry.path, now)
        outcome.gone.append(entry.path)
    kept_on = [entry for entry in changed if entry.uid not in {one.uid for one in retracted}]
    outcome.changed += [entry.path for entry in kept_on]
    writer.put_entries([*retracted, *kept_on], clerk.sections)
    reread_copies(writer, outcome.again)
    writer.stories.drop_copies(list(known))
    writer.stories.drop_sketches({path: file.sketch for path, file in known.items()})
    writer.put_media((), {entry.uid: () for entry in retracted})
    writer.put_deeds(deeds)
    kept = [replace(file, modified_ns=0, size=GONE, inode=0, sketch=()) for file in known.values()]
    writer.put_files([file for file in kept if file.uid])
    writer.drop_sources(list(known))
    writer.drop_files([file.path for file in kept if not file.uid])
    writer.clear_problems(list(known))
    tally_decisions(outcome, [*retracted, *kept_on], writer, now)
    return outcome


def note_deed(old: StoredEntry, entry: StoredEntry, path: str, now: datetime) -> list[Deed]:
    """Return the line for the audit log if the public lost an article, or got it back.

    So it does also where only the feeds lose it, and its page stays.
    """
    was, stays = old.state is State.LIVE, entry.state is State.LIVE
    if was and stays:
        happened, lost = bool(old.retracted) != bool(entry.retracted), bool(entry.retracted)
        says = f"its file says syndication: {entry.article.syndication.value}"
    else:
        happened, lost = was != stays and old.was_public(now), was
        says = f"its file says status: {entry.state.value}"
    if not happened:
        return []
    if lost:
        action, how = "withdraw", "its file was deleted" if entry.state is State.GONE else says
    else:
        action, how = "restore", "its file is back" if old.state is State.GONE else f"{says} again"
    return [Deed(now, _FOLDER_HAND, action, entry.uid, f"{path}: {how}")]

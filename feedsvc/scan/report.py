"""What was done with the files of the content folder, for whoever asked for it, and for the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from feedsvc.scan.flood import Flood, FloodRule, describe_flood
from feedsvc.store import StoredEntry

# A file that was refused because another one has its id is tried again when a file goes.
CONFLICT = "conflict"
REFUSED = "refused"
# A file that the disk refused is tried again when it can be read: its fingerprint will not tell.
UNREADABLE = "unreadable"
# A name that is not even tried: a link that leads out, bytes that are no text.
UNLISTED = "unlisted"
FOLDER = "folder"
# A problem of the folder as a whole stands under this name, which no file can have.
WHOLE_FOLDER = "/"
# What scans report, and take back.
OF_FILES = frozenset({CONFLICT, FOLDER, REFUSED, UNLISTED, UNREADABLE})


@dataclass(slots=True)
class Outcome:
    """What a batch did, by path; one article is in at most one of the first five lists.

    ``turned`` says which of the changed ones were withdrawn by that, or released, and ``flood``
    which of the new ones are no news. ``copies`` are files that tell a story again, each with the
    one that leads; those in ``again`` must be read once more: they may have to lead. Of one batch
    ``written`` are the entries as they are now, and ``decided`` counts the decisions.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unfiled: list[str] = field(default_factory=list)
    flood: Flood = field(default_factory=Flood)
    copies: list[tuple[str, str]] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    turned: dict[str, str] = field(default_factory=dict)
    written: Sequence[StoredEntry] = ()
    decided: Counter[str] = field(default_factory=Counter)

    def count_written(self) -> int:
        """Return how many articles are not in the store as they were before."""
        return len(self.new) + len(self.changed) + len(self.moved) + len(self.gone)

    def add(self, other: Outcome) -> None:
        """Take in what another batch did, later than this one."""
        told = {*other.new, *other.changed, *other.gone, *(path for path, _ in other.copies)}
        self.copies = [one for one in self.copies if one[0] not in told]
        self.new += other.new
        self.changed += other.changed
        self.moved += other.moved
        self.gone += other.gone
        self.refused |= other.refused
        self.unfiled += other.unfiled
        self.flood.add(other.flood)
        self.copies += other.copies
        self.turned |= other.turned
        self.decided += other.decided


@dataclass(slots=True)
class Report:
    """What a look at the folder did; ``seen`` files in all, ``halted`` why deletions wait.

    ``media`` are the files that articles name and that are not what they were; ``cleaned`` the
    articles that lost furniture (or got a sentence back) since more of the site is known.
    """

    outcome: Outcome = field(default_factory=Outcome)
    media: list[str] = field(default_factory=list)
    cleaned: list[str] = field(default_factory=list)
    seen: int = 0
    halted: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything at all was done."""
        out = self.outcome
        return bool(out.new or out.changed or out.moved or out.gone or out.refused or self.media)

    def describe_flood(self, rule: FloodRule) -> str:
        """Return what to say of new articles that are no news; nothing if all are."""
        return describe_flood(self.outcome.flood, len(self.outcome.new), rule)

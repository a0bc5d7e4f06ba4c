"""What a feed holds at a moment: the newest entries, and archive documents for all before them.

Every entry goes into an archive document once there are enough for one, although it stands in the
live feed still: so no document is ever unfinished, and none changes its set once it is made
(RFC 5005). What has no document yet always stands in the live feed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from feedsvc.config import FeedsConfig
from feedsvc.model import MediaFile, Syndication, Tombstone
from feedsvc.store import Store, StoredEntry

# The slowest reader that must miss nothing asks every two hours; so much always stands in the live
# feed, counted from its newest entry, so that the same articles always give the same feed.
POLL_GAP = timedelta(hours=2)
# Unless it is more than this; readers look at 100 to 300 entries at most.
GROWN_MOST = 500
# Readers that ask once a month have seen these; each costs 150 bytes.
TOMBSTONES_MOST = 50


class Find(Protocol):
    """Finds the newest entries of a feed."""

    def __call__(
        self, limit: int, skip: int = 0, since: datetime | None = None
    ) -> list[StoredEntry]:
        """Return ``limit`` entries after the first ``skip``, newer than ``since``."""


@dataclass(frozen=True, slots=True)
class History:
    """What a live feed shall hold; ``unpaged`` are the entries that no archive document has.

    ``media`` are the files of the content folder that the entries name.
    """

    entries: tuple[StoredEntry, ...]
    unpaged: frozenset[str]
    deleted: tuple[Tombstone, ...]
    pages: int
    media: Mapping[str, MediaFile] = field(default_factory=dict)


def read_history(store: Store, name: str, cut: FeedsConfig, now: datetime) -> History:
    """Return what the live feed of section ``name`` holds, closing archive documents that are full.

    The documents are closed in a transaction of their own: they are right whether or not the feed
    that leads to them is published after all.
    """
    unpaged = store.unpaged(name, now)
    # Quiet ones stand nowhere but in archive documents: they cannot wait until one is full.
    if len(unpaged) >= cut.items or any(unpaged.values()):
        with store.writing() as writer:
            writer.close_pages(name, cut.items, now, rest=any(unpaged.values()))
        unpaged = store.unpaged(name, now)

    def find(limit: int, skip: int = 0, since: datetime | None = None) -> list[StoredEntry]:
        return store.newest(name, now, limit, skip=skip, since=since)

    entries = list_recent(find, cut.items)
    known = {entry.uid for entry in entries}
    # Articles that came later than their dates say.
    if late := [uid for uid in unpaged if uid not in known]:
        entries += store.entries_of(late)
    return History(
        entries=tuple(entries),
        unpaged=frozenset(unpaged),
        deleted=store.tombstones(name, TOMBSTONES_MOST),
        pages=store.pages(name),
        media=store.media_of([entry.uid for entry in entries]),
    )


def list_recent(find: Find, items: int) -> list[StoredEntry]:
    """Return what a feed of ``items`` entries holds: more, where more came within the gap.

    ``find`` returns so many of the newest entries, without the first of them and those not newer
    than a moment. Articles that stand on pages only take no other's place.
    """
    entries = find(items)
    wanted = items
    while len(entries) == wanted < GROWN_MOST and (lacking := items - _count_fed(entries)):
        entries += find(lacking, wanted)
        wanted += lacking
    if len(entries) == wanted and entries[-1].published > entries[0].published - POLL_GAP:
        since = entries[0].published - POLL_GAP
        entries += find(max(0, GROWN_MOST - wanted), wanted, since)
    return entries


def count_recent(dates: Sequence[datetime], items: int) -> int:
    """Return how many entries ``list_recent`` would find, given their dates, the newest first."""
    if len(dates) < items:
        return len(dates)
    since = dates[0] - POLL_GAP
    return max(items, sum(moment > since for moment in dates[:GROWN_MOST]))


def _count_fed(entries: Collection[StoredEntry]) -> int:
    return sum(one.article.syndication is not Syndication.NONE for one in entries)


def close_rest(
    store: Store,
    name: str,
    cut: FeedsConfig,
    history: History,
    held: Collection[str],
    now: datetime,
) -> History:
    """Return the history of a live feed whose bytes suffice for the entries ``held`` only.

    If one of those that no archive document has would be lost, all of them get one.
    """
    if history.unpaged <= set(held):
        return history
    with store.writing() as writer:
        writer.close_pages(name, cut.items, now, rest=True)
    return replace(history, unpaged=frozenset(), pages=store.pages(name))

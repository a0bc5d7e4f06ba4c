"""Filing the stored articles again after the sections changed, without reading the folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from feedsvc.config import Config
from feedsvc.filing import Rules, decide_certain
from feedsvc.logs import get_log
from feedsvc.model import Filing
from feedsvc.scan.also import refile_also
from feedsvc.scan.correct import file_by_editor
from feedsvc.scan.filer import Filer
from feedsvc.scan.flood import list_new_sections
from feedsvc.scan.settings import hash_filing
from feedsvc.store import State, Store, StoredEntry

log = get_log(__name__)

# What the stored articles were filed by, as a hash in the store.
_FILED_BY = "filed_by"

# How many entries are put back in one transaction: short ones let other writers in between.
_BATCH = 500


class Refiled(NamedTuple):
    """How many entries stand elsewhere now, and how many of an editor's corrections do not count.

    Those are kept, and count again when their sections come back.
    """

    moved: int
    idle: int


def refile_if_needed(
    store: Store, filer: Filer, config: Config, loud: frozenset[str] = frozenset()
) -> int:
    """File the stored articles again if the config files otherwise than before; return how many.

    Into sections that are ``loud``, and into new ones, also those come as news that are none
    elsewhere. Raises StoreError.
    """
    shape, before = hash_filing(config), store.fact(_FILED_BY)
    if before == shape:
        return 0
    done = Refiled(0, 0)
    if before:
        loud |= list_new_sections(config.sections, store.built())
        done = refile(store, filer, set(config.sections), loud)
        log.info("filed anew", articles=done.moved, why="the sections changed")
        if done.idle:
            log.warning(
                "an editor's corrections that do not count now, since their sections are gone: "
                "%d; should these come back, so does what the editor said",
                done.idle,
            )
    with store.writing() as writer:
        writer.put_fact(_FILED_BY, shape)
    return done.moved


def refile_surely(
    entry: StoredEntry, rules: Rules, sections: Collection[str]
) -> tuple[Filing | None, bool]:
    """Return where an entry belongs for certain by new ``rules``; None if the model must say.

    And whether an editor's correction does not count, since its sections are gone.
    """
    if filing := file_by_editor(entry.corrected, sections, rules.heirs):
        return filing, False
    own = decide_certain(entry.article, rules)
    return refile_also(own, entry.filing, sections), bool(entry.corrected)


def refile(
    store: Store, filer: Filer, sections: Collection[str], loud: Collection[str] = ()
) -> Refiled:
    """File every live entry again; ids and dates stay (R37).

    Certain reasons come first for all entries, so that the model learns from all of them before it
    decides about the rest. What an editor corrected stays where that was. Into sections that are
    ``loud`` also those entries come as news that are none elsewhere.
    """
    uncertain: set[str] = set()
    idle: set[str] = set()

    def certain_changes() -> Iterator[StoredEntry]:
        for entry in store.entries(State.LIVE, State.HELD, State.DRAFT):
            filing, is_idle = refile_surely(entry, filer.rules, sections)
            if is_idle:
                idle.add(entry.uid)
            if filing is None:
                uncertain.add(entry.uid)
                # What was certain and is so no more must not teach meanwhile.
                if entry.filing.certain:
                    yield replace(entry, filing=replace(entry.filing, filed=()))
            elif filing != entry.filing:
                yield replace(entry, filing=filing)

    def guessed_changes() -> Iterator[StoredEntry]:
        for entry in store.entries(State.LIVE, State.HELD, State.DRAFT):
            if entry.uid in uncertain:
                filing = filer.guess(entry.article)
                if filing != entry.filing:
                    yield replace(entry, filing=filing)

    moved = 0
    for changes in (certain_changes(), guessed_changes()):
        while batch := list(islice(changes, _BATCH)):
            with store.writing() as writer:
                writer.put_entries(batch, sections, loud=loud)
            moved += len(batch)
    return Refiled(moved, len(idle))

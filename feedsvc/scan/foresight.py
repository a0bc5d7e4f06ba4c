"""Which articles a new config would file elsewhere: found without writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappush, heappushpop
from typing import NamedTuple

from feedsvc.filing import LEARN_AT_MOST, Model, Rules
from feedsvc.model import Filing
from feedsvc.scan.refile import refile_surely
from feedsvc.store import State, Store, StoredEntry

# The states whose articles stand in sections, now or once they are public.
_FILED = (State.LIVE, State.HELD, State.DRAFT)


class Move(NamedTuple):
    """An article that would stand in other sections than it does."""

    path: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def foresee_moves(store: Store, rules: Rules) -> Iterator[Move]:
    """Yield the articles that new rules file elsewhere, as ``refile`` would.

    A section that was only renamed is the same one.
    """
    sections = frozenset(rules.sections)
    surely = _Certain()
    uncertain: set[str] = set()
    for entry in store.entries(*_FILED):
        filing, _ = refile_surely(entry, rules, sections)
        if filing is None:
            uncertain.add(entry.uid)
            continue
        surely.add(entry, filing)
        yield from _compare(entry, filing, rules)
    if not uncertain:
        return
    model = surely.teach(store, rules)
    for entry in store.entries(*_FILED):
        if entry.uid in uncertain:
            yield from _compare(entry, model.decide(entry.article), rules)


class _Certain:
    """The newest entries that a person files in each section: what the model would learn from."""

    def __init__(self) -> None:
        self._newest: dict[str, list[tuple[float, str]]] = {}

    def add(self, entry: StoredEntry, filing: Filing) -> None:
        if not (filing.certain and entry.is_coming):
            return
        heap = self._newest.setdefault(filing.sections[0], [])
        # The newest first, and of one date in the order of their ids, as the store has them.
        mark = (entry.published.timestamp(), entry.uid)
        if len(heap) < LEARN_AT_MOST:
            heappush(heap, mark)
        else:
            heappushpop(heap, mark)

    def teach(self, store: Store, rules: Rules) -> Model:
        model = Model(rules)
        for section in rules.sections if rules.learns else ():
            marks = self._newest.get(section, [])
            entries = {one.uid: one for one in store.entries_of([uid for _, uid in marks])}
            for _, uid in sorted(marks, key=lambda mark: (-mark[0], mark[1])):
                if uid in entries:
                    model.learn(section, entries[uid].article)
        return model


def _compare(entry: StoredEntry, filing: Filing, rules: Rules) -> Iterator[Move]:
    was = tuple(rules.heirs.get(name, name) for name in entry.filing.sections)
    if was != filing.sections:
        yield Move(entry.path, entry.article.title, entry.filing.sections, filing.sections)

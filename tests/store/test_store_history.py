"""The contract's verbs of history: archive documents, retracted entries, the audit log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import NOON, make

from feedsvc.store import Deed, State, Store, StoredEntry

HOUR = timedelta(hours=1)
SECTIONS = {"politics", "sports"}


def make_dated(number: int, *sections: str) -> StoredEntry:
    """Return an entry that was published ``number`` hours after noon."""
    entry = make(number, *(sections or ("politics",)))
    return replace(entry, published=NOON + number * HOUR, updated=NOON + number * HOUR)


def put(store: Store, *entries: StoredEntry) -> None:
    with store.writing() as writer:
        writer.put_entries(entries, SECTIONS)


def close(store: Store, size: int, rest: bool = False, hours: int = 100) -> None:
    with store.writing() as writer:
        writer.close_pages("politics", size, NOON + hours * HOUR, rest=rest)


def held(store: Store, page: int) -> list[int]:
    """Return the numbers of the entries of an archive document, the newest first."""
    found = store.page("politics", page, NOON + 100 * HOUR)
    return [int(entry.uid, 16) for entry in found.entries] if found else []


def retract(entry: StoredEntry, hours: int) -> StoredEntry:
    return replace(entry, state=State.GONE, shown=True, retracted=NOON + hours * HOUR)


def test_pages_close_from_the_oldest_on(store: Store) -> None:
    put(store, *map(make_dated, range(10)))
    close(store, 4)
    assert [held(store, page) for page in (1, 2, 3)] == [[3, 2, 1, 0], [7, 6, 5, 4], []]
    assert store.pages("politics") == 2 and store.pages("sports") == 0
    assert sorted(store.unpaged("politics", NOON + 100 * HOUR)) == [
        f"{number:016x}" for number in (8, 9)
    ]
    close(store, 4)  # nothing is full
    assert store.pages("politics") == 2


def test_a_page_never_changes_its_set(store: Store) -> None:
    """Edits, older arrivals, other sizes, a move to another section and back."""
    put(store, *map(make_dated, range(1, 9)))
    close(store, 4)
    before = [held(store, page) for page in (1, 2)]
    put(store, make_dated(0), *map(make_dated, range(20, 24)))
    put(store, replace(make_dated(3), published=NOON + 50 * HOUR))
    close(store, 2)
    assert sorted(held(store, 1)) == sorted(before[0]) and held(store, 2) == before[1]
    assert [held(store, page) for page in (3, 4)] == [[20, 0], [22, 21]]


def test_the_rest_may_be_closed_as_well(store: Store) -> None:
    put(store, *map(make_dated, range(5)))
    close(store, 2, rest=True)
    assert [held(store, page) for page in (1, 2, 3)] == [[1, 0], [3, 2], [4]]
    close(store, 2, rest=True)
    assert store.pages("politics") == 3


def test_what_is_not_public_is_in_no_page(store: Store) -> None:
    put(store, *map(make_dated, range(6)))
    close(store, 2, hours=3)
    assert [held(store, page) for page in (1, 2, 3)] == [[1, 0], [3, 2], []]
    expired = replace(make_dated(0), expires=NOON + 2 * HOUR)
    put(store, expired)
    assert held(store, 1) == [1]


def test_a_page_says_when_it_was_last_set(store: Store) -> None:
    put(store, *map(make_dated, range(6)))
    close(store, 2, hours=4)
    close(store, 2, hours=9)
    found = [store.page("politics", page, NOON + 10 * HOUR) for page in (1, 2, 3)]
    assert [(one.page, one.pages, one.changed) for one in found if one] == [
        (1, 3, NOON + 4 * HOUR),
        (2, 3, NOON + 9 * HOUR),
        (3, 3, NOON + 9 * HOUR),
    ]
    assert store.page("politics", 0, NOON) is None and store.page("politics", 4, NOON) is None


def test_a_retracted_entry_leaves_a_tombstone_where_it_stood(store: Store) -> None:
    """In each feed that it was in, with its place in the archive; coming back takes it away."""
    entries = [make_dated(number, "politics", "sports") for number in range(4)]
    put(store, *entries)
    close(store, 2)
    with store.writing() as writer:
        writer.clear_dirty(store.dirty())
    put(store, retract(entries[1], 7), retract(entries[3], 8))
    assert store.dirty().keys() == {"all", "politics", "sports"}
    for section in ("all", "politics", "sports"):
        found = store.tombstones(section, 10)
        assert [(one.id, one.when) for one in found] == [
            (entries[3].id, NOON + 8 * HOUR),
            (entries[1].id, NOON + 7 * HOUR),
        ]
    assert len(store.tombstones("politics", 1)) == 1
    page = store.page("politics", 1, NOON + 100 * HOUR)
    assert page and held(store, 1) == [0] and [one.id for one in page.deleted] == [entries[1].id]
    put(store, retract(entries[1], 7))  # once more changes nothing
    assert len(store.tombstones("politics", 10)) == 2
    put(store, entries[1])
    assert [one.id for one in store.tombstones("politics", 10)] == [entries[3].id]
    assert held(store, 1) == [1, 0]


def test_what_was_never_public_has_no_tombstone(store: Store) -> None:
    put(store, make_dated(1))
    put(store, replace(make_dated(1), state=State.GONE))
    assert store.tombstones("politics", 10) == ()


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(), st.text(), st.text(max_size=32))
def test_the_audit_log_keeps_any_text(store: Store, who: str, detail: str, action: str) -> None:
    clean = [text.encode("utf-8", "ignore").decode() for text in (who, detail, action)]
    if not store.url.startswith("sqlite"):  # the one character that PostgreSQL cannot keep
        clean = [text.replace("\0", "\ufffd") for text in clean]
    deeds = [Deed(NOON + HOUR * n, clean[0], clean[2], f"{n:016x}", clean[1]) for n in range(2)]
    with store.writing() as writer:
        writer.put_deeds(deeds)
    assert store.deeds(2) == deeds[::-1]
    assert len(store.deeds(1)) == 1

"""The contract's verbs of an editor's desk: what is held back, unsure, or no news."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from store_samples import NOON, make

from feedsvc.model import Filed, Filing
from feedsvc.store import Deed, State, Store, StoredEntry

HOUR = timedelta(hours=1)
SECTIONS = {"politics", "sports"}
LATER = NOON + 100 * HOUR


def make_dated(number: int, *sections: str, quiet: bool = False) -> StoredEntry:
    """Return an entry that was published ``number`` hours after noon, and came at noon."""
    entry = make(number, *(sections or ("politics",)))
    return replace(entry, published=NOON + number * HOUR, arrived=NOON, quiet=quiet)


def put(store: Store, *entries: StoredEntry, loud: tuple[str, ...] = ()) -> None:
    with store.writing() as writer:
        writer.put_entries(entries, SECTIONS, loud=loud)


def numbers(entries: list[StoredEntry]) -> list[int]:
    return [int(entry.uid, 16) for entry in entries]


def newest(store: Store, name: str, quiet: bool = False) -> list[int]:
    return numbers(store.newest(name, LATER, 50, quiet=quiet))


def clear(store: Store) -> None:
    with store.writing() as writer:
        writer.clear_dirty(store.dirty())


def test_what_is_held_back_stands_nowhere(store: Store) -> None:
    due = NOON + HOUR
    held = replace(make_dated(1, "politics"), state=State.HELD, held_until=due)
    put(store, held, replace(make_dated(2), state=State.HELD, held_until=due + HOUR))
    assert newest(store, "all") == [] and store.counts(LATER) == {}
    assert store.next_held() == due
    assert numbers(store.held()) == [1, 2]
    assert store.held()[0].held_until == due and store.held()[0].state is State.HELD
    clear(store)
    put(store, replace(held, state=State.LIVE, held_until=None))
    assert newest(store, "politics") == [1] and {"all", "politics"} <= store.dirty().keys()
    assert numbers(store.held()) == [2]


def test_what_a_person_filed_teaches_while_it_is_held_back(store: Store) -> None:
    put(store, replace(make_dated(1), state=State.HELD, held_until=LATER))
    assert numbers(store.certain("politics", 9)) == [1]


def test_corrections_are_kept(store: Store) -> None:
    put(store, replace(make_dated(1), corrected=("sports", "politics")))
    entry = store.entry(f"{1:016x}")
    assert entry and entry.corrected == ("sports", "politics")


def test_uncertain_are_those_that_nobody_filed(store: Store) -> None:
    guessed = Filing((Filed("politics", "words", certain=False),), margin=0.3)
    put(
        store,
        make_dated(1),
        replace(make_dated(2), filing=guessed),
        replace(make_dated(3), filing=Filing((), "unfiled", 0.0), state=State.HELD),
        replace(make_dated(4), filing=guessed, state=State.GONE),
        replace(make_dated(5), filing=guessed, state=State.DRAFT),
    )
    assert [(int(uid, 16), filing.margin) for uid, filing in store.uncertain(9)] == [
        (3, 0.0),
        (2, 0.3),
    ]
    assert len(store.uncertain(1)) == 1


def test_quiet_entries_stand_in_archives_and_on_pages_only(store: Store) -> None:
    put(store, make_dated(1, quiet=True), make_dated(2))
    assert newest(store, "politics") == newest(store, "all") == [2]
    assert newest(store, "politics", quiet=True) == [2, 1]
    assert numbers(store.oldest(LATER, 9)) == [1, 2]
    assert store.counts(LATER)["politics"].entries == 2
    assert store.unpaged("politics", LATER) == {f"{1:016x}": True, f"{2:016x}": False}
    with store.writing() as writer:
        writer.close_pages("politics", 2, LATER)
    page = store.page("politics", 1, LATER)
    assert page and numbers(list(page.entries)) == [2, 1]


def test_quiet_entries_have_no_news_for_tags(store: Store) -> None:
    quiet = make_dated(1, quiet=True)
    put(store, replace(quiet, article=replace(quiet.article, tags=("Climate",))))
    assert newest(store, "tag/climate") == [] and newest(store, "tag/climate", quiet=True) == [1]


def test_an_edit_or_another_section_makes_no_news_of_what_is_quiet(store: Store) -> None:
    put(store, make_dated(1, quiet=True))
    put(store, replace(make_dated(1, "sports", "politics", quiet=True), visible="edited"))
    assert newest(store, "politics") == newest(store, "sports") == newest(store, "all") == []


def test_loud_sections_are_filled_with_everything(store: Store) -> None:
    """And keep it: quiet counts for each feed alone."""
    put(store, make_dated(1, quiet=True))
    put(store, make_dated(1, "politics", "sports", quiet=True), loud=("sports", "politics"))
    assert newest(store, "sports") == [1]
    assert newest(store, "politics") == newest(store, "all") == []
    put(store, make_dated(1, "politics", "sports", quiet=True))
    assert newest(store, "sports") == [1]


def test_what_came_together_is_found_and_hushed(store: Store) -> None:
    put(
        store,
        *map(make_dated, range(6)),
        replace(make_dated(7), arrived=NOON - HOUR),
        replace(make_dated(8), state=State.DRAFT),
        replace(make_dated(9), state=State.GONE),
    )
    clear(store)
    with store.writing() as writer:
        old = writer.old_arrivals(NOON, NOON + 3 * HOUR, 9)
        assert sorted(int(uid, 16) for uid in old) == [0, 1, 2]
        assert len(writer.old_arrivals(NOON, NOON + 3 * HOUR, 2)) == 2
        dated = (NOON + 3 * HOUR, NOON + 50 * HOUR)
        fresh = writer.fresh_arrivals(NOON, dated, 2)
        assert [(date, int(uid, 16), arrived) for date, uid, arrived in fresh] == [
            (NOON + 5 * HOUR, 5, NOON),
            (NOON + 4 * HOUR, 4, NOON),
        ]
        assert sorted(writer.hush(old)) == ["a/0.md", "a/1.md", "a/2.md"]
        assert writer.hush(old) == []
        assert writer.quiet_arrivals() == [NOON]
    assert newest(store, "politics") == [7, 5, 4, 3]
    assert store.dirty().keys() == {"all", "politics"}
    clear(store)
    with store.writing() as writer:
        assert writer.unhush(NOON + HOUR) == []
        assert len(writer.unhush(NOON)) == 3 and writer.quiet_arrivals() == []
    assert newest(store, "politics") == [7, 5, 4, 3, 2, 1, 0]
    assert store.dirty().keys() == {"all", "politics"}


def test_loud_feeds_are_not_hushed(store: Store) -> None:
    put(store, make_dated(1, "politics", "sports"))
    with store.writing() as writer:
        writer.hush([f"{1:016x}"], ["sports"])
    assert newest(store, "sports") == [1] and newest(store, "politics") == []


def test_the_audit_log_of_one_entry(store: Store) -> None:
    def note(action: str, uid: str, at: datetime = NOON) -> None:
        with store.writing() as writer:
            writer.put_deeds([Deed(at, "ann", action, uid, "")])

    note("file", "a")
    note("withdraw", "b")
    note("restore", "a")
    assert [one.action for one in store.deeds(9, "a")] == ["restore", "file"]
    assert [one.action for one in store.deeds(1, "a")] == ["restore"]
    assert len(store.deeds(9)) == 3


def test_facts_are_read_within_a_transaction(store: Store) -> None:
    with store.writing() as writer:
        writer.put_fact("opened", "now")
        assert writer.fact("opened") == "now" and writer.fact("other") == ""

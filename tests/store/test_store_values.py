"""The contract of the store for odd values: very many, none at all, any text, any moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import NOON, make, page

from feedsvc.errors import StoreError
from feedsvc.store import WHOLE_SITE, State, Store, StoredFile, pack_article

# More than a statement takes and a page of entries holds.
MANY = 1_203


# Verbs that take many, or what was made before


def test_verbs_take_more_than_one_statement_does(store: Store) -> None:
    files = [StoredFile(f"{n:04}.md", n, n, n, f"d{n}", f"u{n}") for n in range(MANY)]
    entries = [make(n, "politics") for n in range(MANY)]
    with store.writing() as writer:
        writer.put_files(iter(files))
        writer.put_entries(entries, {"politics"})
        for column, values in (
            ("path", [one.path for one in files]),
            ("digest", [one.digest for one in files]),
            ("uid", [one.uid for one in files]),
        ):
            found = writer.files_of({"nothing", *values}, column)
            assert sorted(found, key=lambda one: one.path) == files, column
        uids = [one.uid for one in entries]
        assert sorted(one.uid for one in writer.entries_of("uid", uids)) == uids
        writer.mark_dirty([f"s{n:04}" for n in range(MANY)])
        writer.put_built({f"s{n}": ("h", NOON) for n in range(MANY)})
        writer.publish({f"/{n}": page("x") for n in range(MANY)}, {})
        writer.clear_problems([one.path for one in files])
    assert len(store.dirty()) == MANY + 2 and len(store.etags()) == MANY
    assert len(store.newest("politics", NOON, 2 * MANY)) == store.counts(NOON)[WHOLE_SITE].entries
    with store.writing() as writer:
        writer.drop_built(list(store.built()))
        writer.put_entries([replace(one, state=State.GONE) for one in entries], {"politics"})
    assert (store.built(), store.counts(NOON)) == ({}, {})
    assert {entry.state for entry in store.entries(*State)} == {State.GONE}


def test_verbs_take_nothing(store: Store) -> None:
    with store.writing() as writer:
        assert not writer.files_of([]) and not writer.entries_of("uid", [])
        writer.put_files([])
        writer.drop_files([])
        writer.put_entries([], {"politics"})
        writer.mark_dirty([])
        writer.clear_dirty({})
        writer.put_built({})
        writer.drop_built([])
        writer.clear_problems([])
    assert (store.files(), store.dirty(), store.built()) == ({}, {}, {})
    assert list(store.entries()) == [] and store.file("") is None


def test_an_article_that_was_packed_before_is_not_packed_again(store: Store) -> None:
    first, second = make(1), make(2)
    ahead = replace(first.article, title="Packed ahead")
    with store.writing() as writer:
        writer.put_entries([first, second], set(), {first.uid: pack_article(ahead)})
    assert [one.article for one in store.entries(State.LIVE)] == [ahead, second.article]


def test_an_entry_stands_once_in_a_section_that_names_it_twice(store: Store) -> None:
    entry = make(1, "politics", "politics")
    with store.writing() as writer:
        writer.put_entries([entry], {"politics"})
    assert store.newest("politics", NOON, 9) == [entry]
    assert store.counts(NOON)["politics"].entries == 1


def test_an_entry_that_moves_in_time_stands_once(store: Store) -> None:
    later = replace(make(1, "politics"), published=NOON + timedelta(hours=1))
    with store.writing() as writer:
        writer.put_entries([make(1, "politics")], {"politics"})
        writer.put_entries([later], {"politics"})
    assert store.newest("politics", NOON, 9) == []
    assert store.newest("politics", later.published, 9) == [later]


def test_a_key_is_given_once(store: Store) -> None:
    """A second entry of one key is refused, and its whole transaction with it."""
    with store.writing() as writer:
        writer.put_entries([make(1)], set())
    with pytest.raises(StoreError), store.writing() as writer:
        writer.put_fact("name", "value")
        writer.put_entries([replace(make(2), key=make(1).key)], set())
    assert [one.uid for one in store.entries(*State)] == [make(1).uid]
    assert store.fact("name") == ""


def test_a_path_that_went_away_can_come_back(store: Store) -> None:
    revisions = []
    for changed, gone in (({"/a": page("1")}, {}), ({}, {"/a": NOON}), ({"/a": page("1")}, {})):
        with store.writing() as writer:
            revisions.append(writer.publish(changed, gone))
        assert store.etags().keys() == changed.keys()
    assert store.etags() == {"/a": "1"} and revisions == sorted(set(revisions))
    assert store.representations_since(revisions[1]) == {"/a": page("1")}


def test_a_mark_that_is_newer_than_the_build_stays(store: Store) -> None:
    with store.writing() as writer:
        writer.mark_dirty({"politics", "sports"})
    seen = store.dirty()
    with store.writing() as writer:
        writer.mark_dirty({"politics"})
        writer.clear_dirty(seen)
    assert store.dirty().keys() == {"politics"} and store.dirty()["politics"] > seen["politics"]


# Any text, any moment

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
# A day from either end, so that every one of them is a date in UTC as well.
_MOMENT = st.datetimes(
    datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones(), allow_imaginary=False
)


@settings(max_examples=60)
@given(a=_TEXT, b=_TEXT, moment=_MOMENT)
def test_any_text_and_any_moment_of_any_zone_come_back(
    store: Store, a: str, b: str, moment: datetime
) -> None:
    instant = moment.astimezone(UTC)
    file, entry = StoredFile(a, 1, 1, 1, "d"), replace(make(1), key=a, path=b, id=b)
    entry = replace(entry, published=moment, updated=moment, expires=moment)
    with store.writing() as writer:
        writer.clear_problems([one.path for one in store.problems()])
        writer.put_fact("name", a)
        writer.put_files([file])
        writer.put_problem(a, "refused", b, moment)
        writer.put_entries([entry], set())
        writer.put_built({"politics": ("h", moment)})
        revision = writer.publish({"/a": replace(page("x"), modified=moment, location=b)}, {})
        assert writer.files_of([a]) == [file]
    assert store.fact("name") == a and store.file(a) == store.files()[a] == file
    assert [(one.path, one.message, one.since) for one in store.problems()] == [(a, b, instant)]
    found = store.entry_of_key(a)
    assert found == replace(entry, published=instant, updated=instant, expires=instant)
    assert found.published.utcoffset() == timedelta(0)
    assert store.built() == {"politics": ("h", instant)}
    published = store.representations_since(revision - 1)["/a"]
    assert published and (published.location, published.modified) == (b, instant)


@settings(max_examples=40)
@given(moments=st.lists(_MOMENT, min_size=2, max_size=6))
def test_moments_of_any_zones_are_compared_as_instants(
    store: Store, moments: list[datetime]
) -> None:
    entries = [replace(make(n), published=moment) for n, moment in enumerate(moments)]
    instants = sorted(moment.astimezone(UTC) for moment in moments)
    with store.writing() as writer:
        gone = [replace(one, state=State.GONE) for one in store.entries(State.LIVE)]
        writer.put_entries(gone, set())
        writer.put_entries(entries, set())
    newest = store.newest(WHOLE_SITE, instants[-1], 99)
    assert [one.published for one in newest] == instants[::-1]
    assert store.counts(instants[-1])[WHOLE_SITE].newest == instants[-1]
    first = min(moments, key=lambda moment: moment.astimezone(UTC))
    due = [instant for instant in instants if instant > instants[0]]
    assert store.next_due(first) == (due[0] if due else None)

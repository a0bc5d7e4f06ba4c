"""The contract of the store: what every verb promises, whatever engine is behind it.

An engine is one more parameter of ``url`` in conftest.py; nothing else here knows of any.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites import wait_until
from store_samples import NOON
from store_samples import make as make_at_noon

from feedsvc.errors import StoreError
from feedsvc.model import Filed, Filing, Representation
from feedsvc.store import WHOLE_SITE, State, Store, StoredEntry, StoredFile

HOUR = timedelta(hours=1)
SECTIONS = {"politics", "sports"}


def make(number: int, *sections: str, **more: object) -> StoredEntry:
    """Return an entry that was published ``number`` hours before noon."""
    published = NOON - number * HOUR
    entry = make_at_noon(number, *sections)
    return replace(entry, **{"published": published, "updated": published, **more})  # type: ignore[arg-type]


def put(store: Store, *entries: StoredEntry) -> None:
    """Keep entries in a transaction of their own."""
    with store.writing() as writer:
        writer.put_entries(entries, SECTIONS)


def numbers(entries: list[StoredEntry]) -> list[int]:
    """Return the numbers of entries, in order."""
    return [int(entry.uid, 16) for entry in entries]


def built(store: Store) -> None:
    """Take all feeds for built."""
    with store.writing() as writer:
        writer.clear_dirty(store.dirty())


def test_facts(store: Store) -> None:
    assert store.fact("name") == ""
    for value in ("one", "two\n\u00e9\U0001f600", ""):
        with store.writing() as writer:
            writer.put_fact("name", value)
        assert store.fact("name") == value


def test_sketches_and_copies_are_found_until_their_file_goes(store: Store) -> None:
    """Also by the largest hash, and more of them than one statement takes."""
    most = 2**32 - 1
    many = {f"{n:04}.md": (n, most) for n in range(1200)}
    file = StoredFile("0003.md", 1, 2, 3, "d", "u", (3, most))
    with store.writing() as writer:
        assert writer.stories.find_sketches([]) == {}
        writer.stories.put_sketches(many)
        writer.stories.put_sketches({"0003.md": (3, most)})
        writer.put_files([file])
        writer.stories.put_copies({"0003.md": "x", "0004.md": "u"})
        writer.stories.put_copies({"0003.md": "u"})
    assert store.file("0003.md") == file
    assert store.copies_of("u") == ["0003.md", "0004.md"]
    with store.writing() as writer:
        found = writer.stories.find_sketches([*range(-5, 1200), most])
        assert found.pop(most) == sorted(many)
        assert found == {n: [f"{n:04}.md"] for n in range(1200)}
        writer.stories.drop_sketches({"0004.md": (4,), "0005.md": (77,)})
        writer.stories.drop_copies(["0004.md"])
        writer.drop_files(["0003.md"])
        assert writer.stories.find_sketches([3, 4, 5]) == {5: ["0005.md"]}
        assert writer.stories.copies_of(["u", "x"]) == {}
    assert store.copies_of("u") == []


def test_files_are_replaced_found_and_dropped(store: Store) -> None:
    """More of them than one statement takes."""
    files = [
        StoredFile(f"{n:04}.md", 10**18 + n, n, 2**63 - 1 - n, f"d{n % 7}") for n in range(1200)
    ]
    with store.writing() as writer:
        writer.put_files(files)
        writer.put_files([replace(files[0], uid="u", size=-1)])
        writer.put_problem("0001.md", "refused", "the file is empty", NOON)
    assert store.file("0000.md") == replace(files[0], uid="u", size=-1)
    assert store.files().keys() == {file.path for file in files}
    assert store.files()["1199.md"] == files[1199]
    assert (store.has_more_files(1199), store.has_more_files(1200)) == (True, False)
    with store.writing() as writer:
        assert writer.files_of(["u"], "uid") == [store.file("0000.md")]
        assert len(writer.files_of(["d0", "d3"], "digest")) == sum(
            n % 7 in (0, 3) for n in range(1200)
        )
        writer.drop_files([file.path for file in files[1:]])
    assert (list(store.files()), store.file("0001.md"), store.problems()) == (["0000.md"], None, [])


def test_entry_is_found_by_uid_and_key(store: Store) -> None:
    entry = make(1, "politics", expires=NOON + HOUR, shown=True)
    put(store, entry)
    assert store.entry(entry.uid) == store.entry_of_key(entry.key) == entry
    assert store.entry("0") is store.entry_of_key("nothing") is None
    with store.writing() as writer:
        assert writer.entries_of("key", [entry.key, "nothing"]) == [entry]


def test_r42_newest_first_ties_by_uid_and_no_more_than_asked(store: Store) -> None:
    tied = [make(number, "politics", published=NOON - HOUR) for number in (11, 13, 12)]
    put(store, make(3, "politics"), *tied, make(0, "sports"))
    assert numbers(store.newest("politics", NOON, 9)) == [13, 12, 11, 3]
    assert numbers(store.newest("politics", NOON, 2)) == [13, 12]
    assert numbers(store.newest(WHOLE_SITE, NOON, 1)) == [0]
    assert store.newest("nowhere", NOON, 9) == []


def test_f18_an_embargo_ends_and_an_entry_expires_at_its_microsecond(store: Store) -> None:
    embargoed, expiring = make(-1, "politics"), make(1, "politics", expires=NOON + HOUR)
    put(store, embargoed, expiring)
    tick = timedelta(microseconds=1)
    assert numbers(store.newest("politics", NOON + HOUR - tick, 9)) == [1]
    assert store.newest("politics", NOON + HOUR, 9) == [embargoed]
    assert store.next_due(NOON) == NOON + HOUR
    assert store.next_due(NOON + HOUR) is None
    assert store.counts(NOON)["politics"].entries == 1
    with store.writing() as writer:
        assert writer.sections_due(NOON, NOON + HOUR) == {WHOLE_SITE, "politics"}
        assert writer.sections_due(NOON, NOON + HOUR - tick) == set()
        assert writer.sections_due(NOON + HOUR, NOON + 2 * HOUR) == set()


@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN, State.GONE])
def test_only_live_entries_stand_in_feeds(store: Store, state: State) -> None:
    put(store, make(1, "politics"))
    built(store)
    put(store, make(1, "politics", state=state))
    assert store.newest(WHOLE_SITE, NOON, 9) == store.newest("politics", NOON, 9) == []
    assert store.counts(NOON) == {}
    assert store.dirty().keys() == {WHOLE_SITE, "politics"}
    assert [entry.state for entry in store.entries(*State)] == [state]
    assert list(store.entries(State.LIVE)) == []


def test_a_feed_that_an_entry_left_is_built_again_too(store: Store) -> None:
    put(store, make(1, "politics"))
    built(store)
    assert store.dirty() == {}
    put(store, make(1, "sports", "no-such-section"))
    assert store.dirty().keys() == {WHOLE_SITE, "politics", "sports"}
    assert store.newest("politics", NOON, 9) == store.newest("no-such-section", NOON, 9) == []


def test_counts_certain_and_unfiled(store: Store) -> None:
    guessed = Filing((Filed("politics", "words", certain=False),))
    put(store, make(1, "politics"), make(2, "sports", "politics"), make(3, filing=guessed), make(4))
    counts = store.counts(NOON)
    assert {name: count.entries for name, count in counts.items()} == {
        WHOLE_SITE: 4,
        "politics": 3,
        "sports": 1,
    }
    assert counts["sports"].newest == NOON - 2 * HOUR
    assert numbers(store.certain("politics", 9)) == [1]
    assert numbers(store.certain("sports", 9)) == [2]
    assert numbers(store.unfiled(NOON, 9)) == [4]
    assert store.unfiled(NOON - 9 * HOUR, 9) == store.unfiled(NOON, 0) == []


def test_all_entries_come_once_over_many_pages(store: Store) -> None:
    put(store, *(make(number, "politics") for number in range(1, 1202)))
    assert numbers(list(store.entries(*State))) == list(range(1, 1202))


def test_a_problem_keeps_its_first_date_while_it_is_the_same(store: Store) -> None:
    for hours, message in enumerate(("empty", "empty", "binary")):
        with store.writing() as writer:
            writer.put_problem("b.md", "refused", message, NOON + hours * HOUR)
            writer.put_problem("a.md", "refused", "empty", NOON + hours * HOUR)
    found = [(one.path, one.message, one.since) for one in store.problems()]
    assert found == [("a.md", "empty", NOON), ("b.md", "binary", NOON + 2 * HOUR)]
    with store.writing() as writer:
        writer.clear_problems(["a.md", "nothing"])
    assert [one.path for one in store.problems()] == ["b.md"]


def test_a_publication_is_replaced_by_what_changed(store: Store) -> None:
    one = Representation("text/xml", {"identity": b"1", "br": b"\0"}, NOON, 900, etag="one")
    two = replace(one, bodies={"identity": b"2"}, etag="two", location="/there")
    with store.writing() as writer:
        first = writer.publish({"/a": one, "/b": one}, {})
    with store.writing() as writer:
        second = writer.publish({"/b": two}, {"/a": NOON})
        assert writer.revision() == second
    assert 0 < first < second == store.revision()
    assert store.representations_since(0) == {"/a": None, "/b": two}
    assert store.representations_since(first) == {"/a": None, "/b": two}
    assert store.representations_since(second) == {}
    assert store.etags() == {"/b": "two"}


def test_what_feeds_looked_like(store: Store) -> None:
    with store.writing() as writer:
        writer.put_built({"politics": ("h1", NOON), "sports": ("h2", NOON)})
        writer.put_built({"politics": ("h3", NOON + HOUR)})
        writer.drop_built({"sports"})
    assert store.built() == {"politics": ("h3", NOON + HOUR)}


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
_MOMENT = st.datetimes(
    datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(timezone(timedelta(hours=5.5)))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(path=_TEXT, title=_TEXT, why=_TEXT, moment=_MOMENT)
def test_any_text_and_any_moment_come_back(
    store: Store, path: str, title: str, why: str, moment: datetime
) -> None:
    entry = make(1, published=moment, path=path, filing=Filing(why=why))
    entry = replace(entry, article=replace(entry.article, title=title, tags=(title, why)))
    put(store, entry)
    assert store.entry(entry.uid) == entry


def test_writers_take_turns_and_lose_nothing(store: Store) -> None:
    def count() -> None:
        for _ in range(25):
            with store.writing() as writer:  # nobody else writes between reading and writing
                writer.put_fact("count", str(int(store.fact("count") or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.fact("count") == "100"


def test_a_reader_sees_all_of_a_transaction_or_nothing(store: Store) -> None:
    put(store, make(1, "politics"))
    with store.writing() as writer:
        writer.put_entries([make(2, "politics")], SECTIONS)
        writer.put_fact("name", "new")
        assert (numbers(store.newest("politics", NOON, 9)), store.fact("name")) == ([1], "")
    assert (numbers(store.newest("politics", NOON, 9)), store.fact("name")) == ([1, 2], "new")


def test_a_failure_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as writer:
        writer.put_entries([make(1, "politics")], SECTIONS)
        writer.publish({"/a": Representation("t", {"identity": b""}, NOON, 1)}, {})
        raise ZeroDivisionError
    assert (store.dirty(), store.revision(), list(store.entries(*State))) == ({}, 0, [])


_WRITE_FOR_EVER = """
import sys
from feedsvc.store import Store
store = Store(sys.argv[1])
with store.writing() as writer:
    writer.put_fact("a", "whole"); writer.put_fact("b", "whole")
with store.writing() as writer:
    writer.put_fact("a", "half")
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_a_writer_that_is_killed_leaves_the_store_whole(store: Store, url: str) -> None:
    command = [sys.executable, "-c", _WRITE_FOR_EVER, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        os.kill(process.pid, signal.SIGKILL)
    with store.writing() as writer:  # its lock is gone with it
        writer.put_fact("c", "next")
    assert [store.fact(name) for name in "abc"] == ["whole", "whole", "next"]


def test_another_process_is_noticed(store: Store, url: str) -> None:
    watch = store.watch()
    assert watch.changed()
    assert not watch.changed()
    code = "import sys; from feedsvc.store import Store; s = Store(sys.argv[1])\n"
    code += "with s.writing() as writer: writer.put_fact('name', 'theirs')"
    subprocess.run([sys.executable, "-c", code, url], check=True)
    assert wait_until(watch.changed)
    assert store.fact("name") == "theirs"
    assert not watch.changed()
    watch.close()


@pytest.mark.parametrize("bad", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///a?b=c"])
def test_a_url_that_is_not_supported_is_one_clear_line(bad: str) -> None:
    with pytest.raises(StoreError, match=r"^store\.url: [^\n]+$"):
        Store(bad)

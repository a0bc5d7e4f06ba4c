"""The contract of the store where it hurts: many hands at once, sudden ends, bad places.

Nothing here knows of an engine but the tests of a file that was removed or cannot be written.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sites import wait_until
from store_samples import NOON, make, page, put_fact

from feedsvc.errors import StoreError
from feedsvc.store import WHOLE_SITE, State, Store, StoredFile

# More than a page of entries holds.
MANY = 1_203
FEEDS = ("/a", "/b", "/c")


def run_together(*works: Callable[[], object]) -> None:
    """Run threads and wait for them; what they raise is raised here."""
    raised: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    if raised:
        raise raised[0]


# Many hands at once


def test_nobody_raises_the_revision_while_somebody_writes(store: Store, url: str) -> None:
    other, begun = Store(url), threading.Event()

    def publish() -> None:
        begun.set()
        with other.writing() as writer:
            writer.publish({"/b": page("b")}, {})

    thread = threading.Thread(target=publish)
    with store.writing() as writer:
        before = writer.revision()
        thread.start()
        assert begun.wait(10)
        thread.join(0.2)
        assert thread.is_alive() and writer.revision() == before == store.revision()
        assert writer.publish({"/a": page("a")}, {}) == before + 1
    thread.join(20)
    assert store.revision() == before + 2 and store.etags() == {"/a": "a", "/b": "b"}
    other.close()


def test_readers_never_see_half_of_a_publication(store: Store, url: str) -> None:
    done = threading.Event()
    seen: set[str] = set()

    def publish() -> None:
        try:
            for number in range(60):
                with store.writing() as writer:
                    for path in FEEDS:  # a revision each, and yet one publication
                        writer.publish({path: page(str(number))}, {})
        finally:
            done.set()

    def read(reader: Store) -> None:
        while not done.is_set():
            etags = reader.etags()
            assert len(set(etags.values())) <= 1 and len(etags) in (0, len(FEEDS)), etags
            assert reader.revision() % len(FEEDS) == 0
            seen.update(etags.values())

    other = Store(url)
    run_together(publish, lambda: read(store), lambda: read(other))
    assert len(seen) > 1
    assert store.revision() == 60 * len(FEEDS)
    other.close()


def test_entries_can_be_written_while_they_are_read(store: Store) -> None:
    with store.writing() as writer:
        writer.put_entries([make(number) for number in range(MANY)], set())
    read = []
    for entry in store.entries(State.LIVE):
        read.append(entry.uid)
        if len(read) % 400 == 1:  # on the first page and on later ones
            with store.writing() as writer:
                writer.put_entries([replace(entry, shown=True)], set())
    assert read == [make(number).uid for number in range(MANY)]
    assert sum(entry.shown for entry in store.entries(State.LIVE)) == 4


_COUNT = """
import sys
from feedsvc.store import Store, StoredFile
store = Store(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.writing() as writer:
        count = len(store.files()) + 1
        writer.put_files([StoredFile(f"{count}.md", 1, 1, 1, "d")])
        writer.put_fact("count", str(count))
    print(count, flush=True)
"""


def test_processes_write_in_turn_and_lose_nothing(store: Store, url: str) -> None:
    command = [sys.executable, "-c", _COUNT, url, "40"]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(30) for process in processes] == [0, 0]
    assert store.fact("count") == "80" and len(store.files()) == 80


# Sudden ends


@pytest.mark.parametrize("commits", [1, 7, 40])
def test_what_was_committed_outlives_kill_9_and_nothing_else_does(url: str, commits: int) -> None:
    Store(url).migrate()
    command = [sys.executable, "-c", _COUNT, url, "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(commits)][-1]
        process.kill()  # in whatever it is doing by now
    store = Store(url)
    assert not store.migrate()
    assert len(store.files()) == int(store.fact("count")) >= promised
    put_fact(store, "name", "value")
    store.close()


_WRITE_MUCH = """
import os, sys
from datetime import UTC, datetime
from feedsvc.model import Representation
from feedsvc.store import Store, StoredFile
now = datetime.now(UTC)
with Store(sys.argv[1]).writing() as writer:
    writer.put_files([StoredFile(f"{n}.md", 2, 2, 2, "new") for n in range(5_000)])
    for n in range(32):
        writer.publish({f"/{n}": Representation("t", {"identity": os.urandom(2**20)}, now, 1)}, {})
    print("written", flush=True)
    sys.stdin.read()
"""


def test_kill_9_in_a_transaction_larger_than_memory_leaves_the_old_state(
    store: Store, url: str
) -> None:
    """So much that an engine has put much of it on the disk before the end."""
    old = {f"{n}.md": StoredFile(f"{n}.md", 1, 1, 1, "old") for n in range(5_000)}
    with store.writing() as writer:
        writer.put_files(old.values())
        writer.publish({"/0": page("old")}, {})
    command = [sys.executable, "-c", _WRITE_MUCH, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        assert store.files() == old  # a reader does not wait either
        process.kill()
    again = Store(url)
    assert not again.migrate()
    assert again.files() == old and again.representations_since(0) == {"/0": page("old")}
    put_fact(again, "name", "value")
    again.close()


# Noticing others


def test_a_watch_notices_commits_and_nothing_else(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only what a server tells counts here, not the look every two seconds.
    monkeypatch.setattr("feedsvc.store.postgres._LOOK_EVERY", 3600)
    watch, other = store.watch(), Store(url)
    assert watch.changed() and not watch.changed()
    for writing, value in ((store, "ours"), (other, "theirs")):
        put_fact(writing, "name", value)
        wait_until(watch.changed)  # a server tells it soon, not at once
        assert not watch.changed()
    with pytest.raises(ZeroDivisionError), other.writing() as writer:
        writer.put_fact("name", "never")
        assert not watch.changed()
        raise ZeroDivisionError
    assert other.fact("name") == "theirs" and not watch.changed()
    watch.close()
    other.close()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_watch_says_that_the_file_was_removed_or_replaced(tmp_path: Path, replaced: bool) -> None:
    store = Store(f"sqlite:///{tmp_path}/s.db")
    store.migrate()
    watch = store.watch()
    assert watch.changed()
    for file in tmp_path.iterdir():
        file.unlink()
    if replaced:
        Store(f"sqlite:///{tmp_path}/s.db").migrate()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"s\.db was removed or replaced$"):
            watch.changed()
    watch.close()
    store.close()


# Bad places

NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, and anybody else's part of the tests may fill."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        for one in folder.rglob("*"):
            if one.is_dir():
                one.chmod(0o777)


def trouble_of(action: Callable[[], object]) -> str:
    """Return the StoreError of an action by somebody whom permissions bind: not by root."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            action()
            text = "nothing was wrong"
        except StoreError as error:
            text = str(error)
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    return text


@pytest.mark.parametrize("place", ["folder", "file/s.db", "file/deeper/s.db"])
def test_a_place_that_cannot_hold_a_store_is_one_clear_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("an article")
    with pytest.raises(
        StoreError, match=r"^the store[^\n]* cannot be (made or entered|written): [^\n]+$"
    ):
        Store(f"sqlite:///{tmp_path / place}")
    assert (tmp_path / "file").read_text() == "an article"


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_that_may_not_be_written_is_one_clear_line(
    open_folder: Path, exists: bool
) -> None:
    url = f"sqlite:///{open_folder}/var/s.db"
    (open_folder / "var").mkdir()
    if exists:
        store = Store(url)
        store.migrate()
        store.close()
    (open_folder / "var").chmod(0o555)
    trouble = trouble_of(lambda: Store(url).migrate())
    assert re.fullmatch(r"the store [^\n]*s\.db cannot be (written|used): [^\n]+", trouble)


@pytest.mark.parametrize("name", ["var/s.db", "var/deeper/s.db"])
def test_a_folder_that_may_not_be_entered_is_one_clear_line(open_folder: Path, name: str) -> None:
    (open_folder / "var/deeper").mkdir(parents=True)
    (open_folder / "var").chmod(0o700)
    if os.geteuid():  # its owner may enter one of 700
        (open_folder / "var").chmod(0o000)
    trouble = trouble_of(lambda: Store(f"sqlite:///{open_folder / name}"))
    assert re.fullmatch(r"the store's folder [^\n]+ cannot be made or entered: [^\n]+", trouble)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "s.db",
        "sqlite:///:memory:",
        "sqlite:///a\0b",
        "sqlite+aiosqlite:///s.db",
        "oracle://editor:secret@host/db",
    ],
)
def test_a_url_is_refused_in_one_line_without_its_password(bad: str) -> None:
    with pytest.raises(StoreError, match=r"^store\.url: [^\n]+$") as caught:
        Store(bad)
    assert "secret" not in str(caught.value)


def test_a_store_without_tables_is_one_clear_line(url: str) -> None:
    store = Store(url)
    with pytest.raises(StoreError, match=r"^the store does not answer: [^\n]+$"):
        store.newest(WHOLE_SITE, NOON, 1)
    with pytest.raises(StoreError, match=r"^the store does not answer: [^\n]+$"):
        put_fact(store, "name", "value")
    assert store.migrate() and store.newest(WHOLE_SITE, NOON, 1) == []
    store.close()

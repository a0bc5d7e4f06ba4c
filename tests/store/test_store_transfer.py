"""A whole site moves from one store to another, either way, with all that it knows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from postgres import Server
from sites import Site, article
from sqlalchemy import create_engine, select

from feedsvc.errors import StoreError
from feedsvc.hub import copy_key, open_vault
from feedsvc.store import JOBS_FACT, SUBSCRIBE, Check, Deed, State, Store, schema, transfer_store

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WAYS = [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")]


@pytest.fixture(params=WAYS, ids="-to-".join)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The URLs of a source and a target, both empty."""

    def make(engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path}/{name}.db"
        server: Server = request.getfixturevalue("postgres")
        return server.make_database()

    old, new = request.param
    return make(old, "old"), make(new, "new")


def fill(url: str, root: Path) -> Store:
    """Make a site with articles, a withdrawal, subscriptions and an engine's sign of life."""
    site = Site(root, store_url=url)
    for number in range(12):
        site.write(f"politics/{number}.md", article(f"Number {number}", "Größe <b>ok</b>."))
    site.scan()
    (site.content / "politics/3.md").unlink()
    site.scan()
    store = Store(url)
    vault = open_vault(store)
    with store.writing() as writer:
        for name in ("a", "b", "gone"):
            callback = f"http://r.example/{name}"
            check = Check(
                "/feeds/all.atom", callback, SUBSCRIBE, "t", "r.example", NOW, vault.seal(name), 99
            )
            writer.hub.ask(check, NOW)
            (claimed,) = writer.hub.claim_checks(NOW, NOW, 1)
            writer.hub.confirm(claimed, NOW)
        (last,) = [one for one in writer.hub.subscriptions() if one.callback.endswith("gone")]
        writer.hub.end([last.number])
        writer.put_fact(JOBS_FACT, '{"at": "2026-11-26T12:00:00+00:00"}')
    return store


def dump(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, but what belongs to the place and not to the site."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in schema.metadata.tables.values()
            if table not in (schema.ticks, schema.engines)
        }
    engine.dispose()
    found["facts"] = [one for one in found["facts"] if one[0] not in (JOBS_FACT, "hub_key")]
    return found


def ask(url: str, query: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(query).scalar()
    engine.dispose()
    return found


def test_everything_comes_over(urls: tuple[str, str], tmp_path: Path) -> None:
    old, new = urls
    source = fill(old, tmp_path / "site")
    seen: list[tuple[int, int]] = []
    done = transfer_store(old, new, lambda *progress: seen.append(progress))
    target = Store(new)
    copy_key(source, target)
    assert dump(new) == dump(old)
    if new.startswith("postgresql"):
        query = "SELECT reltuples FROM pg_class WHERE relname = 'entries'"
        assert ask(new, query) == 12  # it knows how much it got, and plans by that
    assert done.rows["entries"] == 12 and seen[-1] == (sum(done.rows.values()),) * 2
    assert "2026-11-26" in done.sign and target.fact(JOBS_FACT) == ""
    vault = open_vault(target)
    with target.reading_hub() as hub:
        secrets = {one.callback[-1]: vault.open(one.secret or b"") for one in hub.subscriptions()}
        highest = max(one.number for one in hub.subscriptions())
    assert secrets == {"a": b"a", "b": b"b"}
    # A number is never given twice, not even that of who left.
    with target.writing() as writer:
        writer.hub.ask(
            Check("/feeds/all.atom", "http://r.example/new", SUBSCRIBE, "t", "r.example", NOW), NOW
        )
        (claimed,) = writer.hub.claim_checks(NOW, NOW, 1)
        writer.hub.confirm(claimed, NOW)
    with target.reading_hub() as hub:
        assert max(one.number for one in hub.subscriptions()) == highest + 2
    # And it is a site that goes on: the same entries, under the same ids.
    moved = Site(tmp_path / "site", store_url=new)
    moved.configure()
    before = {row[0]: row[1] for row in dump(new)["entries"]}
    moved.write("politics/new.md", article("Another"))
    moved.scan()
    after = {row[0]: row[1] for row in dump(new)["entries"]}
    assert before.items() < after.items() and len(after) == 13
    source.close()
    target.close()


def test_again_takes_what_came_meanwhile(urls: tuple[str, str], tmp_path: Path) -> None:
    old, new = urls
    fill(old, tmp_path / "site").close()
    transfer_store(old, new)
    site = Site(tmp_path / "site", store_url=old)
    site.write("politics/late.md", article("Late"))
    site.scan()
    assert dump(new) != dump(old)
    transfer_store(old, new)
    assert dump(new) == dump(old)


def test_a_target_that_is_at_work_is_left_alone(urls: tuple[str, str], tmp_path: Path) -> None:
    old, new = urls
    fill(old, tmp_path / "site").close()
    transfer_store(old, new)
    store = Store(new)
    with store.writing() as writer:
        writer.put_fact(JOBS_FACT, "{}")
    before = dump(new)
    with pytest.raises(StoreError, match="at work already"):
        transfer_store(old, new)
    with store.writing() as writer:
        writer.put_fact(JOBS_FACT, "")
        writer.put_fact("tag", "tag:elsewhere.example,2020:x")
    with pytest.raises(StoreError, match="another site"):
        transfer_store(old, new)
    store.close()
    before["facts"] = []
    assert {**dump(new), "facts": []} == before


def test_what_is_no_source_is_said(urls: tuple[str, str], tmp_path: Path) -> None:
    old, new = urls
    with pytest.raises(StoreError, match="no store"):
        transfer_store(old, new)
    with pytest.raises(StoreError, match="the same"):
        transfer_store(old, old)
    assert not (tmp_path / "old.db").exists()


_BROKEN_OFF = """
import sys, time
from feedsvc.store import transfer_store

def wait(done, total):
    print("half", flush=True)
    time.sleep(60)

transfer_store(sys.argv[1], sys.argv[2], wait)
"""


def test_kill_9_leaves_the_target_as_it_was(urls: tuple[str, str], tmp_path: Path) -> None:
    old, new = urls
    fill(old, tmp_path / "site").close()
    transfer_store(old, new)
    site = Site(tmp_path / "site", store_url=old)
    site.write("politics/late.md", article("Late"))
    site.scan()
    before = dump(new)
    process = subprocess.Popen(
        [sys.executable, "-c", _BROKEN_OFF, old, new], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "half\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert dump(new) == before
    end = time.monotonic() + 20
    while True:  # the server needs a moment to learn that nobody is there any more
        try:
            transfer_store(old, new)
            break
        except StoreError:
            assert time.monotonic() < end
    assert dump(new) == dump(old)


def refuse(old: str, new: str, why: str) -> None:
    """See that a target is refused in one line and stays as it is."""
    before = dump(new)
    with pytest.raises(StoreError, match=why) as caught:
        transfer_store(old, new)
    assert len(str(caught.value).splitlines()) == 1
    assert dump(new) == before


def test_a_target_with_contents_of_its_own_is_left_alone(
    urls: tuple[str, str], tmp_path: Path
) -> None:
    """Built by a scan alone, so that no engine ever gave a sign of life there."""
    old, new = urls
    fill(old, tmp_path / "site").close()
    other = Site(tmp_path / "other", store_url=new)
    other.configure()
    for number in range(4):
        other.write(f"sports/{number}.md", article(f"Other {number}"))
    other.scan()
    refuse(old, new, r"contents of its own, .*: 4 of its entries would be lost; name an empty")


def test_a_copy_that_went_on_is_left_alone(urls: tuple[str, str], tmp_path: Path) -> None:
    """By a command, without an engine: what happened there is nowhere else."""
    old, new = urls
    fill(old, tmp_path / "site").close()
    transfer_store(old, new)
    store = Store(new)
    uid = next(iter(store.entries(State.LIVE))).uid
    with store.writing() as writer:
        writer.put_deeds([Deed(NOW, "a@example", "withdraw", uid, "legal")])
    refuse(old, new, "contents of its own, .*: 1 of its lines in the audit log")
    store.close()


def test_what_left_the_source_is_no_loss(urls: tuple[str, str], tmp_path: Path) -> None:
    """What a copy has brought may go with the next one: whose subscription has ended, say."""
    old, new = urls
    source = fill(old, tmp_path / "site")
    transfer_store(old, new)
    with source.writing() as writer:
        writer.hub.end([one.number for one in writer.hub.subscriptions()])
    source.close()
    transfer_store(old, new)
    assert dump(new) == dump(old)


def test_where_the_site_was_before_may_be_replaced(urls: tuple[str, str], tmp_path: Path) -> None:
    """It went on elsewhere, and comes back: all that is there came along."""
    old, new = urls
    source = fill(old, tmp_path / "site")
    with source.writing() as writer:
        writer.put_fact(JOBS_FACT, "")
    source.close()
    transfer_store(old, new)
    moved = Site(tmp_path / "site", store_url=new)
    moved.configure()
    moved.write("politics/late.md", article("Late"))
    moved.scan()
    transfer_store(new, old)
    assert dump(new) == dump(old)


def test_one_file_by_two_names_is_the_same(site: Site) -> None:
    site.write("politics/one.md", article("One"))
    site.scan()
    link, hard = site.root / "link.db", site.root / "hard.db"
    link.symlink_to(site.store)
    os.link(site.store, hard)
    here = f"sqlite:///{site.store}"
    around = f"sqlite:///{site.root}/../{site.root.name}/var/feedsvc.db"
    for other in (around, f"sqlite:///{link}", f"sqlite:///{hard}"):
        refuse(here, other, "both stores are the same")


def test_one_database_by_two_names_is_the_same(postgres: Server, tmp_path: Path) -> None:
    url = postgres.make_database()
    fill(url, tmp_path / "site").close()
    refuse(url, url.replace("127.0.0.1", "localhost"), "both stores are the same")
    refuse(url, f"{url}?application_name=other", "both stores are the same")
    postgres.ask(url.rpartition("/")[2], "CREATE SCHEMA herald")
    apart = f"{url}?options=-csearch_path%3Dherald"
    transfer_store(url, apart)
    assert dump(apart) == dump(url)

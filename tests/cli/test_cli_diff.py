"""``feedsvc check --diff``: what a config would change, told beforehand and without a trace."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from sites import Site, article, serving, wait_until

from feedsvc.store import State, Store

Run = Callable[..., Result]

KEEP = "  politics: Politics and Government\n"


@pytest.fixture
def old(site: Site) -> Site:
    """A site that was published: ten articles filed by folder, front matter, and by nobody."""
    for number in range(4):
        site.write(f"politics/{number}.md", article(f"Vote {number}"))
        site.write(f"sports/{number}.md", article(f"Match {number}"))
    site.write("named.md", article("Named", section="politics"))
    site.write(
        "tram.md", article("Tram line opens", "The tram runs on a new line, and trams come.")
    )
    site.scan()
    return site


def edit(site: Site, *pairs: tuple[str, str]) -> None:
    text = site.config.read_text()
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    site.config.write_text(text)


def dump(site: Site) -> list[str]:
    """Return all that the store holds."""
    with sqlite3.connect(site.store) as connection:
        return list(connection.iterdump())


def difference(run: Run, *words: str, code: int = 0) -> dict[str, Any]:
    done = run("check", "--diff", "--json", *words)
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def sections_of(site: Site) -> dict[str, tuple[str, ...]]:
    store = Store(f"sqlite:///{site.store}")
    try:
        return {one.path: one.filing.sections for one in store.entries(State.LIVE)}
    finally:
        store.close()


def ids_of(site: Site) -> dict[str, str]:
    store = Store(f"sqlite:///{site.store}")
    try:
        return {one.path: one.id for one in store.entries(*State)}
    finally:
        store.close()


def test_nothing_changes(old: Site, run: Run) -> None:
    done = run("check", "--diff")
    assert done.exit_code == 0 and "Nothing changes" in done.output
    found = difference(run)
    assert not any(found[key] for key in ("gained", "lost", "renamed", "addresses", "moves"))


def test_nothing_is_there_yet(site: Site, run: Run) -> None:
    """And looking makes no store."""
    assert run("check", "--diff").exit_code == 0
    assert difference(run) == {"published": False}
    assert not site.store.exists()


def test_a_broken_config_is_told_with_its_faults(old: Site, run: Run) -> None:
    old.configure("  sport news: x\n")
    done = run("check", "--diff")
    assert done.exit_code == 1 and "sport-news" in done.output


CHANGES: dict[str, tuple[list[tuple[str, str]], int]] = {
    "gained": ([(KEEP, KEEP + "  traffic: {title: Traffic, match: {any: [tram]}}\n")], 0),
    "renamed": (
        [(KEEP, "  state: {title: The State, moved_from: [politics]}\n")],
        0,
    ),
    "renamed, with its folder": (
        [(KEEP, "  state: {title: S, moved_from: [politics], match: {folders: [politics]}}\n")],
        0,
    ),
    "removed": ([("sections:\n", "removed: [sports]\nsections:\n"), ("  sports: Sports\n", "")], 0),
    "lost": ([("  sports: Sports\n", "")], 1),
    "taught otherwise": (
        [(KEEP, KEEP + "  other: {match: {folders: [sports], keywords: [tram]}}\n"),
         ("  sports: Sports\n", "  sports: {match: {folders: [x]}}\n")], 0),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_told_comes_true(old: Site, run: Run, name: str) -> None:
    """The articles that move are those that a scan moves; until then the store is as it was."""
    pairs, code = CHANGES[name]
    edit(old, *pairs)
    before, where, ids = dump(old), sections_of(old), ids_of(old)
    found = difference(run, code=code)
    run("check", "--diff")
    assert dump(old) == before
    assert found["ids"]["articles"] == 0

    old.scan()
    moves = {one["path"]: (tuple(one["before"]), tuple(one["after"])) for one in found["moves"]}
    heirs = found["renamed"]
    now = sections_of(old)
    assert moves == {
        path: (was, now[path])
        for path, was in where.items()
        if tuple(heirs.get(one, one) for one in was) != now[path]
    }
    assert ids_of(old) == ids
    assert difference(run)["moves"] == []


def test_what_is_told_of_each_kind(old: Site, run: Run) -> None:
    """Sections, addresses, moves, values, partners: in words, and for programs."""
    edit(
        old,
        (KEEP, "  state: {title: The State, moved_from: [politics]}\n"),
        ("  sports: Sports\n", "  traffic: {match: {any: [tram]}}\n"),
        ("sections:\n", "removed: [sports]\nsections:\n"),
        ("http://gazette.test", "https://gazette.test/news"),
    )
    old.config.write_text(
        old.config.read_text()
        + "partners: {one: {token: 0123456789abcdef}}\nhub: {mode: none}\nfeeds: {items: 9}\n"
    )
    found = difference(run)
    assert found["renamed"] == {"politics": "state"}
    assert (found["gained"], found["lost"]) == (["traffic"], ["sports"])
    fates = {one["name"]: one["after"]["status"] for one in found["addresses"]}
    assert fates == {"politics": "301", "state": "200", "sports": "410", "traffic": "200"}
    moves = {one["path"]: one["after"] for one in found["moves"]}
    # politics/ is claimed by nobody now; who is named in front matter goes along.
    assert moves == {f"{name}/{n}.md": [] for name in ("politics", "sports") for n in range(4)} | {
        "tram.md": ["traffic"]
    }
    assert {one["key"] for one in found["values"]} == {
        "site.base_url", "hub.mode", "feeds.items", "sections.state.title"}  # fmt: skip
    assert found["partners"] == {"one": "gained"}
    said = run("check", "--diff").output
    for words in (
        "section renamed: politics to state",
        "/feeds/sports.*, /sections/sports: 410",
        "articles that move: 9",
        "4 from politics to no section",
        "Vote 0",
        "... and 1 more",
        "let the old ones lead there",
        "partner one: gained",
        "ids that change: none",
    ):
        assert words in said, words


def test_a_section_that_is_lost_without_a_word_is_a_problem(old: Site, run: Run) -> None:
    edit(old, ("  sports: Sports\n", ""))
    done = run("check", "--diff")
    assert done.exit_code == 1 and "removed: [sports]" in done.output


# Ids


def test_ids_change_only_by_a_word(old: Site, run: Run) -> None:
    """No scan takes another site.id, until somebody allows it; then it does, and only that one."""
    ids = ids_of(old)
    edit(old, ("gazette.test,2026", "gazette.example,2026"))
    before = dump(old)
    found = difference(run, code=2)
    assert found["ids"]["articles"] == len(ids) and found["ids"]["feeds"] == 4
    assert found["fault"]["line"] == 2 and "gazette.test,2026-01-01" in found["fault"]["hint"]
    for words in (["scan"], ["withdraw", "tram.md"], ["check"]):
        done = run(*words)
        assert done.exit_code in (1, 2) and "config.yaml:2: site.id" in done.output, done.output
    assert dump(old) == before and ids_of(old) == ids

    said = run("check", "--diff", "--yes")
    assert said.exit_code == 0 and "this is allowed now" in said.output
    old.write("late.md", article("Late"))
    assert run("scan").exit_code == 0
    after = ids_of(old)
    assert after.pop("late.md").startswith("tag:gazette.example,2026-01-01:")
    assert after == ids  # those that are known stay as they are
    assert run("check").exit_code == 0

    edit(old, ("gazette.example,2026", "gazette.invalid,2026"))
    assert run("scan").exit_code == 2


def test_a_site_without_id_keeps_what_its_ids_were_made_with(old: Site, run: Run) -> None:
    edit(old, ("  id: gazette.test,2026-01-01\n", ""))
    found = difference(run)
    assert found["ids"]["articles"] == 0
    old.write("late.md", article("Late"))
    old.scan()
    assert ids_of(old)["late.md"].startswith("tag:gazette.test,2026-01-01:")


def test_a_site_whose_ids_nobody_knows_may_have_another(site: Site, run: Run) -> None:
    site.scan()
    edit(site, ("gazette.test,2026", "gazette.example,2026"))
    assert run("scan").exit_code == 0


def test_yes_is_for_the_difference_alone(old: Site, run: Run) -> None:
    assert run("check", "--yes").exit_code == 2
    assert run("check", "--diff", "--partner", "x").exit_code == 2


def test_a_running_server_keeps_its_ids(old: Site, run: Run) -> None:
    """It is told as a problem, with its line; allowed, it is in force without another edit."""
    good = old.config.read_text()
    with serving(old) as server:
        feed = server.get("/feeds/all.atom").body
        edit(old, ("gazette.test,2026", "gazette.example,2026"), ("The Test", "Another"))
        wait_until(lambda: "gazette.example" in run("problems").output)
        assert "config.yaml:2: site.id" in run("problems").output
        assert server.get("/feeds/all.atom").body == feed
        assert difference(run, code=2)["ids"]["articles"] == 10  # beside a running engine

        old.config.write_text(good)  # taken back: the problem is gone
        wait_until(lambda: "site.id" not in run("problems").output)
        assert server.get("/feeds/all.atom").body == feed

        edit(old, ("gazette.test,2026", "gazette.example,2026"), ("The Test", "Another"))
        wait_until(lambda: "gazette.example" in run("problems").output)
        assert run("check", "--diff", "--yes").exit_code == 0
        wait_until(lambda: b"tag:gazette.example" in server.get("/feeds/all.atom").body)
        assert "Another Gazette" in server.get("/feeds/all.atom").text
        wait_until(lambda: "site.id" not in run("problems").output)

"""Looking at a site that has no store yet: it is told, and nothing is made by it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from sites import Site, article, snapshot

COMMANDS = ("sections", "problems", "audit")
NOTHING_YET = "Nothing was recorded yet"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
def test_looking_makes_no_store(
    site: Site, run: Callable[..., Result], name: str, words: tuple[str, ...]
) -> None:
    """Not even the folder for it; and it is no problem that there is none."""
    site.write("politics/a.md", article("A"))
    before = snapshot(site.root)
    result = run(name, *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert snapshot(site.root) == before
    assert not site.store.parent.exists()
    assert (NOTHING_YET in result.stdout) == (not words)


def test_sections_of_a_site_without_a_store_are_empty(
    site: Site, run: Callable[..., Result]
) -> None:
    """All that the config has, and the whole site, as after a scan of an empty folder."""
    rows = json.loads(run("sections", "--json").stdout)
    assert [(row["name"], row["entries"], row["newest"]) for row in rows] == [
        (name, 0, None) for name in ("all", "politics", "sports", "culture")
    ]
    assert "http://gazette.test/feeds/culture.xml" in run("sections").stdout
    run("scan")
    assert json.loads(run("sections", "--json").stdout) == rows


@pytest.mark.parametrize("name", ["problems", "audit"])
def test_lists_of_a_site_without_a_store_are_empty(run: Callable[..., Result], name: str) -> None:
    """And once there is a store, nobody says that there is none."""
    assert json.loads(run(name, "--json").stdout) == []
    run("scan")
    assert NOTHING_YET not in run(name).stdout


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("url", ["nonsense", "postgresql://x/y", "sqlite://", "sqlite:///."])
def test_a_store_that_cannot_be_used_is_not_a_missing_one(
    site: Site, run: Callable[..., Result], name: str, url: str
) -> None:
    """Wrong use, told in one line; a check, which needs no store, goes on without it."""
    site.configure(f"store: {{url: {json.dumps(url)}}}\n")
    result = run(name)
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert NOTHING_YET not in result.stdout
    assert run("check").exit_code == 0

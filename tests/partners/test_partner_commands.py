"""``feedsvc partners`` and ``feedsvc check --partner NAME``, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from partner_site import TOKENS, make_site, set_token, write
from sites import Site, article, snapshot

from feedsvc.cli import main
from feedsvc.store import Store
from feedsvc.web.partners import PollDesk

NOW = datetime.now(UTC)


@pytest.fixture
def run(site: Site) -> Callable[..., Result]:
    """Run a command on the site, in this process."""

    def run_one(*words: str) -> Result:
        result = CliRunner().invoke(main, [*words, "--config", str(site.config)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run_one


def fill(site: Site) -> None:
    make_site(site)
    write(site, "politics/vote.md", "The council votes on the bridge", NOW - timedelta(hours=2))
    write(site, "politics/short.md", "Short", NOW - timedelta(hours=3))
    write(site, "politics/old.md", "An old story of the old bridge", NOW - timedelta(days=400))
    site.scan()


def test_partners_are_listed(site: Site, run: Callable[..., Result]) -> None:
    fill(site)
    polled = NOW.replace(microsecond=0)
    store = Store(site.load().config.store.url)
    PollDesk(store).tell({"snews": polled}, polled)
    store.close()
    result = run("partners", "--json")
    assert result.exit_code == 0
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert list(rows) == list(TOKENS)
    assert (
        rows["snews"]["url"] == f"https://gazette.test/partners/snews.xml?token={TOKENS['snews']}"
    )
    assert rows["politics"]["url"].endswith(quote(TOKENS["politics"], safe=""))
    assert rows["snews"]["last_poll"] == polled.isoformat()
    assert rows["late"]["last_poll"] is None
    assert [row["items"] for row in rows.values()] == [2, 1, 3]
    # Both logos are missing, and the old story is left out; no analytics, and two lack pictures.
    assert (rows["snews"]["refused"], rows["snews"]["failed"]) == (3, 6 + 1)
    assert (rows["politics"]["refused"], rows["politics"]["failed"]) == (2, 2)
    assert (rows["late"]["refused"], rows["late"]["failed"]) == (0, 0)
    lines = run("partners").stdout.splitlines()
    assert len(lines) == 1 + len(TOKENS)
    for words in ("partner", "profile", "items", "limits failed", "last poll", "old token", "feed"):
        assert words in lines[0]
    assert f"{polled:%Y-%m-%d %H:%M}" in lines[1] and TOKENS["snews"] in lines[1]


def test_old_token_is_shown_for_as_long_as_it_works(site: Site, run: Callable[..., Result]) -> None:
    fill(site)
    with site.service() as service:
        set_token(site, service, "snews", "another-token-0123456789", grace="2d")
    row = json.loads(run("partners", "--json").stdout)[0]
    until = datetime.fromisoformat(row["old_token_until"])
    assert timedelta(days=1, hours=23) < until - NOW < timedelta(days=2, hours=1)
    assert "another-token" in row["url"]
    assert f"until {until:%Y-%m-%d %H:%M}" in run("partners").stdout


def test_partners_without_any(site: Site, run: Callable[..., Result]) -> None:
    assert run("partners").stdout == "Nobody takes the feed: partners are named in the config.\n"
    assert json.loads(run("partners", "--json").stdout) == []


def test_looking_makes_no_store(site: Site, run: Callable[..., Result]) -> None:
    make_site(site)
    before = snapshot(site.root)
    assert run("partners").exit_code == 0
    result = run("check", "--partner", "snews")
    assert result.exit_code == 2 and "feedsvc scan" in result.stderr
    assert snapshot(site.root) == before


def test_check_names_each_item_and_its_limit(site: Site, run: Callable[..., Result]) -> None:
    fill(site)
    result = run("check", "--partner", "politics")
    assert result.exit_code == 1
    assert '"Short": the title has 5 characters: 21 are the least [title-length; stays out]' in (
        result.stdout
    )
    assert "400 days old: 365 are too many [date-age; stays out]" in result.stdout
    assert result.stdout.endswith("1 items go out; 2 stay out\n")
    found = json.loads(run("check", "--partner", "politics", "--json").stdout)
    assert {(one["rule"], one["title"], one["fatal"]) for one in found} == {
        ("title-length", "Short", True),
        ("date-age", "An old story of the old bridge", True),
    }


def test_check_without_a_fatal_limit_is_fine(site: Site, run: Callable[..., Result]) -> None:
    fill(site)
    result = run("check", "--partner", "late")
    assert result.exit_code == 0
    assert result.stdout == "3 items go out; 0 stay out\n"


def test_check_of_an_unknown_partner_is_one_line(site: Site, run: Callable[..., Result]) -> None:
    fill(site)
    result = run("check", "--partner", "snew")
    assert result.exit_code == 2
    assert result.stderr == (
        'feedsvc: there is no partner "snew" in the config; known are: snews, politics, late\n'
    )
    assert not any(token in result.output for token in TOKENS.values())


def test_check_says_what_was_mended(site: Site, run: Callable[..., Result]) -> None:
    make_site(site)
    text = article("The council votes <b>again</b>", "Words of it.", authors="desk@gazette.test")
    site.write("politics/vote.md", text)
    site.scan()
    result = run("check", "--partner", "late", "--json")
    found = {one["rule"]: one for one in json.loads(result.stdout)}
    assert all(one["mended"] for one in found.values())
    assert result.exit_code == 0

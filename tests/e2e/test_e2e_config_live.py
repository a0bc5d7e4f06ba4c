"""A saved config.yaml while it is served: in force at once, or a fault where the admin looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import Server, Site, article, serving, wait_until

from feedsvc.store import Store

HASH = "scrypt:32768:8:1$salt$" + "0a" * 64
TOKEN = "0123456789abcdef"


class Desk:
    """A site that is served, and what its admin is told of its config."""

    def __init__(self, site: Site, server: Server) -> None:
        self.site, self.server = site, server
        self.good = site.config.read_text()
        self._store = Store(f"sqlite:///{site.store}")

    def close(self) -> None:
        self._store.close()

    def problem(self) -> str:
        """What is told of the config, if anything is."""
        return next((one.message for one in self._store.problems() if one.kind == "config"), "")

    def is_told(self, words: str) -> None:
        wait_until(lambda: words in self.problem())
        # Readers see what they saw before.
        assert self.server.get("/feeds/politics.xml").status == 200

    def is_well(self) -> None:
        wait_until(lambda: not self.problem())

    def save(self, text: str) -> None:
        self.site.config.write_text(text)

    def has(self, section: str) -> None:
        wait_until(lambda: self.server.get(f"/feeds/{section}.xml").status == 200)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    site = Site(tmp_path_factory.mktemp("live") / "site")
    site.write("politics/vote.md", article("Vote"))
    with serving(site) as server:
        desk = Desk(site, server)
        yield desk
        desk.close()


@pytest.fixture(autouse=True)
def _begin_well(desk: Desk) -> Iterator[None]:
    yield
    config = desk.site.config
    if config.is_dir():
        config.rmdir()
    desk.save(desk.good)
    desk.is_well()


FAULTS = {
    "key": ("feed: {}\n", "config.yaml:13: feed: unknown key (did you mean feeds?)"),
    "value": ("feeds: {items: many}\n", "config.yaml:13: feeds.items: must be a whole number"),
    "no YAML": ("feeds: [\n", "config.yaml:14: cannot be read"),
    "password": ("admin: {password_hash: secret}\n", "config.yaml:13: admin.password_hash"),
    "partner": ("partners: {one: {}}\n", "config.yaml:13: partners.one.token: is missing"),
    "hub": ("hub: {mode: extern}\n", "config.yaml:13: hub.mode"),
    "fallback": ("filing: {fallback: sprots}\n", "(did you mean sports?)"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_and_taken_back(desk: Desk, name: str) -> None:
    """Line, key, what, likely meant; in the list and once in the log. Taken back, it is gone."""
    more, told = FAULTS[name]
    before = desk.server.log
    desk.save(desk.good + more)
    desk.is_told(told)
    desk.save(desk.good)  # what is in force already
    desk.is_well()
    log = desk.server.log[len(before) :]
    assert log.count(told) == 1, log


def test_a_mended_fault_is_gone_and_in_force(desk: Desk) -> None:
    desk.save(desk.good + "  sport news: x\n")
    desk.is_told("sport-news")
    desk.save(desk.good + "  mended: Mended\n")
    desk.has("mended")
    desk.is_well()


def test_an_editor_renames_over(desk: Desk) -> None:
    new = desk.site.config.with_suffix(".swp")
    new.write_text(desk.good + "  renamed: Renamed\n")
    new.replace(desk.site.config)
    desk.has("renamed")


def test_a_file_that_is_gone_is_told_and_put_back(desk: Desk) -> None:
    """The very same file, with its old date."""
    away = desk.site.config.with_suffix(".away")
    desk.site.config.rename(away)
    desk.is_told("there is no such file")
    away.rename(desk.site.config)
    desk.is_well()


def test_an_empty_file_is_no_config(desk: Desk) -> None:
    """A full disk, or an editor that was killed, leaves one; at a start it means the defaults."""
    desk.save("")
    desk.is_told("config.yaml: is empty")


def test_a_file_that_cannot_be_read(desk: Desk) -> None:
    desk.site.config.unlink()
    desk.site.config.mkdir()
    desk.is_told("cannot be read")
    desk.site.config.rmdir()
    desk.save(desk.good)
    desk.is_well()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights(desk: Desk) -> None:
    """Giving them back is enough: the file itself does not change."""
    desk.site.config.chmod(0)
    desk.is_told("cannot be read")
    desk.site.config.chmod(0o644)
    desk.is_well()


def test_partners_hub_and_password_come_into_force(desk: Desk) -> None:
    """And a fault of one of them keeps the others as they were."""
    path = f"/partners/one.xml?token={TOKEN}"
    partner = f"partners: {{one: {{token: {TOKEN}}}}}\n"
    desk.save(desk.good + partner)
    wait_until(lambda: desk.server.get(path).status == 200)
    assert "hub" in desk.server.get("/feeds/all.xml").headers["link"]
    desk.save(desk.good + partner + f"hub: {{mode: none}}\nadmin: {{password_hash: '{HASH}'}}\n")
    wait_until(lambda: "/hub" not in desk.server.get("/feeds/all.xml").headers["link"])
    desk.save(desk.good + "hub: {mode: none}\npartners: {one: {token: }}\n")
    desk.is_told("partners.one.token")
    assert desk.server.get(path).status == 200
    desk.save(desk.good)
    wait_until(lambda: desk.server.get(path).status == 404)


def test_what_was_mended_while_nothing_ran_is_gone(tmp_path: Path) -> None:
    """A problem of the config does not outlive the process that found it."""
    site = Site(tmp_path / "site")
    with serving(site) as server:
        desk = Desk(site, server)
        desk.save(desk.good + "feed: {}\n")
        wait_until(lambda: "did you mean feeds?" in desk.problem())
    desk.save(desk.good)
    with serving(site):
        desk.is_well()
    desk.close()

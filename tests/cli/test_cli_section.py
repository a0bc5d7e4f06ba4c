"""``feedsvc section`` and ``feedsvc admin``: config.yaml changes as a whole, or not at all."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sites import Site, article, serving, wait_until
from werkzeug.security import check_password_hash

from feedsvc.cli import main
from feedsvc.config import Edit, add_section, edit_config, parse_config, remove_section
from feedsvc.errors import ConfigError, EditError
from feedsvc.store import State

Run = Callable[..., Result]


def test_added_renamed_and_removed(site: Site, run: Run) -> None:
    """As the config says afterwards; what is told of it, for people and programs."""
    site.write("politics/vote.md", article("Vote"))
    options = ["--keywords", "tram, bus line", "--any", "/a,b/", "--description", "On rails: all"]
    done = run("section", "add", "transport", *options)
    assert done.exit_code == 0 and "/feeds/transport.xml" in done.output
    made = site.load().config.sections["transport"]
    assert (made.title, made.description) == ("Transport", "On rails: all")
    assert (made.match.keywords, made.match.any) == (("tram", "bus line"), ("/a,b/",))

    told = json.loads(run("section", "rename", "politics", "state", "--json").stdout)
    assert (told["action"], told["section"], told["now"]) == ("renamed", "politics", "state")
    assert any("politics/" in note for note in told["notes"])
    state = site.load().config.sections["state"]
    assert state.title == "Politics and Government" and state.moved_from == ("politics",)
    assert state.match.folders == ("politics", "state")

    assert run("section", "rename", "sports", "games").exit_code == 0
    assert site.load().config.sections["games"].match.folders == ()  # nothing lies in sports/

    assert run("section", "remove", "state").exit_code == 0
    config = site.load().config
    assert "state" not in config.sections and set(config.removed) == {"politics", "state"}


def test_what_people_called_it_before_still_files(site: Site, run: Run) -> None:
    """Front matter and editors' corrections that name a section as it was."""
    site.write("named.md", article("Named", section="sports"))
    site.write("corrected.md", article("Corrected"))
    site.scan()
    assert run("file", "corrected.md", "sports").exit_code == 0
    assert run("section", "rename", "sports", "games").exit_code == 0
    site.write("late.md", article("Late", section="sports"))
    site.scan()
    site.write("corrected.md", article("Corrected again"))
    site.scan()
    with site.service() as service:
        found = {one.path: one.filing.sections for one in service.store.entries(State.LIVE)}
    assert found == dict.fromkeys(("named.md", "corrected.md", "late.md"), ("games",))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "politics"], "already"),
        (["add", "all"], "taken by feedsvc itself"),
        (["add", "Sport News"], "sport-news"),
        (["add", "x", "--title", "Sports"], 'same title as the section "sports"'),
        (["add", "x", "--any", "/(a/"], "sections.x.match.any"),
        (["rename", "polticis", "x"], "did you mean politics?"),
        (["rename", "politics", "sports"], "already"),
        (["remove", "weather"], "there are: politics, sports, culture"),
    ],
)
def test_what_would_be_a_fault_is_refused(
    site: Site, run: Run, words: list[str], said: str
) -> None:
    before = site.config.read_bytes()
    done = run("section", *words)
    assert done.exit_code == 2 and said in done.output, done.output
    assert site.config.read_bytes() == before and len(list(site.root.iterdir())) == 2


@pytest.mark.parametrize("command", ["section add x", "section remove politics", "admin password"])
def test_a_broken_config_is_refused_with_its_faults(site: Site, run: Run, command: str) -> None:
    site.config.write_text(site.config.read_text() + "  sport news: x\nfeed: {}\n")
    done = run(*command.split())
    assert done.exit_code == 2
    assert "sport-news" in done.output and "did you mean feeds?" in done.output
    site.config.unlink()
    assert "there is no such file" in run(*command.split()).output


def test_the_file_keeps_its_mode_its_owner_and_its_link(site: Site, run: Run) -> None:
    real = site.root / "etc" / "real.yaml"
    real.parent.mkdir()
    site.config.rename(real)
    site.config.symlink_to("etc/real.yaml")
    real.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(real, 12345, 23456)
    owner = (real.stat().st_uid, real.stat().st_gid)
    assert run("section", "add", "x").exit_code == 0
    assert site.config.is_symlink() and "x: X" in real.read_text()
    status = real.stat()
    assert stat.S_IMODE(status.st_mode) == 0o640 and (status.st_uid, status.st_gid) == owner
    assert list(real.parent.iterdir()) == [real]


def test_a_reader_sees_the_old_file_or_the_new_one(site: Site) -> None:
    """Never a part of it."""
    long = "\n".join(f"# {number} a comment that makes the file long" for number in range(5000))
    site.configure(f"{long}\n")
    seen: set[bytes] = {site.config.read_bytes()}
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(site.config.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    saved = set(seen)
    for name in ("x", "y", "z"):
        edit_config(site.config, {}, lambda text, name=name: add_section(text, name, {}))
        saved.add(site.config.read_bytes())
    done.set()
    reader.join()
    assert seen <= saved and len(saved) == 4


def test_what_somebody_else_saved_meanwhile_stays(site: Site, run: Run) -> None:
    def change(text: str) -> Edit:
        site.config.write_text(text + "# theirs\n")
        return Edit(text + "# ours\n")

    with pytest.raises(EditError, match="somebody else"):
        edit_config(site.config, {}, change)
    assert site.config.read_text().endswith("# theirs\n")
    assert len(list(site.root.iterdir())) == 2


# The password


def enter(site: Site, words: str, typed: str) -> Result:
    return CliRunner().invoke(
        main, ["admin", "password", *words.split(), "--config", str(site.config)], input=typed
    )


@pytest.mark.parametrize("words", ["", "--stdin"])
def test_a_password_becomes_a_hash(site: Site, words: str) -> None:
    """It stands nowhere itself, and another one takes its place."""
    for password in ("correct horse battery", "gültig und länger"):
        done = enter(site, words, f"{password}\n{password}\n")
        assert done.exit_code == 0 and password not in done.output
        written = site.load().config.admin.password_hash
        assert written.startswith("scrypt:") and check_password_hash(written, password)
        assert password not in site.config.read_text()
    assert enter(site, "--remove", "").exit_code == 0
    assert "admin" not in site.config.read_text()
    assert "no password" in enter(site, "--remove", "").output


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ("--stdin", "short\n", "12 characters or more"),
        ("--stdin", "", "12 characters or more"),
        ("--stdin", "x" * 5000, "1000 characters or less"),
        ("", "correct horse battery\nanother one, too\n", "do not match"),
        ("", "short\nshort\n", "12 characters or more"),
        ("--stdin --remove", "", "not both"),
    ],
)
def test_a_password_that_cannot_be_set_changes_nothing(
    site: Site, words: str, typed: str, said: str
) -> None:
    before = site.config.read_bytes()
    done = enter(site, words, typed)
    assert done.exit_code == 2 and said in done.output, done.output
    assert site.config.read_bytes() == before


def test_a_wrong_hash_is_mended_by_the_command_that_it_names(site: Site) -> None:
    site.configure("admin:\n  password_hash: secret\n")
    with pytest.raises(Exception, match="run feedsvc admin password"):
        site.load()
    assert enter(site, "--stdin", "correct horse battery\n").exit_code == 0
    assert site.load().config.admin.password_hash.startswith("scrypt:")


# While it is served


def test_a_running_server_has_it_in_force(site: Site, run: Run) -> None:
    site.write("transport/tram.md", article("Tram"))
    with serving(site) as server:
        run("section", "add", "transport")
        wait_until(lambda: server.get("/feeds/transport.xml").status == 200)
        assert "Tram" in server.items("transport")
        ids = {item.id for item in server.items("transport").values()}
        run("section", "rename", "transport", "traffic")
        wait_until(lambda: server.get("/feeds/traffic.xml").status == 200)
        moved = server.get("/feeds/transport.atom")
        assert (moved.status, moved.headers["location"]) == (301, "/feeds/traffic.atom")
        assert {item.id for item in server.items("traffic").values()} == ids
        run("section", "remove", "traffic")
        wait_until(lambda: server.get("/feeds/traffic.xml").status == 410)
        assert server.get("/feeds/transport.xml").status == 410
        assert "Tram" in server.items()


def test_what_is_written_is_what_is_checked(tmp_path: Path) -> None:
    """With the environment, which wins over the file."""
    config = Site(tmp_path / "site").config
    environment = {"FEEDSVC_FILING__FALLBACK": "politics"}
    before = config.read_bytes()
    with pytest.raises(ConfigError, match="there is no section"):
        edit_config(config, environment, lambda text: remove_section(text, "politics"))
    assert config.read_bytes() == before and parse_config(before, config, environment)

"""Each command as a person and as a program use it, with its exit codes: 0 fine, 1, 2."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sites import Site, article, serving, snapshot, wait_until

from feedsvc.cli import main

# scan


def test_scan_tells_what_it_did(site: Site, run: Callable[..., Result]) -> None:
    """New, changed, moved, gone, refused and unfiled, each by path."""
    moved = "What moves has words of its own."
    site.write("politics/a.md", article("A"))
    site.write("politics/b.md", article("B"))
    site.write("politics/c.md", article("C", moved))
    site.write("loose.md", article("Zebra", "Nothing that any section knows."))
    first = run("scan", "--json")
    assert first.exit_code == 0, first.output
    report = json.loads(first.stdout)
    assert report["seen"] == 4
    assert sorted(report["new"]) == ["loose.md", "politics/a.md", "politics/b.md", "politics/c.md"]
    assert report["unfiled"] == ["loose.md"]
    assert report["changed"] == report["moved"] == report["gone"] == report["refused"] == []

    site.write("politics/a.md", article("A", "Another text."))
    (site.content / "politics/b.md").unlink()
    (site.content / "politics/c.md").rename(site.content / "politics/d.md")
    site.write("politics/e.md", b"")
    second = run("scan", "--json")
    assert second.exit_code == 1
    report = json.loads(second.stdout)
    assert report["changed"] == ["politics/a.md"]
    assert report["gone"] == ["politics/b.md"]
    assert report["moved"] == [{"from": "politics/c.md", "to": "politics/d.md"}]
    assert report["refused"] == [{"path": "politics/e.md", "reason": "the file is empty"}]
    assert report["new"] == report["unfiled"] == []

    (site.content / "politics/e.md").unlink()
    third = run("scan")
    assert third.exit_code == 0 and "4 files seen" not in third.stdout
    assert "3 files seen" in third.stdout


def test_scan_without_a_change(site: Site, run: Callable[..., Result]) -> None:
    """F12: a second pass does nothing at all."""
    site.write("politics/a.md", article("A"))
    run("scan")
    before = site.store.read_bytes()
    report = json.loads(run("scan", "--json").stdout)
    assert report["new"] == report["changed"] == []
    assert site.store.read_bytes() == before


def test_scan_waits_for_a_file_that_is_being_written(
    run: Callable[..., Result], site: Site
) -> None:
    """A person who copies a file and scans at once expects it to be there."""
    site.settle = "200ms"
    site.configure()
    site.write("politics/a.md", article("A"))
    assert json.loads(run("scan", "--json").stdout)["new"] == ["politics/a.md"]


def test_scan_doubts_a_folder_that_empties(site: Site, run: Callable[..., Result]) -> None:
    """An unmounted disk withdraws nothing, until a person says so."""
    files = [site.write(f"politics/{n}.md", article(f"Number {n}")) for n in range(30)]
    run("scan")
    for file in files[:20]:
        file.unlink()
    doubted = run("scan", "--json")
    assert doubted.exit_code == 1
    assert "20 of 30 files vanished" in json.loads(doubted.stdout)["halted"]
    assert json.loads(run("sections", "--json").stdout)[0]["entries"] == 30
    accepted = run("scan", "--json", "--accept-deletions")
    assert accepted.exit_code == 0
    assert len(json.loads(accepted.stdout)["gone"]) == 20
    assert json.loads(run("sections", "--json").stdout)[0]["entries"] == 10


def test_scan_of_a_missing_folder(site: Site, run: Callable[..., Result]) -> None:
    """Wrong use: one line."""
    site.content.rmdir()
    result = run("scan")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1 and str(site.content) in result.stderr


# check


def test_check_finds_nothing_in_a_good_site(site: Site, run: Callable[..., Result]) -> None:
    """And writes nothing."""
    site.write("politics/a.md", article("A"))
    before = snapshot(site.root)
    assert (run("check").exit_code, run("check").stdout) == (0, "All is well.\n")
    assert json.loads(run("check", "--json").stdout) == []
    assert snapshot(site.root) == before


def test_check_finds_every_fault_of_the_config(site: Site, run: Callable[..., Result]) -> None:
    """All at once, with line, key, what is wrong and the likely meant word."""
    site.configure("  all: Everything\nfeeds:\n  itmes: 3\n  max_age: 5\n")
    lines = site.config.read_text().splitlines()
    result = run("check", "--json")
    assert result.exit_code == 1
    found = {fault["key"]: fault for fault in json.loads(result.stdout)}
    assert set(found) == {"sections.all", "feeds.itmes", "feeds.max_age"}
    for key, fault in found.items():
        assert fault["file"] == "config.yaml" and not fault["warning"]
        assert key.rpartition(".")[2] in lines[fault["line"] - 1]
    assert found["feeds.itmes"]["hint"] == "did you mean items?"


def test_check_finds_every_fault_of_the_content(site: Site, run: Callable[..., Result]) -> None:
    """File, line, key, what is wrong and the likely meant word; a warning is no fault."""
    site.write("politics/a.md", article("A", id="one"))
    site.write("politics/b.md", article("B", id="one"))
    site.write("politics/c.md", article("C", autor="X"))
    site.write("politics/d.md", article("D", date="31 February 2026"))
    site.write("politics/e.md", b"")
    result = run("check", "--json")
    assert result.exit_code == 1
    found = {fault["file"]: fault for fault in json.loads(result.stdout)}
    assert set(found) == {f"politics/{name}.md" for name in "bcde"}
    assert "politics/a.md" in found["politics/b.md"]["message"]
    assert (found["politics/c.md"]["line"], found["politics/c.md"]["key"]) == (3, "autor")
    assert "author" in found["politics/c.md"]["hint"]
    assert (found["politics/d.md"]["line"], found["politics/d.md"]["key"]) == (3, "date")
    assert found["politics/e.md"]["message"] == "the file is empty"
    text = run("check").stdout
    assert 'politics/c.md:3: autor: unknown key (did you mean "author"?)' in text
    assert text.endswith("4 faults, 0 warnings\n")


def test_check_warns_without_failing(site: Site, run: Callable[..., Result]) -> None:
    """What works, but surely not as meant."""
    site.config.write_text("site: {title: T}\ncontent: {folder: content}\n")
    result = run("check", "--json")
    assert result.exit_code == 0
    assert {fault["key"] for fault in json.loads(result.stdout)} == {"site.id", "sections"}


def test_check_lets_a_site_have_keys_of_its_own(site: Site, run: Callable[..., Result]) -> None:
    """A key that we do not know is kept and reported; only what looks mistyped is a fault."""
    site.write("politics/a.md", article("A", placement="front_page"))
    result = run("check")
    assert result.exit_code == 0
    assert "warning: politics/a.md:3: placement: unknown key\n" in result.stdout


# problems and sections


def test_problems_lists_what_needs_a_person(site: Site, run: Callable[..., Result]) -> None:
    """Refused and unfiled, each with its reason and since when; nothing of it once mended."""
    site.write("loose.md", article("Zebra", "Nothing that any section knows."))
    site.write("politics/bad.md", b"")
    run("scan")
    result = run("problems", "--json")
    assert result.exit_code == 1
    found = {one["path"]: one for one in json.loads(result.stdout)}
    assert found["politics/bad.md"]["kind"] == "refused"
    assert found["politics/bad.md"]["message"] == "the file is empty"
    assert found["loose.md"]["kind"] == "unfiled" and "Zebra" in found["loose.md"]["message"]
    assert all(one["since"] for one in found.values())
    text = run("problems").stdout
    assert "politics/bad.md" in text and "Zebra" in text

    site.write("loose.md", article("Zebra", section="culture"))
    site.write("politics/bad.md", article("Mended"))
    run("scan")
    assert (run("problems").exit_code, run("problems").stdout) == (0, "Nothing needs a person.\n")
    assert json.loads(run("problems", "--json").stdout) == []


def test_problems_lists_a_faulty_config(site: Site, run: Callable[..., Result]) -> None:
    """The command that tells what is wrong must not fail at what is wrong."""
    site.configure("  bad name: Bad\n")
    result = run("problems", "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)
    assert (problem["path"], problem["kind"]) == ("config.yaml", "config")
    assert "bad-name" in problem["message"]
    assert "bad-name" in run("problems").stdout


def test_sections_lists_counts_and_feeds(site: Site, run: Callable[..., Result]) -> None:
    """The whole site first, then each section as the config has them, empty ones too."""
    site.write("politics/a.md", article("A", date="2026-01-02"))
    site.write("politics/b.md", article("B", date="2026-01-03"))
    site.write("politics/c.md", article("C", embargo="2030-01-01"))
    run("scan")
    result = run("sections", "--json")
    assert result.exit_code == 0
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert list(rows) == ["all", "politics", "sports", "culture"]
    assert [row["entries"] for row in rows.values()] == [2, 2, 0, 0]
    assert rows["politics"]["newest"] == "2026-01-03T00:00:00+00:00"
    assert rows["sports"]["newest"] is None
    assert rows["politics"]["title"] == "Politics and Government"
    assert rows["politics"]["feeds"] == {
        suffix: f"http://gazette.test/feeds/politics.{suffix}" for suffix in ("xml", "atom", "json")
    }
    assert "http://gazette.test/feeds/culture.xml" in run("sections").stdout


# init


def test_init_makes_a_site_that_serves(tmp_path: Path) -> None:
    """The first five minutes: init, check, serve."""
    root = tmp_path / "new site"
    made = CliRunner().invoke(main, ["init", str(root)])
    assert made.exit_code == 0 and f"feedsvc serve --config {root / 'config.yaml'}" in made.stdout
    config = str(root / "config.yaml")
    checked = CliRunner().invoke(main, ["check", "--config", config])
    assert (checked.exit_code, checked.stdout) == (0, "All is well.\n")
    assert "# " in (root / "config.yaml").read_text()
    with serving(Site(root)) as server:
        # The config names no address yet: feeds name the one that is served.
        item = wait_until(lambda: server.items("culture").get("Welcome to your new site"))
        assert item.link.startswith(f"http://127.0.0.1:{server.port}/articles/")
        assert server.stop() == 0


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """A slip must not cost a site."""
    (tmp_path / "config.yaml").write_text("mine")
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["config.yaml"]
    assert (tmp_path / "config.yaml").read_text() == "mine"


def test_init_in_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """One line."""
    (tmp_path / "file").touch()
    result = CliRunner().invoke(main, ["init", str(tmp_path / "file" / "site")])
    assert result.exit_code == 2 and result.stderr.count("\n") == 1


# The program itself


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["serve", "--help"]])
def test_runs_as_a_module(words: list[str]) -> None:
    """``python -m feedsvc`` is the console script."""
    line = [sys.executable, "-m", "feedsvc", *words]
    result = subprocess.run(line, capture_output=True, text=True, timeout=30, check=True)
    assert "feedsvc" in result.stdout and result.stderr == ""


@pytest.mark.parametrize(
    "words", [["nothing"], ["serve", "--role", "both"], ["scan", "--wrong"], ["explain"]]
)
def test_wrong_words_are_wrong_use(words: list[str]) -> None:
    """Exit code 2, as for any misuse."""
    assert CliRunner().invoke(main, words).exit_code == 2


@pytest.mark.parametrize("name", ["scan", "problems", "sections", "serve", "explain"])
def test_missing_config_is_one_line(tmp_path: Path, name: str) -> None:
    """And says what to do."""
    words = [name, *(["x.md"] if name == "explain" else [])]
    result = CliRunner().invoke(main, [*words, "--config", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert "feedsvc init" in result.stderr


def test_environment_names_the_config(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For containers: the config, and any value in it."""
    site.write("politics/a.md", article("A"))
    monkeypatch.setenv("FEEDSVC_CONFIG", str(site.config))
    monkeypatch.setenv("FEEDSVC_STORE__URL", f"sqlite:///{tmp_path}/elsewhere.db")
    assert CliRunner().invoke(main, ["scan"]).exit_code == 0
    assert (tmp_path / "elsewhere.db").is_file() and not site.store.exists()

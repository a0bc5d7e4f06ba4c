"""``feedsvc explain``: tells everything of a file, and writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from lxml import etree
from sites import Site, article, plain_environment, serving, snapshot, wait_until


def explain(run: Callable[..., Result], *words: str) -> dict[str, Any]:
    """Return what explain says of a file."""
    result = run("explain", *words, "--json")
    assert result.exit_code == 0, result.output
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


SCRAPED = """\
Parliament passes the harbour budget

By Ada Lovelace

SHARE THIS

Lawmakers met all night, and the vote was close.

The parliament passed the budget on Tuesday after a long debate about the harbour and its ferries.
"""


def test_explain_tells_everything(site: Site, run: Callable[..., Result]) -> None:
    """Title, standfirst, authors, dates and their sources, sections and why, cuts and why."""
    site.write("politics/2026-01-02-budget.txt", SCRAPED)
    facts = explain(run, str(site.content / "politics/2026-01-02-budget.txt"))
    assert facts["title"] == "Parliament passes the harbour budget"
    assert facts["authors"] == ["Ada Lovelace"]
    assert facts["published"]["at"].startswith("2026-01-02T")
    assert facts["published"]["source"] == "file name"
    assert [one["name"] for one in facts["sections"]] == ["politics"]
    assert "folder" in facts["sections"][0]["why"]
    cuts = {cut["text"]: cut for cut in facts["cuts"]}
    assert cuts["SHARE THIS"]["line"] == 5 and cuts["SHARE THIS"]["reason"]
    assert facts["visible"] and facts["status"] == "live"
    entry = etree.fromstring(facts["entry"])
    assert entry.tag == "{http://www.w3.org/2005/Atom}entry"
    text = run("explain", "politics/2026-01-02-budget.txt").stdout
    for word in ("Ada Lovelace", "file name", "SHARE THIS", "<entry"):
        assert word in text


def test_explain_agrees_with_the_feed(site: Site, run: Callable[..., Result]) -> None:
    """What it shows is what is published, with the very id; before and after the scan."""
    site.write("politics/a.md", article("A", date="2026-01-02"))
    before = explain(run, "politics/a.md")
    run("scan")
    assert explain(run, "politics/a.md") == before
    with site.service() as service:
        feed = service.store.representations_since(0)["/feeds/politics.atom"]
    assert feed
    (entry,) = etree.fromstring(feed.bodies["identity"]).findall(
        "{http://www.w3.org/2005/Atom}entry"
    )
    assert entry.findtext("{http://www.w3.org/2005/Atom}id") == before["id"]


@pytest.mark.parametrize("scanned", [False, True], ids=["no store", "store"])
def test_explain_writes_nothing(site: Site, run: Callable[..., Result], scanned: bool) -> None:
    """Not one byte, neither in the folder nor in the store."""
    site.write("politics/a.md", article("A"))
    site.write("loose.txt", SCRAPED)
    if scanned:
        run("scan")
    before = snapshot(site.root)
    for name in ("politics/a.md", "loose.txt"):
        explain(run, name)
        run("explain", name)
    assert snapshot(site.root) == before
    assert site.store.exists() == scanned


def test_explain_beside_a_running_engine(site: Site) -> None:
    """It takes no lock that anybody would wait for."""
    site.write("politics/a.md", article("A"))
    with serving(site) as server:
        line = [sys.executable, "-m", "feedsvc", "explain", "politics/a.md", "--json"]
        result = subprocess.run(line, cwd=site.root, capture_output=True, timeout=30, check=True)
        assert json.loads(result.stdout)["id"] == server.items()["A"].id
        site.write("politics/b.md", article("B"))
        wait_until(lambda: "B" in server.items())


def test_explain_of_an_embargoed_article(site: Site, run: Callable[..., Result]) -> None:
    """The editor sees what nobody else does, and that nobody does."""
    site.write("politics/a.md", article("A", embargo="2030-01-01"))
    facts = explain(run, "politics/a.md")
    assert not facts["visible"]
    assert facts["published"]["source"] == "front matter embargo"
    assert "<entry" in facts["entry"]


REFUSED = {
    "empty.md": (b"", "the file is empty"),
    "binary.txt": (b"\x00\xff\x01" * 99, "binary"),
    "table.xlsx": (b"PK", 'no reader for files that end in ".xlsx"'),
    ".hidden.md": (b"words", "is hidden"),
    "half.md.part": (b"words", 'no reader for files that end in ".part"'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_explain_says_why_a_file_is_refused(
    site: Site, run: Callable[..., Result], name: str
) -> None:
    """Exit code 1, and the same reason that a scan would give."""
    data, reason = REFUSED[name]
    site.write(name, data)
    result = run("explain", name, "--json")
    assert result.exit_code == 1
    assert reason in json.loads(result.stdout)["refused"]
    assert run("explain", name).stdout.startswith(f"{name}: refused: ")


def test_explain_follows_no_link_out(site: Site, run: Callable[..., Result]) -> None:
    """As a scan does not."""
    (site.root / "outside.md").write_text(article("Outside"))
    (site.content / "link.md").symlink_to(site.root / "outside.md")
    result = run("explain", str(site.content / "link.md"), "--json")
    assert result.exit_code == 1
    assert "leads out of the content folder" in json.loads(result.stdout)["refused"]


def test_explain_of_a_name_that_is_no_text(site: Site, run: Callable[..., Result]) -> None:
    """Names are bytes; JSON is not."""
    name = os.fsdecode(b"bad-\xff.md")
    site.write(name, article("Bad name"))
    result = run("explain", str(site.content / name), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["path"] == "bad-?.md"
    assert run("explain", str(site.content / name)).exit_code == 1


def test_explain_names_all_files_of_a_story(site: Site, run: Callable[..., Result]) -> None:
    """For either of them: which leads, why, and what is published (issue 5)."""
    text = SCRAPED + "\nThe ferries carry more people each year; their piers are narrow.\n"
    old, new = "politics/2026-01-02-budget.txt", "culture/2026-01-03-harbour.txt"
    site.write(old, text)
    site.write(new, text.replace("passes the", "passes its"))
    site.scan()
    scanned = run("scan", "--json")
    assert json.loads(scanned.stdout)["copies"] == []  # nothing new
    first, second = explain(run, old), explain(run, new)
    assert first["story"] == second["story"]
    assert first["story"]["leads"] == new
    (copy,) = first["story"]["copies"]
    assert copy["path"] == old and "newer date" in copy["why"]
    assert [one["name"] for one in first["sections"]] == ["culture", "politics"]
    assert first["sections"] == second["sections"]
    for what in ("id", "entry"):
        assert first[what] == second[what]
    assert first["title"] != second["title"]
    shown = " ".join(run("explain", old).stdout.split())
    assert f"{new} leads" in shown and old in shown


@pytest.mark.parametrize("path", ["nothing.md", "/etc/hostname", "config.yaml", "."])
def test_explain_of_no_article_is_wrong_use(
    site: Site, run: Callable[..., Result], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line."""
    monkeypatch.chdir(site.root)
    result = run("explain", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("feedsvc: ") and result.stderr.count("\n") == 1


def test_output_goes_through_a_closed_pipe(site: Site) -> None:
    """``feedsvc explain FILE | head`` ends without a traceback."""
    site.write("politics/a.md", article("A", "Word. " * 50_000))
    with subprocess.Popen(
        [sys.executable, "-m", "feedsvc", "explain", "politics/a.md", "--json"],
        cwd=site.root,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()

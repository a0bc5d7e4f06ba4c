"""The real scraped file that the project was made for; it is not ours, so it lies elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sites import FORMATS, PROJECT, parse_atom, parse_feed, plain_text

from feedsvc.cli import main
from feedsvc.config import load_config
from feedsvc.service import Service

SEEDS = sorted((PROJECT.parent / "shared" / "seeds").glob("*.txt"))

pytestmark = pytest.mark.skipif(not SEEDS, reason="the real seed file is not on this machine")

FIRST = "Washington Metropolitan Police Chief Pamela Smith"
LAST = "in June."
STANDFIRST = "Immigrants who haven't been detained"
FURNITURE = ["SHARE THIS", "NBC News Clone", "AdBlock", "Getty Images", "Related Articles"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder that holds the real file alone, with its time."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copy2(SEEDS[0], folder / SEEDS[0].name)
    return folder


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    """What makes the project's own config read that folder, with a store of its own."""
    return {
        "FEEDSVC_CONTENT__FOLDER": str(folder),
        "FEEDSVC_STORE__URL": f"sqlite:///{folder}/var/feedsvc.db",
    }


@pytest.fixture(scope="module")
def explained(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What ``feedsvc explain --json`` says of it."""
    file, config = folder / SEEDS[0].name, PROJECT / "config.yaml"
    words = ["explain", str(file), "--config", str(config), "--json"]
    result = CliRunner(env=environment).invoke(main, words)
    assert result.exit_code == 0, result.output
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


@pytest.fixture(scope="module")
def bodies(environment: dict[str, str]) -> Iterator[dict[str, bytes]]:
    """The feeds of a site that has only this file."""
    service = Service(load_config(PROJECT / "config.yaml", environment))
    service.start()
    service.finish_pass(service.scan())
    found = service.store.representations_since(0)
    service.close()
    yield {path: one.bodies["identity"] for path, one in found.items() if one}


def test_explained(folder: Path, explained: dict[str, Any]) -> None:
    """Title, standfirst, body, section, no author, and its date is the file's own time."""
    lines = SEEDS[0].read_text(encoding="utf-8").splitlines()
    modified = datetime.fromtimestamp((folder / SEEDS[0].name).stat().st_mtime, UTC)
    assert explained["title"] == lines[0]
    assert explained["standfirst"].startswith(STANDFIRST)
    assert explained["standfirst"] in lines
    text = explained["text"].strip()
    assert text.startswith(FIRST) and text.endswith(LAST)
    assert [one["name"] for one in explained["sections"]][:1] == ["politics"]
    assert explained["sections"][0]["why"]
    assert explained["authors"] == []
    assert explained["published"]["source"] == "file time"
    assert datetime.fromisoformat(explained["published"]["at"]) == modified


def test_every_line_is_kept_or_cut_with_a_reason(explained: dict[str, Any]) -> None:
    """Nothing disappears in silence."""
    cuts = {cut["line"]: cut for cut in explained["cuts"]}
    kept = [explained["title"], explained["standfirst"], *explained["text"].splitlines()]
    for number, line in enumerate(SEEDS[0].read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            assert (number in cuts) != (line.strip() in kept), (number, line)
    assert all(cut["reason"] for cut in cuts.values())


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("section", ["all", "politics"])
def test_in_the_feeds(bodies: dict[str, bytes], section: str, suffix: str) -> None:
    """The same in every format, and no word of the site around it."""
    body = bodies[f"/feeds/{section}.{suffix}"]
    (entry,) = parse_feed(suffix, body)
    text = plain_text(entry["content"])
    assert entry["title"] == SEEDS[0].read_text(encoding="utf-8").splitlines()[0]
    assert text.startswith(FIRST) and text.endswith(LAST)
    assert STANDFIRST in body.decode()
    assert not [word for word in FURNITURE if word in body.decode()]


def test_in_no_other_section(bodies: dict[str, bytes]) -> None:
    """It is filed in politics, and nowhere else."""
    feeds = [path for path in bodies if path.startswith("/feeds/") and path.endswith(".atom")]
    filled = {path for path in feeds if parse_atom(bodies[path])}
    assert len(feeds) == 11
    assert filled == {"/feeds/all.atom", "/feeds/politics.atom"}

"""Sections that were renamed or removed: no reader is lost without a word (R21, R23, F27)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from sites import Site, article, plain_environment
from workers import Worker

OpenWorker = Callable[..., Worker]
SUFFIXES = ("xml", "atom", "json", "rss")


def rename(site: Site, entry: str, more: str = "") -> None:
    """Put ``entry`` in the place of the section of politics."""
    text = site.config.read_text().replace("  politics: Politics and Government\n", entry)
    site.config.write_text(text + more)


@pytest.fixture
def old(site: Site) -> Site:
    """A site with 60 articles of politics that was published."""
    for number in range(60):
        date = f"2026-01-{number // 24 + 1:02}T{number % 24:02}:00:00Z"
        site.write(f"politics/{number}.md", article(f"Story {number}", date=date))
    site.scan()
    return site


MOVED = """\
  state:
    title: The State
    moved_from: [politics, government]
    match: {folders: [politics]}
"""


@pytest.mark.parametrize("base", ["http://gazette.test", "http://gazette.test/news"])
def test_F27_R21_old_addresses_lead_on_in_one_hop(
    old: Site, open_worker: OpenWorker, base: str
) -> None:
    """Feeds, pages and archive documents; what they lead to is there and holds the articles."""
    rename(old, MOVED)
    old.config.write_text(old.config.read_text().replace("http://gazette.test", base))
    old.scan()
    worker = open_worker(old)
    prefix = base.partition("gazette.test")[2]
    ends = [*(f"/feeds/{{}}.{end}" for end in SUFFIXES), "/sections/{}"]
    ends += [f"/feeds/{{}}/archive/1.{end}" for end in ("xml", "atom", "json")]
    for name in ("politics", "government"):
        for end in ends:
            answer = worker.fetch(end.format(name))
            assert answer.status == 301, end
            target = end.format("state").replace(".rss", ".xml")
            assert answer.headers["location"] == prefix + target
            there = worker.fetch(prefix + target)
            assert there.status == 200 and "Story" in there.text, target
            # R21: a client that asks with a condition learns the new address as well.
            assert worker.fetch(end.format(name), If_None_Match='"x"').status == 301
    beyond = worker.fetch("/feeds/politics/archive/99.atom")
    assert (beyond.status, beyond.headers["location"]) == (301, f"{prefix}/feeds/state.atom")


def test_R37_ids_stay_when_a_section_is_renamed(old: Site, open_worker: OpenWorker) -> None:
    """No reader sees everything twice."""
    worker = open_worker(old)
    before = {one["id"] for one in json.loads(worker.fetch("/feeds/politics.json").body)["items"]}
    rename(old, MOVED)
    old.scan()
    worker.live.refresh()
    after = {one["id"] for one in json.loads(worker.fetch("/feeds/state.json").body)["items"]}
    assert before == after


def test_F27_R23_removed_sections_answer_410(old: Site, open_worker: OpenWorker) -> None:
    """Plain text for readers, a page for people, the same for HEAD; archive documents too."""
    rename(old, "", "removed: [politics]\n")
    old.scan()
    worker = open_worker(old)
    for end in SUFFIXES:
        path = f"/feeds/politics.{end}"
        answer = worker.fetch(path)
        assert answer.status == 410 and answer.body.startswith(b"410 Gone\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert worker.fetch(path, "HEAD").status == 410
        assert worker.fetch(path, If_None_Match=answer.headers.get("etag", "*")).status == 410
    assert worker.fetch("/feeds/politics/archive/1.atom").status == 410
    page = worker.fetch("/sections/politics")
    assert page.status == 410 and "This section has ended" in page.text
    assert "politics" not in worker.fetch("/feeds.opml").text


def test_removed_section_may_come_back(old: Site, open_worker: OpenWorker) -> None:
    """410 is for good only as long as the config says so."""
    before = old.config.read_text()
    rename(old, "", "removed: [politics]\n")
    old.scan()
    worker = open_worker(old)
    old.config.write_text(before)
    old.scan()
    worker.live.refresh()
    answer = worker.fetch("/feeds/politics.xml")
    assert answer.status == 200 and answer.text.count("<item>") == 50


def test_check_reports_a_section_that_went_without_a_word(old: Site) -> None:
    """Both ways out are named; either one ends the report."""

    def check() -> tuple[int, list[dict[str, str]]]:
        line = [sys.executable, "-m", "feedsvc", "check", "--json", "--config", str(old.config)]
        answer = subprocess.run(
            line, capture_output=True, timeout=60, check=False, env=plain_environment()
        )
        return answer.returncode, json.loads(answer.stdout)

    assert check() == (0, [])
    whole = old.config.read_text()
    rename(old, "")
    for scanned in (False, True):
        if scanned:
            old.scan()  # the name is remembered, however often the site is published without it
        code, (fault,) = check()
        assert code == 1 and 'the section "politics"' in fault["message"]
        assert "moved_from: [politics]" in fault["hint"] and "removed: [politics]" in fault["hint"]
    removed = old.config.read_text() + "removed: [politics]\n"
    for mended in (removed, whole.replace("  politics: Politics and Government\n", MOVED), whole):
        old.config.write_text(mended)
        assert check() == (0, [])

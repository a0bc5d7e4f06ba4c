"""Which articles tell the same story: the rule, over pairs of invented ones (issue 5).

A pair is found by its sketches and judged by what it shares; both are tested, with the articles as
they are read from real bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from feedsvc.ingest import Reading, read_article
from feedsvc.model import Article
from feedsvc.scan import Story, compare, leads
from feedsvc.scan.copies import sketch_of

HERE = Path(__file__).parent / "copies"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def load(name: str) -> Any:
    """Return a file of cases."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


STORIES = load("stories")
SAME, DIFFERENT = load("same"), load("different")


def read(title: str, paragraphs: list[str], path: str = "a.txt") -> Article:
    """Return the article that a file with these paragraphs becomes."""
    text = "\n\n".join([f"# {title}" if path.endswith(".md") else title, *paragraphs]) + "\n"
    return read_article(path, text.encode(), NOW, Reading(now=NOW))


def make_pair(case: dict[str, Any]) -> tuple[Article, Article]:
    """Return the two articles of a case."""
    one = STORIES[case["one"]]
    base = STORIES[case.get("other", case["one"])]
    places = case.get("order") or range(len(base["text"]))
    kept = [base["text"][place] for place in places if place not in case.get("drop", ())]
    kept = kept[: case.get("keep")]
    for old, new in case.get("replace", {}).items():
        assert any(old in each for each in kept) or old in base["title"], (case["name"], old)
        kept = [each.replace(old, new) for each in kept]
    kept = [*case.get("first", ()), *kept, *case.get("last", ())]
    if case.get("joined"):
        kept = [" ".join(kept)]
    first = read(one["title"], one["text"], "b.md" if case.get("markup") else "b.txt")
    return first, read(case.get("title", base["title"]), kept)


@pytest.mark.parametrize("case", SAME, ids=lambda case: case["name"])
def test_one_story(case: dict[str, Any]) -> None:
    one, other = make_pair(case)
    assert set(sketch_of(one.content)) & set(sketch_of(other.content)), "is not even a candidate"
    for pair in ((one, other), (other, one)):
        likeness = compare(Story(pair[0]), Story(pair[1]))
        assert likeness.same, likeness.why


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case["name"])
def test_two_stories(case: dict[str, Any]) -> None:
    one, other = make_pair(case)
    for pair in ((one, other), (other, one)):
        likeness = compare(Story(pair[0]), Story(pair[1]))
        assert not likeness.same, likeness.why


def test_files_that_were_written_together_are_of_one_date() -> None:
    """So the longer text leads, and not what a copying tool wrote a moment later."""
    short = b"# Ferry is back\n\nThe river ferry will run again from Monday."
    longer = short + b"\n\nA second boat will be kept as a reserve."
    reading = Reading(now=NOW + timedelta(hours=1))
    early = read_article("a.md", longer, NOW, reading)
    late = read_article("b.md", short, NOW + timedelta(milliseconds=1), reading)
    assert leads(early, late) == "it has the longer text" and not leads(late, early)
    dated = f"---\ndate: {(NOW + timedelta(seconds=5)).isoformat()}\n---\n".encode() + short
    assert leads(read_article("b.md", dated, NOW, reading), early) == "it has the newer date"

"""How tags and authors name their feeds, as data in labels.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import Config
from feedsvc.labels import LABEL_CHARS_MOST, feed_path, label_of, labels_of
from feedsvc.publication import Cut, read_cut

CASES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "labels.yaml").read_text(encoding="utf-8")
)
CONFIG = Config.model_validate(
    {
        "sections": {
            "politics": "Politics",
            "health": {"title": "Health", "moved_from": ["medicine"]},
            "sports": "Sports",
        },
        "removed": ["gossip"],
    }
)


@pytest.mark.parametrize(("tag", "name"), CASES["names"].items())
def test_a_tag_names_its_feed(tag: str, name: str) -> None:
    assert label_of("tag", tag) == name


@pytest.mark.parametrize("spellings", CASES["same"])
def test_spellings_of_one_tag_are_one_feed(spellings: list[str]) -> None:
    assert len(set(labels_of(spellings, ()))) == 1


@pytest.mark.parametrize("tag", CASES["none"])
def test_what_names_nothing_has_no_feed(tag: str) -> None:
    """It stays a category of its article."""
    assert labels_of([tag], [tag]) == ()


@given(st.text(max_size=80))
def test_any_tag_leads_to_itself(tag: str) -> None:
    """The name that a tag gives is its own name, and its address leads back to it."""
    name = label_of("tag", tag)
    if name:
        assert label_of("tag", name.removeprefix("tag/")) == name
        assert len(name) <= LABEL_CHARS_MOST + 4
        path = feed_path(name)
        assert path.isascii() and unquote(path) == f"/feeds/{name}"


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("politics+health", Cut("politics+health", ("politics", "health"))),
        ("health+politics", Cut("politics+health", ("politics", "health"))),
        ("Sports+HEALTH", Cut("health+sports", ("health", "sports"))),
        ("sports+medicine", Cut("health+sports", ("health", "sports"))),
        ("politics+gossip+sports", Cut("politics+sports", ("politics", "sports"))),
        ("politics+politics", Cut("politics", ("politics",))),
        ("politics+nothing", None),
        ("politics+", None),
        ("+", None),
        ("gossip+gossip", None),
        ("politics+all", None),
        ("tag/Climate Change", Cut("tag/climate-change")),
        ("author/Ann Lee", Cut("author/ann-lee")),
        ("page/1", None),
        ("tag/", None),
        ("author/---", None),
    ],
)
def test_names_of_other_cuts(name: str, cut: Cut | None) -> None:
    """Sections in any order, by names that they had; a removed one is left out."""
    assert read_cut(name, CONFIG) == cut


def test_a_union_of_too_many_is_none() -> None:
    """More sections than anybody would put together: only the whole site has them all."""
    config = Config.model_validate({"sections": {f"s{n}": "S" for n in range(9)}})
    names = list(config.sections)
    assert read_cut("+".join(names[:8]), config) and read_cut("+".join(names), config) is None

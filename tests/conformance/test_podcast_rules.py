"""Every rule of Apple's can fail: a good podcast passes all, and each broken one fails its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from podcast_rules import CATEGORIES, PODCAST_RULES, find_podcast_faults
from rss_rules import find_rss_faults
from test_rules import break_document

from feedsvc.config.podcasts import CATEGORIES as OURS

HERE = Path(__file__).parent
GOOD = (HERE / "documents" / "podcast.xml").read_text(encoding="utf-8")
CASES: list[dict[str, Any]] = yaml.safe_load(
    (HERE / "cases" / "broken_podcast.yaml").read_text(encoding="utf-8")
)


def test_good_podcast_passes_every_rule() -> None:
    assert find_podcast_faults(GOOD.encode()) == {}
    assert find_rss_faults(GOOD.encode()) == {}


@pytest.mark.parametrize(
    "case", [pytest.param(one, id=f"{one['rule']}-{at}") for at, one in enumerate(CASES)]
)
def test_broken_podcast_fails_its_rule(case: dict[str, Any]) -> None:
    faults = find_podcast_faults(break_document(GOOD, case).encode())
    assert faults.keys() == {case["rule"], *case.get("also", ())}, faults


def test_every_rule_has_a_podcast_that_fails_it() -> None:
    assert PODCAST_RULES.checks.keys() == {case["rule"] for case in CASES}


def test_the_config_knows_apples_categories() -> None:
    assert {name: list(below) for name, below in OURS.items()} == CATEGORIES

"""What a person decided: front matter, folder, explicit rules, in this order (DESIGN "Filing")."""

from __future__ import annotations

import pickle
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from filing_samples import HERE, make_article, make_rules
from pydantic import ValidationError

from feedsvc.config import Config
from feedsvc.config import rules as rules_of_config
from feedsvc.filing import Model, decide, decide_certain
from feedsvc.ingest import read_text, reading_for

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

CASES = yaml.safe_load((HERE / "certain_cases.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_certain_case(case: dict[str, Any]) -> None:
    rules = make_rules(case["sections"])
    article = make_article(**case["article"])
    filing = decide_certain(article, rules)
    filed = [] if filing is None else [[one.section, one.why] for one in filing.filed]
    assert filed == case["filed"]
    if filing is not None:
        assert filing.certain
        assert filing.margin == 1.0
        assert decide(article, rules, Model(rules)) == filing


def test_rules_can_be_sent_to_another_process() -> None:
    rules = make_rules({"a": {"match": {"any": ["/x+/"], "keywords": ["freedom of speech"]}}})
    copy = pickle.loads(pickle.dumps(rules))
    article = make_article("xx")
    assert decide_certain(article, copy) == decide_certain(article, rules) is not None


@pytest.mark.parametrize(
    ("term", "says"),
    [
        ("...", "no word to find"),
        ("/(a+)+$/", "repeats a group"),
        ("/(?:[ab]*c?)*/", "repeats a group"),
        (r"/((\w+ )b){2,}/", "repeats a group"),
    ],
)
def test_unusable_rule_never_gets_as_far_as_filing(term: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make_rules({"a": {}, "b": {"match": {"any": ["fine", term], "none": [term]}}})
    errors = caught.value.errors()
    assert [error["loc"][-2:] for error in errors] == [("any", 1), ("none", 0)]
    assert says in errors[0]["msg"]


ENDLESS = r"ferry(.|\s)*levy"
FERRY = "The ferry took on passengers, " + "and cars, and bicycles, and dogs, " * 20


def test_pattern_without_end_is_broken_off_and_then_put_aside(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It spoils neither the article nor another section's rules, and no engine stands still."""
    monkeypatch.setattr(rules_of_config, "_SEARCH_MOST", 0.05)
    sections = {"money": {"match": {"any": [f"/{ENDLESS}/"]}}, "sea": {"match": {"any": ["ferry"]}}}
    rules = make_rules(sections)
    for number in range(5):
        filing = decide_certain(make_article(f"Day {number}", FERRY), rules)
        assert filing and filing.sections == ("sea",)
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(one["pattern"], one["matches"]) for one in told] == [
        (ENDLESS, "not this article"),
        (ENDLESS, "not this article"),
        (ENDLESS, "nothing from now on"),
    ]


@pytest.mark.parametrize("key", ["drop", "keep", "stop_at"])
def test_cleaning_rule_without_end_is_broken_off(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(rules_of_config, "_SEARCH_MOST", 0.05)
    config = Config.model_validate({"cleaning": {key: [ENDLESS]}})
    text = f"Ferry sails again\n\n{FERRY}.\n\nIt will sail on Monday.\n"
    article = read_text("a.txt", text, NOON, reading_for(config, NOON))
    assert "It will sail on Monday." in article.text and "passengers" in article.text


@pytest.mark.parametrize("term", ["'s", "author:'s", "tag:'s", "path:'s"])
def test_a_rule_of_which_no_word_is_left_finds_nothing(term: str) -> None:
    rules = make_rules({"a": {"match": {"any": [term]}}})
    article = make_article("The mayor's words", "It's hers.", authors=["O'Hara"], tags=["'s", "x"])
    assert decide_certain(article, rules) is None


@pytest.mark.parametrize(
    "term", [r"/(a|b)+c/", r"/\(a+\)+/", r"/[(+]+\s*(x)?/", "/(ab){3}c*/", r"/(?<!x)y+/"]
)
def test_harmless_patterns_are_taken(term: str) -> None:
    assert make_rules({"a": {"match": {"any": [term]}}}).terms.all[0].text == term


def test_two_hundred_sections_take_one_pass() -> None:
    sections = {
        f"s{number}": {"match": {"any": [f"w{number}", f"town w{number}"], "none": [f"n{number}"]}}
        for number in range(200)
    }
    rules = make_rules(sections)
    article = make_article("Town w7", "word " * 500 + "w9")
    started = time.perf_counter()
    for _ in range(20):
        filing = decide_certain(article, rules)
    # 0.15 ms measured; a pass for each term takes 20 ms.
    assert (time.perf_counter() - started) / 20 < 0.005
    assert filing is not None
    assert filing.sections == ("s7", "s9")


def test_huge_article_is_bounded() -> None:
    rules = make_rules({"a": {"match": {"any": ["needle", r"/\w+\s+needle/"]}}})
    article = make_article("x", "a" * 5_000_000 + " needle")
    started = time.perf_counter()
    assert decide_certain(article, rules) is None
    assert time.perf_counter() - started < 5

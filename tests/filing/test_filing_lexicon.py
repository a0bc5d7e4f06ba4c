"""The words usual for a section: heard where it bears a topic's name, never over a keyword."""

from __future__ import annotations

from typing import Any

import pytest
from filing_samples import make_article, make_rules

from feedsvc.filing import Model
from feedsvc.filing.features import is_natural
from feedsvc.filing.lexicon import _read_topics, find_topics
from feedsvc.filing.rules import KEYWORD_WEIGHT, USUAL_WEIGHT


@pytest.mark.parametrize(
    ("name", "title", "topics"),
    [
        ("sports", "Sports", ["sports"]),
        ("sport", "", ["sports"]),
        ("world", "Politics of the World", ["world"]),
        ("s7", "Health and Medicine", ["health"]),
        ("business-technology", "", ["business", "technology"]),
        ("boats", "Boats and Harbours", []),
    ],
)
def test_topics_are_known_by_the_name_or_else_the_title(
    name: str, title: str, topics: list[str]
) -> None:
    assert [topic.name for topic in find_topics(name, title)] == topics


def test_every_word_can_be_found_in_an_article() -> None:
    topics = _read_topics()
    assert len(topics) >= 15
    for topic in topics:
        assert [word for word in topic.words if not is_natural(tuple(word.split()))] == []


def test_sections_without_keywords_file_and_say_why() -> None:
    model = Model(make_rules({"sports": {}, "business": {}, "weather": {}}))
    article = make_article("Late winner", "The striker scored as fans sang in the stadium.")
    filing = model.decide(article)
    assert filing.sections == ("sports",)
    assert "striker (usual for sports)" in filing.filed[0].why


def test_keywords_outweigh_and_silence_what_is_usual() -> None:
    sections: dict[str, Any] = {"sports": {}, "boats": {"match": {"keywords": ["stadium", "sail"]}}}
    rules = make_rules(sections)
    assert set(rules.own_words["stadium"]) == {"boats"}
    model = Model(rules)
    assert model.decide(make_article("Stadium", "stadium sail")).sections == ("boats",)
    assert model.decide(make_article("Sail", "sail striker")).sections[:1] != ("sports",)
    assert KEYWORD_WEIGHT > USUAL_WEIGHT


def test_learned_articles_have_the_last_say() -> None:
    rules = make_rules({"sports": {}, "boats": {"match": {"keywords": ["harbour"]}}})
    model = Model(rules)
    for number in range(12):
        model.learn("boats", make_article(f"Skipper {number}", "The skipper and the striker"))
        model.learn("sports", make_article(f"Game {number}", "The keeper of the goal"))
    filing = model.decide(make_article("Skipper", "skipper and striker"))
    assert filing.sections == ("boats",)
    assert "skipper (learned from 12 articles)" in filing.filed[0].why


def test_shared_topics_speak_for_each_less() -> None:
    one = make_rules({"sports": {}})
    two = make_rules({"sports": {}, "local-sport": {"title": "Sport Nearby"}})
    weight = one.own_words["striker"]["sports"].weight
    assert two.own_words["striker"]["sports"].weight == weight / 2

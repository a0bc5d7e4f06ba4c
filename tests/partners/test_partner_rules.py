"""Every rule of a partner can fail, for an item and for a feed, and only for what breaks it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from partner_samples import HERE, NOW, PROFILES, make_entry, make_feed, make_partner, make_pictures

from feedsvc.partners import PROFILES as PROFILES_OF
from feedsvc.partners import Finding, Shaped, feed_checks, item_checks, shape
from feedsvc.partners.findings import Terms

# What an item without any fault is told all the same: Flipboard's description is longer than ours.
USUAL = {"flipboard": {"description-length"}}
# What all of a profile's feeds are told in these tests.
USUAL_FEED = {"smartnews": {"channel-description"}}


def read_cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file."""
    cases: list[dict[str, Any]] = yaml.safe_load((HERE / "cases" / name).read_text("utf-8"))
    return cases


ITEMS, FEEDS = read_cases("items.yaml"), read_cases("feeds.yaml")


def shape_case(case: dict[str, Any]) -> Shaped:
    """Return what a case's item, in a feed of good ones, becomes."""
    entry = make_entry(99, **{"age": 2, **case.get("entry", {})})
    feed = make_feed(entry, *(make_entry(n) for n in range(19)))
    partner = make_partner(case["profile"], **case.get("partner", {}))
    return shape(feed, partner, NOW, make_pictures())


def outcome_of(finding: Finding) -> str:
    return "out" if finding.fatal else "mended" if finding.mended else "wish"


@pytest.mark.parametrize("case", ITEMS, ids=lambda case: f"{case['profile']}-{case['rule']}")
def test_item_fails_its_rule_and_no_other(case: dict[str, Any]) -> None:
    shaped = shape_case(case)
    uid = make_entry(99).uid
    found = {one.rule: one for one in shaped.findings if one.uid == uid}
    usual = USUAL.get(case["profile"], set()) - {case["rule"], *case.get("also", ())}
    if case["outcome"] == "none":
        assert not found.keys() - usual
        return
    assert found.keys() - usual == {case["rule"], *case.get("also", ())}, found
    finding = found[case["rule"]]
    assert outcome_of(finding) == case["outcome"]
    assert case["says"] in finding.message
    stays_out = any(one.fatal for one in found.values())
    assert stays_out == (uid not in {entry.uid for entry in shaped.feed.entries})


@pytest.mark.parametrize("case", FEEDS, ids=lambda case: f"{case['profile']}-{case['rule']}")
def test_feed_fails_its_rule_and_no_other(case: dict[str, Any]) -> None:
    entries = [make_entry(n, times=case.get("times", 1)) for n in range(case.get("entries", 20))]
    feed = replace(make_feed(*entries), **case.get("feed", {}))
    partner = make_partner(case["profile"], **case.get("partner", {}))
    found = {
        one.rule: one for one in shape(feed, partner, NOW, make_pictures()).findings if not one.uid
    }
    usual = USUAL_FEED.get(case["profile"], set()) - {case["rule"]}
    if case["outcome"] == "none":
        assert not found.keys() - usual
        return
    assert found.keys() - usual == {case["rule"]}, found
    outcome = outcome_of(found[case["rule"]])
    assert outcome == case["outcome"].replace("refused", "out")
    assert case["says"] in found[case["rule"]].message


@pytest.mark.parametrize("profile", PROFILES)
def test_good_feed_fails_nothing(profile: str) -> None:
    feed = make_feed(*(make_entry(n) for n in range(20)))
    shaped = shape(feed, make_partner(profile), NOW, make_pictures())
    usual = USUAL.get(profile, set()) | USUAL_FEED.get(profile, set())
    assert {one.rule for one in shaped.findings} == usual
    assert all(one.mended for one in shaped.findings)
    assert len(shaped.feed.entries) == 20


QUIET = {"enclosure": "flipboard", "picture-version": "msn"}


@pytest.mark.parametrize("rule", QUIET)
def test_what_every_item_fails_before_it_is_shaped(rule: str) -> None:
    """It is not reported, because it is the same for each; and no shaped item fails it."""
    feed, partner = make_feed(make_entry()), make_partner(QUIET[rule])
    terms = Terms(feed, partner, PROFILES_OF[QUIET[rule]], NOW, make_pictures())
    assert rule in item_checks.find_faults(make_entry(), terms)
    (item,) = shape(feed, partner, NOW, make_pictures()).feed.entries
    assert rule not in item_checks.find_faults(item, terms)


def test_every_check_has_a_case_that_it_fails() -> None:
    """A check that nothing fails is none."""
    assert {case["rule"] for case in ITEMS} | QUIET.keys() == item_checks.CHECKS.keys()
    assert {case["rule"] for case in FEEDS} == feed_checks.CHECKS.keys()

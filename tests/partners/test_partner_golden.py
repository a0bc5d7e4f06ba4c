"""A golden feed per profile, which breaks no rule of its partner's nor of RSS itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import feedparser
import pytest
import yaml
from partner_rules import RULES, Document
from partner_samples import (
    BASE,
    HERE,
    NOW,
    PROFILES,
    make_full_feed,
    make_partner,
    make_pictures,
)
from rss_rules import find_rss_faults

from feedsvc.partners import render_partner, shape, url_of


def render(profile: str) -> bytes:
    """Return what goes out to a partner of the full feed."""
    partner = make_partner(profile)
    shaped = shape(make_full_feed(), partner, NOW, make_pictures())
    return render_partner(shaped, partner, url_of(BASE, partner.name, partner.token))


def read_golden(profile: str) -> bytes:
    return (HERE / "golden" / f"{profile}.xml").read_bytes()


@pytest.mark.parametrize("profile", PROFILES)
def test_the_bytes_are_those_of_the_golden_file(profile: str) -> None:
    """Delete a golden file and run the test with UPDATE_GOLDEN=1 to write it anew."""
    golden = HERE / "golden" / f"{profile}.xml"
    document = render(profile)
    if os.environ.get("UPDATE_GOLDEN") and not golden.exists():
        golden.write_bytes(document)
    assert document == golden.read_bytes()


@pytest.mark.parametrize("profile", RULES)
def test_golden_feed_breaks_no_rule_of_its_partner(profile: str) -> None:
    assert RULES[profile].find_faults(Document(read_golden(profile))) == {}


@pytest.mark.parametrize("profile", PROFILES)
def test_golden_feed_breaks_no_rule_of_rss(profile: str) -> None:
    """P19-P34 and what readers ask: the token is in the address, and nothing else is new."""
    assert find_rss_faults(read_golden(profile)) == {}
    parsed = feedparser.parse(read_golden(profile))
    assert not parsed.bozo and parsed.version == "rss20"


def list_broken() -> Iterator[Any]:
    cases = yaml.safe_load((HERE / "cases/broken.yaml").read_text(encoding="utf-8"))
    for profile, broken in cases.items():
        for case in broken:
            yield pytest.param(profile, case, id=f"{profile}-{case['rule']}")


def break_document(profile: str, case: dict[str, Any]) -> bytes:
    """Return a golden document with the case's changes."""
    text = read_golden(profile).decode()
    items = re.findall(r"<item>.*?</item>", text, re.DOTALL)
    more = "".join(items[-1].replace("tag:", f"tag:{n}-") for n in range(60))
    put = case["put"]
    for name, what in {
        "{1 MB}": "x" * 1_000_001,
        "{2 MB}": " " * 2_000_001,
        "{60 items}": more,
        "{300 characters}": "word " * 60,
    }.items():
        put = put.replace(name, what)
    find = case["find"].replace("{13 items}", "".join(items[-13:]))
    for one, other in {find: put, **case.get("and", {})}.items():
        assert one in text, one
        everywhere = case.get("all") or one != find
        text = text.replace(one, other) if everywhere else text.replace(one, other, 1)
    return text.encode()


@pytest.mark.parametrize(("profile", "case"), list(list_broken()))
def test_broken_document_fails_its_rule(profile: str, case: dict[str, Any]) -> None:
    faults = RULES[profile].find_faults(Document(break_document(profile, case)))
    assert faults.keys() == {case["rule"], *case.get("also", ())}, faults


def test_every_rule_has_a_document_that_fails_it() -> None:
    cases = yaml.safe_load((HERE / "cases/broken.yaml").read_text(encoding="utf-8"))
    for profile, book in RULES.items():
        assert {case["rule"] for case in cases[profile]} == book.checks.keys(), profile


def test_no_partner_is_given_an_address_of_an_author() -> None:
    """An author written with an e-mail address, or as one only."""
    for profile in PROFILES:
        assert b"@" not in re.sub(rb"(xmlns|url|href)[^>]*", b"", read_golden(profile)), profile


def test_what_may_not_leave_the_site_leaves_in_no_feed() -> None:
    """`syndication: none` and `summary` hold for partners too."""
    for profile in PROFILES:
        text = read_golden(profile).decode()
        assert "may not leave the site at all" not in text
        item = next((one for one in text.split("<item>") if "A summary alone" in one), "")
        assert "What it" not in item, profile


def test_only_smartnews_is_told_of_what_was_withdrawn() -> None:
    """With a new date, a neutral title, and the page that answers 410."""
    items = {profile: read_golden(profile).decode().split("<item>") for profile in PROFILES}
    found = {
        profile: [one for one in each if "6f1c0000-0000-00c8" in one]
        for profile, each in items.items()
    }
    (told,) = found.pop("smartnews")
    assert not any(found.values())
    assert '<media:status state="deleted"/>' in told
    assert "<pubDate>Tue, 10 Mar 2026 09:00:00 +0000</pubDate>" in told
    assert "<link>https://paper.example/articles/6f1c0000000000c8</link>" in told
    assert "<title>This article was withdrawn</title>" in told
    # What was withdrawn over a week ago is told no more.
    assert not any("6f1c0000-0000-00c9" in one for one in items["smartnews"])

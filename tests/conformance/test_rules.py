"""Every rule can fail: a good document passes all, and each broken one fails its own (P1-P46)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from atom_rules import ATOM_RULES, find_atom_faults
from json_rules import JSON_RULES, find_json_faults
from rss_rules import RSS_RULES, find_rss_faults

HERE = Path(__file__).parent
FORMATS: dict[str, tuple[str, Callable[[bytes], dict[str, list[str]]]]] = {
    "atom": ("sample.atom", find_atom_faults),
    "rss": ("sample.xml", find_rss_faults),
    "json": ("sample.json", find_json_faults),
}


def read_sample(form: str) -> str:
    """Return the good document of a format."""
    return (HERE / "documents" / FORMATS[form][0]).read_text(encoding="utf-8")


def read_cases(form: str) -> list[dict[str, Any]]:
    """Return the ways to break the good document."""
    text = (HERE / "cases" / f"broken_{form}.yaml").read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = yaml.safe_load(text)
    return cases


def break_document(text: str, case: dict[str, Any]) -> str:
    """Return the document with a case's changes, each of which must find its place once."""
    for find, put in {case["find"]: case["put"], **case.get("and", {})}.items():
        assert text.count(find) == 1, f"{find!r} stands {text.count(find)} times in the document"
        text = text.replace(find, put.replace("{2 kB}", " " * 2_048))
    return text


ALL_CASES = [
    pytest.param(form, case, id=f"{form}-{case['rule']}-{number}")
    for form in FORMATS
    for number, case in enumerate(read_cases(form))
]


@pytest.mark.parametrize("form", FORMATS)
def test_good_document_passes_every_rule(form: str) -> None:
    assert FORMATS[form][1](read_sample(form).encode()) == {}


@pytest.mark.parametrize(("form", "case"), ALL_CASES)
def test_broken_document_fails_its_rule(form: str, case: dict[str, Any]) -> None:
    broken = break_document(read_sample(form), case)
    faults = FORMATS[form][1](broken.encode())
    assert faults.keys() == {case["rule"], *case.get("also", ())}, faults


@pytest.mark.parametrize(
    ("form", "rules"),
    [("atom", ATOM_RULES.checks), ("rss", RSS_RULES.checks), ("json", JSON_RULES.checks)],
)
def test_every_rule_has_a_document_that_fails_it(form: str, rules: dict[str, Any]) -> None:
    assert rules.keys() <= {case["rule"] for case in read_cases(form)}

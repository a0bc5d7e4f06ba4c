"""docs/conformance.md has a row for every number, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from atom_rules import ATOM_RULES
from json_rules import JSON_RULES
from rss_rules import RSS_RULES
from sites import PROJECT

NUMBERS = [
    *(f"R{number}" for number in range(1, 62)),
    *(f"P{number}" for number in range(1, 61)),
    *(f"F{number}" for number in range(1, 33)),
    *(f"H{number}" for number in range(1, 39)),
    *(f"W{number}" for number in range(1, 11)),
]
# What a row may say instead of a test, while the hub is being built.
TO_COME = {"with the hub"}
RULES = "conformance/test_published_feeds.py::test_no_rule_is_broken"
_ROW = re.compile(r"\| ([RPFHW]\d+) \| (.+) \| (.+) \|")


def read_rows() -> list[tuple[str, str, list[str]]]:
    """Return number, meaning and tests of every row; no tests where they are to come."""
    text = (PROJECT / "docs/conformance.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| [RPFHW]\d", line)]
    found = [_ROW.fullmatch(line) for line in lines]
    assert all(found), "a row is not in its form"
    return [
        (row[1], row[2], [] if row[3] in TO_COME else re.findall(r"`([^`]+)`", row[3]))
        for row in found
        if row
    ]


ROWS = read_rows()


@cache
def functions_of(path: str) -> frozenset[str]:
    """Return the tests in a module, without importing it."""
    tree = ast.parse((PROJECT / "tests" / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_number_has_one_row_in_order() -> None:
    assert [number for number, _, _ in ROWS] == NUMBERS


@pytest.mark.parametrize(("number", "meaning", "tests"), ROWS, ids=[row[0] for row in ROWS])
def test_row_names_tests_that_are_there(number: str, meaning: str, tests: list[str]) -> None:
    assert meaning.strip()
    for test in tests:
        path, _, name = test.partition("::")
        assert name.startswith("test_"), test
        assert name in functions_of(path), f"{test} is not there"


def test_row_without_a_test_says_why() -> None:
    text = (PROJECT / "docs/conformance.md").read_text(encoding="utf-8")
    without = [number for number, _, tests in ROWS if not tests]
    for number in without:
        row = next(line for line in text.splitlines() if line.startswith(f"| {number} |"))
        assert row.rpartition(" | ")[2].rstrip(" |") in TO_COME, row


def test_every_rule_is_in_the_row_of_its_number() -> None:
    """And a row that leans on the rules has one of its own, or of a number that it says."""
    checked = {*ATOM_RULES.checks, *RSS_RULES.checks, *JSON_RULES.checks}
    claimed = {number for number, _, tests in ROWS if RULES in tests}
    assert checked <= claimed
    # Each is a failure that other numbers forbid: dates, addresses, pictures, stylesheets.
    assert claimed - checked <= {"P1", "F7", "F8", "F10", "F11", "F18", "F32"}

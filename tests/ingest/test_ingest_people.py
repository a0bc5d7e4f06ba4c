"""Names of authors as editors write them: no e-mail address ever goes out with one."""

from __future__ import annotations

import pytest

from feedsvc.ingest.people import split_names

CASES = {
    "Ann Lee": ["Ann Lee"],
    "By Ann Lee and Bo Ek": ["Ann Lee", "Bo Ek"],
    "Ann Lee <ann@paper.example>": ["Ann Lee"],
    "Ann Lee (ann@paper.example)": ["Ann Lee"],
    "Ann Lee ann@paper.example": ["Ann Lee"],
    "ann@paper.example (Ann Lee)": ["Ann Lee"],
    "ann@paper.example": ["ann"],
    "mailto:ann.lee@paper.example": ["ann.lee"],
    "<ann@paper.example>": ["ann"],
    "Ann Lee <a@paper.example>, Bo Ek <b@paper.example>": ["Ann Lee", "Bo Ek"],
}


@pytest.mark.parametrize(("written", "names"), CASES.items())
def test_names_without_addresses(written: str, names: list[str]) -> None:
    assert list(split_names([written])) == names


def test_a_list_of_addresses() -> None:
    """As front matter may have them."""
    assert split_names(["a@x.example (Ann)", "Bo <b@x.example>"]) == ("Ann", "Bo")

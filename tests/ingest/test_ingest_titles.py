"""Headlines without the names of their site and section, and those that only look like it."""

from __future__ import annotations

import pytest

from feedsvc.ingest.titles import cut_tail

NAMES = ("Politics", "World News", "Hill Gazette")
HEADLINE = "Budget passed with a majority of one"


@pytest.mark.parametrize(
    "written",
    [
        "{} - Breaking News | Some Other Site",
        "{} - Politics | Hill Gazette",
        "{} – Politics – Hill Gazette",
        "{} | US news | The Guardian",
        "{} :: Hill Gazette",
        "{} « Hill Gazette",
        "Hill Gazette: {}",
        "Hill Gazette | {}",
        "Politics | {}",
    ],
)
def test_names_of_site_and_section_are_cut(written: str) -> None:
    assert cut_tail(written.format(HEADLINE), NAMES, "Hill Gazette") == HEADLINE


@pytest.mark.parametrize(
    "title",
    [
        "Budget passed - and now what?",
        "Politics: why nobody likes it any more",
        "Paris: mayor steps down after a year",
        "Macron - the man who would be king",
        "Hill Gazette: sold",
        "Cats | Dogs",
        "Liverpool 3 - 1 Leeds",
    ],
)
def test_a_headline_of_its_own_stays(title: str) -> None:
    assert cut_tail(title, NAMES, "Hill Gazette") == title

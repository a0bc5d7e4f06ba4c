"""Names of authors as editors write them: no e-mail address ever goes out with one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedsvc.ingest import Reading, read_article
from feedsvc.ingest.people import split_names
from feedsvc.model import Syndication

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


@pytest.mark.parametrize("suffix", ["md", "txt", "html"])
def test_front_matter_is_read_in_every_kind_of_file(suffix: str) -> None:
    """Also before a page: who says that nothing may be syndicated is not passed over."""
    page = "<html><head><title>Page</title></head><body><p>Some words of it.</p></body></html>"
    body = page if suffix == "html" else "Page\n\nSome words of it.\n"
    text = f"---\ntitle: Own title\nsyndication: none\ntags: [C#, '#climate', F#]\n---\n{body}"
    reading = Reading(now=datetime(2026, 1, 1, tzinfo=UTC))
    found = read_article(f"a.{suffix}", text.encode(), datetime(2026, 1, 1, tzinfo=UTC), reading)
    assert (found.title, found.syndication) == ("Own title", Syndication.NONE)
    assert found.tags == ("C#", "climate", "F#")

"""Rights and syndication pass on right, in every format; what may not leave takes no bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from render_samples import PICTURE, make_entry, make_feed

from feedsvc.model import Entry, Syndication
from feedsvc.render import FORMATS, fit, fit_all

RIGHTS = "© 2026 Wire & <Sons>"
# A `<` before a letter is written as every title's is (readers.md, Titles).
SHOWN = "© 2026 Wire & \uff1cSons>"
DC = "{http://purl.org/dc/elements/1.1/}"
ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"


def render(suffix: str, *entries: Entry, **changes: Any) -> Any:
    document = FORMATS[suffix].render(make_feed(*entries, **changes))
    return json.loads(document) if suffix == "json" else etree.fromstring(document)


def test_rights_in_rss() -> None:
    (item,) = render("xml", make_entry(rights=RIGHTS)).iter("item")
    assert item.findtext(f"{DC}rights") == SHOWN
    assert item.findtext(f"{MEDIA}content/{MEDIA}copyright") == SHOWN


def test_rights_in_rss_without_any_other_word_of_dublin_core() -> None:
    (item,) = render("xml", make_entry(rights=RIGHTS, authors=(), image=None)).iter("item")
    assert item.findtext(f"{DC}rights") == SHOWN
    assert item.find(f"{MEDIA}copyright") is None


def test_P15_rights_in_atom() -> None:
    (entry,) = render("atom", make_entry(rights=RIGHTS)).iter(f"{ATOM}entry")
    assert [one.text for one in entry.findall(f"{ATOM}rights")] == [SHOWN]
    assert entry.findtext(f"{MEDIA}content/{MEDIA}copyright") == SHOWN


def test_P45_rights_in_json() -> None:
    (item,) = render("json", make_entry(rights=RIGHTS))["items"]
    assert item["_feedsvc"] == {
        "about": "http://purl.org/dc/elements/1.1/rights",
        "rights": SHOWN,
    }


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_rights_no_word_of_them(suffix: str) -> None:
    document = FORMATS[suffix].render(make_feed(make_entry(), copyright=""))
    assert (
        b"rights" not in document and b"_feedsvc" not in document and b"copyright" not in document
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_may_not_leave_is_in_no_format(suffix: str) -> None:
    secret = make_entry(1, title="Kept back", syndication=Syndication.NONE)
    others = make_entry(0), make_entry(2)
    feed = make_feed(others[1], secret, others[0])
    assert FORMATS[suffix].render(feed) == FORMATS[suffix].render(make_feed(others[1], others[0]))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_summary_and_a_link_and_nothing_else(suffix: str) -> None:
    entry = make_entry(
        summary="In short.", content="<p>All of it.</p>", syndication=Syndication.SUMMARY
    )
    document = FORMATS[suffix].render(make_feed(entry)).decode()
    assert "In short." in document and "Read the whole article" in document
    assert "All of it" not in document
    assert PICTURE.replace("&", "&amp;") not in document and PICTURE not in document
    assert "debate.mp3" not in document


def test_a_summary_is_made_where_there_is_none_and_has_its_correction() -> None:
    words = "It went on. " * 200
    entry = make_entry(
        summary="",
        content=f"<p>{words}</p>",
        correction="It was 7.",
        syndication=Syndication.SUMMARY,
    )
    (item,) = render("json", entry)["items"]
    assert item["content_html"].startswith("<p><strong>Correction:</strong> It was 7.</p>")
    assert 0 < len(item["summary"]) < 500
    assert len(item["content_html"]) < 900


def test_F20_bytes_are_counted_as_they_are_written() -> None:
    """What may not leave takes no place; of what may in part, only that part counts."""
    long = "<p>long</p>" * 10_000
    kept_back = [make_entry(n, content=long, syndication=Syndication.NONE) for n in range(30)]
    summaries = [
        make_entry(30 + n, content=long, syndication=Syndication.SUMMARY) for n in range(5)
    ]
    plain = make_entry(99)
    feed = make_feed(*kept_back, *summaries, plain)
    fitting = fit(feed, 50, 20_000)
    assert set(fitting.entries) == set(feed.entries), "pages show all of them"
    assert all(len(one.render(fitting)) <= 20_000 for one in FORMATS.values())
    assert len(FORMATS["xml"].render(fitting)) > 5_000
    assert fit_all(feed, 20_000) == replace(feed, entries=fitting.entries)


@pytest.mark.parametrize("suffix", FORMATS)
def test_R28_the_bound_counts_rights(suffix: str) -> None:
    rights = '&"<é' * 50
    feed = make_feed(*(make_entry(n, rights=rights, content="", summary="") for n in range(40)))
    fitting = fit(feed, 40, 30_000)
    assert 0 < len(fitting.entries) < 40
    assert len(FORMATS[suffix].render(fitting)) <= 30_000

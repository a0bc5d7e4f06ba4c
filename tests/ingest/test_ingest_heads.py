"""What the head of a scraped page says of its article: headline, authors, source, dates.

The pages stand in ``heads_*.yaml``, and so do those of which nothing must be read or lost.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from ingest_cases import MODIFIED, NOW, SECTIONS

from feedsvc.ingest import Reading, habits_of, read_article

HEADLINE = "Bridge at Alder Street to close"
TEXT = [
    "The council voted 7-2 on Monday to close the bridge at Alder Street for eighteen months of "
    "repairs.",
    "Engineers found cracks in three of the five piers during an inspection last month, the city "
    "said.",
    "Traffic will be sent over the old toll bridge at Mill Lane until the work is done, at a cost "
    "of $4 million.",
    "Shopkeepers on the north bank say they fear for their trade, and have asked for lower rents "
    "meanwhile.",
]
PAGES: list[dict[str, Any]] = [
    page
    for file in sorted(Path(__file__).parent.glob("heads_*.yaml"))
    for page in yaml.safe_load(file.read_text("utf-8"))
]


def _fill(page: str) -> str:
    page = re.sub(r"TEXT(\d)", lambda found: TEXT[int(found[1])], page)
    page = page.replace("TEXT", "¶".join(TEXT)).replace("HEADLINE", HEADLINE)
    return page.replace("¶", "\n\n").replace("⏎", "\n")


def _read(page: dict[str, Any]) -> dict[str, Any]:
    reading = Reading(
        now=NOW,
        language=page.get("language", "en"),
        sections=(*SECTIONS, "Local", "Health"),
        site=page.get("site", ""),
    )
    article = read_article("page.txt", _fill(page["page"]).encode(), MODIFIED, reading)
    is_dated = article.published.source != "file time"
    return {
        "title": article.title,
        "authors": list(article.authors),
        "source": article.source,
        "published": f"{article.published.at:%Y-%m-%d}" if is_dated else "",
        "updated": f"{article.updated.at:%Y-%m-%d}" if article.updated else "",
        "text": article.text.split("\n"),
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["page"])
def test_a_head_is_read_right_and_no_text_is_lost(page: dict[str, Any]) -> None:
    found = _read(page)
    text = found.pop("text")
    assert found == {
        "title": page.get("title", HEADLINE),
        "authors": page.get("authors", []),
        "source": page.get("source", ""),
        "published": page.get("published", ""),
        "updated": page.get("updated", ""),
    }
    if "keep" in page:
        assert [line for line in (*page["keep"], *TEXT) if line not in text] == []
    else:
        assert text == [_fill(line) for line in page.get("text", TEXT)]


def test_a_page_in_one_line_is_split_at_its_byline_and_date() -> None:
    """And its sentences that name a date are not."""
    body = " ".join(TEXT)
    page = f"{HEADLINE} By Mary Stone, Staff Writer | January 27, 2017 {body}"
    found = _read({"page": page})
    assert (found["title"], found["text"]) == (HEADLINE, [body])
    assert (found["authors"], found["published"]) == (["Mary Stone"], "2017-01-27")
    wire = _read({"page": f"HARLE (AP) - {body}"})
    assert (wire["title"], wire["source"]) == (TEXT[0].rstrip("."), "AP")
    story = f"The bridge at Alder Street was closed on January 27, 2017 The Packet said. {body}"
    assert _read({"page": story})["text"] == [story]


def test_a_clause_behind_a_dash_is_no_site_name() -> None:
    """However many headlines of the site end with it."""
    others = ("Mill fire", "Crash on the road", "Storm Ana", "Row over a vote", "Ferry sinks")
    texts = [
        (f"{n}.txt", f"{one} - what we know so far\n\n{one} was the talk of the town {n}.")
        for n, one in enumerate(others)
    ]
    reading = Reading(now=datetime(2026, 1, 1, tzinfo=UTC), habits=habits_of(texts))
    page = "Crane fire - what we know so far\n\n" + "\n\n".join(TEXT)
    article = read_article("new.txt", page.encode(), MODIFIED, reading)
    assert article.title == "Crane fire - what we know so far"


@pytest.mark.parametrize("line", ["Opinion", "The Packet", "LOCAL NEWS"])
@pytest.mark.parametrize("end", ["\n", "\n\n"])
def test_a_page_of_nothing_but_kickers_is_read(line: str, end: str) -> None:
    reading = Reading(now=NOW)
    article = read_article("page.txt", (line + end).encode() * 3000, MODIFIED, reading)
    assert article.title

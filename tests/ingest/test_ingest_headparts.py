"""Lines below a headline that tell several things, and lines that look like them."""

from __future__ import annotations

import pytest
from ingest_cases import NOW

from feedsvc.ingest import Reading, read_article
from feedsvc.ingest.headparts import read_head_parts

READING = Reading(now=NOW, language="en")
ILSE = ("Ilse Varn",)


@pytest.mark.parametrize(
    ("line", "authors", "published", "updated"),
    [
        ("Ilse Varn • May 4, 2026", ILSE, "2026-05-04T00:00", ""),
        ("May 4, 2026 • Ilse Varn", ILSE, "2026-05-04T00:00", ""),
        ("4 May 2026 - Ilse Varn", ILSE, "2026-05-04T00:00", ""),
        ("4 May 2026 · 9 min · Ilse Varn", ILSE, "2026-05-04T00:00", ""),
        ("Monday 4 May 2026, 18:20 | Ilse Varn", ILSE, "2026-05-04T18:20", ""),
        ("May 4, 2026 by Ilse Varn 3 Comments", ILSE, "2026-05-04T00:00", ""),
        ("Posted on May 4, 2026 by Ilse Varn", ILSE, "2026-05-04T00:00", ""),
        ("Posted by Ilse Varn on 4th May 2026 in River", ILSE, "2026-05-04T00:00", ""),
        ("Submitted by admin on 4 May 2026", (), "2026-05-04T00:00", ""),
        ("Par Ilse Varn, publié le 4 mai 2026 à 14:30", ILSE, "2026-05-04T14:30", ""),
        ("Door Ilse Varn, 4 mei 2026", ILSE, "2026-05-04T00:00", ""),
        (
            "Published: May 4, 2026 | Last Updated: May 5, 2026 | By Ilse Varn",
            ILSE,
            "2026-05-04T00:00",
            "2026-05-05T00:00",
        ),
        ("Reuters | 4 May 2026", (), "2026-05-04T00:00", ""),
    ],
)
def test_parts_of_a_head_line(
    line: str, authors: tuple[str, ...], published: str, updated: str
) -> None:
    parts = read_head_parts(line, READING)
    assert parts is not None
    assert parts.authors == authors
    moments = [f"{one:%Y-%m-%dT%H:%M}" if one else "" for one in (parts.published, parts.updated)]
    assert moments == [published, updated]


@pytest.mark.parametrize(
    "line",
    [
        "The Bridge - 4 May 2026",
        "Harle Bridge, 4 May 2026",
        "Ilse Varn was born on 4 May 1996",
        "Ilse Varn | 1941 to 1996",
        "The mill was sold on 4 May 2026",
        "The Great Hall | 14 December 2026",
        "Born in Harle, 4 May 2026",
        "Ilse Varn",
        "Ilse Varn • May 4, 2026 • A tale of two rivers",
        "",
    ],
)
def test_lookalikes_of_head_lines(line: str) -> None:
    assert read_head_parts(line, READING) is None


@pytest.mark.parametrize(
    ("markup", "authors", "published"),
    [
        ("<span>By</span> <span>Ilse Varn</span><span>Staff Writer</span>", ILSE, ""),
        ('By <a href="/i">Ilse Varn</a> and <a href="/b">Bob Ray</a>', (*ILSE, "Bob Ray"), ""),
        (
            '4 mai 2026 by <a href="/i">Ilse Varn</a> <a href="#c">3 Comments</a>',
            ILSE,
            "2026-05-04",
        ),
        ("Por Ilse Varn<br>4 de mayo de 2026", ILSE, "2026-05-04"),
        ("<b>Ilse Varn</b><span>4 May 2026</span><i>5 min read</i>", ILSE, "2026-05-04"),
    ],
)
def test_elements_of_a_head_line(markup: str, authors: tuple[str, ...], published: str) -> None:
    line = f'<p class="meta">{markup}</p>'
    text = "The ferry is tied to the church, and the reeve says that it will stay there until May."
    page = f"<html><body><article><h1>The flood</h1>{line}<p>{text}</p><p>{text[4:]}</p></article>"
    article = read_article("a.html", page.encode(), NOW, READING)
    assert article.authors == authors
    assert f"{article.published.at:%Y-%m-%d}" == (published or f"{NOW:%Y-%m-%d}")
    assert "Ilse" not in article.text

"""The door: what a reading takes from the config, slugs, and the seeds of the project."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ingest_cases import MODIFIED, NOW, SECTIONS

from feedsvc.config import Config, compile_pattern
from feedsvc.ingest import Reading, read_article, reading_for, slugify

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
EXPECTED = ROOT / "tests" / "seeds_expected.yaml"
REAL = ROOT.parent / "shared" / "seeds" / "000_c5e5123e57c4cfba.txt"


def expected_seeds() -> dict[str, dict[str, object]]:
    return yaml.safe_load(EXPECTED.read_text("utf-8")) if EXPECTED.exists() else {}


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Café in der Straße", "cafe-in-der-strasse"),
        ("Don’t panic: it's 5 o'clock", "dont-panic-its-5-oclock"),
        ("Мост открыт", "article"),
        ("Мост 7 открыт", "7"),
        ("", "article"),
        ("x" * 100, "x" * 60),
        ("word " * 30, "word-word-word-word-word-word-word-word-word-word-word-word"),
    ],
)
def test_a_slug_is_short_and_plain(title: str, slug: str) -> None:
    assert slugify(title) == slug


@given(st.text())
def test_any_title_gives_a_slug(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slugify(title))
    assert len(slugify(title)) <= 60


def test_a_reading_takes_what_it_needs_from_the_config() -> None:
    config = Config.model_validate(
        {
            "site": {
                "id": "example.org,2026-01-01",
                "title": "The Packet",
                "base_url": "https://example.org",
                "timezone": "Europe/Oslo",
                "language": "nb",
            },
            "content": {"folder": "."},
            "cleaning": {"drop": ["^x"]},
            "sections": {"sport": {"title": "All Sports"}},
        }
    )
    reading = reading_for(config, NOW)
    assert (reading.timezone.key, reading.language, reading.site) == (
        "Europe/Oslo",
        "nb",
        "The Packet",
    )
    assert set(reading.sections) >= {"sport", "All Sports"}
    assert reading.drop == (compile_pattern("^x"),)
    assert pickle.loads(pickle.dumps(reading)) == reading


@pytest.mark.parametrize("name", sorted(expected_seeds()))
def test_a_seed_becomes_what_it_must(name: str) -> None:
    expected = expected_seeds()[name]
    reading = Reading(now=NOW, sections=SECTIONS)
    article = read_article(name, (SEEDS / name).read_bytes(), MODIFIED, reading)
    text = " ".join(article.text.split())
    dated = article.published.source != "file time"
    assert article.title == expected["title"]
    assert text.startswith(str(expected["first"]))
    assert text.endswith(str(expected["last"]))
    assert article.summary == expected["standfirst"]
    assert list(article.authors) == expected["authors"]
    assert (f"{article.published.at:%Y-%m-%d}" if dated else "") == expected["published"]
    must_not = expected["must_not"]
    assert isinstance(must_not, list)
    whole = "\n".join((article.summary, article.text, article.content))
    assert not [words for words in must_not if words in whole]


@pytest.mark.skipif(not REAL.exists(), reason="the real seed lies outside the project")
def test_the_real_seed_is_clean() -> None:
    article = read_article(REAL.name, REAL.read_bytes(), MODIFIED, Reading(now=NOW))
    first, *_ = REAL.read_text("utf-8").split("\n")
    assert article.title == first
    assert article.summary.startswith("Immigrants who haven't been detained or charged")
    assert article.summary.endswith("deportation.")
    assert article.text.startswith("Washington Metropolitan Police Chief Pamela Smith")
    assert article.text.endswith("in June.")
    assert article.authors == ()
    assert article.published.source == "file time"
    whole = article.content + article.text + article.summary
    for words in ("SHARE THIS", "Clone", "AdBlock", "Getty Images", "Related Articles", "×"):
        assert words not in whole
    assert len(article.cuts) == 8

"""Lines that begin like notices, alone between paragraphs: which stay, and which go."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ingest_cases import MODIFIED, NOW, SECTIONS

from feedsvc.ingest import Reading, read_article

HEAD = "Harbour wall gets a new lamp"
TEXT = (
    "The harbour wall of Ullerby was given a new lamp on Monday, nine months after the old one "
    "fell into the sea.",
    "It shines for eleven miles, the harbour master said, and cost less than the ladder that was "
    "needed to hang it.",
    "Fishermen on the south quay say that they had grown used to the dark, and have asked for a "
    "switch of their own.",
)
LINES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "notice_lines.yaml").read_text("utf-8")
)


def read(*lines: str) -> list[str]:
    data = "\n\n".join((HEAD, *lines)).encode()
    article = read_article("a.txt", data, MODIFIED, Reading(now=NOW, sections=SECTIONS))
    return article.text.split("\n")


@pytest.mark.parametrize("line", LINES["stay"])
def test_a_sentence_stays(line: str) -> None:
    assert read(*TEXT[:2], line, TEXT[2]) == [*TEXT[:2], line, TEXT[2]]
    assert read(*TEXT, line) == [*TEXT, line]


@pytest.mark.parametrize("line", LINES["within"])
def test_a_sentence_stays_within_the_text(line: str) -> None:
    assert read(*TEXT[:2], line, TEXT[2]) == [*TEXT[:2], line, TEXT[2]]
    assert read(*TEXT, line) == list(TEXT)


@pytest.mark.parametrize("line", LINES["go"])
def test_a_notice_goes(line: str) -> None:
    assert read(*TEXT[:2], line, TEXT[2]) == list(TEXT)
    assert read(*TEXT, line) == list(TEXT)

"""Whatever the bytes, the outcome is an article or a reason, and never invalid XML (F1, F2, F3)."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ingest_cases import MODIFIED, NOW

from feedsvc.errors import RefusedError
from feedsvc.ingest import SUFFIXES, Reading, decode_text, read_article
from feedsvc.ingest.sanitising import sanitise
from feedsvc.model import Article
from feedsvc.plain import text_of

READING = Reading(now=NOW, sections=("politics", "sport"))
FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Inside of tags only: an article may well write about javascript: links.
UNSAFE = re.compile(
    r'<(?:script|style|iframe|form|svg)|<[^>]*\s(?:on\w+|style)="|<[^>]*="\s*javascript:'
)
# Generous, for slow machines; what is not linear takes minutes at this size.
SECONDS_FOR_5_MB = 30
FIVE_MB = 5_000_000


def read_or_refuse(path: str, data: bytes) -> Article | None:
    try:
        article = read_article(path, data, MODIFIED, READING)
    except RefusedError as error:
        assert str(error)
        assert "\n" not in str(error)
        return None
    for text in (article.title, article.summary, article.content, article.text, *article.authors):
        assert not FORBIDDEN.search(text)
    for line in (article.title, article.summary, *article.authors, *article.tags):
        assert "\n" not in line
    assert article.title
    assert len(article.title) <= 300
    assert article.published.at.tzinfo is not None
    assert not UNSAFE.search(article.content)
    return article


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_give_an_article_or_a_reason(suffix: str, data: bytes) -> None:
    read_or_refuse(f"a{suffix}", data)


MARKUP = (
    "--- title: date: [ ] { } & * ! | > < <p> </div> <script> <img data-src=x> # ## - 1. ` ``` ~~~ "
    "&amp; &#1; &#xD800; \\x01 31 February 2026 Published By Ann Lee, Share Related: © "
    "\ufeff \u202e Weather: 38°C (AP) (Reuters) EXCLUSIVE Sport | / · said. said, Reporter "
    "]]> \ud7ff \x0b word word. “quote” \u0301 |a|b| \t \n \n\n"
)
WORDS = st.sampled_from(MARKUP.split(" "))


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@settings(max_examples=120, deadline=None)
@example(parts=["Related:", "```", "```"], glue="\n\n")
@given(parts=st.lists(WORDS, max_size=60), glue=st.sampled_from([" ", "\n", "", "\n\n"]))
def test_any_mix_of_markup_gives_an_article_or_a_reason(
    suffix: str, parts: list[str], glue: str
) -> None:
    read_or_refuse(f"a{suffix}", ("Title\n\n" * (len(parts) % 2) + glue.join(parts)).encode())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_sanitising_twice_changes_nothing(markup: str) -> None:
    once = sanitise(markup)
    assert sanitise(once) == once
    assert "<" not in re.sub(r"<[^>]*>", "", once)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200).filter(lambda text: text.strip(" \t\r\n\x00")))
def test_plain_text_survives_escaping(text: str) -> None:
    """F4, F6: what a .txt says is what an XML parser gives back."""
    data = f"A title of its own\n\nBody {text.replace(chr(10), ' ')} end of it.".encode(
        "utf-8", "surrogatepass"
    )
    article = read_or_refuse("a.txt", data)
    if article and "<table" not in article.content:
        parsed = ElementTree.fromstring(f"<x>{article.content.replace('<br>', chr(10))}</x>")
        assert "".join(parsed.itertext()).split() == article.text.split()
        assert text_of(article.content).split() == article.text.split()


UNITS = {
    "letters": "a",
    "words": "word ",
    "bars": "a | ",
    "credits": "a.B / ",
    "brackets": "(a/b",
    "capitals": "Aa ",
    "accents": "e\u0323\u0301",
    "spaces": " ",
    "open tags": "<b",
    "links": "[a](",
    "quotes": "> ",
    "lists": "- ",
    "code": "`a",
    "elements": "<div>",
    "entities": "&#99999999999;",
    "quotes in tags": "<a \"&amp;'",
}


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_single_line_of_5_mb_takes_bounded_time(unit: str, suffix: str) -> None:
    line = UNITS[unit] * (FIVE_MB // len(UNITS[unit].encode()))
    start = time.process_time()
    read_or_refuse(f"a{suffix}", b"A title\n\n" + line.encode())
    assert time.process_time() - start < SECONDS_FOR_5_MB


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(RefusedError, match="more than 50000 lines"):
        read_article("a.txt", b"x\n" * 60_000, MODIFIED, READING)


@pytest.mark.parametrize("unit", ["&amp;", "&", "&#38;x", "& > ", "a&#0;"])
def test_a_text_of_many_references_is_read_as_a_short_one(unit: str) -> None:
    few, many = (sanitise("<p>" + unit * count) for count in (1_000, 100_000))
    assert many.removeprefix("<p>").removesuffix("</p>") == (
        few.removeprefix("<p>").removesuffix("</p>") * 100
    )


def test_references_in_attributes_and_comments_are_left_alone() -> None:
    many = "&amp;" * 20_000
    assert sanitise(("<p>" + "&amp;" * 1_000 + "</p>") * 201).count("&amp;") == 201_000
    assert sanitise(f"<p><!-- {many} -->a</p>") == "<p>a</p>"
    assert sanitise(f'<a href="/" title="{many}">a</a>') == f'<a href="/" title="{many}">a</a>'


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    for markup in ("<div>" * 50_000 + "x", "<blockquote><b>" * 20_000 + "x"):
        with pytest.raises(RefusedError, match="nested deeper"):
            sanitise(markup)
    with pytest.raises(RefusedError, match="deeper than 50"):
        read_article("a.md", b"> " * 5000 + b"x", MODIFIED, READING)


@pytest.mark.parametrize(
    "block",
    [
        "a: " + "[" * 20_000,
        "a: " + "{b: " * 20_000,
        "- " * 20_000,
        "? " * 20_000,
        "a: &a [x, x]\nb: &b [*a, *a]\n" + "c: [*b, *b, *b, *b]\n" * 100,
        "a: &a\n  b: *a",
        "id: " + "9" * 50_000,
        "x: " + "y" * 70_000,
        "title: !!python/object/apply:os.system [ls]",
    ],
)
def test_hostile_front_matter_costs_little(block: str) -> None:
    start = time.perf_counter()
    read_or_refuse("a.md", f"---\ntags: x\n{block}\n---\n# Title\n\nBody of it.".encode())
    assert time.perf_counter() - start < 2


def test_a_title_of_10000_characters_is_cut_at_a_word_and_nothing_is_lost() -> None:
    title = "word " * 2000
    article = read_article("a.txt", f"{title}\n\nThe body.".encode(), MODIFIED, READING)
    assert len(article.title) <= 300
    assert article.title.endswith("word…")
    assert article.text.split("\n") == [title.strip(), "The body."]
    assert [note.key for note in article.notes] == ["title"]


def test_a_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(RefusedError, match="rename"):
        read_article("a\udcff.txt", b"Title\n\nBody", MODIFIED, READING)


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(RefusedError, match="no reader"):
        read_article("a.docx", b"Title\n\nBody", MODIFIED, READING)


def test_a_clock_that_runs_ahead_makes_no_embargo() -> None:
    """F18: nothing is dated ahead by a file's time."""
    article = read_article("a.txt", b"Title\n\nBody", NOW.replace(year=2030), READING)
    assert article.published.at == NOW


def test_decoding_prefers_the_code_page_of_the_sites_language() -> None:
    text = "Zażółć gęślą jaźń, powiedział i poszedł do domu. "
    assert decode_text((text * 5).encode("cp1250"), language="pl").startswith(text)
    french = "Déjà vu à l'hôtel, où l'on dîne bien. "
    assert decode_text((french * 5).encode("cp1252"), language="fr").startswith(french)
    russian = "Мост через реку открыт для движения. "
    assert decode_text((russian * 5).encode("cp1251")).startswith(russian)

"""The tokeniser: any script, linear on any text, singular and plural agree."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.filing.words import is_telling, singular, split_words, written_forms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The mayor's plan", ["the", "mayor", "plan"]),
        ("the mayor\u2019s \u201cplan\u201d\u2014", ["the", "mayor", "plan"]),
        ("voters' don't", ["voters", "don"]),
        ("O'Neill", ["o", "neill"]),
        ("Covid-19, D.C. a_b", ["covid", "19", "d", "c", "a", "b"]),
        ("S\u00e3o STRASSE stra\u00dfe", ["s\u00e3o", "strasse", "strasse"]),
        ("cafe\u0301 caf\u00e9 \u4e2d", ["caf\u00e9", "caf\u00e9", "\u4e2d"]),
        ("東京都で", ["東", "京", "都", "で"]),
        ("महिलाएँ हैं।", ["महिलाएँ", "हैं"]),
        ("الكِتاب 5G", ["الكِتاب", "5g"]),
        ("", []),
    ],
)
def test_split_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("country", "countries"),
        ("church", "churches"),
        ("class", "classes"),
        ("tax", "taxes"),
        ("price", "prices"),
        ("storm", "storms"),
        ("tie", "ties"),
    ],
)
def test_singular_and_plural_agree(one: str, many: str) -> None:
    assert singular(many) == singular(one)


@pytest.mark.parametrize("word", ["bus", "virus", "crisis", "press", "gas", "is", "выборыs", ""])
def test_what_only_looks_like_a_plural_stays(word: str) -> None:
    assert singular(word) == word


def test_words_that_say_nothing() -> None:
    words = ["the", "says", "days", "2026", "x", "tax", "選", "new", "z" * 41]
    assert [word for word in words if is_telling(singular(word))] == ["tax", "選"]


@given(st.text())
def test_any_text_splits_into_words_that_split_into_themselves(text: str) -> None:
    words = split_words(text)
    assert split_words(" ".join(words)) == [word for word in words if split_words(word)]
    assert all(word and not any(letter.isspace() for letter in word) for word in words)


@pytest.mark.parametrize("line", ["a", "'", "'s", "\u0301", "中", "a\u0301", "\ud800", "_ "])
def test_five_megabytes_in_one_line_are_linear(line: str) -> None:
    started = time.perf_counter()
    split_words(line * (5_000_000 // len(line)))
    assert time.perf_counter() - started < 5


@given(st.text(alphabet=[chr(code) for code in range(256)]))
def test_latin_words_are_runs_of_letters_and_digits(text: str) -> None:
    text = text.replace("'", " ").replace("µ", " ")  # whose small form is Greek
    assert split_words(text) == re.findall(r"[^\W_]+", text.casefold())


_ENDINGS = st.sampled_from(["", "s", "es", "ies", "y", "sses", "ches", "xes", "zes"])


@given(st.text(alphabet="abchisxyzeu", max_size=5), _ENDINGS)
def test_written_forms_are_all_that_have_one_singular(stem: str, ending: str) -> None:
    word = singular(stem + ending)
    assert {stem + ending} <= {form for form in written_forms(word) if singular(form) == word}
    assert {singular(form) for form in written_forms(word)} <= {word}

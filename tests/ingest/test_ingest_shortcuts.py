"""What most lines are passed through quickly by is what the long way would make of them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.ingest.characters import drop_leftovers, make_safe
from feedsvc.ingest.habits import _normalise_all
from feedsvc.ingest.prose import CLOSING, LINE_MARKS, SENTENCE_MARKS, ends_with
from feedsvc.plain import squeeze

_LATIN = st.text(alphabet=[*map(chr, range(256)), *"‘’“”…€", "\u0301"])
_LINES = st.lists(st.text(alphabet=" \t\x1c\xa0\x85\u2003é’ßİA0123456789٣x.").map(str.strip))


@given(_LINES)
def test_lines_are_normalised_together_as_each_alone(lines: list[str]) -> None:
    lines = [line.replace("\n", " ") for line in lines]
    alone = [re.sub(r"\d+", "0", " ".join(line.split()).casefold()) for line in lines]
    assert _normalise_all(lines) == alone


@given(st.text(alphabet=" .!?…:;,\"'”’»)]ab", max_size=12))
def test_the_mark_at_the_end_is_the_one_that_a_pattern_finds(line: str) -> None:
    closing = re.escape(CLOSING)
    for marks in (SENTENCE_MARKS, LINE_MARKS):
        pattern = rf"[{re.escape(''.join(marks))}][{closing}]*$"
        assert ends_with(line, marks) == bool(re.search(pattern, line))


@given(_LATIN)
def test_latin_text_is_made_safe_as_any_other(text: str) -> None:
    # Behind a letter of another script nothing takes the short way.
    assert make_safe(f"Ж {text}") == f"Ж {make_safe(text)}"


@given(_LATIN)
def test_white_space_is_squeezed_whatever_it_is(text: str) -> None:
    assert squeeze(text) == " ".join(text.split())


def test_every_leftover_is_dropped() -> None:
    spaces = [chr(code) for code in (0xA0, 0x2002, 0x2003, *range(0x2007, 0x200B), 0x202F)]
    unseen = ["\xad", "\u2060", "\u200b"]
    assert [drop_leftovers(f"a{one}b") for one in spaces] == ["a b"] * len(spaces)
    assert [drop_leftovers(f"a{one}b") for one in unseen] == ["ab"] * len(unseen)

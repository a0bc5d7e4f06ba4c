"""The site's habits: what stands in other articles is furniture, except where it is the story."""

from __future__ import annotations

import pickle
from dataclasses import replace

from ingest_cases import MODIFIED, NOW

from feedsvc.ingest import Reading, SiteHabits, habits_of, read_article

FOOTER = "Hear the evening bulletin on medium wave, every day but Sunday"
HEADER = "The Harle Packet"


NAMES = "anchor barge crane dredger eel ferry gull herring island jetty keel lock mast net"
NOUNS = NAMES.split()


def prose(number: int, shift: int) -> str:
    """Make a sentence of words in an order that no other story has."""
    words = (NOUNS[(number * step + shift) % len(NOUNS)] for step in range(2, 22))
    return f"Of {NOUNS[number]} number {shift} it is told: {' '.join(words)}, and so on."


def story(number: int, extra: str = "") -> str:
    return "\n\n".join(
        [
            HEADER,
            f"Story {number} about the {NOUNS[number]} has a headline of its own",
            f"Paragraph one. {prose(number, 1)}",
            prose(number, 5),
            extra or f"{number + 3} people like this page of ours",
            FOOTER,
        ]
    )


def texts(count: int) -> list[tuple[str, str]]:
    return [(f"{number}.txt", story(number)) for number in range(count)]


def read(number: int, habits: SiteHabits, text: str = "", path: str = "") -> list[str]:
    reading = Reading(now=NOW, habits=habits)
    data = (text or story(number)).encode()
    article = read_article(path or f"{number}.txt", data, MODIFIED, reading)
    return [article.title, *article.text.split("\n")]


def test_without_habits_unknown_furniture_stays() -> None:
    assert FOOTER in read(0, SiteHabits())


def test_from_the_second_article_on_furniture_goes() -> None:
    lines = read(0, habits_of(texts(2)))
    assert FOOTER not in lines
    assert not any("people like" in line for line in lines)  # digits are normalised
    assert lines[0].startswith("Story 0")
    assert len(lines) == 3


def test_an_article_alone_is_not_compared_with_itself() -> None:
    assert FOOTER in read(0, habits_of(texts(1)))


def test_the_same_story_guard_keeps_an_updated_copy() -> None:
    updated = f"{story(0)}\n\nThe sea has calmed down since, said the harbour master on Tuesday."
    habits = habits_of([*texts(1), ("copy.txt", updated), ("1.txt", story(1))])
    lines = read(0, habits)
    assert any(line.startswith("Paragraph one") for line in lines)
    assert FOOTER not in lines


def test_one_shared_line_among_many_articles_is_a_quotation() -> None:
    quote = "“We have never seen a tide like this one,” said the harbour master of Harle on Monday."
    many = [(f"{n}.txt", story(n)) for n in range(2, 14)]
    habits = habits_of([*many, ("0.txt", story(0, quote)), ("1.txt", story(1, quote))])
    assert quote in read(0, habits, story(0, quote))
    assert FOOTER not in read(0, habits, story(0, quote))


def test_a_line_made_of_known_shingles_is_furniture() -> None:
    habits = habits_of(texts(4))
    longer = story(9, f"Evening: {FOOTER} and holidays")
    assert not any("holidays" in line for line in read(9, habits, longer))


def test_a_headline_that_returns_every_week_is_never_cut() -> None:
    weekly = [
        story(n).replace(f"Story {n} about the {NOUNS[n]}", "The week and how it") for n in range(3)
    ]
    known = [(f"{n}.txt", text) for n, text in enumerate(weekly)] + texts(14)[3:]
    lines = read(0, habits_of(known), weekly[0])
    assert lines[0] == "The week and how it has a headline of its own"


def test_habits_travel_to_another_process() -> None:
    reading = replace(Reading(now=NOW), habits=habits_of(texts(3)))
    assert pickle.loads(pickle.dumps(reading)) == reading

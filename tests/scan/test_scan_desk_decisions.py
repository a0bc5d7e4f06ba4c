"""Holding back, the flood guard, corrections and doubts: the decisions, as pure cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.model import SURE_BEYOND, Article, Filed, Filing, Stamp, Status
from feedsvc.scan.correct import (
    Lesson,
    correct_entry,
    file_by_editor,
    list_lessons,
    note_lesson,
    taught_by,
)
from feedsvc.scan.flood import TOGETHER, Flood, FloodRule, choose_news, describe_flood, find_flood
from feedsvc.scan.hold import date_arrival, hold_entry
from feedsvc.scan.identity import reread_entry, retract_entry, revise_entry
from feedsvc.scan.unsure import doubt
from feedsvc.store import State, StoredEntry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GUESSED = Filing((Filed("politics", "words: tax", certain=False),), margin=0.5)


def make(state: State = State.LIVE, arrived: datetime | None = NOON, shown: bool = False):
    article = Article("a.md", "A", Stamp(NOON - 5 * HOUR, "front matter"))
    return StoredEntry(
        *("0" * 16, "tag:x", "a", "a.md", state, shown, NOON - 5 * HOUR, NOON - 5 * HOUR),
        None,
        "v",
        article,
        GUESSED,
        arrived=arrived,
    )


# Holding back


@pytest.mark.parametrize(
    ("state", "arrived", "shown", "hold", "after", "becomes"),
    [
        (State.LIVE, NOON, False, HOUR, 0 * HOUR, State.HELD),
        (State.HELD, NOON, False, HOUR, 0.99 * HOUR, State.HELD),
        (State.HELD, NOON, False, HOUR, HOUR, State.LIVE),
        (State.HELD, NOON, False, 0 * HOUR, 0 * HOUR, State.LIVE),  # the config has none any more
        (State.HELD, NOON, False, 9 * HOUR, 2 * HOUR, State.HELD),  # it has a longer one
        (State.LIVE, NOON, True, HOUR, 0 * HOUR, State.LIVE),  # the public has it
        (State.LIVE, None, False, HOUR, 0 * HOUR, State.LIVE),  # a store from before holds
        (State.DRAFT, NOON, False, HOUR, 0 * HOUR, State.DRAFT),
        (State.GONE, NOON, False, HOUR, 0 * HOUR, State.GONE),
    ],
)
def test_hold(
    state: State,
    arrived: datetime | None,
    shown: bool,
    hold: timedelta,
    after: timedelta,
    becomes: State,
) -> None:
    entry = hold_entry(make(state, arrived, shown), hold, NOON + after)
    assert entry.state is becomes
    assert entry.held_until == (NOON + hold if becomes is State.HELD else None)
    assert entry.published == NOON - 5 * HOUR  # R44


@pytest.mark.parametrize(
    ("modified", "first", "arrived"),
    [
        (NOON - HOUR, False, NOON),  # an old file that is copied in now has come now
        (NOON - HOUR, True, NOON - HOUR),  # one that a lost store knew has lain there
        (NOON + HOUR, True, NOON),  # a clock that went wrong
    ],
)
def test_arrival(modified: datetime, first: bool, arrived: datetime) -> None:
    assert date_arrival(int(modified.timestamp() * 1e9), NOON, first) == arrived


@pytest.mark.parametrize("nanoseconds", [-(10**19), 2**63 - 1, 10**30])
def test_a_time_that_no_calendar_has_is_now_or_long_ago(nanoseconds: int) -> None:
    assert date_arrival(nanoseconds, NOON, True) <= NOON


def test_reading_again_releases_nothing() -> None:
    """Neither an edit nor cleaning again; what is a draft now, or gone, is held back no more."""
    held = replace(make(State.HELD), held_until=NOON + HOUR)
    draft = replace(held.article, status=Status.DRAFT)
    for entry in (
        revise_entry(held, held.article, GUESSED, NOON),
        reread_entry(held, replace(held.article, title="B"), GUESSED, NOON),
    ):
        assert (entry.state, entry.held_until) == (State.HELD, NOON + HOUR)
    for entry in (revise_entry(held, draft, GUESSED, NOON), retract_entry(held, NOON)):
        assert entry.state is not State.HELD and entry.held_until is None
        assert entry.retracted is None and not entry.shown


# The flood guard


def test_news_are_the_newest_of_both() -> None:
    come = [(NOON, "a", NOON), (NOON - HOUR, "b", NOON)]
    coming = [(NOON - HOUR / 2, "c"), (NOON - 2 * HOUR, "d")]
    assert choose_news(2, come, coming, NOON) == {"a", "c"}
    assert choose_news(3, come, coming, NOON) == {"a", "c", "b"}
    assert choose_news(9, come, coming, NOON) == {"a", "b", "c", "d"}


def test_what_has_been_news_for_longer_keeps_its_place() -> None:
    come = [(NOON, "a", NOON), (NOON - HOUR, "b", NOON - HOUR)]
    coming = [(NOON - HOUR / 2, "c"), (NOON - 2 * HOUR, "d")]
    assert choose_news(1, come, coming, NOON) == {"b"}
    assert choose_news(2, come, coming, NOON) == {"b", "a"}


def test_a_flood_ends_where_nothing_came_for_a_while() -> None:
    """A copy that takes an hour is one flood; that of the week before is another."""
    long = [NOON - minutes * timedelta(minutes=1) for minutes in range(0, 60, 9)]
    week_ago = NOON - timedelta(days=7)
    assert find_flood([*long, week_ago]) == long[-1]
    assert find_flood([NOON, NOON - TOGETHER, week_ago]) == NOON - TOGETHER
    assert find_flood([]) is None


def test_what_scan_says_of_a_flood() -> None:
    rule = FloodRule(timedelta(days=3), 2)
    old, beyond = ["a"] * 25, ["b"] * 4
    assert describe_flood(Flood(old=old), 30, rule) == (
        "30 new; 25 of them are older than 3 days and came together: they are in archives and on "
        "pages, not in the live feeds (feeds.flood_age); feedsvc scan --as-news takes them as news"
    )
    assert describe_flood(Flood(), 30, rule) == ""
    told = describe_flood(Flood(old, beyond, ["c"]), 30, rule)
    assert "and 4 of them are beyond the newest 2 that came together (and 1 that" in told
    assert "(feeds.flood_age, feeds.flood_items)" in told


# Corrections


def test_a_correction_holds_as_far_as_its_sections_exist() -> None:
    known = {"politics", "sports"}
    filing = file_by_editor(("sports", "weather", "politics"), known)
    assert filing and filing.sections == ("sports", "politics") and filing.certain
    assert file_by_editor(("weather",), known) is None
    assert file_by_editor((), known) is None


def test_a_correction_and_its_trace() -> None:
    filing = file_by_editor(("sports",), {"sports"})
    assert filing
    entry, deed, lesson = correct_entry(make(), ("sports",), filing, "ann", NOON)
    assert entry.corrected == ("sports",) and entry.filing.sections == ("sports",)
    assert (deed.who, deed.action) == ("ann", "file")
    assert deed.detail == "a.md: sports (was: politics)"
    assert lesson == Lesson(entry.uid, "sports", "")
    back, deed, lesson = correct_entry(entry, (), GUESSED, "ann", NOON)
    assert back.corrected == () and lesson == Lesson(entry.uid, "", "sports")
    assert deed.detail == "a.md: taken back: politics (was: sports)"


def test_only_what_is_certain_and_not_gone_teaches() -> None:
    sure = replace(make(), filing=Filing((Filed("sports", "folder"),)))
    assert taught_by(sure) == "sports" and taught_by(make()) == ""
    assert taught_by(replace(sure, state=State.HELD)) == "sports"
    assert taught_by(replace(sure, state=State.GONE)) == ""


def test_lessons_are_learned_one_by_one_as_long_as_they_are_known() -> None:
    first = note_lesson("", Lesson("a", "sports", ""))
    second = note_lesson(first, Lesson("b", "politics", ""))
    assert list_lessons(second, second) == []
    assert list_lessons(second, first) == [Lesson("b", "politics", "")]
    assert list_lessons(second, "") == [Lesson("a", "sports", ""), Lesson("b", "politics", "")]
    # What was taught otherwise before must be unlearned, what is not known any more read again.
    assert list_lessons(note_lesson(second, Lesson("a", "culture", "sports")), second) is None
    many = second
    for _ in range(60):
        many = note_lesson(many, Lesson("c", "sports", ""))
    assert list_lessons(many, second) is None
    assert list_lessons("", second) is None  # another store


# Doubts


@pytest.mark.parametrize(
    ("filing", "word"),
    [
        (Filing((), "unfiled: no word of any section", 0.0), "unfiled"),
        (Filing((Filed("news", "fallback section: x", False),), "fallback", 0.05), "fallback"),
        (Filing((Filed("a", "words", False),), margin=0.2 + SURE_BEYOND - 0.001), "close"),
        (Filing((Filed("a", "words", False),), margin=0.2 + SURE_BEYOND), ""),
        (Filing((Filed("a", "words", False), Filed("b", "words", False)), margin=0.9), "shared"),
        (Filing((Filed("a", "folder"), Filed("b", "folder"))), ""),
        (Filing((Filed("a", "rule"),), margin=0.0), ""),
    ],
)
def test_doubt(filing: Filing, word: str) -> None:
    assert doubt(replace(filing, needed=0.2)) == word

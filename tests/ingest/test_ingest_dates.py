"""Dates as people write them (DESIGN, Dates; F9, F10)."""

from __future__ import annotations

import locale
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_cases import NOW

from feedsvc.ingest import Reading
from feedsvc.ingest.datelines import read_date_line
from feedsvc.ingest.dates import read_date, split_file_name

NEW_YORK = Reading(now=NOW, timezone=ZoneInfo("America/New_York"))

DATES = [
    ("2026-03-04", "2026-03-04 05:00"),
    ("20260304", "2026-03-04 05:00"),
    ("2026-3-4", "2026-03-04 05:00"),
    ("2026/03/04", "2026-03-04 05:00"),
    ("2026-03-04T10:00:00Z", "2026-03-04 10:00"),
    ("2026-03-04T10:00:00+05:30", "2026-03-04 04:30"),
    ("2026-03-04 10:00:00 +01:00", "2026-03-04 09:00"),
    ("March 4, 2026", "2026-03-04 05:00"),
    ("Mar. 4, 2026", "2026-03-04 05:00"),
    ("4th of March, 2026", "2026-03-04 05:00"),
    ("4-Mar-2026", "2026-03-04 05:00"),
    ("Friday, January 27, 2017 1:23PM EST", "2017-01-27 18:23"),
    ("Fri, 27 Jan 2017 13:23:00 -0500", "2017-01-27 18:23"),
    ("Sept. 9, 2026, 6:02 a.m. CDT", "2026-09-09 11:02"),
    ("12:30 a.m. ET, Wed March 4, 2026", "2026-03-04 05:30"),
    ("July 4, 2026 12 pm PT", "2026-07-04 19:00"),
    ("March 4, 2026 at 9:14 AM GMT+2", "2026-03-04 07:14"),
    ("27. Januar 2017, 13.23 Uhr", "2017-01-27 18:23"),
    ("le 4 mars 2026 à 10h30", "2026-03-04 15:30"),
    ("4 de marzo de 2026", "2026-03-04 05:00"),
    ("3/4/2026", "2026-03-04 05:00"),
    ("13/4/2026", "2026-04-13 04:00"),
    ("3.4.2026", "2026-04-03 04:00"),
]
NO_DATES = [
    *("yesterday", "Thursday", "2 hours ago", "March 2026", "2026", "10:00", "today", ""),
    *("31 February 2026", "2026-02-30", "March 4, 2026 25:00", "March 4, 2026 13:00 PM"),
    *("4/3/26", "1776-07-04", "2099-01-01", "99999999", "March 4, 2026 10:00 XYZ", "x" * 10_000),
    *("13/13/2026", "0/0/2026", "Marchember 4, 2026", "2026-03-04T10:00:00+99:00"),
]


@pytest.mark.parametrize(("text", "utc"), DATES)
def test_a_date_is_read(text: str, utc: str) -> None:
    assert read_date(text, NEW_YORK) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_date(text, NEW_YORK)


def test_the_order_of_day_and_month_follows_the_language() -> None:
    british = Reading(now=NOW, language="en-GB")
    assert read_date("3/4/2026", british).month == 4
    assert read_date("3/4/2026", Reading(now=NOW, language="en-US")).month == 3


def test_what_was_published_lies_behind_except_for_a_zone() -> None:
    """Numbers are read the other way round only where a day cannot have been, in no zone."""
    eve = datetime(2026, 5, 2, 20, tzinfo=UTC)

    def published(line: str, language: str) -> str:
        found = read_date_line(line, Reading(now=eve, language=language))
        assert found and found.published
        return f"{found.published:%Y-%m-%d}"

    assert published("Published: 03/05/2026", "en-GB") == "2026-05-03"  # tomorrow, further east
    assert published("Published: 04/12/2026", "en-GB") == "2026-04-12"
    assert published("Published: 12/04/2026", "en") == "2026-04-12"
    assert published("Published: 11/12/2026", "en-GB") == "2026-12-11"  # neither has passed


def test_month_names_do_not_follow_the_locale() -> None:
    """F9: dates are identical under any LC_TIME."""
    before = locale.setlocale(locale.LC_TIME)
    for name in ("C", "de_DE.UTF-8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert read_date("March 4, 2026", NEW_YORK).month == 3
        finally:
            locale.setlocale(locale.LC_TIME, before)


@given(st.datetimes(datetime(1991, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_what_a_machine_wrote_comes_back(moment: datetime) -> None:
    assert read_date(moment.isoformat(), NEW_YORK) == moment
    seconds = moment.replace(microsecond=0)
    assert read_date(f"{seconds:%d %B %Y %H:%M:%S} UTC", NEW_YORK) == seconds
    assert read_date(f"{seconds:%Y/%m/%d %H:%M:%S} GMT", NEW_YORK) == seconds


@given(st.text(max_size=120))
def test_any_text_is_a_date_or_none(text: str) -> None:
    with suppress(ValueError):
        assert read_date(text, NEW_YORK).tzinfo is UTC
    read_date_line(text, NEW_YORK)


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("Published Friday, January 27, 2017 1:23PM EST", "2017-01-27", ""),
        ("Published March 4, 2026 | Updated March 5, 2026", "2026-03-04", "2026-03-05"),
        ("Last modified on Fri 3 Mar 2017 08.24 EST", "", "2017-03-03"),
        ("First published: 5 April 2026", "2026-04-05", ""),
    ],
)
def test_a_date_line_is_read(line: str, published: str, updated: str) -> None:
    found = read_date_line(line, NEW_YORK)
    assert found
    assert (f"{found.published:%Y-%m-%d}" if found.published else "") == published
    assert (f"{found.updated:%Y-%m-%d}" if found.updated else "") == updated


@pytest.mark.parametrize(
    "line",
    ["In March 2026 he went home", "The year 2026 was good.", "Thursday", "Updated rules", "2026"],
)
def test_prose_is_no_date_line(line: str) -> None:
    assert read_date_line(line, NEW_YORK) is None


@pytest.mark.parametrize(
    ("stem", "day", "rest"),
    [
        ("2026-03-04-the-mill", "2026-03-04", "the-mill"),
        ("20260304_the_mill", "2026-03-04", "the_mill"),
        ("2026-03-04", "2026-03-04", ""),
        ("2026-02-31-the-mill", "", "2026-02-31-the-mill"),
        ("12345678-report", "", "12345678-report"),
        ("the-mill-2026-03-04", "", "the-mill-2026-03-04"),
    ],
)
def test_a_date_in_a_file_name(stem: str, day: str, rest: str) -> None:
    moment, left = split_file_name(stem, Reading(now=NOW))
    assert (f"{moment:%Y-%m-%d}" if moment else "") == day
    assert left == rest

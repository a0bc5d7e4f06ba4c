"""When what failed is tried again: bounded in count and time, and when a subscriber asks for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.hub.retries import (
    CHECK_PAUSES,
    PAUSES,
    find_next_check,
    find_next_try,
    read_retry_after,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MIDDLE = 0.5  # of all chances: no jitter


def seconds(moment: datetime | None) -> float:
    """Return how long after now a moment is."""
    assert moment is not None
    return (moment - NOW).total_seconds()


def test_H35_the_schedule() -> None:
    pauses = [seconds(find_next_try(attempt, NOW, MIDDLE)) for attempt in range(1, 8)]
    assert pauses == [15, 60, 300, 1800, 7200, 18_000, 36_000]
    assert find_next_try(8, NOW, MIDDLE) is None


def test_a_verification_is_tried_three_times() -> None:
    assert [seconds(find_next_check(attempt, NOW, MIDDLE)) for attempt in (1, 2)] == [15, 60]
    assert find_next_check(3, NOW, MIDDLE) is None
    assert len(CHECK_PAUSES) == 2


@given(st.integers(1, 20), st.floats(0, 1), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_H35_all_tries_are_bounded(attempt: int, chance: float, after: datetime | None) -> None:
    due = find_next_try(attempt, NOW, chance, after)
    if attempt > len(PAUSES):
        assert due is None
        return
    assert due is not None
    pause = PAUSES[attempt - 1]
    # The last pause may be a fifth longer, unless the subscriber asked for something.
    assert NOW + pause * 0.8 <= due <= max(NOW + PAUSES[-1], NOW + pause * 1.2)
    if after and after <= NOW + PAUSES[-1]:
        assert due >= min(after, NOW + PAUSES[-1])


@given(st.floats(0, 1), st.floats(0, 1))
def test_jitter_is_a_fifth(one: float, other: float) -> None:
    first, second = find_next_try(3, NOW, one), find_next_try(3, NOW, other)
    assert abs(seconds(first) - seconds(second)) <= 0.4 * 300 + 0.001


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("9999999999999999999999", 36_000),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180),
        ("Thursday, 26-Nov-26 12:03:00 GMT", 180),
        ("Thu Nov 26 12:03:00 2026", 180),
        ("Thu, 26 Nov 2026 14:03:00 +0200", 180),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, expected: float) -> None:
    assert seconds(read_retry_after(value, NOW)) == expected


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "٣", "Thu, 99 Nov 2026", "1" + "x"])
def test_retry_after_that_says_nothing(value: str) -> None:
    assert read_retry_after(value, NOW) is None


DATES = st.builds(
    "Thu, {} {} {} {}:{}:{} {}".format,
    st.integers(-5, 99),
    st.sampled_from(["Jan", "Feb", "Dec", "Foo"]),
    st.integers(-5, 99_999),
    *[st.integers(-5, 99)] * 3,
    st.sampled_from(["GMT", "+2359", "-9999", "+99999999999", "", "-0000", "EST"]),
)


@given(st.text() | st.from_regex(r"\A[0-9]{1,40}\Z") | DATES)
def test_any_retry_after_is_read_or_is_none(value: str) -> None:
    after = read_retry_after(value, NOW)
    due = find_next_try(1, NOW, MIDDLE, after)
    assert due is not None and NOW + PAUSES[0] <= due <= NOW + PAUSES[-1]

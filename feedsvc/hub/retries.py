"""When a push that failed is tried again, and when no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# From a hiccup to a night's outage: 15 s, 1 m, 5 m, 30 m, 2 h, 5 h, 10 h.
PAUSES = tuple(timedelta(seconds=each) for each in (15, 60, 300, 1800, 7200, 18_000, 36_000))

# So many tries does a verification have, where the callback could not be reached.
CHECK_PAUSES = PAUSES[:2]

# Subscribers that failed together shall not come back together: a fifth more or less.
JITTER = 0.2


def find_next_try(
    attempt: int, now: datetime, chance: float, ask_after: datetime | None = None
) -> datetime | None:
    """Return when to try again after try number ``attempt`` (from 1); None to give up.

    ``chance`` is from 0 to 1; ``ask_after`` is what the subscriber asked for, which is honoured up
    to the longest pause.
    """
    return _pause(PAUSES, attempt, now, chance, ask_after)


def find_next_check(attempt: int, now: datetime, chance: float) -> datetime | None:
    """Return when to ask a callback again that could not be reached; None to give up."""
    return _pause(CHECK_PAUSES, attempt, now, chance, None)


def _pause(
    pauses: tuple[timedelta, ...],
    attempt: int,
    now: datetime,
    chance: float,
    ask_after: datetime | None,
) -> datetime | None:
    if attempt > len(pauses):
        return None
    due = now + pauses[attempt - 1] * (1 + JITTER * (2 * chance - 1))
    return min(max(due, ask_after), now + PAUSES[-1]) if ask_after else due


def read_retry_after(value: str, now: datetime) -> datetime | None:
    """Read a Retry-After header, in seconds or as a date (RFC 9110, 10.2.3); None if it is none."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return now + min(timedelta(seconds=int(value[:9])), PAUSES[-1])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

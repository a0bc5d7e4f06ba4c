"""How long readers wait between two polls, and what went by meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# Polls that lie closer together are one visit: of a feed in two formats, or one tried again. What
# workers count is written down every ten seconds, and dated by that. In seconds.
SAME_VISIT = 30

# Of one poll no more missed entries are counted: a bulk that came is no loss of thousands.
MISSED_MOST = 500


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a feed goes through: the dates of its newest entries, and how many of them it holds."""

    dates: Sequence[datetime]
    held: int

    def count_missed(self, since: datetime, until: datetime) -> int:
        """Return how many entries came and went between two polls that were answered in full."""
        came = sum(since < moment <= until for moment in self.dates)
        return min(MISSED_MOST, max(0, came - self.held))


def step_of(seconds: int) -> int:
    """Return the class of an interval: 2**step seconds and more, below twice that."""
    return max(0, seconds.bit_length() - 1)


def find_median(classes: Mapping[int, tuple[int, int]]) -> float | None:
    """Return the median interval in seconds: the mean of the class in the middle.

    ``classes`` have count and seconds by their step. A reader that waits the same time each time
    gets that time, exactly. None if there is no interval.
    """
    total = sum(count for count, _ in classes.values())
    passed = 0
    for _, (count, seconds) in sorted(classes.items()):
        passed += count
        if count and 2 * passed >= total:
            return seconds / count
    return None

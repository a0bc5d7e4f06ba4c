"""How sure the model must be: a sample of what was learned, and the threshold found from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

# Of what is filed, so much must be right; an unfiled article is better than a misfiled one.
PRECISION_WANTED = 0.95

# Articles that cross-validation decides anew: enough to tell 95 % from 90 %, in under 0.2 s.
SAMPLE_AT_MOST = 300

# The threshold moves in steps of 0.01, so that a few more articles seldom move it at all.
_DIGITS = 2

# Below it "the runner-up" is noise; above it next to nothing would ever be filed.
_LEAST, _MOST = 0.05, 0.5

# A precision that rests on fewer articles than this is chance.
_FILED_AT_LEAST = 20


class Sample:
    """Some learned articles of each section, spread evenly over the order in which they came.

    Every article is taken until a section's share is full; then every second one goes and only
    every second further one is taken, and so on: no randomness, and old and new weigh alike.
    """

    def __init__(self, sections: int) -> None:
        self._share = max(1, SAMPLE_AT_MOST // max(1, sections))
        self._taken: dict[int, list[Mapping[str, int]]] = {}
        self._stride: dict[int, int] = {}
        self._offered: dict[int, int] = {}

    def offer(self, section: int, features: Mapping[str, int]) -> None:
        """Take the next learned article of a section, or let it pass."""
        number = self._offered.get(section, 0)
        self._offered[section] = number + 1
        stride = self._stride.setdefault(section, 1)
        if number % stride:
            return
        taken = self._taken.setdefault(section, [])
        taken.append(features)
        if len(taken) > self._share:
            self._taken[section] = taken[::2]
            self._stride[section] = stride * 2

    def __iter__(self) -> Iterator[tuple[int, Mapping[str, int]]]:
        for section, taken in self._taken.items():
            for features in taken:
                yield section, features


def choose_threshold(outcomes: Sequence[tuple[bool, float]]) -> float:
    """The lowest margin from which on 95 % of the decisions were right.

    :param outcomes: for each decision whether it was right, and its margin.
    """
    best = _MOST
    right = 0
    # From the surest decision down: the last point at which the precision still holds.
    surest_first = sorted(outcomes, key=lambda outcome: -outcome[1])
    for filed, (was_right, margin) in enumerate(surest_first, start=1):
        right += was_right
        if filed >= _FILED_AT_LEAST and right >= PRECISION_WANTED * filed:
            best = margin
    return min(_MOST, max(_LEAST, round(best, _DIGITS)))

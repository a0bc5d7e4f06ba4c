"""When a config that people edit is read: decided by marks and a clock of our own."""

from __future__ import annotations

import pytest

from feedsvc.config import Mark, Stillness
from feedsvc.config.watching import MISSING_FOR, STILL_FOR

# What a file looks like by turns: its number counts up with each save, and 0 is no file.
Story = list[tuple[float, int]]

STORIES: dict[str, tuple[Story, list[int]]] = {
    "nothing happens": ([], []),
    "one save": ([(1.0, 2)], [2]),
    "saved in two goes": ([(1.0, 2), (1.0 + STILL_FOR * 0.8, 3)], [3]),
    "renamed over, with a moment without a file": ([(1.0, 0), (1.2, 2)], [2]),
    "two saves, each still": ([(1.0, 2), (3.0, 3)], [2, 3]),
    "missing for good": ([(1.0, 0)], [0]),
    "missing, and put back": ([(1.0, 0), (6.0, 1)], [0, 1]),
    "missing, and put back at once": ([(1.0, 0), (1.5, 1)], []),
    "edited and taken back at once": ([(1.0, 2), (1.2, 1)], []),
    "edited and taken back later": ([(1.0, 2), (4.0, 1)], [2, 1]),
    "saved without end": ([(1.0 + step * 0.3, 2 + step) for step in range(30)], [31]),
}


def mark_of(number: int) -> Mark:
    return (number, number, 10, 1) if number else None


def look(watch: Stillness, story: Story, until: float = 14.0) -> list[tuple[float, int]]:
    """Return when which state of a file was read, looking at it four times a second."""
    read, at = [], 0.0
    while at < until:
        number = ([1] + [one for when, one in story if when <= at])[-1]
        if watch.is_due(mark_of(number), at):
            read.append((at, number))
        at += 0.25
    return read


@pytest.mark.parametrize("name", STORIES)
def test_a_file_is_read_once_it_is_still(name: str) -> None:
    story, numbers = STORIES[name]
    read = look(Stillness(mark_of(1)), story)
    assert [number for _, number in read] == numbers
    for at, number in read:
        saved = max(when for when, one in story if one == number and when <= at)
        wait = STILL_FOR if number else MISSING_FOR
        assert wait <= at - saved <= wait + 0.5


def test_what_failed_for_another_reason_is_read_again() -> None:
    watch = Stillness(mark_of(1))
    assert look(watch, [(0.0, 2)], 2.0)
    watch.read_again(7.0)
    assert [at for at, _ in look(watch, [(0.0, 2)], 12.0)] == [7.0]

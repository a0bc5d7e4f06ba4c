"""A rulebook: one check a numbered requirement, over one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

D = TypeVar("D")
Check = Callable[[D], Iterator[str]]


class Rulebook(Generic[D]):
    """The checks of one format by number; a check yields what is wrong, in words."""

    def __init__(self) -> None:
        self.checks: dict[str, Check[D]] = {}

    def rule(self, number: str) -> Callable[[Check[D]], Check[D]]:
        """Enter a check under its number."""

        def enter(check: Check[D]) -> Check[D]:
            assert number not in self.checks, number
            self.checks[number] = check
            return check

        return enter

    def find_faults(self, document: D) -> dict[str, list[str]]:
        """Return what is wrong by the number that says so."""
        found = {number: list(check(document)) for number, check in self.checks.items()}
        return {number: faults for number, faults in found.items() if faults}

"""A figure, the table that shows many, and the baseline that none may fall below."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BASELINE = Path(__file__).parent / "baseline.json"
_DIGITS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A share, 0 to 1, of ``of`` things; ``wrong`` names those that are not in it.

    ``gated`` ones may not fall. ``floor`` and ``aim`` are what was promised, where something was.
    """

    name: str
    value: float
    of: int
    wrong: tuple[str, ...] = ()
    gated: bool = True
    floor: float | None = None
    aim: float | None = None

    @property
    def rounded(self) -> float:
        """The value with 3 digits, rounded down, so that a baseline is never above its figure."""
        return math.floor(self.value * _DIGITS + 1e-9) / _DIGITS


def share(
    name: str, outcomes: Iterable[tuple[bool, str]], *, gated: bool = True, **promised: float | None
) -> Figure:
    """Make the figure of (is right, what it was) outcomes; of none it is 1."""
    listed = list(outcomes)
    wrong = tuple(what for right, what in listed if not right)
    value = 1 - len(wrong) / len(listed) if listed else 1.0
    return Figure(name, value, len(listed), wrong, gated, **promised)


def read_baseline() -> dict[str, float]:
    """Read the figures that were reached before, by name."""
    figures: dict[str, float] = json.loads(BASELINE.read_text("utf-8"))
    return figures


def write_baseline(figures: Iterable[Figure]) -> None:
    """Take today's figures as those that may not fall."""
    values = {figure.name: figure.rounded for figure in figures if figure.gated}
    BASELINE.write_text(json.dumps(values, indent=2) + "\n", "utf-8")


def find_fallen(figures: Iterable[Figure], baseline: Mapping[str, float]) -> list[str]:
    """Say which figures are below their baseline, or are no longer measured."""
    by_name = {figure.name: figure for figure in figures}
    fallen = []
    for name, least in baseline.items():
        figure = by_name.get(name)
        if figure is None:
            fallen.append(f"{name} is in the baseline and was not measured")
        elif figure.rounded < least:
            wrong = "".join(f"\n    {what}" for what in figure.wrong[:10])
            fallen.append(f"{name}: {figure.rounded:.3f} is below {least:.3f}; wrong are{wrong}")
    return fallen


def draw_table(figures: Sequence[Figure], baseline: Mapping[str, float]) -> str:
    """Draw the figures as a Markdown table, with what they were and what they should be."""
    promised = any(figure.floor is not None for figure in figures)
    head = ["figure", "n", "value"]
    head += ["baseline", ""] if baseline else []
    head += ["floor", "aim", ""] if promised else []
    rows = [head, ["---"] * len(head)]
    for figure in figures:
        row = [figure.name, str(figure.of), f"{figure.rounded:.3f}"]
        if baseline:
            row += _compare(figure, baseline.get(figure.name))
        if promised:
            row += [_show(figure.floor), _show(figure.aim), _judge(figure)]
        rows.append(row)
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def _compare(figure: Figure, before: float | None) -> list[str]:
    if before is None:
        return ["", "new" if figure.gated else ""]
    change = "rose" if figure.rounded > before else "FELL" if figure.rounded < before else ""
    return [f"{before:.3f}", change]


def _show(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _judge(figure: Figure) -> str:
    if figure.floor is None or figure.aim is None:
        return ""
    # What is lost is better the less it is.
    is_loss = figure.aim < figure.floor
    sign = -1 if is_loss else 1
    if sign * figure.value >= sign * figure.aim:
        return "aim reached"
    return "" if sign * figure.value >= sign * figure.floor else "BELOW THE FLOOR"

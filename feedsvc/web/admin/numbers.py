"""The numbers behind the pictures of the desk: decided purely, and the same in the table beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from feedsvc.hub.tallies import LATENCIES, LATENCY

# The answers that are told apart in a picture, and what the rest of them are called.
_STATUSES = ("304", "200", "226", "404", "410")
_OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers to be drawn: ``labels`` along the x axis, and for each series its name and values."""

    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


def table_of(figures: Figures) -> list[tuple[str, tuple[float, ...]]]:
    """Return the rows of the table behind a picture."""
    columns = [values for _, values in figures.series]
    return list(zip(figures.labels, zip(*columns, strict=True), strict=True))


def trace_subscribers(days: Sequence[tuple[date, int]]) -> Figures:
    """Return how many subscribers there were day by day."""
    labels = tuple(day.strftime("%m-%d") for day, _ in days)
    return Figures(labels, (("Subscribers", tuple(float(count) for _, count in days)),))


def stack_polls(
    hours: Sequence[tuple[datetime, Mapping[str, int]]], timezone: str
) -> Figures | None:
    """Return the polls hour by hour in the site's ``timezone``, by status; None without any."""
    totals: dict[str, list[float]] = {name: [] for name in (*_STATUSES, _OTHERS)}
    for _, counts in hours:
        for name in _STATUSES:
            totals[name].append(float(counts.get(name, 0)))
        others = sum(count for name, count in counts.items() if name not in _STATUSES)
        totals[_OTHERS].append(float(others))
    series = tuple((name, tuple(values)) for name, values in totals.items() if any(values))
    zone = ZoneInfo(timezone)
    labels = tuple(hour.astimezone(zone).strftime("%d. %H:%M") for hour, _ in hours)
    return Figures(labels, series) if series else None


def class_latencies(tallies: Mapping[str, int]) -> Figures | None:
    """Return how many pushes took how long, from publishing to the 2xx; None without any."""
    labels = [*(f"{bound:g} s" for bound in LATENCIES), "longer"]
    names = [*map(str, LATENCIES), "+Inf"]
    counts = [float(tallies.get(f"{LATENCY}{name}", 0)) for name in names]
    return Figures(tuple(labels), (("Pushes", tuple(counts)),)) if any(counts) else None

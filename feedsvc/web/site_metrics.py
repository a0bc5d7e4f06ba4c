"""The site's figures, as Prometheus takes them: what is published, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc import __version__
from feedsvc.store import DECISIONS, SiteFigures

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# The kinds of problem there are; those of which there is none are told as 0, so that an alert on
# them knows the figure before it is needed.
_KINDS = ("config", "conflict", "folder", "refused", "unlisted", "unreadable")

# Sections that are told one by one, the fullest; each is a series of its own to Prometheus.
_SECTIONS_MOST = 200


class SiteCollector:
    """Hands the figures of one moment to Prometheus' own writer."""

    def __init__(self, figures: SiteFigures, now: datetime) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yield each figure; moments are seconds since 1970, and left out where there is none."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        figures = self._figures

        def gauge(name: str, text: str, value: float) -> Metric:
            return GaugeMetricFamily(f"feedsvc_{name}", text, value=value)

        build = GaugeMetricFamily("feedsvc_build_info", "The version at work.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        yield gauge("revision", "The number of the publication.", figures.revision)
        for name, text, moment in (
            ("published", "When something new was published.", figures.published),
            ("engine_seen", "The engine's last sign of life.", figures.seen),
        ):
            if moment:
                yield gauge(f"{name}_timestamp_seconds", text, moment.timestamp())
        crew = figures.crew
        if crew.since:
            at_work = GaugeMetricFamily(
                "feedsvc_engine_active_since_timestamp_seconds",
                "Since when the engine at work is it.",
                labels=["engine"],
            )
            at_work.add_metric([crew.active], crew.since.timestamp())
            yield at_work
        yield gauge("engines_active", "Engines at work: 1, or 0.", bool(crew.active))
        yield gauge("engines_standby", "Engines that stand by.", crew.standby)
        yield gauge("feeds", "Feeds that are published.", figures.feeds)
        entries = GaugeMetricFamily(
            "feedsvc_entries",
            "Public entries, by section; all is the site.",
            labels=["section"],
        )
        for section, count in _choose_fullest(figures.entries):
            entries.add_metric([section], count)
        yield entries
        yield gauge("entries_unfiled", "Public entries in no section.", figures.unfiled)
        yield gauge("entries_held", "Entries held back for a last look.", figures.held)
        problems = GaugeMetricFamily(
            "feedsvc_problems", "What needs a person, by kind.", labels=["kind"]
        )
        for kind in dict.fromkeys((*_KINDS, *sorted(figures.problems))):
            problems.add_metric([kind], figures.problems.get(kind, 0))
        yield problems
        decided = CounterMetricFamily(
            "feedsvc_articles", "What was decided about files.", labels=["decision"]
        )
        for name in dict.fromkeys((*DECISIONS, *sorted(figures.decided))):
            decided.add_metric([name], figures.decided.get(name, 0))
        yield decided

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked of the store before somebody asks us."""
        return ()


def _choose_fullest(entries: Mapping[str, int]) -> list[tuple[str, int]]:
    ordered = sorted(entries.items(), key=lambda item: (-item[1], item[0]))
    return sorted(ordered[:_SECTIONS_MOST])

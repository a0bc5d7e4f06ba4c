"""The hub's figures, as Prometheus takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc.hub.tallies import CHECK, FAILED, LATENCIES, LATENCY, LATENCY_SUM, SENT
from feedsvc.store import DENIED, SUBSCRIBE, UNSUBSCRIBE, HubFigures

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# What a push can fail by, and what callbacks are asked for. Those that have not happened yet are
# told as 0, so that rates are right; others are told once they have.
_REASONS = ("3xx", "4xx", "5xx", "timeout", "connection", "forbidden", "secret")
_MODES = (SUBSCRIBE, UNSUBSCRIBE, DENIED)


class HubCollector:
    """Hands the figures of one moment to Prometheus' own writer."""

    def __init__(self, figures: HubFigures, now: datetime) -> None:
        self._figures = figures
        self._now = now

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        figures = self._figures
        by_state = GaugeMetricFamily(
            "feedsvc_hub_subscriptions", "Subscriptions of the hub, by state.", labels=["state"]
        )
        by_state.add_metric(["active"], figures.subscriptions - figures.failing)
        by_state.add_metric(["failing"], figures.failing)
        by_state.add_metric(["unverified"], figures.unverified)
        yield by_state
        for name, text, value in (
            ("due", "Deliveries that are due now.", figures.due),
            ("waiting", "Deliveries in hand, or waiting for their next try.", figures.waiting),
        ):
            yield GaugeMetricFamily(f"feedsvc_hub_deliveries_{name}", text, value=value)
        age = (self._now - figures.oldest).total_seconds() if figures.oldest else 0.0
        yield GaugeMetricFamily(
            "feedsvc_hub_oldest_due_seconds",
            "How long ago the oldest delivery that is due was published.",
            value=max(0.0, age),
        )
        tallies = figures.tallies
        yield CounterMetricFamily(
            "feedsvc_hub_sent", "Pushes that were answered with 2xx.", value=tallies.get(SENT, 0)
        )
        failed = CounterMetricFamily(
            "feedsvc_hub_failed", "Pushes that failed, by reason.", labels=["reason"]
        )
        for reason in with_others(_REASONS, FAILED, tallies):
            failed.add_metric([reason], tallies.get(f"{FAILED}{reason}", 0))
        yield failed
        yield self._count_checks()
        yield self._sum_latency()

    def _count_checks(self) -> Metric:
        from prometheus_client.core import CounterMetricFamily

        checks = CounterMetricFamily(
            "feedsvc_hub_verifications",
            "Questions to callbacks, by what was asked for and how it went.",
            labels=["mode", "result"],
        )
        tallies = self._figures.tallies
        known = [f"{mode} {result}" for mode in _MODES for result in ("passed", "failed")]
        for one in with_others(known, CHECK, tallies):
            checks.add_metric(one.split(" ", 1), tallies.get(f"{CHECK}{one}", 0))
        return checks

    def _sum_latency(self) -> Metric:
        from prometheus_client.core import HistogramMetricFamily

        tallies: Mapping[str, int] = self._figures.tallies
        buckets, total = [], 0
        for bound in (*map(str, LATENCIES), "+Inf"):
            total += tallies.get(f"{LATENCY}{bound}", 0)
            buckets.append((bound, total))
        latency = HistogramMetricFamily(
            "feedsvc_hub_latency_seconds", "From publishing to the subscriber's 2xx."
        )
        latency.add_metric([], buckets, sum_value=tallies.get(LATENCY_SUM, 0) / 1000)
        return latency

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked of the store before somebody asks us."""
        return ()


def with_others(known: Iterable[str], start: str, tallies: Mapping[str, int]) -> list[str]:
    """Return the ``known`` names, and behind them all others that were counted below ``start``."""
    counted = (name.removeprefix(start) for name in tallies if name.startswith(start))
    return list(dict.fromkeys((*known, *sorted(counted))))

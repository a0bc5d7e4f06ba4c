"""``/metrics``: the hub's figures, for Prometheus (its text format).

They are read from the store when they are asked for, so every worker tells the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, Response

from feedsvc.hub.tallies import FAILED, LATENCIES, LATENCY, LATENCY_SUM, SENT
from feedsvc.store import HubFigures
from feedsvc.web.site import LiveSite

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# What a push can fail by; those that have not happened yet are told as 0, so that rates are right.
_REASONS = ("3xx", "4xx", "5xx", "timeout", "connection", "forbidden")


class _HubCollector:
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
            ("waiting", "Deliveries that wait for their next try.", figures.waiting),
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
        for reason in _REASONS:
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
        for mode in ("subscribe", "unsubscribe", "denied"):
            for result in ("passed", "failed"):
                count = self._figures.tallies.get(f"check {mode} {result}", 0)
                checks.add_metric([mode, result], count)
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


def add_metrics(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer at /metrics. A store that is down answers as everywhere: 503."""

    @app.get("/metrics")
    def show_metrics() -> Response:
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        now = live.clock()
        with live.store.reading_hub() as hub:
            figures = hub.figures(now)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_HubCollector(figures, now))
        response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        response.headers["Cache-Control"] = "no-store"
        return response

"""``/metrics``: the hub's figures, for Prometheus (its text format).

They are read from the store when they are asked for, so every worker tells the same. Where reading
them takes long they are told again for a while: whoever asks, it takes little of a worker's time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, Response

from feedsvc.errors import StoreError
from feedsvc.hub.tallies import CHECK, FAILED, LATENCIES, LATENCY, LATENCY_SUM, SENT
from feedsvc.store import DENIED, SUBSCRIBE, UNSUBSCRIBE, HubFigures
from feedsvc.web.site import LiveSite

if TYPE_CHECKING:
    from prometheus_client.core import Metric

log = logging.getLogger(__name__)

# What a push can fail by, and what callbacks are asked for. Those that have not happened yet are
# told as 0, so that rates are right; others are told once they have.
_REASONS = ("3xx", "4xx", "5xx", "timeout", "connection", "forbidden", "secret")
_MODES = (SUBSCRIBE, UNSUBSCRIBE, DENIED)

# Figures that took longer to read than this (seconds) are told again for so many times as long:
# with a million subscriptions that is 0.8 s, and anybody may ask for them.
_CHEAP, _REST = 0.1, 10.0

_RETRY_AFTER = "10"


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
        for reason in _with_others(_REASONS, FAILED, tallies):
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
        for one in _with_others(known, CHECK, tallies):
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


class _Reader:
    """Reads the figures on behalf of one worker, one request at a time."""

    def __init__(self, live: LiveSite) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._read: tuple[HubFigures, datetime] | None = None
        self._until = 0.0

    def read(self) -> tuple[HubFigures, datetime]:
        """Return the figures and the moment that they are of. Raises StoreError."""
        with self._lock:
            began = time.monotonic()
            if self._read is None or began >= self._until:
                now = self._live.clock()
                with self._live.store.reading_hub() as hub:
                    self._read = hub.figures(now), now
                took = time.monotonic() - began
                self._until = began + (_REST * took if took > _CHEAP else 0.0)
            return self._read


def add_metrics(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer at /metrics."""
    reader = _Reader(live)

    @app.get("/metrics")
    def show_metrics() -> Response:
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        try:
            figures, now = reader.read()
        except StoreError as error:
            log.error("%s", error)
            text = "The store does not answer: there are no figures now.\n"
            response = Response(text, 503, content_type="text/plain; charset=utf-8")
            response.headers["Retry-After"] = _RETRY_AFTER
        else:
            registry = CollectorRegistry(auto_describe=False)
            registry.register(_HubCollector(figures, now))
            response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        response.headers["Cache-Control"] = "no-store"
        return response


def _with_others(known: Iterable[str], start: str, tallies: Mapping[str, int]) -> list[str]:
    """Return the ``known`` names, and behind them all others that were counted below ``start``."""
    counted = (name.removeprefix(start) for name in tallies if name.startswith(start))
    return list(dict.fromkeys((*known, *sorted(counted))))

"""``/metrics``: what there is to watch, for Prometheus (its text format).

All figures are read from the store when they are asked for, so every worker tells the same; but
whether the store answers him, and what he serves, each says for himself. Where reading them takes
long they are told again for a while: whoever asks, it takes little of a worker's time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from flask import Flask, Response

from feedsvc.errors import StoreError
from feedsvc.store import HubFigures, SiteFigures, Store
from feedsvc.web.hub_metrics import HubCollector
from feedsvc.web.purge_metrics import PurgeCollector, read_purges
from feedsvc.web.readership_metrics import ReadershipCollector, read_numbers
from feedsvc.web.site import LiveSite
from feedsvc.web.site_metrics import SiteCollector

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

# Figures that took longer to read than this (seconds) are told again for so many times as long:
# with a million subscriptions that is 0.8 s, and anybody may ask for them.
_CHEAP, _REST = 0.1, 10.0

Figures = TypeVar("Figures")


class _Reader(Generic[Figures]):
    """Reads figures on behalf of one worker, one request at a time, and makes them a collector."""

    def __init__(
        self,
        read: Callable[[Store, datetime], Figures],
        collect: Callable[[Figures, datetime], Collector],
    ) -> None:
        self._read = read
        self._collect = collect
        self._lock = threading.Lock()
        self._known: tuple[Figures, datetime] | None = None
        self._until = 0.0

    def collect(self, live: LiveSite) -> Collector:
        """Return what hands the figures to Prometheus' own writer. Raises StoreError."""
        with self._lock:
            began = time.monotonic()
            if self._known is None or began >= self._until:
                now = live.clock()
                self._known = self._read(live.store, now), now
                took = time.monotonic() - began
                self._until = began + (_REST * took if took > _CHEAP else 0.0)
            return self._collect(*self._known)


class _WorkerCollector:
    """Hands over what one worker says of himself."""

    def __init__(self, live: LiveSite, answered: bool) -> None:
        publication = live.fast.publication
        self._revision = publication.revision if publication else 0
        self._answered = answered

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        from prometheus_client.core import GaugeMetricFamily

        text = "Whether the store answers; while it does not, its figures are left out."
        yield GaugeMetricFamily("feedsvc_store_up", text, value=self._answered)
        text = "The number of the publication that this worker serves."
        yield GaugeMetricFamily("feedsvc_served_revision", text, value=self._revision)


def add_metrics(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer at /metrics."""
    # One reader for each part of the store that has figures; more are put beside them.
    readers = (
        _Reader(_read_site, SiteCollector),
        _Reader(read_numbers, ReadershipCollector),
        _Reader(_read_hub, HubCollector),
        _Reader(read_purges, PurgeCollector),
    )

    @app.get("/metrics")
    def show_metrics() -> Response:
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        trouble = live.trouble
        collectors: list[Collector] = []
        try:
            if not trouble:  # else the question would wait for what the watch knows
                collectors += [reader.collect(live) for reader in readers]
        except StoreError as error:
            log.error("%s", error)
            trouble, collectors = str(error), []
        registry = CollectorRegistry(auto_describe=False)
        for collector in (_WorkerCollector(live, answered=not trouble), *collectors):
            registry.register(collector)
        response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        response.headers["Cache-Control"] = "no-store"
        return response


def _read_site(store: Store, now: datetime) -> SiteFigures:
    return store.figures(now)


def _read_hub(store: Store, now: datetime) -> HubFigures:
    with store.reading_hub() as hub:
        return hub.figures(now)

"""What caches in front of the site are told, in figures as Prometheus takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc.store import PurgeFigures, Store

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class PurgeCollector:
    """Hands the figures of one moment to Prometheus' own writer."""

    def __init__(self, figures: PurgeFigures, now: datetime) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        figures = self._figures
        text = "What caches in front of the site were told to forget, by how that went."
        told = CounterMetricFamily("feedsvc_purges", text, labels=["result"])
        told.add_metric(["done"], figures.done)
        told.add_metric(["failed"], figures.failed)
        yield told
        text = "What caches have to forget and were not told yet, or are told once more."
        yield GaugeMetricFamily("feedsvc_purges_waiting", text, value=figures.waiting)
        text = "What caches did not forget so far, though they were told."
        yield GaugeMetricFamily("feedsvc_purges_failing", text, value=figures.failing)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked of the store before somebody asks us."""
        return ()


def read_purges(store: Store, now: datetime) -> PurgeFigures:
    """Return the figures of this moment. Raises StoreError."""
    with store.reading_purges() as purges:
        return purges.figures()

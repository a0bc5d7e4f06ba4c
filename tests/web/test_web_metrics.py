"""``/metrics``: the site's figures and the hub's, in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sites import Site, article, wait_until
from workers import Worker

from feedsvc import __version__
from feedsvc.store import DECISIONS, ENGINE_TICK, SUBSCRIBE, Check, Settled, Store

FEED = "/feeds/politics.atom"
NOW = datetime.now(UTC)


def read(worker: Worker) -> dict[str, float]:
    """Return each figure by its name, with its labels behind it."""
    answer = worker.fetch("/metrics")
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def subscribe(store: Store, *callbacks: str) -> None:
    """Subscribe, as if it had been verified."""
    with store.writing() as writer:
        for callback in callbacks:
            writer.hub.ask(Check(FEED, callback, SUBSCRIBE, "t", "h", NOW, lease=86_400), NOW)
        for check in writer.hub.claim_checks(NOW, NOW + timedelta(minutes=1), 10):
            assert writer.hub.confirm(check, NOW)


def test_the_figures_of_the_hub(site: Site, open_worker: Callable[..., Worker]) -> None:
    site.write("politics/a.md", article("A"))
    site.scan()
    worker, other = open_worker(site), open_worker(site)
    figures = read(worker)
    assert figures["feedsvc_hub_subscriptions active"] == 0
    assert figures["feedsvc_hub_failed_total timeout"] == 0  # so that its rate is known
    store = worker.store
    subscribe(store, "http://a.example/1", "http://a.example/2")
    with store.writing() as writer:
        hub = writer.hub
        hub.ask(Check(FEED, "http://a.example/3", SUBSCRIBE, "t", "h", NOW), NOW)
        hub.owe([FEED], 2, NOW - timedelta(seconds=30))
        first, second = hub.claim(0, NOW, NOW + timedelta(seconds=25), 10)
        later = NOW + timedelta(hours=1)
        hub.settle([Settled(first.to.number, 2)], NOW)
        hub.settle([Settled(second.to.number, 2, "took too long", later)], NOW)
        hub.owe([FEED], 3, NOW - timedelta(seconds=30))
        hub.tally({"sent": 1, "failed timeout": 1, "check subscribe passed": 2})
        hub.tally({"failed 1xx": 1, "check challenge failed": 3})
        hub.tally({"latency 0.5": 1, "latency +Inf": 1, "latency milliseconds": 4_000_000})
    # A slow machine may tell what it has just told for a moment.
    wait_until(lambda: read(worker)["feedsvc_hub_deliveries_due"] > 0)
    figures = read(worker)
    assert figures["feedsvc_hub_subscriptions active"] == 1
    assert figures["feedsvc_hub_subscriptions failing"] == 1
    assert figures["feedsvc_hub_subscriptions unverified"] == 1
    assert figures["feedsvc_hub_deliveries_due"] == 2
    assert figures["feedsvc_hub_oldest_due_seconds"] >= 30
    assert figures["feedsvc_hub_sent_total"] == figures["feedsvc_hub_failed_total timeout"] == 1
    assert figures["feedsvc_hub_verifications_total subscribe passed"] == 2
    # What nobody thought of is not lost.
    assert figures["feedsvc_hub_failed_total 1xx"] == 1
    assert figures["feedsvc_hub_verifications_total challenge failed"] == 3
    assert figures["feedsvc_hub_latency_seconds_bucket 0.25"] == 0
    assert figures["feedsvc_hub_latency_seconds_bucket 0.5"] == 1
    assert figures["feedsvc_hub_latency_seconds_bucket 3600.0"] == 1
    assert figures["feedsvc_hub_latency_seconds_count"] == 2
    assert figures["feedsvc_hub_latency_seconds_sum"] == 4000
    same = {name: value for name, value in read(other).items() if "oldest" not in name}
    assert same == {name: value for name, value in figures.items() if "oldest" not in name}


def test_the_figures_of_the_site(site: Site, open_worker: Callable[..., Worker]) -> None:
    site.write("politics/a.md", article("A"))
    site.write("politics/b.md", article("B", status="draft"))
    site.write("c.md", article("Zzz", "Qqq."))
    site.write("d.md", "---\ntitle: [\n---\n")
    before = datetime.now(UTC).timestamp()
    site.scan()
    worker, other = open_worker(site), open_worker(site, load=False)
    figures = read(worker)
    assert figures[f"feedsvc_build_info {__version__}"] == 1
    assert figures["feedsvc_revision"] == worker.store.revision() > 0
    assert before <= figures["feedsvc_published_timestamp_seconds"] <= datetime.now(UTC).timestamp()
    assert figures["feedsvc_feeds"] == 4
    by_section = {
        name: figures[f"feedsvc_entries {name}"] for name in ("all", "politics", "sports")
    }
    assert by_section == {"all": 2, "politics": 1, "sports": 0}
    assert (figures["feedsvc_entries_unfiled"], figures["feedsvc_entries_held"]) == (1, 0)
    assert figures["feedsvc_problems refused"] == 1
    assert figures["feedsvc_problems config"] == figures["feedsvc_problems folder"] == 0
    decided = {name: figures[f"feedsvc_articles_total {name}"] for name in DECISIONS}
    assert {name: count for name, count in decided.items() if count} == {
        "new": 2,
        "draft": 1,
        "refused": 1,
    }
    assert "feedsvc_engine_seen_timestamp_seconds" not in figures  # it gave no sign of life
    assert figures["feedsvc_engines_active"] == figures["feedsvc_engines_standby"] == 0
    with worker.store.writing() as writer:
        assert writer.ticks.take(ENGINE_TICK, "vm1:77/mark", timedelta(minutes=1))
        for name in ("vm1:77", "vm2:78"):
            writer.ticks.note_engine(name)
    crew = read(open_worker(site))
    assert crew["feedsvc_engines_active"] == crew["feedsvc_engines_standby"] == 1
    assert before <= crew["feedsvc_engine_active_since_timestamp_seconds vm1:77"]
    with worker.store.writing() as writer:
        writer.put_fact("jobs", '{"at": "2026-01-01T00:00:00+00:00"}')
        writer.put_problem("config.yaml", "config", "line 3", NOW)
        writer.put_problem("x", "of tomorrow", "a kind that nobody thought of", NOW)
    wait_until(lambda: read(worker)["feedsvc_problems config"] == 1)
    figures = read(worker)
    assert figures["feedsvc_engine_seen_timestamp_seconds"] == 1_767_225_600
    assert figures["feedsvc_problems of tomorrow"] == 1
    # A worker that has not even loaded a publication tells the same, but of himself.
    assert figures.pop("feedsvc_served_revision") > 0
    others = read(other)
    assert others.pop("feedsvc_served_revision") == 0
    assert others == figures


def test_a_store_that_is_gone_is_no_figure(site: Site, open_worker: Callable[..., Worker]) -> None:
    site.scan()
    worker = open_worker(site)
    worker.store.close()
    site.store.rename(site.store.with_suffix(".gone"))
    site.store.mkdir()
    answer = worker.fetch("/metrics")
    assert answer.status == 200 and "cache-control" in answer.headers
    figures = read(worker)
    assert set(figures) == {"feedsvc_store_up", "feedsvc_served_revision"}
    assert figures["feedsvc_store_up"] == 0


def test_figures_that_take_long_are_told_again(
    site: Site, open_worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks, and how often: they are read once in ten times as long as that took."""
    site.scan()
    worker = open_worker(site)
    monkeypatch.setattr("feedsvc.web.metrics._CHEAP", -1.0)  # whatever takes any time at all
    monkeypatch.setattr("feedsvc.web.metrics._REST", 1_000_000.0)
    assert read(worker)["feedsvc_hub_subscriptions active"] == 0
    subscribe(worker.store, "http://a.example/1")
    assert read(worker)["feedsvc_hub_subscriptions active"] == 0
    assert read(open_worker(site))["feedsvc_hub_subscriptions active"] == 1

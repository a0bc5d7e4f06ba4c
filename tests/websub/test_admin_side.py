"""The admin's side of a running hub with several workers: figures, lists, and purging."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hub_at_work import CONFIG
from hubs import OurHub, assert_deaf, deliver, subscribe
from prometheus_client.parser import text_string_to_metric_families
from sites import Site, serving, wait_until
from subscriber import Subscriber, subscribing

from feedsvc.cli import main


@pytest.fixture(scope="module")
def subscriber() -> Iterator[Subscriber]:
    """A server of callbacks."""
    with subscribing() as one:
        yield one


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurHub]:
    """A hub of two workers."""
    site = Site(tmp_path_factory.mktemp("admin"))
    site.config.write_text(CONFIG)
    with serving(site, workers=2) as server:
        site.base_url = f"http://127.0.0.1:{server.port}"
        yield OurHub(site, server)


def run(config: Path, *words: str) -> object:
    """Run a command beside the server; return what it says as JSON."""
    result = CliRunner().invoke(main, ["hub", *words, "--json", "--config", str(config)])
    assert result.exit_code == 0, result
    return json.loads(result.stdout)


def read(hub: OurHub) -> dict[str, float]:
    """Return the figures that some worker tells."""
    answer = hub.server.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    return {
        " ".join((sample.name.removeprefix("feedsvc_hub_"), *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_admin_sees_and_ends_what_the_hub_does(ours: OurHub, subscriber: Subscriber) -> None:
    signed, plain, other = subscriber.new(), subscriber.new(), subscriber.new()
    topic = ours.topic("politics")
    subscribe(ours, signed, topic, secret="of ours")
    subscribe(ours, plain, topic)
    deliver(ours, "politics", signed, plain)

    # All workers tell the same, whichever is asked; a tally is written a moment after the push.
    wait_until(lambda: read(ours)["sent_total"] == 2)
    for figures in (read(ours) for _ in range(20)):
        assert figures["sent_total"] == figures["latency_seconds_count"] == 2
        assert figures["verifications_total subscribe passed"] == 2
        assert figures["subscriptions active"] == 2 and figures["subscriptions failing"] == 0
        assert figures["deliveries_due"] == figures["deliveries_waiting"] == 0

    rows = run(ours.site.config, "subscriptions")
    assert isinstance(rows, list)
    assert {(row["callback"], row["signed"]) for row in rows} == {
        (signed.url, True),
        (plain.url, False),
    }
    assert all(row["topic"] == topic and row["since"] < row["until"] for row in rows)
    assert "of ours" not in json.dumps(rows)
    assert run(ours.site.config, "deliveries") == []

    assert run(ours.site.config, "purge", "--callback", signed.url) == {"ended": 1}
    assert_deaf(ours, "politics", plain, signed)
    assert run(ours.site.config, "purge", "--all", "--yes") == {"ended": 1}
    subscribe(ours, other, topic)
    assert_deaf(ours, "politics", other, signed, plain)

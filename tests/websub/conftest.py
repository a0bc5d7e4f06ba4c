"""One hub for the conformance tests, and callbacks that nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hubs import OTHER, Hub, OtherHub, serving_hub, subscribe
from post import Post
from postgres import ENGINES, find_store
from subscriber import Subscriber, subscribing

from feedsvc.hub.keys import Vault
from feedsvc.store import Store

# Each test has a section of its own: feeds change once a second at most.
SECTIONS = "".join(f"  h{number}: Section H{number}\n" for number in range(39))


@pytest.fixture(scope="package")
def subscriber() -> Iterator[Subscriber]:
    """A server of callbacks."""
    with subscribing() as subscriber:
        yield subscriber


@pytest.fixture(scope="package", params=ENGINES)
def hub(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    subscriber: Subscriber,
) -> Iterator[Hub]:
    """The hub that is tested, on each engine of the store."""
    if OTHER["HUB"]:
        yield OtherHub(OTHER["HUB"], OTHER["TOPIC"], OTHER["PUBLISH"])
        return
    root, url = tmp_path_factory.mktemp("hub") / "site", find_store(request)
    with serving_hub(root, SECTIONS, store_url=url) as ours:
        # Who subscribes is known to want it: failures that tests cause are not held against him.
        subscribe(ours, subscriber.new(), ours.topic("h0"))
        yield ours


@pytest.fixture(params=ENGINES)
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    """A courier at work, on each engine of the store."""
    store = Store(find_store(request) or f"sqlite:///{tmp_path / 's.db'}")
    store.migrate()
    one = Post(store, Vault(tmp_path / "key"))
    one.publish()
    one.begin()
    yield one
    one.end()
    store.close()

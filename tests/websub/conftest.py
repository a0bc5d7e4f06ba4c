"""The hub that the tests of a module share, and its subscriber."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hub_at_work
import pytest
from hub_at_work import CONFIG, HubAtWork
from sites import Site, article, serving
from subscriber import Subscriber, subscribing


@pytest.fixture(scope="module")
def subscriber() -> Iterator[Subscriber]:
    """A subscriber for a module's tests, each with callbacks of its own."""
    with subscribing() as one:
        yield one


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, subscriber: Subscriber) -> Iterator[HubAtWork]:
    """Our hub on a site of its own; or the one that the environment names."""
    if url := os.environ.get(hub_at_work.HUB_VARIABLE):
        yield HubAtWork(url, os.environ[hub_at_work.TOPIC_VARIABLE], subscriber)
        return
    site = Site(tmp_path_factory.mktemp("hub"))
    site.config.write_text(CONFIG)
    site.write("politics/first.md", article("The first of all"))
    with serving(site) as server:
        base = f"http://127.0.0.1:{server.port}"
        topic = f"{base}/feeds/politics.atom"
        yield HubAtWork(f"{base}/hub", topic, subscriber, site, server)


@pytest.fixture
def our_hub(hub: HubAtWork) -> HubAtWork:
    """Our hub, for what is tried by its site, its config or its store."""
    if hub.site is None:
        pytest.skip("the hub that is tried is another one, whose site is not at hand")
    return hub

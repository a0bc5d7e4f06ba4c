"""Which feeds are news to those who subscribe to them, as the store then owes it (W7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sites import Site, article

from feedsvc.service import Service
from feedsvc.store import SUBSCRIBE, Check

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PATH = "/feeds/tag/harbour.atom"


def subscribe(service: Service, path: str) -> None:
    """Subscribe to the feed of a tag, as the hub's door and its courier do."""
    check = Check(path, "http://127.0.0.1:9/", SUBSCRIBE, path, "127.0.0.1", NOON, None, 86_400)
    with service.store.writing() as writer:
        writer.keep_cut("tag/harbour", 200, NOON, NOON)
        writer.hub.ask(check, NOON)
        (check,) = writer.hub.claim_checks(NOON, NOON, 1)
        assert writer.hub.confirm(check, NOON)


def owed(service: Service) -> list[str]:
    """Return the paths at which anything is owed."""
    with service.store.reading_hub() as hub:
        return [to.path for to, _, _ in hub.owed(10)]


@pytest.mark.parametrize("comes", [True, False])
def test_W7_what_comes_before_a_feed_is_first_built_is_news(site: Site, comes: bool) -> None:
    """The feed of a tag is built because of its first subscriber, who must not miss anything."""
    site.write("politics/first.md", article("The first of all", tags="[harbour]"))
    with site.service(lambda: NOON) as service:
        service.scan()
        subscribe(service, PATH)
        if comes:
            site.write("politics/second.md", article("The second", tags="[harbour]"))
        service.scan()
        service.publish()
        assert PATH in service.store.etags()
        assert owed(service) == ([PATH] if comes else [])

"""The part of the config that was published, as the store keeps it beside the publication."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from feedsvc.config import Config
from feedsvc.partners import load_tokens
from feedsvc.publication.partners import TOKENS_FACT
from feedsvc.store import Store

# The facts of the store from which `make_published` makes that part, in this order.
PUBLISHED_FACTS = ("site", "sections", "link", "folder", "feeds", "removed", "hub")


def make_published(facts: Sequence[str], folder: str = "") -> Config:
    """Return the published part of a config from its facts, with media in another ``folder``."""
    site, sections, link, its_folder, feeds, removed, hub = facts
    return Config.model_validate(
        {
            "site": orjson.loads(site),
            "sections": orjson.loads(sections),
            "content": {"folder": folder or its_folder, "link": link},
            "feeds": orjson.loads(feeds or "{}"),
            "removed": orjson.loads(removed or "[]"),
            "hub": orjson.loads(hub or '{"mode": "none"}'),
        }
    )


def load_published(store: Store) -> Config | None:
    """Return what is in force of the config; None if nothing was published yet."""
    facts = tuple(map(store.fact, PUBLISHED_FACTS))
    return make_published(facts) if facts[0] else None


def list_known_tokens(store: Store) -> dict[str, str]:
    """Return the partners who can read a feed now, each with the token of the config in force."""
    tokens = load_tokens(store.fact(TOKENS_FACT))
    return {name: one.now for name, one in tokens.items() if one.now}

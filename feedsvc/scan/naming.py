"""What ids are made with: the ``authority,date`` of the site, which nobody changes by mistake."""

from __future__ import annotations

from feedsvc.config import Config, LoadedConfig
from feedsvc.errors import ConfigError, Fault
from feedsvc.store import State, Store

# In the store's facts: what ids are made with where the config says nothing, what they were made
# with when the site was published last, and what an admin has allowed them to be made with.
_FIRST, _PUBLISHED, _ALLOWED = "tag", "published_tag", "allowed_tag"


def find_tag(store: Store, config: Config) -> str:
    """Return what ids are made with by this config: ``site.id``, else what was used first (F14)."""
    if config.site.id:
        return config.site.tag
    return store.fact(_PUBLISHED) or store.fact(_FIRST) or config.site.tag


def find_tag_in_force(store: Store) -> str:
    """Return what ids were made with last; empty before there were any."""
    return store.fact(_PUBLISHED) or store.fact(_FIRST)


def settle_tag(store: Store, loaded: LoadedConfig) -> str:
    """Return what ids are made with from now on, and remember it.

    Raises ConfigError if that is something else than so far, and no admin has allowed it.
    """
    if fault := find_tag_fault(store, loaded):
        raise ConfigError((fault,))
    tag = find_tag(store, loaded.config)
    if not loaded.config.site.id and store.fact(_FIRST) != tag:
        with store.writing() as writer:
            writer.put_fact(_FIRST, tag)
    return tag


def find_tag_fault(store: Store, loaded: LoadedConfig) -> Fault | None:
    """Return what is wrong with ``site.id``: it is another, and no admin has allowed that."""
    tag, known = find_tag(store, loaded.config), find_tag_in_force(store)
    if known in ("", tag) or is_tag_allowed(store, loaded.config):
        return None
    if not any(True for _ in store.entries(*State)):
        return None  # nobody knows an id yet
    message = f'is "{tag}" now, and the ids that readers know were made with "{known}"'
    hint = f'write id: "{known}"; to change it all the same, see feedsvc check --diff'
    return Fault(loaded.path.name, loaded.id_line, "site.id", message, hint)


def is_tag_allowed(store: Store, config: Config) -> bool:
    """Whether an admin has said that ids may be made with what this config says."""
    return store.fact(_ALLOWED) == find_tag(store, config)


def allow_tag(store: Store, config: Config) -> None:
    """Let ids be made with what this config says: who runs the site takes it from now on."""
    tag = find_tag(store, config)
    with store.writing() as writer:
        writer.put_fact(_ALLOWED, tag)

"""WebSub: who is told of what is new, and how (the hub of this site, and hubs elsewhere)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feedsvc.hub.requests import PUBLISH, Intent, RefusedRequest, read_request
from feedsvc.hub.rsscloud import CLOUD_LEASE, Registration, read_registration
from feedsvc.hub.topics import find_path, name_of

if TYPE_CHECKING:
    from feedsvc.config import Config
    from feedsvc.hub.courier import Courier
    from feedsvc.hub.keys import Vault
    from feedsvc.store import Store

__all__ = [
    "CLOUD_LEASE",
    "PUBLISH",
    "Intent",
    "RefusedRequest",
    "Registration",
    "copy_key",
    "derive_session_key",
    "find_key",
    "find_path",
    "make_courier",
    "name_of",
    "open_vault",
    "read_registration",
    "read_request",
]


def open_vault(store: Store) -> Vault:
    """Return what encrypts the secrets in a store. Raises KeyFileError, or StoreError."""
    from feedsvc.hub.keys import Vault, find_place  # a large library, which few requests need

    return Vault(find_place(store))


def derive_session_key(store: Store, purpose: str) -> bytes:
    """Return what signs the dashboard's cookies and tokens. Raises KeyFileError, or StoreError."""
    from feedsvc.hub.keys import derive_key, find_place

    return derive_key(find_place(store), purpose)


def copy_key(source: Store, target: Store) -> None:
    """Let what was sealed for one store be opened in its copy. Raises KeyFileError, StoreError."""
    from feedsvc.hub.keys import copy_key

    copy_key(source, target)


def find_key(store_url: str) -> Path | None:
    """Return where the key of a store's secrets lies, or would lie; None if it is in the store."""
    from feedsvc.hub.keys import key_path_of

    return key_path_of(store_url)


def make_courier(store: Store, config: Config, clock: Callable[[], datetime]) -> Courier:
    """Return what delivers for a site; it is not started yet. Raises KeyFileError."""
    from feedsvc.hub.courier import Courier  # workers need no HTTP client

    vault = open_vault(store)
    site, hub = config.site.base_url, config.hub
    return Courier(store, vault, site, hub.allow_private, clock, hub.signature)

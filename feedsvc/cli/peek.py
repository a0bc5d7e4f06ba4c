"""Reading a site's store without making one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from feedsvc.config import Config
from feedsvc.errors import StoreError
from feedsvc.store import Store


def open_if_there(config: Config) -> Store | None:
    """Open the site's store to read from, unless that would have to make one."""
    url = make_url(config.store.url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    try:
        store = Store(config.store.url)
        store.entry("")  # needs every column: an older version's store lacks some
    except StoreError:
        return None  # not made by this version yet, or not readable by this person
    return store

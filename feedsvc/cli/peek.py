"""Reading a site's store without making one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from feedsvc.cli.output import one_line_errors
from feedsvc.config import Config
from feedsvc.errors import StoreError
from feedsvc.store import Store

# There is no store: looking does not make one.
NOTHING_YET = "Nothing was recorded yet: feedsvc scan or feedsvc serve makes a beginning."


def is_missing(config: Config) -> bool:
    """Return whether the site has no store yet; one that cannot be used is there all the same."""
    try:
        url = make_url(config.store.url)
        file = url.database or ":memory:"
        if url.get_backend_name() == "sqlite" and file != ":memory:":
            Path(file).stat()
    except FileNotFoundError:
        return True
    except (ArgumentError, ValueError, OSError):
        pass  # opening it says what is wrong
    return False


def open_if_there(config: Config) -> Store | None:
    """Open the site's store to read from, unless that would have to make one."""
    if is_missing(config):
        return None
    try:
        store = Store(config.store.url)
        store.entry("")  # needs every column: an older version's store lacks some
    except StoreError:
        return None  # not made by this version yet, or not readable by this person
    return store


@contextlib.contextmanager
def opened(config: Config) -> Iterator[Store | None]:
    """Open the site's store, and bring it up to date; None if there is none."""
    if is_missing(config):
        yield None
        return
    with one_line_errors():
        store = Store(config.store.url)
        try:
            store.migrate()
            yield store
        finally:
            store.close()

"""What all tests of the store may use; a further engine is one more parameter of ``url``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import ENGINES, find_store

from feedsvc.store import Store


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of one engine."""
    return find_store(request) or f"sqlite:///{tmp_path}/s.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A migrated store."""
    store = Store(url)
    store.migrate()
    yield store
    store.close()

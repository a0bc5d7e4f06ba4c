"""What all tests may use: sites of their own, and settings that keep runs alike everywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from postgres import Server, running_postgres
from sites import Site

# No deadline: machines that run tests are busy, and a slow example is no wrong one.
settings.register_profile(
    "feedsvc", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("feedsvc")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the machine's own feedsvc out of the tests."""
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site."""
    return Site(tmp_path / "site")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for all tests that want one; those that stop it take one of their own."""
    with running_postgres() as server:
        yield server

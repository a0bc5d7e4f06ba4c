"""Two desks: one that has no password, and one that has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desks import PASSWORD, SECTIONS, fill
from sites import Server, Site, serving
from visitor import Visitor
from werkzeug.security import generate_password_hash


@pytest.fixture(scope="session")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A desk without a password, served by two workers."""
    site = Site(tmp_path_factory.mktemp("open"))
    fill(site)
    with serving(site, workers=2) as server:
        yield server


@pytest.fixture(scope="session")
def locked_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A desk with a password, served by two workers."""
    site = Site(tmp_path_factory.mktemp("locked"))
    fill(site)
    site.configure(f"{SECTIONS}admin:\n  password_hash: {generate_password_hash(PASSWORD)}\n")
    with serving(site, workers=2) as server:
        yield server


@pytest.fixture
def visitor(open_desk: Server) -> Visitor:
    """A person at the machine itself."""
    return Visitor(open_desk.port)


@pytest.fixture
def stranger(locked_desk: Server) -> Iterator[Visitor]:
    """A person who has not signed in, at an address of their own."""
    _STRANGERS.append(1)
    yield Visitor(locked_desk.port, {"X-Forwarded-For": f"198.51.100.{len(_STRANGERS)}"})


_STRANGERS: list[int] = []

"""One server for all readers, behind a recorder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from all_readers import READERS
from desk import Desk, Subscription
from follower import Follower
from sites import Server, Site, serving
from wire import Wire, recording

# More than there are tests that use one.
DESKS = 120


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """The recorder between the readers and the server."""
    with recording() as wire:
        yield wire


@pytest.fixture(scope="session")
def server(wire: Wire, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with many sections, which the world knows by the recorder's address."""
    root = tmp_path_factory.mktemp("readers") / "site"
    site = Site(root, base_url=f"http://127.0.0.1:{wire.port}", settle="20ms")
    names = ["titles", *(f"desk{number}" for number in range(DESKS))]
    site.configure("".join(f"  {name}: {name.capitalize()}\n" for name in names))
    with serving(site) as server:
        wire.upstream = server.port
        yield server


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count()


@pytest.fixture
def new_desk(_numbers: Iterator[int], server: Server, wire: Wire) -> Callable[[], Desk]:
    """Returns sections that no test has used."""

    def choose() -> Desk:
        number = next(_numbers)
        assert number < DESKS, "tests have become more than desks"
        return Desk(f"desk{number}", server, wire)

    return choose


@pytest.fixture(
    params=[(reader, suffix) for reader in READERS for suffix in reader.formats],
    ids=lambda param: f"{param[0].name}-{param[1]}",
)
def reading(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Follower, str]:
    """Each reader with each format that it reads."""
    reader, suffix = request.param
    return reader(tmp_path / "reader"), suffix


@pytest.fixture
def subscription(reading: tuple[Follower, str], new_desk: Callable[[], Desk]) -> Subscription:
    """Each reader in each format, following a section of its own."""
    follower, suffix = reading
    return Subscription(follower, new_desk(), suffix)

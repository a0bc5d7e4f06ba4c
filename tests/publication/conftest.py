"""An engine for tests of the publication."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from publication_samples import NOON
from sites import Site, clock_from

from feedsvc.service import Service


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    """An engine on the empty site, at noon."""
    with site.service(clock_from(NOON)) as service:
        yield service

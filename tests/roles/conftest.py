"""Two engines and a web replica, on each database."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import ENGINES, find_store
from sites import Server, Site

sys.path.insert(0, str(Path(__file__).parents[1] / "websub"))

from crews import Crew

CONFIG = """\
site: {{id: "gazette.test,2026-01-01", title: The Test Gazette, base_url: "http://gazette.test"}}
store: {{url: "{url}"}}
content: {{folder: content, settle: 100ms, scan_every: 5s}}
feeds: {{items: 500}}
hub: {{allow_private: true}}
sections: {{politics: Politics, sports: Sports}}
"""


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of one engine."""
    return find_store(request) or f"sqlite:///{tmp_path}/site/var/feedsvc.db"


@pytest.fixture
def crew(store_url: str, tmp_path: Path) -> Iterator[Crew]:
    """An engine at work, one that stands by, and a web replica."""
    site = Site(tmp_path / "site")
    site.config.write_text(CONFIG.format(url=store_url))
    crew = Crew(site, Server(site, role="web"))
    try:
        crew.tell()
        crew.start()
        crew.web.wait_ready()
        crew.wait_active(standby=0)
        crew.start()
        crew.wait_active()
        yield crew
    finally:
        for server in (*crew.engines, crew.web):
            with contextlib.suppress(ProcessLookupError):
                crew.thaw(server)
            server.kill()
    for server in (*crew.engines, *crew.ended, crew.web):
        assert "Traceback" not in server.log, server.log

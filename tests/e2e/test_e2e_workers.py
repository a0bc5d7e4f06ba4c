"""The web workers of a running site: how they begin, are replaced, and end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from postgres import ENGINES, find_store
from sites import Server, Site, article, running_in_group, serving, wait_until

# As on systems whose libraries do not bear to be forked.
_SPAWNED = """\
import sys
import feedsvc.cli.workers
feedsvc.cli.workers._METHOD = "spawn"
sys.argv[0] = "feedsvc"
feedsvc.cli.main()
"""

# An engine that takes its time, as that of a million articles does.
_SLOW = """\
import sys, time
import feedsvc.cli.serve, feedsvc.service
feedsvc.cli.serve._FILES_WAITED_FOR = 0
feedsvc.service.Service.start = lambda _: time.sleep(600)
sys.argv[0] = "feedsvc"
feedsvc.cli.main()
"""


@pytest.fixture(params=ENGINES)
def quick(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A site with an article that is published, on each engine."""
    site = Site(tmp_path / "site", settle="100ms", store_url=find_store(request))
    site.write("politics/one.md", article("One"))
    site.scan()
    return site


@pytest.fixture(params=["all", "web"])
def role(request: pytest.FixtureRequest) -> str:
    """Which side of the site runs."""
    return str(request.param)


def test_they_die_with_who_started_them(quick: Site, role: str) -> None:
    """Workers that lived on would hold the port, and serve what no engine keeps fresh."""
    with serving(quick, role=role, workers=3) as server:
        assert len(server.children()) >= 3
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(5)
        wait_until(lambda: not running_in_group(server.process.pid), patience=5)


def test_a_dead_one_is_replaced(quick: Site, role: str) -> None:
    """A worker that was killed does not take the site along, and the new one follows changes."""
    with serving(quick, role=role) as server:
        old = max(server.children())
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: old not in server.children() and server.answers())
        assert "One" in server.items()
        quick.write("politics/two.md", article("Two"))
        quick.scan()
        wait_until(lambda: "Two" in server.items())
        assert server.stop() == 0


def test_a_hang_up_renews_them(quick: Site, role: str) -> None:
    """One by one; the site stays."""
    with serving(quick, role=role) as server:
        old = max(server.children())
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: old not in server.children())
        assert "One" in server.items()
        assert server.stop() == 0


def run(site: Site, program: str) -> Server:
    """Start a server by a program of its own."""

    def wrap(words: Sequence[str]) -> list[str]:
        return [sys.executable, "-c", program, *words[3:]]

    return Server(site, wrap=wrap)


@pytest.mark.parametrize("program", [_SLOW, _SPAWNED])
def test_other_ways_to_begin(quick: Site, program: str) -> None:
    """What is published is served, also before the engine is through, and all ends in order."""
    server = run(quick, program)
    try:
        server.wait_ready()
        assert "One" in server.items()
        assert server.stop() == 0
        wait_until(lambda: not running_in_group(server.process.pid), patience=2)
    finally:
        server.kill()
    assert "Traceback" not in server.log

"""The engine's jobs: what goes wrong in one is told in a line, and the clockwork goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sites import Site, article, wait_until

from feedsvc.errors import StoreError
from feedsvc.scheduler import Engine
from feedsvc.service import Service


def fail() -> None:
    raise StoreError("the store does not answer")


# Where each is called from: a job of its own, one that repeats, and one that somebody waits for.
JOBS = ("warm_up", "publish_marked", "wants_cleaning", "scan", "next_release", "clean_again")


@pytest.mark.parametrize("name", JOBS)
def test_a_job_that_fails_is_one_line(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    site.write("politics/one.md", article("One"))
    with site.service() as service:
        work: Callable[..., object] = getattr(service, name)
        monkeypatch.setattr(service, name, lambda *_, **__: fail())
        engine = Engine(service, site.load)
        with caplog.at_level(logging.INFO):
            engine.start()
            wait_until(lambda: "the store does not answer" in caplog.text)
            monkeypatch.setattr(service, name, work)
            site.write("politics/two.md", article("Two"))
            wait_until(lambda: _holds(service, "Two"))
            engine.stop()
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert {record.getMessage() for record in errors} == {"the store does not answer"}
    assert not any(record.exc_info for record in errors)


def _holds(service: Service, title: str) -> bool:
    found = service.store.newest("politics", service.clock(), 9)
    return any(one.article.title == title for one in found)

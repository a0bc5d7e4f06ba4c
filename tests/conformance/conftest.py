"""Published sites to look at, and one that is served over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hostile import HOSTILE, SECTIONS
from published import LONG_ARTICLES, LONG_WORDS, Published, publish
from sites import FORMATS, PROJECT, Server, Site, article, serving

from feedsvc.config import load_config
from feedsvc.service import Service


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The project's own sample site."""
    folder = tmp_path_factory.mktemp("sample")
    seeds = shutil.copytree(PROJECT / "seeds", folder / "seeds")
    environment = {
        "FEEDSVC_CONTENT__FOLDER": str(seeds),
        "FEEDSVC_STORE__URL": f"sqlite:///{folder}/feedsvc.db",
    }
    service = Service(load_config(PROJECT / "config.yaml", environment))
    try:
        # An unfiled article still stands in the feed of the whole site.
        return publish(service, sum(one.is_file() for one in seeds.rglob("*")))
    finally:
        service.close()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A site of hostile articles, one section of which is empty."""
    site = Site(tmp_path_factory.mktemp("hostile"))
    site.configure(SECTIONS)
    for path, text in HOSTILE.items():
        site.write(path, text)
    with site.service() as service:
        return publish(service, len(HOSTILE))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A site without a single article."""
    with Site(tmp_path_factory.mktemp("bare")).service() as service:
        return publish(service, 0)


@pytest.fixture(params=["sample", "hostile", "bare"])
def published(request: pytest.FixtureRequest) -> Published:
    """Each of the sites in turn."""
    found: Published = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site at work, whose folder tests may write to; ``long`` has more than a feed may hold."""
    site = Site(tmp_path_factory.mktemp("served"))
    site.configure("  long: A long section\n")
    site.write("politics/vote.md", article("Vote held", date="2026-01-02"))
    for number in range(LONG_ARTICLES):
        day = datetime(2026, 1, number % 28 + 1, number % 24, tzinfo=UTC).isoformat()
        body = "Words & *more*. " * LONG_WORDS if number % 2 else "A short one."
        site.write(f"long/{number}.md", article(f"Long {number}", body, date=day))
    with serving(site) as server:
        yield server


@pytest.fixture(scope="session")
def paths() -> list[str]:
    """Every feed of the site that is served."""
    names = ("all", "politics", "sports", "culture", "long")
    return [f"/feeds/{name}.{suffix}" for name in names for suffix in FORMATS]

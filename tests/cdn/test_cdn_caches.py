"""Varnish and nginx in front of a running site: they keep what they may, and forget the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from caches import (
    FAKETIME,
    PURGE_MODULE,
    VARNISH,
    XKEY,
    Cache,
    running_nginx,
    running_varnish,
)
from servers import NGINX
from sites import FORMATS, Server, Site, article, free_port, serving, wait_until

NAME = "gazette.test"
BASE = f"http://{NAME}"

needs_varnish = pytest.mark.skipif(
    not (VARNISH and XKEY), reason="apt-get install varnish varnish-modules"
)
needs_nginx = pytest.mark.skipif(
    not (NGINX and PURGE_MODULE.exists()),
    reason="apt-get install nginx libnginx-mod-http-cache-purge",
)
KINDS = [
    pytest.param("varnish", marks=needs_varnish),
    pytest.param("varnish by key", marks=needs_varnish),
    pytest.param("nginx", marks=needs_nginx),
]
# As the files of deploy/ say it.
HOW = {
    "varnish": "purge: http://127.0.0.1:{port}\n",
    "varnish by key": """\
purge:
  url: http://127.0.0.1:{port}/
  headers: {{xkey-purge: "{{keys}}"}}
""",
    "nginx": """\
purge:
  url: "http://127.0.0.1:{port}/_purge{{path}}"
  headers: {{Host: gazette.test}}
""",
}


@dataclass(frozen=True, slots=True)
class Cached:
    """A site with a cache in front of it that is told what to forget."""

    kind: str
    site: Site
    server: Server
    cache: Cache

    def page_of(self, title: str) -> str:
        """Return the path of an article's page."""
        return self.server.items()[title].link.removeprefix(BASE)


# One after the other, the last one killing it: each site has to be left alone first.
@pytest.fixture(scope="module", params=KINDS)
def cached(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cached]:
    """Each kind of cache, when nothing is owed to it any more."""
    kind, root, port = str(request.param), tmp_path_factory.mktemp("cdn"), free_port()
    site = Site(root / "site", base_url=BASE)
    site.configure(HOW[kind].format(port=port))
    site.write("politics/first.md", article("First", id="one"))
    run = running_nginx if kind == "nginx" else running_varnish
    with serving(site) as server, run(root / "cache", port, server.port, NAME) as cache:
        wait_until(lambda: "First" in server.items("politics"))
        time.sleep(6)  # until what was owed to a cache with nothing in it is over
        yield Cached(kind, site, server, cache)


def test_what_changes_is_forgotten(cached: Cached) -> None:
    site, cache = cached.site, cached.cache
    feeds = [f"/feeds/politics.{suffix}" for suffix in FORMATS]
    page = cached.page_of("First")
    everything = [*feeds, page, "/", "/sections/politics", "/feeds/all.xml"]
    for path in everything:
        assert cache.get(path).status == 200
    site.write("politics/first.md", article("First", "Second thoughts.", id="one"))
    for path in (*feeds, page):
        wait_until(lambda path=path: "Second thoughts" in cache.get(path).text)
    site.write("politics/new.md", article("Brand new"))
    for path in everything:
        if path != page:
            wait_until(lambda path=path: "Brand new" in cache.get(path).text)
    site.content.joinpath("politics/new.md").unlink()
    wait_until(lambda: "Brand new" not in cache.get(feeds[0]).text)


def test_a_withdrawn_article_is_out_of_the_cache_at_once(cached: Cached) -> None:
    site, cache = cached.site, cached.cache
    page = cached.page_of("First")
    assert cache.get(page).status == 200 and "First" in cache.get("/feeds/all.atom").text
    site.write("politics/first.md", article("First", id="one", status="withdrawn"))
    wait_until(lambda: cache.get(page).status == 410)
    wait_until(lambda: "<title>First" not in cache.get("/feeds/all.atom").text)


def test_a_cache_serves_without_us_what_it_has(cached: Cached) -> None:
    """It answers from memory: the site is killed, and readers notice nothing."""
    time.sleep(6)  # until what was withdrawn was forgotten for the last time
    before = cached.cache.get("/feeds/politics.xml")
    assert "surrogate-key" not in before.headers and "cache-tag" not in before.headers
    cached.server.kill()
    after = cached.cache.get("/feeds/politics.xml")
    assert (after.status, after.body) == (200, before.body)
    assert after.headers["etag"] == before.headers["etag"]


@needs_nginx
@pytest.mark.skipif(not FAKETIME, reason="apt-get install faketime")
def test_an_old_feed_goes_on_for_a_day_while_we_are_down(tmp_path: Path) -> None:
    """stale-if-error, as nginx takes it from our Cache-Control, with a clock that runs ahead."""
    site = Site(tmp_path / "site", base_url=BASE)
    site.write("politics/first.md", article("First"))
    path, root, port = "/feeds/politics.xml", tmp_path / "cache", free_port()
    with serving(site) as server:
        wait_until(lambda: "First" in server.items("politics"))
        with running_nginx(root, port, server.port, NAME) as cache:
            assert cache.get(path).status == 200
        backend = server.port
    for later, status in (("+20m", 200), ("+23h", 200), ("+26h", 502)):
        with running_nginx(root, port, backend, NAME, later) as cache:
            assert cache.get(path).status == status, later

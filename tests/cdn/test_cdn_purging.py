"""What a running site tells caches, and what becomes of it when they do not listen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from caches import Recorder, recording
from postgres import ENGINES, find_store
from sites import Site, article, plain_environment, serving, wait_until

BASE = "https://gazette.test/news"


def run(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a site."""
    return subprocess.run(
        [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)],
        capture_output=True,
        text=True,
        timeout=60,
        env=plain_environment(),
    )


def make_site(root: Path, purge: str, **more: str) -> Site:
    """Return a site with one article and some caches."""
    site = Site(root, base_url=BASE, **more)
    site.configure(purge)
    site.write("politics/first.md", article("First"))
    return site


@pytest.mark.parametrize("engine", ENGINES)
def test_by_address(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each path with the site's own host and path, once soon and once more for late workers."""
    request.param = engine
    with recording(Recorder()) as cache:
        site = make_site(tmp_path, f"purge: {cache.url}\n", store_url=find_store(request))
        with serving(site):
            wait_until(lambda: cache.paths.count("/news/feeds/politics.xml") >= 2)
            method, _, headers, _ = cache.told[0]
            assert (method, headers["host"]) == ("PURGE", "gazette.test")
            wait_until(lambda: cache.paths.count("/news/") >= 2)
        assert not [path for path in cache.paths if not path.startswith("/news/")]


def test_by_key_in_one_request(tmp_path: Path) -> None:
    how = (
        "purge:\n  - url: {url}/service/x/purge\n    method: post\n"
        '    headers: {{Fastly-Key: s3cret, Surrogate-Key: "{{keys}}"}}\n'
    )
    with recording(Recorder()) as cache:
        site = make_site(tmp_path, how.format(url=cache.url))
        with serving(site) as server:
            wait_until(lambda: cache.told)
            cache.told.clear()
            site.write("politics/second.md", article("Second"))
            wait_until(
                lambda: any("feed:politics" in one[2]["surrogate-key"] for one in cache.told)
            )
            method, path, headers, _ = cache.told[-1]
            assert (method, path) == ("POST", "/service/x/purge")
            assert {"feed:politics", "feed:all"} <= set(headers["surrogate-key"].split())
            assert "s3cret" not in server.log


def test_in_a_body(tmp_path: Path) -> None:
    """As Cloudflare takes it."""
    how = (
        "purge:\n  - url: {url}/zones/z/purge_cache\n    method: POST\n"
        '    headers: {{Content-Type: application/json}}\n    body: \'{{"files": ["{{url}}"]}}\'\n'
    )
    with recording(Recorder()) as cache:
        site = make_site(tmp_path, how.format(url=cache.url))
        with serving(site):
            wanted = {"files": [f"{BASE}/feeds/politics.json"]}
            wait_until(lambda: wanted in [json.loads(body) for _, _, _, body in cache.told])
            assert cache.told[0][2]["content-type"] == "application/json"


def test_a_cache_that_refuses_is_reported_and_told_again(tmp_path: Path) -> None:
    """And spoils only itself: another one is told all the same."""
    with recording(Recorder(status=405)) as deaf, recording(Recorder()) as good:
        site = make_site(tmp_path, f"purge: ['{deaf.url}?key=s3cret', '{good.url}']\n")
        with serving(site) as server:
            wait_until(lambda: "/news/feeds/politics.xml" in good.paths)
            wait_until(lambda: "cache" in run(site, "problems", "--json").stdout)
            (problem,) = json.loads(run(site, "problems", "--json").stdout)
            assert problem["kind"] == "cache" and "405" in problem["message"]
            assert "s3cret" not in run(site, "problems").stdout + server.log
            metrics = server.get("/metrics").text
            assert 'feedsvc_purges_total{result="failed"}' in metrics
            deaf.status = 200
            wait_until(lambda: not json.loads(run(site, "problems", "--json").stdout), 60)
            wait_until(lambda: "feedsvc_purges_waiting 0.0" in server.get("/metrics").text, 60)


def test_what_is_owed_outlives_a_kill(tmp_path: Path) -> None:
    """A cache that is down while we are killed is told when both are back."""
    cache = Recorder()
    site = make_site(tmp_path, f"purge: {cache.url}\n")
    with serving(site) as server:
        wait_until(lambda: json.loads(run(site, "problems", "--json").stdout))
        server.kill()
    with recording(cache), serving(site):
        wait_until(lambda: "/news/feeds/politics.xml" in cache.paths, 60)


def test_a_cache_may_come_and_go_while_the_site_runs(tmp_path: Path) -> None:
    with recording(Recorder()) as cache:
        site = make_site(tmp_path, "")
        with serving(site) as server:
            wait_until(lambda: "First" in server.get("/feeds/politics.xml").text)
            site.configure(f"purge: {cache.url}\n")
            wait_until(lambda: "config taken" in server.log)
            site.write("politics/second.md", article("Second"))
            wait_until(lambda: "/news/feeds/politics.xml" in cache.paths)
            # What nobody keeps ready is noted as well: the page of an article that was edited.
            site.write("politics/second.md", article("Third"))
            wait_until(lambda: any(path.endswith("-third") for path in cache.paths))
            # What nothing came to is not asked of us again.
            assert not [path for path in cache.paths if "sports" in path]
            site.configure("")
            wait_until(lambda: "feedsvc_purges_waiting 0.0" in server.get("/metrics").text)


def test_by_hand(tmp_path: Path) -> None:
    with recording(Recorder()) as cache:
        site = make_site(tmp_path, "")
        site.scan()
        assert run(site, "purge", "politics").returncode == 2
        site.configure(f"purge: {cache.url}\n")
        assert run(site, "purge").returncode == 2
        assert run(site, "purge", "nosuch").returncode == 2
        done = run(site, "purge", "politics", f"{BASE}/feeds/all.xml")
        assert (done.returncode, done.stdout) == (0, "5 forgotten.\n")
        assert sorted(cache.paths) == [
            "/news/feeds/all.xml",
            "/news/feeds/politics.atom",
            "/news/feeds/politics.json",
            "/news/feeds/politics.xml",
            "/news/sections/politics",
        ]
        cache.told.clear()
        assert run(site, "purge", "--all").returncode == 0
        assert any(path.startswith("/news/articles/") for path in cache.paths)
        cache.status = 403
        done = run(site, "purge", "politics", "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)[0]["failed"].startswith("answered 403 Forbidden to PURGE")


def test_an_export_tells_what_it_replaced(tmp_path: Path) -> None:
    """Once the files are there, and nothing of what was not there before."""
    with recording(Recorder()) as cache:
        site = make_site(tmp_path / "site", f"purge: {cache.url}\n")
        site.scan()
        out = str(tmp_path / "out")
        assert run(site, "export", out).returncode == 0 and not cache.told
        site.write("politics/second.md", article("Second"))
        site.scan()
        assert run(site, "export", out).returncode == 0
        assert {"/news/", "/news/feeds/politics.xml", "/news/feeds/all.json"} <= set(cache.paths)
        assert not [path for path in cache.paths if "second" in path or "sports" in path]
        cache.told.clear()
        assert run(site, "export", out).returncode == 0 and not cache.told
        (site.content / "politics" / "second.md").unlink()
        run(site, "scan", "--accept-deletions")
        cache.status = 500
        done = run(site, "export", out)
        assert done.returncode == 0 and "answered 500" in done.stderr
        assert any("second" in path for path in cache.paths)
        cache.status = 200
        cache.told.clear()
        with serving(site):
            wait_until(lambda: "/news/feeds/politics.xml" in cache.paths)

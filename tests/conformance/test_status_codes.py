"""What a running site answers when something is wrong with it, and how much it answers at once."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from published import LONG_ARTICLES
from sites import FORMATS, Server, Site, article, parse_feed, serving, wait_until

PATHS = [f"/feeds/{name}.{suffix}" for name in ("all", "politics", "sports") for suffix in FORMATS]
# Where readers guess the main feed to be (R60).
GUESSES = ["/feed", "/rss", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json"]
BYTES_MOST = 1_000_000  # R28


def test_R24_R27_before_the_first_publication(tmp_path: Path) -> None:
    """A worker that has nothing yet asks for patience: no 404, no page, no permanent redirect."""
    web = Server(Site(tmp_path / "site"), role="web")
    try:
        wait_until(lambda: is_up(web))
        for path in [*PATHS, *GUESSES]:
            answer = web.get(path)
            assert answer.status == 503, path
            assert answer.headers["retry-after"].isdecimal(), path
            assert 0 < int(answer.headers["retry-after"]) <= 14_400
        for path in PATHS:
            assert web.get(path).headers["content-type"] == "text/plain; charset=utf-8"
    finally:
        web.kill()


def is_up(server: Server) -> bool:
    """Say whether the process answers at all."""
    try:
        return server.get("/healthz").status == 200
    except OSError:
        return False


def test_R24_R25_trouble_leaves_the_last_good_feeds(tmp_path: Path) -> None:
    """Neither a lost folder, nor a faulty config, nor a broken store is a reader's trouble."""
    site = Site(tmp_path / "site")
    site.write("politics/vote.md", article("Vote held", date="2026-01-02"))
    with serving(site) as server:
        wait_until(lambda: "Vote held" in server.items())
        good = {path: server.get(path) for path in PATHS}

        def is_as_before() -> None:
            for path, before in good.items():
                answer = server.get(path)
                assert (answer.status, answer.body) == (200, before.body), path
                assert answer.headers["etag"] == before.headers["etag"]
                tag = before.headers["etag"]
                assert server.get(path, If_None_Match=tag).status == 304

        site.content.rename(site.root / "away")
        wait_until(lambda: "content" in server.log)
        is_as_before()
        (site.root / "away").rename(site.content)

        text = site.config.read_text()
        site.config.write_text("sections: [\n" + text)
        wait_until(lambda: "config.yaml" in server.log)
        is_as_before()
        site.config.write_text(text)

        site.store.parent.rename(site.root / "lost")
        wait_until(lambda: "the store does not answer" in server.get("/readyz").text)
        is_as_before()


@pytest.mark.parametrize("suffix", FORMATS)
def test_R28_R43_F20_a_feed_is_cut_to_what_readers_take(server: Server, suffix: str) -> None:
    """The site's defaults: 1 MB at most in any format, and what is left is the newest."""
    answer = server.get(f"/feeds/long.{suffix}")
    assert answer.headers["content-length"] == str(len(answer.body))
    assert len(answer.body) <= BYTES_MOST
    entries = parse_feed(suffix, answer.body)
    assert 0 < len(entries) < LONG_ARTICLES
    if suffix == "json":
        dates = [one["date_published"] for one in json.loads(answer.body)["items"]]
        assert dates == sorted(dates, reverse=True)
        assert dates[0].startswith("2026-01-28")


def test_R43_short_articles_fill_a_feed_with_fifty(tmp_path: Path) -> None:
    """Where they came one by one; what a burst adds, tests/web/test_web_archives.py shows."""
    site, newest = Site(tmp_path / "site"), datetime(2026, 10, 1, tzinfo=UTC)
    for number in range(LONG_ARTICLES):
        date = (newest - timedelta(days=number)).isoformat()
        site.write(f"sports/{number}.md", article(f"Match {number}", date=date))
    with site.service() as service:
        service.finish_pass(service.scan(None, True), True)
        found = service.store.representations_since(0)["/feeds/sports.json"]
    assert found
    titles = [one["title"] for one in json.loads(found.bodies["identity"])["items"]]
    assert titles == [f"Match {number}" for number in range(50)]


def test_R21_R22_guesses_are_permanent_and_nothing_else_redirects(server: Server) -> None:
    """One hop to an address that answers by itself; 302 and 307 are not in use."""
    for path in GUESSES:
        answer = server.get(path)
        assert answer.status in (301, 308), path
        assert server.get(answer.headers["location"]).status == 200
    assert {server.get(path).status for path in [*PATHS, "/", "/feeds/", "/feeds.opml"]} == {200}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_R29_F26_the_plainest_client_gets_the_feed(server: Server, version: str) -> None:
    """No User-Agent, no Accept, no cookie: nothing but a request line and a Host."""
    request = f"GET /feeds/politics.xml HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"200"
    assert body == server.get("/feeds/politics.xml").body

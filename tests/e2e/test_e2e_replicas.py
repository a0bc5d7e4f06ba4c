"""Several web replicas on one PostgreSQL: readers who go round robin see one site."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from postgres import Server as Postgres
from sites import Site, article, parse_atom, serving, wait_until

_REPLICAS = 3
_ARTICLES = 25
# How long a feed may go back for who goes from one replica to the next. A second is what the
# product promises; a machine that runs tests beside may stop a process for some more.
_BACK_MOST = 5.0
FEED = "/feeds/politics.atom"


def test_a_feed_does_not_go_back_in_time(
    postgres: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While articles come; and at rest all bytes and tags are the same."""
    site = Site(tmp_path / "site", settle="20ms", store_url=postgres.make_database())
    site.write("politics/first.md", article("First"))
    behind: list[float] = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(serving(site, role="engine"))
        servers = [stack.enter_context(serving(site, role="web")) for _ in range(_REPLICAS)]
        wait_until(lambda: all("First" in one.items("politics") for one in servers))
        newest, since = 1, time.monotonic()
        written, due = 0, time.monotonic()
        turn = 0
        end = time.monotonic() + 60
        while newest <= _ARTICLES and time.monotonic() < end:
            now = time.monotonic()
            if written < _ARTICLES and now >= due:
                site.write(f"politics/{written}.md", article(f"Number {written}"))
                written, due = written + 1, now + 0.3
            answer = servers[turn % _REPLICAS].get(FEED)
            assert answer.status == 200
            turn += 1
            count = len(parse_atom(answer.body))
            now = time.monotonic()
            if count > newest:
                newest, since = count, now
            elif count < newest:
                behind.append(now - since)
        assert newest == _ARTICLES + 1
        wait_until(lambda: len({one.get(FEED).headers["etag"] for one in servers}) == 1)
        for path in (FEED, "/feeds/politics.xml", "/feeds/all.json", "/", "/feeds.opml"):
            answers = [one.get(path, Accept_Encoding="gzip") for one in servers]
            tags = {(one.headers["etag"], one.headers["last-modified"]) for one in answers}
            assert len(tags) == 1 and len({one.body for one in answers}) == 1
    with capsys.disabled():
        print(f" (back in time for {max(behind, default=0.0):.3f} s at most) ", end="")
    assert max(behind, default=0.0) < _BACK_MOST


def test_a_session_is_good_on_every_replica(postgres: Postgres, tmp_path: Path) -> None:
    """They sign with one key, which the store keeps."""
    from feedsvc.hub import derive_session_key
    from feedsvc.store import Store

    url = postgres.make_database()
    one, other = Store(url), Store(url)
    one.migrate()
    assert derive_session_key(one, "session") == derive_session_key(other, "session")
    one.close()
    other.close()

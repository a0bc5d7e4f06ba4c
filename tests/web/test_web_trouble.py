"""What a worker answers when something is broken, or somebody tries to break it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sites import FORMATS, Site, article, wait_until
from werkzeug.test import run_wsgi_app
from workers import Worker

from feedsvc.readership import list_polls_by_hour
from feedsvc.store import StoredEntry
from feedsvc.web.codings import order_codings

FEED = "/feeds/politics.xml"


@pytest.fixture
def worker(site: Site, open_worker: Callable[..., Worker]) -> Worker:
    """A worker on a small site, that keeps its publication up to date."""
    site.write("politics/budget.md", article("Budget passes"))
    site.scan()
    worker: Worker = open_worker(site)
    worker.live.watch()
    return worker


@pytest.mark.parametrize("path", [f"/feeds/all.{suffix}" for suffix in FORMATS] + ["/feeds/no.xml"])
def test_feeds_wait_for_the_first_publication(
    site: Site, open_worker: Callable[..., Worker], path: str
) -> None:
    """R24, R27: not a 404, which a reader would believe for days, and no page for people."""
    answer = open_worker(site, load=False).fetch(path)
    assert (answer.status, answer.body) == (503, b"503 Service Unavailable\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 0 < int(answer.headers["retry-after"]) <= 14400


@pytest.mark.parametrize("path", ["/", "/sections/politics", "/rss.xml", "/feed", "/feeds.opml"])
def test_pages_wait_for_the_first_publication(
    site: Site, open_worker: Callable[..., Worker], path: str
) -> None:
    """R24, R27: the addresses that readers guess are feeds as well."""
    answer = open_worker(site, load=False).fetch(path)
    assert answer.status == 503
    assert 0 < int(answer.headers["retry-after"]) <= 14400


def test_readiness_waits_for_the_first_publication(
    site: Site, open_worker: Callable[..., Worker]
) -> None:
    """The process is well, but has nothing to serve."""
    worker = open_worker(site, load=False)
    assert worker.fetch("/healthz").status == 200
    answer = worker.fetch("/readyz")
    assert answer.status == 503 and int(answer.headers["retry-after"]) > 0


def test_first_publication_arrives_by_itself(
    site: Site, open_worker: Callable[..., Worker]
) -> None:
    """A worker may be there before the store is."""
    worker = open_worker(site, load=False)
    worker.live.watch()
    assert worker.fetch(FEED).status == 503
    site.write("politics/budget.md", article("Budget passes"))
    site.scan()
    wait_until(lambda: worker.fetch(FEED).status == 200)


def test_notes_go_on_after_what_nobody_foresaw(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each kind for itself: who reads is written down, though something else fails for good."""

    def stumble(*_: object) -> None:
        raise RuntimeError("a driver's own")

    monkeypatch.setattr(worker.live.cuts, "tell", stumble)
    failing = [stumble]
    tell = worker.live.readership.tell

    def stumble_once(*arguments: Any) -> None:
        (failing.pop() if failing else tell)(*arguments)

    monkeypatch.setattr(worker.live.readership, "tell", stumble_once)
    worker.fetch(FEED, User_Agent="newsboat/2.40")
    wait_until(lambda: not failing)
    wait_until(
        lambda: any(
            polls for _, polls in list_polls_by_hour(worker.store, worker.live.clock(), 2) if polls
        )
    )
    # With all that finding its cause needs, and not twice a second.
    (told,) = [record for record in caplog.records if "noting what was asked" in record.message]
    assert told.exc_info and "a driver's own" in str(told.exc_info[1])


def test_broken_store_leaves_the_last_good_feeds(site: Site, worker: Worker) -> None:
    """R25: feeds and pages go on, and readyz tells the admin until it is mended."""
    feed, page = worker.fetch(FEED), worker.fetch("/")
    good = site.store.read_bytes()
    site.store.write_bytes(b"this is no database" * 1000)
    wait_until(lambda: "the store does not answer" in worker.fetch("/readyz").text)
    assert worker.fetch("/readyz").status == 200
    assert worker.fetch(FEED).body == feed.body
    assert worker.fetch(FEED, If_None_Match=feed.headers["etag"]).status == 304
    assert worker.fetch("/").body == page.body
    site.store.write_bytes(good)
    wait_until(lambda: json.loads(worker.fetch("/readyz").body)["details"] == [])


def test_articles_ask_for_patience(site: Site, open_worker: Callable[..., Worker]) -> None:
    """R24, R27: a page that needs the store is no 404 or 500 when that does not answer."""
    site.write("politics/budget.md", article("Budget passes"))
    site.scan()
    worker = open_worker(site)
    worker.store.close()  # so that it must open the file again
    site.store.write_bytes(b"this is no database" * 1000)
    answer = worker.fetch("/articles/0123456789abcdef-x")
    assert answer.status == 503 and "Traceback" not in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 14400


def test_a_worker_goes_over_to_a_store_made_anew(site: Site, worker: Worker) -> None:
    """No connection may go on reading the file that was removed: the watch finds the new one."""
    site.write("politics/second.md", article("Second"))
    site.scan()
    wait_until(lambda: "Second" in worker.fetch(FEED).text)
    remove_store(site)
    wait_until(lambda: "the store does not answer" in worker.fetch("/readyz").text)
    (site.content / "politics/second.md").unlink()
    site.write("politics/third.md", article("Third"))
    site.scan()
    wait_until(lambda: "Third" in worker.fetch(FEED).text)
    assert "Second" not in worker.fetch(FEED).text


def test_store_made_anew_is_loaded_whole(site: Site, open_worker: Callable[..., Worker]) -> None:
    """A store with a lower revision is another store: nothing of the old one may remain."""
    for title in ("First", "Second"):
        site.write(f"politics/{title}.md", article(title))
        site.scan()
    worker = open_worker(site)
    assert "Second" in worker.fetch(FEED).text
    worker.store.close()
    remove_store(site)
    (site.content / "politics/Second.md").unlink()
    site.scan()
    worker.live.refresh()
    assert "First" in worker.fetch(FEED).text
    assert "Second" not in worker.fetch(FEED).text


def test_removed_store_is_noticed(site: Site, worker: Worker) -> None:
    """R25: what was published stays, and readyz tells the admin that the file is gone."""
    site.write("politics/second.md", article("Second"))
    site.scan()
    wait_until(lambda: "Second" in worker.fetch(FEED).text)
    remove_store(site)
    wait_until(lambda: "the store does not answer" in worker.fetch("/readyz").text, patience=1)
    assert "Second" in worker.fetch(FEED).text


def remove_store(site: Site) -> None:
    """Remove the store with all that belongs to it."""
    for file in site.store.parent.iterdir():
        file.unlink()


def test_locked_store_stops_no_feed(site: Site, worker: Worker) -> None:
    """R25: another process holds the store, and readers notice nothing."""
    feed = worker.fetch(FEED)
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); c.execute('DELETE FROM representations');"
        "print('locked', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(site.store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout and holder.stdout.readline() == b"locked\n"
        link = feed.text.partition("<link>http://gazette.test/articles/")[2].partition("<")[0]
        assert worker.fetch(FEED).body == feed.body
        assert worker.fetch(f"/articles/{link}").status == 200
        assert worker.fetch("/readyz").status == 200
    finally:
        holder.communicate(b"")
    assert worker.fetch(FEED).body == feed.body


def test_change_is_seen_by_itself(site: Site, worker: Worker) -> None:
    """A worker notices a commit of another process within moments."""
    site.write("politics/second.md", article("Second"))
    site.scan()
    wait_until(lambda: "Second" in worker.fetch(FEED).text)


def test_bug_in_a_feed_is_short_plain_text(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 for a reader: plain text without a word of what broke, which the log has."""
    monkeypatch.setattr(type(worker.live.fast), "_choose", lambda *_: 1 / 0)
    answer = worker.fetch(FEED)
    assert (answer.status, answer.body) == (500, b"500 Internal Server Error\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "ZeroDivisionError" in caplog.text


def test_bug_in_a_page_is_a_kind_page(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 for a person: a page without a word of what broke, which the log has."""

    def fail(uid: str) -> StoredEntry:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(worker.store, "entry", fail)
    answer = worker.fetch("/articles/0123456789abcdef-x")
    assert answer.status == 500 and "secret detail" not in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "secret detail" in caplog.text


# Whatever comes in

weights = st.sampled_from(["", ";q=0", ";q=1", ";q=0.5", "; q = 0.000", ";q=x", ";q=9e9", ";Q=.1"])
names = st.sampled_from(["gzip", "br", "zstd", "identity", "*", "x-gzip", "deflate", "", "GZip"])
accepts = st.lists(st.tuples(names, weights).map("".join)).map(",".join)


@given(accepts | st.text())
def test_codings_are_some_of_ours(accept: str) -> None:
    """Plain comes last and always; each coding at most once."""
    order = order_codings(accept)
    assert order[-1] == "identity"
    assert len(set(order)) == len(order)
    assert set(order) <= {"br", "zstd", "gzip", "identity"}


@given(accepts, st.sampled_from(["gzip", "br", "zstd"]))
@example("gzip," * 31 + "gzip", "gzip")
def test_refused_coding_is_never_sent(accept: str, coding: str) -> None:
    """R15: the last word on a coding counts, as in any list of headers."""
    assert coding not in order_codings(f"{accept},{coding};q=0")


@given(st.permutations(["br;q=0.9", "gzip;q=0.8", "zstd;q=0.7", "identity;q=0.1"]))
def test_weights_decide_not_the_place(parts: list[str]) -> None:
    """The order within the header says nothing."""
    assert order_codings(", ".join(parts)) == ("br", "gzip", "zstd", "identity")


HEADERS = [
    "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE",
    "HTTP_ACCEPT", "HTTP_HOST", "HTTP_COOKIE", "HTTP_IF_RANGE", "HTTP_USER_AGENT",
    "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_X_FORWARDED_HOST",
]  # fmt: skip
# As WSGI has them: each character one byte.
bytes_text = st.text(st.characters(max_codepoint=255), max_size=60)
starts = st.sampled_from(
    ["/", "/feeds/", "/feeds/politics.xml", "/articles/", "/articles/0123456789abcdef-",
     "/media/", "/media/politics/", "/sections/", "/readyz", "//", "/static/", ""]
)  # fmt: skip


@settings(max_examples=400)
@given(
    st.tuples(starts, bytes_text).map("".join) | bytes_text,
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "BREW"]),
    st.dictionaries(st.sampled_from(HEADERS), bytes_text, max_size=5),
)
def test_nothing_that_is_asked_is_a_500(
    gazette_worker: Worker, path: str, method: str, headers: dict[str, str]
) -> None:
    """Whatever the path and the headers hold, the answer is one of those we mean to give."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "gazette.test",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        **headers,
    }
    body, status, found = run_wsgi_app(gazette_worker.app.wsgi_app, environ)
    data = b"".join(body)
    assert int(status[:3]) in (200, 206, 301, 304, 308, 400, 404, 405, 410, 416), status
    assert not any(c in value for _, value in found for c in "\r\n")
    if method == "HEAD":
        assert data == b""

"""deploy/nginx.conf for real: what readers get through it is what feedsvc gives."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from media_files import record_mp3
from proxies import BASE, ELSEWHERE, NAME, Proxy, proxying
from servers import NGINX
from sites import FORMATS, Answer, Server, Site, article, serving, wait_until

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is missing: apt-get install nginx")

CODINGS = ("", "gzip", "br", "zstd", "gzip, deflate, br, zstd")
SOUND = record_mp3(20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Proxy]]:
    """A feedsvc, and an nginx in front of it."""
    root = tmp_path_factory.mktemp("deploy")
    site = Site(root / "site", base_url=BASE)
    site.configure("hub:\n  allow_private: true\npartners:\n  flip:\n    token: t0ken\n")
    for number in range(12):
        site.write(f"politics/{number}.md", article(f"Politics {number}", "A long story. " * 200))
    site.write("politics/talk.mp3", SOUND)
    with serving(site) as server, proxying(root / "nginx", server.port) as proxy:
        wait_until(lambda: "Politics 11" in server.items())
        yield server, proxy


def state_of(answer: Answer) -> dict[str, object]:
    """Return of an answer what a reader goes by."""
    names = ("etag", "last-modified", "content-type", "content-encoding", "vary", "link")
    kept = {name: answer.headers.get(name) for name in (*names, "cache-control", "content-length")}
    return {"status": answer.status, "body": answer.body, **kept}


@pytest.mark.parametrize("coding", CODINGS)
def test_feeds_pass_unchanged(served: tuple[Server, Proxy], coding: str) -> None:
    """Also from the cache, and whichever coding was asked for before."""
    server, proxy = served
    headers = {"Accept-Encoding": coding} if coding else {}
    for suffix in FORMATS:
        path = f"/feeds/politics.{suffix}"
        direct = state_of(server.get(path, **headers))
        assert (direct["content-encoding"] is None) is (not coding)
        for _ in range(3):
            through = proxy.get(path, headers=headers)
            assert state_of(through) == direct
        assert through.headers["x-cache-status"] == "HIT"
        # A reader that has it is told so, from the cache as well.
        condition = {**headers, "If-None-Match": str(direct["etag"])}
        unchanged = proxy.get(path, headers=condition)
        assert unchanged.status == 304 and not unchanged.body
        assert unchanged.headers["etag"] == direct["etag"]
        since = {**headers, "If-Modified-Since": str(direct["last-modified"])}
        assert proxy.get(path, headers=since).status == 304
        assert proxy.get(path, headers={**headers, "If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("path", ["/", "/feeds/", "/sections/politics", "/feeds.opml", "/none"])
def test_pages_pass(served: tuple[Server, Proxy], path: str) -> None:
    server, proxy = served
    direct, through = server.get(path), proxy.get(path)
    assert (through.status, through.body) == (direct.status, direct.body)
    policy = "content-security-policy"
    assert through.headers.get(policy) == direct.headers.get(policy)
    assert through.headers["strict-transport-security"].startswith("max-age=")


def test_head(served: tuple[Server, Proxy]) -> None:
    server, proxy = served
    for path in ("/feeds/sports.atom", "/media/politics/talk.mp3"):
        direct, through = server.get(path, "HEAD"), proxy.get(path, "HEAD")
        assert state_of(through) == state_of(direct) and through.status == 200
        assert not through.body and int(through.headers["content-length"]) > 0


def test_parts_of_media(served: tuple[Server, Proxy]) -> None:
    _, proxy = served
    path = "/media/politics/talk.mp3"
    whole = proxy.get(path)
    assert whole.body == SOUND and whole.headers["accept-ranges"] == "bytes"
    for written, part in (("bytes=5-99", SOUND[5:100]), ("bytes=-10", SOUND[-10:])):
        answer = proxy.get(path, headers={"Range": written})
        assert answer.status == 206 and answer.body == part
        assert answer.headers["content-range"].endswith(f"/{len(SOUND)}")
    beyond = proxy.get(path, headers={"Range": f"bytes={len(SOUND)}-"})
    assert beyond.status == 416
    tag = {"Range": "bytes=0-0", "If-Range": '"another"'}
    assert proxy.get(path, headers=tag).body == SOUND


@pytest.mark.parametrize("host", ["evil.example", "evil.example:443", "127.0.0.1"])
def test_a_false_host_changes_nothing(served: tuple[Server, Proxy], host: str) -> None:
    _, proxy = served
    more = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    for path in ("/feeds/politics.atom", "/", "/feeds/politics.xml", "/hub"):
        fresh = f"{path}?{host}"  # nothing of it is in the cache
        false, true = proxy.get(fresh, headers=more, host=host), proxy.get(path)
        assert false.body == true.body and b"evil" not in false.body
    redirect = proxy.get("/rss.xml", host=host)
    assert redirect.status == 301 and "evil" not in redirect.headers["location"]
    assert proxy.get_plain("/a?b", host=host).headers["location"] == f"https://{NAME}/a?b"


def test_the_hub_takes_requests(served: tuple[Server, Proxy]) -> None:
    _, proxy = served
    form = {
        "hub.mode": "subscribe",
        "hub.topic": f"{BASE}/feeds/politics.atom",
        "hub.callback": "http://127.0.0.1:9/callback",
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = proxy.get("/hub", "POST", kind, urlencode(form).encode())
    assert answer.status == 202, answer
    bad = proxy.get("/hub", "POST", kind, b"hub.mode=subscribe")
    assert bad.status == 400 and b"hub." in bad.body
    assert proxy.get("/hub", "POST", kind, b"x" * 70_000).status == 413


def test_metrics_are_for_this_machine(served: tuple[Server, Proxy]) -> None:
    _, proxy = served
    assert b"feedsvc_hub" in proxy.get("/metrics").body
    claim = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}
    for path in ("/metrics", "/metrics?x", "/%6detrics", "//metrics"):
        answer = proxy.get(path, headers=claim, source=ELSEWHERE)
        assert answer.status in (403, 404) and b"feedsvc_hub" not in answer.body, path


def test_partners_are_cached_nowhere(served: tuple[Server, Proxy]) -> None:
    _, proxy = served
    path = "/partners/flip.xml?token=t0ken"
    answer = proxy.get(path)
    assert answer.status == 200 and "private" in answer.headers["cache-control"]
    assert "x-cache-status" not in answer.headers
    assert proxy.get("/partners/flip.xml?token=wrong").status == 404
    proxy.get("/admin/problems.atom?token=t0ken")
    proxy.get("/feeds/all.xml?logged")
    log = proxy.root / "access.log"
    wait_until(lambda: "all.xml?logged" in log.read_text())
    assert "t0ken" not in log.read_text()


def test_the_desk_is_passed_on_and_not_kept(served: tuple[Server, Proxy]) -> None:
    server, proxy = served
    answer = proxy.get("/admin/")
    # Without a password this machine alone may come, and who comes through a proxy is elsewhere.
    assert server.get("/admin/").status == 200
    assert answer.status == 403 and "feedsvc admin password" in answer.text
    assert "x-cache-status" not in answer.headers
    proxy.get("/admin/problems.atom?token=t0ken")
    proxy.get("/admin/?logged")
    log = proxy.root / "access.log"
    wait_until(lambda: "/admin/?logged" in log.read_text())
    assert "t0ken" not in log.read_text()


def test_http_leads_to_https(served: tuple[Server, Proxy]) -> None:
    _, proxy = served
    answer = proxy.get_plain("/feeds/all.xml?a=1")
    assert answer.status == 301 and answer.headers["location"] == f"{BASE}/feeds/all.xml?a=1"
    assert "nginx/" not in answer.headers["server"]


# With a server of our own behind it, whose words we know


@contextlib.contextmanager
def answering(seen: list[dict[str, str]]) -> Iterator[tuple[int, threading.Event]]:
    """Answer with what may be kept for a second; once the event is set, with 503."""
    broken = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(503 if broken.is_set() else 200)
            self.send_header("Cache-Control", "public, max-age=1")
            self.send_header("ETag", '"one"')
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"down" if broken.is_set() else b"good")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], broken
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


def test_what_is_behind_it_learns_who_asks(tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    with answering(seen) as (port, _), proxying(tmp_path / "nginx", port) as proxy:
        claim = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher"}
        for path in ("/feeds/all.xml", "/partners/a.xml", "/media/a.mp3", "/admin/"):
            proxy.get(path, headers=claim, source=ELSEWHERE)
    assert len(seen) == 4
    for headers in seen:
        assert headers["x-forwarded-for"] == ELSEWHERE
        assert headers["x-forwarded-proto"] == "https" and headers["host"] == NAME
        assert headers.get("connection", "") != "close"  # connections are kept


@pytest.mark.parametrize("how", ["answers 503", "is gone"])
def test_readers_get_what_they_got_last(tmp_path: Path, how: str) -> None:
    with contextlib.ExitStack() as stack:
        port, broken = stack.enter_context(answering([]))
        with proxying(tmp_path / "nginx", port) as proxy:
            assert proxy.get("/feeds/all.xml").body == b"good"
            if how == "is gone":
                stack.close()
            broken.set()

            def is_stale() -> bool:
                answer = proxy.get("/feeds/all.xml")
                assert (answer.status, answer.body) == (200, b"good")
                return answer.headers["x-cache-status"] in ("STALE", "UPDATING")

            wait_until(is_stale)
            assert proxy.get("/feeds/other.xml").status in (502, 503)  # what it never had

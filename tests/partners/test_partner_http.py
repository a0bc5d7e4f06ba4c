"""Partners at the door, over real HTTP: what a token opens, and that nothing else says a word."""

from __future__ import annotations

import contextlib
import gzip
import logging
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any
from urllib.parse import quote

import pytest
from partner_site import TOKENS, make_site, write
from rss_rules import find_rss_faults
from sites import Server, Site, serving, wait_until

from feedsvc.partners import path_of
from feedsvc.publication import load_polls, load_publication
from feedsvc.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.fastpath import FastPath
from feedsvc.web.partners import PollDesk
from feedsvc.web.site import LiveSite

SNEWS = f"/partners/snews.xml?token={TOKENS['snews']}"
POLITICS = f"/partners/politics.xml?token={quote(TOKENS['politics'], safe='')}"


def fill(site: Site) -> Site:
    now = datetime.now(UTC)
    for number in range(8):
        at = now - timedelta(days=1, hours=number)
        write(site, f"politics/{number}.md", f"The council votes for the {number}th time", at)
    return site


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with partners behind two workers."""
    site = fill(make_site(Site(tmp_path_factory.mktemp("partners"))))
    with serving(site, workers=2) as server:
        yield server


def test_right_token_opens_the_feed(server: Server) -> None:
    answer = server.get(SNEWS)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=1800"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"] and answer.headers["last-modified"]
    # The Link header is for what the world may know: hubs and addresses without a token.
    assert "link" not in answer.headers and "set-cookie" not in answer.headers
    assert f'href="https://gazette.test{SNEWS}" rel="self"' in answer.text
    assert find_rss_faults(answer.body) == {}


def test_token_is_read_as_it_is_written_in_an_address(server: Server) -> None:
    """With signs that mean something in a query, in any place of it."""
    whole = server.get(POLITICS)
    assert whole.status == 200
    query = POLITICS.partition("?")[2]
    assert server.get(f"/partners/politics.xml?_=1&{query}&x=2").body == whole.body
    assert f"https://gazette.test{POLITICS}".replace("&", "&amp;") in whole.text


def test_conditions_codings_and_head(server: Server) -> None:
    """R1-R17, as every feed has them."""
    full = server.get(SNEWS)
    for condition in (
        {"If_None_Match": full.headers["etag"]},
        {"If_None_Match": f"W/{full.headers['etag']}"},
        {"If_Modified_Since": full.headers["last-modified"]},
    ):
        answer = server.get(SNEWS, **condition)
        assert answer.status == 304 and answer.body == b""
        for name in ("etag", "last-modified", "cache-control", "vary"):
            assert answer.headers[name] == full.headers[name]
    packed = server.get(SNEWS, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == full.body
    head = server.get(SNEWS, "HEAD")
    assert head.status == 200 and head.body == b""
    skipped = ("date",)
    assert {k: v for k, v in head.headers.items() if k not in skipped} == {
        k: v for k, v in full.headers.items() if k not in skipped
    }
    assert server.get(SNEWS, "POST").status == 405


CLOSED = {
    "missing": "/partners/snews.xml",
    "empty": "/partners/snews.xml?token=",
    "wrong": "/partners/snews.xml?token=wrong",
    "short by one": SNEWS[:-1],
    "wrong by one": f"{SNEWS[:-1]}x",
    "another's": f"/partners/snews.xml?token={TOKENS['late']}",
    "in capitals": SNEWS.replace("token=s", "Token=s"),
    "the digest": path_of("snews", TOKENS["snews"]),
    "the digest in the path": path_of("snews", TOKENS["snews"]).replace("?", "%3F"),
    "the digest as a token": path_of("snews", TOKENS["snews"]).replace("?", "?token="),
    "endless": f"/partners/snews.xml?token={'x' * 20_000}",
    "no UTF-8": "/partners/snews.xml?token=%FF%FE",
    "unknown": "/partners/nobody.xml?token=wrong",
    "unknown with a token": f"/partners/nobody.xml?token={TOKENS['snews']}",
    "a section": f"/partners/sports.xml?token={TOKENS['snews']}",
    "another format": SNEWS.replace(".xml", ".json"),
    "the folder": "/partners/",
    "up and down": f"/partners/x/../snews.xml?token={TOKENS['snews']}",
}


@pytest.mark.parametrize("case", CLOSED)
def test_everything_else_is_the_same_404(server: Server, case: str) -> None:
    """Nothing tells a wrong token from a missing one, or from a partner that there is not."""
    for method in ("GET", "HEAD", "POST"):
        answer = server.get(CLOSED[case], method)
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        assert headers == {
            "content-type": "text/plain; charset=utf-8",
            "content-length": "14",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
            "server": "granian",
        }
        assert answer.status == 404
        assert answer.body == (b"" if method == "HEAD" else b"404 Not Found\n")


def test_nothing_public_names_a_partner(server: Server) -> None:
    paths = ["/", "/feeds/", "/feeds.opml", "/feeds/all.xml", "/feeds/all.atom", "/robots.txt"]
    paths += ["/feeds/all.json", "/sections/politics", "/sitemap.xml", "/news-sitemap.xml"]
    paths += ["/readyz", "/healthz", "/nowhere"]
    for path in paths:
        answer = server.get(path)
        whole = answer.text + repr(answer.headers)
        assert not any(token in whole for token in TOKENS.values()), path
        assert "/partners" not in whole and "snews" not in whole, path


def test_last_poll_is_written_down_off_the_request(server: Server) -> None:
    """The first at once, the next within a minute, and the last at the end."""
    began = datetime.now(UTC)
    assert server.get(SNEWS.replace(TOKENS["snews"], "wrong")).status == 404
    assert server.get(SNEWS).status == 200
    store = Store(server.site.load().config.store.url)
    try:
        polls = wait_until(lambda: load_polls(store))
        assert set(polls) <= set(TOKENS)
        assert polls["snews"] <= datetime.now(UTC)
        assert began - polls["snews"] < timedelta(minutes=1)
    finally:
        store.close()


# The log


def test_no_token_is_in_the_log(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Right and wrong ones, methods that are refused, a broken config, a broken store."""
    site = fill(make_site(Site(tmp_path_factory.mktemp("log"))))
    wrong, third = "a-wrong-token-0123456789", "a-third-token-0123456789"
    with serving(site) as server:
        for path in (SNEWS, POLITICS, SNEWS.replace(TOKENS["snews"], wrong), *CLOSED.values()):
            for method in ("GET", "HEAD", "POST", "BREW"):
                server.get(path, method)
            server.get(path, If_Modified_Since="never", If_None_Match='"' * 50, A_IM="feed")
        text = site.config.read_text(encoding="utf-8")
        # New tokens come into force, and a fault stands beside one.
        site.config.write_text(text.replace(TOKENS["snews"], third), encoding="utf-8")
        wait_until(lambda: server.get(SNEWS.replace(TOKENS["snews"], third)).status == 200)
        broken = text.replace(TOKENS["snews"], f"[{third}]").replace("profile: msn", "profile: x")
        site.config.write_text(broken, encoding="utf-8")
        wait_until(lambda: "config refused" in server.log)
        with contextlib.closing(sqlite3.connect(site.store)) as database:
            database.execute("DROP TABLE facts")
        wait_until(lambda: "the store does not answer" in server.log)
        assert server.get(SNEWS.replace(TOKENS["snews"], third)).status == 200  # R25
        server.get(f"/feeds/tag/x.xml?token={wrong}")
        server.get(f"/articles/0123456789abcdef?token={wrong}")
        server.stop()
        log = server.log
    for token in (*TOKENS.values(), wrong, third):
        assert token not in log and quote(token, safe="") not in log
    for name, token in TOKENS.items():
        assert path_of(name, token) not in log


@pytest.fixture
def app_of(site: Site) -> Iterator[Any]:
    """The site in this process, as one worker serves it."""
    fill(make_site(site)).scan()
    store = Store(site.load().config.store.url)
    live = LiveSite(store)
    app = create_app(live)
    live.refresh()
    yield app
    live.stop()
    store.close()


def test_no_token_is_in_the_log_of_a_bug(
    app_of: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(FastPath, "_choose", fail)
    with caplog.at_level(logging.DEBUG):
        answer = app_of.test_client().get(SNEWS)
    assert answer.status_code == 500 and "a bug of ours" in caplog.text
    assert TOKENS["snews"] not in caplog.text and TOKENS["snews"] not in answer.text


# The same time


def list_calls(app: Any, path: str) -> list[str]:
    """Return every function that is entered while a request is answered, in order."""
    path_info, _, query = path.partition("?")
    environ = {"PATH_INFO": path_info, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
    calls: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            calls.append(frame.f_code.co_qualname)
        elif event == "c_call":
            calls.append(argument.__qualname__)

    sys.setprofile(note)
    try:
        list(app.wsgi_app(environ, lambda *_: None))
    finally:
        sys.setprofile(None)
    return calls


def test_refusal_does_the_same_work_whatever_is_wrong(app_of: Any) -> None:
    """No branch, no look-up and no comparison depends on how a token is wrong."""
    wrong = list_calls(app_of, SNEWS[:-1] + "x")
    assert any("blake2b" in call for call in wrong)
    for path in (
        SNEWS[:-1] + "y",
        "/partners/snews.xml?token=" + "x" * len(TOKENS["snews"]),
        f"/partners/nobody.xml?token={TOKENS['snews']}",
        "/partners/snews.xml?other=" + TOKENS["snews"],
    ):
        assert list_calls(app_of, path) == wrong, path


# Odd places


def test_site_below_a_path(site: Site) -> None:
    """A proxy may pass the path on or take it off."""
    fill(make_site(site))
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(
        text.replace("gazette.test\n", "gazette.test/news\n", 1), encoding="utf-8"
    )
    assert "https://gazette.test/news" in site.config.read_text(encoding="utf-8")
    with serving(site) as server:
        short, long = server.get(SNEWS), server.get(f"/news{SNEWS}")
        assert short.status == long.status == 200 and short.body == long.body
        assert f'href="https://gazette.test/news{SNEWS}"' in short.text
        assert server.get(f"/news{SNEWS}x").status == 404


def test_before_the_first_publication_it_is_a_503(site: Site) -> None:
    """R24: nobody may take "not yet" for "no such feed"."""
    store = Store(site.load().config.store.url)
    store.migrate()
    app = create_app(LiveSite(store))
    answers = [app.test_client().get(path) for path in (SNEWS, CLOSED["wrong"])]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all(answer.headers["Retry-After"].isdecimal() for answer in answers)
    store.close()


def test_polls_of_several_workers_are_kept_together(site: Site) -> None:
    site.scan()
    store = Store(site.load().config.store.url)
    now = datetime.now(UTC)
    first, second = PollDesk(store), PollDesk(store)
    first.tell({"a": now, "b": now}, now)
    second.tell({"b": now - timedelta(hours=1), "c": now}, now)
    assert load_polls(store) == {"a": now, "b": now, "c": now}
    later = now + timedelta(seconds=59)
    polled = {"a": later}
    first.tell(polled, later)
    assert load_polls(store)["a"] == now and polled == {"a": later}
    first.tell(polled, later, last=True)
    assert load_polls(store)["a"] == later and polled == {}
    store.close()


def test_answers_of_partners_stand_apart(app_of: Any, site: Site) -> None:
    """What is published for a partner is nowhere among what a path alone can reach."""
    store = Store(site.load().config.store.url)
    paths = [one for one in load_publication(store).representations if "partners" in one]
    store.close()
    assert len(paths) == len(TOKENS)
    for path in paths:
        with contextlib.closing(app_of.test_client().get(path.replace("?", "%3F"))) as answer:
            assert answer.status_code == 404

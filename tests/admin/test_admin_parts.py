"""The pure parts of the desk: tries, clients, words, pictures, and the feed of problems."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Request, Response
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from sites import Site, article
from werkzeug.security import generate_password_hash

from feedsvc.bulletin import (
    JobRun,
    read_config,
    read_jobs,
    read_nearest,
    tell_config,
    tell_jobs,
    tell_nearest,
)
from feedsvc.config import load_config
from feedsvc.jobbook import JobBook
from feedsvc.render import FORMATS
from feedsvc.store import Problem, Store
from feedsvc.web.admin.gate import COOKIE, Gate
from feedsvc.web.admin.numbers import Figures, table_of
from feedsvc.web.admin.pictures import draw
from feedsvc.web.admin.problemfeed import make_problem_feed
from feedsvc.web.admin.tries import (
    FREE_TRIES,
    Tries,
    clear_tries,
    find_wait,
    note_try,
    read_tries,
    write_tries,
)
from feedsvc.web.admin.words import count, share, size, span, write_ago, write_moment
from feedsvc.web.clients import find_client, is_local, is_secure
from feedsvc.web.site import LiveSite

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HASHED = generate_password_hash("a long password")
LOCKED = f"admin:\n  password_hash: {HASHED}\n"
SECOND = timedelta(seconds=1)
SVG = "{http://www.w3.org/2000/svg}"


# Tries


def fail(tries: Tries, times: int, now: datetime = NOON, client: str = "a") -> Tries:
    for _ in range(times):
        tries = note_try(tries, client, now)
    return tries


def test_each_further_try_waits_twice_as_long_up_to_a_limit() -> None:
    waits = [find_wait(fail({}, n), "a", NOON) for n in range(20)]
    assert waits[: FREE_TRIES + 4] == [0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == waits[-2] == 300
    assert find_wait(fail({}, 5), "b", NOON) == 0
    assert find_wait(fail({}, 5), "a", NOON + 4 * SECOND) == 0


def test_tries_are_forgotten_in_time_and_a_clock_that_is_set_back_locks_nobody_out() -> None:
    tries = fail({}, 12)
    assert find_wait(tries, "a", NOON + timedelta(minutes=31)) == 0
    assert find_wait(fail(tries, 1, NOON + timedelta(minutes=31)), "a", NOON) == 0
    assert find_wait(tries, "a", NOON - timedelta(days=300)) <= 300


def test_who_signs_in_begins_anew_and_only_so_many_are_remembered() -> None:
    assert clear_tries(fail({}, 9), "a") == {}
    tries: Tries = {}
    for number in range(1_500):
        tries = note_try(tries, f"client {number}", NOON + number * SECOND / 10)
    assert len(tries) == 1_000 and "client 1499" in tries and "client 0" not in tries
    assert read_tries(write_tries(tries)) == tries and read_tries("") == {}


# Clients


@pytest.mark.parametrize(
    "environ, client, local",
    [
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8080"}, "127.0.0.1", True),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8080"}, "::1", True),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]"}, "::1", True),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1", "HTTP_HOST": "LOCALHOST"}, "::ffff:127.0.0.1", True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost.evil.example"}, "127.0.0.1", False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": ""}, "127.0.0.1", False),
        ({"REMOTE_ADDR": "127.0.0.1"}, "127.0.0.1", False),
        ({"REMOTE_ADDR": "198.51.100.7", "HTTP_HOST": "localhost"}, "198.51.100.7", False),
        ({"REMOTE_ADDR": "", "HTTP_HOST": "localhost"}, "", False),
        ({}, "", False),
    ],
    ids=str,
)
def test_who_asks(environ: dict[str, str], client: str, local: bool) -> None:
    assert find_client(environ) == client and is_local(environ) is local
    proxied = {**environ, "HTTP_X_FORWARDED_FOR": "203.0.113.1, 203.0.113.2"}
    assert not is_local(proxied)
    # Only a proxy on this machine is believed, and only what it says itself: the last address.
    assert find_client(proxied) == ("203.0.113.2" if "127" in client or client == "::1" else client)


def test_https_is_seen_behind_a_proxy() -> None:
    assert is_secure({"HTTP_X_FORWARDED_PROTO": "HTTPS"}, "http://a.example")
    assert is_secure({}, "https://a.example") and is_secure(
        {"wsgi.url_scheme": "https"}, "http://a"
    )
    assert not is_secure({"wsgi.url_scheme": "http"}, "http://a.example")


# Words


def test_words_for_numbers_and_moments() -> None:
    assert [span(one) for one in (0.2, 1, 59, 60, 7_199, 7_200, 200_000)] == [
        "less than a second", "1 second", "59 seconds", "1 minute", "1 hour", "2 hours", "2 days",
    ]  # fmt: skip
    assert write_ago(NOON, NOON + 90 * SECOND) == "1 minute ago"
    assert write_ago(NOON + 90 * SECOND, NOON) == "in 1 minute"
    assert write_ago(None, NOON) == "never" and write_ago(NOON, NOON) == "now"
    assert write_moment(NOON, "America/New_York") == "2026-03-01 07:00"
    assert write_moment(None, "UTC") == "–" and span(None) == "–" and share(None) == "–"
    assert share(0.994) == "99 %" and size(999) == "999 bytes" and size(1_234_567) == "1.2 MB"
    assert (
        size(5e12) == "5,000.0 GB"
        and count(1, "poll") == "1 poll"
        and count(0, "poll") == "0 polls"
    )


# Pictures


@pytest.mark.parametrize("kind", ["line", "bar", "stack"])
@pytest.mark.parametrize("length", [0, 1, 7, 400])
def test_a_picture_is_plain_svg(kind: str, length: int) -> None:
    labels = tuple(f"<{n}> & hour" for n in range(length))
    values = tuple(float(n % 9) for n in range(length))
    figures = Figures(labels, (("200 <ok>", values), ("304", values)))
    tree = etree.fromstring(draw(kind, figures))
    assert tree.tag == f"{SVG}svg"
    names = {etree.QName(one).localname for one in tree.iter() if isinstance(one.tag, str)}
    assert not names & {"script", "foreignObject", "image", "use"}
    elsewhere = draw(kind, figures).replace(b"http://www.w3.org/", b"")
    assert b"http" not in elsewhere and b"url(" not in elsewhere
    assert len(table_of(figures)) == length
    assert draw(kind, figures) == draw(kind, figures)  # so that its page can be compared


# What the engine tells


def test_what_the_engine_tells_comes_back_whole(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.configure(LOCKED)
    loaded = load_config(site.config, {})
    store = Store(f"sqlite:///{tmp_path}/s.db")
    store.migrate()
    assert read_config(store) is None and read_jobs(store) is None and read_nearest(store) == {}
    tell_config(store, loaded, NOON)
    taken = read_config(store)
    assert taken and taken.at == NOON and taken.file == "config.yaml"
    assert taken.password_hash == HASHED and taken.password_hash not in repr(taken)
    book = JobBook()
    book.run("scan", lambda: book.note_trouble("the folder is gone\n" * 200))
    with pytest.raises(ZeroDivisionError):
        book.run("odd", lambda: 1 / 0)
    runs = book.list_runs({"scan": NOON, "publish": None})
    assert [one.name for one in runs] == ["scan", "publish", "odd"]
    tell_jobs(store, runs, NOON, NOON + SECOND)
    sign = read_jobs(store)
    assert sign and sign.at == NOON + SECOND and sign.started == NOON and sign.pid > 0
    assert sign.jobs[0].next == NOON and len(sign.jobs[0].trouble) == 300
    assert sign.jobs[1] == JobRun("publish", "builds what commands and readers asked for")
    tell_nearest(store, {"a": ("x", "y")})
    assert read_nearest(store) == {"a": ("x", "y")}
    store.close()


def test_a_session_is_good_for_the_password_alone_that_it_was_made_under(tmp_path: Path) -> None:
    """Somebody without a password is let in; their cookie must not outlive that (a race)."""
    site = Site(tmp_path)
    site.write("a.md", article("A"))
    site.scan()
    store = Store(site.load().config.store.url)
    live = LiveSite(store)
    gate = Gate(live)
    local = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}
    request = Request({**local, "wsgi.url_scheme": "http", "SERVER_NAME": "x", "SERVER_PORT": "1"})
    met = gate.meet(request)
    assert met.may_enter and not met.has_password
    site.configure(LOCKED)
    tell_config(store, site.load(), NOON)
    response = Response()
    gate.open_session(request, response, met, met.csrf, True)
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    again = gate.meet(Request({**request.environ, "HTTP_COOKIE": cookie}))
    assert again.has_password and not again.may_enter and cookie.startswith(COOKIE)
    store.close()


# The feed of problems


@given(st.text(), st.text(), st.text())
def test_any_problem_makes_a_feed(path: str, kind: str, message: str) -> None:
    problems = [Problem(path, kind, message, NOON), Problem(path, kind, message, NOON + SECOND)]
    feed = make_problem_feed(problems, "a.example,2026", "A", "http://a.example", "t0k3n", NOON)
    tree = etree.fromstring(FORMATS["atom"].render(feed))
    ids = [one.text for one in tree.iter("{*}id")]
    assert len(ids) == len(set(ids)) == 3
    (own,) = (one.get("href") for one in tree.findall("{*}link") if one.get("rel") == "self")
    assert own == "http://a.example/admin/problems.atom?token=t0k3n"  # else readers move (R55)

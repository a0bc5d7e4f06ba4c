"""Who may come to the desk, and who may do something there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from desks import PASSWORD
from sites import Server, Site, article, ask, serving, wait_until
from visitor import COOKIE, Visitor, plain, said
from werkzeug.security import generate_password_hash

PAGES = ("", "review", "problems", "articles", "withdrawals", "readers", "hub", "config", "engine")


def test_without_a_password_this_machine_alone_may_come(visitor: Visitor) -> None:
    answer = visitor.get("/")
    assert answer.status == 200
    assert any("No password is set" in note for note in said(answer))


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "203.0.113.9"},
        {"Via": "1.1 proxy"},
        {"Host": "rebound.example"},
        {"Host": "rebound.example:8080"},
        {"Host": "127.0.0.1.rebound.example"},
    ],
    ids=lambda headers: " ".join(map(": ".join, headers.items())),
)
def test_without_a_password_nobody_else_may(visitor: Visitor, headers: dict[str, str]) -> None:
    visitor.get("/")
    visitor.headers = headers
    for page in PAGES:
        answer = visitor.get(f"/{page}")
        assert answer.status == 403 and "feedsvc admin password" in answer.text
        assert "The vote" not in answer.text
    assert visitor.post("/articles/0123456789abcdef", action="withdraw").status == 403
    assert visitor.get("/problems.atom").status == 403
    assert visitor.get("/pictures/polls.svg").status == 403


def test_with_a_password_every_page_leads_to_the_door(stranger: Visitor) -> None:
    for page in (*PAGES, "articles/0123456789abcdef", "pictures/polls.svg", "nothing"):
        answer = stranger.get(f"/{page}")
        assert answer.status in (303, 404), page
        assert "location" not in answer.headers or "/sign-in" in answer.headers["location"]
        assert "The vote" not in answer.text
    assert stranger.post("/articles/0123456789abcdef", action="withdraw").status == 403
    assert stranger.post("/problems").status == 403
    assert stranger.get("/problems.atom").status == 403


def test_a_password_opens_a_session(stranger: Visitor) -> None:
    answer = stranger.sign_in(PASSWORD, next="review")
    assert answer.status == 303 and answer.headers["location"] == "/admin/review"
    (cookie,) = stranger.set_cookies
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/admin/" in cookie
    assert "Secure" not in cookie  # this site is read by http
    for page in PAGES:
        answer = stranger.get(f"/{page}")
        assert answer.status == 200, page
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["x-content-type-options"] == "nosniff"
    answer = stranger.post("/sign-out")
    assert answer.status == 303 and "Max-Age=0" in stranger.set_cookies[0]
    assert stranger.get("/").status == 303


@pytest.mark.parametrize(
    "headers, base_url",
    [({"X-Forwarded-Proto": "https"}, "http://gazette.test"), ({}, "https://gazette.test")],
    ids=["behind a proxy", "by base_url"],
)
def test_where_readers_come_by_https_the_cookie_is_for_https_alone(
    tmp_path_factory: pytest.TempPathFactory, headers: dict[str, str], base_url: str
) -> None:
    site = Site(tmp_path_factory.mktemp("https"), base_url)
    site.configure(f"admin:\n  password_hash: {generate_password_hash(PASSWORD)}\n")
    with serving(site) as server:
        visitor = Visitor(server.port, headers)
        assert visitor.sign_in(PASSWORD).status == 303
        assert "Secure" in visitor.set_cookies[0]


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + "x", "é" * 5_000, PASSWORD.upper()])
def test_a_wrong_password_opens_nothing(stranger: Visitor, password: str) -> None:
    answer = stranger.sign_in(password)
    assert answer.status == 401 and "not the password" in plain(answer.text)
    assert stranger.get("/").status == 303


def test_who_guesses_waits(stranger: Visitor) -> None:
    stranger.get("/sign-in")
    statuses = [stranger.post("/sign-in", password=f"guess {n}").status for n in range(5)]
    assert statuses[:3] == [401] * 3 and 429 in statuses[3:]
    answer = stranger.post("/sign-in", password=PASSWORD)
    assert answer.status == 429 and int(answer.headers["retry-after"]) >= 1  # the right one as well
    other = Visitor(stranger.port, {"X-Forwarded-For": "198.51.100.250"})
    assert other.sign_in(PASSWORD).status == 303  # whoever guesses keeps nobody else out
    wait_until(lambda: stranger.post("/sign-in", password=PASSWORD).status == 303)


def test_forged_and_damaged_sessions_open_nothing(stranger: Visitor) -> None:
    assert stranger.sign_in(PASSWORD).status == 303
    good = stranger.cookie
    payload, stamp, signature = good.split(".")
    other_sign = "A" if signature[5] != "A" else "B"  # the last one has bits that say nothing
    forged = [
        f"{payload}.{stamp}.{signature[:5]}{other_sign}{signature[6:]}",
        f"{payload}x.{stamp}.{signature}",
        f"{payload}.{stamp}",
        *(payload, "..", "x" * 9_000, good.replace(".", ",")),
    ]
    for cookie in forged:
        other = Visitor(stranger.port, stranger.headers)
        other.cookie = cookie
        assert other.get("/").status in (303, 400, 431), cookie[:50]
    other = Visitor(stranger.port, stranger.headers)
    other.cookie = good
    assert other.get("/").status == 200  # the cookie alone is what opens it


def test_a_form_must_be_ours(stranger: Visitor, open_desk: Server) -> None:
    """Another site's page can make a browser send a form, with its cookies; not with the token."""
    stranger.sign_in(PASSWORD)
    stranger.get("/review")
    for forged in ("", "x", "é", stranger.csrf + "x", stranger.csrf[:-1]):
        answer = stranger.post("/articles/0123456789abcdef", csrf=forged, action="withdraw")
        assert answer.status == 403 and "Nothing was done" in answer.text
        assert stranger.post("/sign-out", csrf=forged).status == 403
        assert stranger.post("/problems", csrf=forged).status == 403
    local = Visitor(open_desk.port)  # without a password there is no session, but a token
    local.get("/review")
    assert local.post("/articles/0123456789abcdef", csrf="x", action="withdraw").status == 403


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "../../x",
        "articles/a b",
        "\r\nX: y",
    ],
)
def test_signing_in_leads_nowhere_else(stranger: Visitor, wanted: str) -> None:
    answer = stranger.sign_in(PASSWORD, next=wanted)
    assert answer.status == 303 and answer.headers["location"] == "/admin/"


def test_a_new_password_counts_at_once_and_ends_all_sessions(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    site = Site(tmp_path_factory.mktemp("password"))
    site.write("a.md", article("A"))
    with serving(site) as server:
        local, elsewhere = Visitor(server.port), Visitor(server.port, {"X-Forwarded-For": "::2"})
        assert local.get("/").status == 200 and elsewhere.get("/").status == 403
        for password in ("the first password", "the second password"):
            hashed = generate_password_hash(password)
            site.configure(f"admin:\n  password_hash: {hashed}\n")
            wait_until(lambda: local.get("/").status == 303)  # this machine signs in as well
            wait_until(lambda given=password: elsewhere.sign_in(given).status == 303)
            assert elsewhere.get("/").status == 200
        assert elsewhere.sign_in("the first password").status == 401
        site.configure()
        wait_until(lambda: local.get("/").status == 200)
        assert elsewhere.get("/").status == 403


def test_the_desk_sets_no_cookie_elsewhere(open_desk: Server) -> None:
    for path in ("/", "/feeds/all.xml", "/articles/x", "/healthz"):
        answer = ask(open_desk.port, path, "GET", {"Cookie": f"{COOKIE}=x"})
        assert "set-cookie" not in answer.headers


def test_a_flood_of_guesses_takes_no_reader_its_feed(locked_desk: Server) -> None:
    """Each guess costs a tenth of a second of a thread that readers need as well."""

    def guess(number: int) -> int:
        visitor = Visitor(locked_desk.port, {"X-Forwarded-For": f"2001:db8::{number:x}"})
        return visitor.sign_in("a guess").status

    with ThreadPoolExecutor(40) as pool:
        flood = [pool.submit(guess, number) for number in range(120)]
        while not all(one.done() for one in flood):
            assert locked_desk.get("/feeds/all.xml").status == 200
            time.sleep(0.02)
    assert {one.result() for one in flood} == {401, 429}

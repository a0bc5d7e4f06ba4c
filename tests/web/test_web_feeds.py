"""What feed readers ask of HTTP, by Flask's client and a socket (R1-R30, R60, F22-F26)."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import brotli
import pytest
import yaml
import zstandard
from lxml import etree
from sites import FORMATS, Server
from workers import Fetch, Worker

HERE = Path(__file__).parent
FEED = "/feeds/politics.xml"
REPEATED = ("etag", "last-modified", "cache-control", "vary")
TYPES = {
    "xml": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}
UNPACK = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompress(data),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("section", ["all", "politics", "sports", "culture"])
def test_feed_has_all_headers(fetch: Fetch, section: str, suffix: str) -> None:
    """R1, R13, R20, R28, R30, F23, F26: also for a section without any entry (R35)."""
    answer = fetch(f"/feeds/{section}.{suffix}")
    assert answer.status == 200
    assert len(answer.body) <= 1_000_000
    assert answer.headers["content-type"] == TYPES[suffix]
    assert re.fullmatch(r'"[0-9a-f]{24}"', answer.headers["etag"])
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["x-content-type-options"] == "nosniff"
    stale = ", stale-while-revalidate=60, stale-if-error=86400"
    age = re.fullmatch(rf"public, max-age=(\d+){stale}", answer.headers["cache-control"])
    assert age and 900 <= int(age[1]) <= 3600
    assert not answer.headers.keys() & {"set-cookie", "expires", "pragma", "content-encoding"}


@pytest.mark.parametrize("suffix", ["xml", "atom"])
def test_charset_is_the_declared_one(fetch: Fetch, suffix: str) -> None:
    """F23, R32."""
    answer = fetch(f"/feeds/all.{suffix}")
    assert answer.headers["content-type"].endswith("charset=utf-8")
    assert re.match(rb"<\?xml version='1.0' encoding='UTF-8'\?>\n<(rss|feed)", answer.body)


def test_last_modified_is_a_real_date(fetch: Fetch) -> None:
    """R7."""
    answer = fetch(FEED)
    moment = parsedate_to_datetime(answer.headers["last-modified"])
    assert answer.headers["last-modified"] == format_datetime(moment, usegmt=True)
    assert moment <= datetime.now(UTC)


CODINGS = [tuple(case) for case in yaml.safe_load((HERE / "codings.yaml").read_text())]


@pytest.mark.parametrize(("accept", "coding"), CODINGS)
def test_accept_encoding(fetch: Fetch, accept: str, coding: str) -> None:
    """R15: and each coding has a tag of its own, and unpacks to the same feed."""
    plain, answer = fetch(FEED), fetch(FEED, Accept_Encoding=accept)
    assert answer.status == 200
    assert answer.headers.get("content-encoding", "identity") == coding
    assert UNPACK[coding](answer.body) == plain.body
    assert answer.headers["content-length"] == str(len(answer.body))
    suffix = "" if coding == "identity" else f"-{coding}"
    assert answer.headers["etag"] == f'{plain.headers["etag"][:-1]}{suffix}"'
    assert answer.headers["vary"] == "Accept-Encoding"


# How a condition may look that names the state at hand: {} is its tag without quotes.
SAME = [
    '"{}"', 'W/"{}"', '"{}-gzip"', 'W/"{}-gzip"', '"{}-br"', "*", " * ",
    '"old", "{}"', 'W/"old",W/"{}-gzip" ,"older"', '"{}" ', "{}",
]  # fmt: skip
OTHER = ['"old"', 'W/"old"', '""', "", ",", '"{}x"', '"x{}"', '"old-{}"', '"**"', '"*"']


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("condition", SAME)
def test_same_state_is_304(fetch: Fetch, condition: str, coding: str) -> None:
    """R2, R5, R6, R14, F25: whatever a proxy made of the tag, and whatever coding is asked for."""
    full = fetch(FEED, Accept_Encoding=coding)
    tag = fetch(FEED).headers["etag"].strip('"')
    answer = fetch(FEED, Accept_Encoding=coding, If_None_Match=condition.replace("{}", tag))
    assert (answer.status, answer.body) == (304, b"")
    assert {name: answer.headers[name] for name in REPEATED} == {
        name: full.headers[name] for name in REPEATED
    }
    assert answer.headers.get("link") == full.headers.get("link")
    assert "content-length" not in answer.headers or answer.headers["content-length"] == "0"


@pytest.mark.parametrize("condition", OTHER)
def test_other_state_is_200(fetch: Fetch, condition: str) -> None:
    """R4, R11: a tag that only looks like ours is another."""
    tag = fetch(FEED).headers["etag"].strip('"')
    assert fetch(FEED, If_None_Match=condition.replace("{}", tag)).status == 200


def test_chained_conditions_stay_304(fetch: Fetch) -> None:
    """R6: FreshRSS keeps the headers of the 304 for the next time."""
    answer = fetch(FEED, Accept_Encoding="gzip")
    for _ in range(3):
        answer = fetch(
            FEED,
            Accept_Encoding="gzip",
            If_None_Match=answer.headers["etag"],
            If_Modified_Since=answer.headers["last-modified"],
        )
        assert answer.status == 304


def test_tag_decides_over_date(fetch: Fetch) -> None:
    """R4."""
    full = fetch(FEED)
    date, tag = full.headers["last-modified"], full.headers["etag"]
    assert fetch(FEED, If_None_Match='"old"', If_Modified_Since=date).status == 200
    long_ago = "Thu, 01 Jan 1970 00:00:00 GMT"
    assert fetch(FEED, If_None_Match=tag, If_Modified_Since=long_ago).status == 304


@pytest.mark.parametrize(
    ("shift", "status"),
    [(-1, 200), (0, 304), (1, 304)],
    ids=["before", "at", "after"],
)
def test_modified_since(fetch: Fetch, shift: int, status: int) -> None:
    """R3."""
    modified = parsedate_to_datetime(fetch(FEED).headers["last-modified"])
    since = format_datetime(modified + timedelta(seconds=shift), usegmt=True)
    assert fetch(FEED, If_Modified_Since=since).status == status


@pytest.mark.parametrize(
    "since",
    [
        format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True),
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 -2359",
        "Mon, 31 Feb 2026 00:00:00 GMT",
        "yesterday",
        "0",
        "",
        "-1",
        "9" * 300,
        "Thu, 01 Jan 99999 00:00:00 GMT",
    ],
)
def test_odd_dates_are_ignored(fetch: Fetch, since: str) -> None:
    """R9: a date ahead of our clock, or none at all, is no condition."""
    assert fetch(FEED, If_Modified_Since=since).status == 200


def test_no_cache_still_gets_304(fetch: Fetch) -> None:
    """R12: CommaFeed sends it with every request."""
    tag = fetch(FEED).headers["etag"]
    headers = {"If_None_Match": tag, "Cache_Control": "no-cache", "Pragma": "no-cache"}
    assert fetch(FEED, **headers).status == 304


def test_query_changes_nothing(fetch: Fetch) -> None:
    """R16."""
    plain, asked = fetch(FEED), fetch(f"{FEED}?_=123")
    assert (asked.body, asked.headers["etag"]) == (plain.body, plain.headers["etag"])
    assert b"_=123" not in asked.body


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("path", [FEED, "/feeds/none.xml", "/feeds/politics.rss", "/", "/nothing"])
def test_head_is_get_without_a_body(fetch: Fetch, path: str, coding: str) -> None:
    """R17, F24."""
    get = fetch(path, Accept_Encoding=coding)
    head = fetch(path, "HEAD", Accept_Encoding=coding)
    assert (head.status, head.body) == (get.status, b"")
    assert head.headers["content-length"] == str(len(get.body))
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_head_may_be_conditional(fetch: Fetch) -> None:
    """R17, F24."""
    assert fetch(FEED, "HEAD", If_None_Match=fetch(FEED).headers["etag"]).status == 304


@pytest.mark.parametrize("accept", ["application/json", "text/html", "image/*;q=0.1", "*/*", "x"])
def test_accept_does_not_matter(fetch: Fetch, accept: str) -> None:
    """R18."""
    answer = fetch(FEED, Accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, TYPES["xml"])
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "headers",
    [{"Range": "bytes=0-9"}, {"A_IM": "feed, gzip"}, {"A_IM": "feed", "If_None_Match": '"old"'}],
)
def test_range_and_delta_get_all(fetch: Fetch, headers: dict[str, str]) -> None:
    """R19: 206 and 226 lose entries in some readers."""
    answer = fetch(FEED, **headers)
    assert (answer.status, answer.body) == (200, fetch(FEED).body)
    assert not answer.headers.keys() & {"im", "content-range", "delta-base"}


REDIRECTS = {
    "/feeds/politics.rss": FEED,
    "/feeds/all.rss": "/feeds/all.xml",
    "/feeds": "/feeds/",
    "/feed": "/feeds/all.xml",
    "/rss": "/feeds/all.xml",
    "/rss.xml": "/feeds/all.xml",
    "/index.xml": "/feeds/all.xml",
    "/atom.xml": "/feeds/all.atom",
    "/feed.json": "/feeds/all.json",
}


@pytest.mark.parametrize(("old", "new"), REDIRECTS.items())
def test_old_address_is_one_redirect(fetch: Fetch, old: str, new: str) -> None:
    """R21, R22, R60: one permanent hop, to an address that never redirects."""
    answer = fetch(old)
    assert (answer.status, answer.headers["location"]) == (301, new)
    assert fetch(new).status == 200
    # Whoever still asks the old address must learn the new one, whatever tags it sends.
    assert fetch(old, If_None_Match=answer.headers.get("etag", "*")).status == 301


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/none.xml", "/feeds/unfiled.xml", "/feeds/politics", "/feeds/politics.txt",
        "/feeds//politics.xml", "/feeds/../config.yaml", "/feeds/politics.xml/", "/feeds/%00.xml",
    ],
)  # fmt: skip
def test_missing_feed_is_short_plain_text(fetch: Fetch, path: str) -> None:
    """A reader shows nobody a page; and 404, not 410: nothing says for ever (R23)."""
    answer = fetch(path)
    assert (answer.status, answer.body) == (404, b"404 Not Found\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods_are_refused(fetch: Fetch, method: str) -> None:
    """405 with Allow, as short plain text."""
    answer = fetch(FEED, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.body == b"405 Method Not Allowed\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("agent", yaml.safe_load((HERE / "agents.yaml").read_text()))
def test_every_reader_is_welcome(fetch: Fetch, agent: str) -> None:
    """R29, F26."""
    answer = fetch(FEED, User_Agent=agent)
    assert (answer.status, answer.body) == (200, fetch(FEED).body)


def test_urls_come_from_the_config(fetch: Fetch) -> None:
    """F22, R55: neither Host nor what proxies add has a say."""
    lies = {
        "Host": "evil.test",
        "X_Forwarded_Host": "evil.test",
        "X_Forwarded_Proto": "gopher",
        "Forwarded": "host=evil.test",
    }
    for path in (FEED, "/feeds/all.json", "/feeds/all.atom", "/", "/feeds.opml", "/feed"):
        answer = fetch(path, **lies)
        assert answer.body == fetch(path).body
        assert "evil.test" not in answer.text + answer.headers.get("location", "")
    link = etree.fromstring(fetch(FEED).body).find(".//{http://www.w3.org/2005/Atom}link[@rel]")
    assert link is not None and link.get("href") == f"http://gazette.test{FEED}"


def test_impatient_reader_is_never_turned_away(server: Server) -> None:
    """R26: what would be a 304 never is a 429."""
    tag = server.get(FEED).headers["etag"]
    assert {server.get(FEED, If_None_Match=tag).status for _ in range(300)} == {304}


def test_workers_answer_alike(server: Server) -> None:
    """R10: two workers, whichever takes the connection."""
    answers = [server.get(FEED, Accept_Encoding="br") for _ in range(40)]
    assert len({(one.body, *(one.headers[name] for name in REPEATED)) for one in answers}) == 1


def test_flask_and_http_agree(gazette_worker: Worker, server: Server) -> None:
    """R10: another process that loads the same store answers the same."""
    from_store = gazette_worker.fetch(FEED)
    over_http = server.get(FEED)
    assert from_store.body == over_http.body
    assert all(from_store.headers[name] == over_http.headers[name] for name in REPEATED)

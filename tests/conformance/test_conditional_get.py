"""Conditional GET over HTTP, for every feed of a running site in every format and coding."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from sites import Answer, Server, article, wait_until

CODINGS = ("identity", "gzip", "br", "zstd")
REPEATED = ("etag", "last-modified", "cache-control", "vary", "link")
FEED = "/feeds/culture.atom"
# More edits than a second has room for dates.
EDITS = 3


def kept(answer: Answer) -> dict[str, str]:
    """Return the headers that a reader keeps for the next time."""
    return {name: answer.headers[name] for name in REPEATED}


def test_R1_R13_R20_every_feed_has_its_headers(server: Server, paths: list[str]) -> None:
    for path in paths:
        answer = server.get(path)
        assert answer.status == 200, path
        assert re.fullmatch(r'"[^"]+"', answer.headers["etag"])
        assert parsedate_to_datetime(answer.headers["last-modified"]) <= datetime.now(UTC)
        assert answer.headers["vary"] == "Accept-Encoding"
        stale = ", stale-while-revalidate=60, stale-if-error=86400"
        age = re.fullmatch(rf"public, max-age=(\d+){stale}", answer.headers["cache-control"])
        assert age and 900 <= int(age[1]) <= 3600
        assert not answer.headers.keys() & {"set-cookie", "expires", "pragma"}


@pytest.mark.parametrize("coding", CODINGS)
def test_R2_R3_R4_R6_R14_every_feed_answers_conditions(
    server: Server, paths: list[str], coding: str
) -> None:
    """By the tag, by the date, by both, and three times in a row with what the 304 said."""
    for path in paths:
        full = server.get(path, Accept_Encoding=coding)
        tag, date = full.headers["etag"], full.headers["last-modified"]
        for condition in (
            {"If_None_Match": tag},
            {"If_Modified_Since": date},
            {"If_None_Match": tag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        ):
            answer = server.get(path, Accept_Encoding=coding, **condition)
            assert (answer.status, answer.body) == (304, b""), (path, condition)
            assert kept(answer) == kept(full)
        stale = {"If_None_Match": '"stale"', "If_Modified_Since": date}
        assert server.get(path, Accept_Encoding=coding, **stale).status == 200
        answer = full
        for _ in range(3):
            answer = server.get(
                path,
                Accept_Encoding=coding,
                If_None_Match=answer.headers["etag"],
                If_Modified_Since=answer.headers["last-modified"],
            )
            assert answer.status == 304, path


def test_R9_a_date_ahead_of_the_server_is_no_condition(server: Server, paths: list[str]) -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert {server.get(path, If_Modified_Since=ahead).status for path in paths} == {200}


def test_R7_R8_every_edit_moves_the_date_and_none_lies_ahead(server: Server) -> None:
    """A reader that goes by dates alone sees each of several edits within one second.

    While a state's own date still lies ahead, the answer has none: the ETag tells states apart.
    """
    previous = server.get(FEED)
    begin = since = previous.headers["last-modified"]
    dates: dict[str, str] = {since: previous.headers["etag"]}
    for number in range(EDITS):
        server.site.write("culture/film.md", article("Film", f"Version {number}."))
        previous = wait_until(lambda: changed(server, previous))  # noqa: B023
        # tt-rss sends the date alone: it must never be told that nothing is new.
        assert server.get(FEED, If_Modified_Since=since).status == 200
        if date := previous.headers.get("last-modified"):
            assert parsedate_to_datetime(date) <= now(previous)
            assert dates.setdefault(date, previous.headers["etag"]) == previous.headers["etag"]
            since = date
    settled = parsedate_to_datetime(begin) + timedelta(seconds=EDITS)

    def find_date() -> str:
        time.sleep(0.1)
        date = server.get(FEED).headers.get("last-modified", "")
        return date if date and parsedate_to_datetime(date) >= settled else ""

    assert server.get(FEED, If_Modified_Since=wait_until(find_date)).status == 304


def changed(server: Server, before: Answer) -> Answer | None:
    """Return the feed if it is another than before."""
    answer = server.get(FEED)
    return answer if answer.headers["etag"] != before.headers["etag"] else None


def now(answer: Answer) -> datetime:
    """Return the time by the server's own clock, at the latest."""
    date = answer.headers.get("date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)

"""Delta answers (RFC 3229, P57-P60): off by default, and only for readers that can take them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from sites import ATOM, Site, article, clock_from, parse_feed
from workers import THEN, Worker

from feedsvc.model import Representation
from feedsvc.web.delta import STATES_KEPT, Deltas, make_delta, wants_delta

# Each change comes a minute after the one before: a feed changes once a second at most.
MINUTES = itertools.count(1)
OpenWorker = Callable[..., Worker]
FORMATS = pytest.mark.parametrize("suffix", ["xml", "atom", "json"])


@pytest.fixture
def worker(site: Site, open_worker: OpenWorker) -> Worker:
    """A worker of a site with delta answers and three articles."""
    site.configure("feeds: {delta: true, flood_age: 0}\n")
    for number in range(3):
        site.write(
            f"politics/{number}.md", article(f"Story {number}", date=f"2026-01-0{number + 1}")
        )
    site.scan(clock_from(THEN))
    return open_worker(site)


def change(site: Site, worker: Worker, name: str = "new") -> None:
    """Add an article, edit one and delete one."""
    site.write(f"politics/{name}.md", article(f"Story {name}", date="2026-01-09"))
    site.write("politics/1.md", article("Story 1, edited", date="2026-01-02"))
    (site.content / "politics/2.md").unlink(missing_ok=True)
    site.scan(clock_from(THEN + timedelta(minutes=next(MINUTES))))
    worker.live.refresh()


@FORMATS
def test_P57_P58_P59_P60_only_what_is_new(site: Site, worker: Worker, suffix: str) -> None:
    """226 with IM, the current ETag and its base; a whole feed of the new and the edited."""
    path = f"/feeds/politics.{suffix}"
    old = worker.fetch(path).headers["etag"]
    change(site, worker)
    whole = worker.fetch(path)
    answer = worker.fetch(path, A_IM="feed, gzip", If_None_Match=f'"nothing", {old}')
    assert answer.status == 226 and answer.headers["im"] == "feed"
    assert answer.headers["etag"] == whole.headers["etag"] != old
    assert answer.headers["delta-base"] == old
    assert answer.headers["cache-control"] == "no-store, im"
    assert answer.headers["content-type"] == whole.headers["content-type"]
    assert int(answer.headers["content-length"]) == len(answer.body)
    titles = [one["title"] for one in parse_feed(suffix, answer.body)]
    assert titles == ["Story new", "Story 1, edited"]
    if suffix == "json":
        assert json.loads(answer.body).keys() == json.loads(whole.body).keys()
    else:
        assert not feedparser.parse(answer.body).bozo
    if suffix == "atom":
        assert answer.text.count("deleted-entry") == 1  # a reader of deltas is told as well
        root = etree.fromstring(answer.body)
        assert all(len(root.findall(ATOM + name)) == 1 for name in ("id", "title", "updated"))
    assert worker.fetch(path, A_IM="feed", If_None_Match=answer.headers["etag"]).status == 304


@FORMATS
def test_P57_whoever_cannot_or_may_not_gets_the_whole_feed(
    site: Site, worker: Worker, suffix: str
) -> None:
    """No A-IM, no known state, another manipulator, HEAD, or a reader that 226 confuses."""
    path = f"/feeds/politics.{suffix}"
    old = worker.fetch(path).headers["etag"]
    change(site, worker)
    whole = worker.fetch(path)
    for headers in (
        {"If_None_Match": old},
        {"A_IM": "feed"},
        {"A_IM": "feed", "If_None_Match": '"unknown"'},
        {"A_IM": "feed", "If_None_Match": "*x"},
        {"A_IM": "vcdiff, gzip", "If_None_Match": old},
        {"A_IM": "feed", "If_None_Match": old, "User_Agent": "rss2email/3.14 (+https://x.test)"},
        {"A_IM": "feed", "If_None_Match": old, "User_Agent": "feedparser/6.0.11 +https://x.test"},
    ):
        answer = worker.fetch(path, **headers)
        assert (answer.status, answer.body) == (200, whole.body), headers
        assert "im" not in answer.headers and "delta-base" not in answer.headers
    assert worker.fetch(path, "HEAD", A_IM="feed", If_None_Match=old).status == 200


@FORMATS
def test_R19_off_by_default(site: Site, open_worker: OpenWorker, suffix: str) -> None:
    """Without the key every reader gets whole feeds."""
    site.write("politics/0.md", article("Story 0"))
    site.write("politics/2.md", article("Story 2"))
    site.scan(clock_from(THEN))
    worker = open_worker(site)
    old = worker.fetch(f"/feeds/politics.{suffix}").headers["etag"]
    change(site, worker)
    answer = worker.fetch(f"/feeds/politics.{suffix}", A_IM="feed", If_None_Match=old)
    assert answer.status == 200 and len(parse_feed(suffix, answer.body)) == 3


def test_older_states_are_known_and_bounded(site: Site, worker: Worker) -> None:
    """A reader that missed some states still gets a delta; the oldest are forgotten."""
    tags = []
    for number in range(STATES_KEPT + 3):
        tags.append(worker.fetch("/feeds/politics.xml").headers["etag"])
        change(site, worker, f"n{number}")
    path = "/feeds/politics.xml"
    answers = [worker.fetch(path, A_IM="feed", If_None_Match=tag) for tag in tags]
    assert [one.status for one in answers] == [200] * 3 + [226] * STATES_KEPT
    assert [len(parse_feed("xml", one.body)) for one in answers[3:]] == list(
        range(STATES_KEPT, 0, -1)
    )


def test_P57_tag_of_an_encoding_is_known(site: Site, worker: Worker) -> None:
    """What a reader was given with its gzip is a state as well (R5)."""
    path = "/feeds/politics.xml"
    old = worker.fetch(path, Accept_Encoding="gzip").headers["etag"]
    assert old.endswith('-gzip"')
    change(site, worker)
    answer = worker.fetch(path, A_IM="feed", If_None_Match=old, Accept_Encoding="gzip")
    assert answer.status == 226 and "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("manipulations", "wanted"),
    [("feed", True), ("FEED", True), ("gzip, feed;q=1", True), ("feeds", False), ("", False)],
)
def test_A_IM_is_a_list(manipulations: str, wanted: bool) -> None:
    """RFC 3229 10.5.3: names are apart by commas, parameters by semicolons."""
    assert wants_delta(manipulations, "newsboat/2.21") is wanted


@given(st.text(), st.text())
def test_any_header_is_taken(manipulations: str, agent: str) -> None:
    """Headers are anybody's."""
    assert wants_delta(manipulations, agent) in (True, False)


def test_nothing_new_is_an_empty_feed() -> None:
    """Two states that differ in their head only: a whole feed without entries."""
    old = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>1</id></entry></feed>'
    new = make_delta(old, old.replace(b">A<", b">B<"))
    root = etree.fromstring(new)
    assert root.findtext(f"{ATOM}title") == "B" and root.find(f"{ATOM}entry") is None


def test_a_delta_leads_to_the_state_that_was_asked_for() -> None:
    """A request that still knows the publication before gets no other request's answer."""

    def state(*titles: str) -> Representation:
        items = [{"id": title} for title in titles]
        body = json.dumps({"items": items}).encode()
        return Representation(
            "application/feed+json", {"identity": body}, THEN, 900, etag=titles[-1]
        )

    deltas = Deltas()
    deltas.remember(state("a"))
    for now, new in ((state("a", "b"), ["b"]), (state("a", "b", "c"), ["b", "c"])):
        body = deltas.find("a", now)
        assert body and [one["id"] for one in json.loads(body)["items"]] == new

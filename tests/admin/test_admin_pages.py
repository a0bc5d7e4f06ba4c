"""What the pages of the desk say: read by a person without any script."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from lxml import etree
from sites import Server, Site, article, ask, serving, wait_until
from visitor import Visitor, plain, said, uid_of, wait_for_note

FEEDBIN = "Feedbin feed-id:1373711 - 142 subscribers"
PAGES = ("", "review", "problems", "articles", "withdrawals", "readers", "hub", "config", "engine")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_works_without_scripts_and_lets_no_article_speak(
    visitor: Visitor, page: str
) -> None:
    answer = visitor.get(f"/{page}")
    assert answer.status == 200
    assert "<script" not in answer.text and " style=" not in answer.text
    assert not re.search(r"\son[a-z]+=", answer.text)
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', answer.text):
        assert address.startswith(("/", "#", "http://gazette.test/")), address


def test_what_an_article_became_and_why(visitor: Visitor) -> None:
    page = visitor.get("/articles")
    uid = uid_of(page, 'A "final" <3 & more')
    assert "&lt;3 &amp; more" in page.text
    words = plain(visitor.get(f"/articles/{uid}").text)
    assert "sports/final.md" in words and "folder" in words  # why it is where it is
    uid = uid_of(page, "Nurses strike")
    words = plain(visitor.get(f"/articles/{uid}").text)
    assert "Lines that were cut" in words and "SHARE THIS" in words  # with their reasons
    assert "hospital (keyword)" in words and "file time" in words
    assert visitor.get("/articles/0123456789abcdef").status == 404


@pytest.mark.parametrize("wanted", ["politics/vote.md", "path", "id", "address"])
def test_an_article_is_found_by_its_file_its_id_or_its_address(
    open_desk: Server, visitor: Visitor, wanted: str
) -> None:
    item = open_desk.items()["The vote"]
    named = {"path": "/politics/vote.md", "id": item.id, "address": item.link}.get(wanted, wanted)
    page = visitor.get(f"/articles?q={named.lstrip('/').replace(':', '%3A')}")
    assert uid_of(page, "The vote") and "The recount" not in page.text
    page = visitor.get("/articles?q=nothing/of/the/kind.md&page=x")
    assert "No article has this path" in page.text


def test_problems_say_what_to_do_and_come_as_a_feed(open_desk: Server, visitor: Visitor) -> None:
    page = visitor.get("/problems")
    assert "broken.md" in page.text and "Mend the file and save it" in page.text
    (feed,) = re.findall(r'value="(http[^"]*problems\.atom[^"]*)"', page.text)
    address = urlsplit(feed)
    answer = ask(open_desk.port, f"{address.path}?{address.query}", "GET", {})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    tree = etree.fromstring(answer.body)
    titles = [one.text or "" for one in tree.iter("{*}title")]
    assert any(title.startswith("broken.md: ") for title in titles)
    etag = answer.headers["etag"]
    again = ask(open_desk.port, f"{address.path}?{address.query}", "GET", {"If-None-Match": etag})
    assert again.status == 304
    for token in ("", "?token=", "?token=x", f"?{address.query}x", f"?{address.query[:-1]}"):
        assert ask(open_desk.port, f"{address.path}{token}", "GET", {}).status == 403


def test_the_feed_of_problems_needs_no_session(locked_desk: Server, stranger: Visitor) -> None:
    from desks import PASSWORD

    stranger.sign_in(PASSWORD)
    (feed,) = re.findall(r'value="(http[^"]*problems\.atom[^"]*)"', stranger.get("/problems").text)
    address = urlsplit(feed)
    elsewhere = {"X-Forwarded-For": "203.0.113.77"}
    path = f"{address.path}?{address.query}"
    assert ask(locked_desk.port, path, "GET", elsewhere).status == 200
    assert ask(locked_desk.port, address.path, "GET", elsewhere).status == 403


def test_readers_are_told_in_numbers_and_pictures(open_desk: Server, visitor: Visitor) -> None:
    for _ in range(3):
        open_desk.get("/feeds/politics.atom", User_Agent=FEEDBIN)
    etag = open_desk.get("/feeds/politics.atom", User_Agent=FEEDBIN).headers["etag"]
    open_desk.get("/feeds/politics.atom", User_Agent=FEEDBIN, If_None_Match=etag)
    # Both workers write down every ten seconds what they have served.
    wait_until(lambda: "Feedbin 142 5 20 %" in plain(visitor.get("/readers").text), 40)
    words = plain(visitor.get("/readers").text)
    assert "142 subscribers" in words and "Politics and Government 142" in words
    assert "142" in plain(visitor.get("/").text)
    # Whichever worker is asked, Prometheus is told the same.
    told = {ask(open_desk.port, "/metrics", "GET", {}).text for _ in range(6)}
    lines = {line for text in told for line in text.splitlines()}
    assert 'feedsvc_subscribers{feed="politics"} 142.0' in lines
    polls = {line for line in lines if line.startswith('feedsvc_polls_total{status="304"}')}
    assert polls == {'feedsvc_polls_total{status="304"} 1.0'}
    for name in ("subscribers", "polls"):
        answer = visitor.get(f"/pictures/{name}.svg")
        assert answer.status == 200 and answer.headers["content-type"].startswith("image/svg+xml")
        assert etree.fromstring(answer.body).tag.endswith("svg")
        assert f'src="/admin/pictures/{name}.svg"' in visitor.get("/readers").text
    assert visitor.get("/pictures/nothing.svg").status == 404
    assert visitor.get("/pictures/latency.svg").status == 404  # nothing has been pushed


def test_the_engine_tells_of_its_jobs(visitor: Visitor) -> None:
    wait_until(lambda: "scan looks at the whole" in plain(visitor.get("/engine").text))
    words = plain(visitor.get("/engine").text)
    assert "is at work since" in words and re.search(r"scan looks .*? ago [\d.]+ s in \d+", words)


def test_a_fault_of_the_config_is_said_with_its_line_until_it_is_mended(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    site = Site(tmp_path_factory.mktemp("faults"))
    site.write("politics/a.md", article("A"))
    with serving(site) as server:
        visitor = Visitor(server.port)
        assert any("has no fault" in note for note in said(visitor.get("/config")))
        site.configure("  money: {titel: Money}\n")
        (note,) = wait_for_note(visitor, "/config", "has a fault")
        assert (
            re.search(r"config\.yaml:\d+: sections\.money\.titel", note)
            and "titel" in note
            and "title" in note
        )
        assert any("has a fault" in one for one in said(visitor.get("/")))
        assert "config.yaml" in visitor.get("/problems").text
        assert server.get("/feeds/money.xml").status == 404
        assert server.get("/feeds/politics.xml").status == 200
        site.configure("  money: {title: Money}\n")
        wait_for_note(visitor, "/config", "has no fault")
        wait_until(lambda: server.get("/feeds/money.xml").status == 200)


def test_an_engine_that_is_gone_is_missed(tmp_path_factory: pytest.TempPathFactory) -> None:
    site = Site(tmp_path_factory.mktemp("silent"))
    site.write("politics/a.md", article("A"))
    site.scan()  # a command, which is no engine
    with serving(site, role="web") as server:
        visitor = Visitor(server.port)
        for page in ("", "engine"):
            notes = said(visitor.get(f"/{page}"))
            assert any("The engine has not been heard of" in note for note in notes)

"""What is done at the desk is done on the site: filed, withdrawn, taken back."""

from __future__ import annotations

import pytest
from desks import fill
from sites import Server, Site, article, serving, wait_until
from visitor import Visitor, open_article, said, uid_of, wait_for_note


def test_one_click_files_an_article_from_the_review_list(
    open_desk: Server, visitor: Visitor
) -> None:
    page = visitor.get("/review")
    uid = uid_of(page, "A shed burned down")
    assert "A shed burned down" not in open_desk.items("culture")
    answer = visitor.post(f"/articles/{uid}", action="file", section="culture", back="review")
    page = visitor.follow(answer)
    assert any("is filed in culture" in note for note in said(page))
    assert f"/admin/articles/{uid}" not in page.text  # nothing is left to be looked at
    wait_until(lambda: "A shed burned down" in open_desk.items("culture"))
    page = visitor.get(f"/articles/{uid}")
    assert "filed by an editor" in page.text and "Let feedsvc decide again" in page.text
    page = visitor.follow(visitor.post(f"/articles/{uid}", action="file", auto="1"))
    assert any("decided by feedsvc again" in note for note in said(page))
    wait_until(lambda: "A shed burned down" not in open_desk.items("culture"))


def test_an_article_is_filed_in_several_sections(open_desk: Server, visitor: Visitor) -> None:
    uid = open_article(visitor, "The recount")
    answer = visitor.post(f"/articles/{uid}", action="file", section=["sports", "politics"])
    assert any("is filed in sports, politics" in note for note in said(visitor.follow(answer)))
    for section in ("sports", "politics"):
        wait_until(lambda name=section: "The recount" in open_desk.items(name))


def test_an_article_is_withdrawn_and_comes_back(open_desk: Server, visitor: Visitor) -> None:
    item = open_desk.items()["The vote"]
    path = item.link.removeprefix(open_desk.site.base_url)
    uid = open_article(visitor, "The vote")
    reason = "asked for <b>by</b> its author"
    page = visitor.follow(visitor.post(f"/articles/{uid}", action="withdraw", reason=reason))
    assert any("was withdrawn" in note for note in said(page))
    # Another worker than the one that waited may load it a moment later.
    wait_until(lambda: "The vote" not in open_desk.items())
    assert open_desk.get(path).status == 410
    page = visitor.get("/withdrawals")
    assert uid_of(page, "The vote") == uid
    assert "dashboard" in page.text and "asked for &lt;b&gt;by&lt;/b&gt; its author" in page.text
    page = visitor.follow(visitor.post(f"/articles/{uid}", action="withdraw"))
    assert any("not done" in note and "withdrawn before" in note for note in said(page))
    answer = visitor.post(f"/articles/{uid}", action="restore", back="withdrawals")
    assert answer.headers["location"].startswith("/admin/withdrawals?done=")
    assert any("taken back" in note for note in said(visitor.follow(answer)))
    again = wait_until(lambda: open_desk.items().get("The vote"))
    assert again.id == item.id and open_desk.get(path).status == 200


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"action": "file", "section": "nowhere"}, "is no section any more"),
        ({"action": "file", "auto": "1"}, "was not filed by a person"),
        ({"action": "restore"}, "is not withdrawn"),
    ],
    ids=lambda each: str(each),
)
def test_what_cannot_be_done_is_said(visitor: Visitor, fields: dict[str, str], words: str) -> None:
    uid = open_article(visitor, "Nurses strike")
    page = visitor.follow(visitor.post(f"/articles/{uid}", **fields))
    assert any("not done" in note and words in note for note in said(page))


def test_odd_forms_do_nothing(visitor: Visitor) -> None:
    open_article(visitor, "Nurses strike")
    for uid, fields in (
        ("0123456789abcdef", {}),
        ("0123456789abcdef", {"action": "delete"}),
        ("short", {"action": "withdraw"}),
        ("x" * 16, {"action": "accept deletions"}),
    ):
        assert visitor.post(f"/articles/{uid}", **fields).status == 400
    answer = visitor.post("/articles/0123456789abcdef", action="withdraw")
    assert visitor.get(answer.headers["location"].removeprefix("/admin")).status == 404
    for number in ("x", "0", "-1", "99999999999999999999", "%D9%A3"):
        assert visitor.get(f"/?done={number}").status == 200


def test_an_order_waits_for_an_engine(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Workers go on when the engine does not; what was asked for is done once one comes back."""
    site = Site(tmp_path_factory.mktemp("roles"))
    fill(site)
    with serving(site, role="engine") as server:
        wait_until(lambda: "published revision" in server.log)
    with serving(site, role="web") as web:
        visitor = Visitor(web.port)
        uid = open_article(visitor, "The vote")
        page = visitor.follow(visitor.post(f"/articles/{uid}", action="withdraw"))
        assert any("is written down" in note for note in said(page))
        assert "The vote" in web.items()
        with serving(site, role="engine"):
            wait_until(lambda: "The vote" not in web.items())
        page = visitor.get("/articles")
        assert "withdrawn here" in page.text


def test_files_that_vanished_are_believed_to_be_gone_when_a_person_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    site = Site(tmp_path_factory.mktemp("vanished"))
    for number in range(30):
        site.write(f"politics/{number}.md", article(f"Story {number}"))
    with serving(site) as server:
        visitor = Visitor(server.port)
        for number in range(25):
            (site.content / f"politics/{number}.md").unlink()
        wait_for_note(visitor, "/problems", "Many files are missing at once")
        assert len(server.items()) == 30
        page = visitor.follow(visitor.post("/problems"))
        assert any("25 articles left the site" in note for note in said(page))
        assert not any("Many files" in note for note in said(page))
        wait_until(lambda: len(server.items()) == 5)

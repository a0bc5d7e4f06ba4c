"""A partner's feed over time: what comes, is delayed, grows old, is withdrawn; and its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from partner_site import (
    PARTNERS,
    TOKENS,
    body_of,
    find,
    find_deleted,
    make_site,
    move_to,
    set_token,
    take,
    titles,
    write,
)
from PIL import Image
from sites import Site, article

from feedsvc.partners import path_of
from feedsvc.publication import load_publication
from feedsvc.service import Service

T0 = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
NEW = "another-token-0123456789"


@pytest.fixture
def at_work(site: Site) -> Iterator[Service]:
    """A site with two articles, published."""
    make_site(site)
    write(site, "politics/vote.md", "The council votes on the bridge", T0 - 2 * HOUR)
    write(site, "sports/final.md", "The final goes to penalties again", T0 - HOUR)
    with site.service(lambda: T0) as service:
        take(service, T0)
        yield service


def test_each_partner_has_its_sections(at_work: Service) -> None:
    """A partner named like a section is a partner."""
    both = ["The final goes to penalties again", "The council votes on the bridge"]
    assert titles(at_work, "snews") == both
    assert titles(at_work, "late") == both
    assert titles(at_work, "politics") == ["The council votes on the bridge"]
    paths = load_publication(at_work.store).representations
    assert "/feeds/politics.xml" in paths and "/sections/politics" in paths


def test_nothing_published_names_a_partner_or_a_token(at_work: Service) -> None:
    """No path, no page, no OPML, no other feed: only the partners' own documents do."""
    for path, found in load_publication(at_work.store).representations.items():
        assert not any(token in path for token in TOKENS.values())
        if path.startswith("/partners/"):
            assert found.link == ""
            continue
        body = found.bodies["identity"].decode("latin-1")
        assert "partners" not in body and "snews" not in body, path
        assert not any(token in body for token in TOKENS.values()), path


def test_a_rebuild_with_no_change_changes_nothing(site: Site, at_work: Service) -> None:
    """MSN does not take feeds whose dates change on every poll (rule 3 of the house, F12)."""
    before = {name: body_of(at_work, name) for name in TOKENS}
    revision = at_work.store.revision()
    take(at_work, T0 + MINUTE)
    with site.service(lambda: T0 + 2 * MINUTE) as restarted:
        take(restarted, T0 + 3 * MINUTE)
    assert {name: body_of(at_work, name) for name in TOKENS} == before
    assert at_work.store.revision() == revision


def test_another_section_leaves_a_partner_alone(site: Site, at_work: Service) -> None:
    before, other = find(at_work, "politics"), find(at_work, "snews")
    assert before and other
    write(site, "sports/cup.md", "The cup comes home after ten years", T0)
    take(at_work, T0 + MINUTE)
    assert find(at_work, "politics") == before
    changed = find(at_work, "snews")
    assert changed and changed.etag != other.etag and changed.modified > other.modified


def test_an_edit_moves_the_date_where_a_partner_goes_by_it(site: Site, at_work: Service) -> None:
    """MSN takes an article in again with the same id and a changed date; readers keep theirs."""
    old = "<pubDate>Mon, 01 Jun 2026 10:00:00 +0000</pubDate>"
    assert all(old in body_of(at_work, name).decode() for name in TOKENS)
    front = {"date": (T0 - 2 * HOUR).isoformat()}
    site.write(
        "politics/vote.md", article("The council votes on a bridge", "Other words.", **front)
    )
    take(at_work, T0 + HOUR)
    assert old not in body_of(at_work, "politics").decode()
    assert "Mon, 01 Jun 2026 13:00" in body_of(at_work, "politics").decode()
    move_to(at_work, T0 + 2 * HOUR)
    assert old in body_of(at_work, "late").decode()


def test_two_changes_in_a_second_are_a_second_apart(site: Site, at_work: Service) -> None:
    """R7, R8: for partners as for everybody."""
    later = T0 + HOUR
    write(site, "politics/a.md", "One of the two that came at once", T0)
    at_work.clock = lambda: later
    at_work.scan()
    first = find(at_work, "politics")
    write(site, "politics/b.md", "The other of those that came at once", T0)
    at_work.scan()
    assert find(at_work, "politics") == first
    due = at_work.next_release()
    assert due == later + SECOND
    move_to(at_work, due)
    second = find(at_work, "politics")
    assert first and second and second.modified == first.modified + SECOND
    assert len(titles(at_work, "politics")) == 3


def test_partner_alone_may_have_to_wait(site: Site, at_work: Service) -> None:
    """Its feed changed this second as an article came due; its section's did not."""
    write(site, "politics/new.md", "The mayor speaks of the new bridge", T0)
    take(at_work, T0 + MINUTE)
    due = T0 + 30 * MINUTE
    move_to(at_work, due)
    write(site, "politics/older.md", "What the mayor had said before that", T0 - HOUR)
    at_work.scan()
    assert "What the mayor had said before that" in titles(at_work, "politics")
    assert len(titles(at_work, "late")) == 3
    assert at_work.next_release() == due + SECOND
    move_to(at_work, due + SECOND)
    assert len(titles(at_work, "late")) == 4


# Time


def test_delay_holds_an_article_back_for_one_partner(site: Site, at_work: Service) -> None:
    write(site, "politics/new.md", "The mayor speaks of the new bridge", T0)
    take(at_work, T0 + MINUTE)
    assert titles(at_work, "politics")[0] == "The mayor speaks of the new bridge"
    assert len(titles(at_work, "late")) == 2
    due = at_work.next_release()
    assert due == T0 + 30 * MINUTE
    move_to(at_work, due - SECOND)
    assert len(titles(at_work, "late")) == 2
    move_to(at_work, due)
    assert titles(at_work, "late")[0] == "The mayor speaks of the new bridge"


def test_delay_is_kept_over_a_restart(site: Site, at_work: Service) -> None:
    """What came due while nothing ran is there as soon as something runs."""
    write(site, "politics/new.md", "The mayor speaks of the new bridge", T0)
    take(at_work, T0 + MINUTE)
    with site.service(lambda: T0 + HOUR) as restarted:
        assert titles(restarted, "late")[0] == "The mayor speaks of the new bridge"


def test_what_expires_during_its_delay_never_comes(site: Site, at_work: Service) -> None:
    expires = (T0 + 10 * MINUTE).isoformat()
    write(site, "politics/new.md", "The mayor speaks for ten minutes", T0, expires=expires)
    take(at_work, T0 + MINUTE)
    for minutes in (10, 20, 31, 60):
        move_to(at_work, T0 + minutes * MINUTE)
        assert len(titles(at_work, "late")) == 2


def test_embargo_holds_for_partners(site: Site, at_work: Service) -> None:
    write(site, "politics/new.md", "The mayor will have spoken of it", T0 + HOUR)
    take(at_work, T0 + MINUTE)
    move_to(at_work, T0 + HOUR - SECOND)
    assert all("will have" not in body_of(at_work, name).decode() for name in TOKENS)
    move_to(at_work, T0 + HOUR)
    assert "will have" in body_of(at_work, "politics").decode()
    assert "will have" not in body_of(at_work, "late").decode()


def test_what_grows_too_old_leaves_by_itself(at_work: Service) -> None:
    """SmartNews: nothing old; MSN: less than 365 days. Others have no limit."""
    due = at_work.next_release()
    assert due == T0 - 2 * HOUR + timedelta(days=30)
    move_to(at_work, due - SECOND)
    assert len(titles(at_work, "snews")) == 2
    move_to(at_work, due)
    assert titles(at_work, "snews") == ["The final goes to penalties again"]
    assert len(titles(at_work, "politics")) == 1
    move_to(at_work, T0 - 2 * HOUR + timedelta(days=365))
    assert titles(at_work, "politics") == [] and titles(at_work, "snews") == []
    assert len(titles(at_work, "late")) == 2


# Retractions


def test_withdrawal_is_told_as_each_partner_wants_it(at_work: Service) -> None:
    entry = at_work.find_entry("politics/vote.md")
    assert entry
    at_work.clock = lambda: T0 + HOUR
    at_work.withdraw(entry, "ann", "a libel")
    assert titles(at_work, "politics") == [] and len(titles(at_work, "late")) == 1
    (gone,) = find_deleted(at_work, "snews")
    assert gone["guid"] == entry.id
    assert gone["pubDate"] == "Mon, 01 Jun 2026 13:00:00 +0000"
    assert gone["link"] == f"https://gazette.test/articles/{entry.uid}"
    for name in TOKENS:
        text = body_of(at_work, name).decode()
        assert (
            "votes on the bridge" not in text
            and "libel" not in text
            and "voted" not in text[: text.find("<item>")]
        )


def test_what_may_no_longer_be_syndicated_is_told_as_withdrawn(
    site: Site, at_work: Service
) -> None:
    """Its rights changed: it keeps its page, and SmartNews must take its copy down."""
    entry = at_work.find_entry("politics/vote.md")
    assert entry
    title, then = "The council votes on the bridge", T0 - 2 * HOUR
    write(site, "politics/vote.md", title, then, syndication="none")
    take(at_work, T0 + HOUR)
    assert [one["guid"] for one in find_deleted(at_work, "snews")] == [entry.id]
    assert title not in titles(at_work, "late")


def test_what_comes_back_is_an_item_again(at_work: Service) -> None:
    entry = at_work.find_entry("politics/vote.md")
    assert entry
    at_work.clock = lambda: T0 + HOUR
    gone = at_work.withdraw(entry, "ann")
    at_work.clock = lambda: T0 + 2 * HOUR
    at_work.restore(gone, "ann")
    at_work.clock = lambda: T0 + 2 * HOUR + SECOND
    at_work.scan()
    at_work.publish()
    assert find_deleted(at_work, "snews") == []
    assert "The council votes on the bridge" in titles(at_work, "snews")


# Tokens


def test_a_new_token_leaves_the_old_one_its_time(site: Site, at_work: Service) -> None:
    old = TOKENS["snews"]
    changed = T0 + HOUR
    at_work.clock = lambda: changed
    before = find(at_work, "snews")
    set_token(site, at_work, "snews", NEW, grace="2d")
    fresh = find(at_work, "snews", NEW)
    assert before and fresh
    assert f"token={NEW}" in fresh.bodies["identity"].decode()
    assert find(at_work, "snews") == before  # the very bytes: the feed did not change
    assert fresh.modified == before.modified
    end = at_work.next_release()
    assert end == changed + timedelta(days=2)
    move_to(at_work, end - SECOND)
    assert find(at_work, "snews", old)
    move_to(at_work, end)
    assert find(at_work, "snews", old) is None
    assert find(at_work, "snews", NEW) == fresh


def test_old_token_reads_what_is_new(site: Site, at_work: Service) -> None:
    at_work.clock = lambda: T0 + HOUR
    set_token(site, at_work, "snews", NEW)
    write(site, "politics/new.md", "The mayor speaks of the new bridge", T0)
    take(at_work, T0 + 2 * HOUR)
    for token in (NEW, TOKENS["snews"]):
        text = body_of(at_work, "snews", token).decode()
        assert "The mayor speaks" in text and f"?token={token}" in text


def test_no_grace_ends_the_old_token_at_once(site: Site, at_work: Service) -> None:
    at_work.clock = lambda: T0 + HOUR
    set_token(site, at_work, "snews", NEW, grace="0")
    assert find(at_work, "snews") is None and find(at_work, "snews", NEW)


def test_grace_can_be_taken_away_later(site: Site, at_work: Service) -> None:
    """The token leaked: who sets grace to 0 a day later means now."""
    at_work.clock = lambda: T0 + HOUR
    set_token(site, at_work, "snews", NEW, grace="7d")
    assert find(at_work, "snews")
    at_work.clock = lambda: T0 + 2 * HOUR
    set_token(site, at_work, "snews", NEW, grace="0")
    assert find(at_work, "snews") is None and find(at_work, "snews", NEW)


def test_time_of_an_old_token_runs_while_nothing_does(site: Site, at_work: Service) -> None:
    at_work.clock = lambda: T0 + HOUR
    set_token(site, at_work, "snews", NEW, grace="1d")
    with site.service(lambda: T0 + timedelta(hours=24)) as restarted:
        assert find(restarted, "snews")
    with site.service(lambda: T0 + timedelta(hours=26)) as restarted:
        assert find(restarted, "snews") is None
        assert find(restarted, "snews", NEW)


def test_partner_that_leaves_the_config_leaves_nothing(site: Site, at_work: Service) -> None:
    kept = find(at_work, "late")
    text = site.config.read_text(encoding="utf-8")
    at_work.clock = lambda: T0 + HOUR
    start = text.index("  snews:")
    site.config.write_text(text[:start] + text[text.index("  politics:\n    profile") :])
    at_work.reload(site.load())
    paths = load_publication(at_work.store).representations
    assert path_of("snews", TOKENS["snews"]) not in paths
    assert find(at_work, "late") == kept
    site.config.write_text(text.replace(PARTNERS, ""), encoding="utf-8")
    at_work.reload(site.load())
    paths = load_publication(at_work.store).representations
    assert not [path for path in paths if path.startswith("/partners/")]
    assert not [name for name in at_work.store.built() if "partner" in name]
    assert not any(token in at_work.store.fact("partner_tokens") for token in TOKENS.values())


def test_other_blocks_of_the_config_leave_partners_alone(site: Site, at_work: Service) -> None:
    """A partner's bytes stay when a section is added; and pages stay when a partner is."""
    before, page = find(at_work, "late"), load_publication(at_work.store).representations["/"]
    text = site.config.read_text(encoding="utf-8")
    more = "  fourth: {token: a-fourth-token-0123456789}\n"
    at_work.clock = lambda: T0 + HOUR
    site.config.write_text(text + more, encoding="utf-8")
    at_work.reload(site.load())
    assert load_publication(at_work.store).representations["/"] == page
    assert find(at_work, "fourth", "a-fourth-token-0123456789")
    site.config.write_text(text.replace("sections:\n  pol", "sections:\n  art: Art\n  pol", 1))
    at_work.reload(site.load())
    after = find(at_work, "late")
    assert before and after and after.bodies == before.bodies


# Pictures


def test_a_replaced_picture_has_another_address(site: Site, at_work: Service) -> None:
    """MSN takes a picture in once: the same address would show the old one for ever."""

    def draw(colour: str) -> None:
        Image.new("RGB", (900, 600), colour).save(site.content / "politics/a bridge.png")

    def find_urls() -> set[str]:
        return set(re.findall(r"https://gazette.test/media/[^\"&]*", text_of("politics")))

    def text_of(name: str) -> str:
        return body_of(at_work, name).decode()

    draw("red")
    write(site, "politics/vote.md", "The council votes on it", T0, image='"a bridge.png"')
    take(at_work, T0 + HOUR)
    (first,) = find_urls()
    assert re.fullmatch(r"https://gazette.test/media/politics/a%20bridge.png\?v=[0-9a-f]{8}", first)
    assert 'width="900" height="600"' in text_of("politics")
    draw("blue")
    take(at_work, T0 + 2 * HOUR)
    (second,) = find_urls()
    assert second != first
    take(at_work, T0 + 3 * HOUR)
    assert find_urls() == {second}
    assert "?v=" not in text_of("late")


def test_a_small_picture_goes_out_to_nobody_who_minds(site: Site, at_work: Service) -> None:
    """Its size is read from the file, not from what somebody wrote."""
    Image.new("RGB", (300, 200), "red").save(site.content / "politics/small.png")
    write(site, "politics/vote.md", "The council votes on it", T0, image="small.png")
    take(at_work, T0 + HOUR)
    assert "small.png" not in body_of(at_work, "politics").decode()
    assert "small.png" in body_of(at_work, "late").decode()

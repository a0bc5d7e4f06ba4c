"""Real readers follow feeds of a real server: what is new, edited, withdrawn, and unchanged."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from all_readers import READERS
from desk import Desk, Subscription
from follower import Follower
from python_readers import Lemon24
from rss2email_reader import Rss2EmailReplying
from sites import PROJECT, wait_until

TYPES = {"xml": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed"}


def test_first_fetch(subscription: Subscription) -> None:
    """R18, R21, R29, R30, R37, F7: one plain 200, and all that was written."""
    desk = subscription.desk
    written = [
        desk.publish("budget", "Council passes the budget", "It **passed** at [9](/a?b=1&c=2)."),
        desk.publish("bridge", "Le pont d’Évian rouvre", "Après “deux” ans.\n\nEnfin & bien."),
    ]
    exchange = subscription.fetch()

    assert exchange.status == 200
    assert re.fullmatch(subscription.follower.agent, exchange.asked.get("user-agent", ""))
    assert exchange.answered["content-type"].startswith(TYPES[subscription.suffix])
    assert "set-cookie" not in exchange.answered

    shown = {one.title: one for one in subscription.items}
    assert len(subscription.items) == 2
    for entry in written:
        assert (shown[entry.title].id, shown[entry.title].link) == (entry.id, entry.link)
        page = desk.server.get(entry.link.removeprefix(desk.server.site.base_url))
        assert page.status == 200
    base = desk.server.site.base_url
    assert f'<p>It <strong>passed</strong> at <a href="{base}/a?b=1&amp;c=2"' in (
        shown["Council passes the budget"].content
    )
    french = shown["Le pont d’Évian rouvre"].content
    assert re.search(r"<p>Après “deux” ans.</p>\s*<p>Enfin &amp; bien.</p>", french)


def test_unchanged_feed_is_not_sent_again(subscription: Subscription) -> None:
    """R2-R6, R12: 304 for the conditions that the reader sends, and for those it sends then."""
    subscription.desk.publish("one", "One")
    for _ in range(subscription.follower.full_fetches):
        first = subscription.fetch()
    before = subscription.items
    for _ in range(2):
        exchange = subscription.fetch()
        assert exchange.asked["if-none-match"] == first.answered["etag"]
        assert "if-modified-since" in exchange.asked
        assert exchange.status == 304
    assert subscription.items == before


def test_edit_is_no_second_item(subscription: Subscription) -> None:
    """R11, R37, R45, F14: a new title and body under the old id."""
    desk = subscription.desk
    old = desk.publish("story", "Mayor to resign", "She goes in **May**.")
    desk.publish("other", "Another story")
    for _ in range(subscription.follower.full_fetches):
        subscription.fetch()
    subscription.let_a_second_pass()
    new = desk.publish("story", "Mayor stays after all", "She stays until **June**.")
    assert subscription.fetch().status == 200

    assert new.id == old.id
    assert len({one.id for one in subscription.items}) == 2
    versions = [one for one in subscription.items if one.id == old.id]
    assert (
        sorted(one.title for one in versions)
        == {
            "replaces it": [new.title],
            "keeps the first version": [old.title],
            "keeps both versions": sorted([old.title, new.title]),
        }[subscription.follower.on_edit]
    )
    bodies = {old.title: "She goes in <strong>May", new.title: "She stays until <strong>June"}
    assert all(bodies[one.title] in one.content for one in versions)
    assert subscription.fetch().status == 304


def test_withdrawn_article_leaves_and_returns_as_itself(subscription: Subscription) -> None:
    """F19, R23, R37: it is in no fetched feed, its page is 410, and it comes back once."""
    desk = subscription.desk
    gone = desk.publish("gone", "A mistake")
    stays = desk.publish("stays", "No mistake")
    for _ in range(subscription.follower.full_fetches):
        subscription.fetch()
    subscription.let_a_second_pass()
    desk.delete("gone", gone.title)
    assert desk.ids(subscription.suffix) == [stays.id]
    assert subscription.fetch().status == 200

    kept = [gone.title] if subscription.follower.on_withdrawal == "keeps it" else []
    assert sorted(one.title for one in subscription.items) == sorted([stays.title, *kept])
    assert desk.server.get(gone.link.removeprefix(desk.server.site.base_url)).status == 410

    subscription.let_a_second_pass()
    desk.publish("gone", gone.title)
    assert subscription.fetch().status == 200
    assert sorted(one.id for one in subscription.items) == sorted([gone.id, stays.id])


def test_story_in_two_sections_has_one_id(
    subscription: Subscription, new_desk: Callable[[], Desk]
) -> None:
    """R40: readers that look at ids across feeds show it once; the others once in each feed."""
    first, second = subscription.desk, new_desk()
    story = first.publish("story", "Stadium vote", sections=f"[{first.name}, {second.name}]")
    assert wait_until(lambda: second.entries.get(story.title)) == story
    subscription.follower.fetch(*(desk.url(subscription.suffix) for desk in (first, second)))

    times = {"once": 1, "twice": 2}[subscription.follower.in_two_sections]
    assert [one.id for one in subscription.items] == [story.id] * times
    assert {one.link for one in subscription.items} == {story.link}


@pytest.mark.parametrize("reader", [one for one in READERS if one.compares_dates])
def test_changes_within_a_second(
    tmp_path: Path, new_desk: Callable[[], Desk], reader: type[Follower]
) -> None:
    """R7, R8: a reader that comes between two changes of one second sees the second one, too.

    What curl threw away it has an ETag for, so it misses the change until there is another.
    """
    desk = new_desk()
    subscription = Subscription(reader(tmp_path / "reader"), desk, "xml")
    desk.publish("story", "Zero")
    for _ in range(reader.full_fetches):
        subscription.fetch()
    time.sleep(1 - time.time() % 1)
    desk.publish("story", "One")
    subscription.fetch()
    desk.publish("story", "Two")  # written at once; published when its date is another
    for _ in range(2):
        subscription.fetch()
        time.sleep(1 - time.time() % 1)
    assert "Two" in [one.title for one in subscription.items]


@pytest.mark.parametrize("suffix", Lemon24.formats)
def test_reader_knows_when_an_article_was_edited(
    tmp_path: Path, new_desk: Callable[[], Desk], suffix: str
) -> None:
    """R44, R45: the day of publication stays; formats with a field for it tell the edit's."""
    follower, desk = Lemon24(tmp_path / "reader"), new_desk()
    subscription = Subscription(follower, desk, suffix)
    entry = desk.publish("story", "First words", date="2026-01-02")
    subscription.fetch()
    published, _ = follower.dates()[entry.id]
    desk.publish("story", "Second thoughts", date="2026-01-02")
    subscription.fetch()
    again, updated = follower.dates()[entry.id]
    assert published and again == published
    if suffix == "xml":
        assert updated is None
    else:
        assert updated and updated > published


def test_rss2email_answers_its_first_mail(tmp_path: Path, new_desk: Callable[[], Desk]) -> None:
    """R37: by the id it knows to which mail an edit belongs."""
    follower, desk = Rss2EmailReplying(tmp_path / "reader"), new_desk()
    subscription = Subscription(follower, desk, "xml")
    for title in ("First words", "Second thoughts"):
        desk.publish("story", title)
        subscription.fetch()
    mails = {mail["Subject"]: mail for mail in follower.mails()}
    assert mails["First words"]["In-Reply-To"] is None
    assert mails["Second thoughts"]["In-Reply-To"] == mails["First words"]["Message-ID"]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_docs_say_what_readers_do(reader: type[Follower]) -> None:
    """The table of docs/readers.md holds what the tests above have shown."""
    text = (PROJECT / "docs" / "readers.md").read_text(encoding="utf-8")
    words = (reader.name, reader.on_edit, reader.on_withdrawal, reader.in_two_sections)
    assert f"| {' | '.join(words)} |" in text

"""What an entry is, and when it counts as changed: over edits, moves and another address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from sites import FORMATS, Site, article, parse_atom, parse_feed

from feedsvc.model import Representation
from feedsvc.publication import load_publication

Paths = Mapping[str, Representation]
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
WORDS = "The council met on Monday and agreed on a plan."


def look(site: Site, now: datetime = LATER) -> Paths:
    """Take what lies in the folder and return what is published; the clock stands still."""
    site.scan(lambda: now)
    with site.service(lambda: now) as service:
        return load_publication(service.store).representations


def ids_of(paths: Paths, section: str = "all") -> set[str]:
    """Return the ids of a section's entries, in whatever format."""
    return {
        one["id"]
        for suffix in FORMATS
        for one in parse_feed(suffix, paths[f"/feeds/{section}.{suffix}"].bodies["identity"])
    }


def move_to(base_url: str) -> Callable[[Site], None]:
    """Return what moves a site to another address."""

    def move(site: Site) -> None:
        site.base_url = base_url
        site.configure()

    return move


def rewrite(title: str = "Vote held", body: str = WORDS, **front: str) -> Callable[[Site], None]:
    """Return what writes the article anew."""
    keys = {"date": "2026-01-02"} | front
    return lambda site: site.write("politics/vote.md", article(title, body, **keys)) and None


def rename_file(site: Site) -> None:
    """Move the file to another section, under another name."""
    (site.content / "sports").mkdir()
    (site.content / "politics/vote.md").rename(site.content / "sports/other name.md")


MOVES = {
    "https": move_to("https://gazette.test"),
    "another host": move_to("https://www.gazette.example"),
    "a path": move_to("http://gazette.test/news"),
    "a new headline": rewrite("Vote put off"),
    "a new slug": rewrite(slug="put-off"),
    "new words": rewrite(body="It was put off."),
    "a new date": rewrite(date="2026-01-20"),
    "another section": rewrite(sections="[sports, culture]"),
    "a link of its own": rewrite(link="https://elsewhere.example/vote"),
    "another file": rename_file,
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_R37_P8_P37_F14_the_id_survives(site: Site, move: Callable[[Site], None]) -> None:
    """One id, the same in every format, whatever changes around it; and never a second entry."""
    rewrite()(site)
    before = look(site, NOON)
    move(site)
    after = look(site)
    assert len(ids_of(before)) == 1
    assert ids_of(after) == ids_of(before)
    for suffix in FORMATS:
        assert len(parse_feed(suffix, after[f"/feeds/all.{suffix}"].bodies["identity"])) == 1


def test_P8_the_feeds_own_id_survives_as_well(site: Site) -> None:
    def feed_id(paths: Paths) -> str:
        return str(feedparser.parse(paths["/feeds/sports.atom"].bodies["identity"]).feed.id)

    before = feed_id(look(site, NOON))
    move_to("https://www.gazette.example/news")(site)
    site.config.write_text(site.config.read_text().replace("The Test Gazette", "Another"))
    assert feed_id(look(site)) == before


# What is changed, whether it is a significant edit, and whether feeds show it at all.
EDITS = {
    "title": (rewrite("Vote put off"), True, True),
    "words": (rewrite(body=WORDS + " Nobody spoke."), True, True),
    "summary": (rewrite(summary="In short"), True, True),
    "author": (rewrite(author="Ann Lee"), True, True),
    "link": (rewrite(link="https://elsewhere.example/vote"), True, True),
    "picture": (rewrite(image="vote.jpg"), True, True),
    "recording": (rewrite(enclosure="vote.mp3"), True, True),
    "correction": (rewrite(correction="It was seven."), True, True),
    "tags": (rewrite(tags="[harbour]"), False, True),
    "language": (rewrite(language="fr"), False, True),
    "a key that nobody knows": (rewrite(weight="3"), False, False),
    "the order of keys": (
        lambda site: site.write(
            "politics/vote.md", f'---\ndate: 2026-01-02\ntitle: "Vote held"\n---\n{WORDS}\n'
        ),
        False,
        False,
    ),
}


@pytest.mark.parametrize(("edit", "significant", "shown"), EDITS.values(), ids=EDITS)
def test_P10_R11_R45_edits(
    site: Site, edit: Callable[[Site], object], significant: bool, shown: bool
) -> None:
    """A significant edit moves ``updated``; whatever shows moves the tag; nothing else does."""
    rewrite()(site)
    site.write("sports/match.md", article("Match", date="2026-01-01"))
    before = look(site, NOON)
    edit(site)
    after = look(site)
    (old,) = parse_atom(before["/feeds/politics.atom"].bodies["identity"])
    (new,) = parse_atom(after["/feeds/politics.atom"].bodies["identity"])
    assert (new.updated > old.updated) == significant
    assert new.published == old.published
    for suffix in FORMATS:
        path = f"/feeds/politics.{suffix}"
        assert (after[path].etag != before[path].etag) == shown, path
        # F13: sports has nothing to do with it.
        assert after[f"/feeds/sports.{suffix}"] == before[f"/feeds/sports.{suffix}"]


def test_R44_the_date_of_publication_stands(site: Site) -> None:
    """An editor who changes the date of a live article changes nothing for readers."""
    rewrite()(site)
    before = look(site, NOON)
    rewrite(date="2025-05-05")(site)
    after = look(site)
    for suffix in FORMATS:
        assert dates_of(after, suffix) == dates_of(before, suffix)


def dates_of(paths: Paths, suffix: str) -> list[str]:
    """Return the dates of publication in a feed."""
    body = paths[f"/feeds/politics.{suffix}"].bodies["identity"]
    if suffix == "json":
        return [one["date_published"] for one in json.loads(body)["items"]]
    return [entry.published for entry in feedparser.parse(body).entries]


def test_R8_R46_F12_feed_dates_move_with_every_change_and_only_then(site: Site) -> None:
    """Also when a change comes each second: the fastest that a feed may change."""
    rewrite()(site)
    shown = [look(site, NOON)]
    for number in range(3):
        rewrite(body=f"{WORDS} Version {number}.")(site)
        now = LATER + timedelta(seconds=number)
        shown += [look(site, now), look(site, now)]  # the second look finds nothing new
    for suffix in FORMATS:
        found = [paths[f"/feeds/politics.{suffix}"] for paths in shown]
        moved = [one.modified for one in found]
        assert moved[1::2] == moved[2::2], "nothing had changed"
        steps = zip(moved[1::2], [moved[0], *moved[2::2]], strict=False)
        assert all(new - old >= timedelta(seconds=1) for new, old in steps)
        if suffix != "json":
            assert [said(one.bodies["identity"]) for one in found] == moved


def said(body: bytes) -> datetime:
    """Return the date that a feed gives itself."""
    feed = feedparser.parse(body).feed
    try:
        return datetime.fromisoformat(feed.updated)
    except ValueError:
        return parsedate_to_datetime(feed.updated)

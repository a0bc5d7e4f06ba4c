"""Withdrawals that SmartNews is told of: not too many at once, and none of what it never had."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from partner_samples import NOW, PROFILES, make_entry, make_feed, make_partner
from partner_site import find_deleted, make_site, take, titles, write
from sites import Site

from feedsvc.model import Tombstone
from feedsvc.partners import shape

T0 = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("withdrawn", "told", "live"), [(21, 5, 15), (6, 5, 15), (5, 5, 15), (2, 2, 18), (0, 0, 20)]
)
def test_withdrawals_leave_room_for_live_articles(withdrawn: int, told: int, live: int) -> None:
    gone = [Tombstone(make_entry(200 + n).id, NOW - n * MINUTE) for n in range(withdrawn)]
    feed = make_feed(*(make_entry(n) for n in range(24)), deleted=tuple(gone))
    shaped = shape(feed, make_partner("smartnews"), NOW)
    assert shaped.retracted == {one.id for one in gone[:told]}
    assert len(shaped.feed.entries) == told + live
    said = [one.message for one in shaped.findings if one.rule == "retractions"]
    few = f"{withdrawn} articles were withdrawn: only {told} can be told of at once"
    assert said == ([few] if withdrawn > told else [])


# Days from the article to its withdrawal, what else it says, and whether SmartNews may have it.
CASES = {
    "in-time": (1.0, {}, True),
    "before-its-delay-was-over": (0.01, {}, False),
    "as-its-delay-was-over": (1 / 48, {}, True),
    "too-old-by-then": (30.0, {}, False),
    "not-yet-too-old": (29.9, {}, True),
    "never-for-others": (1.0, {"syndication": "none"}, False),
    "expired-in-its-delay": (1.0, {"expires": (T0 + 10 * MINUTE).isoformat()}, False),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_was_given_is_told_of(site: Site, case: str) -> None:
    days, front, told = CASES[case]
    make_site(site)
    text = site.config.read_text(encoding="utf-8")
    smart = "    profile: smartnews\n"
    site.config.write_text(text.replace(smart, f"{smart}    delay: 30m\n"), encoding="utf-8")
    write(site, "politics/vote.md", "The council votes on the bridge", T0, **front)
    with site.service(lambda: T0) as service:
        take(service, T0)
        entry = service.find_entry("politics/vote.md")
        assert entry
        gone = T0 + days * DAY
        service.clock = lambda: gone
        service.withdraw(entry, "ann")
        take(service, gone + MINUTE)
        assert [one["guid"] for one in find_deleted(service, "snews")] == [entry.id] * told
        assert len(titles(service, "snews")) == told


@pytest.mark.parametrize("profile", [one for one in PROFILES if one != "plain"])
def test_description_of_the_feed_is_plain(profile: str) -> None:
    """F6: as plain as its title, whatever the title of the site holds."""
    feed = replace(make_feed(make_entry()), description="News - My <b>news</b> &lt;i&gt; & more")
    assert shape(feed, make_partner(profile), NOW).feed.description == "News - My news & more"

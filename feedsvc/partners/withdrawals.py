"""Withdrawn articles: which of them a partner must be told of, and the item that tells it."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedsvc.config import PartnerConfig
from feedsvc.model import Entry, Feed, Syndication, Tombstone
from feedsvc.partners.profiles import PROFILES, Profile

# The words of a withdrawn article must not go out a last time with the news of its withdrawal.
WITHDRAWN_TITLE = "This article was withdrawn"

# One item in so many may tell of a withdrawal. Each is told for as long as its article could stand
# there: after a clean-up of the archive, nothing else would go out for a month.
_ONE_IN = 4


def count_withdrawals(items: int) -> int:
    """Return how many of so many items may tell of withdrawals; one of them always may."""
    return -(-items // _ONE_IN)


def was_given(
    partner: PartnerConfig, published: datetime, expires: datetime | None, withdrawn: datetime
) -> bool:
    """Whether an article of these dates could be in a partner's feed when it was withdrawn."""
    oldest = PROFILES[partner.profile].oldest
    came = published + timedelta(seconds=partner.delay)
    if came > withdrawn or (expires and expires <= came):
        return False
    return not oldest or withdrawn - published < oldest


def find_withdrawals(feed: Feed, profile: Profile, now: datetime) -> list[Tombstone]:
    """Return the withdrawals that a partner must be told of, the last one first."""
    if not profile.told_of_retractions:
        return []
    living = {one.id for one in feed.entries if one.syndication is not Syndication.NONE}
    recent = profile.oldest
    return [
        one
        for one in feed.deleted
        if one.id not in living and one.when <= now and (not recent or now - one.when < recent)
    ]


def bury(one: Tombstone, feed: Feed) -> Entry:
    """Return the item that says that an article is gone, and nothing else of it."""
    uid = uid_of(one)
    # This page answers 410, wherever the article itself was.
    root = feed.base.partition("/partners/")[0]
    return Entry(
        id=one.id,
        uid=uid,
        title=WITHDRAWN_TITLE,
        link=f"{root}/articles/{uid}",
        published=one.when,
        updated=one.when,
    )


def uid_of(one: Tombstone) -> str:
    """Return the uid of an article that is gone: the first half of the UUID in its id."""
    return one.id.rpartition(":")[2].replace("-", "")[:16]

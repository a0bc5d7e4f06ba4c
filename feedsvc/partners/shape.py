"""A feed, and the rules of one partner -> what goes out to it, and a report. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from feedsvc.config import PartnerConfig
from feedsvc.model import Entry, Feed, MediaFile, Syndication
from feedsvc.partners import feed_checks, item_checks
from feedsvc.partners.findings import Finding, Terms
from feedsvc.partners.mending import begin, mend
from feedsvc.partners.profiles import PROFILES, Profile
from feedsvc.partners.withdrawals import bury, count_withdrawals, find_withdrawals
from feedsvc.render import fit

# What every article fails before it is shaped says nothing of this one.
_QUIET = frozenset({"enclosure", "picture-version"})


@dataclass(frozen=True, slots=True)
class Shaped:
    """The ``feed`` that goes out to a partner, and what is to be said of it.

    ``retracted`` are the ids of those of its entries that only say that they are gone.
    """

    feed: Feed
    findings: tuple[Finding, ...] = ()
    retracted: frozenset[str] = frozenset()


def shape(
    feed: Feed,
    partner: PartnerConfig,
    now: datetime,
    pictures: Mapping[str, MediaFile] = MappingProxyType({}),
) -> Shaped:
    """Return what goes out to ``partner`` of a feed, by the rules of its profile.

    ``feed.entries`` are candidates, the newest first, as many as there may be. What can be set
    right is; what cannot be, and would be refused, stays out. ``pictures`` are the site's own
    media files by URL, as far as they are known.
    """
    profile = PROFILES[partner.profile]
    terms = Terms(feed, partner, profile, now, pictures)
    channel = feed_checks.mend_channel(feed, terms)
    most = count_items(partner)
    withdrawn = find_withdrawals(feed, profile, now)
    # Withdrawals are told of before anything else is, but never of nothing else.
    dead = [bury(one, feed) for one in withdrawn[: count_withdrawals(most)]]
    findings: list[Finding] = []
    kept: list[Entry] = []
    seen = {one.id for one in dead}
    for entry in feed.entries:
        if len(kept) + len(dead) >= most:
            break
        if entry.syndication is Syndication.NONE or entry.id in seen:
            continue
        seen.add(entry.id)
        mended, found = _shape_entry(entry, terms)
        findings += found
        if not any(one.fatal for one in found):
            kept.append(mended)
    made = replace(channel, entries=(*dead, *kept), deleted=(), hubs=(), cloud="", podcast=None)
    shaped = _fit(made, profile)
    told = frozenset(one.id for one in dead)
    of_feed = _report_feed(feed, made, shaped, terms)
    untold = _report_withdrawals(len(withdrawn), len(dead))
    return Shaped(shaped, (*untold, *of_feed, *findings), told)


def count_items(partner: PartnerConfig) -> int:
    """Return how many items go out to a partner at most."""
    profile = PROFILES[partner.profile]
    wanted = partner.items or max(profile.items, profile.items_least)
    return min(wanted, profile.items_most or wanted)


def _shape_entry(entry: Entry, terms: Terms) -> tuple[Entry, list[Finding]]:
    """Return an entry as the partner takes it, and what it fails."""
    before = begin(entry, terms)
    after = mend(before, entry, terms)
    # Its age and its rights are those of the article, whatever its item says.
    judged = replace(after, published=entry.published, syndication=entry.syndication)
    failed = item_checks.find_faults(judged, terms)
    findings = [
        Finding(rule, message, entry.uid, entry.title, fatal=rule not in item_checks.WISHES)
        for rule, message in failed.items()
    ]
    findings += [
        Finding(rule, message, entry.uid, entry.title, mended=True)
        for rule, message in item_checks.find_faults(before, terms).items()
        if rule not in failed and rule not in _QUIET
    ]
    return after, findings


def _report_withdrawals(withdrawn: int, told: int) -> Iterator[Finding]:
    """Yield what is to be said of more withdrawals than may be told of."""
    if withdrawn > told:
        message = f"{withdrawn} articles were withdrawn: only {told} can be told of at once"
        yield Finding("retractions", message, fatal=True)


def _report_feed(feed: Feed, made: Feed, shaped: Feed, terms: Terms) -> Iterator[Finding]:
    """Yield what the feed fails as a whole."""
    failed = feed_checks.find_faults(shaped, terms)
    for rule, message in failed.items():
        yield Finding(rule, message, fatal=rule not in feed_checks.WISHES)
    before = replace(made, title=feed.title, description=feed.description)
    for rule, message in feed_checks.find_faults(before, terms).items():
        if rule not in failed and rule != "items-least":
            yield Finding(rule, message, mended=True)


def _fit(feed: Feed, profile: Profile) -> Feed:
    """Return the feed cut to its bytes; an item that would be shortened stays out."""
    whole = {entry.id: entry for entry in feed.entries}
    fitting = fit(feed, len(feed.entries), profile.bytes_most)
    kept = tuple(entry for entry in fitting.entries if whole[entry.id] == entry)
    return replace(fitting, entries=kept)

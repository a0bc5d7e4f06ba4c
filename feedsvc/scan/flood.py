"""The flood guard: many old articles that come at once are kept, but they are no news.

They go into archive documents and onto pages, and stand in no live feed. A single old article, or
a handful, goes into the feed as any other does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedsvc.config import Config, SectionConfig
from feedsvc.store import WHOLE_SITE, Store, StoredEntry, Writer

# Fewer old articles than this are what an editor found in a drawer; nobody imports so few.
BULK_LEAST = 5

# What comes within so long came together: copying a folder takes minutes, and comes in many looks.
TOGETHER = timedelta(minutes=10)

# Of that only what came so shortly before is taken out of the feeds again, when it shows what it
# belongs to: a copy's first files. What has been there for longer was read, and stays.
TAKEN_BACK = timedelta(seconds=30)

# Since when the site has published, in the store's facts; before, that it was scanned once.
_OPENED = "opened"
_SCANNED = "scanned"

# The moment up to which everything that came was told to be news, in the store's facts.
_NEWS_UNTIL = "news_until"


@dataclass(frozen=True, slots=True)
class FloodRule:
    """From which age on articles that came together are no news, and how many younger ones are.

    Zero is no limit.
    """

    age: timedelta = timedelta(0)
    items: int = 0


@dataclass(slots=True)
class Flood:
    """The new articles that are no news, by path: too old, or beyond the newest so many.

    ``sooner`` are some that had come before them, and had been taken for news.
    """

    old: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    sooner: list[str] = field(default_factory=list)

    def add(self, other: Flood) -> None:
        """Take in what became of another batch."""
        self.old += other.old
        self.beyond += other.beyond
        self.sooner += other.sooner


def choose_news(
    items: int,
    come: Iterable[tuple[datetime, str, datetime]],
    coming: Iterable[tuple[datetime, str]],
    since: datetime,
) -> set[str]:
    """Return which of those that have come, and of those that come now, are news: the newest.

    ``come`` are dates, uids and arrivals; what arrived before ``since`` stays news, for it was read
    by now. ``coming`` are dates and uids.
    """
    come = list(come)
    settled = {uid for _, uid, arrived in come if arrived < since}
    open_ = [(date, uid) for date, uid, arrived in come if arrived >= since]
    newest = sorted([*open_, *coming], reverse=True)[: max(0, items - len(settled))]
    return settled | {uid for _, uid in newest}


def find_flood(moments: Sequence[datetime]) -> datetime | None:
    """Return when the last flood began, given when quiet articles came, the last moment first."""
    start = None
    for moment in moments:
        if start is not None and start - moment > TOGETHER:
            break
        start = moment
    return start


class FloodGuard:
    """Tells news from what only came now; ``opened`` is when the site had published first.

    Before that, of which the first scan is the beginning, and where a person says so
    (``as_news``), everything is news. Sections that are ``loud`` take everything: what reads them
    knows no archives.
    """

    def __init__(self, rule: FloodRule, loud: frozenset[str] = frozenset()) -> None:
        self.rule = rule
        self.loud = loud
        self.opened: datetime | None = None
        self.is_first_scan = True
        self.as_news = False
        # So many more fresh articles are news for sure: what came together only gets fewer.
        self._room = 0

    def judge(
        self, new: Collection[StoredEntry], writer: Writer, now: datetime
    ) -> tuple[set[str], Flood]:
        """Return the uids of the ``new`` entries that are no news, and what is to be said of it.

        Also those that came just before, and of which only now it shows what they belong to, are
        made quiet; what has been news for longer stays so.
        """
        flood = Flood()
        if self.opened is None or self.as_news:
            return set(), flood
        cutoff = now - self.rule.age if self.rule.age else datetime.min.replace(tzinfo=now.tzinfo)
        coming = [one for one in new if one.is_coming]
        old = {one.uid: one.path for one in coming if one.published < cutoff}
        fresh = {one.uid: one for one in coming if cutoff <= one.published <= now}
        quiet: set[str] = set()
        since = None
        just_now = now - TAKEN_BACK
        if old:
            since = self._find_start(writer, now)
            before = writer.old_arrivals(since, cutoff, BULK_LEAST)
            if len(before) + len(old) >= BULK_LEAST:
                quiet |= old.keys()
                flood.old += old.values()
                if len(before) < BULK_LEAST:
                    just = writer.old_arrivals(max(since, just_now), cutoff, BULK_LEAST)
                    flood.sooner += writer.hush(just, self.loud)
        if fresh and self.rule.items and len(fresh) > self._room:
            since = since or self._find_start(writer, now)
            come = writer.fresh_arrivals(since, (cutoff, now), self.rule.items)
            coming_fresh = [(one.published, one.uid) for one in fresh.values()]
            news = choose_news(self.rule.items, come, coming_fresh, just_now)
            quiet |= fresh.keys() - news
            flood.beyond += [one.path for one in fresh.values() if one.uid not in news]
            flood.sooner += writer.hush([uid for _, uid, _ in come if uid not in news], self.loud)
            self._room = self.rule.items - len(news)
        else:
            self._room = max(0, self._room - len(fresh))
        return quiet, flood

    def _find_start(self, writer: Writer, now: datetime) -> datetime:
        told = writer.fact(_NEWS_UNTIL)
        starts = [now - TOGETHER, *([datetime.fromisoformat(told)] if told else [])]
        return max(starts if self.opened is None else [*starts, self.opened])


def make_guard(store: Store, config: Config) -> FloodGuard:
    """Return the guard of a site, by its config and what the store knows of its beginning."""
    feeds = config.feeds
    rule = FloodRule(timedelta(seconds=feeds.flood_age), feeds.flood_items)
    # Podcast apps read no archive documents: an episode that is not in the feed is nowhere.
    loud = frozenset(name for name, section in config.sections.items() if section.podcast)
    guard = FloodGuard(rule, loud)
    opened = store.fact(_OPENED)
    guard.is_first_scan = not opened
    guard.opened = datetime.fromisoformat(opened) if opened not in ("", _SCANNED) else None
    return guard


def open_site(store: Store, guard: FloodGuard, now: datetime) -> None:
    """Note that the first scan is through, and whether anything is public since.

    Until then articles only fill the feeds, however many come, and however old they are.
    """
    if guard.opened:
        return
    guard.opened = now if store.newest(WHOLE_SITE, now, 1, quiet=True) else None
    if guard.opened or guard.is_first_scan:
        guard.is_first_scan = False
        with store.writing() as writer:
            writer.put_fact(_OPENED, now.isoformat() if guard.opened else _SCANNED)


def list_new_sections(
    sections: Mapping[str, SectionConfig], built: Collection[str]
) -> frozenset[str]:
    """Return the sections whose readers have seen nothing yet: to them what is old is new.

    ``built`` are the feeds that there are; a section that was only renamed is among them.
    """
    return frozenset(
        name
        for name, section in sections.items()
        if name not in built and not any(before in built for before in section.moved_from)
    )


def take_as_news(store: Store, now: datetime) -> list[str]:
    """Make news of the articles that the last flood left out, for good; return their paths.

    Those of the same minutes that come still are no part of a flood then.
    """
    with store.writing() as writer:
        start = find_flood(writer.quiet_arrivals())
        paths = writer.unhush(start) if start else []
        writer.put_fact(_NEWS_UNTIL, now.isoformat())
    return paths


def describe_flood(flood: Flood, new: int, rule: FloodRule) -> str:
    """Return what to tell a person of a flood, in a sentence; nothing if there was none."""
    parts, keys = [], []
    if flood.old:
        parts.append(f"{len(flood.old)} of them are older than {_say(rule.age)} and came together")
        keys.append("feeds.flood_age")
    if flood.beyond:
        beyond = len(flood.beyond)
        parts.append(f"{beyond} of them are beyond the newest {rule.items} that came together")
        keys.append("feeds.flood_items")
    if not parts:
        return ""
    sooner = f" (and {len(flood.sooner)} that came just before)" if flood.sooner else ""
    return (
        f"{new} new; {', and '.join(parts)}{sooner}: they are in archives and on pages, not in the "
        f"live feeds ({', '.join(keys)}); feedsvc scan --as-news takes them as news"
    )


def _say(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    count, unit = (hours / 24, "day") if hours >= 24 else (hours, "hour")
    return f"{count:g} {unit}{'' if count == 1 else 's'}"

"""The feeds of partners in the publication: which must be built, and at which addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from feedsvc.config import Config, PartnerConfig
from feedsvc.model import Feed, Tombstone
from feedsvc.partners import (
    PREFIX,
    PROFILES,
    Shaped,
    Tokens,
    count_items,
    dump_tokens,
    load_tokens,
    path_of,
    render_partner,
    shape,
    turn_tokens,
    uid_of,
    url_of,
    was_given,
)
from feedsvc.publication.compress import Document
from feedsvc.publication.feeds import date_feed, make_entry, make_feed
from feedsvc.publication.history import TOMBSTONES_MOST
from feedsvc.publication.media import url_of_media
from feedsvc.render import newest_first
from feedsvc.store import WHOLE_SITE, Store, StoredEntry, Writer

# The fact of the store that has the tokens, beside those of the config the ones before them.
TOKENS_FACT = "partner_tokens"
# And the one that has when each partner came last and was let in.
POLLS_FACT = "partner_polls"

# Of so many times what goes out, enough follow the rules, where any do.
_CANDIDATES = 3
_CANDIDATES_MOST = 500

_CONTENT_TYPE = "application/rss+xml; charset=utf-8"
_TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class _Seen:
    """When we looked at a partner last, and whether it waits for another second."""

    at: datetime
    waits: bool = False


class PartnerFeeds:
    """Builds the feeds of partners; the publisher asks it at each publishing.

    What it remembers it could find out again: after a start, every feed is built once.
    """

    def __init__(self, store: Store, config: Config, tag: str) -> None:
        self._store = store
        self._config = config
        self._tag = tag
        self._seen: dict[str, _Seen] = {}
        # The paths of partners and tokens that ended while nothing ran are found once.
        self._settled = False

    @property
    def marks(self) -> set[str]:
        """The names under which the store remembers what was built."""
        return {_mark_of(name) for name in self._config.partners}

    def find_due(self, dirty: Collection[str], now: datetime, renewed: bool = False) -> set[str]:
        """Return the partners whose feed may differ from the one that is published.

        All of them do when everything else is built anew.
        """
        if renewed:
            return set(self._config.partners)
        due = set()
        for name, partner in self._config.partners.items():
            seen = self._seen.get(name)
            sources = partner.sections or (WHOLE_SITE,)
            touched = seen is None or seen.waits or not set(sources).isdisjoint(dirty)
            if seen is None or touched or self._next_of(partner, seen.at) <= now:
                due.add(name)
            else:
                seen.at = now
        return due

    @property
    def is_unsettled(self) -> bool:
        """Whether something may be published still that a config before this one asked for."""
        if not self._settled and not load_tokens(self._store.fact(TOKENS_FACT)):
            self._settled = True
        return not self._settled

    def hold_back(
        self, due: Collection[str], built: Mapping[str, tuple[str, datetime]], now: datetime
    ) -> tuple[set[str], datetime | None]:
        """Return which feeds can have another date by now, and when the first other can (R8)."""
        later = {}
        for name in due:
            before = built.get(_mark_of(name))
            if before and (free := before[1] + _SECOND) > now:
                later[name] = free
                self._seen[name] = _Seen(now, waits=True)
        return set(due) - later.keys(), min(later.values(), default=None)

    def write(
        self,
        names: Collection[str],
        built: Mapping[str, tuple[str, datetime]],
        marks: dict[str, tuple[str, datetime]],
        now: datetime,
    ) -> Iterator[tuple[str, Document]]:
        """Yield the documents of partners, one for each token that works."""
        tokens = self._turn(now)
        for name in sorted(names):
            partner = self._config.partners[name]
            shaped = shape_partner(partner, self._store, self._config, self._tag, now)
            mark = _mark_of(name)
            digest = _hash(shaped, partner)
            before = built.get(mark)
            if before and before[0] == digest:
                updated = before[1]
            else:
                updated = date_feed(shaped.feed, before[1] if before else None, now)
                marks[mark] = (digest, updated)
            shaped = replace(shaped, feed=replace(shaped.feed, updated=updated))
            max_age = self._config.feeds.max_age
            for token in tokens[name].accepted(partner.grace, now):
                url = url_of(self._config.site.base_url, name, token)
                body = render_partner(shaped, partner, url)
                yield path_of(name, token), Document(_CONTENT_TYPE, body, updated, max_age)

    def find_ended(self, known: Collection[str], now: datetime) -> set[str]:
        """Return the published paths that no token opens any more."""
        if self._settled and not self._config.partners:
            return set()
        tokens = self._turn(now)
        open_ = {
            path_of(name, token)
            for name, partner in self._config.partners.items()
            for token in tokens[name].accepted(partner.grace, now)
        }
        return {path for path in known if path.startswith(PREFIX) and path not in open_}

    def settle(self, writer: Writer, built: Collection[str], now: datetime) -> None:
        """Write down the tokens that are known now, as a part of the publishing."""
        if self._settled and not self._config.partners:
            return
        before, after = self._store.fact(TOKENS_FACT), dump_tokens(self._turn(now))
        if after != before and (before or self._config.partners):
            writer.put_fact(TOKENS_FACT, after)
        writer.drop_built([one for one in built if _is_mark(one) and one not in self.marks])

    def remember(self, names: Collection[str], now: datetime) -> None:
        """Remember what was built, once it is published for sure."""
        self._settled = True
        for name in names:
            self._seen[name] = _Seen(now)

    def next_change(self, now: datetime) -> datetime | None:
        """Return when a feed changes by itself: an entry comes due or is too old, a token ends."""
        moments = (self._next_of(one, now) for one in self._config.partners.values())
        found = min(moments, default=_NEVER)
        return None if found == _NEVER else found

    def _next_of(self, partner: PartnerConfig, after: datetime) -> datetime:
        """Return the first moment after ``after`` at which a partner's feed may differ."""
        oldest = PROFILES[partner.profile].oldest
        shifts = {timedelta(seconds=partner.delay), oldest or timedelta(0)} - {timedelta(0)}
        dues = ((self._store.next_due(after - shift), shift) for shift in shifts)
        found = [_NEVER, *(moment + shift for moment, shift in dues if moment)]
        tokens = load_tokens(self._store.fact(TOKENS_FACT)).get(partner.name)
        if tokens:
            found += [end for end in tokens.ends(partner.grace) if end > after]
        return min(found)

    def _turn(self, now: datetime) -> dict[str, Tokens]:
        known = load_tokens(self._store.fact(TOKENS_FACT))
        return turn_tokens(known, self._config.partners, now)


def shape_partner(
    partner: PartnerConfig, store: Store, config: Config, tag: str, now: datetime
) -> Shaped:
    """Return what goes out to a partner of what the store holds, and what is to be said of it."""
    names = partner.sections or (WHOLE_SITE,)
    limit = min(count_items(partner) * _CANDIDATES, _CANDIDATES_MOST)
    until = now - timedelta(seconds=partner.delay)
    stored: dict[str, StoredEntry] = {}
    dead: dict[str, Tombstone] = {}
    told = PROFILES[partner.profile].told_of_retractions
    for name in names:
        found = store.newest(name, until, limit)
        # What was public when its delay began may have expired since.
        stored.update((one.uid, one) for one in found if one.is_public(now))
        if told:
            dead.update((one.id, one) for one in store.tombstones(name, TOMBSTONES_MOST))
    media = store.media_of(stored)
    entries = newest_first(make_entry(one, config, media) for one in stored.values())[:limit]
    feed = _name_feed(names, partner, config, tag, now)
    given = _list_given(dead.values(), partner, store)
    deleted = sorted(given, key=lambda one: (one.when, one.id), reverse=True)
    feed = replace(feed, entries=entries, deleted=tuple(deleted))
    pictures = {url_of_media(path, config.site.base_url): file for path, file in media.items()}
    return shape(feed, partner, now, pictures)


def load_polls(store: Store) -> dict[str, datetime]:
    """Return when partners came last, by name. Raises StoreError."""
    rows: dict[str, str] = orjson.loads(store.fact(POLLS_FACT) or "{}")
    return {name: datetime.fromisoformat(moment) for name, moment in rows.items()}


def find_end_of_token(partner: PartnerConfig, store: Store, now: datetime) -> datetime | None:
    """Return until when the last of a partner's former tokens works; None if none does."""
    tokens = load_tokens(store.fact(TOKENS_FACT)).get(partner.name)
    # A change that no engine has seen yet has not begun its time.
    ends = tokens.ends(partner.grace) if tokens and tokens.now == partner.token else ()
    return max((end for end in ends if end > now), default=None)


def _list_given(
    dead: Collection[Tombstone], partner: PartnerConfig, store: Store
) -> Iterator[Tombstone]:
    """Yield those of the articles that left the feeds which the partner can have been given.

    What was never public, or might never be syndicated, has left no tombstone.
    """
    stored = {one.uid: one for one in store.entries_of([uid_of(one) for one in dead])}
    for one in dead:
        entry = stored.get(uid_of(one))
        if entry and was_given(partner, entry.published, entry.expires, one.when):
            yield one


def _name_feed(
    names: tuple[str, ...], partner: PartnerConfig, config: Config, tag: str, now: datetime
) -> Feed:
    """Return the feed of a partner without entries: called as the sections that it has."""
    feed = make_feed(names[0], (), config, tag, now)
    if len(names) > 1:
        titles = [config.sections[name].title for name in names]
        feed = replace(
            feed,
            title=f"{' + '.join(titles)} - {config.site.title}",
            description=f"The newest articles: {', '.join(titles)}",
            language=config.site.language,
            home=f"{config.site.base_url}/",
        )
    base = f"{config.site.base_url}{PREFIX}{partner.name}"
    ttl = max(1, config.feeds.max_age // 60)
    return replace(feed, name=partner.name, base=base, ttl=ttl)


def _hash(shaped: Shaped, partner: PartnerConfig) -> str:
    """Return a hash of all that a partner's document says, but for its date and its address."""
    timeless = replace(shaped, feed=replace(shaped.feed, updated=_TIMELESS))
    return hashlib.blake2b(render_partner(timeless, partner, ""), digest_size=16).hexdigest()


def _mark_of(name: str) -> str:
    return f"partner:{name}"


def _is_mark(name: str) -> bool:
    return name.startswith("partner:")

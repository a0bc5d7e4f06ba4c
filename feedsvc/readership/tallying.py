"""What a worker counted -> what is added to the tables, and what of it has a place there."""

from __future__ import annotations

import functools
import re
import socket
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from feedsvc.readership.agents import KNOWN_READERS, NO_READERS, Agent, parse_agent
from feedsvc.readership.visits import BARE, FULL, SERVED, UNCHANGED, Visit
from feedsvc.store import CountKey, Pair, PollCount

# What has no place of its own stands here; no section, tag or author can have this name.
OTHERS = "(others)"

# Feeds times readers that are told apart in a day: a large site's 150 feeds, each polled by 30.
PAIRS_MOST = 5_000
# Readers that we do not know, by the name they give themselves: anybody can make up more.
UNKNOWN_MOST = 50
# One reader has one or two ids of a feed (its addresses); more are made up.
FEED_IDS_MOST = 50
# And all such ids in a day: 150 feeds, each known to the ten services that there are, twice.
COUNTS_MOST = 5_000

# This machine's own addresses; IPv4 ones as IPv6 writes them begin with what is mapped.
_LOOPBACK = b"\x7f"
_LOOPBACK_6 = bytes(15) + b"\1"
_MAPPED = bytes(10) + b"\xff\xff"

_ARCHIVE = re.compile(r"([a-z0-9_-]+)/archive/\d+")
_NAME_MOST = 255  # the names of tags and authors are cut to less


class Client(NamedTuple):
    """Somebody who polls: a person's reader, or a service for one of its own ids of a feed.

    ``identity`` is what tells him from others; it is hashed before it is kept. A ``direct`` one
    asks for himself.
    """

    feed: str
    reader: str
    identity: bytes
    direct: bool

    @property
    def pair(self) -> Pair:
        """The feed and the reader."""
        return (self.feed, self.reader)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came in until ``at``: polls, statuses, aggregators' numbers, and who it was.

    ``clients`` says of each whether the feed itself was sent, not only "unchanged".
    """

    at: datetime
    polls: Mapping[Pair, PollCount]
    statuses: Mapping[str, int]
    counts: Mapping[CountKey, int]
    clients: Mapping[Client, bool]

    @property
    def day(self) -> date:
        """The day in UTC on which it is counted."""
        return self.at.date()


def tally_visits(visits: Mapping[Visit, int], at: datetime) -> Tally:
    """Return what visits amount to; ``at`` is in UTC."""
    polls: defaultdict[Pair, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    statuses: Counter[str] = Counter()
    counts: dict[CountKey, int] = {}
    clients: dict[Client, bool] = {}
    for (path, text, address, forwarded, kind, length), number in visits.items():
        statuses[FULL if kind == BARE else kind] += number
        if not path or kind not in SERVED:
            continue
        feed, is_archive = name_feed(path)
        agent = parse_agent(text or "")
        sums = polls[feed, agent.reader]
        sums[0] += number
        sums[1] += number * (kind == UNCHANGED)
        # A delta is only sent to who names a state that he has.
        sums[2] += number * (kind == BARE)
        sums[3] += number * length
        if is_archive or not agent.is_reader:
            continue  # who walks through archives has come by the feed
        if agent.subscribers is not None:
            key = CountKey(feed, agent.reader, agent.feed_id)
            counts[key] = max(agent.subscribers, counts.get(key, 0))
        if identity := _identify(agent, address, forwarded):
            client = Client(feed, agent.reader, identity, agent.subscribers is None)
            clients[client] = clients.get(client, False) or kind != UNCHANGED
    summed = {pair: PollCount(*sums) for pair, sums in polls.items()}
    return Tally(at, summed, statuses, counts, clients)


@functools.lru_cache(maxsize=1_024)
def name_feed(path: str) -> tuple[str, bool]:
    """Return the feed that a path below /feeds/ belongs to, and whether it is an archive's.

    All formats are one feed; all archive documents of one are another, ``politics/archive``. So is
    a union, in whatever order its sections stand.
    """
    name = path.removeprefix("/feeds/").rpartition(".")[0]
    if match := _ARCHIVE.fullmatch(name):
        return f"{match[1]}/archive", True
    if "/" not in name:
        name = "+".join(sorted(name.split("+")))
    return name[:_NAME_MOST], False


def _identify(agent: Agent, address: str | None, forwarded: str | None) -> bytes:
    """Return what tells a client from others; empty if nothing does."""
    if agent.subscribers is not None:
        return b"feed-id " + agent.feed_id.encode()
    if forwarded is None:
        return read_address(address or "")
    own = _read_known(address or "")
    # A proxy on this machine names whom it asks for; of others nobody knows whether they lie.
    is_near = own.startswith(_LOOPBACK)
    return (is_near and read_address(forwarded.rpartition(",")[2])) or own


def read_address(text: str) -> bytes:
    """Return the network that an address stands for, packed; empty if it is no address.

    Of IPv6 the first half: the rest belongs to one household, whose devices change it daily.
    """
    try:
        if ":" not in text:
            return socket.inet_pton(socket.AF_INET, text.strip())
        packed = socket.inet_pton(socket.AF_INET6, text.strip(" []").partition("%")[0])
    except (OSError, ValueError):
        return b""
    if packed.startswith(_MAPPED):
        return packed[len(_MAPPED) :]
    return b"\x7f" if packed == _LOOPBACK_6 else packed[:8]


# Proxies are few.
_read_known = functools.lru_cache(maxsize=64)(read_address)


def place(tally: Tally, known: Collection[Pair]) -> Tally:
    """Return the tally with what has no room beside ``known``, the day's pairs, under OTHERS.

    Those with most polls come first. Readers that we know keep their name whatever others do.
    """
    names = {reader for _, reader in known}
    strangers = {name for name in names if _is_stranger(name)}
    taken = set(known)
    moves: dict[Pair, Pair] = {}
    by_polls = sorted(tally.polls.items(), key=lambda item: (-item[1].polls, item[0]))
    for (feed, reader), _ in by_polls:
        name = reader
        if _is_stranger(reader):
            if reader not in strangers and len(strangers) >= UNKNOWN_MOST:
                name = OTHERS
            else:
                strangers.add(reader)
        pair = (feed, name)
        if pair not in taken and len(taken) >= PAIRS_MOST:
            pair = (OTHERS, name)
        taken.add(pair)
        if pair != (feed, reader):
            moves[feed, reader] = pair
    return _move(tally, moves) if moves else tally


def choose_counts(
    known: Mapping[CountKey, int], new: Mapping[CountKey, int]
) -> tuple[dict[CountKey, int], list[CountKey]]:
    """Return the aggregators' numbers to write, and those of before that must make room.

    The day's highest number of each counts; of too many ids the largest are kept.
    """
    ids: Counter[Pair] = Counter((key.feed, key.reader) for key in known)
    kept = dict(known)
    for key, count in sorted(new.items(), key=lambda item: (-item[1], item[0])):
        if key in kept:
            kept[key] = max(count, kept[key])
            continue
        pair = (key.feed, key.reader)
        if ids[pair] >= FEED_IDS_MOST:
            rivals = (one for one in kept if (one.feed, one.reader) == pair)
            least = min(rivals, key=lambda one: (kept[one], one))
            if kept[least] >= count:
                continue
            del kept[least]
        elif len(kept) >= COUNTS_MOST:
            continue
        else:
            ids[pair] += 1
        kept[key] = count
    put = {key: count for key, count in kept.items() if known.get(key) != count}
    return put, [key for key in known if key not in kept]


def pick_to_merge(counts: Mapping[Pair, PollCount], most: int) -> dict[Pair, Pair]:
    """Return what of a day's pairs goes under OTHERS, so that the ``most`` polled stay."""
    told_apart = [pair for pair in counts if pair[0] != OTHERS]
    ranked = sorted(told_apart, key=lambda pair: (-counts[pair].polls, pair))
    return {(feed, reader): (OTHERS, reader) for feed, reader in ranked[most:]}


def _is_stranger(reader: str) -> bool:
    return reader not in KNOWN_READERS and reader not in NO_READERS and reader != OTHERS


def _move(tally: Tally, moves: Mapping[Pair, Pair]) -> Tally:
    polls: defaultdict[Pair, PollCount] = defaultdict(PollCount)
    for pair, count in tally.polls.items():
        polls[moves.get(pair, pair)] += count
    counts: dict[CountKey, int] = {}
    for key, number in tally.counts.items():
        moved = CountKey(*moves.get((key.feed, key.reader), key[:2]), key.feed_id)
        counts[moved] = max(number, counts.get(moved, 0))
    clients: dict[Client, bool] = {}
    for client, fresh in _moved(tally.clients, moves):
        clients[client] = fresh or clients.get(client, False)
    return replace(tally, polls=dict(polls), counts=counts, clients=clients)


def _moved(
    clients: Mapping[Client, bool], moves: Mapping[Pair, Pair]
) -> Iterable[tuple[Client, bool]]:
    for client, fresh in clients.items():
        feed, reader = moves.get(client.pair, client.pair)
        yield client._replace(feed=feed, reader=reader), fresh

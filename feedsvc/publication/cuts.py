"""Feeds that are no section's: of a tag, of an author, of several sections together."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.config import Config
from feedsvc.labels import AUTHOR, TAG, feed_path, label_of
from feedsvc.model import Feed, Tombstone
from feedsvc.publication.feeds import make_feed
from feedsvc.publication.history import TOMBSTONES_MOST, list_recent
from feedsvc.render import fit, plain_title
from feedsvc.store import WHOLE_SITE, Store, StoredEntry

# So many of these feeds are kept ready; each takes about 100 kB in the store and in every worker.
# All others are made when they are asked for.
CUTS_MOST = 200

# A feed of more sections than this is the feed of the whole site.
UNION_MOST = 8

# How names are put together; a tag or an author has a slash in its name, a section neither.
_PLUS = "+"

_LEADS = {TAG: "Articles about {}", AUTHOR: "Articles by {}"}


@dataclass(frozen=True, slots=True)
class Cut:
    """One such feed; ``name`` is its path below ``/feeds/``: ``tag/climate``, ``health+sports``.

    ``parts`` are the sections of a union, in the order of the config.
    """

    name: str
    parts: tuple[str, ...] = ()


def read_cut(name: str, config: Config) -> Cut | None:
    """Return the cut that ``name`` means, under its own name; None if it can be none.

    ``name`` may spell a tag otherwise (``tag/Climate Change``), name the sections in another order
    or by a name that they had before, and one that was removed.
    """
    kind, slash, text = name.partition("/")
    if slash:
        label = label_of(kind, text) if kind in _LEADS else ""
        return Cut(label) if label else None
    parts = {_heir_of(part.lower(), config) for part in name.split(_PLUS)} - set(config.removed)
    if not 0 < len(parts) <= UNION_MOST or not parts <= config.sections.keys():
        return None
    ordered = tuple(section for section in config.sections if section in parts)
    return Cut(_PLUS.join(ordered), ordered)


def is_cut(name: str) -> bool:
    """Whether a feed of this name is neither a section's nor the whole site's."""
    return "/" in name or _PLUS in name


def has_entries(cut: Cut, store: Store, now: datetime) -> bool:
    """Whether there is, or was, anything in a cut: else nobody can mean it."""
    return bool(cut.parts) or store.has_label(cut.name, now)


def make_cut(cut: Cut, store: Store, config: Config, tag: str, now: datetime) -> Feed:
    """Return the feed of a cut, cut to its bytes, and dated ``now``."""
    names = cut.parts or (cut.name,)
    limits = config.feeds

    def find(limit: int, skip: int = 0, since: datetime | None = None) -> list[StoredEntry]:
        found = [store.newest(name, now, skip + limit, since=since) for name in names]
        return _merge(found)[skip : skip + limit]

    stored = list_recent(find, limits.items)
    media = store.media_of([entry.uid for entry in stored])
    feed = make_feed(WHOLE_SITE, stored, config, tag, now, media)
    title, description = _describe(cut, stored, config)
    identity = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, f"tag:{tag}"), f"feed:{_order(cut)}")
    feed = replace(
        feed,
        name=cut.name,
        id=f"tag:{tag}:{identity}",
        title=f"{title} - {config.site.title}",
        description=description,
        base=config.site.base_url + feed_path(cut.name),
        deleted=_newest(store.tombstones(name, TOMBSTONES_MOST) for name in names),
    )
    return fit(feed, len(feed.entries), limits.max_bytes)


def _order(cut: Cut) -> str:
    """Return what the feed's id is made from: not the order in which sections stand."""
    return _PLUS.join(sorted(cut.parts)) or cut.name


def _heir_of(name: str, config: Config) -> str:
    heirs = (each for each, one in config.sections.items() if name in one.moved_from)
    return name if name in config.sections else next(heirs, name)


def _describe(cut: Cut, stored: Collection[StoredEntry], config: Config) -> tuple[str, str]:
    """Return the title and the description; a tag is written as its newest article does."""
    if cut.parts:
        titles = [config.sections[name].title for name in cut.parts]
        return " + ".join(titles), f"The newest articles: {', '.join(titles)}"
    kind, _, plain = cut.name.partition("/")
    for entry in stored:
        names = entry.article.tags if kind == TAG else entry.article.authors
        plain = next((one for one in names if label_of(kind, one) == cut.name), plain)
        break
    plain = plain_title(plain)
    return plain, _LEADS[kind].format(plain)


def _merge(found: Iterable[Iterable[StoredEntry]]) -> list[StoredEntry]:
    """Return the entries of several sections, each once, the newest first (R41, R42)."""
    entries = {entry.uid: entry for each in found for entry in each}
    return sorted(entries.values(), key=lambda entry: (entry.published, entry.uid), reverse=True)


def _newest(found: Iterable[Iterable[Tombstone]]) -> tuple[Tombstone, ...]:
    each = {one.id: one for many in found for one in many}
    ordered = sorted(each.values(), key=lambda one: (one.when, one.id), reverse=True)
    return tuple(ordered[:TOMBSTONES_MOST])

"""Feeds of tags, authors and several sections: made when one is first asked for, kept from then on.

There may be more of them than anybody could keep, so all of it is bounded: how many are kept in the
publication, and how many a worker makes in a second. Who asks for everything only makes that one
wait; feeds that are kept cost what any other feed costs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from feedsvc.config import Config
from feedsvc.errors import BusyError
from feedsvc.labels import feed_path
from feedsvc.model import Publication, Representation
from feedsvc.publication import (
    CUTS_MOST,
    Cut,
    Document,
    date_feed,
    has_entries,
    make_cut,
    read_cut,
    represent_all,
    write_redirect,
)
from feedsvc.render import FORMATS, write_links
from feedsvc.store import Store
from feedsvc.web.allowance import Allowance

# A feed takes about 30 ms to make, and a tenth of a second until the engine keeps it and workers
# have it; at this rate they take 1 % of a core.
MADE_A_SECOND = 0.05
# So many may come at once: a reader subscribes to a newsroom's authors.
MADE_AT_ONCE = 20.0

# Looking whether there is such a tag takes 0.15 ms: 1 % of a worker's time.
LOOKS_A_SECOND = 50.0
LOOKS_AT_ONCE = 300.0

# A feed that nobody has asked for within this time gives its place away; readers ask once a day.
IDLE = timedelta(days=2)
# How often it is written down which of them are asked for.
TELL_EVERY = timedelta(hours=1)

_PATH = re.compile(r"/feeds/(?P<name>(?:tag|author)/.+|[^/]+\+[^/]+)\.(?P<end>\w+)")
# Longer than any name that `read_cut` takes: eight sections of 64 letters.
_PATH_MOST = 800


_BUSY = "too many feeds of tags, authors and unions are asked for"


class CutDesk:
    """Finds the feeds of one worker that no section has."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.looking = Allowance(LOOKS_A_SECOND, LOOKS_AT_ONCE)
        self.making = Allowance(MADE_A_SECOND, MADE_AT_ONCE)
        self._tell_next = datetime.min.replace(tzinfo=UTC)
        self._wanted: set[str] = set()

    def find(
        self, path: str, publication: Publication, config: Config, tag: str, now: datetime
    ) -> Representation | None:
        """Return the feed at ``path``, or where it is; None if there is none.

        Raises BusyError when too many were asked for, and StoreError when the store fails.
        """
        match = _PATH.fullmatch(path) if len(path) <= _PATH_MOST else None
        if not match:
            return None
        suffix = "xml" if match["end"] == "rss" else match["end"]
        cut = read_cut(match["name"], config) if suffix in FORMATS else None
        if cut is None:
            return None
        if suffix != match["end"] or not _is_named(match["name"], cut):
            there = f"{urlsplit(config.site.base_url).path}{feed_path(cut.name)}.{suffix}"
            return _represent(write_redirect(there, now))
        # In whatever order the sections stand, it is one feed.
        kept = publication.representations.get(f"/feeds/{cut.name}.{suffix}")
        if kept is not None:
            return kept
        # Looking is counted as well: the store is not asked for every name that somebody makes up.
        if not self.looking.take():
            raise BusyError(_BUSY)
        if not has_entries(cut, self._store, now):
            return None
        if not self.making.take():
            raise BusyError(_BUSY)
        self._wanted.add(cut.name)
        feed = make_cut(cut, self._store, config, tag, now)
        feed = replace(feed, updated=date_feed(feed, None, now))
        form = FORMATS[suffix]
        body, link = form.render(feed), write_links(feed, suffix)
        max_age = config.feeds.max_age
        return _represent(Document(form.content_type, body, feed.updated, max_age, link=link))

    def tell(self, asked: set[str], now: datetime) -> None:
        """Ask the engine to keep what was made, and write down which kept ones were ``asked`` for.

        Empties what it wrote down. Not at the request: a reader never waits for a writer. Raises
        StoreError.
        """
        if not self._wanted and (not asked or now < self._tell_next):
            return
        self._tell_next = now + TELL_EVERY
        wanted, told = self._wanted.copy(), asked.copy()
        with self._store.writing() as writer:
            writer.touch_cuts(told, now)
            for name in sorted(wanted):
                writer.keep_cut(name, CUTS_MOST, now - IDLE, now)
        self._wanted -= wanted
        asked -= told


def _is_named(name: str, cut: Cut) -> bool:
    """Whether ``name`` is one that a cut answers to: its own, or its sections in any order."""
    return sorted(name.split("+")) == sorted(cut.parts) if cut.parts else name == cut.name


def _represent(document: Document) -> Representation:
    return represent_all([("", document)])[""]

"""Sitemaps: made from the store when a search engine asks for one, and remembered for a while."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from feedsvc.config import Config
from feedsvc.errors import BusyError
from feedsvc.model import Representation
from feedsvc.publication import Document, link_of, make_entry, represent_all
from feedsvc.render import (
    Address,
    NewsAddress,
    headline_of,
    render_news_sitemap,
    render_sitemap,
    render_sitemap_index,
)
from feedsvc.store import WHOLE_SITE, Store, StoredEntry
from feedsvc.web.allowance import Allowance

# A site with more pages than this has a list of sitemaps instead of one. The format would take
# 50,000, but making one of these takes 60 ms of a worker.
PAGES_MOST = 1_000

# What Google takes for news, and how much of it.
NEWS_AGE = timedelta(hours=48)
NEWS_MOST = 1_000

# Search engines ask once an hour to once a day.
MAX_AGE = 600

# So many may be made a second, and at once: a big site's list is read one after the other.
MADE_A_SECOND = 0.5
MADE_AT_ONCE = 20.0

_XML = "application/xml; charset=utf-8"
_PATH = re.compile(r"/sitemap(?:-(?P<part>[1-9]\d{0,5}))?\.xml")
_NEWS_PATH = "/news-sitemap.xml"


class SitemapDesk:
    """Makes the sitemaps of one worker."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.making = Allowance(MADE_A_SECOND, MADE_AT_ONCE)

    def find(self, path: str, config: Config, now: datetime) -> Representation | None:
        """Return the sitemap at ``path``; None if there is none.

        Raises BusyError when too many were asked for, and StoreError when the store fails.
        """
        match = _PATH.fullmatch(path)
        if not match and path != _NEWS_PATH:
            return None
        if not self.making.take():
            raise BusyError("too many sitemaps are asked for")
        if not match:
            body = self._make_news(config, now)
        else:
            found = self._make(int(match["part"] or 0), config, now)
            if found is None:
                return None
            body = found
        # As new as it can be: what is left out of a sitemap leaves no date behind.
        return represent_all([(path, Document(_XML, body, now.replace(microsecond=0), MAX_AGE))])[
            path
        ]

    def _make(self, part: int, config: Config, now: datetime) -> bytes | None:
        """Return a sitemap: number ``part`` of them, or of the whole site or their list if 0."""
        base = config.site.base_url
        counts = self._store.counts(now)
        entries = counts[WHOLE_SITE].entries if WHOLE_SITE in counts else 0
        parts = -(-entries // PAGES_MOST)
        if part > max(parts, 1):
            return None
        if not part and parts > 1:
            return render_sitemap_index(
                Address(f"{base}/sitemap-{n}.xml") for n in range(1, parts + 1)
            )
        heads = []
        if part <= 1:
            newest = {name: one.newest for name, one in counts.items()}
            heads = [Address(f"{base}/", newest.get(WHOLE_SITE))]
            heads += [
                Address(f"{base}/sections/{name}", newest.get(name)) for name in config.sections
            ]
        first = (max(part, 1) - 1) * PAGES_MOST
        stored = self._store.oldest(now, PAGES_MOST, skip=first)
        return render_sitemap([*heads, *_list_pages(stored, config, now)])

    def _make_news(self, config: Config, now: datetime) -> bytes:
        stored = self._store.newest(WHOLE_SITE, now, NEWS_MOST, since=now - NEWS_AGE, quiet=True)
        articles = []
        for one in stored:
            entry = make_entry(one, config)
            if _is_ours(entry.link, config):
                language = entry.language or config.site.language
                articles.append(
                    NewsAddress(entry.link, headline_of(entry), entry.published, language)
                )
        return render_news_sitemap(config.site.title, articles)


def _list_pages(stored: Iterable[StoredEntry], config: Config, now: datetime) -> Iterable[Address]:
    for one in stored:
        url = link_of(one, config)
        if _is_ours(url, config):
            yield Address(url, min(one.updated, now))


def _is_ours(url: str, config: Config) -> bool:
    """Whether a page lies on this site: a sitemap may name no other."""
    return url.startswith(f"{config.site.base_url}/")

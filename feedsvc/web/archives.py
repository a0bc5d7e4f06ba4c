"""Archive documents: made from the store when a reader asks for one (RFC 5005)."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from feedsvc.config import Config
from feedsvc.model import Feed, Representation
from feedsvc.publication import Document, make_archive, represent_all, write_gone, write_redirect
from feedsvc.render import FORMATS, write_links
from feedsvc.store import WHOLE_SITE, Store

_PATH = re.compile(
    r"/feeds/(?P<name>[a-z0-9_-]{1,64})/archive/(?P<page>[1-9]\d{0,8})\.(?P<end>\w+)"
)


class ArchiveDesk:
    """Makes archive documents; all formats of one come of the same feed, which is kept meanwhile.

    Who asks for one often asks for the others: an export for all of them, one after the other.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[str, int], tuple[Feed, datetime]] = {}

    def forget(self) -> None:
        """Forget what is kept: something was published."""
        self._kept = {}

    def find(
        self, path: str, config: Config, tag: str, renewed: datetime, now: datetime
    ) -> Representation | None:
        """Return the archive document at ``path``, or where it went; None if there never was one.

        ``renewed`` is since when feeds look as they do. Raises StoreError when the store fails.
        """
        match = _PATH.fullmatch(path)
        if not match or match["end"] not in FORMATS:
            return None
        name, page, form = match["name"], int(match["page"]), FORMATS[match["end"]]
        if name in config.removed:
            return _represent(path, write_gone(now))
        if name != WHOLE_SITE and name not in config.sections:
            heirs = (each for each, one in config.sections.items() if name in one.moved_from)
            heir = next(heirs, "")
            if not heir:
                return None
            # The heir's documents are its own; one that it lacks leads to its live feed.
            base = f"{urlsplit(config.site.base_url).path}/feeds/{heir}"
            there = f"/archive/{page}" if page <= self._store.pages(heir) else ""
            return _represent(path, write_redirect(f"{base}{there}.{form.suffix}", now))
        # What is forgotten meanwhile must not come back: that is another dictionary.
        kept = self._kept
        made = kept.get((name, page)) or self._make(name, page, config, tag, now)
        if made is None:
            return None
        kept.clear()
        kept[name, page] = made
        feed, changed = made
        # The link to the next document comes later than the entries, and a new config later still.
        modified = max(feed.updated, changed, renewed).replace(microsecond=0)
        max_age = config.feed_of(name).max_age
        body, link = form.render(feed), write_links(feed, form.suffix)
        return _represent(path, Document(form.content_type, body, modified, max_age, link=link))

    def _make(
        self, name: str, page: int, config: Config, tag: str, now: datetime
    ) -> tuple[Feed, datetime] | None:
        held = self._store.page(name, page, now)
        if held is None:
            return None
        media = self._store.media_of([entry.uid for entry in held.entries])
        return make_archive(name, held, config, tag, media), held.changed


def _represent(path: str, document: Document) -> Representation:
    return represent_all([(path, document)])[path]

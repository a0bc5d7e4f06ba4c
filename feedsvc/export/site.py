"""What a site has to export, and what it says at a path: as our own server would answer.

Nothing is rendered to find out whether it changed: each path has a mark, made of all that it shows.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from werkzeug.test import create_environ, run_wsgi_app

from feedsvc import __version__
from feedsvc.config import Bucket, Config
from feedsvc.export.layout import SUFFIXES, ExportError
from feedsvc.export.media import Source, find_source
from feedsvc.labels import quote_path
from feedsvc.logs import get_log
from feedsvc.model import MediaFile, Representation
from feedsvc.partners import PREFIX
from feedsvc.publication import CUTS_MOST, PUBLISHED_FACTS, make_page_path
from feedsvc.render import FORMATS
from feedsvc.store import MarkTables, Store, StoredEntry
from feedsvc.web.app import create_app
from feedsvc.web.site import LiveSite

log = get_log(__name__)

# As many feeds of tags and authors as an engine keeps ready: those with the most articles. On
# request, as a server makes others, a file cannot be made.
LABELS_MOST = CUTS_MOST

# A sitemap holds so many pages; another number only makes parts anew that did not change.
_SITEMAP_PART = 1_000

# What is not to be had from a file, or is not about what it says.
_LEFT_OUT = frozenset({"content-length", "etag", "last-modified", "content-encoding", "location"})
_LEFT_OUT |= {"date", "accept-ranges"}
# Each path has its own; a CDN in front of files is told by address.
_LEFT_OUT |= {"surrogate-key", "cache-tag"}

# How often to look again whether what was written down is published, and how long between, in
# seconds: an engine publishes within a part of a second, and where none runs there is none to wait.
_LOOKS_MOST, _LOOK_EVERY = 15, 0.2

# How often to list everything anew because something was written down or published meanwhile. What
# comes too late for the last list is the next export's.
_LISTS_MOST = 3

_ARTICLE = re.compile(r"/articles/([0-9a-f]{16})(?:-.*)?")
_MISSING = "/404.html"

# Entries read at a time: bounds the memory.
_READ_MOST = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One path of the site, and a mark that is another when it may say something else.

    An empty mark says that nobody knows without asking.
    ``source`` is the media file that lies there, where it is one.
    """

    path: str
    mark: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says at a path: its bodies by coding, and its headers without any of those.

    ``status`` is 200, 301 or 410, and 0 where there is nothing; ``modified`` is in seconds since
    1970.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    bodies: Mapping[str, bytes] | None = None
    modified: float = 0.0
    location: str = ""


_NOTHING = Answer(0)


class _ReadySite(LiveSite):
    """The site as a worker serves it; of the articles that are asked for next all is read at once.

    One at a time would take as long as all else that their pages cost.
    """

    _entries: Mapping[str, StoredEntry] = MappingProxyType({})
    _media: Mapping[str, MediaFile] = MappingProxyType({})

    def read_ahead(self, uids: Iterable[str]) -> None:
        """Read some articles, and forget others."""
        wanted = set(uids)
        self._entries = {one.uid: one for one in self.store.entries_of(wanted)} if wanted else {}
        self._media = self.store.media_of(wanted) if wanted else {}

    def read_article(self, uid: str) -> tuple[StoredEntry, Mapping[str, MediaFile]] | None:
        """Return an article that was read ahead, else what the store says."""
        if uid in self._entries:
            return self._entries[uid], self._media
        return super().read_article(uid)


class PublishedSite:
    """A site as its store has it now; opened for one export after another.

    ``folder`` is where media lie, a folder or a bucket. Every method raises StoreError when the
    store does not answer.
    """

    def __init__(self, store: Store, folder: Path | Bucket, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._live = _ReadySite(store, folder, clock)
        self._app = create_app(self._live)
        self._live.give_everything()
        # Of what was listed last: entries' marks by uid, and the media that public ones show.
        self._marks: dict[str, str] = {}
        self._shown: dict[str, MediaFile] = {}

    @property
    def config(self) -> Config:
        """The part of the config that is published."""
        return self._live.config

    @property
    def tag(self) -> str:
        """What the site's ids are made with: another one is another site."""
        return self._store.fact("published_tag")

    @property
    def revision(self) -> int:
        """The number of the publication that was loaded; 0 if there is none."""
        publication = self._live.fast.publication
        return publication.revision if publication else 0

    @property
    def has_media(self) -> bool:
        """Whether the folder of media is to be had on this machine."""
        return isinstance(self._folder, Bucket) or self._folder.is_dir()

    def list_items(self, former: Mapping[str, str], layout: str) -> list[Item]:
        """Return all that is published.

        ``former`` are the marks of paths that an earlier export knew; ``layout`` is what else makes
        bytes or headers what they are. Raises ExportError when nothing was ever published, or a
        bucket of media does not answer.
        """
        for _ in range(_LISTS_MOST):
            waiting = self._settle()
            self._live.refresh()
            if not self.revision:
                raise ExportError(
                    "nothing is published yet: run feedsvc scan, or start feedsvc serve, first"
                )
            items = self._list_once(former, layout)
            if self._store.revision() == self.revision and self._store.dirty() == waiting:
                break
        return items

    def _settle(self) -> Mapping[str, int]:
        """Wait until what is written down is published, where an engine runs that publishes it.

        Else there would be pages that no feed names, or feeds whose pages are another state's.
        Return what is left to be published, where none runs.
        """
        for _ in range(_LOOKS_MOST):
            if not self._store.dirty():
                break
            time.sleep(_LOOK_EVERY)
        return self._store.dirty()

    def _list_once(self, former: Mapping[str, str], layout: str) -> list[Item]:
        now = self._clock()
        facts = [self._store.fact(name) for name in (*PUBLISHED_FACTS, "renewed", "published_tag")]
        base = _hash(__version__, layout, *facts)
        publication = self._live.fast.publication
        assert publication is not None
        items = {
            path: Item(path, _hash(base, *_describe(representation)))
            for path, representation in publication.representations.items()
            if not path.startswith(PREFIX)
        }
        with self._store.reading_marks() as tables:
            found = [
                *self._list_articles(tables, base, former, now),
                *_list_archives(tables, self._marks, base, self.config),
                *_list_sitemaps(tables, self._marks, base, now),
                *self._list_labels(tables, base, now),
                *self._list_media(base),
            ]
        # What is in the publication is what it says there.
        items = {item.path: item for item in found} | items
        items[_MISSING] = Item(_MISSING, _hash(base, _MISSING))
        return list(items.values())

    def _list_articles(
        self, tables: MarkTables, base: str, former: Mapping[str, str], now: datetime
    ) -> Iterator[Item]:
        """Yield the pages of articles, those that are gone, and former addresses of either."""
        media: dict[str, list[MediaFile]] = {}
        for uid, file in tables.media():
            media.setdefault(uid, []).append(file)
        known: dict[str, list[str]] = {}
        for path in former:
            if match := _ARTICLE.fullmatch(path):
                known.setdefault(match[1], []).append(path)
        self._marks, self._shown = {}, {}
        for entry in tables.entries(now):
            uid = entry.uid
            shown = media.get(uid, ())
            mark = _hash(base, entry.mark.hex(), *map(repr, shown), str(entry.is_public))
            self._marks[uid] = mark
            if entry.is_public:
                self._shown.update((file.path, file) for file in shown)
            elif not entry.was_public:
                continue
            paths = known.get(uid, [])
            if not paths or any(former[path] != mark for path in paths):
                # Its own address holds its headline, which may be another now.
                yield Item(make_page_path(uid, *entry.heading), mark)
            for path in paths:
                yield Item(path, mark)

    def _list_labels(self, tables: MarkTables, base: str, now: datetime) -> Iterator[Item]:
        names = tables.labels(now, LABELS_MOST)
        held: dict[str, list[str]] = {name: [] for name in names}
        for name, uid, when in tables.labelled(names):
            held[name] += (uid, self._marks.get(uid, ""), when)
        for name, said in held.items():
            for suffix in FORMATS:
                yield Item(f"/feeds/{name}.{suffix}", _hash(base, *said))

    def _list_media(self, base: str) -> Iterator[Item]:
        """Yield the media files that public articles show, and those of the site itself."""
        for path in sorted({*self._shown, *_list_own_media(self.config)}):
            source = find_source(self._folder, path, self._shown.get(path))
            if source:
                yield Item(f"/media/{path}", _hash(base, path, source.mark), source)

    def ask(self, items: Sequence[Item]) -> Iterator[tuple[Item, Answer]]:
        """Yield each path with what the site says there.

        Raises ExportError where our own server would answer that it cannot say.
        """
        for at in range(0, len(items), _READ_MOST):
            batch = items[at : at + _READ_MOST]
            self._live.read_ahead(found[1] for one in batch if (found := _ARTICLE.match(one.path)))
            for item in batch:
                yield item, self._answer(item)

    def _answer(self, item: Item) -> Answer:
        if item.source is not None:
            return self._ask_once(item.path, "", "HEAD")
        answer = self._ask_once(item.path, "")
        if item.path == _MISSING:
            return answer
        bodies = dict(answer.bodies or {})
        vary = dict(answer.headers).get("Vary", "")
        for coding in SUFFIXES if answer.status == 200 and vary else ():
            other = self._ask_once(item.path, coding)
            bodies |= other.bodies or {}
        return Answer(answer.status, answer.headers, bodies, answer.modified, answer.location)

    def _ask_once(self, path: str, coding: str, method: str = "GET") -> Answer:
        headers = {"Accept-Encoding": coding} if coding else {}
        environ = create_environ(quote_path(path), method=method, headers=headers)
        body, status_line, found = run_wsgi_app(self._app.wsgi_app, environ, buffered=True)
        status = int(status_line.split()[0])
        if status >= 500:
            raise ExportError(f"{path} cannot be made ({status_line}): the log says why")
        if status == 404 and path != _MISSING:
            return _NOTHING
        kept = tuple((name, value) for name, value in found if name.lower() not in _LEFT_OUT)
        modified = found.get("Last-Modified")
        return Answer(
            status,
            kept,
            {found.get("Content-Encoding", "identity"): b"".join(body)},
            parsedate_to_datetime(modified).timestamp() if modified else 0.0,
            found.get("Location", ""),
        )


def _list_archives(
    tables: MarkTables, marks: Mapping[str, str], base: str, config: Config
) -> Iterator[Item]:
    closed = tables.archives()
    held: dict[tuple[str, int], list[str]] = {place: [] for place in closed}
    for section, page, uid, when in tables.archived():
        held.setdefault((section, page), []).extend((uid, marks.get(uid, ""), when))
    for (section, page), said in held.items():
        around = (str(closed.get((section, page))), str(closed.get((section, page + 1))))
        mark = _hash(base, *around, *said)
        for suffix in FORMATS:
            yield Item(f"/feeds/{section}/archive/{page}.{suffix}", mark)
        # Who read it by a name that its section had before is led on.
        heir = config.sections.get(section)
        for former in heir.moved_from if heir else ():
            for suffix in FORMATS if former not in config.sections else ():
                yield Item(f"/feeds/{former}/archive/{page}.{suffix}", base)


def _list_sitemaps(
    tables: MarkTables, marks: Mapping[str, str], base: str, now: datetime
) -> Iterator[Item]:
    uids = list(tables.public(now))
    parts = [uids[at : at + _SITEMAP_PART] for at in range(0, len(uids), _SITEMAP_PART)]
    told = [_hash(base, *(marks.get(uid, "") for uid in part)) for part in parts]
    # The first part names the sections' newest dates as well.
    heads = _hash(*told)
    if len(parts) > 1:
        for number, mark in enumerate(told, 1):
            yield Item(f"/sitemap-{number}.xml", heads if number == 1 else mark)
    yield Item("/sitemap.xml", heads)
    # What is news is so for two days: this one changes by itself.
    yield Item("/news-sitemap.xml", "")


def _list_own_media(config: Config) -> set[str]:
    """Return the media files that the site itself names: its pictures, and its podcasts'."""
    base = f"{config.site.base_url}/media/"
    names = [config.site.icon, config.site.logo]
    for section in config.sections.values():
        artwork = section.podcast.artwork if section.podcast else ""
        names.append(artwork if "://" in artwork or not artwork else f"{base}{artwork}")
    return {unquote(urlsplit(name).path).split("/media/", 1)[1] for name in names if base in name}


def _describe(representation: Representation) -> Iterator[str]:
    yield representation.etag
    yield representation.content_type
    yield representation.modified.isoformat()
    yield str(representation.max_age)
    yield representation.location
    yield str(representation.gone)
    yield representation.link
    yield from sorted(representation.bodies)


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()

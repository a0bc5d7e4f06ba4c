"""Building what changed and publishing it, all at once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import orjson

from feedsvc.config import Config
from feedsvc.model import Feed, Representation
from feedsvc.publication.addresses import FOREVER, write_redirects, write_removed
from feedsvc.publication.compress import Document, represent_all
from feedsvc.publication.cuts import Cut, is_cut, make_cut, read_cut
from feedsvc.publication.feeds import (
    RENDERING,
    date_feed,
    hash_feed,
    make_feed,
    make_live_feed,
    says_the_same,
)
from feedsvc.publication.history import close_rest, read_history
from feedsvc.publication.owing import find_news, owe, put_in_force
from feedsvc.publication.partners import PartnerFeeds
from feedsvc.publication.purging import owe_purges, put_caches_in_force
from feedsvc.render import (
    FORMATS,
    STATIC,
    render_feed_list,
    render_home,
    render_opml,
    render_section,
    summary_of,
    write_link_header,
    write_links,
)
from feedsvc.store import PUBLISHED_FACT, WHOLE_SITE, Store, Writer

# The home page shows this many headlines of a section; only so much of a feed is kept in memory.
HEADLINES = 12

# A page may be a minute old: people reload, feed readers do not ask for it.
PAGE_MAX_AGE = 60
OPML_MAX_AGE = 900

_HTML = "text/html; charset=utf-8"

# The front page; its headlines are a topic as feeds are.
HOME = "/"

_ROBOTS = """\
User-agent: *
Allow: /

Sitemap: {base}/sitemap.xml
Sitemap: {base}/news-sitemap.xml
"""

# A person's command comes between a build and its publication now and then, and hardly ever twice.
# Where it goes on, two engines share a store: each try costs a build and holds up all else here.
_TRIES_MOST = 5

# How long to leave the others alone then; no feed is published more often than once a second.
_REST = timedelta(seconds=1)

# The date of a feed that is only named, never published.
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Published:
    """What a publishing did: the new revision, 0 if nothing had changed, and the feeds built.

    ``again`` is when to publish again, because a feed had changed within this very second, or
    because another process came between each time.
    """

    revision: int = 0
    feeds: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    again: datetime | None = None


class Publisher:
    """Turns what is marked dirty in the store into the next publication.

    Remembers the headlines of the feeds that did not change, for the pages that show them all. Not
    safe for several threads at once: the service holds a lock.
    """

    def __init__(self, store: Store, config: Config, tag: str) -> None:
        self._store = store
        self._config = config
        self._tag = tag
        self._names = (WHOLE_SITE, *config.sections)
        self._partners = PartnerFeeds(store, config, tag)
        # The navigation of every page: which feeds there are, without what is in them.
        self._titles = [make_feed(name, (), config, tag, _NEVER) for name in self._names]
        # What was published at `_revision`, remembered because it is asked for at each publishing.
        self._revision = 0
        self._heads: dict[str, Feed] = {}
        self._etags: Mapping[str, str] = {}

    def publish(self, now: datetime) -> Published:
        """Build the feeds that changed and the pages that show them; replace them all at once.

        A feed that comes out as it was keeps its bytes, its date and its ETag (F12, F13, R10). One
        that was dated this very second waits for the next: no two of its states share a date, and
        none lies ahead (R7, R8, F18).
        """
        put_caches_in_force(self._store, self._config)
        # Another process (the command line beside a running engine) may publish while we build:
        # then ours may lack what is in its build, and is made again.
        for _ in range(_TRIES_MOST):
            if (published := self._publish_once(now)) is not None:
                return published
        # What we could not publish is still marked dirty in the store.
        return Published(again=now + _REST)

    def next_change(self, now: datetime) -> datetime | None:
        """Return when a partner's feed changes by itself."""
        return self._partners.next_change(now)

    def _publish_once(self, now: datetime) -> Published | None:
        """Publish as ``publish`` does; do nothing and return None if somebody came between."""
        form = self._hash_form()
        renewed = self._store.fact("published_form") != form
        dirty = self._store.dirty()
        partners = self._partners.find_due(dirty, now, renewed)
        unsettled = self._partners.is_unsettled
        if not (dirty or renewed or partners or unsettled):
            return Published()
        self._catch_up()
        built, known = self._store.built(), self._etags
        later: dict[str, datetime] = {}
        again = None
        if not renewed:
            free = {name: _next_date(built.get(name)) for name in dirty}
            later = {name: moment for name, moment in free.items() if moment > now}
            again = min(later.values(), default=None)
            dirty = {name: stamp for name, stamp in dirty.items() if name not in later}
            partners, waiting = self._partners.hold_back(partners, built, now)
            again = min((one for one in (again, waiting) if one), default=None)
            if not (dirty or partners or unsettled):
                return Published(again=again)
        cuts = {name: read_cut(name, self._config) for name in self._store.cuts()}
        # A config may leave nothing of a union, or have it under another name.
        stale = [name for name, cut in cuts.items() if cut is None or cut.name != name]
        kept = {name: cut for name, cut in cuts.items() if cut and name not in stale}
        left = [name for name in built if is_cut(name) and name not in kept]
        marks: dict[str, tuple[str, datetime]] = {}
        paths: set[str] = set()

        def write_fresh() -> Iterator[tuple[str, Document]]:
            for path, document in chain(
                self._write(built, dirty, later, kept, renewed, marks, now),
                self._partners.write(partners, built, marks, now),
            ):
                paths.add(path)
                # A new config may change what is said of the same bytes: how long to keep them.
                if renewed or document.etag != known.get(path):
                    yield path, document

        changed = represent_all(write_fresh())
        # When everything was built, what was not built is no longer there.
        ended = {path for name in left for path in _list_paths(name)}
        ended |= self._partners.find_ended(known, now)
        gone = {path: now for path in known if path not in paths and (renewed or path in ended)}
        revision = 0
        with self._store.writing() as writer:
            if writer.revision() != self._revision:
                return None
            if changed or gone:
                revision = writer.publish(changed, gone)
                writer.put_fact(PUBLISHED_FACT, now.isoformat())
                news = find_news(built, marks, later)
                self._owe(writer, changed, {*gone}, news, revision, now)
            owe_purges(writer, self._config, changed.keys() | gone.keys(), renewed, now)
            writer.put_built(marks)
            writer.drop_cuts(stale)
            writer.drop_built(left)
            self._partners.settle(writer, built, now)
            if renewed:
                put_in_force(writer.hub, self._config, now)
                writer.drop_built(built.keys() - {*self._names, *kept, *self._partners.marks})
                writer.put_fact("published_form", form)
                writer.put_fact("site", self._config.site.model_dump_json())
                writer.put_fact("sections", _dump_sections(self._config))
                writer.put_fact("hub", self._config.hub.model_dump_json())
                writer.put_fact("removed", orjson.dumps(self._config.removed).decode())
                writer.put_fact("feeds", self._config.feeds.model_dump_json())
                writer.put_fact("published_tag", self._tag)
                writer.put_fact("section_names", self._list_names())
                writer.put_fact("link", self._config.content.link)
                writer.put_fact("folder", str(self._config.content.folder))
                writer.put_fact("renewed", now.isoformat())
            writer.clear_dirty(dirty)
        self._partners.remember(partners, now)
        self._etags = {
            **{path: etag for path, etag in known.items() if path not in gone},
            **{path: one.etag for path, one in changed.items()},
        }
        self._revision = revision or self._revision
        return Published(revision, tuple(marks), tuple(changed), again)

    def _owe(
        self,
        writer: Writer,
        changed: Mapping[str, Representation],
        gone: Collection[str],
        news: Collection[str],
        revision: int,
        now: datetime,
    ) -> None:
        """Owe what is news to those who subscribe to it, in the transaction that publishes it (W7).

        What is published no more has its subscriptions ended, and they are told so (H25, W8).
        """
        topics = {path for name in news for path in _list_paths(name)} & changed.keys()
        if HOME in changed and not topics.isdisjoint(self._list_front()):
            topics.add(HOME)
        owe(writer.hub, topics, self._config, revision, now)
        ended = {*gone, *(path for path, one in changed.items() if one.location or one.gone)}
        if ended:
            writer.hub.deny(ended, "this feed is published here no more", now)

    def _list_front(self) -> set[str]:
        """Return the feeds whose headlines the front page shows."""
        return {path for name in self._names for path in _list_paths(name)}

    def _write(
        self,
        built: Mapping[str, tuple[str, datetime]],
        dirty: Collection[str],
        later: Collection[str],
        cuts: Mapping[str, Cut],
        renewed: bool,
        marks: dict[str, tuple[str, datetime]],
        now: datetime,
    ) -> Iterator[tuple[str, Document]]:
        """Yield the documents that may differ, and put the feeds that do into ``marks``.

        Feeds of ``later`` have to wait.
        """
        wrote = renewed
        for name in self._names:
            if not (renewed or name in dirty or name not in self._heads):
                continue
            feed, digest = self._make(name, built, now)
            if name in later:
                continue  # made for its headlines only
            if _enter(name, feed, digest, built, marks) or renewed:
                wrote = True
                yield from self._write_feed(feed)
        for name, cut in cuts.items():
            if not (renewed or name in dirty) or name in later:
                continue
            made = make_cut(cut, self._store, self._config, self._tag, now)
            feed, digest = self._date(made, built, now)
            if _enter(name, feed, digest, built, marks) or renewed:
                yield from self._write_feed(feed)
        if wrote:
            yield from self._write_pages(now)
        if renewed:
            yield from write_redirects(self._config, now)
            yield from write_removed(self._config, now)

    def _make(
        self, name: str, built: Mapping[str, tuple[str, datetime]], now: datetime
    ) -> tuple[Feed, str]:
        """Return the feed of a section with its date, and the hash of what it says."""
        cut = self._config.feed_of(name)
        history = read_history(self._store, name, cut, now)
        feed = make_live_feed(name, history, self._config, self._tag, now)
        held = [entry.uid for entry in feed.entries]
        history = close_rest(self._store, name, cut, history, held, now)
        feed, digest = self._date(replace(feed, pages=history.pages), built, now)
        self._heads[name] = _trim(feed)
        return feed, digest

    def _date(
        self, feed: Feed, built: Mapping[str, tuple[str, datetime]], now: datetime
    ) -> tuple[Feed, str]:
        """Return a feed with its date, and the hash of what it says."""
        digest = hash_feed(feed, self._config.feed_of(feed.name).max_age)
        before = built.get(feed.name)
        if before and says_the_same(before[0], digest):
            return replace(feed, updated=before[1]), digest
        return replace(feed, updated=date_feed(feed, before[1] if before else None, now)), digest

    def _write_feed(self, feed: Feed) -> Iterator[tuple[str, Document]]:
        """Yield the feed in every format, and the page for people (R61)."""
        max_age = self._config.feed_of(feed.name).max_age
        for form in FORMATS.values():
            body = form.render(feed)
            path = f"/feeds/{feed.name}.{form.suffix}"
            link = write_links(feed, form.suffix)
            yield path, Document(form.content_type, body, feed.updated, max_age, link=link)
        if feed.name in self._config.sections:
            page = render_section(self._config.site, feed, self._titles)
            yield f"/sections/{feed.name}", Document(_HTML, page, feed.updated, PAGE_MAX_AGE)

    def _write_pages(self, now: datetime) -> Iterator[tuple[str, Document]]:
        """Yield the pages that show all feeds, and the stylesheet."""
        heads = [self._heads[name] for name in self._names]
        second, site = now.replace(microsecond=0), self._config.site
        hubs = self._config.hubs
        home = render_home(site, heads, hubs)
        link = write_link_header(hubs, f"{site.base_url}/") if hubs else ""
        yield HOME, Document(_HTML, home, second, PAGE_MAX_AGE, link=link)
        yield "/feeds/", Document(_HTML, render_feed_list(site, heads), second, PAGE_MAX_AGE)
        opml = render_opml(site.title, heads, max(head.updated for head in heads))
        yield "/feeds.opml", Document("text/x-opml; charset=utf-8", opml, second, OPML_MAX_AGE)
        robots = _ROBOTS.format(base=site.base_url).encode()
        yield "/robots.txt", Document("text/plain; charset=utf-8", robots, second, OPML_MAX_AGE)
        for path, (data, content_type) in STATIC.items():
            yield path, Document(content_type, data, second, FOREVER)

    def _list_names(self) -> str:
        """Return all names that sections have ever had, so that none is forgotten unnoticed."""
        before = orjson.loads(self._store.fact("section_names") or "[]")
        return orjson.dumps(sorted({*before, *self._config.sections})).decode()

    def _hash_form(self) -> str:
        """Return a hash of what shapes every document: the config, our renderers and pages."""
        config = self._config
        shape = (
            config.site.model_dump_json(),
            config.feeds.model_dump_json(exclude={"flood_age", "flood_items"}),
            config.content.link,
            str(config.content.folder),
            config.hub.model_dump_json(),
            _dump_sections(config),
            orjson.dumps(config.removed).decode(),
            self._tag,
            str(RENDERING),
            *STATIC,
        )
        return hashlib.blake2b("\0".join(shape).encode(), digest_size=16).hexdigest()

    def _catch_up(self) -> None:
        """Forget what we remember of the publication if another process has replaced it."""
        revision = self._store.revision()
        if revision != self._revision:
            self._heads.clear()
            self._etags = self._store.etags()
            self._revision = revision


def _enter(
    name: str,
    feed: Feed,
    digest: str,
    built: Mapping[str, tuple[str, datetime]],
    marks: dict[str, tuple[str, datetime]],
) -> bool:
    """Enter a feed into ``marks`` if it differs from the one that is built; return whether."""
    if digest == built.get(name, ("",))[0]:
        return False
    marks[name] = (digest, feed.updated)
    return True


def _list_paths(name: str) -> list[str]:
    return [f"/feeds/{name}.{suffix}" for suffix in FORMATS]


def _next_date(built: tuple[str, datetime] | None) -> datetime:
    """Return from when on a feed may have another date."""
    return built[1] + timedelta(seconds=1) if built else _NEVER


def _trim(feed: Feed) -> Feed:
    """Return the feed with its headlines only: what other pages show of it."""
    heads = feed.entries[:HEADLINES]
    return replace(
        feed,
        deleted=(),
        entries=tuple(replace(one, summary=summary_of(one), content="") for one in heads),
    )


def _dump_sections(config: Config) -> str:
    shown = {
        name: section.model_dump(mode="json", exclude={"match"})
        for name, section in config.sections.items()
    }
    return orjson.dumps(shown).decode()

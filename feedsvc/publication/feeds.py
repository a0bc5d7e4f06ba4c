"""Stored entries -> the neutral feed of a section, decided purely."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import quote

import orjson

from feedsvc.config import Config
from feedsvc.ingest import MEDIA_TYPES, slugify
from feedsvc.model import Entry, Feed, MediaFile, Syndication
from feedsvc.publication.history import History
from feedsvc.publication.media import Shown, url_of_media
from feedsvc.publication.podcasts import find_podcast
from feedsvc.render import absolute_html, fit, fit_all, newest_first, shorten
from feedsvc.store import WHOLE_SITE, ArchivePage, StoredEntry

# A number that changes when renderers write other bytes for the same feed: it moves every feed's
# date once, so that readers who go by dates see the new bytes (R8).
RENDERING = 1

_NO_MEDIA: Mapping[str, MediaFile] = MappingProxyType({})

# Bytes; a feed whose change was not seen would come once in 2^64 changes.
_DIGEST = 8
# Characters of each part of a feed's hash.
_PART = 2 * _DIGEST


def page_path(stored: StoredEntry) -> str:
    """Return the path of an article's own page."""
    return make_page_path(stored.uid, stored.article.slug, stored.article.title)


def make_page_path(uid: str, slug: str, title: str) -> str:
    """Return the path of the page of an article of which only this much is known."""
    return f"/articles/{uid}-{slug or slugify(title)}"


def link_of(stored: StoredEntry, config: Config) -> str:
    """Return where an article lives: its own link, the config's template, or its page here."""
    article = stored.article
    if article.link:
        return article.link
    if not config.content.link:
        return config.site.base_url + page_path(stored)
    sections = [name for name in stored.filing.sections if name in config.sections]
    values = {
        "id": stored.uid,
        "slug": article.slug or slugify(article.title),
        "section": sections[0] if sections else WHOLE_SITE,
        "path": stored.key,
        "year": f"{stored.published:%Y}",
        "month": f"{stored.published:%m}",
        "day": f"{stored.published:%d}",
    }
    filled = {name: quote(value) for name, value in values.items()}
    return config.content.link.format_map(filled)


def make_entry(
    stored: StoredEntry, config: Config, media: Mapping[str, MediaFile] = _NO_MEDIA
) -> Entry:
    """Return a stored entry as feeds and pages show it: every URL absolute (R49, F7).

    ``media`` is what is known of the files of the content folder that the entry names, by path.
    """
    article = stored.article
    link = link_of(stored, config)
    # What lies beside the article in the content folder is served under /media/.
    folder = stored.path.rpartition("/")[0]
    beside = url_of_media(f"{folder}/" if folder else "", config.site.base_url)
    base = article.link or beside
    shown = Shown(stored, base, config.site.base_url, media)
    titles = [
        config.sections[name].title for name in stored.filing.sections if name in config.sections
    ]
    return Entry(
        id=stored.id,
        uid=stored.uid,
        title=article.title,
        link=link,
        published=stored.published,
        updated=stored.updated,
        summary=article.summary,
        content=absolute_html(shown.content(), base, link, MEDIA_TYPES),
        authors=article.authors,
        categories=tuple(dict.fromkeys([*titles, *article.tags])),
        language=article.language,
        image=shown.image(),
        enclosure=shown.enclosure(),
        correction=article.correction,
        rights=article.rights,
        syndication=article.syndication,
        episode=article.episode,
    )


def make_feed(
    name: str,
    stored: Sequence[StoredEntry],
    config: Config,
    tag: str,
    updated: datetime,
    media: Mapping[str, MediaFile] = _NO_MEDIA,
) -> Feed:
    """Return the feed of section ``name`` with all of ``stored``, cut to no limit.

    ``tag`` is the site's ``authority,date``; ``updated`` is the feed's own date; ``media`` the
    files that the entries name.
    """
    site, cut = config.site, config.feed_of(name)
    section = config.sections.get(name)
    title = f"{section.title} - {site.title}" if section else site.title
    home = f"/sections/{name}" if section else "/"
    description = section.description if section else site.description
    entries = newest_first(make_entry(each, config, media) for each in stored)
    return Feed(
        name=name,
        id=f"tag:{tag}:{uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, f'tag:{tag}'), f'feed:{name}')}",
        title=title,
        description=description or f"The newest articles: {title}",
        language=(section.language if section else "") or site.language,
        base=f"{site.base_url}/feeds/{name}",
        home=site.base_url + home,
        updated=updated,
        entries=tuple(map(shorten, entries)) if cut.content == "summary" else entries,
        author=site.author or site.title,
        copyright=site.copyright,
        icon=site.icon,
        logo=site.logo,
        ttl=max(1, cut.max_age // 60),
        hubs=config.hubs,
        cloud=config.cloud,
    )


def make_live_feed(
    name: str, history: History, config: Config, tag: str, updated: datetime
) -> Feed:
    """Return the feed that readers subscribe to, cut to its bytes (F20)."""
    feed = make_feed(name, history.entries, config, tag, updated, history.media)
    podcast = find_podcast(name, config)
    feed = replace(feed, deleted=history.deleted, pages=history.pages, podcast=podcast)
    return fit(feed, len(history.entries), config.feed_of(name).max_bytes)


def make_archive(
    name: str,
    page: ArchivePage,
    config: Config,
    tag: str,
    media: Mapping[str, MediaFile] = _NO_MEDIA,
) -> Feed:
    """Return one of a feed's archive documents (RFC 5005), dated by its entries."""
    moments = [entry.updated for entry in page.entries] + [one.when for one in page.deleted]
    updated = max(moments, default=page.changed).replace(microsecond=0)
    feed = make_feed(name, page.entries, config, tag, updated, media)
    podcast = find_podcast(name, config)
    feed = replace(feed, deleted=page.deleted, page=page.page, pages=page.pages, podcast=podcast)
    feed = replace(feed, hubs=(), cloud="")  # what never changes is no topic
    return fit_all(feed, config.feed_of(name).max_bytes)


def hash_feed(feed: Feed, max_age: int) -> str:
    """Return a hash of all that the feed says, but for its own date (F12, R46).

    Its second part is of what stands on the feed's page and in no feed: that moves no feed's date.
    Its third is of what is worth telling subscribers: not the words of an entry that was edited so
    little that its own date did not move.
    """
    said = [one for one in feed.entries if one.syndication is not Syndication.NONE]
    kept_back = [one for one in feed.entries if one.syndication is Syndication.NONE]
    timeless = replace(feed, updated=datetime.min, entries=tuple(said))
    about = (feed.title, feed.description, feed.language, feed.base, feed.home, feed.hubs)
    news = ([(one.id, one.updated) for one in said], feed.deleted, about)
    return _hash((RENDERING, max_age, timeless)) + _hash(kept_back) + _hash(news)


def says_the_same(digest: str, other: str) -> bool:
    """Whether two feeds, given their hashes, differ in nothing but their page."""
    return digest[:_PART] == other[:_PART]


def is_news(before: str, digest: str) -> bool:
    """Whether subscribers are told of what a feed is now, given the hashes of then and now.

    A hash of an older version of feedsvc does not say what was news.
    """
    return not says_the_same(before, digest) and before[2 * _PART :] != digest[2 * _PART :]


def _hash(value: object) -> str:
    return hashlib.blake2b(orjson.dumps(value), digest_size=_DIGEST).hexdigest()


def date_feed(feed: Feed, before: datetime | None, now: datetime) -> datetime:
    """Return the date of a feed that changed: whole seconds, later than ``before`` (R8, R46).

    A feed that was never built is dated by its entries, so that a lost store gives it back.
    """
    if before is not None:
        return max(now, before + timedelta(seconds=1)).replace(microsecond=0)
    moments = [entry.updated for entry in feed.entries] + [one.when for one in feed.deleted]
    return max(moments, default=now).replace(microsecond=0)

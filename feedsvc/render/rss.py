"""RSS 2.0, through feedgen."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from feedsvc.model import Feed

from .prepare import address_of, describe_cloud, prepare

_LIKE_HTML = re.compile(r"<|&(?=\S)")

# Registers a further extension with feedgen, for what a feed has beside what all have.
Extend = Callable[[Any], None]


def render_rss(feed: Feed, extend: Extend | None = None) -> bytes:
    """Return the feed as RSS 2.0 in UTF-8 (P19-P34, R30-R58).

    The entries are written in the order given; `fit` sorts them.
    """
    from feedgen.entry import FeedEntry
    from feedgen.feed import FeedGenerator

    from .extension import EntryExtension, FeedExtension
    from .podcast import describe_episode, describe_podcast

    feed = prepare(feed)
    channel = FeedGenerator()
    channel.title(feed.title)
    channel.description(feed.description or feed.title)
    # feedgen takes the last link for the channel's own, and of the others writes `self` alone.
    channel.link(
        [
            {"href": address_of(feed, "xml"), "rel": "self", "type": "application/rss+xml"},
            {"href": feed.home, "rel": "alternate"},
        ]
    )
    channel.updated(feed.updated)
    channel.generator("feedsvc")
    channel.docs("")
    channel.ttl(feed.ttl)
    if feed.language:
        channel.language(feed.language)
    if feed.cloud:
        channel.cloud(**describe_cloud(feed.cloud))
    if feed.copyright:
        channel.copyright(feed.copyright)
    if feed.logo:
        channel.image(feed.logo)  # title and link: the channel's (P33)
    channel.register_extension("own", FeedExtension, EntryExtension, atom=False)
    channel.own.feed, channel.own.suffix = feed, "xml"
    if feed.podcast:
        describe_podcast(channel, feed, feed.podcast)
    if extend:
        extend(channel)

    for entry in feed.entries:
        item = FeedEntry()
        item.title(entry.title)
        item.link(href=entry.link)
        item.description(_describe(entry.summary))
        if entry.content:
            item.content(entry.content)
        item.guid(entry.id, permalink=False)
        if entry.categories:
            item.category([{"term": category} for category in entry.categories])
        if entry.enclosure:
            item.enclosure(entry.enclosure.url, entry.enclosure.length, entry.enclosure.type)
        channel.add_entry(item, order="append")
        item.own.entry = entry
        if feed.podcast:
            describe_episode(item, entry)

    document: bytes = channel.rss_str()
    return document


def _describe(summary: str) -> str:
    """Return a summary as an item's description: HTML, as readers take it, if it must be that.

    Nearly all text means the same as text and as HTML, and stays as it is. "AT&T" does not.
    """
    if not _LIKE_HTML.search(summary):
        return summary
    return f"<p>{escape(summary, quote=False)}</p>"

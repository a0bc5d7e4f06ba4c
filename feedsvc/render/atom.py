"""Atom 1.0, through feedgen."""

from __future__ import annotations

from feedsvc.model import Entry, Feed

from .prepare import address_of, prepare


def render_atom(feed: Feed) -> bytes:
    """Return the feed as Atom 1.0 in UTF-8 (P1-P18, R30-R58).

    The entries are written in the order given; `fit` sorts them.
    """
    from feedgen.entry import FeedEntry
    from feedgen.feed import FeedGenerator

    from .extension import EntryExtension, FeedExtension

    feed = prepare(feed)
    head = FeedGenerator()
    head.id(feed.id)
    head.title(feed.title)
    head.subtitle(feed.description)
    head.updated(feed.updated)
    head.author({"name": feed.author or feed.title})  # every feed has one (P4)
    # The page for people first (R54).
    head.link(
        [
            {"href": feed.home, "rel": "alternate", "type": "text/html"},
            {"href": address_of(feed, "atom"), "rel": "self", "type": "application/atom+xml"},
            *({"href": hub, "rel": "hub"} for hub in feed.hubs),
        ]
    )
    head.generator("feedsvc")
    if feed.language:
        head.language(feed.language)
    if feed.copyright:
        head.rights(feed.copyright)
    if feed.icon:
        head.icon(feed.icon)
    if feed.logo:
        head.logo(feed.logo)
    head.register_extension("own", FeedExtension, EntryExtension, rss=False)
    head.own.feed, head.own.suffix = feed, "atom"

    for entry in feed.entries:
        element = FeedEntry()
        element.id(entry.id)
        element.title(entry.title)
        element.updated(entry.updated)
        element.published(entry.published)
        links = _links(entry)
        element.link(links)
        if entry.authors:
            element.author([{"name": author} for author in entry.authors])
        if entry.summary:
            element.summary(entry.summary, type="text")
        if entry.content:
            element.content(entry.content, type="html")
        if entry.rights:
            element.rights(entry.rights)
        if entry.categories:
            element.category([{"term": category} for category in entry.categories])
        head.add_entry(element, order="append")
        element.own.entry, element.own.links = entry, links

    document: bytes = head.atom_str()
    return document


def _links(entry: Entry) -> list[dict[str, str]]:
    links = [{"href": entry.link, "rel": "alternate", "type": "text/html"}]
    if one := entry.enclosure:
        enclosure = {"href": one.url, "rel": "enclosure", "type": one.type}
        if one.length:
            enclosure["length"] = str(one.length)
        links.append(enclosure)
    return links

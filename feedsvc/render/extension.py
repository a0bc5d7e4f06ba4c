"""What feedgen cannot write by itself, as extensions of it.

feedgen 1.0 switches the locale of the whole process for each RSS date, loses ``rel`` and ``type``
of an Atom entry's links, and has neither names without an e-mail address in RSS nor the language of
an entry. The literal prefixes are those that readers look for (R34); of ``dc`` and ``media`` only
those that a feed uses are declared (feedgen always declares ``atom`` and ``content`` in RSS).
"""

from __future__ import annotations

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from feedsvc.model import Entry, Feed

from .prepare import format_rfc822, format_rfc3339, list_archives

_ATOM = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class FeedExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Declares the namespaces that a feed uses, and adds its history; ``feed`` is prepared."""

    feed: Feed
    suffix: str

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces beside feedgen's own ``atom`` and ``content``."""
        namespaces = {}
        entries = self.feed.entries
        if self.suffix == "xml" and any(
            one.authors or one.language or one.rights for one in entries
        ):
            namespaces["dc"] = _DC
        if any(entry.image for entry in entries):
            namespaces["media"] = _MEDIA
        if self.feed.page:
            namespaces["fh"] = _HISTORY
        if self.suffix == "atom" and self.feed.deleted:
            namespaces["at"] = _TOMBSTONES
        return namespaces

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Add the links to archive documents, and the entries that were deleted (RFC 6721)."""
        self._add_history(feed, "link", "application/atom+xml")
        for one in self.feed.deleted:
            values = {"ref": one.id, "when": format_rfc3339(one.when)}
            etree.SubElement(feed, f"{{{_TOMBSTONES}}}deleted-entry", values)
        return feed

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Add the links to the hubs and to archive documents."""
        for hub in self.feed.hubs:
            etree.SubElement(rss[0], f"{{{_ATOM}}}link", {"rel": "hub", "href": hub})
        self._add_history(rss[0], f"{{{_ATOM}}}link", "application/rss+xml")
        return rss

    def _add_history(self, parent: etree._Element, link: str, type_: str) -> None:
        for rel, href in list_archives(self.feed, self.suffix).items():
            etree.SubElement(parent, link, {"rel": rel, "href": href, "type": type_})
        if self.feed.page:
            etree.SubElement(parent, f"{{{_HISTORY}}}archive")


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Completes the element of one entry; ``entry`` is prepared, ``links`` as given to feedgen."""

    entry: Entry
    links: list[dict[str, Any]]

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """Add the date, the authors, the language and the picture to an RSS item."""
        etree.SubElement(item, "pubDate").text = format_rfc822(self.entry.published)
        for author in self.entry.authors:
            etree.SubElement(item, f"{{{_DC}}}creator").text = author
        if self.entry.language:
            etree.SubElement(item, f"{{{_DC}}}language").text = self.entry.language
        if self.entry.rights:
            etree.SubElement(item, f"{{{_DC}}}rights").text = self.entry.rights
        _add_picture(item, self.entry)
        return item

    def extend_atom(self, element: etree._Element) -> etree._Element:
        """Complete the links, and add the language and the picture to an Atom entry."""
        for link, given in zip(element.findall("link"), self.links, strict=True):
            for name, value in given.items():
                link.set(name, value)
        if self.entry.language:
            element.set(_LANG, self.entry.language)
        _add_picture(element, self.entry)
        return element


def _add_picture(parent: etree._Element, entry: Entry) -> None:
    image = entry.image
    if image is None:
        return
    sizes = {"width": image.width, "height": image.height}
    known = {name: str(size) for name, size in sizes.items() if size > 0}
    facts = {"fileSize": str(image.length) if image.length > 0 else "", "type": image.type}
    told = {name: fact for name, fact in facts.items() if fact}
    values = {"url": image.url, **told, "medium": "image", **known}
    content = etree.SubElement(parent, f"{{{_MEDIA}}}content", values)
    if entry.rights:
        etree.SubElement(content, f"{{{_MEDIA}}}copyright").text = entry.rights
    etree.SubElement(parent, f"{{{_MEDIA}}}thumbnail", {"url": image.url, **known})

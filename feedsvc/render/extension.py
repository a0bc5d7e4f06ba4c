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

from feedsvc.model import Entry

from .prepare import format_rfc822

_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class FeedExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Declares the namespaces that the entries use."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.format = ""

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces beside feedgen's own ``atom`` and ``content``."""
        namespaces = {}
        if self.format == "rss" and any(entry.authors or entry.language for entry in self.entries):
            namespaces["dc"] = _DC
        if any(entry.image for entry in self.entries):
            namespaces["media"] = _MEDIA
        return namespaces


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
    etree.SubElement(parent, f"{{{_MEDIA}}}content", {"url": image.url, "medium": "image", **known})
    etree.SubElement(parent, f"{{{_MEDIA}}}thumbnail", {"url": image.url, **known})

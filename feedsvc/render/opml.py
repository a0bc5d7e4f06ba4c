"""OPML 2.0: the list of feeds, for readers that subscribe to all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from feedsvc.model import Feed

from .prepare import format_rfc822
from .text import plain_language, plain_title, plain_url


def render_opml(title: str, feeds: Sequence[Feed], modified: datetime) -> bytes:
    """Return an OPML 2.0 subscription list of ``feeds`` in the order given, each by its RSS."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = plain_title(title)
    etree.SubElement(head, "dateModified").text = format_rfc822(modified.astimezone(UTC))
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = plain_title(feed.title) or plain_title(feed.name)
        outline = {
            "type": "rss",
            "text": name,
            "title": name,
            "xmlUrl": f"{plain_url(feed.base)}.xml",
            "htmlUrl": plain_url(feed.home),
            "description": plain_title(feed.description),
            "language": plain_language(feed.language),
        }
        etree.SubElement(body, "outline", {key: value for key, value in outline.items() if value})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

"""What holds for both XML formats; each of them enters these checks into its own rulebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree
from rulebook import Rulebook

# R34: readers that do not resolve namespaces look for these very letters.
PREFIXES = {
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://search.yahoo.com/mrss/": "media",
}
# R32: how far readers look for the root element before they call a document something else.
HEAD_BYTES = 2_048
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


@dataclass(frozen=True)
class XmlDocument:
    """A feed as it was published; ``root`` raises XMLSyntaxError if it is not well-formed."""

    data: bytes

    @cached_property
    def root(self) -> etree._Element:
        """The root element."""
        return etree.fromstring(self.data, _PARSER)

    @property
    def is_well_formed(self) -> bool:
        """Whether there is a root element at all."""
        try:
            return self.root is not None
        except etree.XMLSyntaxError:
            return False


def enter_xml_rules(book: Rulebook[XmlDocument], root: str) -> None:
    """Enter the checks that do not depend on the format; ``root`` is its first tag's name."""

    @book.rule("R32")
    def _check_head(document: XmlDocument) -> Iterator[str]:
        data = document.data
        if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            yield "begins with a byte order mark"
        if b"<!DOCTYPE" in data:
            yield "has a DOCTYPE"
        if not re.match(rb"(\xef\xbb\xbf)?<\?xml [^>]*encoding=['\"](?i:utf-8)['\"]", data):
            yield "does not declare UTF-8"
        if f"<{root}".encode() not in data[:HEAD_BYTES]:
            yield f"no <{root}> in the first {HEAD_BYTES} bytes"

    @book.rule("R34")
    def _check_prefixes(document: XmlDocument) -> Iterator[str]:
        for element in document.root.iter():
            for prefix, uri in element.nsmap.items():
                if prefix and uri in PREFIXES and prefix != PREFIXES[uri]:
                    yield f"{uri} is called {prefix}:"
        if root == "rss":
            spaces = {one.nsmap[None] for one in document.root.iter() if None in one.nsmap}
            yield from (f"elements stand in {one} without a prefix" for one in spaces)

    @book.rule("R61")
    def _check_xslt(document: XmlDocument) -> Iterator[str]:
        if b"<?xml-stylesheet" in document.data:
            yield "names a stylesheet, which browsers stop to apply (F32)"

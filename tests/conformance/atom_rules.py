"""Atom 1.0 (RFC 4287), and what readers ask of it beyond: one check a number.

These checks were written from the numbered list, not taken from the RFC's grammar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from lxml import etree
from rulebook import Rulebook
from values import (
    find_images,
    find_relative,
    find_unsafe,
    is_ahead,
    is_iri,
    is_web_url,
    read_rfc3339,
)
from xml_rules import XmlDocument, enter_xml_rules

A = "{http://www.w3.org/2005/Atom}"
M = "{http://search.yahoo.com/mrss/}"
XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"

ATOM_RULES: Rulebook[XmlDocument] = Rulebook()
enter_xml_rules(ATOM_RULES, "feed")


def find_atom_faults(data: bytes) -> dict[str, list[str]]:
    """Return what is wrong with an Atom document, by number."""
    document = XmlDocument(data)
    if not document.is_well_formed:
        return {"P1": ["is not well-formed"]}
    if document.root.tag != f"{A}feed":
        return {"P1": [f"the root is {document.root.tag}"]}
    return ATOM_RULES.find_faults(document)


def _entries(document: XmlDocument) -> list[etree._Element]:
    return document.root.findall(f"{A}entry")


def _heads(document: XmlDocument) -> list[etree._Element]:
    """Return the feed and its entries: what has an id, a title and dates."""
    return [document.root, *_entries(document)]


def _all(document: XmlDocument, *names: str) -> Iterator[etree._Element]:
    return document.root.iter(*(A + name for name in names))


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(A + name) or "").strip()


def _links(element: etree._Element, rel: str) -> list[etree._Element]:
    return [one for one in element.findall(f"{A}link") if one.get("rel", "alternate") == rel]


def _html_of(document: XmlDocument) -> Iterator[str]:
    for element in _all(document, "content", "summary", "title", "subtitle", "rights"):
        if element.get("type") == "html":
            yield element.text or ""


def _exactly_one(element: etree._Element) -> Iterator[str]:
    for name in ("id", "title", "updated"):
        found = element.findall(A + name)
        if len(found) != 1 or not "".join(map(str, found[0].itertext())).strip():
            yield f"{len(found)} of {name}"


@ATOM_RULES.rule("P2")
def _feed_has_one_each(document: XmlDocument) -> Iterator[str]:
    yield from _exactly_one(document.root)


@ATOM_RULES.rule("P3")
def _entries_have_one_each(document: XmlDocument) -> Iterator[str]:
    for entry in _entries(document):
        yield from _exactly_one(entry)


@ATOM_RULES.rule("P4")
def _somebody_wrote_it(document: XmlDocument) -> Iterator[str]:
    if document.root.find(f"{A}author") is None:
        for entry in _entries(document):
            if entry.find(f"{A}author") is None and entry.find(f"{A}source/{A}author") is None:
                yield f"nobody wrote {_text(entry, 'id')}"


@ATOM_RULES.rule("P5")
def _entry_says_or_leads(document: XmlDocument) -> Iterator[str]:
    for entry in _entries(document):
        if entry.find(f"{A}content") is None and not _links(entry, "alternate"):
            yield f"{_text(entry, 'id')} has neither content nor an alternate link"


@ATOM_RULES.rule("P6")
def _alternates_differ(document: XmlDocument) -> Iterator[str]:
    for element in _heads(document):
        kinds = [(one.get("type"), one.get("hreflang")) for one in _links(element, "alternate")]
        yield from (
            f"two alternates of {one}" for one, count in Counter(kinds).items() if count > 1
        )


@ATOM_RULES.rule("P7")
def _feed_names_itself(document: XmlDocument) -> Iterator[str]:
    selves = _links(document.root, "self")
    if len(selves) != 1 or not is_web_url(selves[0].get("href", "")):
        yield f"{len(selves)} links to itself"


@ATOM_RULES.rule("P8")
def _ids_are_absolute(document: XmlDocument) -> Iterator[str]:
    for element in _heads(document):
        yield from (
            f"id {one.text!r}" for one in element.findall(f"{A}id") if not is_iri(one.text or "")
        )


@ATOM_RULES.rule("P9")
def _dates_are_rfc3339(document: XmlDocument) -> Iterator[str]:
    for element in _all(document, "updated", "published"):
        if read_rfc3339(element.text or "") is None:
            yield f"{element.tag} {element.text!r}"


@ATOM_RULES.rule("P11")
def _text_has_no_children(document: XmlDocument) -> Iterator[str]:
    for element in _all(document, "title", "subtitle", "summary", "rights", "content"):
        if element.get("type", "text") in ("text", "html") and len(element):
            yield f"{element.tag} has <{element[0].tag}>"


@ATOM_RULES.rule("P12")
def _xhtml_is_one_div(document: XmlDocument) -> Iterator[str]:
    for element in _all(document, "title", "subtitle", "summary", "rights", "content"):
        if element.get("type") == "xhtml":
            beside = [element.text or "", *(child.tail or "" for child in element)]
            if [child.tag for child in element] != [XHTML_DIV] or "".join(beside).strip():
                yield f"{element.tag} is not one div"


@ATOM_RULES.rule("P13")
def _content_elsewhere_is_empty(document: XmlDocument) -> Iterator[str]:
    for element in _all(document, "content"):
        if element.get("src") is not None:
            if len(element) or (element.text or "").strip():
                yield "content with src is not empty"
            if not element.get("type"):
                yield "content with src has no type"


@ATOM_RULES.rule("P14")
def _hidden_content_is_summed_up(document: XmlDocument) -> Iterator[str]:
    for entry in _entries(document):
        for content in entry.findall(f"{A}content"):
            kind = content.get("type", "text")
            plain = kind in ("text", "html", "xhtml") or kind.startswith("text/")
            plain = plain or kind.endswith(("+xml", "/xml"))
            if (content.get("src") is not None or not plain) and not _text(entry, "summary"):
                yield f"{_text(entry, 'id')} has no summary"


@ATOM_RULES.rule("P15")
def _at_most_one_each(document: XmlDocument) -> Iterator[str]:
    for element in _heads(document):
        for name in ("generator", "icon", "logo", "subtitle", "rights", "summary", "content",
                     "published"):  # fmt: skip
            if len(element.findall(A + name)) > 1:
                yield f"two of {name}"


@ATOM_RULES.rule("P16")
def _parts_are_there(document: XmlDocument) -> Iterator[str]:
    for element in _all(document, "category"):
        if not element.get("term"):
            yield "category without term"
    for element in _all(document, "link"):
        if not element.get("href"):
            yield "link without href"
    for element in _all(document, "author", "contributor"):
        if not _text(element, "name"):
            yield "person without name"


@ATOM_RULES.rule("P17")
def _same_ids_differ_in_date(document: XmlDocument) -> Iterator[str]:
    pairs = Counter((_text(one, "id"), _text(one, "updated")) for one in _entries(document))
    yield from (f"twice: {pair}" for pair, count in pairs.items() if count > 1)


@ATOM_RULES.rule("P18")
def _enclosure_has_its_length(document: XmlDocument) -> Iterator[str]:
    for link in chain.from_iterable(_links(one, "enclosure") for one in _heads(document)):
        # Where the length is not known, none is better than a wrong one.
        if not (link.get("length") or "1").isdecimal():
            yield f"length {link.get('length')!r}"
        if not link.get("type"):
            yield "enclosure without type"


@ATOM_RULES.rule("R38")
def _ids_are_no_addresses(document: XmlDocument) -> Iterator[str]:
    for element in _heads(document):
        if not _text(element, "id").startswith(("tag:", "urn:")) and _text(element, "id"):
            yield f"id {_text(element, 'id')}"


@ATOM_RULES.rule("R41")
def _ids_are_unique(document: XmlDocument) -> Iterator[str]:
    ids = Counter(_text(one, "id") for one in _entries(document))
    yield from (f"{count} entries are {one}" for one, count in ids.items() if one and count > 1)


@ATOM_RULES.rule("R42")
def _newest_stand_first(document: XmlDocument) -> Iterator[str]:
    dates = [read_rfc3339(_text(one, "published")) for one in _entries(document)]
    known = [date for date in dates if date]
    if known != sorted(known, reverse=True):
        yield "the entries are not in order"


@ATOM_RULES.rule("R44")
def _nothing_is_ahead(document: XmlDocument) -> Iterator[str]:
    for entry in _entries(document):
        for name in ("published", "updated"):
            if is_ahead(read_rfc3339(_text(entry, name))):
                yield f"{name} {_text(entry, name)}"


@ATOM_RULES.rule("R45")
def _entries_have_both_dates(document: XmlDocument) -> Iterator[str]:
    for entry in _entries(document):
        published = read_rfc3339(_text(entry, "published"))
        updated = read_rfc3339(_text(entry, "updated"))
        if not published:
            yield f"{_text(entry, 'id')} has no published"
        elif updated and updated < published:
            yield f"{_text(entry, 'id')} was updated before it was published"


@ATOM_RULES.rule("R49")
def _addresses_are_absolute(document: XmlDocument) -> Iterator[str]:
    for link in _all(document, "link"):
        if link.get("href") and not is_web_url(link.get("href", "")):
            yield f"link to {link.get('href')!r}"
    if any(one.get("{http://www.w3.org/XML/1998/namespace}base") for one in document.root.iter()):
        yield "xml:base"
    for html in _html_of(document):
        yield from find_relative(html)


@ATOM_RULES.rule("R50")
def _markup_is_harmless(document: XmlDocument) -> Iterator[str]:
    for html in _html_of(document):
        yield from find_unsafe(html)


@ATOM_RULES.rule("R52")
def _categories_have_no_comma(document: XmlDocument) -> Iterator[str]:
    yield from (
        f"category {one.get('term')!r}"
        for one in _all(document, "category")
        if "," in one.get("term", "")
    )


@ATOM_RULES.rule("R53")
def _picture_is_the_one_of_the_body(document: XmlDocument) -> Iterator[str]:
    for entry in _entries(document):
        shown = find_images(entry.findtext(f"{A}content") or "")
        for media in entry.findall(f"{M}content"):
            if shown and media.get("url") not in shown:
                yield f"{media.get('url')} is none of {shown}"


@ATOM_RULES.rule("R54")
def _alternate_stands_first(document: XmlDocument) -> Iterator[str]:
    for element in _heads(document):
        first = element.find(f"{A}link")
        wanted = ("alternate", "text/html")
        if first is None or (first.get("rel"), first.get("type")) != wanted:
            yield f"the first link of {_text(element, 'id')}"

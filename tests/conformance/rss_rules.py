"""RSS 2.0 and its best practices, and what readers ask of it beyond: one check a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree
from rulebook import Rulebook
from values import (
    find_images,
    find_relative,
    find_unsafe,
    is_ahead,
    is_iri,
    is_web_url,
    read_description,
    read_rfc822,
)
from xml_rules import XmlDocument, enter_xml_rules

ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
MEDIA = "{http://search.yahoo.com/mrss/}content"
_DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
_PERSON = re.compile(r"[^\s@()]+@[^\s@()]+ \([^()]+\)")
# What is still markup, or still an entity, after XML was read: it was escaped twice (P30), or it is
# HTML where readers differ on whether to take it for such (readers.md, Titles).
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(#\d+|#x[0-9A-Fa-f]+|[A-Za-z]\w+);")
# The largest picture that the specification allows (P33).
_IMAGE_WIDTH, _IMAGE_HEIGHT = 144, 400
# What readers and partners show of a description (R47); a note may be no longer than its summary.
_SHORT_CHARS = 300

RSS_RULES: Rulebook[XmlDocument] = Rulebook()
enter_xml_rules(RSS_RULES, "rss")


def find_rss_faults(data: bytes) -> dict[str, list[str]]:
    """Return what is wrong with an RSS document, by number."""
    document = XmlDocument(data)
    if not document.is_well_formed or document.root.find("channel") is None:
        return {"P19": ["is no RSS document"]}
    return RSS_RULES.find_faults(document)


def _channel(document: XmlDocument) -> etree._Element:
    channel = document.root.find("channel")
    assert channel is not None
    return channel


def _items(document: XmlDocument) -> list[etree._Element]:
    return _channel(document).findall("item")


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _html_of(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        yield _text(item, "description")
        yield _text(item, ENCODED)


@RSS_RULES.rule("P19")
def _is_rss(document: XmlDocument) -> Iterator[str]:
    root = document.root
    if root.tag != "rss" or root.get("version") != "2.0":
        yield f"is <{root.tag} version={root.get('version')!r}>"
    if [child.tag for child in root] != ["channel"]:
        yield f"holds {[child.tag for child in root]}"


@RSS_RULES.rule("P20")
def _channel_is_described(document: XmlDocument) -> Iterator[str]:
    for name in ("title", "link", "description"):
        if len(_channel(document).findall(name)) != 1 or not _text(_channel(document), name):
            yield f"no {name}, or two"


@RSS_RULES.rule("P21")
def _item_says_something(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        if not _text(item, "title") and not _text(item, "description"):
            yield f"{_text(item, 'guid')} has neither title nor description"


@RSS_RULES.rule("P22")
def _dates_are_rfc822(document: XmlDocument) -> Iterator[str]:
    for element in document.root.iter("pubDate", "lastBuildDate"):
        if read_rfc822(element.text or "") is None:
            yield f"{element.tag} {element.text!r}"


@RSS_RULES.rule("P23")
def _guids_are_there_and_unique(document: XmlDocument) -> Iterator[str]:
    guids = Counter(_text(item, "guid") for item in _items(document))
    yield from (f"{count} times {one!r}" for one, count in guids.items() if count > 1 or not one)


@RSS_RULES.rule("P24")
def _permalink_is_a_url(document: XmlDocument) -> Iterator[str]:
    for guid in document.root.iter("guid"):
        if guid.get("isPermaLink") != "false" and not is_web_url(guid.text or ""):
            yield f"guid {guid.text!r}"


@RSS_RULES.rule("P25")
def _enclosure_is_whole(document: XmlDocument) -> Iterator[str]:
    for one in document.root.iter("enclosure"):
        if not is_web_url(one.get("url", "")) or not one.get("type"):
            yield f"enclosure {dict(one.attrib)}"
        if not one.get("length", "").isdecimal():
            yield f"length {one.get('length')!r}"


@RSS_RULES.rule("P26")
def _one_enclosure_at_most(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        if len(item.findall("enclosure")) > 1:
            yield f"{_text(item, 'guid')} has several"


@RSS_RULES.rule("P27")
def _channel_names_itself(document: XmlDocument) -> Iterator[str]:
    selves = [one for one in _channel(document).findall(ATOM_LINK) if one.get("rel") == "self"]
    if len(selves) != 1 or not is_web_url(selves[0].get("href", "")):
        yield f"{len(selves)} links to itself"


@RSS_RULES.rule("P28")
def _description_stands_before_content(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        tags = [child.tag for child in item]
        if ENCODED in tags and "description" in tags[tags.index(ENCODED) :]:
            yield f"{_text(item, 'guid')} has its content first"


@RSS_RULES.rule("P29")
def _html_is_absolute(document: XmlDocument) -> Iterator[str]:
    for html in _html_of(document):
        yield from find_relative(html)


@RSS_RULES.rule("P30")
def _text_is_escaped_once(document: XmlDocument) -> Iterator[str]:
    channel = _channel(document)
    places = [(channel, ("title", "description"))]
    places += [(item, ("title", "description", "category", CREATOR)) for item in _items(document)]
    for element, names in places:
        for name in names:
            text = _text(element, name)
            if element is not channel and name == "description":
                text = read_description(text)
            if found := _MARKUP.search(text):
                yield f"{name} has {found[0]!r}"


@RSS_RULES.rule("P31")
def _addresses_have_names(document: XmlDocument) -> Iterator[str]:
    for element in document.root.iter("author", "managingEditor", "webMaster"):
        if not _PERSON.fullmatch(element.text or ""):
            yield f"{element.tag} {element.text!r}"


@RSS_RULES.rule("P32")
def _items_stand_last(document: XmlDocument) -> Iterator[str]:
    tags = [child.tag for child in _channel(document)]
    if "item" in tags and set(tags[tags.index("item") :]) != {"item"}:
        yield f"stand behind items: {set(tags[tags.index('item') :]) - {'item'}}"


@RSS_RULES.rule("P33")
def _image_is_the_channels(document: XmlDocument) -> Iterator[str]:
    channel = _channel(document)
    for image in channel.findall("image"):
        if not is_web_url(_text(image, "url")):
            yield "image without a url"
        for name in ("title", "link"):
            if _text(image, name) != _text(channel, name):
                yield f"its {name} is not the channel's"
        for name, most in (("width", _IMAGE_WIDTH), ("height", _IMAGE_HEIGHT)):
            size = _text(image, name)
            if size and not (size.isdecimal() and 0 < int(size) <= most):
                yield f"{name} {size}"


@RSS_RULES.rule("P34")
def _times_to_skip(document: XmlDocument) -> Iterator[str]:
    channel = _channel(document)
    for hour in channel.findall("skipHours/hour"):
        if not (hour.text or "").isdecimal() or not 0 <= int(hour.text or "") <= 23:
            yield f"hour {hour.text!r}"
    for day in channel.findall("skipDays/day"):
        if day.text not in _DAYS:
            yield f"day {day.text!r}"
    for ttl in channel.findall("ttl"):
        if not (ttl.text or "").isdecimal():
            yield f"ttl {ttl.text!r}"


@RSS_RULES.rule("R37")
def _guids_are_tags(document: XmlDocument) -> Iterator[str]:
    for guid in document.root.iter("guid"):
        if guid.text and not (is_iri(guid.text) and guid.text.startswith(("tag:", "urn:"))):
            yield f"guid {guid.text!r} may move with the site"


@RSS_RULES.rule("R39")
def _guid_is_no_link_and_a_link_stands_beside(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        guid = item.find("guid")
        if guid is not None and guid.get("isPermaLink") != "false":
            yield f"{guid.text} may be taken for an address"
        if not is_web_url(_text(item, "link")):
            yield f"link {_text(item, 'link')!r}"


@RSS_RULES.rule("R42")
def _newest_stand_first(document: XmlDocument) -> Iterator[str]:
    dates = [date for item in _items(document) if (date := read_rfc822(_text(item, "pubDate")))]
    if dates != sorted(dates, reverse=True):
        yield "the items are not in order"


@RSS_RULES.rule("R44")
def _items_are_dated_and_not_ahead(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        if len(item.findall("pubDate")) != 1:
            yield f"{_text(item, 'guid')} has no date, or two"
        if is_ahead(read_rfc822(_text(item, "pubDate"))):
            yield f"pubDate {_text(item, 'pubDate')}"


@RSS_RULES.rule("R46")
def _channel_is_dated(document: XmlDocument) -> Iterator[str]:
    if read_rfc822(_text(_channel(document), "lastBuildDate")) is None:
        yield "no lastBuildDate"


@RSS_RULES.rule("R47")
def _description_is_short(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        if item.find(ENCODED) is not None and not _text(item, ENCODED):
            yield "an empty content:encoded"
        if len(_text(item, "description")) > max(_SHORT_CHARS, len(_text(item, ENCODED))):
            yield f"{_text(item, 'guid')}: the description is long, and there is no fuller content"


@RSS_RULES.rule("R50")
def _markup_is_harmless(document: XmlDocument) -> Iterator[str]:
    for html in _html_of(document):
        yield from find_unsafe(html)


@RSS_RULES.rule("R51")
def _authors_are_names(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        if item.find("author") is not None:
            yield "<author>, in which an e-mail address belongs"
        yield from ("a nameless dc:creator" for one in item.findall(CREATOR) if not one.text)


@RSS_RULES.rule("R52")
def _categories_have_no_comma(document: XmlDocument) -> Iterator[str]:
    for one in document.root.iter("category"):
        if not one.text or "," in one.text:
            yield f"category {one.text!r}"


@RSS_RULES.rule("R53")
def _picture_is_the_one_of_the_body(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        shown = find_images(_text(item, ENCODED))
        for media in item.findall(MEDIA):
            if shown and media.get("url") not in shown:
                yield f"{media.get('url')} is none of {shown}"


@RSS_RULES.rule("R57")
def _time_to_live_is_told(document: XmlDocument) -> Iterator[str]:
    ttl = _text(_channel(document), "ttl")
    if ttl.isdecimal() and not 15 <= int(ttl) <= 60:
        yield f"ttl {ttl}: R13 allows 900 to 3600 seconds"
    if not ttl:
        yield "no ttl"

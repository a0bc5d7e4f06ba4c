"""What partners ask, read in the document that goes out and nowhere else: one check a rule.

It knows nothing of how feeds are made here: a check reads XML. The names are those of the rules in
the partners' own books.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from lxml import etree, html
from partner_samples import NOW
from rulebook import Rulebook

DC, MEDIA = "{http://purl.org/dc/elements/1.1/}", "{http://search.yahoo.com/mrss/}"
SNF, CONTENT = "{http://www.smartnews.be/snf}", "{http://purl.org/rss/1.0/modules/content/}"
_SPACES = {"content", "dc", "media", "snf"}
_TRACKING = re.compile(r"[?&](utm_|fbclid|gclid)")
_MSN_TAGS = set(
    re.findall(
        r"\w+",
        "b i u em strong s strike del ins sub sup small mark h1 h2 h3 h4 h5 a img table caption "
        "thead tbody tfoot tr th td ul ol li p div span br blockquote iframe",
    )
)


class Document:
    """A feed as a partner gets it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root = etree.fromstring(data)
        channel = self.root.find("channel")
        assert channel is not None
        self.channel = channel
        self.items = channel.findall("item")
        self.live = [one for one in self.items if one.find(f"{MEDIA}status") is None]

    def text(self, name: str) -> str:
        """Return the text of an element of the channel."""
        return (self.channel.findtext(name) or "").strip()


Rules = Rulebook[Document]
RULES: dict[str, Rules] = {
    name: Rulebook() for name in ("smartnews", "google", "apple", "flipboard", "msn")
}


def text_of(item: etree._Element, name: str) -> str:
    return (item.findtext(name) or "").strip()


def date_of(item: etree._Element) -> datetime:
    return parsedate_to_datetime(text_of(item, "pubDate"))


def has_tags(title: str) -> bool:
    return bool(re.search(r"</?[A-Za-z][^>]*>|&\w+;|&#\d+;", title))


def tags_of(item: etree._Element) -> Iterator[html.HtmlElement]:
    body = text_of(item, f"{CONTENT}encoded")
    if body:
        yield from html.fragment_fromstring(body, create_parent="div").iterdescendants()


def enter(name: str, *partners: str):  # type: ignore[no-untyped-def]
    """Enter a check into the books of several partners."""

    def put(check):  # type: ignore[no-untyped-def]
        for partner in partners:
            RULES[partner].rule(name)(check)
        return check

    return put


# The channel


@enter("utf-8", "smartnews", "google", "apple", "flipboard", "msn")
def _is_utf8(document: Document) -> Iterator[str]:
    try:
        document.data.decode()
    except UnicodeDecodeError:
        yield "is no UTF-8"
    if b"encoding='UTF-8'" not in document.data[:60] or document.root.get("version") != "2.0":
        yield "is no RSS 2.0 in UTF-8"


@enter("namespaces", "smartnews")
def _has_namespaces(document: Document) -> Iterator[str]:
    missing = _SPACES - {prefix or "" for prefix in document.root.nsmap}
    yield from (f"{prefix} is not declared" for prefix in sorted(missing))


@enter("channel-title", "smartnews", "apple", "flipboard")
def _channel_has_a_title(document: Document) -> Iterator[str]:
    if not document.text("title") or has_tags(document.text("title")):
        yield f"title {document.text('title')!r}"


@enter("channel-link", "smartnews", "apple", "flipboard")
def _channel_has_a_link(document: Document) -> Iterator[str]:
    if not document.text("link").startswith("http"):
        yield "no link"


@enter("channel-description", "flipboard")
def _channel_is_described(document: Document) -> Iterator[str]:
    if not document.text("description"):
        yield "no description"


@enter("channel-description-30", "smartnews")
def _channel_is_described_shortly(document: Document) -> Iterator[str]:
    if not 0 < len(document.text("description")) <= 30:
        yield f"description {document.text('description')!r}"


@enter("channel-pubdate", "smartnews")
def _channel_is_dated(document: Document) -> Iterator[str]:
    if not re.search(r" \d{4} \d\d:\d\d:\d\d [+-]\d{4}$", document.text("pubDate")):
        yield f"pubDate {document.text('pubDate')!r}"


@enter("channel-language", "smartnews", "flipboard", "msn")
def _channel_has_a_language(document: Document) -> Iterator[str]:
    if len(document.channel.findall("language")) != 1:
        yield "no language, or several"


@enter("channel-locale", "apple")
def _channel_has_a_locale(document: Document) -> Iterator[str]:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{4})?-([A-Z]{2}|\d{3})", document.text("language")):
        yield f"language {document.text('language')!r}"


@enter("logo", "smartnews")
def _channel_has_a_logo(document: Document) -> Iterator[str]:
    if not re.fullmatch(r"https://\S+\.png", document.text(f"{SNF}logo/url")):
        yield "no logo"


@enter("dark-logo", "smartnews")
def _channel_has_a_dark_logo(document: Document) -> Iterator[str]:
    if not re.fullmatch(r"https://\S+\.png", document.text(f"{SNF}darkModeLogo/url")):
        yield "no logo for the dark"


@enter("ttl", "smartnews")
def _channel_has_a_ttl(document: Document) -> Iterator[str]:
    if not document.text("ttl").isdecimal():
        yield "no ttl"


@enter("feed-https", "msn")
def _feed_is_https(document: Document) -> Iterator[str]:
    for link in document.channel.findall("{http://www.w3.org/2005/Atom}link"):
        if not link.get("href", "").startswith("https://"):
            yield f"{link.get('rel')} {link.get('href')}"


@enter("feed-2mb", "google")
def _feed_is_small(document: Document) -> Iterator[str]:
    if len(document.data) > 2_000_000:
        yield f"{len(document.data)} bytes"


# How many items


@enter("20-items", "smartnews")
def _has_twenty_at_most(document: Document) -> Iterator[str]:
    if len(document.items) > 20:
        yield f"{len(document.items)} items"


@enter("60-items", "google")
def _has_sixty_at_most(document: Document) -> Iterator[str]:
    if len(document.items) > 60:
        yield f"{len(document.items)} items"


@enter("20-items", "flipboard")
def _has_twenty_at_least(document: Document) -> Iterator[str]:
    if len(document.items) < 20:
        yield f"{len(document.items)} items"


# Each item


@enter("title", "smartnews", "flipboard", "google", "apple", "msn")
def _has_a_title(document: Document) -> Iterator[str]:
    for item in document.items:
        if not text_of(item, "title"):
            yield text_of(item, "guid")


@enter("title-html", "smartnews", "apple", "msn")
def _title_has_no_html(document: Document) -> Iterator[str]:
    yield from (text_of(one, "title") for one in document.items if has_tags(text_of(one, "title")))


@enter("title-15-60", "apple")
def _title_is_15_to_60(document: Document) -> Iterator[str]:
    titles = (text_of(item, "title") for item in document.items)
    yield from (title for title in titles if not 15 <= len(title) <= 60)


@enter("title-21-150", "msn")
def _title_is_21_to_150(document: Document) -> Iterator[str]:
    titles = (text_of(item, "title") for item in document.items)
    yield from (title for title in titles if not 20 < len(title) <= 150)


@enter("link-https", "smartnews", "msn")
def _link_is_https(document: Document) -> Iterator[str]:
    links = (text_of(item, "link") for item in document.items)
    yield from (link for link in links if not link.startswith("https://"))


@enter("link-tracking", "smartnews")
def _link_tracks_nobody(document: Document) -> Iterator[str]:
    links = (text_of(item, "link") for item in document.items)
    yield from (link for link in links if _TRACKING.search(link))


@enter("link", "apple", "google", "msn")
def _has_a_link(document: Document) -> Iterator[str]:
    for item in document.items:
        if not re.match(r"https?://[^/]", text_of(item, "link")):
            yield text_of(item, "guid")


@enter("link-own-domain", "flipboard")
def _link_is_ours(document: Document) -> Iterator[str]:
    home = document.text("link").split("/")[2]
    links = (text_of(item, "link") for item in document.items)
    yield from (link for link in links if link.split("/")[2] != home)


@enter("guid", "smartnews", "google", "flipboard", "msn")
def _has_an_id(document: Document) -> Iterator[str]:
    guids = [text_of(item, "guid") for item in document.items]
    if not all(guids) or len(set(guids)) != len(guids):
        yield f"{guids}"


@enter("pubdate", "smartnews", "flipboard", "msn", "google")
def _is_dated_with_year_and_zone(document: Document) -> Iterator[str]:
    for item in document.items:
        if not re.search(r" \d{4} \d\d:\d\d:\d\d ([+-]\d{4}|GMT)$", text_of(item, "pubDate")):
            yield text_of(item, "pubDate")


@enter("not-ahead", "smartnews", "msn")
def _is_not_from_the_future(document: Document) -> Iterator[str]:
    yield from (text_of(one, "pubDate") for one in document.items if date_of(one) > NOW)


@enter("not-old", "smartnews")
def _is_not_old(document: Document) -> Iterator[str]:
    for item in document.items:
        if NOW - date_of(item) > timedelta(days=30):
            yield text_of(item, "pubDate")


@enter("365-days", "msn")
def _is_not_a_year_old(document: Document) -> Iterator[str]:
    for item in document.items:
        if NOW - date_of(item) >= timedelta(days=365):
            yield text_of(item, "pubDate")


@enter("creator", "smartnews", "flipboard")
def _has_a_creator(document: Document) -> Iterator[str]:
    for item in document.live:
        if not text_of(item, f"{DC}creator"):
            yield text_of(item, "guid")


@enter("description", "smartnews", "apple")
def _is_described(document: Document) -> Iterator[str]:
    for item in document.live:
        if not text_of(item, "description"):
            yield text_of(item, "guid")


@enter("description-300", "flipboard")
def _is_described_at_length(document: Document) -> Iterator[str]:
    for item in document.live:
        if len(text_of(item, "description")) < 300:
            yield f"{len(text_of(item, 'description'))} characters"


@enter("excerpt-200", "apple")
def _excerpt_is_whole(document: Document) -> Iterator[str]:
    for item in document.live:
        if len(text_of(item, "description")) > 200:
            yield f"cut in the middle: {text_of(item, 'description')[:200]}"


@enter("body", "smartnews", "google", "msn")
def _has_a_body(document: Document) -> Iterator[str]:
    for item in document.live:
        if not text_of(item, f"{CONTENT}encoded"):
            yield text_of(item, "guid")


@enter("thumbnail", "smartnews")
def _thumbnail_is_an_address(document: Document) -> Iterator[str]:
    for one in document.root.iter(f"{MEDIA}thumbnail"):
        if not one.get("url", "").startswith("https://"):
            yield f"{one.get('url')}"
    if document.live and document.root.find(f".//{MEDIA}thumbnail") is None:
        yield "not one item has a thumbnail"


@enter("analytics", "smartnews")
def _readers_are_counted(document: Document) -> Iterator[str]:
    for item in document.live:
        if not text_of(item, f"{SNF}analytics"):
            yield text_of(item, "guid")


@enter("deleted", "smartnews")
def _deleted_items_say_so(document: Document) -> Iterator[str]:
    """A deletion has the status and a new date, and no word of what it was."""
    for item in document.items:
        status = item.find(f"{MEDIA}status")
        if status is None:
            continue
        if status.get("state") != "deleted":
            yield f"state {status.get('state')!r}"
        if item.find("description") is not None or item.find(f"{CONTENT}encoded") is not None:
            yield "says what it was"


@enter("article-1mb", "google")
def _article_is_small(document: Document) -> Iterator[str]:
    for item in document.items:
        if len(text_of(item, f"{CONTENT}encoded").encode()) > 1_000_000:
            yield text_of(item, "guid")


@enter("image-800", "google")
def _image_is_800(document: Document) -> Iterator[str]:
    yield from _find_small(document, 800)


@enter("enclosure-500", "flipboard")
def _image_is_500(document: Document) -> Iterator[str]:
    yield from _find_small(document, 500)
    for item in document.items:
        enclosure, picture = item.find("enclosure"), item.find(f"{MEDIA}content")
        if picture is not None and (
            enclosure is None
            or enclosure.get("url") != picture.get("url")
            or not enclosure.get("type", "").startswith("image/")
        ):
            yield f"{text_of(item, 'guid')}: its picture is not enclosed"


def _find_small(document: Document, least: int) -> Iterator[str]:
    for one in document.root.iter(f"{MEDIA}content"):
        sizes = [int(one.get(name, least)) for name in ("width", "height")]
        if min(sizes) < least:
            yield f"{one.get('url')} is {sizes}"


@enter("read-more", "apple")
def _nothing_leads_away(document: Document) -> Iterator[str]:
    for item in document.items:
        for tag in tags_of(item):
            if tag.tag == "a" and re.match(
                r"(?i)\s*(read (more|the (whole|full))|continue reading|more$)", tag.text_content()
            ):
                yield tag.text_content()


@enter("one-language", "msn")
def _has_one_language(document: Document) -> Iterator[str]:
    ours = document.text("language").partition("-")[0]
    for one in document.root.iter(f"{DC}language"):
        if (one.text or "").partition("-")[0] != ours:
            yield f"{one.text}"


@enter("html", "msn")
def _html_is_on_the_list(document: Document) -> Iterator[str]:
    for item in document.items:
        for tag in tags_of(item):
            if tag.tag not in _MSN_TAGS or {"style", "onclick"} & set(tag.attrib):
                yield f"{tag.tag} {dict(tag.attrib)}"
            if tag.tag == "img" and not tag.get("src", "").startswith("https://"):
                yield f"img {tag.get('src')}"


@enter("image-720", "msn")
def _image_is_720(document: Document) -> Iterator[str]:
    for one in document.root.iter(f"{MEDIA}content"):
        width, height = int(one.get("width", 720)), int(one.get("height", 720))
        if width < 720 or not 0.5 <= width / height <= 1.89:
            yield f"{one.get('url')} is {width}x{height}"


@enter("image-version", "msn")
def _own_images_have_a_version(document: Document) -> Iterator[str]:
    for one in document.root.iter(f"{MEDIA}content"):
        if "/media/" in one.get("url", "") and not re.search(r"\?v=\w+", one.get("url", "")):
            yield f"{one.get('url')}"

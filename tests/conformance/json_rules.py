"""JSON Feed 1.1, and what readers ask of it beyond: one check a number.

The product's own schema (tests/render) is stricter on shapes; these checks name the numbers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rulebook import Rulebook
from values import find_images, find_relative, find_unsafe, is_ahead, is_web_url, read_rfc3339

VERSION = "https://jsonfeed.org/version/1.1"
_ENTITY = re.compile(r"&(#\d+|#x[0-9A-Fa-f]+|[A-Za-z]\w+);|</?[A-Za-z][^<>]*>")


@dataclass(frozen=True)
class JsonDocument:
    """A feed as it was published."""

    data: bytes
    feed: dict[str, Any]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items, as far as they are there."""
        items = self.feed.get("items")
        return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []

    @property
    def levels(self) -> list[dict[str, Any]]:
        """The feed and its items: what may have authors and extensions."""
        return [self.feed, *self.items]


JSON_RULES: Rulebook[JsonDocument] = Rulebook()


def find_json_faults(data: bytes) -> dict[str, list[str]]:
    """Return what is wrong with a JSON feed, by number."""
    try:
        feed = json.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        return {"F29": [str(error)]}
    if not isinstance(feed, dict):
        return {"F29": ["is no object"]}
    return JSON_RULES.find_faults(JsonDocument(data, feed))


def _html_of(document: JsonDocument) -> Iterator[str]:
    yield from (html for one in document.items if isinstance(html := one.get("content_html"), str))


@JSON_RULES.rule("P35")
def _version_is_exact(document: JsonDocument) -> Iterator[str]:
    if document.feed.get("version") != VERSION:
        yield f"version {document.feed.get('version')!r}"


@JSON_RULES.rule("P36")
def _title_and_items_are_there(document: JsonDocument) -> Iterator[str]:
    if not isinstance(document.feed.get("title"), str) or not document.feed["title"]:
        yield "no title"
    items = document.feed.get("items")
    if not isinstance(items, list) or len(document.items) != len(items):
        yield "no list of items"


@JSON_RULES.rule("P37")
def _ids_are_unique_texts(document: JsonDocument) -> Iterator[str]:
    ids = [one.get("id") for one in document.items]
    yield from (f"id {one!r}" for one in ids if not isinstance(one, str) or not one)
    yield from (
        f"{count} times {one}" for one, count in Counter(map(str, ids)).items() if count > 1
    )


@JSON_RULES.rule("P38")
def _item_has_content(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        if not any(isinstance(one.get(name), str) for name in ("content_html", "content_text")):
            yield f"{one.get('id')} has no content"


@JSON_RULES.rule("P39")
def _dates_are_rfc3339(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        for name in ("date_published", "date_modified"):
            if name in one and read_rfc3339(str(one[name])) is None:
                yield f"{name} {one[name]!r}"


@JSON_RULES.rule("P40")
def _feed_says_where_it_is(document: JsonDocument) -> Iterator[str]:
    for name in ("home_page_url", "feed_url"):
        if not is_web_url(str(document.feed.get(name, ""))):
            yield f"{name} {document.feed.get(name)!r}"


@JSON_RULES.rule("P41")
def _authors_have_a_member(document: JsonDocument) -> Iterator[str]:
    for level in document.levels:
        people = [*level.get("authors", []), *([level["author"]] if "author" in level else [])]
        for person in people:
            if not isinstance(person, dict) or not {"name", "url", "avatar"} & person.keys():
                yield f"author {person!r}"


@JSON_RULES.rule("P42")
def _attachments_are_whole(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        for part in one.get("attachments", []):
            if not is_web_url(str(part.get("url", ""))) or "/" not in str(part.get("mime_type")):
                yield f"attachment {part!r}"
            size = part.get("size_in_bytes", 0)
            if isinstance(size, bool) or not isinstance(size, int | float):
                yield f"size {size!r}"


@JSON_RULES.rule("P43")
def _next_page_is_another(document: JsonDocument) -> Iterator[str]:
    if "next_url" in document.feed:
        after = document.feed["next_url"]
        if after == document.feed.get("feed_url") or not is_web_url(str(after)):
            yield f"next_url {after!r}"


@JSON_RULES.rule("P44")
def _html_stands_in_content_html_alone(document: JsonDocument) -> Iterator[str]:
    texts = [document.feed.get("title"), document.feed.get("description")]
    for one in document.items:
        texts += [one.get(name) for name in ("title", "summary", "content_text")]
        texts += one.get("tags", [])
    for text in texts:
        if isinstance(text, str) and (found := _ENTITY.search(text)):
            yield f"{found[0]!r} in {text[:80]!r}"


@JSON_RULES.rule("P45")
def _extensions_are_named_as_such(document: JsonDocument) -> Iterator[str]:
    known = {
        *("version", "title", "home_page_url", "feed_url", "description", "user_comment", "hubs"),
        *("next_url", "icon", "favicon", "author", "authors", "language", "expired", "items", "id"),
        *("url", "external_url", "content_html", "content_text", "summary", "image", "tags"),
        *("banner_image", "date_published", "date_modified", "attachments"),
    }
    for level in document.levels:
        for name in level.keys() - known:
            if not re.match(r"_[A-Za-z]", name):
                yield f"member {name!r}"


@JSON_RULES.rule("R31")
def _path_tells_the_format(document: JsonDocument) -> Iterator[str]:
    url = document.feed.get("feed_url")
    if isinstance(url, str) and "json" not in urlsplit(url).path:
        yield f"feed_url {url}"


@JSON_RULES.rule("R32")
def _utf8_without_a_mark(document: JsonDocument) -> Iterator[str]:
    if document.data.startswith(b"\xef\xbb\xbf"):
        yield "begins with a byte order mark"


@JSON_RULES.rule("R36")
def _numbers_are_whole(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        for part in one.get("attachments", []):
            for name in ("size_in_bytes", "duration_in_seconds"):
                if not isinstance(part.get(name, 0), int):
                    yield f"{name} {part[name]!r}"


@JSON_RULES.rule("R42")
def _newest_stand_first(document: JsonDocument) -> Iterator[str]:
    dates = [read_rfc3339(str(one.get("date_published"))) for one in document.items]
    known = [date for date in dates if date]
    if known != sorted(known, reverse=True):
        yield "the items are not in order"


@JSON_RULES.rule("R44")
def _nothing_is_ahead(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        for name in ("date_published", "date_modified"):
            if is_ahead(read_rfc3339(str(one.get(name)))):
                yield f"{name} {one[name]}"


@JSON_RULES.rule("R48")
def _content_is_html_alone(document: JsonDocument) -> Iterator[str]:
    yield from (f"{one.get('id')} has text" for one in document.items if "content_text" in one)


@JSON_RULES.rule("R49")
def _addresses_are_absolute(document: JsonDocument) -> Iterator[str]:
    for level in document.levels:
        for name in ("url", "external_url", "image", "banner_image", "icon", "favicon"):
            if name in level and not is_web_url(str(level[name])):
                yield f"{name} {level[name]!r}"
    for html in _html_of(document):
        yield from find_relative(html)


@JSON_RULES.rule("R50")
def _markup_is_harmless(document: JsonDocument) -> Iterator[str]:
    for html in _html_of(document):
        yield from find_unsafe(html)


@JSON_RULES.rule("R51")
def _authors_stand_in_both_ways(document: JsonDocument) -> Iterator[str]:
    for level in document.levels:
        if level.get("authors", [None])[:1] != [level.get("author")]:
            yield f"authors {level.get('authors')}, author {level.get('author')}"


@JSON_RULES.rule("R52")
def _tags_have_no_comma(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        yield from (f"tag {tag!r}" for tag in one.get("tags", []) if not tag or "," in tag)


@JSON_RULES.rule("R53")
def _picture_is_the_one_of_the_body(document: JsonDocument) -> Iterator[str]:
    for one in document.items:
        shown = find_images(str(one.get("content_html", "")))
        if shown and "image" in one and one["image"] not in shown:
            yield f"{one['image']} is none of {shown}"

"""What an HTML page says of itself: ``<meta>``, JSON-LD, ``<time>``, ``<link>``, ``<html lang>``.

All of it becomes items with the keys of front matter, the weakest source first, so that one reader
(``fields``) checks them and the later, stronger ones win.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from feedsvc.ingest.characters import make_safe
from feedsvc.ingest.fields import KEYS
from feedsvc.ingest.frontmatter import Item, Value
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# The names that pages use -> our keys; each is (strength, key), and the strongest wins.
_META: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        name: (strength, key)
        for key, strength, names in (
            ("summary", 1, "description"),
            ("summary", 2, "twitter:description"),
            ("summary", 3, "og:description"),
            ("image", 1, "twitter:image twitter:image:src"),
            ("image", 3, "og:image"),
            ("authors", 1, "article:author dc.creator byl parsely-author sailthru.author"),
            ("authors", 2, "author"),
            ("date", 1, "dc.date dcterms.created"),
            ("date", 2, "date pubdate publishdate publish-date dc.date.issued og:pubdate"),
            ("date", 3, "datepublished article:published"),
            ("date", 4, "article:published_time"),
            ("updated", 2, "og:updated_time lastmod last-modified"),
            ("updated", 3, "datemodified"),
            ("updated", 4, "article:modified_time"),
            ("section", 2, "article:section"),
            ("section", 3, "section"),
            ("tags", 1, "keywords"),
            ("tags", 2, "news_keywords"),
            ("tags", 3, "article:tag tags"),
            ("rights", 1, "copyright dc.rights dcterms.rights"),
            ("rights", 2, "rights"),
            ("language", 1, "content-language"),
            ("language", 2, "language"),
        )
        for name in names.split()
    }
)
_OWN_PREFIX = "feedsvc:"
_JSON_LD = 5
_LISTS = frozenset({"authors", "tags", "section"})
_ARTICLE_TYPES = ("Article", "Posting", "Report", "Review", "Story")
# Bounds on what one page can make us read; real pages have far less.
_MAX_JSON = 200_000
_MAX_SCRIPTS = 20
_MAX_META = 300
_MAX_VALUE = 2000


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The items that a page states, its headline, its ``title`` element and its site's name."""

    items: tuple[Item, ...]
    heading: str
    title: str
    site: str


def read_page_facts(tree: HtmlElement) -> PageFacts:
    """Collect what the page says of itself; nothing here raises."""
    found: dict[str, tuple[int, Value]] = {}
    own: list[Item] = []
    site = headline = ""
    extra: dict[str, str] = {}

    def offer(strength: int, key: str, value: Value) -> None:
        known = found.get(key)
        if not known or strength > known[0]:
            found[key] = (strength, value)
        elif strength == known[0] and key in _LISTS:
            found[key] = (strength, _as_list(known[1]) + _as_list(value))

    for name, content in _read_meta(tree):
        if name.startswith(_OWN_PREFIX):
            own.append(Item(name.removeprefix(_OWN_PREFIX), 0, content))
        elif name in _META and not (name == "article:author" and "://" in content):
            offer(*_META[name], content)
        elif name in KEYS and name not in ("title", "link", "url"):
            offer(2, name, content)
        elif name == "og:site_name":
            site = content
        elif name in ("og:title", "twitter:title"):
            headline = headline or content
        elif name.startswith("og:image:"):
            extra.setdefault(name.removeprefix("og:image:"), content)
    for key, moment in _read_times(tree):
        offer(0, key, moment)
    for key, value in _read_json_ld(tree):
        if key == "title":
            headline = str(value)
        else:
            offer(_JSON_LD, key, value)
    if language := tree.get("lang"):
        offer(1, "language", make_safe(language))
    for link in tree.xpath("//link[@rel='canonical'][@href]")[:1]:
        href = str(link.get("href"))
        if href.lower().startswith(("http://", "https://")):
            offer(1, "link", make_safe(href))
    _complete_image(found, extra)
    items = [Item(key, 0, value) for key, (_, value) in found.items()]
    headings = tree.xpath("//h1")
    h1 = squeeze(make_safe(headings[0].text_content())) if len(headings) == 1 else ""
    titles = tree.xpath("//title")
    title = squeeze(make_safe(titles[0].text_content())) if titles else ""
    return PageFacts(
        items=(*_without_doubles(items, own), *own),
        heading=h1 if h1 and len(h1) > 3 else "",
        title=headline or title,
        site=site,
    )


def _without_doubles(items: list[Item], own: list[Item]) -> list[Item]:
    named = {KEYS.get(item.key) for item in own}
    return [item for item in items if KEYS.get(item.key) not in named]


def _read_meta(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in tree.xpath("//meta[@content]")[:_MAX_META]:
        name = meta.get("name") or meta.get("property") or meta.get("itemprop")
        name = name or meta.get("http-equiv") or ""
        content = squeeze(make_safe(meta.get("content") or ""))[:_MAX_VALUE]
        if name and content:
            yield name.strip().casefold(), content


def _read_times(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for time in tree.xpath("//time[@datetime]")[:_MAX_SCRIPTS]:
        kind = (time.get("itemprop") or "").casefold()
        yield "updated" if kind == "datemodified" else "date", make_safe(time.get("datetime"))
        if kind != "datemodified":
            return


def _complete_image(found: dict[str, tuple[int, Value]], extra: Mapping[str, str]) -> None:
    strength, image = found.get("image", (0, ""))
    if isinstance(image, str) and image and extra:
        sizes = {key: extra.get(key, "") for key in ("alt", "width", "height")}
        found["image"] = (strength, {"url": image, **sizes})


def _read_json_ld(tree: HtmlElement) -> Iterator[tuple[str, Value]]:
    for script in tree.xpath("//script[@type='application/ld+json']")[:_MAX_SCRIPTS]:
        text = script.text or ""
        if len(text) > _MAX_JSON:
            continue
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        if node := _find_article(data):
            yield from _read_node(node)
            return


def _find_article(data: Any, depth: int = 0) -> dict[str, Any] | None:
    if depth > 4:
        return None
    if isinstance(data, list):
        nodes = (_find_article(one, depth + 1) for one in data[:50])
        return next((node for node in nodes if node), None)
    if not isinstance(data, dict):
        return None
    kind = data.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    if any(isinstance(one, str) and one.endswith(_ARTICLE_TYPES) for one in kinds):
        return data
    return _find_article(data.get("@graph") or data.get("mainEntity"), depth + 1)


def _read_node(node: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for name, key in (
        ("headline", "title"),
        ("description", "summary"),
        ("datePublished", "date"),
        ("dateModified", "updated"),
        ("articleSection", "section"),
        ("author", "authors"),
        ("keywords", "tags"),
        ("inLanguage", "language"),
    ):
        texts = _json_texts(node.get(name))
        if texts:
            yield key, list(texts) if key in _LISTS and len(texts) > 1 else texts[0]
    image = node.get("image")
    image = image[0] if isinstance(image, list) and image else image
    url = image.get("url") if isinstance(image, dict) else image
    if isinstance(url, str) and url:
        yield "image", make_safe(url)[:_MAX_VALUE]


def _json_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, str):
        text = squeeze(make_safe(value[: 10 * _MAX_VALUE]))[:_MAX_VALUE]
        return [text] if text else []
    if isinstance(value, list):
        return [
            text for one in value[:50] if not isinstance(one, list) for text in _json_texts(one)
        ]
    return []


def _as_list(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list) else [value]

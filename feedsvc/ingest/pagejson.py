"""What a page says of its article in JSON-LD: one node of it, and the names that it refers to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from feedsvc.ingest.characters import make_safe
from feedsvc.ingest.frontmatter import Value
from feedsvc.ingest.pageblocks import letters_of
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPES = ("Article", "Posting", "Report", "Review", "Story")
_ORGANISATIONS = ("Organization", "Corporation", "NewsMediaOrganization", "WebSite")
_LISTS = frozenset({"tags", "section"})
# Bounds on what one page can make us read; real pages have far less.
_MAX_JSON = 200_000
_MAX_SCRIPTS = 20
_MAX_DEPTH = 4
_MAX_NODES = 50
_MIN_HEADLINE = 8
MAX_VALUE = 2000
# Some generators hide the JSON from browsers that are long gone.
_WRAPPING = re.compile(
    r"^\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?|(?:/[/*]\s*)?(?:-->|\]\]>)(?:\s*\*/)?\s*$"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SPARE_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(slots=True)
class JsonFacts:
    """What the JSON-LD states of the article; ``body`` is its text, a paragraph a line."""

    items: list[tuple[str, Value]] = field(default_factory=list)
    headline: str = ""
    people: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    publisher: str = ""
    body: str = ""


def read_json_ld(tree: HtmlElement, titles: Sequence[str] = (), address: str = "") -> JsonFacts:
    """Read the page's own article among those of its JSON-LD; broken JSON is passed over.

    It is the one with the page's ``address``, else one whose headline stands in one of ``titles``
    (the page's headlines and its title element), else the first: teasers and lists are others.
    """
    known: dict[str, dict[str, Any]] = {}
    articles: list[dict[str, Any]] = []
    for script in tree.xpath("//script[contains(@type, 'ld+json')]")[:_MAX_SCRIPTS]:
        text = script.text or ""
        if len(text) > _MAX_JSON:
            continue
        try:
            data = _load(_WRAPPING.sub("", text))
        except (ValueError, RecursionError):
            continue
        for node in _list_nodes(data):
            if isinstance(name := node.get("@id"), str) and "name" in node:
                known.setdefault(name, node)
        articles.extend(islice(_find_articles(data), _MAX_NODES))
    if not articles:
        return JsonFacts()
    place, names = _bare_address(address), [letters_of(title) for title in titles]
    article = max(articles, key=lambda node: _rank(node, names, place))
    if _is_anothers(article, names, place):
        return JsonFacts()
    return _read_article(article, known)


def _load(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except ValueError:
        # As templates that write a list without looking at its end leave it.
        return json.loads(_SPARE_COMMA.sub(r"\1", text.rstrip(" \t\r\n;")), strict=False)


def _is_anothers(node: Mapping[str, Any], titles: Sequence[str], address: str) -> bool:
    """Whether neither the address nor the headline of an article is the page's, though both say."""
    says = bool(address and _list_addresses(node) and len(_read_headline(node)) >= _MIN_HEADLINE)
    return says and any(titles) and not any(_rank(node, titles, address))


def _list_addresses(node: Mapping[str, Any]) -> list[str]:
    page = node.get("mainEntityOfPage")
    stated = (node.get("url"), page.get("@id") if isinstance(page, dict) else page, node.get("@id"))
    return [_bare_address(one) for one in stated if isinstance(one, str) and "://" in one]


def _read_headline(node: Mapping[str, Any]) -> str:
    return letters_of(next(iter(_texts(node.get("headline")) or _texts(node.get("name"))), ""))


def _rank(node: Mapping[str, Any], titles: Sequence[str], address: str) -> tuple[bool, bool]:
    is_here = address in _list_addresses(node)
    headline = _read_headline(node)
    # A word or two can stand in the headline of any article.
    is_named = len(headline) >= _MIN_HEADLINE and any(headline in title for title in titles)
    return bool(address) and is_here, is_named


def _bare_address(url: str) -> str:
    """Leave out of an address what differs between the ways to write it."""
    bare = url[:MAX_VALUE].strip().casefold().partition("#")[0].partition("?")[0]
    return bare.rpartition("://")[2].removeprefix("www.").rstrip("/")


def _list_nodes(data: Any) -> Iterator[dict[str, Any]]:
    nodes = data if isinstance(data, list) else [data]
    for node in nodes[:_MAX_NODES]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            for one in graph[:_MAX_NODES] if isinstance(graph, list) else ():
                if isinstance(one, dict):
                    yield one


def _has_type(node: Mapping[str, Any], endings: tuple[str, ...]) -> bool:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(one, str) and one.endswith(endings) for one in kinds[:_MAX_NODES])


def _find_articles(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, list):
        for one in data[:_MAX_NODES]:
            yield from _find_articles(one, depth + 1)
    elif isinstance(data, dict):
        if _has_type(data, _ARTICLE_TYPES):
            yield data
        else:
            yield from _find_articles(data.get("@graph") or data.get("mainEntity"), depth + 1)


def _read_article(node: Mapping[str, Any], known: Mapping[str, dict[str, Any]]) -> JsonFacts:
    facts = JsonFacts()
    for name, key in (
        ("description", "summary"),
        ("datePublished", "date"),
        ("dateCreated", "date"),
        ("dateModified", "updated"),
        ("articleSection", "section"),
        ("keywords", "tags"),
        ("inLanguage", "language"),
    ):
        texts = _texts(node.get(name))
        if key in ("date", "updated") and not any(map(_YEAR.search, texts[:1])):
            continue  # a template's "TBD" must not stand for what else the page says
        if texts:
            several = key in _LISTS and len(texts) > 1
            facts.items.append((key, list(texts) if several else texts[0]))
    facts.headline = next(iter(_texts(node.get("headline")) or _texts(node.get("name"))), "")
    facts.publisher = next(iter(_texts(_resolve(node.get("publisher"), known))), "")
    authors = node.get("author") or node.get("creator")
    for one in authors[:_MAX_NODES] if isinstance(authors, list) else [authors]:
        author = _resolve(one, known)
        is_group = isinstance(author, dict) and _has_type(author, _ORGANISATIONS)
        names = _texts(author) if not isinstance(author, list) else []
        (facts.organisations if is_group else facts.people).extend(names)
    if image := _read_image(node.get("image") or node.get("thumbnailUrl"), known):
        facts.items.append(("image", image))
    body = node.get("articleBody")
    if isinstance(body, str):
        facts.body = make_safe(body[:_MAX_JSON])
    return facts


def _resolve(value: Any, known: Mapping[str, dict[str, Any]]) -> Any:
    """Follow a reference to another node of the page, as content systems write them."""
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return known.get(value["@id"], value)
    return value


def _read_image(image: Any, known: Mapping[str, dict[str, Any]]) -> Value:
    image = image[0] if isinstance(image, list) and image else image
    if not isinstance(image, dict):
        image = {"url": image}
    image = _resolve(image, known)
    url = image.get("url") or image.get("contentUrl")
    if not isinstance(url, str) or not url:
        return ""
    found: dict[str, Value] = {"url": make_safe(url)[:MAX_VALUE]}
    for name, key in (("caption", "caption"), ("creditText", "credit")):
        if texts := _texts(image.get(name)):
            found[key] = texts[0]
    for name in ("width", "height"):
        size = image.get(name)
        if isinstance(size, (int, str)) and str(size)[:12].removesuffix("px").isdecimal():
            found[name] = str(size).removesuffix("px")
    return found if len(found) > 1 else found["url"]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        names = (value.get(one) for one in ("givenName", "familyName"))
        value = value.get("name") or " ".join(one for one in names if isinstance(one, str))
    if isinstance(value, str):
        text = squeeze(make_safe(value[: 10 * MAX_VALUE]))[:MAX_VALUE]
        return [text] if text else []
    if isinstance(value, list):
        return [
            text for one in value[:_MAX_NODES] if not isinstance(one, list) for text in _texts(one)
        ]
    return []

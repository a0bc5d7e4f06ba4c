"""Sitemaps for search engines (sitemaps.org 0.9), and the one for Google News."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .prepare import format_rfc3339
from .text import plain_language, plain_link, plain_title

if TYPE_CHECKING:
    from lxml import etree

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

# Google News wants a language without its country, but for Chinese.
_WHOLE_TAGS = {"zh-cn", "zh-tw"}


@dataclass(frozen=True, slots=True)
class Address:
    """One page: its absolute URL, and when it changed last, if that is known."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewsAddress:
    """The page of one article that is news."""

    url: str
    title: str
    published: datetime
    language: str


def render_sitemap(pages: Iterable[Address]) -> bytes:
    """Return a sitemap of pages; a site may have 50,000 in one."""
    root = _begin("urlset")
    for page in pages:
        _add_address(_add(root, "url"), page)
    return _write(root)


def render_sitemap_index(maps: Iterable[Address]) -> bytes:
    """Return the list of a site's sitemaps."""
    root = _begin("sitemapindex")
    for one in maps:
        _add_address(_add(root, "sitemap"), one)
    return _write(root)


def render_news_sitemap(name: str, articles: Iterable[NewsAddress]) -> bytes:
    """Return the sitemap of what is news, of a publication called ``name``."""
    root = _begin("urlset", news=_NEWS)
    for article in articles:
        url = _add(root, "url")
        _add_address(url, Address(article.url))
        news = _add(url, "news", namespace=_NEWS)
        publication = _add(news, "publication", namespace=_NEWS)
        _add(publication, "name", plain_title(name), _NEWS)
        _add(publication, "language", _short_language(article.language), _NEWS)
        _add(news, "publication_date", _write_date(article.published), _NEWS)
        _add(news, "title", plain_title(article.title), _NEWS)
    return _write(root)


def _add_address(parent: etree._Element, address: Address) -> None:
    _add(parent, "loc", plain_link(address.url))
    if address.changed:
        _add(parent, "lastmod", _write_date(address.changed))


def _begin(name: str, **namespaces: str) -> etree._Element:
    from lxml import etree

    declared: Any = {None: _SITEMAP, **namespaces}
    return etree.Element(f"{{{_SITEMAP}}}{name}", nsmap=declared)


def _add(
    parent: etree._Element, name: str, text: str = "", namespace: str = _SITEMAP
) -> etree._Element:
    element = parent.makeelement(f"{{{namespace}}}{name}")
    element.text = text or None
    parent.append(element)
    return element


def _write_date(moment: datetime) -> str:
    return format_rfc3339(moment.replace(microsecond=0))


def _short_language(tag: str) -> str:
    language = plain_language(tag).lower()
    return language if language in _WHOLE_TAGS else language.partition("-")[0] or "en"


def _write(root: etree._Element) -> bytes:
    from lxml import etree

    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document

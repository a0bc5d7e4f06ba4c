"""Feed -> bytes: one function a format in one table, and what the formats have in common."""

from .episodes import (
    ARTWORK_LEAST,
    ARTWORK_MOST,
    ARTWORK_TYPES,
    is_apples,
    is_artwork_size,
    is_playable,
)
from .formats import FORMATS, Format
from .markup import absolute_html, cut_text
from .opml import render_opml
from .pages import (
    STATIC,
    render_article,
    render_feed_list,
    render_home,
    render_message,
    render_section,
)
from .prepare import (
    content_of,
    format_rfc822,
    newest_first,
    shorten,
    summary_of,
    write_link_header,
    write_links,
)
from .rss import Extend, render_rss
from .sitemap import (
    Address,
    NewsAddress,
    render_news_sitemap,
    render_sitemap,
    render_sitemap_index,
)
from .size import fit, fit_all
from .text import plain_title, strip_forbidden
from .view import headline_of

__all__ = [
    "ARTWORK_LEAST",
    "ARTWORK_MOST",
    "ARTWORK_TYPES",
    "FORMATS",
    "STATIC",
    "Address",
    "Extend",
    "Format",
    "NewsAddress",
    "absolute_html",
    "content_of",
    "cut_text",
    "fit",
    "fit_all",
    "format_rfc822",
    "headline_of",
    "is_apples",
    "is_artwork_size",
    "is_playable",
    "newest_first",
    "plain_title",
    "render_article",
    "render_feed_list",
    "render_home",
    "render_message",
    "render_news_sitemap",
    "render_opml",
    "render_rss",
    "render_section",
    "render_sitemap",
    "render_sitemap_index",
    "shorten",
    "strip_forbidden",
    "summary_of",
    "write_link_header",
    "write_links",
]

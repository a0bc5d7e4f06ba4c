"""Feed -> bytes: one function a format in one table, and what the formats have in common."""

from .formats import FORMATS, Format
from .markup import absolute_html
from .opml import render_opml
from .pages import (
    STATIC,
    render_article,
    render_feed_list,
    render_home,
    render_message,
    render_section,
)
from .prepare import content_of, newest_first, shorten, summary_of, write_links
from .size import fit, fit_all
from .text import plain_title, strip_forbidden

__all__ = [
    "FORMATS",
    "STATIC",
    "Format",
    "absolute_html",
    "content_of",
    "fit",
    "fit_all",
    "newest_first",
    "plain_title",
    "render_article",
    "render_feed_list",
    "render_home",
    "render_message",
    "render_opml",
    "render_section",
    "shorten",
    "strip_forbidden",
    "summary_of",
    "write_links",
]

"""The one table of feed formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from feedsvc.model import Feed

from .atom import render_atom
from .json_feed import render_json
from .rss import render_rss


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a feed.

    ``suffix`` ends its URL (after a dot), ``name`` is for people, ``content_type`` is the header's
    (R30), and ``link_type`` the type in the ``<head>`` of pages (R59, P46).
    """

    suffix: str
    name: str
    content_type: str
    link_type: str
    render: Callable[[Feed], bytes]


# RSS stands first: readers that take the first link they find are served best by it (R59).
_ALL = (
    Format("xml", "RSS", "application/rss+xml; charset=utf-8", "application/rss+xml", render_rss),
    Format(
        "atom", "Atom", "application/atom+xml; charset=utf-8", "application/atom+xml", render_atom
    ),
    # JSON is UTF-8 by definition; R30 gives it no charset.
    Format("json", "JSON Feed", "application/feed+json", "application/feed+json", render_json),
)
FORMATS: Mapping[str, Format] = MappingProxyType({one.suffix: one for one in _ALL})

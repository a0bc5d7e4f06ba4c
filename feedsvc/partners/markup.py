"""The HTML that MSN takes."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedsvc.partners.words import drop_hollow
from feedsvc.plain import part_texts

if TYPE_CHECKING:
    from nh3 import Cleaner


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    "b i u em strong s strike del ins sub sup small mark h1 h2 h3 h4 h5 a img table caption thead "
    "tbody tfoot tr th td ul ol li p div span br blockquote iframe"
)
# The rest of what they hold is no text.
_DROPPED = _words("script style object embed")
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "iframe": {"src", "width", "height", "title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# MSN takes frames of "named services"; where its list is not at hand, the largest ones.
_FRAMES = _words(
    "www.youtube.com www.youtube-nocookie.com player.vimeo.com www.dailymotion.com "
    "www.facebook.com www.instagram.com platform.twitter.com"
)
# What says the same with other words, so that text does not run together.
_ALIKE = {
    "h6": "h5",
    "figure": "div",
    "figcaption": "p",
    "pre": "blockquote",
    "dl": "ul",
    "dt": "li",
    "dd": "li",
}
_RENAMED = re.compile(rf"<(/?)({'|'.join(_ALIKE)})(?=[\s>/])")
# A frame or a picture whose address was refused.
_NOWHERE = re.compile(r"<iframe(?![^<>]*\ssrc=)[^<>]*>\s*</iframe>|<img(?![^<>]*\ssrc=)[^<>]*>")


@cache
def _cleaner() -> Cleaner:
    from nh3 import Cleaner

    return Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes={name: set(kept) for name, kept in _ATTRIBUTES.items()},
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )


def clean_for_msn(content: str) -> str:
    """Return HTML with nothing in it that is not on MSN's list; doing it twice changes nothing."""
    renamed = _RENAMED.sub(lambda tag: f"<{tag[1]}{_ALIKE[tag[2]]}", content)
    clean = _cleaner().clean(part_texts(renamed))
    # What is renamed may have been inside what cannot hold it, which the first pass mends.
    return drop_hollow(_NOWHERE.sub("", clean)).strip()


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if tag != "iframe" or name != "src":
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme == "https" and parts.hostname in _FRAMES else None

"""What an ``img`` says of itself: whether it is an icon or a portrait, and whether two are one."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from feedsvc.ingest.sanitising import is_placeholder, read_pixels
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# "bridge-1024x683.jpg", "bridge_large@2x.webp": the picture is "bridge".
_SIZE = re.compile(
    r"(?:[-_@.](?:\d{2,4}x\d{2,4}|\d{2,4}w?|\dx|scaled|large|small|medium|thumb|full))+$"
)
# Names that many pictures have.
_COMMON_NAMES = re.compile(
    r"(?:image|img|photo|picture|default|original|file|main|lead|hero|w|h|\d)*"
)
# Portraits beside a byline and icons are smaller, pictures of an article are not.
_LEAST_SIZE = 100
# "16 x 9" is the shape of a picture; icons of that size are squares.
_MAX_RATIO = 25
# What is this large is a picture, whatever the box is called in which it stands.
_LARGE = 300
_MINOR = re.compile(
    r"(?:^|[_-])(?:g?r?avatar|author|byline|share|sharing|social|icon|logo)s?(?=[_-]|$)"
)
# "has-share-buttons", "no-author": said of a box for something else.
_SAID_OF_OTHERS = re.compile(r"(?:^|[_-])(?:has|with|no|without|is)[_-]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAX_CLASS = 300
# A box for a portrait is seldom deeper, and holds little but a name.
_MAX_BOXES, _MAX_BOX_TEXT = 4, 200
_WIDE = frozenset({"article", "main", "body", "section", "header", "td"})
_NETWORK = (
    r"(?:facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|telegram|bluesky|mastodon|instagram"
    r"|youtube|e-?mail)"
)
_SHARE_LABEL = re.compile(
    r"(?:(?:share|tweet|post|pin|send|follow|print)(?: (?:this|it|us|on|via|by|to|with)){0,4}"
    rf"(?: {_NETWORK})?"
    rf"|{_NETWORK})(?: (?:icon|logo|button))?",
    re.IGNORECASE,
)
_SHARE_LINK = re.compile(
    r"mailto:|whatsapp:|(?:https?:)?//(?:[a-z]+\.)?"
    r"(?:facebook\.com|twitter\.com|x\.com|linkedin\.com|pinterest\.[a-z]+|wa\.me|t\.me|"
    r"whatsapp\.com|reddit\.com|bsky\.app)(?:[/?#]|$)",
    re.IGNORECASE,
)


def is_minor(image: HtmlElement) -> bool:
    """Whether a picture is an icon, a logo, a button to share by, or the author's portrait."""
    sizes = [read_pixels(image.get(name, "")) for name in ("width", "height")]
    known = [size for size in sizes if size is not None]
    largest = max(known, default=0)
    if known and largest < _LEAST_SIZE and not (largest < _MAX_RATIO and len(set(known)) > 1):
        return True
    if _SHARE_LABEL.fullmatch(squeeze(image.get("alt", "")[:_MAX_CLASS])):
        return True
    if _is_named_minor(image):
        return True
    for box in islice(image.iterancestors(), _MAX_BOXES):
        if box.tag == "a" and _SHARE_LINK.match(box.get("href", "").strip()):
            return True
        if box.tag in _WIDE or len(box.text_content()) > _MAX_BOX_TEXT:
            return False
        if largest < _LARGE and _is_named_minor(box):
            return True
    return False


def _is_named_minor(element: HtmlElement) -> bool:
    kinds = _CAMEL.sub("-", element.get("class", "")[:_MAX_CLASS]).lower().split()
    return any(_MINOR.search(kind) and not _SAID_OF_OTHERS.search(kind) for kind in kinds)


def pick_images(images: list[HtmlElement]) -> list[HtmlElement]:
    """Pick of a figure's images those that are pictures of their own: no stand-ins and doubles."""
    if len(images) < 2:
        return images
    picked: list[HtmlElement] = []
    for image in images:
        url = image.get("src", "")
        if is_placeholder(url) or is_minor(image):
            continue
        if not any(is_same(url, other.get("src", "")) for other in picked):
            picked.append(image)
    return picked or images[:1]


def is_same(one: str, other: str) -> bool:
    """Whether two addresses are one picture, maybe in two sizes."""
    if one == other:
        return True
    names = [_name_of(url) for url in (one, other)]
    return names[0] == names[1] and not _COMMON_NAMES.fullmatch(names[0])


def _name_of(url: str) -> str:
    name = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2].casefold()
    stem = name.rpartition(".")[0] or name
    return _SIZE.sub("", stem)

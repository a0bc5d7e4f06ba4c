"""HTML of unknown hands -> HTML that is safe, and complete without scripts (R50, F8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import encode_url, make_safe, word_set
from feedsvc.plain import decode_entities, part_texts

if TYPE_CHECKING:
    from nh3 import Cleaner

_TAGS = word_set(
    "p h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code table caption thead tbody tfoot tr th "
    "td figure figcaption img a em strong b i u s del ins sub sup small mark abbr cite q kbd samp "
    "var time br hr"
)
# Their text is no text of the article.
_DROPPED = word_set(
    "script style noscript template iframe object embed svg math form button select textarea "
    "title head audio video canvas"
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "abbr": {"title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# The sanitiser's time grows with the square of the depth; no article nests so deeply.
MAX_DEPTH = 100
# Below this number of tags even one inside the other cost little.
_FEW_TAGS = 500
_VOID = word_set("area base br col embed hr img input link meta source track wbr")
_SELF_CLOSING = word_set("p li dt dd tr td th option tbody thead tfoot")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_IMAGE = re.compile(r"<im(?:g|age)\b[^>]{0,20000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w:-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-url", "data-lazy", "data-hi-res-src")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset")
# What a script would load from: "true" and "bridge_{width}.jpg" are no addresses.
_ADDRESS = re.compile(r"(?!data:)[^\s{}]*[./][^\s{}]*")
_HELD = re.compile(r"(?:https?:)?//[^\s\"'\\{}<>]+")
# Named so, an address is often that of the page which a picture leads to.
_ANY_URL = "data-url"
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)
# Letters of a URL that cannot stand for a picture: a data: URI, a counting pixel, a spacer.
_PLACEHOLDER = re.compile(
    r"^\s*$|^(?:data|about|blob|javascript):|(?:^|/)(?:1x1|pixel|spacer|blank|transparent|placeholder)\.\w{3,4}$",
    re.IGNORECASE,
)
# Counting pixels are of one pixel or two; "width: 0; min-width: 100%" fills what is around it.
_SIZES = ("width", "height")
_MAX_PIXEL = 2
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:px)?\s*(?:!\s*important\s*)?", re.IGNORECASE)
_STRETCHED = "min-"
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
# Texts stand beside the screen for those who listen to a page; a picture there is for nobody.
_BESIDE = re.compile(r"(?<![\w-])(?:left|top)\s*:\s*-\d{4}", re.IGNORECASE)
_MAX_STYLE = 2000
_H1 = re.compile(r"<(/?)h1(?=[\s>/])", re.IGNORECASE)
# A link whose address was refused is only its text.
_NO_LINK = re.compile(r'<a(?: title="[^"]*")?>([^<]*)</a>')
_BARE_HIDDEN = re.compile(r"\shidden(?=[\s/>])", re.IGNORECASE)
_EMPTY = re.compile(r"<(p|figure|figcaption|a|em|strong|b|i)>\s*</\1>")


@cache
def _cleaner() -> Cleaner:
    from nh3 import Cleaner

    return Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes=_ATTRIBUTES,
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )


def sanitise(markup: str) -> str:
    """Keep what a reader may show: an allow-list of tags, attributes and URL schemes.

    Relative URLs stay relative. Lazy images get their real ``src``; placeholders go (F8). Raises
    RefusedError if the markup is nested deeper than 100 elements.
    """
    pictured = "<im" in markup.lower()  # browsers read <image> as <img>
    if pictured:
        markup = _IMAGE.sub(_drop_unseen, promote_lazy_images(markup))
    if markup.count("<") > _FEW_TAGS:
        _check_depth(markup)
    clean = make_safe(_cleaner().clean(part_texts(_H1.sub(r"<\1h2", markup))))
    if pictured:
        clean = _IMAGE.sub(_drop_placeholder, clean)
    clean = _NO_LINK.sub(r"\1", clean)
    for _ in range(3):  # an empty link in an empty paragraph in an empty figure
        clean, changed = _EMPTY.subn("", clean)
        if not changed:
            break
    return clean.strip()


def promote_lazy_images(markup: str) -> str:
    """Give every ``img`` that a script would have loaded its address as ``src`` (F8)."""
    if "data-" not in markup and "srcset" not in markup:
        return markup
    return _IMAGE.sub(_promote, markup)


def _promote(found: re.Match[str]) -> str:
    attributes = _read_attributes(found[0])
    src = decode_entities(attributes.get("src", ""))
    url = _find_lazy(attributes)
    if not url and "srcset" in attributes and is_placeholder(src):
        url = _largest(attributes["srcset"])
    if not url:
        return found[0]
    kept = (
        f' {name}="{attributes[name].replace(chr(34), "&quot;")}"'
        for name in ("alt", "title", "width", "height", "class")
        if name in attributes
    )
    return f'<img src="{url.replace(chr(34), "&quot;")}"{"".join(kept)}>'


def _find_lazy(attributes: dict[str, str]) -> str:
    for name in _LAZY:
        url = attributes.get(name, "").strip()
        if url.startswith("{") and (held := _HELD.search(decode_entities(url))):
            url = held[0]
        if _ADDRESS.fullmatch(url) and (name != _ANY_URL or _PICTURE_NAME.search(url)):
            return url
    sets = (_largest(attributes[name]) for name in _LAZY_SETS if name in attributes)
    return next(filter(_ADDRESS.fullmatch, sets), "")


def _read_attributes(tag: str) -> dict[str, str]:
    return {name.lower(): raw.strip("\"'") for name, raw in _ATTRIBUTE.findall(tag)}


def _largest(srcset: str) -> str:
    best, best_size = "", -1.0
    for candidate in re.split(r",\s+", srcset.strip()):
        url, _, size = candidate.strip().partition(" ")
        try:
            number = float(size.strip()[:-1] or 1)
        except ValueError:
            number = 0.0
        if url and number > best_size:
            best, best_size = url, number
    return best


def is_hiding(style: str) -> bool:
    """Whether an element's style keeps it from being seen."""
    return bool(_HIDING.search(style[:_MAX_STYLE]))


def is_unseen(attributes: Mapping[str, str]) -> bool:
    """Whether a picture is there to count who opens the page, and not to be seen."""
    if "hidden" in attributes:
        return True
    style = attributes.get("style", "")[:_MAX_STYLE]
    if style and (is_hiding(style) or _BESIDE.search(style)):
        return True
    sizes = [read_pixels(attributes[name]) for name in _SIZES if name in attributes]
    if style and _STRETCHED not in style:
        pairs = (part.partition(":") for part in style.lower().split(";"))
        sizes += [read_pixels(value) for name, _, value in pairs if name.strip() in _SIZES]
    known = [size for size in sizes if size is not None]
    return bool(known) and (min(known) < _MAX_PIXEL or max(known) <= _MAX_PIXEL)


def is_placeholder(url: str) -> bool:
    """Whether an address cannot be that of a picture."""
    return bool(_PLACEHOLDER.search(url))


def read_pixels(written: str) -> float | None:
    """Read a width or height in pixels; "50%" and "20em" are none."""
    found = _NUMBER.fullmatch(written)
    return float(found[1]) if found else None


def _drop_unseen(found: re.Match[str]) -> str:
    tag = found[0]
    if "hidden" in tag.lower() and _BARE_HIDDEN.search(_ATTRIBUTE.sub("", tag)):
        return ""
    return "" if is_unseen(_read_attributes(tag)) else tag


def _drop_placeholder(found: re.Match[str]) -> str:
    src = _read_attributes(found[0]).get("src", "")
    if is_placeholder(decode_entities(src)):
        return ""
    return found[0].replace(f'src="{src}"', f'src="{encode_url(src)}"')


def _check_depth(markup: str) -> None:
    depth = 0
    for closing, name in _TAG.findall(markup):
        name = name.lower()
        if name in _VOID or name in _SELF_CLOSING:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > MAX_DEPTH:
            raise RefusedError(f"the markup is nested deeper than {MAX_DEPTH} elements")

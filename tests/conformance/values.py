"""Single values as the specifications want them: dates, addresses, and HTML inside a feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from urllib.parse import urlsplit

from lxml import etree

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d(:\d\d)? "
    r"([+-]\d{4}|GMT|UT|[ECMP][SD]T)",
    re.ASCII,
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_PARAGRAPH = re.compile(r"<p>((?:[^<>&]|&(?:amp|lt|gt);)*)</p>")
_ADDRESS_ATTRIBUTES = ("href", "src", "poster", "cite", "data")
# R50: what readers drop, and what only a script or a browser's own code would make sense of.
_UNSAFE = frozenset(
    {"script", "style", "form", "svg", "iframe", "object", "embed", "noscript", "math", "button"}
)
_UNSAFE_ATTRIBUTE = re.compile(r"on\w+|style|data-.*|srcdoc")


def read_rfc3339(text: str) -> datetime | None:
    """Return the moment that ``text`` says as Atom and JSON Feed want it (P9, P39)."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # 31 February
        return None


def read_rfc822(text: str) -> datetime | None:
    """Return the moment that ``text`` says as RSS wants it, with its own weekday (P22)."""
    if not _RFC822.fullmatch(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not text.startswith(_WEEKDAYS[moment.weekday()]):
        return None
    return moment


def read_description(text: str) -> str:
    """Return the plain text that the description of an RSS item says.

    Readers take it for HTML. Where that would not be the same as the text, it must be HTML: one
    paragraph, in which nothing but the text itself is escaped.
    """
    found = _PARAGRAPH.fullmatch(text)
    plain = unescape(found[1]) if found else text
    return plain if re.search(r"<|&(?=\S)", plain) else text


def is_ahead(moment: datetime | None) -> bool:
    """Say whether a moment has not come yet (R44, F18)."""
    return moment is not None and moment > datetime.now(UTC)


def is_iri(text: str) -> bool:
    """Say whether ``text`` is absolute: a scheme and something behind it (P8)."""
    return bool(_IRI.fullmatch(text))


def is_web_url(text: str) -> bool:
    """Say whether ``text`` is an absolute http(s) URL without anything odd in it (R49)."""
    if not is_iri(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def parse_html(html: str) -> list[etree._Element]:
    """Return every element of a piece of HTML, as a lenient parser finds them."""
    if not html.strip():
        return []
    root = etree.HTML(f"<div>{html}</div>")
    return [one for one in root.iter() if isinstance(one.tag, str)]


def find_relative(html: str) -> Iterator[str]:
    """Yield the addresses in HTML that need a base (R49, P29, F7)."""
    for element in parse_html(html):
        for name in _ADDRESS_ATTRIBUTES:
            url = element.get(name)
            if url is not None and not (is_web_url(url) or re.match(r"(?i)(mailto|tel):.", url)):
                yield f"<{element.tag} {name}={url!r}>"
        for candidate in re.split(r",\s+", element.get("srcset") or ""):
            if candidate and not is_web_url(candidate.split()[0]):
                yield f"<{element.tag} srcset={candidate!r}>"


def find_unsafe(html: str) -> Iterator[str]:
    """Yield what no reader shows, and pictures without a plain source (R50, F8)."""
    for element in parse_html(html):
        if element.tag in _UNSAFE:
            yield f"<{element.tag}>"
        yield from (
            f"<{element.tag} {name}>"
            for name in element.attrib
            if _UNSAFE_ATTRIBUTE.fullmatch(name)
        )
        if element.tag == "img" and not (element.get("src") or "").strip():
            yield "<img> without a src"
        for name in _ADDRESS_ATTRIBUTES:
            if re.match(r"(?i)\s*(javascript|vbscript|data):", element.get(name) or ""):
                yield f"<{element.tag} {name}={element.get(name)!r}>"


def find_images(html: str) -> list[str]:
    """Return the sources of the pictures in HTML."""
    return [one.get("src") or "" for one in parse_html(html) if one.tag == "img"]

"""Plain text that every reader shows alike, and that XML and JSON can carry."""

from __future__ import annotations

import re
from html.entities import html5

from werkzeug.urls import iri_to_uri

# Control characters that XML 1.0 forbids, as bytes: `bytes.translate` finds them without a loop.
_CONTROLS = bytes(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D))
_NONCHARACTERS = ("\ufffe", "\uffff")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+")

# The names that HTML decodes without their semicolon (`&copy2024`).
_LOOSE = "|".join(sorted((name for name in html5 if not name.endswith(";")), key=len, reverse=True))
# The longest name that HTML knows has 31 letters; the bound keeps the look-ahead short.
_ENTITY = re.compile(rf"&(?=#|[A-Za-z][A-Za-z0-9]{{0,31}};|{_LOOSE})")
_TAG = re.compile(r"<(?=\S)")
# No-break and ideographic spaces stay as they are written.
_SPACES = re.compile(r"[ \t\n\r\x85\u2028\u2029]+")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,6}")


def strip_forbidden(text: str) -> str:
    """Return ``text`` with only code points that XML 1.0 allows (F1, F3, R33).

    Surrogate pairs are rejoined and lone surrogates become U+FFFD; what XML's ``Char`` does not
    contain is removed. The same object comes back when nothing is to be done.
    """
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        encoded = text.encode()
    clean = len(encoded.translate(None, _CONTROLS)) == len(encoded)
    if clean and (text.isascii() or not any(one in text for one in _NONCHARACTERS)):
        return text
    return _FORBIDDEN.sub("", text)


def plain_title(text: str) -> str:
    """Return ``text`` as one line that no reader takes for markup (readers.md, Titles; F6).

    A ``<`` before a non-space becomes U+FF1C and the ``&`` of whatever looks like an entity
    U+FF06, so that the string means the same whether it is read as text or as HTML. It is not
    escaped: each format does that once. Line breaks and runs of spaces become one space.
    """
    text = strip_forbidden(text)
    if "<" in text:
        text = _TAG.sub("\uff1c", text)
    if "&" in text:
        text = _ENTITY.sub("\uff06", text)
    return _SPACES.sub(" ", text).strip()


def plain_category(text: str) -> str:
    """Return ``text`` as a category: a plain title without commas, at which readers split (R52)."""
    return plain_title(text.replace(",", " "))


def plain_language(tag: str) -> str:
    """Return ``tag`` if it has the shape of a language tag (RFC 5646), else an empty string."""
    return tag if _LANGUAGE.fullmatch(tag) else ""


def plain_link(url: str) -> str:
    """Return ``url`` as `plain_url` does, written in ASCII: a URI, which RSS and headers want."""
    url = plain_url(url)
    try:
        return url if url.isascii() else iri_to_uri(url)
    except ValueError:  # such as `http://[ü`
        return url


def plain_url(url: str) -> str:
    """Return ``url`` without the characters that XML forbids and without spaces at its ends."""
    return strip_forbidden(url).strip()

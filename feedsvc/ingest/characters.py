"""Text that any XML parser, feed reader and list of headlines can show."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from feedsvc.plain import decode_entities, squeeze

# F1: what XML 1.0 allows, without the C1 controls (allowed, but no reader shows them) and without
# U+FEFF, which inside a text is only a leftover byte order mark.
_FORBIDDEN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_HARMLESS = bytes((*range(0x20, 0x7F), *range(0xA0, 0x100))) + b"\t\n"
_SURROGATES = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Spaces that no line may break at: a scraper's leftovers, by which a name would not be found.
_NO_BREAKS = re.compile("[\xa0\u2002\u2003\u2007-\u200a\u202f]")
# Hyphens and borders that only show where a line breaks; Khmer and Thai part their words by one.
_UNSEEN_BREAKS = re.compile("[\xad\u2060]|(?<![^\x00-\u024f])\u200b|\u200b(?![^\x00-\u024f])")
# All characters of these two.
_LEFTOVERS = "\xa0\xad\u2002\u2003\u2007\u2008\u2009\u200a\u200b\u202f\u2060"
# Sorting the marks of one letter is quadratic, so no more than this is composed at a time; a run
# without any ASCII (not even a space) that is longer than this is no word of any language.
_COMPOSED = re.compile("[\x00-\x7f]?[^\x00-\x7f]{1,256}")
# What typesetting adds to Western text, and no mark can be joined to.
_TYPOGRAPHY = "‘’‚“”„–—…•‹›€™"
# An override that is not closed turns round whatever a reader shows after the title.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Only names that HTML knows: "<3 Deno" and "a <b> c" of a mathematician differ (F6).
_HIDDEN_MARKUP = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|bdi|bdo|br|cite|code|div|em|font|h[1-6]|i|img|ins|kbd|mark|p|q|s|script"
    r"|small|span|strong|style|strike|sub|sup|time|tt|u|var|wbr)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
_NO_URL = re.compile(r"[^!#$%&'()*+,/:;=?@~A-Za-z0-9._-]+")
ELLIPSIS = "…"


def word_set(text: str) -> frozenset[str]:
    """Make a set of the words of a table that is written as one text."""
    return frozenset(text.split())


def make_safe(text: str) -> str:
    """Normalise newlines and Unicode (NFC) and remove what XML cannot carry (F1, F3)."""
    # Most texts are harmless throughout, which is found ten times faster than what is not.
    latin = _encode_western(text)
    if latin is not None and not latin.translate(None, _HARMLESS):
        return text
    if not text.replace("\n", "").isprintable():
        if _SURROGATES.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = _FORBIDDEN.sub("", _NEWLINES.sub("\n", text))
    if latin is not None:
        return text
    return _COMPOSED.sub(lambda run: unicodedata.normalize("NFC", run[0]), text)


def is_western(text: str) -> bool:
    """Whether a text is Latin-1 but for typographic marks: nothing to compose, no other digits."""
    return _encode_western(text) is not None


def _encode_western(text: str) -> bytes | None:
    """Encode a text without its typographic marks in Latin-1, if it can be."""
    if not text.isascii():
        for mark in _TYPOGRAPHY:
            text = text.replace(mark, "")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def plain_line(text: str) -> str:
    """Make of a field a single line of plain text: no markup, entities decoded (readers.md)."""
    if "<" in text:
        text = _MARKUP.sub("", _HIDDEN_MARKUP.sub("", text))
    elif "&" not in text and text.isascii() and text.isprintable():
        return squeeze(text)  # as most fields are: the rest would change nothing
    return one_line(decode_entities(text))


def one_line(text: str) -> str:
    """Make one line of what is plain text already: nothing is decoded a second time (F6)."""
    return squeeze(_BIDI_CONTROLS.sub("", make_safe(text)))


def drop_leftovers(text: str) -> str:
    """Return a text with plain spaces and without soft hyphens, as it was before it was typeset."""
    if text.isascii() or not any(map(text.__contains__, _LEFTOVERS)):
        return text
    return _NO_BREAKS.sub(" ", _UNSEEN_BREAKS.sub("", text))


def encode_url(url: str) -> str:
    """Percent-encode what may not stand in a URL as it is: spaces, quotes, letters of any script.

    So a picture has one address, however it was written (R53). A host stays as it is.
    """
    scheme, slashes, rest = url.partition("//") if "://" in url[:10] else ("", "", url)
    host, slash, path = rest.partition("/") if slashes else ("", "", rest)
    encoded = _NO_URL.sub(lambda odd: quote(odd[0].encode("utf-8", "replace")), path)
    return f"{scheme}{slashes}{host}{slash}{encoded}"


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` at a word so that it has at most ``limit`` characters, ellipsis included."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    words, border, _ = head.rpartition(" ")
    return (words if border else head[:-1]).rstrip(" ,;:-–—") + ELLIPSIS

"""Text that any XML parser, feed reader and list of headlines can show."""

from __future__ import annotations

import html
import re
import unicodedata

# F1: what XML 1.0 allows, without the C1 controls (allowed, but no reader shows them) and without
# U+FEFF, which inside a text is only a leftover byte order mark.
_FORBIDDEN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Sorting the marks of one letter is quadratic, so no more than this is composed at a time; a run
# without any ASCII (not even a space) that is longer than this is no word of any language.
_COMPOSED = re.compile("[\x00-\x7f]?[^\x00-\x7f]{1,256}")
# An override that is not closed turns round whatever a reader shows after the title.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Only names that HTML knows: "<3 Deno" and "a <b> c" of a mathematician differ (F6).
_HIDDEN_MARKUP = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|bdi|bdo|br|cite|code|div|em|font|h[1-6]|i|img|ins|kbd|mark|p|q|s|script"
    r"|small|span|strong|style|strike|sub|sup|time|tt|u|var|wbr)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
# Python refuses to read a number of over 4,300 digits; no character has one of more than seven.
_ENDLESS_NUMBER = re.compile(r"&#[0-9]{8,};?")
ELLIPSIS = "…"


def word_set(text: str) -> frozenset[str]:
    """Make a set of the words of a table that is written as one text."""
    return frozenset(text.split())


def make_safe(text: str) -> str:
    """Normalise newlines and Unicode (NFC) and remove what XML cannot carry (F1, F3)."""
    # Most texts are printable throughout, which is found ten times faster than what is not.
    if not text.replace("\n", "").isprintable():
        if _SURROGATES.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = _FORBIDDEN.sub("", _NEWLINES.sub("\n", text))
    if text.isascii():
        return text
    return _COMPOSED.sub(lambda run: unicodedata.normalize("NFC", run[0]), text)


def decode_entities(text: str) -> str:
    """Decode HTML's character references, each once."""
    if "&" not in text:
        return text
    return html.unescape(_ENDLESS_NUMBER.sub("\ufffd", text))


def squeeze(text: str) -> str:
    """Make every run of white space one space."""
    return " ".join(text.split())


def plain_line(text: str) -> str:
    """Make of a field a single line of plain text: no markup, entities decoded (readers.md)."""
    if "<" in text:
        text = _MARKUP.sub("", _HIDDEN_MARKUP.sub("", text))
    return squeeze(_BIDI_CONTROLS.sub("", make_safe(decode_entities(text))))


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` at a word so that it has at most ``limit`` characters, ellipsis included."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    words, border, _ = head.rpartition(" ")
    return (words if border else head[:-1]).rstrip(" ,;:-–—") + ELLIPSIS

"""Sanitised HTML -> plain text.

The content of an article is its only body; its text is made of it wherever it is wanted.
"""

from __future__ import annotations

import html
import re

# Python refuses to read a number of over 4,300 digits; no character has one of more than seven.
_ENDLESS_NUMBER = re.compile(r"&#[0-9]{8,};?")
# In the sanitiser's output every quote is closed, so this is linear.
_MARKUP = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_BREAKS = re.compile(
    r"<(?:/?(?:p|h[2-6]|ul|ol|li|dl|dt|dd|blockquote|pre|table|caption|thead|tbody|tfoot|tr|figure|figcaption)|br|hr)\b"
    r"[^<>]*>"
)
_CELL = re.compile(r"</(?:td|th)>(?=<t[dh]\b)|</t[dh]>\s+(?=<t[dh]\b)")
_PREFORMATTED = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
# A letter behind a tag, or at the start: there is text, and nothing more need be looked at.
_LETTER = re.compile(r"(?:^|>)[^<>&\"]*[^\W_]")


def text_of(clean: str) -> str:
    """Make plain text of sanitised HTML: one paragraph a line, cells apart by a bar."""
    parts = _PREFORMATTED.split(clean) if "<pre>" in clean else [clean]
    lines: list[str] = []
    for part in parts:
        if not part.startswith("<pre>"):
            part = part.replace("\n", " ")
        plain = _MARKUP.sub("", _BREAKS.sub("\n", _CELL.sub(" | ", part)))
        lines.extend(squeeze(line) for line in decode_entities(plain).split("\n"))
    return "\n".join(line for line in lines if line)


def has_text(clean: str) -> bool:
    """Whether anything is left of sanitised HTML as plain text."""
    return bool(_LETTER.search(clean) or text_of(clean))


def decode_entities(text: str) -> str:
    """Decode HTML's character references, each once."""
    if "&" not in text:
        return text
    return html.unescape(_ENDLESS_NUMBER.sub("\ufffd", text))


def squeeze(text: str) -> str:
    """Make every run of white space one space."""
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()  # as most lines are: half the time
    return " ".join(text.split())

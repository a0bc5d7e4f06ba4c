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
_ASCII_PRINTED = bytes(range(0x20, 0x7F))
# nh3's parser adds each reference to its text anew, which takes as long as that text is: half a
# minute for 700,000 of them. Where a comment comes between, a new text begins.
_REFERENCES_AT_ONCE = 5_000
_REFERENCES = re.compile(
    r"<!--.*?(?:-->|\Z)"  # nothing is put into a comment, nor into a tag
    r"""|<[/!?a-zA-Z](?:[^"'>]|"[^"]*"|'[^']*')*+>?"""
    rf"|(?:&[^<&]*+){{1,{_REFERENCES_AT_ONCE}}}+(?=(&)?)",
    re.DOTALL,
)
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
        plain = decode_entities(plain)
        # All at once takes a third of the time, and hardly any text is not as it should be.
        is_squeezed = "  " not in plain and _is_printable(plain.replace("\n", ""))
        lines += map(str.strip if is_squeezed else squeeze, plain.split("\n"))
    return "\n".join(filter(None, lines))


def has_text(clean: str) -> bool:
    """Whether anything is left of sanitised HTML as plain text."""
    return bool(_LETTER.search(clean) or text_of(clean))


def part_texts(markup: str) -> str:
    """Put comments, which nh3 drops, into texts of very many character references.

    The outcome is the same, and takes time that grows with the length of the text, not its square.
    """
    if markup.count("&") <= _REFERENCES_AT_ONCE:
        return markup
    return _REFERENCES.sub(lambda found: found[0] + ("<!---->" if found[1] else ""), markup)


def decode_entities(text: str) -> str:
    """Decode HTML's character references, each once."""
    if "&" not in text:
        return text
    return html.unescape(_ENDLESS_NUMBER.sub("\ufffd", text))


def squeeze(text: str) -> str:
    """Make every run of white space one space."""
    if "  " not in text and _is_printable(text):
        return text.strip()  # as most lines are: half the time
    return " ".join(text.split())


def _is_printable(text: str) -> bool:
    """Whether there is nothing in a text but what is printed, and spaces: no tab, no newline."""
    if text.isascii():  # a third of the time
        return not text.encode().translate(None, _ASCII_PRINTED)
    return text.isprintable()

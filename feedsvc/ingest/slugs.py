"""Words of a title as the readable part of a URL."""

from __future__ import annotations

import re
import unicodedata

# Long enough to tell articles apart, short enough not to be broken in mails and chats.
MAX_SLUG = 60
# Letters that have no decomposition into an ASCII letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "œ": "oe", "Œ": "oe", "ł": "l"}
    | {"Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ı": "i"}
    | {"'": "", "’": "", "‘": ""}
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")
# A title is cut long before this; it bounds the work on anything else.
_MAX_READ = 1000


def slugify(title: str) -> str:
    """Make of ``title`` at most 60 ASCII characters, cut at a word; ``article`` if none is left."""
    plain = unicodedata.normalize("NFKD", title[:_MAX_READ].translate(_LETTERS))
    slug = _NOT_WORD.sub("-", plain.encode("ascii", "ignore").decode("ascii").lower()).strip("-")
    if len(slug) > MAX_SLUG:
        head, border, _ = slug[: MAX_SLUG + 1].rpartition("-")
        slug = head if border else slug[:MAX_SLUG]
    return slug or "article"

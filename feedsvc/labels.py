"""Names of the feeds that no section has: of a tag, of an author, and of several sections."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

# A tag that is longer is a sentence, and no address for a feed.
LABEL_CHARS_MOST = 60

TAG, AUTHOR = "tag", "author"

# What the path of an address may hold as it is (RFC 3986, section 3.3).
_SAFE = "/!$&'()*+,;=:@~"

_SEPARATORS = re.compile(r"[\s_/\\-]+")
# Invisible characters, and those that no address may hold however it is written.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@functools.lru_cache(maxsize=4096)  # the same few on every article, and again at each build
def label_of(kind: str, text: str) -> str:
    """Return the name of the feed of a tag or an author: ``tag/climate-change``; empty if none.

    Two spellings that differ in case, spaces, hyphens and underscores only are one feed. Nothing
    else is left out, so that "C" and "C++" are two.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(
        one for one in plain if one.isspace() or unicodedata.category(one) not in _UNSEEN
    )
    name = _SEPARATORS.sub("-", plain).strip("-").removeprefix("#").strip("-")
    # Dots alone would be taken for a folder by whatever tidies addresses.
    if not name.strip(".") or len(name) > LABEL_CHARS_MOST:
        return ""
    return f"{kind}/{name}"


def feed_path(name: str) -> str:
    """Return the path of a feed as it stands in an address, without its suffix."""
    return quote_path(f"/feeds/{name}")


def quote_path(path: str) -> str:
    """Return a path, as it is published, as it stands in an address."""
    return quote(path, safe=_SAFE)


def labels_of(tags: Iterable[str], authors: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all feeds that an article with these tags and authors stands in."""
    found = [*(label_of(TAG, tag) for tag in tags), *(label_of(AUTHOR, one) for one in authors)]
    return tuple(dict.fromkeys(name for name in found if name))

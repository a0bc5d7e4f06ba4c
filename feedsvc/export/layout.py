"""Where each published path lies at a target, and what must be there before what. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from feedsvc.errors import FeedsvcError

# The names of the codings' files: what nginx, Caddy and others look for.
SUFFIXES: Mapping[str, str] = {"identity": "", "gzip": ".gz", "br": ".br", "zstd": ".zst"}

# What stands in a folder for paths that answer 410: nginx needs a body for them.
GONE = "_gone"

# Our own notes at a target; a web server must not give them away.
STATE = ".feedsvc-export"

# Pages whose address has no suffix, and whose file needs one, so that any server knows its type.
_PAGES = ("/articles/", "/sections/")

# File systems take no longer name of one file, in bytes; a temporary one is made elsewhere.
_NAME_MOST = 255

_ARCHIVE = re.compile(r"/feeds/.+/archive/(\d+)\.\w+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


class ExportError(FeedsvcError):
    """A target cannot be read, written or trusted; the message says why, and what to do."""


class Level(IntEnum):
    """What points to what: nothing of a level is put before all below it that it names is there."""

    ASSET = 0
    ARTICLE = 1
    ARCHIVE = 2
    FEED = 3
    SECTION = 4
    SITEMAP = 5
    INDEX = 6
    SERVER = 7


_INDEXES = ("/", "/feeds/", "/feeds.opml", "/sitemap.xml", "/robots.txt")


def level_of(path: str) -> tuple[Level, int]:
    """Return the level of a published path, and its order there: archives go from the oldest on."""
    if not path.startswith("/"):
        return Level.SERVER, 0
    if path in _INDEXES:
        return Level.INDEX, 0
    if archive := _ARCHIVE.fullmatch(path):
        return Level.ARCHIVE, int(archive[1])
    if path.startswith("/articles/"):
        return Level.ARTICLE, 0
    if path.startswith("/feeds/"):
        return Level.FEED, 0
    if path.startswith("/sections/"):
        return Level.SECTION, 0
    if "sitemap" in path:
        return Level.SITEMAP, 0
    return Level.ASSET, 0


@dataclass(frozen=True, slots=True)
class Layout:
    """How paths become the names of files or objects.

    ``plain_names`` are those of a bucket, which keeps each object's type: a page lies under its own
    address. ``coding`` is that of the bodies under the plain name, ``variants`` whether all other
    codings stand beside it. ``gone`` is whether there is anything for what is gone for good.
    """

    plain_names: bool = False
    coding: str = "identity"
    variants: bool = True
    gone: bool = True

    def name_of(self, path: str, gone: bool = False) -> str:
        """Return the name of a path's file, without the suffix of a coding."""
        if not path.startswith("/"):
            return path  # a file for the web server, not a path of the site
        if gone:
            return f"{GONE}{path}index.html" if path.endswith("/") else f"{GONE}{path}"
        if path.endswith("/"):
            return f"{path[1:]}index.html"
        if not self.plain_names and path.startswith(_PAGES):
            return f"{path[1:]}.html"
        return path[1:]

    def choose(self, bodies: Mapping[str, bytes]) -> dict[str, str]:
        """Return which coding's body stands under which suffix."""
        first = self.coding if self.coding in bodies else "identity"
        chosen = {"": first}
        if self.variants:
            chosen |= {SUFFIXES[one]: one for one in bodies if one != "identity"}
        return chosen


def is_safe(name: str) -> bool:
    """Whether a name stays below the folder that it is put into, and out of our own notes there."""
    parts = name.split("/")
    return (
        all(part not in ("", ".", "..") and len(part.encode()) <= _NAME_MOST for part in parts)
        and parts[0] != STATE
        and not _UNSEEN.search(name)
        and "\\" not in name
    )

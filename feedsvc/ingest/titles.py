"""The title of an article: without the site's tail, and never longer than a title is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedsvc.ingest.characters import shorten
from feedsvc.model import Note

# No newspaper's headline is longer; a "title" that is was not meant as one.
MAX_TITLE = 300
# A site's name is a few words; what is longer after a bar is the headline's own.
_MAX_TAIL_WORDS = 5
_MIN_HEAD_WORDS = 3
_MAX_SECTION_WORDS = 3
_BAR = re.compile(r" +[|»·] +")
_DASH = re.compile(r" +(?:[-–—«]|::?) +")
# "Hill Gazette: Headline", "Hill Gazette | Headline"; a section's name needs the bar.
_BEGINNING = re.compile(r"(?P<name>[^|:–—]{2,60}?) *(?P<mark>[|:]| [–—-]) +(?=\S)")
# What stands behind a headline, with the mark before it.
TAIL = re.compile(r" *[|»·–—:-] +\S| +[|»·–—:-] *\S")
_GENERIC = frozenset(
    {"breaking news", "latest news", "news", "home", "top stories", "live updates"}
)


def cut_tail(title: str, names: Iterable[str] = (), site: str = "") -> str:
    """Cut "- Breaking News | Site" off a headline, and the known ``site``'s name before it.

    ``names`` are the site's and its sections'.
    """
    names = [name for name in names if name]
    known = _GENERIC | {name.casefold() for name in names}
    title = _cut_beginning(title, known, site.casefold())
    had_site = False
    while True:
        head, tail = _split_last(title, _BAR)
        if head and len(tail.split()) <= _MAX_TAIL_WORDS and _is_headline(head, tail, known):
            title, had_site = head, True
            continue
        head, tail = _split_last(title, _DASH)
        is_known = tail.casefold() in known or _is_site(head, tail, known)
        # Before the site's name stands the section's.
        is_section = had_site and len(tail.split()) <= _MAX_SECTION_WORDS and _is_name(tail)
        if not head or not (is_known or is_section) or not _is_headline(head, tail, known):
            return title
        title, had_site = head, had_site or is_known


def _cut_beginning(title: str, known: frozenset[str], site: str) -> str:
    found = _BEGINNING.match(title)
    if not found or len(title[found.end() :].split()) < _MIN_HEAD_WORDS:
        return title
    name = found["name"].casefold()
    is_site = name == site or (found["mark"] == "|" and name in known)
    return title[found.end() :] if is_site else title


def _is_site(head: str, tail: str, known: frozenset[str]) -> bool:
    """Whether a name stands behind a section's: "... - World - The Other Post"."""
    section = _split_last(head, _DASH)[1]
    is_short = len(tail.split()) <= _MAX_TAIL_WORDS and _is_name(tail)
    return is_short and section.casefold() in known


def _is_name(tail: str) -> bool:
    return all(word[:1].isupper() or word in ("&", "and", "of") for word in tail.split())


def _split_last(title: str, border: re.Pattern[str]) -> tuple[str, str]:
    found = None
    for found in border.finditer(title):  # noqa: B007 - the last one is wanted
        pass
    return (title[: found.start()].strip(), title[found.end() :].strip()) if found else ("", "")


def _is_headline(head: str, tail: str, known: frozenset[str]) -> bool:
    return len(head.split()) >= _MIN_HEAD_WORDS or tail.casefold() in known


def limit_title(title: str, line: int = 0) -> tuple[str, tuple[Note, ...]]:
    """Cut a plain title to at most 300 characters, with a note if it was longer."""
    if len(title) <= MAX_TITLE:
        return title, ()
    note = Note(line, "title", f"has {len(title)} characters; it was cut to {MAX_TITLE}")
    return shorten(title, MAX_TITLE), (note,)

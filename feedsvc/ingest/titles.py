"""The title of an article: without the site's tail, and never longer than a title is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedsvc.ingest.characters import shorten
from feedsvc.ingest.kickers import is_kicker
from feedsvc.ingest.people import is_known_medium
from feedsvc.model import Note

# No newspaper's headline is longer; a "title" that is was not meant as one.
MAX_TITLE = 300
# A site's name is a few words; what is longer after a bar is the headline's own.
_MAX_TAIL_WORDS = 5
_MIN_HEAD_WORDS = 3
_MAX_SECTION_WORDS = 3
# "Hill Gazette: sold" is a headline of its own.
_MIN_REST_WORDS = 2
_BAR = re.compile(r" +[|»·] +")
_DASH = re.compile(r" +(?:[-–—«]|::?) +")
_MARKS = re.compile(r"[|»·«:–—-]")
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
    if not _MARKS.search(title):
        return title
    known = _GENERIC | {name.casefold() for name in names if name}
    title = _cut_beginning(title, known, site.casefold())
    had_site = False
    while True:
        bar = True
        head, tail = _split_last(title, _BAR)
        if not head:
            bar = False
            head, tail = _split_last(title, _DASH)
        is_known = tail.casefold() in known or is_known_medium(tail)
        # Before the site's name stands the section's.
        is_section = (
            had_site and len(tail.split()) <= _MAX_SECTION_WORDS and (bar or _is_name(tail))
        )
        is_site = _is_bar_tail(head, tail) if bar else _is_site(head, tail, known)
        if not head or not (is_known or is_section or is_site):
            return title
        if not _is_headline(head, tail, known):
            return title
        title, had_site = head, True


def _cut_beginning(title: str, known: frozenset[str], site: str) -> str:
    """Cut the site's name, or before bars the section's too, where the headline follows them."""
    *names, headline = _BAR.split(title)
    if names and len(headline.split()) >= _MIN_HEAD_WORDS and all(map(_is_beginning, names)):
        return headline
    found = _BEGINNING.match(title)
    if not found:
        return title
    rest = len(title[found.end() :].split())
    if found["name"].casefold() == site:
        return title[found.end() :] if rest >= _MIN_REST_WORDS else title
    is_known = found["mark"] == "|" and found["name"].casefold() in known
    return title[found.end() :] if is_known and rest >= _MIN_HEAD_WORDS else title


def _is_beginning(name: str) -> bool:
    """Whether a name before a bar is the site's or a section's: "Sky News | UK | ..."."""
    return is_known_medium(name) or is_kicker(name)


def _is_bar_tail(head: str, tail: str) -> bool:
    """Whether what stands behind a bar can be a site's name: in capitals, and not a word alone."""
    is_behind_section = is_kicker(_split_last(head, _BAR)[1])
    least = 1 if is_behind_section or is_kicker(tail) else 2
    return least <= len(tail.split()) <= _MAX_TAIL_WORDS and _is_name(tail)


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
    words = sum(part[:1] not in "|»·" for part in head.split())
    return words >= _MIN_HEAD_WORDS or tail.casefold() in known


def limit_title(title: str, line: int = 0) -> tuple[str, tuple[Note, ...]]:
    """Cut a plain title to at most 300 characters, with a note if it was longer."""
    if len(title) <= MAX_TITLE:
        return title, ()
    note = Note(line, "title", f"has {len(title)} characters; it was cut to {MAX_TITLE}")
    return shorten(title, MAX_TITLE), (note,)

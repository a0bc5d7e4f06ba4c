"""What one line of a page is, if it is not the article: the structural rules (DESIGN, Cleaning).

Every rule looks at a single line and names its reason; ``cleaning`` weighs them against what stands
around the line. All patterns are linear and only ever see lines of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple

from feedsvc.ingest.captions import read_caption
from feedsvc.ingest.characters import word_set
from feedsvc.ingest.controls import (
    COMMON_SECTIONS,
    COOKIE_WORDS,
    MENU_WORDS,
    SHARE_CORE,
    SHARE_WORDS,
    name_control,
)
from feedsvc.ingest.notices import (
    ADVERT,
    AUTHOR,
    BLOCKER,
    CAPTION,
    COMMENTS,
    CONTAINS,
    COOKIES,
    COPYRIGHT,
    CREDITS,
    DIVIDER,
    LINKS,
    MEDIA,
    NAVIGATION,
    PAYWALL,
    PHRASES,
    RELATED,
    SECTIONS,
    SHARE,
    SIGN_UP,
    STARTS,
    SYNDICATION,
    TAGS,
    WEAK_PHRASES,
    WEATHER,
)
from feedsvc.ingest.prose import (
    addresses,
    begins_with_subject,
    goes_beyond,
    has_clause,
    invites,
    is_no_link,
    names_doer,
    reports,
    states,
    tells,
)

# Longer lines are prose, or link bars, which are told by their parts.
MAX_NOTICE = 320
# Longer lines are sentences, which no other page has.
_MAX_LABEL = 100
# The parts of a link bar are headlines or names, never paragraphs.
MAX_BAR_PART = 110
# A longest real footer has 3,000 characters; the beginning of more shows what it is.
_MAX_BAR = 20_000
# Four names can meet in a sentence, but then they are not half of its words.
LEAST_SECTIONS = 4
SECTION_SHARE = 0.5
# A sentence may begin like one of these notices ("Read more: he said that ..."), but is longer.
_LIMITS: Mapping[str, int] = MappingProxyType(
    {RELATED: 160, COMMENTS: 110, MEDIA: 110, TAGS: 240, ADVERT: 90}
)

# A sentence that reports is none of these; a link's headline or a caption may well report.
_ADDRESSING = frozenset(
    {ADVERT, BLOCKER, COMMENTS, COOKIES, COPYRIGHT, CREDITS, NAVIGATION, PAYWALL, SHARE, SIGN_UP}
    | {SYNDICATION}
)
# These tell what was done; a label in them is followed by small letters, too.
_TOLD_OF = frozenset({AUTHOR, CREDITS, SYNDICATION, WEATHER})
# What is found by a word in its middle must ask somebody for something.
_ASKING = frozenset({PAYWALL, SIGN_UP})
# What a sentence can speak of, too: "Advertisement was his trade".
_SUBJECTS = frozenset({ADVERT, BLOCKER, COPYRIGHT, RELATED})

_START = re.compile(
    "|".join(f"(?P<r{n}>{'|'.join(patterns)})" for n, patterns in enumerate(STARTS.values())),
    re.IGNORECASE,
)
_START_REASONS = tuple(STARTS)
_CONTAINS = tuple((needle, why, re.compile(form, re.IGNORECASE)) for needle, why, form in CONTAINS)
_AROUND = " \t-–—:›»>…|•·×✕✖!*▸▶→#_=~+★☆"
# So wires and press offices end what they send; "The end" ends stories too.
_END_MARKS = frozenset({"ENDS", "-ENDS-", "- ENDS -", "-30-", "- 30 -"})
_BULLET = re.compile(r"(?:[-*•‣▪–>]|\d{1,2}[.)])\s+")
_WRAPPING = frozenset("-*•‣▪–>0123456789[")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_BAR = re.compile(r"\s*[|•·›»]\s*| [/>] ")
_BAR_MARKS = ("|", "•", "·", "›", "»", " / ", " > ")
_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]*$")
_SHARE_WORDS = word_set(SHARE_WORDS)
_SHARE_CORE = word_set(SHARE_CORE)
_COOKIE_WORDS = word_set(COOKIE_WORDS)
_MENU_WORDS = word_set(MENU_WORDS)
_WEAK_SHARE = frozenset({"save", "print", "email", "copy", "gift"})


class Verdict(NamedTuple):
    """The reason to cut a line; a ``weak`` one holds only if nothing beside the line stays."""

    reason: str
    weak: bool = False


def judge(line: str, sections: tuple[str, ...] = ()) -> Verdict | None:
    """Say what ``line`` is if it is not the article's text; None when in doubt.

    ``sections`` are the names and titles of the site's sections.
    """
    return judge_all((line,), sections)[0]


def judge_all(lines: Iterable[str], sections: tuple[str, ...]) -> list[Verdict | None]:
    """Judge each of the lines, as :func:`judge` does."""
    judge_label = _remember_labels(sections)
    return [
        judge_label(line) if len(line) <= _MAX_LABEL else _judge_long(line, sections)
        for line in lines
    ]


def _judge_long(line: str, sections: tuple[str, ...]) -> Verdict | None:
    if len(line) > MAX_NOTICE:
        return _judge_bar(line) or _judge_caption(line)
    return _judge(line, sections)


def _judge(line: str, sections: tuple[str, ...]) -> Verdict | None:
    if line in _END_MARKS:
        return Verdict(DIVIDER)
    bare = _unwrap(line) if line[:1] in _WRAPPING else line
    key = bare.casefold().strip(_AROUND)
    if not key:
        return Verdict(DIVIDER)
    if reason := PHRASES.get(key):
        return Verdict(reason)
    if reason := WEAK_PHRASES.get(key):
        return Verdict(reason, weak=True)
    if found := _START.match(bare):
        reason = _START_REASONS[int((found.lastgroup or "r0")[1:])]
        if len(line) <= _LIMITS.get(reason, MAX_NOTICE) and not _is_prose(bare, reason):
            return Verdict(reason, weak=_is_doubtful(line, bare, reason))
    for needle, reason, pattern in _CONTAINS:
        if needle in key and pattern.search(bare) and not _is_prose(bare, reason, asks=True):
            return Verdict(reason, weak=reason == WEATHER)
    if key.endswith(("all rights reserved.", "all rights reserved")):
        return Verdict(COPYRIGHT)
    return _judge_bar(bare) or _judge_words(bare, sections) or _judge_caption(line)


def _unwrap(line: str) -> str:
    """Return a line without its bullet, or what stands in the brackets around all of it."""
    if line[0] == "[":
        return line[1:-1].strip() if line[-1] == "]" else line
    return _BULLET.sub("", line, count=1)


def _is_doubtful(line: str, bare: str, reason: str) -> bool:
    """Whether what looks like a notice is a sentence of the article's, where that stands around."""
    if reason in _ASKING:
        return invites(bare, is_item=bare != line and line[0] != "[")
    if reason == COOKIES:
        return goes_beyond(bare)
    return reason == RELATED and states(bare)


def _is_prose(line: str, reason: str, asks: bool = False) -> bool:
    if reason in _SUBJECTS and begins_with_subject(line):
        return True
    if reason == CAPTION:
        return names_doer(line)
    if asks and reason in _ASKING and not addresses(line):
        return True
    if reason == TAGS:
        return has_clause(line)
    if reason == RELATED:
        return is_no_link(line)
    if reason not in _TOLD_OF and tells(line):
        return True
    return reason in _ADDRESSING and reports(line)


@lru_cache(maxsize=16)
def _remember_labels(sections: tuple[str, ...]) -> Callable[[str], Verdict | None]:
    """Return what judges labels, each once: those of a site stand on all of its pages.

    It is looked up by all names of the sections, which may be hundreds, but once for a page.
    """
    return lru_cache(maxsize=4096)(partial(_judge, sections=sections))


def _judge_bar(line: str) -> Verdict | None:
    if not any(mark in line for mark in _BAR_MARKS):
        return None
    parts = [part for part in _BAR.split(line[:_MAX_BAR]) if part]
    if len(parts) < 3 or _SENTENCE_END.search(line, max(0, len(line) - 5)):
        return None
    # Figures in half of the parts make it a row of a table.
    figures = sum(any(map(str.isdigit, part)) for part in parts)
    if max(map(len, parts)) > MAX_BAR_PART or 2 * figures > len(parts):
        return None
    return Verdict(LINKS, weak=len(parts) == 3 and len(line) < 40)


def _judge_words(line: str, sections: tuple[str, ...]) -> Verdict | None:
    if _SENTENCE_END.search(line, max(0, len(line) - 5)):
        return None
    words = [word.casefold() for word in _WORDS.findall(line)]
    if control := name_control(words):
        return Verdict(control)
    if 2 <= len(words) <= 20 and _COOKIE_WORDS.issuperset(words):
        return Verdict(COOKIES)
    if 3 <= len(words) <= 40 and _MENU_WORDS.issuperset(words):
        return Verdict(NAVIGATION)
    if len(words) <= 20 and all(word in _SHARE_WORDS or word.isdigit() for word in words):
        if _SHARE_CORE.intersection(words):
            return Verdict(SHARE, weak=len(words) == 1 and words[0] in _WEAK_SHARE)
    elif len(words) >= LEAST_SECTIONS:
        names = _section_pattern(sections).findall(line.casefold())
        covered = sum(len(name.split()) for name in names)
        if len(set(names)) >= LEAST_SECTIONS and covered >= SECTION_SHARE * len(words):
            return Verdict(SECTIONS)
    return None


@lru_cache(maxsize=16)
def _section_pattern(sections: tuple[str, ...]) -> re.Pattern[str]:
    names = {name.casefold() for name in sections if name.strip()} | word_set(COMMON_SECTIONS)
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _judge_caption(line: str) -> Verdict | None:
    return Verdict(CAPTION) if read_caption(line) else None

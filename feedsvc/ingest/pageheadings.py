"""The headline of a page among its headings: not the site's name in its logo, not a subhead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import make_safe
from feedsvc.ingest.pageblocks import letters_of
from feedsvc.ingest.titles import MAX_TITLE
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# More headings than these head no article.
_MAX_HEADINGS = 20
_MAX_ABOVE = 60
_MIN_HEADING = 4
# Fewer letters stand in any title by chance.
_MIN_LETTERS = 8
# What stands between a headline and the names of its site and section.
_PARTS = re.compile(r"\s+[-–—|»«·•:/]+\s+|(?<=\w): ")
_MAX_PARTS = 8
_HOME = re.compile(r"(?:https?://[^/?#]+)?/?(?:index\.\w{2,5})?|\./?", re.IGNORECASE)
# What themes call the headline of a post.
_MARKED = (
    "//*[@itemprop='headline' or (@itemprop='name' and (self::h1 or self::h2 or self::h3))"
    " or contains(@class, 'entry-title') or contains(@class, 'post-title')"
    " or contains(concat(' ', @class, ' '), ' p-name ')]"
    "[not(self::meta)]"
)
_HEADINGS = "//article//h2 | //article//h3 | //main//h2 | //main//h3 | //h2"


def list_headings(tree: HtmlElement) -> list[str]:
    """List the texts of the page's ``h1``."""
    return _list_texts(tree, "//h1")


def find_heading(tree: HtmlElement, titles: tuple[str, ...], site: str) -> str:
    """Find the headline among the headings; ``titles`` are what the page is called, best first."""
    title = next(filter(None, titles), "")
    named = [(one, _text_of(one)) for one in tree.xpath("//h1")[:_MAX_HEADINGS]]
    named = [pair for pair in named if len(pair[1]) >= _MIN_HEADING]
    heads = [pair for pair in named if pair[1].casefold() != site.casefold()]
    wanted = letters_of(title)
    if not wanted and not heads:
        # A note without any title: its first words are marked as one.
        return next(iter(_list_texts(tree, "//h2 | //p[contains(@class, 'itle')]")), "") or (
            _find_strong_start(tree)
        )
    runs = {run for one in titles for run in list_runs(one)}
    whole = {letters_of(one) for one in titles}
    texts = [text for one, text in heads if letters_of(text) in whole or not _leads_home(one)]
    is_banner = len(texts) == 1 and letters_of(texts[0]) not in whole
    is_banner = is_banner and _stands_in_banner(heads, texts[0])
    if not texts or is_banner:
        # Without a link to the home page it may be the headline; that is longer than any name.
        least = len(letters_of(texts[0])) + 1 if texts else 0
        logos = {letters_of(text) for _, text in named}
        if found := _find_marked(tree, {run for run in runs - logos if len(run) >= least}):
            return found
    if len(texts) == 1:
        name = letters_of(texts[0])
        below = _list_texts(tree, "//h2") if name in wanted and name != wanted else []
        # "The Paper: The well is dry", of which the first part is the logo, and the other an h2.
        parts = (one for one in below if wanted in (name + letters_of(one), letters_of(one) + name))
        return next(parts, texts[0])
    return next((one for one in texts if wanted.startswith(letters_of(one)[:200] or "-")), "")


def list_runs(title: str) -> Iterator[str]:
    """List what of a title may be the headline: whole parts of it, side by side."""
    parts = [letters_of(part) for part in _PARTS.split(title)[:_MAX_PARTS]]
    for start in range(len(parts)):
        for end in range(start + 1, len(parts) + 1):
            if len(run := "".join(parts[start:end])) >= _MIN_LETTERS:
                yield run


def _find_marked(tree: HtmlElement, runs: set[str]) -> str:
    for path in (_MARKED, _HEADINGS):
        for one in tree.xpath(path)[:_MAX_HEADINGS]:
            text = _text_of(one)
            if len(text) <= MAX_TITLE and letters_of(text) in runs:
                return text
    return ""


def _leads_home(heading: HtmlElement) -> bool:
    links = [*heading.iter("a"), *islice(heading.iterancestors("a"), 1)]
    return any(_HOME.fullmatch((one.get("href") or "?").strip()[:200]) for one in links)


def _stands_in_banner(heads: list[tuple[HtmlElement, str]], text: str) -> bool:
    """Whether a heading stands in the page's head, outside of its article."""
    element = next(one for one, known in heads if known == text)
    above = [one.tag for one in islice(element.iterancestors(), _MAX_ABOVE)]
    return "header" in above and "article" not in above and "main" not in above


def _find_strong_start(tree: HtmlElement) -> str:
    """Return the first paragraph, if it is strong throughout: so a desk marks a headline."""
    for first in tree.xpath("(//p)[1]"):
        text = _text_of(first)
        strong = _list_texts(first, "./strong | ./b")
        if strong == [text] and not text.endswith(".") and len(text) <= MAX_TITLE:
            return text
    return ""


def _list_texts(tree: HtmlElement, path: str) -> list[str]:
    return [_text_of(one) for one in tree.xpath(path)[:_MAX_HEADINGS]]


def _text_of(element: HtmlElement) -> str:
    return squeeze(make_safe(element.text_content()))

"""The parts of a page that the extraction knows nothing of: its posts, and its standfirst."""

from __future__ import annotations

import re
from itertools import dropwhile, groupby, islice
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import make_safe
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# What holds one post of a live page, or one chapter of an article.
_BOXES = frozenset({"div", "section", "article"})
_MAX_PARTS = 2000
# A post is written in sentences; what is shorter is a box of links or buttons.
_LEAST_POST = 60
# A standfirst is a sentence or two.
_MIN_STANDFIRST, _MAX_STANDFIRST = 20, 400
_STANDFIRST = re.compile(
    r"(?:^|[\s_-])(?:standfirst|deck|dek|sub-?titles?|sub-?headline|strapline)(?=[\s_-]|$)",
    re.IGNORECASE,
)
_MAX_CLASS = 200
# So many elements behind the headline are looked at.
_MAX_BELOW = 60


def join_posts(tree: HtmlElement) -> None:
    """Let the posts that an article consists of be one text: an extraction takes one of two.

    Posts stand one after the other in ``<article>`` or ``<main>``, are alike, and have headings
    that lead nowhere; those of other articles are links.
    """
    homes = tree.xpath("//*[self::article or self::main][not(ancestor::article or ancestor::main)]")
    if len(homes) != 1:
        return
    for parent in [one for one in homes[0].iter() if len(one) > 1][:_MAX_PARTS]:
        for (tag, _), group in groupby(list(parent), key=_kind_of):
            posts = list(group)
            if tag in _BOXES and len(posts) > 1 and all(map(_is_post, posts)):
                for post in posts:
                    post.drop_tag()


def _kind_of(element: HtmlElement) -> tuple[str, str]:
    # Comments and processing instructions have no name.
    return (element.tag if isinstance(element.tag, str) else "", element.get("class") or "")


def _is_post(element: HtmlElement) -> bool:
    headings = element.xpath("./h2 | ./h3 | ./header/h2 | ./header/h3")
    if not headings or any(next(one.iter("a"), None) is not None for one in headings):
        return False
    return sum(len(one.text_content()) for one in element.xpath("./p")) >= _LEAST_POST


def take_standfirst(tree: HtmlElement) -> str:
    """Take the element that the page marks as its standfirst, below its headline, out of it."""
    elements = tree.iter("h1", "p", "div", "h2", "h3", "span")
    below = islice(dropwhile(lambda one: one.tag != "h1", elements), _MAX_BELOW)
    for element in below:
        if not _STANDFIRST.search((element.get("class") or "")[:_MAX_CLASS]):
            continue
        if next(element.iter("a", "img"), None) is not None:
            continue  # a deck of cards, which lead to other articles
        text = squeeze(make_safe(element.text_content()))
        if _MIN_STANDFIRST <= len(text) <= _MAX_STANDFIRST and len(element.xpath(".//p")) < 2:
            element.drop_tree()
            return text
    return ""

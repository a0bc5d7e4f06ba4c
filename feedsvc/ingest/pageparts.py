"""The parts of a page that the extraction knows nothing of: its posts, and its standfirst."""

from __future__ import annotations

import re
from itertools import dropwhile, groupby, islice
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import make_safe
from feedsvc.ingest.furniture import judge
from feedsvc.ingest.headparts import read_head_parts
from feedsvc.ingest.people import read_byline
from feedsvc.ingest.reading import Reading
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
# What else stands in headers: who and when, captions, labels.
_NO_STANDFIRST = re.compile(
    r"by-?line|author|meta|date|time|caption|credit|categor|kicker|eyebrow|breadcrumb|share|tags?\b"
    r"|bio\b|advert|disclaimer|disclosure",
    re.IGNORECASE,
)
# A sentence has at least so many words; a label has fewer.
_LEAST_SPACES = 4
# The head of an article: its headline, a standfirst and lines; not the article itself.
_MAX_HEADER = 1500
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


def take_standfirst(tree: HtmlElement, reading: Reading) -> str:
    """Take the standfirst below the headline out of a page: marked as one, or in its header."""
    return _take_marked(tree) or _take_from_header(tree, reading)


def _take_from_header(tree: HtmlElement, reading: Reading) -> str:
    """Take a sentence or two that stand with the headline in the article's ``<header>``.

    The extraction drops headers, so that they would stand nowhere.
    """
    for header in tree.xpath("//*[self::article or self::main]//header[.//h1]")[:1]:
        if len(header.text_content()) > _MAX_HEADER:
            return ""
        behind = dropwhile(lambda one: one.tag != "h1", header.iter("h1", "p", "h2", "h3", "div"))
        for element in islice(behind, 1, _MAX_BELOW):
            text = squeeze(make_safe(element.text_content()))
            if element.tag == "div" and element.xpath(".//p | .//div | .//h2 | .//h3 | .//ul"):
                continue
            if read_byline(text) or read_head_parts(text, reading):
                return ""  # what follows is not the standfirst any more
            if _is_standfirst(element, text):
                element.drop_tree()
                return text
    return ""


def _is_standfirst(element: HtmlElement, text: str) -> bool:
    if not _MIN_STANDFIRST <= len(text) <= _MAX_STANDFIRST or text.count(" ") < _LEAST_SPACES:
        return False
    if next(element.iter("a", "img", "time", "button"), None) is not None:
        return False
    if any(_NO_STANDFIRST.search((one.get("class") or "")[:_MAX_CLASS]) for one in element.iter()):
        return False
    if element.xpath("ancestor::figure | ancestor::nav | ancestor::aside | ancestor::ul"):
        return False
    return judge(text, ()) is None


def _take_marked(tree: HtmlElement) -> str:
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

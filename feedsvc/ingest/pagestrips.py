"""What comes off a page before it is read: what is not shown, and the marks beside headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.sanitising import is_hiding, is_unseen
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HEADINGS = word_set("h1 h2 h3 h4 h5 h6")
# A hint or a form's answer is shorter; a hidden text of this length is the article's.
_MAX_HIDDEN = 1000
# "[edit | edit source]" beside a heading, and where it leads.
_MAX_MARK = 60
_EDITING = re.compile(r"^#|edit")
_MAX_HREF = 2000
_INLINE = word_set("span small sup div")


def strip(root: HtmlElement, tags: Iterable[str]) -> None:
    """Take elements off a page with all that they hold; the text behind them stays."""
    from lxml.etree import strip_elements

    strip_elements(root, *tags, with_tail=False)


def strip_marks(root: HtmlElement) -> None:
    """Take off headings what leads to themselves: "¶", "#", "[edit]", and a link around them."""
    for heading in list(root.iter(*HEADINGS)):
        behind = heading.getnext()
        for mark in [*heading, *(() if behind is None else (behind,))]:
            if mark.tag in _INLINE and _is_edit_mark(mark):
                mark.drop_tree()
        for link in list(heading.iter("a")):
            if "#" not in link.get("href", "") or next(link.iter("img"), None) is not None:
                continue
            if not any(map(str.isalnum, link.text_content())):
                link.drop_tree()
            elif link.get("href").startswith("#") and link.getparent().tag != "sup":
                link.drop_tag()


def _is_edit_mark(element: HtmlElement) -> bool:
    """Whether an element is "[edit]", or "[edit | edit source]"."""
    text = squeeze(element.text_content())
    if not (text.startswith("[") and text.endswith("]") and len(text) <= _MAX_MARK):
        return False
    links = list(element.iter("a"))
    return bool(links) and all(_EDITING.search(link.get("href", "")[:_MAX_HREF]) for link in links)


def strip_hidden(root: HtmlElement) -> None:
    """Take off what the page itself does not show; the text behind it stays.

    Long texts and what holds pictures stay: a script shows them, which a saved page has no more.
    """
    for image in list(root.iter("img")):
        if is_unseen(image.attrib):
            image.drop_tree()
    for element in root.xpath(".//*[@hidden or contains(@style, ':')]"):
        if element.get("hidden") is None and not is_hiding(element.get("style")):
            continue
        if next(element.iter("h1", "img", "body"), None) is None and (
            len(element.text_content()) <= _MAX_HIDDEN
        ):
            element.drop_tree()

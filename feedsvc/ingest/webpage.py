"""An .html file -> a draft: the main text by extraction, the rest by what the page says of itself."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import plain_line
from feedsvc.ingest.draft import Draft
from feedsvc.ingest.fields import read_fields
from feedsvc.ingest.pagefacts import PageFacts, read_page_facts
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.sanitising import promote_lazy_images, sanitise, text_of
from feedsvc.ingest.titles import cut_tail, limit_title

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Pages of news sites have 1,000 to 5,000 tags; extraction takes 60 us for each.
MAX_PAGE_TAGS = 60_000
# A page with less text than this is a hand-written note, in which nothing need be searched for.
_SMALL_PAGE = 4000
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_FURNITURE = "header|nav|footer|aside|form|script|style|noscript|template|iframe|button|svg|dialog"
_BLOCKS = re.compile(r"<(?:p|ul|ol|table|pre|blockquote|h[2-6]|figure)\b")


def read_web_page(text: str, path: str, reading: Reading) -> Draft:
    """Read an HTML page; raises RefusedError if it has no main text or cannot be read."""
    if text.count("<") > MAX_PAGE_TAGS:
        raise RefusedError(f"the page has more than {MAX_PAGE_TAGS} tags")
    tree = _parse(promote_lazy_images(text))
    facts = read_page_facts(tree)
    fields = read_fields(facts.items, reading, "page metadata")
    title = _choose_title(fields.title, facts, reading)
    content = _extract(tree)
    content = _drop_heading(content, {title, facts.heading, fields.title})
    plain = text_of(content)
    if not plain and "<img" not in content:
        raise RefusedError("the page has no main text")
    title, notes = limit_title(title)
    return Draft(fields=fields, title=title, content=content, text=plain, notes=notes)


def _parse(text: str) -> HtmlElement:
    from lxml.etree import LxmlError
    from lxml.html import HTMLParser, document_fromstring

    text = _XML_DECLARATION.sub("", text)
    try:
        # As bytes, so that whatever the page declares its encoding to be, this is what holds.
        return document_fromstring(
            text.encode("utf-8"), parser=HTMLParser(encoding="utf-8", remove_comments=True)
        )
    except (LxmlError, ValueError, AssertionError):
        raise RefusedError("the page has no main text") from None


def _choose_title(given: str, facts: PageFacts, reading: Reading) -> str:
    names = (*reading.sections, reading.site, facts.site)
    return given or plain_line(facts.heading) or cut_tail(plain_line(facts.title), names)


def _extract(tree: HtmlElement) -> str:
    """Take the main text; on a small page that has none for the extractor, what is no furniture."""
    found = sanitise(_extract_main(tree))
    small = _take_small_page(tree)
    return found if len(found) >= len(small) // 2 else small


def _extract_main(tree: HtmlElement) -> str:
    from trafilatura import extract

    try:
        found = extract(
            deepcopy(tree),
            output_format="html",
            favor_precision=True,
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
            include_tables=True,
        )
    except Exception as error:
        # What the extractor raises on odd markup is its own affair; the page is refused, not more.
        raise RefusedError(f"the page could not be read ({type(error).__name__})") from error
    return found or ""


def _take_small_page(tree: HtmlElement) -> str:
    from lxml.html import tostring

    containers = tree.xpath("//article | //main") or tree.xpath("//body")
    if len(containers) != 1 or len(containers[0].text_content()) > _SMALL_PAGE:
        return ""
    body = deepcopy(containers[0])
    for odd in body.xpath("|".join(f".//{name}" for name in _FURNITURE.split("|"))):
        odd.drop_tree()
    markup = sanitise(tostring(body, encoding="unicode"))
    return markup if _BLOCKS.search(markup) else ""


def _drop_heading(content: str, titles: set[str]) -> str:
    """Drop a first heading that repeats the title."""
    found = re.match(r"\s*<h2>(.{0,2000}?)</h2>", content, re.DOTALL)
    wanted = {title.casefold() for title in titles if title}
    if found and plain_line(found[1]).casefold() in wanted:
        return content[found.end() :].lstrip()
    return content

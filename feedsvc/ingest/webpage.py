"""An .html file -> a draft: the main text by extraction, the rest by what the page states."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import plain_line
from feedsvc.ingest.draft import Draft, merge_fields
from feedsvc.ingest.fields import read_fields
from feedsvc.ingest.frontmatter import split_front_matter
from feedsvc.ingest.furniture import judge
from feedsvc.ingest.notices import (
    ADVERT,
    BLOCKER,
    COMMENTS,
    COOKIES,
    LINKS,
    PAYWALL,
    RELATED,
    SECTIONS,
    SHARE,
    SIGN_UP,
)
from feedsvc.ingest.pagefacts import PageFacts, read_page_facts
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.sanitising import promote_lazy_images, sanitise
from feedsvc.ingest.titles import cut_tail, limit_title
from feedsvc.model import Cut
from feedsvc.plain import decode_entities, has_text, squeeze, text_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Pages of news sites have 1,000 to 5,000 tags; extraction takes 60 us for each.
MAX_PAGE_TAGS = 60_000
# A page with less text than this is a hand-written note, in which nothing need be searched for.
_SMALL_PAGE = 4000
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_FURNITURE = "header|nav|footer|aside|form|script|style|noscript|template|iframe|button|svg|dialog"
# A page's captions and credits stand in elements of their own and are left as they are.
_NOTICES = frozenset(
    {ADVERT, BLOCKER, COMMENTS, COOKIES, LINKS, PAYWALL, RELATED, SECTIONS, SHARE, SIGN_UP}
)
# Names and labels alone are a menu that was taken for the text.
_PROSE = re.compile(r".{40}|[.!?…。！？؟।][\"”’»)]*$")
_PARAGRAPH = re.compile(r"<p>([^<]{1,320})</p>")
_BLOCKS = re.compile(r"<(?:p|ul|ol|table|pre|blockquote|h[2-6]|figure)\b")


def read_web_page(text: str, path: str, reading: Reading) -> Draft:
    """Read an HTML page; raises RefusedError if it has no main text or cannot be read."""
    if text.count("<") > MAX_PAGE_TAGS:
        raise RefusedError(f"the page has more than {MAX_PAGE_TAGS} tags")
    # A block of keys before the page, as some tools put it there, is as binding as in any file.
    items, text, _ = split_front_matter(text)
    tree = _parse(promote_lazy_images(text))
    for image in tree.iter("img"):
        if image.get("src", "").lstrip().startswith("//"):
            # The extraction would make it http, which pages and feeds on https do not show (R49).
            image.set("src", "https:" + image.get("src", "").lstrip())
    facts = read_page_facts(tree)
    fields = read_fields(facts.items, reading, "page metadata")
    if items:
        fields = merge_fields(read_fields(items, reading), fields)
    title = _choose_title(fields.title, facts, reading)
    content = _extract(tree)
    content = _drop_heading(content, {title, facts.heading, fields.title})
    content, cuts = _cut_notices(content, reading)
    if not has_text(content) and "<img" not in content:
        raise RefusedError("the page has no main text")
    title, notes = limit_title(title)
    return Draft(fields=fields, title=title, content=content, cuts=cuts, notes=notes)


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
    if not any(_PROSE.search(line) for line in text_of(found).split("\n")):
        return small
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


def _cut_notices(content: str, reading: Reading) -> tuple[str, tuple[Cut, ...]]:
    """Cut paragraphs that are nothing but a notice, which extraction leaves in now and then."""
    cuts: list[Cut] = []

    def keep_or_cut(found: re.Match[str]) -> str:
        text = squeeze(decode_entities(found[1]))
        verdict = judge(text, reading.sections) if text else None
        reason = verdict.reason if verdict and not verdict.weak else ""
        if reason not in _NOTICES:
            return found[0]
        cuts.append(Cut(0, text, reason))
        return ""

    return _PARAGRAPH.sub(keep_or_cut, content).strip(), tuple(cuts)


def _drop_heading(content: str, titles: set[str]) -> str:
    """Drop a first heading that repeats the title."""
    found = re.match(r"\s*<h2>(.{0,2000}?)</h2>", content, re.DOTALL)
    wanted = {title.casefold() for title in titles if title}
    if found and plain_line(found[1]).casefold() in wanted:
        return content[found.end() :].lstrip()
    return content

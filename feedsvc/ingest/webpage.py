"""An .html file -> a draft: the main text by extraction, the rest by what the page states."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import plain_line
from feedsvc.ingest.datelines import read_agency
from feedsvc.ingest.draft import Draft, Fields, merge_fields
from feedsvc.ingest.fields import read_fields
from feedsvc.ingest.frontmatter import split_front_matter
from feedsvc.ingest.pageblocks import letters_of, split_blocks
from feedsvc.ingest.pagechoice import choose_blocks, find_start
from feedsvc.ingest.pagefacts import PageFacts, drop_others, is_in_prose, read_page_facts
from feedsvc.ingest.pageheadings import list_runs
from feedsvc.ingest.pagejson import MAX_VALUE
from feedsvc.ingest.pagelines import HeadLines, cut_lines, is_prose, read_lines
from feedsvc.ingest.pagenotes import take_notes
from feedsvc.ingest.pageparts import join_posts, take_standfirst
from feedsvc.ingest.pagepictures import attach_captions, keep_lead, markup_of, take_lead
from feedsvc.ingest.pagestrips import strip, strip_hidden, strip_marks
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.sanitising import is_unseen, promote_lazy_images, sanitise
from feedsvc.ingest.titles import cut_tail, limit_title
from feedsvc.model import Cut, Image, Stamp
from feedsvc.plain import has_text, text_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Pages of news sites have 1,000 to 5,000 tags; extraction takes 60 us for each.
MAX_PAGE_TAGS = 60_000
# The extraction's time grows with the number of elements times the text that stands loose between
# them: 10 s for this much. The longest live page comes to a tenth.
_MAX_LOOSE = 5_000_000_000
# A page with less text than this is a hand-written note, in which nothing need be searched for.
_SMALL_PAGE = 4000
# The dateline stands in the first words of the text.
_FIRST_PARAGRAPH = 400
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# Half of a page's bytes, which the extraction would copy several times.
_HEAVY = ("script", "style", "svg", "template")
_FURNITURE = "header|nav|footer|aside|form|script|style|noscript|template|iframe|button|svg|dialog"
# So much more than the text of a small page may be said below it.
_MOST_COMMENTS = 10
# With less than this of a small page's sentences the extraction has missed its text.
_LITTLE = 0.4
_SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"”’»)\]]*$")
# Names and labels alone are a menu that was taken for the text.
_PROSE = re.compile(r".{40}|[.!?…。！？؟।][\"”’»)]*$")
# How the stamp of a date that a reader of the page sees is named.
_DATE_LINE = "date line"
# A shorter summary that is the text's beginning is all that is to be said.
_MIN_COPY = 20
_FIGURE_CAPTION = re.compile(r"<figcaption>.{0,8000}?</figcaption>", re.DOTALL)
_BLOCKS = re.compile(r"<(?:p|ul|ol|table|pre|blockquote|h[2-6]|figure)\b")


def read_web_page(text: str, path: str, reading: Reading) -> Draft:
    """Read an HTML page; raises RefusedError if it has no main text or cannot be read."""
    if text.count("<") > MAX_PAGE_TAGS:
        raise RefusedError(f"the page has more than {MAX_PAGE_TAGS} tags")
    # A block of keys before the page, as some tools put it there, is as binding as in any file.
    items, text, _ = split_front_matter(text)
    tree = _parse(promote_lazy_images(text))
    strip_marks(tree)
    _resolve_base(tree)
    join_posts(tree)
    _show_lazy_images(tree)
    for image in tree.iter("img", "amp-img"):
        image.tag = "img"
        if image.get("src", "").lstrip().startswith("//"):
            # The extraction would make it http, which pages and feeds on https do not show (R49).
            image.set("src", "https:" + image.get("src", "").lstrip())
    facts = read_page_facts(tree)
    page = read_fields(facts.items, reading, "page metadata")
    if standfirst := take_standfirst(tree, reading):
        page = replace(page, summary=standfirst)
    own = read_fields(items, reading) if items else Fields()
    fields = merge_fields(own, page)
    title = _choose_title(fields.title, facts, reading)
    titles = {title, facts.heading, facts.title, fields.title}
    body = _take_body(tree, facts, titles, fields, reading)
    content = _drop_heading(body.content, titles)
    if not has_text(content) and "<img" not in content:
        raise RefusedError("the page has no main text")
    title, notes = limit_title(title)
    lines = body.lines
    updated = Stamp(lines.updated, _DATE_LINE) if lines.updated else None
    published = Stamp(lines.published, _DATE_LINE) if lines.published else None
    page = replace(_drop_copy(page, content), image=body.image)
    return Draft(
        # What an editor wrote before the page stands as it is, whatever the page says.
        fields=merge_fields(own, page),
        title=title,
        content=content,
        authors=lines.authors,
        source=facts.source or lines.source or _read_wire(content),
        # A page that says only when it was updated dates by that.
        published=published or fields.updated or updated,
        updated=updated,
        cuts=body.cuts,
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Body:
    """The article as it stands on the page, and what the lines around it say."""

    content: str
    image: Image | None
    lines: HeadLines
    cuts: tuple[Cut, ...] = ()


def _read_wire(content: str) -> str:
    """Return the agency that the dateline of the first paragraph names."""
    return read_agency(text_of(content[:_FIRST_PARAGRAPH]).lstrip())


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


def _resolve_base(tree: HtmlElement) -> None:
    """Complete the addresses of a page that says below which one they are (``<base href>``)."""
    base = next(iter(tree.xpath("//base/@href")), "")[:MAX_VALUE].strip()
    if base.casefold().startswith(("http://", "https://")):
        tree.make_links_absolute(base, resolve_base_href=False, handle_failures="ignore")


def _show_lazy_images(tree: HtmlElement) -> None:
    """Put a picture that is given for browsers without scripts in the place of its stand-in."""
    for given in tree.xpath("//noscript[.//img]"):
        before = given.getprevious()
        image = next(given.iter("img"))
        if before is not None and before.tag == "img" and image.get("src"):
            if is_unseen(image.attrib):
                continue  # counts the readers who have no scripts
            before.set("src", image.get("src"))


def _choose_title(given: str, facts: PageFacts, reading: Reading) -> str:
    names = (*reading.sections, reading.site, facts.site)
    return given or plain_line(facts.heading) or cut_tail(plain_line(facts.title), names)


def _take_body(
    tree: HtmlElement, facts: PageFacts, titles: set[str], fields: Fields, reading: Reading
) -> _Body:
    """Take the main text; on a small page that has none for the extractor, what is no furniture."""
    image, authors = fields.image, fields.authors
    strip(tree, _HEAVY)
    strip_hidden(tree)
    _check_loose_text(tree)
    extracted = f"{_extract_main(tree)}\n{facts.body}"
    body = tree.find("body")
    blocks = split_blocks(tree if body is None else body)
    kept = choose_blocks(blocks, extracted)
    heads = {letters_of(one) for one in titles if one}
    if not facts.heading:
        heads.update(list_runs(facts.title))
    start = find_start(blocks, kept, frozenset(heads))
    lines = read_lines(blocks, kept, start, reading)
    for place in lines.places:
        kept[place] = False
    keep_lead(blocks, kept, start, image, {*authors, *lines.authors})
    cuts = cut_lines(blocks, kept, start, reading)
    take_notes(blocks, kept)
    attach_captions(blocks, kept)
    lead = take_lead(blocks, kept, start, image)
    taken = [block for block, keep in zip(blocks, kept, strict=True) if keep]
    content = sanitise("\n".join(map(markup_of, taken)))
    stated = _write_paragraphs(facts.body)
    if _measure(content) < _LITTLE * _measure(stated):
        # The page is drawn by a script; what it tells machines is all that there is to read.
        return _Body(stated, lead, lines)
    is_small = _measure(content) < _SMALL_PAGE
    small, small_lines = _take_small_page(tree, heads, reading) if is_small else ("", HeadLines())
    if not any(map(is_prose, taken)) or _measure(content) < _LITTLE * _measure(small):
        return _Body(small, image, small_lines)
    return _Body(content, lead, lines, cuts)


def _check_loose_text(tree: HtmlElement) -> None:
    loose = [len(tail) for one in tree.iter() if (tail := one.tail) and not tail.isspace()]
    if sum(loose) * len(loose) > _MAX_LOOSE:
        raise RefusedError("the page has too much text outside of its paragraphs")


def _write_paragraphs(text: str) -> str:
    """Make paragraphs of the text that a page's JSON-LD states; some write markup into it."""
    if "<p" in text:
        return sanitise(text)
    lines = (plain_line(line) for line in text.split("\n"))
    return "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def _measure(content: str) -> int:
    """Count the letters of sentences; labels and lists of links have none."""
    lines = text_of(content).split("\n")
    return sum(len(line) for line in lines if _SENTENCE_END.search(line))


def _extract_main(tree: HtmlElement) -> str:
    """Return the main text, a block a line; the tree stays as it is."""
    from trafilatura import extract

    # The extraction leaves out times, even those in the middle of a sentence.
    times = [time for time in tree.iter("time") if is_in_prose(time)]
    for time in times:
        time.tag = "span"
    try:
        found = extract(
            tree,
            output_format="txt",
            favor_precision=True,
            include_comments=False,
            include_tables=True,
        )
    except Exception as error:
        # What the extractor raises on odd markup is its own affair; the page is refused, not more.
        raise RefusedError(f"the page could not be read ({type(error).__name__})") from error
    for time in times:
        time.tag = "time"
    return found or ""


def _take_small_page(tree: HtmlElement, heads: set[str], reading: Reading) -> tuple[str, HeadLines]:
    """Take all of a small page that is no furniture, and read the lines of its head."""
    from lxml.html import tostring

    nothing = ("", HeadLines())
    containers = tree.xpath("//article | //main") or tree.xpath("//body")
    if len(containers) != 1 or len(containers[0].text_content()) > _MOST_COMMENTS * _SMALL_PAGE:
        return nothing
    body = deepcopy(containers[0])
    for odd in body.xpath("|".join(f".//{name}" for name in _FURNITURE.split("|"))):
        odd.drop_tree()
    drop_others(body)
    if len(body.text_content()) > _SMALL_PAGE:
        return nothing
    markup = sanitise(tostring(body, encoding="unicode"))
    if not _BLOCKS.search(markup):
        return nothing
    blocks = split_blocks(body)
    start = find_start(blocks, [True] * len(blocks), frozenset(heads))
    lines = read_lines(blocks, [True] * len(blocks), start, reading)
    if not lines.places:
        return markup, lines
    kept = (block for place, block in enumerate(blocks) if place not in lines.places)
    return sanitise("\n".join(map(markup_of, kept))), lines


def _drop_copy(fields: Fields, content: str) -> Fields:
    """Leave out a summary that is nothing but the beginning of the text: it would be read twice."""
    summary = letters_of(fields.summary.rstrip(".… ").removesuffix("[…]").removesuffix("[...]"))
    if len(summary) < _MIN_COPY:
        return fields
    if not letters_of(text_of(_FIGURE_CAPTION.sub("", content))).startswith(summary):
        return fields
    return replace(fields, summary="")


def _drop_heading(content: str, titles: set[str]) -> str:
    """Drop a first heading that repeats the title."""
    found = re.match(r"\s*<h2>(.{0,2000}?)</h2>", content, re.DOTALL)
    wanted = {title.casefold() for title in titles if title}
    if found and plain_line(found[1]).casefold() in wanted:
        return content[found.end() :].lstrip()
    return content

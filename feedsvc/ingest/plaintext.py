"""A .txt file as it was scraped -> a draft: title first, then furniture and paragraphs."""

from __future__ import annotations

import re

from feedsvc.ingest.captions import MAX_LABEL, is_label, split_glued
from feedsvc.ingest.characters import drop_leftovers, plain_line
from feedsvc.ingest.cleaning import Cleaned, clean
from feedsvc.ingest.datelines import cut_dateline, read_agency, read_date_line
from feedsvc.ingest.draft import Draft
from feedsvc.ingest.fields import read_fields
from feedsvc.ingest.frontmatter import split_front_matter
from feedsvc.ingest.layout import Line, lay_out
from feedsvc.ingest.paragraphs import build_body
from feedsvc.ingest.people import read_byline
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.titles import MAX_TITLE, cut_tail, limit_title
from feedsvc.model import Note, Stamp

DATE_LINE = "date line"
# A first sentence with another behind it; "D.C. police" ends none.
_SENTENCE = re.compile(r".{15,}?[^\W\d_A-Z][^\W_][.!?][\"”’]?(?= +[\"“‘(]?[^\W\d_a-z])")
# A headline, names and a date fit into this; it bounds the matching.
_MAX_HEAD = 400
_DAY = (
    r"(?:[A-Z][a-z]{2,8}\.? \d{1,2},? (?:19|20)\d\d|\d{1,2}\.? [A-Z][a-zä]{2,8}\.?,? (?:19|20)\d\d"
    r"|(?:19|20)\d\d-\d\d-\d\d)(?:,? \d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4}\b)?)?"
)
_ONE_LINE = re.compile(
    r"(?P<title>[^.!?]{15,200}?) (?:[|–—-] )?(?:(?P<by>By [^.!?]{4,80}?),? (?:[|•–—-] )?)?"
    rf"(?P<date>(?:(?:Published|Posted|Updated):? (?:on )?)?{_DAY}) (?:[|•–—-] )?(?=[“\"A-Z])"
)
# "... closed on January 27, 2017" is a sentence.
_PREPOSITION = re.compile(
    r"(?:,|\b(?:on|in|of|by|to|at|for|and|the|from|since|until|before|after|between|dated|late"
    r"|early|\w+day))$",
    re.IGNORECASE,
)
_LABEL_BEGINS = frozenset("IiMmPpVvUuL")
_DATE_LABELS = frozenset({"Published", "Updated", "Posted", "Last updated", "PUBLISHED", "UPDATED"})
# What a caption of one line holds; a longer line may be a paragraph.
_MAX_SPOKEN = 250
_SENTENCE_MARKS = (".", "!", "?", "…", '"', "”")


def read_plain_text(text: str, path: str, reading: Reading) -> Draft:
    """Read a scraped text file; raises RefusedError if its front matter is broken."""
    items, body, first_line = split_front_matter(text)
    body = drop_leftovers(body)
    fields = read_fields(items, reading)
    lines = lay_out(body, first_line)
    if not fields.title:
        lines = _split_head(lines, reading)
    lines = _part_captions(_join_labels(lines, reading))
    page = clean(lines, reading, path, fields.title)
    kept = page.kept
    title, source = page.title, page.source
    if not fields.title and _is_text_too(page):
        # The whole article in one line: its first sentence is the title, and nothing is lost.
        kept = (_find_line(lines, title), *kept)
        source = source or read_agency(title)
        title = _begin_of(cut_dateline(title))
    names = (*reading.sections, reading.site, *page.tails)
    title = title.removeprefix("#").lstrip("# ") if title.startswith("#") else title
    title = fields.title or plain_line(cut_tail(title, names, reading.site))
    title, notes = limit_title(title)
    summary = page.standfirst.text if page.standfirst else ""
    if fields.summary and page.standfirst and plain_line(summary) != fields.summary:
        kept = (page.standfirst, *kept)
    content = build_body(kept)
    published, updated = _stamp(page)
    return Draft(
        fields=fields,
        title=title,
        content=content,
        summary=summary,
        authors=page.authors,
        source=source,
        tags=page.tags,
        published=published,
        updated=updated,
        caption=page.caption.text,
        credit=page.caption.credit,
        cuts=page.cuts,
        notes=notes
        + tuple(Note(line, "date", f'"{words}" is no date') for line, words in page.unclear),
    )


def _split_head(lines: tuple[Line, ...], reading: Reading) -> tuple[Line, ...]:
    """Split a page that was scraped into one line: "Headline By Ann Lee March 3, 2026 The ..."."""
    if not lines or len(lines[0].text) <= MAX_TITLE:
        return lines
    first, *others = lines
    found = _ONE_LINE.match(first.text[:_MAX_HEAD])
    if not found or not read_date_line(found["date"], reading):
        return lines
    if read_byline(found["by"]) is None if found["by"] else _PREPOSITION.search(found["title"]):
        return lines
    parts = filter(None, (*found.group("title", "by", "date"), first.text[found.end() :]))
    # The blocks need only differ from one another.
    head = (Line(first.number, part, first.block - n) for n, part in enumerate(parts, start=1))
    return (*head, *others)


def _join_labels(lines: tuple[Line, ...], reading: Reading) -> tuple[Line, ...]:
    """Join "Image caption," or "Published" and the line that it speaks for."""
    # As most texts have none: a label is told by its first letter, or nearly.
    short = [t for line in lines if len(t := line.text) <= MAX_LABEL and t[:1] in _LABEL_BEGINS]
    if not any(map(_is_label, short)):
        return lines
    joined: list[Line] = []
    for line in lines:
        if joined and _is_label(joined[-1].text) and _speaks_for(joined[-1], line, reading):
            joined[-1] = joined[-1]._replace(text=f"{joined[-1].text} {line.text}")
        else:
            joined.append(line)
    return tuple(joined)


def _is_label(text: str) -> bool:
    return text in _DATE_LABELS or is_label(text)


def _speaks_for(label: Line, line: Line, reading: Reading) -> bool:
    """Whether a line is what the label above says; beyond a blank line a sentence is none."""
    if label.is_code or line.is_code or _is_label(line.text):
        return False
    is_beside = line.number == label.number + 1
    if label.text in _DATE_LABELS:
        return is_beside and read_date_line(f"{label.text} {line.text}", reading) is not None
    ends = line.text.endswith(_SENTENCE_MARKS)
    return len(line.text) <= (_MAX_SPOKEN if is_beside or not ends else 0)


def _part_captions(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Give the captions that are glued to a paragraph lines of their own."""
    parted: list[Line] = []
    for index, line in enumerate(lines):
        parts = None if line.is_code else split_glued(line.text)
        if parts:
            # The blocks need only differ from one another.
            block = -len(lines) - index
            parted += [Line(line.number, parts[0], line.block), Line(line.number, parts[1], block)]
        else:
            parted.append(line)
    return tuple(parted)


def _is_text_too(page: Cleaned) -> bool:
    """Whether the first line is no title alone: it is too long for one, or all there is."""
    is_all = not page.kept and not page.standfirst
    return len(page.title) > MAX_TITLE or bool(is_all and _SENTENCE.match(page.title))


def _begin_of(text: str) -> str:
    found = _SENTENCE.match(text[: MAX_TITLE + 2])
    return found[0].removesuffix(".") if found else text


def _find_line(lines: tuple[Line, ...], text: str) -> Line:
    return next(line for line in lines if line.text == text)


def _stamp(page: Cleaned) -> tuple[Stamp | None, Stamp | None]:
    """Make stamps of the date lines; a page that says only when it was updated dates by that."""
    published = page.published or page.updated
    updated = page.updated if page.published else None
    return (
        Stamp(published[0], DATE_LINE, published[1]) if published else None,
        Stamp(updated[0], DATE_LINE, updated[1]) if updated else None,
    )

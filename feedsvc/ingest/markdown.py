"""A Markdown file -> a draft; raw HTML in it is allowed and sanitised like any other."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import one_line, plain_line
from feedsvc.ingest.datelines import has_year, read_date_line
from feedsvc.ingest.dates import MAX_DATE
from feedsvc.ingest.draft import Draft
from feedsvc.ingest.fields import is_key, read_fields
from feedsvc.ingest.frontmatter import split_front_matter, split_key_lines
from feedsvc.ingest.headparts import MAX_HEAD_LINE, HeadParts, merge_head, read_head_parts
from feedsvc.ingest.media import encode_reference
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.sanitising import sanitise
from feedsvc.ingest.titles import limit_title
from feedsvc.model import Stamp
from feedsvc.plain import text_of

if TYPE_CHECKING:
    from pyromark import Markdown

_HEADING = re.compile(r" {0,3}#[ \t]+(?P<atx>[^\n]*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*$")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})")
_BLOCK_START = re.compile(r"[ \t]{4}|\t| {0,3}(?:[-*+>|`~<#]|\d{1,9}[.)]\s|!\[)")
# A heading further down heads a part, not the article.
_HEADING_LINES = 200
# A first line of at most this length that ends no sentence is a title without its mark.
_MAX_FIRST_LINE = 150
# A name, a date and a reading time each in a paragraph of its own.
_MAX_HEAD = 4
# A second day comes within so many lines, where days head the parts of a text.
_MAX_TIMELINE = 60
_EMPHASIS = re.compile(r"[*_]{1,3}(?=[^\s*_])")
# How the stamp of a date that a reader of the text sees is named.
_DATE_LINE = "date line"
# Quotes nested deeper than any mail thread cost the parser and the sanitiser quadratic time.
_MAX_QUOTES = 50
_DEEP_QUOTES = re.compile(rf"^(?:[ \t]*>){{{_MAX_QUOTES}}}", re.MULTILINE)

# A picture in angle brackets may be called by the name of its file, spaces and all.
_NAMED_PICTURE = re.compile(r"\]\(\s*+<(?P<name>(?:[^<>\\\n]|\\.)*+)>")
_NAMED_ESCAPE = re.compile(r"\]\(\s*+<[^<>\n]*?%[0-9A-Fa-f]{2}")


@cache
def _parser() -> Markdown:
    from pyromark import Markdown, Options

    return Markdown(
        options=Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES | Options.ENABLE_STRIKETHROUGH
    )


def read_markdown(text: str, path: str, reading: Reading) -> Draft:
    """Read a Markdown file; raises RefusedError if front matter or nesting cannot be read."""
    items, body, _ = split_front_matter(text)
    if not items:
        items, body = split_key_lines(body, is_key)
    fields = read_fields(items, reading)
    if body.count(">") >= _MAX_QUOTES and _DEEP_QUOTES.search(body):
        raise RefusedError(f"quotes are nested deeper than {_MAX_QUOTES}")
    title, body = _take_title(body, fields.title)
    head, body = _take_head(body, reading)
    title, notes = limit_title(title)
    content = sanitise(_parser().html(_encode_names(body)))
    published = head.published or head.updated
    updated = head.updated if head.published else None
    return Draft(
        fields=fields,
        title=title,
        content=content,
        authors=head.authors,
        source=head.source,
        published=Stamp(published, _DATE_LINE) if published else None,
        updated=Stamp(updated, _DATE_LINE) if updated else None,
        notes=notes,
    )


def _take_head(body: str, reading: Reading) -> tuple[HeadParts, str]:
    """Take the paragraphs above the text that say who wrote it, and when, out of the body."""
    head = HeadParts()
    for _ in range(_MAX_HEAD):
        body = body.lstrip("\n")
        first, border, rest = body.partition("\n\n")
        if not border or len(first) > MAX_HEAD_LINE or _BLOCK_START.match(_EMPHASIS.sub("", first)):
            break
        lines = [_plain(line.rstrip().removesuffix("\\")) for line in first.split("\n")]
        parts = [read_head_parts(line, reading) for line in lines if line]
        if not parts or None in parts:
            parts = [read_head_parts("\n".join(lines), reading)]
        for part in parts:
            if part is None:
                return head, body
            if not part.authors and _is_timeline(rest, reading):
                return head, body
            head = merge_head(head, part)
        body = rest
    return head, body


def _is_timeline(rest: str, reading: Reading) -> bool:
    """Whether more days stand alone in the text: then the first is no day of publication."""
    lines = (line.strip("#*_ ") for line in rest.split("\n", _MAX_TIMELINE)[:_MAX_TIMELINE])
    days = (line for line in lines if len(line) <= MAX_DATE and has_year(line))
    return any(read_date_line(line, reading) for line in days)


def _encode_names(body: str) -> str:
    """Encode the file names of pictures whose ``%20`` the parser would take for a URL's."""
    if "![" not in body or not _NAMED_ESCAPE.search(body):
        return body
    raw = body.encode("utf-8", "surrogatepass")
    pieces, at = [], 0
    for event, span in _parser().events_with_range(body):
        image = event.get("Start", {}) if isinstance(event, dict) else {}
        image = image.get("Image") if isinstance(image, dict) else None
        if not image or image["link_type"] != "Inline" or span["start"] < at:
            continue
        written = raw[span["start"] : span["end"]].decode("utf-8", "surrogatepass")
        name = next(reversed(list(_NAMED_PICTURE.finditer(written))), None)
        if name:
            encoded = encode_reference(image["dest_url"])
            mended = f"{written[: name.start('name')]}{encoded}{written[name.end('name') :]}"
            pieces += [raw[at : span["start"]], mended.encode("utf-8", "surrogatepass")]
            at = span["end"]
    return b"".join([*pieces, raw[at:]]).decode("utf-8", "surrogatepass")


def _take_title(body: str, given: str) -> tuple[str, str]:
    """Take the first heading out of the body, unless the given title says something else."""
    lines = body.split("\n")
    at, end, written = _find_heading(lines)
    if at < 0 and not given:
        at, end, written = _find_first_line(lines)
    title = _plain(written)
    if at < 0 or (given and title.casefold() != given.casefold()):
        return given, body
    return given or title, "\n".join(lines[:at] + lines[end:])


def _find_heading(lines: list[str]) -> tuple[int, int, str]:
    fence = ""
    previous = ""
    for at, line in enumerate(lines[:_HEADING_LINES]):
        if line[:1].isalpha():
            previous = "" if fence else line
            continue  # plain words, as most lines are
        if not line:
            previous = ""
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or mark["mark"].startswith(fence)):
            fence = "" if fence else mark["mark"]
        elif not fence:
            if found := _HEADING.match(line[:5000]):
                return at, at + 1, found["atx"]
            if previous.strip() and _UNDERLINE.match(line) and not _BLOCK_START.match(previous):
                return at - 1, at + 1, previous
        previous = "" if fence else line
    return -1, -1, ""


def _find_first_line(lines: list[str]) -> tuple[int, int, str]:
    at = next((n for n, line in enumerate(lines) if line.strip()), -1)
    alone = at >= 0 and (at + 1 == len(lines) or not lines[at + 1].strip())
    line = lines[at].strip() if alone else ""
    if (
        not line
        or len(line) > _MAX_FIRST_LINE
        or line.endswith(".")
        or _BLOCK_START.match(lines[at])
    ):
        return -1, -1, ""
    return at, at + 1, line


def _plain(written: str) -> str:
    if not written:
        return ""
    text = text_of(sanitise(_parser().html(written.strip()[:5000])))
    return one_line(text) or plain_line(written)

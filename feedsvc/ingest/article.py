"""Bytes of a file -> an article: the table of readers, and what wins over what."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import plain_line
from feedsvc.ingest.dates import split_file_name
from feedsvc.ingest.decoding import decode_text
from feedsvc.ingest.draft import Draft, Fields
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.titles import limit_title
from feedsvc.model import Article, Enclosure, Episode, Image, Note, Stamp
from feedsvc.plain import has_text


# Each reader is loaded when its first article comes: a web worker reads none, and would start a
# fifth of a second later.
def _read_plain_text(path: str, text: str, reading: Reading) -> Draft:
    from feedsvc.ingest.plaintext import read_plain_text

    return read_plain_text(path, text, reading)


def _read_markdown(path: str, text: str, reading: Reading) -> Draft:
    from feedsvc.ingest.markdown import read_markdown

    return read_markdown(path, text, reading)


def _read_web_page(path: str, text: str, reading: Reading) -> Draft:
    from feedsvc.ingest.webpage import read_web_page

    return read_web_page(path, text, reading)


READERS: Mapping[str, Callable[[str, str, Reading], Draft]] = MappingProxyType(
    {
        ".txt": _read_plain_text,
        ".md": _read_markdown,
        ".markdown": _read_markdown,
        ".html": _read_web_page,
        ".htm": _read_web_page,
    }
)
SUFFIXES = frozenset(READERS)
# A long novel has 15,000 lines; what has more is a log or a table.
MAX_LINES = 50_000
FILE_TIME = "file time"
_PAGES = frozenset({".html", ".htm"})


def read_article(path: str, data: bytes, modified: datetime, reading: Reading) -> Article:
    """Read one file of the content folder.

    ``path`` is relative to the folder, with ``/``; ``data`` are the file's bytes and ``modified``
    its aware time of modification, the last resort for a date (DESIGN, Dates). Raises
    RefusedError, and nothing else, with the reason in a sentence.
    """
    return read_text(path, decode_article(path, data, reading), modified, reading)


def decode_article(path: str, data: bytes, reading: Reading) -> str:
    """Return the text of one file of the content folder; raises RefusedError."""
    suffix = _split_name(path)[1]
    if suffix not in READERS:
        raise RefusedError(f'there is no reader for files that end in "{suffix}"')
    return decode_text(data, language=reading.language, declared=suffix in _PAGES)


def read_text(path: str, text: str, modified: datetime, reading: Reading) -> Article:
    """Read the text of one file, as ``read_article`` does."""
    path = _check_path(path)
    stem, suffix = _split_name(path)
    if text.count("\n") > MAX_LINES:
        raise RefusedError(f"the file has more than {MAX_LINES} lines; no article is so long")
    draft = READERS[suffix](text, path, reading)
    return _assemble(path, stem, draft, modified, reading)


def is_plain(path: str) -> bool:
    """Whether a file is read as plain text, of which the site's furniture must be learned."""
    return _split_name(path)[1] == ".txt"


def _check_path(path: str) -> str:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedError("the file's name is not valid UTF-8; rename the file") from None
    return unicodedata.normalize("NFC", path)


def _split_name(path: str) -> tuple[str, str]:
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix.casefold()}") if dot else (name, "")


def _assemble(path: str, stem: str, draft: Draft, modified: datetime, reading: Reading) -> Article:
    fields = draft.fields
    named, slug = split_file_name(stem, reading)
    title, notes = limit_title(fields.title or draft.title or _title_of_name(slug or stem))
    summary = fields.summary or plain_line(draft.summary)
    if not summary and "<img" not in draft.content and not has_text(draft.content):
        raise RefusedError("the file has a title but no text" if title else "the file has no text")
    published = fields.published or draft.published
    if not published and named:
        published = Stamp(named, "file name", stem[:80])
    if not published:
        # A clock that runs ahead must not turn a new article into an embargo.
        published = Stamp(min(modified, reading.now).astimezone(UTC), FILE_TIME)
    embargo = fields.embargo
    if embargo and (published.source == FILE_TIME or embargo > published.at):
        published = Stamp(embargo, "front matter embargo")
    updated, update_notes = _check_update(fields.updated or draft.updated, published, reading)
    enclosure, enclosure_notes = _time_enclosure(fields)
    return Article(
        path=path,
        title=title,
        published=published,
        summary=summary,
        content=draft.content,
        updated=updated,
        expires=fields.expires,
        authors=fields.authors or draft.authors,
        source=draft.source,
        tags=fields.tags or draft.tags,
        sections=fields.sections,
        key=fields.key,
        slug=fields.slug,
        link=fields.link or draft.link,
        language=fields.language or draft.language,
        image=_describe_image(draft),
        enclosure=enclosure,
        status=fields.status,
        correction=fields.correction,
        minor=fields.minor,
        cuts=draft.cuts,
        notes=_unique((*fields.notes, *draft.notes, *notes, *update_notes, *enclosure_notes)),
        rights=fields.rights,
        syndication=fields.syndication,
        episode=_read_episode(fields),
        caption=draft.caption,
        credit=draft.credit,
    )


def _describe_image(draft: Draft) -> Image | None:
    """Return the article's picture with the caption and credit that stood in the text."""
    image = draft.fields.image or draft.image
    if image is None or image.caption or image.credit:
        return image
    return replace(image, caption=plain_line(draft.caption), credit=plain_line(draft.credit))


def _title_of_name(stem: str) -> str:
    words = plain_line(stem.replace("_", " ").replace("-", " "))
    return words[:1].upper() + words[1:]


def _check_update(
    updated: Stamp | None, published: Stamp, reading: Reading
) -> tuple[Stamp | None, tuple[Note, ...]]:
    if not updated or updated.at == published.at:
        return None, ()
    if updated.at < published.at:
        return None, (Note(0, "updated", f"is before the {published.source}; it is ignored"),)
    if updated.at > max(reading.now, published.at):
        return None, (Note(0, "updated", "is in the future; it is ignored"),)
    return updated, ()


def _time_enclosure(fields: Fields) -> tuple[Enclosure | None, tuple[Note, ...]]:
    """Return the enclosure with the duration that its article states."""
    if not fields.duration:
        return fields.enclosure, ()
    if fields.enclosure is None:
        return None, (Note(0, "duration", "there is no enclosure that it could be the length of"),)
    return replace(fields.enclosure, duration=fields.duration), ()


def _read_episode(fields: Fields) -> Episode | None:
    episode = Episode(fields.episode, fields.season, fields.episode_type, fields.explicit)
    return None if episode == Episode() else episode


def _unique(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys(notes))

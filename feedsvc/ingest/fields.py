"""Keys of front matter or ``<meta>`` -> typed fields, with a note for all that is odd."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import make_safe, plain_line
from feedsvc.ingest.dates import FarAheadError, read_date
from feedsvc.ingest.draft import Fields
from feedsvc.ingest.frontmatter import Item, Value
from feedsvc.ingest.media import encode_reference, type_of_name
from feedsvc.ingest.people import split_names
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.slugs import slugify
from feedsvc.model import Enclosure, Image, Note, Stamp, Status, Syndication

# Every key as an editor may write it -> the field that it fills.
KEYS: Mapping[str, str] = MappingProxyType(
    {name: name for name in ("title", "summary", "tags", "link", "image", "enclosure", "language")}
    | {name: name for name in ("slug", "status", "draft", "embargo", "expires", "correction")}
    | {"id": "key", "description": "summary", "standfirst": "summary", "lang": "language"}
    | {"author": "authors", "authors": "authors", "section": "sections", "sections": "sections"}
    | {"tag": "tags", "keywords": "tags", "url": "link", "date": "published"}
    | {"published": "published", "updated": "updated", "modified": "updated"}
    | {"lastmod": "updated", "minor": "minor"}
    | {"audio": "enclosure", "video": "enclosure"}
    | {"rights": "rights", "copyright": "rights", "syndication": "syndication"}
    | {name: name for name in ("episode", "season", "episode_type", "explicit", "duration")}
)
# What other tools (Hugo, Jekyll, Astro, Ghost, Pelican) call them. A key of ours wins over these.
FOREIGN_KEYS: Mapping[str, str] = MappingProxyType(
    {
        name: field
        for field, names in (
            ("published", "pubdate pub_date publish_date published_at created created_at"),
            # Hugo shows nothing before it, whatever the date is.
            ("embargo", "publishdate"),
            ("expires", "expirydate unpublishdate"),
            ("updated", "updateddate updated_at last_modified_at last_modified lastmodified"),
            ("image", "heroimage coverimage cover featured_image feature_image featuredimage"),
            ("image", "thumbnail og_image"),
            ("link", "canonicalurl canonical_url canonical"),
            ("sections", "category categories"),
            ("summary", "excerpt custom_excerpt subtitle"),
        )
        for name in names.split()
    }
)
_BY_EDITOR = "front matter date"
# A list of more is a mistake, and every one would become an element of every feed.
MAX_NAMES = 50
_STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        **dict.fromkeys(("live", "published", "publish", "public"), Status.LIVE),
        **dict.fromkeys(("draft", "unpublished", "hidden", "private"), Status.DRAFT),
        **dict.fromkeys(("withdrawn", "retracted", "removed", "deleted"), Status.WITHDRAWN),
    }
)
# What may leave the site, the least first; the least is what a value that nobody can read means.
_SYNDICATION = (Syndication.NONE, Syndication.SUMMARY, Syndication.FULL)
_EPISODE_TYPES = ("full", "trailer", "bonus")
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})", re.ASCII)
_YES = frozenset({"true", "yes", "on", "1", "y"})
_NO = frozenset({"false", "no", "off", "0", "n", ""})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# What a file is whose name does not tell: the key may. Podcast apps pass over what is only "bytes".
_TYPES_OF_KEYS: Mapping[str, str] = MappingProxyType({"audio": "audio/mpeg", "video": "video/mp4"})


class _Odd(ValueError):
    """A value that cannot be used; the message becomes the note."""


class _FarAheadError(_Odd):
    """A date that lies too far ahead for one."""


def read_fields(items: Iterable[Item], reading: Reading, source: str = _BY_EDITOR) -> Fields:
    """Read what a file says of itself; later keys win over earlier ones.

    ``source`` is how its dates are named in the stamps. Raises RefusedError if an embargo cannot
    be read, or the editor's date lies too far ahead for one, since publishing too early cannot be
    taken back (F18).
    """
    found: dict[str, Any] = {}
    notes: list[Note] = []
    foreign: list[tuple[str, Item]] = []
    own: list[tuple[str | None, Item]] = []
    for item in items:
        key = item.key.casefold()
        if name := FOREIGN_KEYS.get(key):
            foreign.append((name, item))
        else:
            own.append((_field_of(key, item.value), item))
    said = {field for field, item in own if item.value not in ("", [], {})}
    for name, item in foreign:
        if name not in said:
            own.append((name, item))
            said.add(name)
    for field, item in own:
        if field is None:
            hint = _suggest(item.key)
            notes.append(Note(item.line, item.key[:80], "unknown key", hint, warning=not hint))
            continue
        if item.value in ("", [], {}) and field != "syndication":
            continue
        try:
            value = _READERS[field](item, reading, source, notes)
        except _Odd as odd:
            if field == "embargo":
                raise RefusedError(f"line {item.line}: the embargo {odd}") from None
            if isinstance(odd, _FarAheadError) and (field, source) == ("published", _BY_EDITOR):
                raise RefusedError(f"line {item.line}: {item.key} {odd}") from None
            notes.append(Note(item.line, item.key, str(odd)))
            if field in ("draft", "status"):
                found["status"] = Status.DRAFT
            elif field == "syndication":
                found["syndication"] = Syndication.NONE
            continue
        if field == "syndication" and field in found:
            notes.append(Note(item.line, item.key, "is given twice; what allows less counts"))
            value = min(value, found[field], key=_SYNDICATION.index)
        elif field in found and field not in ("status", "draft"):
            notes.append(Note(item.line, item.key, "is given twice; the last one is used"))
        if field == "draft":
            if value:
                found["status"] = Status.DRAFT
        elif item.key.casefold() == "published" and value is Status.LIVE:
            found.setdefault("status", value)
        elif field == "status" and found.get("status") is Status.DRAFT:
            found["status"] = value if value is Status.WITHDRAWN else Status.DRAFT
        else:
            found[field] = value
    return Fields(**found, notes=tuple(notes))


def is_key(key: str) -> bool:
    """Whether an editor may write a key in front matter, be it ours or another tool's."""
    return key.casefold() in KEYS or key.casefold() in FOREIGN_KEYS


def _field_of(key: str, value: Value) -> str | None:
    """Return the field that a key fills; Jekyll's ``published: false`` says no date."""
    if key.startswith("embargo"):
        return "embargo"  # "embargoed", "embargo_until": whatever it is called, it asks to wait
    if key == "published" and isinstance(value, str) and value.casefold() in _YES | _NO - {""}:
        return "status"
    return KEYS.get(key)


@lru_cache(maxsize=512)
def _suggest(key: str) -> str:
    close = difflib.get_close_matches(key.casefold()[:40], KEYS, n=1, cutoff=0.75)
    return f'did you mean "{close[0]}"?' if close else ""


def _read_text(item: Item, *_: object) -> str:
    value = item.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise _Odd("must be a text, not a list")
    return plain_line(value)


def _read_key(item: Item, *_: object) -> str:
    return _read_text(item)[:200]


def _read_slug(item: Item, *_: object) -> str:
    return slugify(_read_text(item))


def _read_correction(item: Item, *_: object) -> str:
    text = item.value if isinstance(item.value, str) else ""
    if text.casefold() in _YES | _NO:
        raise _Odd("must say what was corrected")
    return _read_text(item)


def _read_authors(item: Item, *_: object) -> tuple[str, ...]:
    return split_names(_texts(item.value, "name"))[:MAX_NAMES]


def _read_names(item: Item, *_: object) -> tuple[str, ...]:
    texts = _texts(item.value, "name")
    if isinstance(item.value, str):
        texts = re.split(r"[,;]", item.value)
    names: dict[str, str] = {}
    for text in texts:
        # "#climate" is a tag as others write it; "C#" is called so.
        if name := plain_line(text).strip(' ,"“”').lstrip("# "):
            names.setdefault(name.casefold(), name)
    return tuple(names.values())[:MAX_NAMES]


def _texts(value: Value, key: str) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        named = value.get(key) or value.get("title")
        if not isinstance(named, str):
            raise _Odd(f'must be a text, a list of texts, or have a "{key}"')
        return [named]
    return [text for one in value if one != "" for text in _texts(one, key)]


def _read_moment(item: Item, reading: Reading, *_: object) -> datetime:
    text = _read_text(item)
    try:
        return read_date(text, reading)
    except ValueError as error:
        kind = _FarAheadError if isinstance(error, FarAheadError) else _Odd
        raise kind(f'"{text[:80]}" {error}; write it as 2026-03-04 10:00') from None


def _read_embargo(item: Item, reading: Reading, *_: object) -> datetime:
    moment = _read_moment(item, reading)
    # Sites of both orders write "en": where it is a guess, it would be one too early.
    if reading.language.casefold() == "en":
        other = _read_moment(item, replace(reading, language="en-GB"))
        if other != moment:
            days = [one.astimezone(reading.timezone) for one in (moment, other)]
            may_be = " or ".join(f"{day.day} {day:%B}" for day in days)
            raise _Odd(f'"{_read_text(item)[:80]}" may be {may_be}; write it as 2026-03-04')
    return moment


def _read_stamp(item: Item, reading: Reading, source: str, *_: object) -> Stamp:
    return Stamp(_read_moment(item, reading), source, _read_text(item))


def _read_link(item: Item, *_: object) -> str:
    url = check_url(_read_text(item))
    if not url.lower().startswith(("http://", "https://")):
        raise _Odd("must be a link that begins with https:// or http://")
    return url


def check_url(url: str) -> str:
    """Return an http(s) or relative URL that is safe in markup, or raise ValueError."""
    url = encode_reference(make_safe(url).strip())
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise _Odd(f'"{scheme[1]}:" links are not taken, only https:// and http://')
    if not url or len(url) > 2000:
        raise _Odd("is no usable link")
    return url


def _read_image(item: Item, _reading: Reading, _source: str, notes: list[Note]) -> Image:
    value = item.value[0] if isinstance(item.value, list) else item.value
    if isinstance(value, str):
        return Image(check_url(value))
    if not isinstance(value, dict):
        raise _Odd("must be a link, or have a url")
    names = ("url", "src", "image", "caption", "alt", "credit", "width", "height")
    part = _pick(item, value, names, notes)
    return Image(
        url=check_url(part["url"] or part["src"] or part["image"]),
        caption=plain_line(part["caption"] or part["alt"]),
        credit=plain_line(part["credit"]),
        width=_whole(part["width"]),
        height=_whole(part["height"]),
    )


def _read_enclosure(item: Item, _reading: Reading, _source: str, notes: list[Note]) -> Enclosure:
    value = item.value[0] if isinstance(item.value, list) else item.value
    if isinstance(value, str):
        value = {"url": value}
    if not isinstance(value, dict):
        raise _Odd("must be a link, or have a url")
    part = _pick(item, value, ("url", "type", "length"), notes)
    url = check_url(part["url"])
    media_type = part["type"].strip().lower()
    if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", media_type):
        unknown = _TYPES_OF_KEYS.get(item.key.casefold(), "application/octet-stream")
        media_type = type_of_name(url.partition("?")[0]) or unknown
    return Enclosure(url, media_type, _whole(part["length"]))


def _pick(
    item: Item, value: Mapping[str, Value], names: tuple[str, ...], notes: list[Note]
) -> dict[str, str]:
    notes.extend(
        Note(item.line, f"{item.key}.{key}"[:80], "unknown key", warning=True)
        for key in value
        if key not in names
    )
    return {name: text if isinstance(text := value.get(name), str) else "" for name in names}


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else 0


def _read_syndication(item: Item, *_: object) -> Syndication:
    # What may have been meant is narrower than what is allowed by default: nothing can be called
    # back that was syndicated once.
    what = "is not none, summary or full: it is taken for none, so the article stands in no feed"
    text = item.value[0] if isinstance(item.value, list) and len(item.value) == 1 else item.value
    if not isinstance(text, str) or text.casefold().strip() not in _SYNDICATION:
        shown = f'"{text[:40]}"' if isinstance(text, str) and text else "nothing, or a list,"
        raise _Odd(f"{shown} {what}")
    return Syndication(text.casefold().strip())


def _read_ordinal(item: Item, *_: object) -> int:
    text = _read_text(item)
    if not re.fullmatch(r"[0-9]{1,6}", text) or not int(text):
        raise _Odd(f'"{text[:40]}" is no whole number such as 12; it is left out')
    return int(text)


def _read_episode_type(item: Item, *_: object) -> str:
    text = _read_text(item).casefold()
    if text not in _EPISODE_TYPES:
        raise _Odd(f'"{text[:40]}" is none of full, trailer, bonus; it is left out')
    return text


def _read_explicit(item: Item, *_: object) -> bool:
    text = _read_text(item).casefold()
    if text not in _YES | _NO:
        raise _Odd(f'"{text[:40]}" is neither true nor false; what the podcast says counts')
    return text in _YES


def _read_duration(item: Item, *_: object) -> int:
    text = _read_text(item)
    match = _CLOCK.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    # 90:00 is an hour and a half; 1:90:00 and 1:75 are mistakes.
    late = match and ((match[2] and seconds > 59) or (match[1] and minutes > 59))
    if late or not (total := hours * 3600 + minutes * 60 + seconds):
        raise _Odd(f'"{text[:40]}" is no duration such as 3723 or 1:02:03; it is left out')
    return total


def _read_language(item: Item, *_: object) -> str:
    text = _read_text(item).replace("_", "-")
    if not _LANGUAGE.fullmatch(text):
        raise _Odd(f'"{text[:40]}" is no language tag like "en" or "pt-BR"')
    return text


def _read_status(item: Item, *_: object) -> Status:
    text = _read_text(item).casefold()
    if item.key.casefold() == "published":
        return Status.LIVE if text in _YES else Status.DRAFT
    if text not in _STATUSES:
        raise _Odd(f'"{text[:40]}" is none of live, draft, withdrawn; it is kept as a draft')
    return _STATUSES[text]


def _read_draft(item: Item, *_: object) -> bool:
    text = _read_text(item).casefold()
    if text not in _YES | _NO:
        raise _Odd(f'"{text[:40]}" is neither true nor false; it is kept as a draft')
    return text in _YES


def _read_minor(item: Item, *_: object) -> bool:
    text = _read_text(item).casefold()
    if text not in _YES | _NO:
        raise _Odd(f'"{text[:40]}" is neither true nor false; the edit counts as any other')
    return text in _YES


_READERS: Mapping[str, Callable[[Item, Reading, str, list[Note]], Any]] = MappingProxyType(
    {
        **dict.fromkeys(("title", "summary", "rights"), _read_text),
        **dict.fromkeys(("episode", "season"), _read_ordinal),
        "syndication": _read_syndication,
        "episode_type": _read_episode_type,
        "explicit": _read_explicit,
        "duration": _read_duration,
        "key": _read_key,
        "slug": _read_slug,
        "correction": _read_correction,
        "authors": _read_authors,
        "sections": _read_names,
        "tags": _read_names,
        "published": _read_stamp,
        "updated": _read_stamp,
        "embargo": _read_embargo,
        "expires": _read_moment,
        "link": _read_link,
        "image": _read_image,
        "enclosure": _read_enclosure,
        "language": _read_language,
        "status": _read_status,
        "draft": _read_draft,
        "minor": _read_minor,
    }
)

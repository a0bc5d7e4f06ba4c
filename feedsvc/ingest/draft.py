"""What a reader found in a file, before front matter and defaults are weighed against it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime

from feedsvc.model import Cut, Enclosure, Image, Note, Stamp, Status, Syndication


@dataclass(frozen=True, slots=True)
class Fields:
    """What a file says of itself in front matter or ``<meta>``; empty where it says nothing."""

    title: str = ""
    summary: str = ""
    key: str = ""
    authors: tuple[str, ...] = ()
    published: Stamp | None = None
    embargo: datetime | None = None
    updated: Stamp | None = None
    expires: datetime | None = None
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    link: str = ""
    image: Image | None = None
    enclosure: Enclosure | None = None
    language: str = ""
    slug: str = ""
    status: Status = Status.LIVE
    correction: str = ""
    minor: bool = False
    rights: str = ""
    syndication: Syndication = Syndication.FULL
    episode: int = 0
    season: int = 0
    episode_type: str = ""
    explicit: bool | None = None
    duration: int = 0
    notes: tuple[Note, ...] = ()


def merge_fields(own: Fields, other: Fields) -> Fields:
    """Return what a file says in its front matter, and for the rest what its page says."""
    said = {
        one.name: getattr(own, one.name)
        for one in fields(Fields)
        if getattr(own, one.name) != one.default
    }
    return replace(other, **{**said, "notes": (*own.notes, *other.notes)})


@dataclass(frozen=True, slots=True)
class Draft:
    """What the text or page itself shows; ``fields`` win over it."""

    fields: Fields
    title: str
    content: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    tags: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None
    image: Image | None = None
    caption: str = ""
    credit: str = ""
    link: str = ""
    language: str = ""
    cuts: tuple[Cut, ...] = ()
    notes: tuple[Note, ...] = ()

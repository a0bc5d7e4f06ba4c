"""The frozen values that travel from the content folder to the feeds.

    content folder -> Article -> filed Entry -> Feed -> Representation -> Publication

They know nothing of files, databases or networks. All datetimes are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from feedsvc.plain import text_of


class Value:
    """A frozen value, which is pickled as the call that makes it.

    Articles travel between processes by the thousand, and the way that frozen dataclasses with
    slots are pickled by themselves takes twice as long.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]]

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Return what makes an equal value."""
        return type(self), tuple([getattr(self, name) for name in self.__match_args__])


class Status(StrEnum):
    """What the editor wants to happen with an article."""

    LIVE = "live"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"


class Syndication(StrEnum):
    """How much of an article may leave the site in any feed, as its rights allow."""

    FULL = "full"
    SUMMARY = "summary"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Stamp(Value):
    """A moment and where it was found, for example ``front matter date`` or ``file time``."""

    at: datetime
    source: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cut(Value):
    """A line of a text file that was not kept; ``line`` counts from 1."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Image(Value):
    """A picture of an article; sizes are pixels, ``length`` is bytes, 0 where unknown."""

    url: str
    caption: str = ""
    credit: str = ""
    width: int = 0
    height: int = 0
    type: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True)
class Enclosure(Value):
    """A media file that belongs to an article.

    ``length`` is bytes (P25), ``duration`` whole seconds, 0 where unknown.
    """

    url: str
    type: str
    length: int = 0
    duration: int = 0


@dataclass(frozen=True, slots=True)
class Episode(Value):
    """What a podcast app shows of an episode; ``kind`` is full, trailer or bonus.

    ``explicit`` is None where the podcast's own word counts.
    """

    number: int = 0
    season: int = 0
    kind: str = ""
    explicit: bool | None = None


@dataclass(frozen=True, slots=True)
class Note(Value):
    """Something odd in an article that did not stop it: an unreadable date, a mistyped key.

    A ``warning`` may well be meant: a key that we do not know, and that is close to none we do.
    """

    line: int
    key: str
    message: str
    hint: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Article(Value):
    """What one file says, parsed and cleaned; knows nothing of sections or ids.

    ``path`` is relative to the content folder, with ``/`` and NFC names. ``title`` and ``summary``
    are plain text. ``content`` is sanitised HTML whose URLs may still be relative. ``key`` is the
    front-matter id, if any. ``minor`` says that the last edit is not worth telling readers of.
    ``sections`` are those that the file itself names, as written there. ``caption`` and ``credit``
    are those of a picture that the page showed; those of ``image`` stand there.
    """

    path: str
    title: str
    published: Stamp
    summary: str = ""
    content: str = ""
    updated: Stamp | None = None
    expires: datetime | None = None
    authors: tuple[str, ...] = ()
    source: str = ""
    tags: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    key: str = ""
    slug: str = ""
    link: str = ""
    language: str = ""
    image: Image | None = None
    enclosure: Enclosure | None = None
    status: Status = Status.LIVE
    correction: str = ""
    minor: bool = False
    cuts: tuple[Cut, ...] = ()
    notes: tuple[Note, ...] = ()
    rights: str = ""
    syndication: Syndication = Syndication.FULL
    episode: Episode | None = None
    caption: str = ""
    credit: str = ""

    @property
    def text(self) -> str:
        """The content as plain text, one paragraph a line; made anew each time."""
        return text_of(self.content)


# How far beyond the margin needed a filing by words is no longer a close call. Of 1,000 articles
# 3 to 7 in 100 were nearer to it, 0.82 to 0.88 of them filed right; of those beyond it 0.97.
SURE_BEYOND = 0.05


@dataclass(frozen=True, slots=True)
class Filed(Value):
    """One section that an article is filed in, and why; ``certain`` ones teach the model.

    ``own`` is whether the article's own file says so, and ``copies`` are the paths of other files
    that tell the same story, and that say so.
    """

    section: str
    why: str
    certain: bool = True
    own: bool = True
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing(Value):
    """The decision which sections an article belongs to.

    The first of ``filed`` is the primary section; an empty one means *unfiled*, and ``why`` then
    says why. ``margin`` is how far the winner stood before the runner-up (1.0 for certain ones),
    and ``needed`` the margin from which words file an article.
    """

    filed: tuple[Filed, ...] = ()
    why: str = ""
    margin: float = 1.0
    needed: float = 0.0

    @property
    def sections(self) -> tuple[str, ...]:
        """The names of the sections, the primary one first."""
        return tuple(one.section for one in self.filed)

    @property
    def certain(self) -> bool:
        """Whether a person decided this: such articles teach the learning model."""
        return bool(self.filed) and all(one.certain for one in self.filed)

    @property
    def unsure(self) -> bool:
        """Whether an editor should look: words filed this nowhere, or only just."""
        return not self.certain and self.margin < self.needed + SURE_BEYOND


@dataclass(frozen=True, slots=True)
class Entry:
    """An article with its permanent id, its dates and its sections.

    ``id`` is the tag: URI of every feed (R37, R38); ``uid`` the 16 hex digits in its page's URL.
    ``link`` is absolute. ``categories`` are section titles and tags, in order, without doubles.
    ``content`` has only absolute URLs (R49).
    """

    id: str
    uid: str
    title: str
    link: str
    published: datetime
    updated: datetime
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    image: Image | None = None
    enclosure: Enclosure | None = None
    correction: str = ""
    rights: str = ""
    syndication: Syndication = Syndication.FULL
    episode: Episode | None = None


@dataclass(frozen=True, slots=True)
class MediaFile(Value):
    """A media file of the content folder, as it was when it was looked at.

    ``path`` is relative to the folder; ``modified_ns`` and ``size`` are -1 where there is no file.
    ``trouble`` says why it is not what its name says, or cannot be used.
    """

    path: str
    modified_ns: int = -1
    size: int = -1
    type: str = ""
    width: int = 0
    height: int = 0
    duration: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Podcast:
    """What makes a feed a podcast; ``artwork`` is an absolute URL, ``kind`` episodic or serial.

    ``categories`` are names of Apple's list, each alone or with one below it.
    """

    author: str = ""
    owner_name: str = ""
    owner_email: str = ""
    categories: tuple[tuple[str, ...], ...] = ()
    explicit: bool = False
    kind: str = "episodic"
    artwork: str = ""
    complete: bool = False
    new_feed_url: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An entry that was retracted: its id, and when that was (RFC 6721)."""

    id: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A section's facts and its newest entries; neutral, not yet in any format.

    ``name`` is the section's (``all`` for the whole site); ``base`` the feed's URL without its
    suffix, so that each format's own URL is ``base + suffix``. ``home`` is the page for people.
    ``id`` is a tag: URI that does not depend on the base URL (P8, F14). ``ttl`` is minutes (R57).
    ``deleted`` are entries that left it, the newest first. ``pages`` archive documents hold all
    that came before (RFC 5005); this is number ``page`` of them, or the live feed if that is 0.
    ``hubs`` are the WebSub hubs that hear of every change; ``cloud`` is where readers that speak
    rssCloud ask to be notified. ``podcast`` is set where it is one. ``query`` ends each format's
    URL where a token opens it.
    """

    name: str
    id: str
    title: str
    description: str
    language: str
    base: str
    home: str
    updated: datetime
    entries: tuple[Entry, ...]
    author: str = ""
    copyright: str = ""
    icon: str = ""
    logo: str = ""
    ttl: int = 30
    deleted: tuple[Tombstone, ...] = ()
    page: int = 0
    pages: int = 0
    hubs: tuple[str, ...] = ()
    cloud: str = ""
    podcast: Podcast | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Representation:
    """The bytes and headers of one URL.

    ``bodies`` maps a content coding (``identity``, ``gzip``, ``br``, ``zstd``) to its bytes;
    ``modified`` is whole seconds; ``etag`` has no quotes, and encodings add their name to it. A
    ``location`` makes it a permanent redirect; ``gone`` says that nothing will ever be here again.
    ``link`` is a feed's Link header: its hubs and its own address (R56).
    """

    content_type: str
    bodies: Mapping[str, bytes]
    modified: datetime
    max_age: int
    location: str = ""
    etag: str = ""
    gone: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """The map path -> representation that the world sees at this moment."""

    revision: int
    representations: Mapping[str, Representation]

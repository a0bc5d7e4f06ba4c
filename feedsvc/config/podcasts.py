"""What makes a section's feed a podcast: the words that podcast directories ask for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, model_validator

from feedsvc.config.types import Block, Text, WebUrl, check_web_url, one_or_many

# Apple's list, which the other directories use as well: each category with those below it.
CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "Arts": (
        "Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts",
    ),
    "Business": (
        "Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit",
    ),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "History": (),
    "Health & Fitness": (
        "Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality",
    ),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": (
        "Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies",
        "Home & Garden", "Video Games",
    ),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": (
        "Business News", "Daily News", "Entertainment News", "News Commentary", "Politics",
        "Sports News", "Tech News",
    ),
    "Religion & Spirituality": (
        "Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality",
    ),
    "Science": (
        "Astronomy", "Chemistry", "Earth Sciences", "Life Sciences", "Mathematics",
        "Natural Sciences", "Nature", "Physics", "Social Sciences",
    ),
    "Society & Culture": (
        "Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships",
    ),
    "Sports": (
        "Baseball", "Basketball", "Cricket", "Fantasy Sports", "Football", "Golf", "Hockey",
        "Rugby", "Running", "Soccer", "Swimming", "Tennis", "Volleyball", "Wilderness",
        "Wrestling",
    ),
    "Technology": (),
    "True Crime": (),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
})  # fmt: skip

_BELOW = " > "
_NAMES = (
    *CATEGORIES,
    *(f"{top}{_BELOW}{one}" for top, below in CATEGORIES.items() for one in below),
)
# What the words of a category are compared by: `news>politics`, `kids & family`, `Kids and Family`.
_PLAIN = re.compile(r"[^a-z0-9>]+")

# How an address looks; whether somebody reads it, only a mail can tell.
_EMAIL = re.compile(r"[^\s@<>()\",;:]+@[^\s@<>()\",;:]+\.[^\s@<>()\",;:.]+")
_ARTWORK_SUFFIXES = (".jpg", ".jpeg", ".png")


def _plain(category: str) -> str:
    return _PLAIN.sub("", category.lower().replace(" and ", "&"))


_BY_PLAIN = {_plain(name): name for name in _NAMES}


def _check_category(value: str) -> str:
    """Return a category as Apple writes it."""
    plain = _plain(value)
    if known := _BY_PLAIN.get(plain):
        return known
    # One that stands alone may be meant, without the name above it, or a name that is near.
    ends = [name for key, name in _BY_PLAIN.items() if key.rpartition(">")[2] == plain]
    near = difflib.get_close_matches(plain, _BY_PLAIN, n=1, cutoff=0.6)
    meant = ends or [_BY_PLAIN[key] for key in near]
    hint = f'did you mean "{meant[0]}"?' if meant else f"known here: {', '.join(CATEGORIES)}"
    raise ValueError(f'"{value[:80]}" is no category of Apple\'s list: {hint}')


def _check_email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise ValueError("write an e-mail address such as podcast@news.example")
    return value


def _check_artwork(value: str) -> str:
    """Return a picture's address, or its path below the content folder."""
    if value.lower().startswith(("http://", "https://")):
        return check_web_url(value)
    parts = value.split("/")
    if value and (re.search(r"[\\:\x00-\x1f]", value) or {"", ".", ".."} & set(parts)):
        raise ValueError(
            "write an address that starts with https://, or where the picture lies in the content "
            "folder, such as podcast/cover.jpg"
        )
    if value and not value.lower().endswith(_ARTWORK_SUFFIXES):
        raise ValueError("must be a JPEG or PNG picture: a file that ends in .jpg or .png")
    return value


Category = Annotated[Text, AfterValidator(_check_category)]


class PodcastOwner(Block):
    """Who answers mails of the directories; readers are not shown it, but it stands in the feed."""

    name: Text = ""
    email: Annotated[Text, AfterValidator(_check_email)] = ""

    @model_validator(mode="after")
    def _check_both(self) -> PodcastOwner:
        if bool(self.name) != bool(self.email):
            raise ValueError("write both, the name and the email, or none of them")
        return self


class PodcastConfig(Block):
    """One podcast; ``artwork`` is a web address or a picture of the content folder.

    ``category`` are names of Apple's list, such as ``News`` or ``News > Politics``.
    """

    author: Text = ""
    owner: PodcastOwner = PodcastOwner()
    category: Annotated[tuple[Category, ...], BeforeValidator(one_or_many)] = ()
    explicit: bool = False
    type: Literal["episodic", "serial"] = "episodic"
    artwork: Annotated[Text, AfterValidator(_check_artwork)] = ""
    complete: bool = False
    new_feed_url: WebUrl = ""

    @property
    def category_paths(self) -> tuple[tuple[str, ...], ...]:
        """The categories, each alone or with the one below it."""
        return tuple(tuple(one.split(_BELOW)) for one in self.category)

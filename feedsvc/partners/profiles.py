"""What each kind of partner takes: one table. What a value means is said at its check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

# "Nothing old" has no number. What a month has passed over is no news to anybody, and a monthly's
# feed is not empty by it; so long a withdrawn article may still stand there, and is told of.
NEWS_AGE = timedelta(days=30)
YEAR = timedelta(days=365)

# A feed reader's usual number (R43), for partners that ask for none.
_ITEMS = 50
# What any reader takes (R28), for partners that say nothing of bytes.
_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a picture must be: ``side`` pixels and more on its ``short`` side, or else in width.

    Ratios are width by height; 0 is no limit.
    """

    side: int
    short: bool = True
    bytes_most: int = 0
    ratio_least: float = 0.0
    ratio_most: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one kind of partner; what is 0, None or false is not asked for.

    ``items`` go out unless the config says another number, ``items_most`` whatever it says.
    ``moved_by_edits`` says that an item is taken again only when its date has moved.
    """

    name: str
    items: int = _ITEMS
    items_least: int = 0
    items_most: int = 0
    bytes_most: int = _BYTES
    article_bytes_most: int = 0
    channel_description_most: int = 0
    title_least: int = 0
    title_most: int = 0
    description_least: int = 0
    description_most: int = 0
    oldest: timedelta | None = None
    https_feed: bool = False
    https_links: bool = False
    own_links: bool = False
    no_tracking: bool = False
    no_read_more: bool = False
    needs_language: bool = False
    needs_locale: bool = False
    one_language: bool = False
    needs_creator: bool = False
    needs_description: bool = False
    needs_body: bool = False
    needs_full_text: bool = False
    needs_picture: bool = False
    pictures: Pictures | None = None
    picture_as_enclosure: bool = False
    new_url_for_new_picture: bool = False
    plain_html: bool = False
    moved_by_edits: bool = False
    told_of_retractions: bool = False
    smartnews: bool = False
    has_rules: bool = True


_ALL = (
    Profile(
        "smartnews",
        items=20,
        items_most=20,
        channel_description_most=30,
        oldest=NEWS_AGE,
        https_feed=True,
        https_links=True,
        no_tracking=True,
        needs_language=True,
        needs_creator=True,
        needs_description=True,
        needs_body=True,
        needs_picture=True,
        # It asks for a new date of what is deleted; so of what is edited.
        moved_by_edits=True,
        told_of_retractions=True,
        smartnews=True,
    ),
    Profile(
        "google",
        items_most=60,
        bytes_most=2_000_000,
        article_bytes_most=1_000_000,
        needs_body=True,
        needs_full_text=True,
        pictures=Pictures(800),
        moved_by_edits=True,
    ),
    Profile(
        "apple",
        title_least=15,
        title_most=60,
        description_most=200,
        no_read_more=True,
        needs_language=True,
        needs_locale=True,
        needs_description=True,
    ),
    Profile(
        "flipboard",
        items_least=20,
        description_least=300,
        own_links=True,
        needs_language=True,
        needs_creator=True,
        needs_description=True,
        needs_picture=True,
        pictures=Pictures(500),
        picture_as_enclosure=True,
    ),
    Profile(
        "msn",
        title_least=21,
        title_most=150,
        oldest=YEAR,
        https_feed=True,
        https_links=True,
        one_language=True,
        needs_body=True,
        pictures=Pictures(
            720, short=False, bytes_most=15_000_000, ratio_least=0.5, ratio_most=1.89
        ),
        new_url_for_new_picture=True,
        plain_html=True,
        moved_by_edits=True,
    ),
    Profile("plain", has_rules=False),
)

PROFILES: Mapping[str, Profile] = MappingProxyType({one.name: one for one in _ALL})

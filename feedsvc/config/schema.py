"""The shape of config.yaml: one frozen pydantic model a block.

Values are checked here and nowhere else. A field's own error message is what the admin reads, so it
says what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, BeforeValidator, Field, field_validator, model_validator

from feedsvc.config.partners import PartnerConfig
from feedsvc.config.podcasts import PodcastConfig
from feedsvc.config.purging import Caches
from feedsvc.config.types import (
    Age,
    Block,
    Duration,
    Folder,
    Language,
    Names,
    Number,
    Patterns,
    RuleTexts,
    Size,
    Text,
    Texts,
    WebUrl,
    check_web_url,
    is_number,
    one_or_many,
)

# A tag: URI needs a date on which its owner held the authority (RFC 4151); one that was left out
# must be a constant, or ids would change.
DEFAULT_TAG_DATE = "2026-01-01"

# Readers ask again after max-age; the bounds are those of R13.
MAX_AGE_LEAST, MAX_AGE_MOST = 900, 3600

# Miniflux, Feedbin and CommaFeed give up between 5 and 15 MB (R28).
FEED_BYTES_MOST = 5_000_000

# An agency's busiest day, sent at once after an outage, is news still. Nobody reads all of
# more, and readers look at 100 to 300 entries of a feed.
FLOOD_ITEMS = 200

# Where our own hub listens, below base_url.
HUB_PATH = "/hub"
# And where rssCloud's readers ask to be notified.
CLOUD_PATH = "/rsscloud/pleaseNotify"

# Subscribers are counted over a week; what is kept for longer than ten years, nobody has bounded.
STATISTICS_LEAST, STATISTICS_MOST = 7 * 86400.0, 3650 * 86400.0
# A year, and enough to compare its end with the one before.
STATISTICS_KEPT = 400 * 86400.0

_TAG_ID = re.compile(
    r"(?:tag:)?(?P<authority>[a-z0-9](?:[a-z0-9._@-]*[a-z0-9])?)"
    r"(?:,(?P<date>\d{4}(?:-\d{2}(?:-\d{2})?)?))?:?",
)
# As werkzeug writes them: how it was hashed, salt, and hash.
_PASSWORD_HASH = re.compile(
    r"(?:scrypt(?::\d{1,8}:\d{1,3}:\d{1,3})?|pbkdf2(?::[a-z0-9_]{1,20}(?::\d{1,8})?)?)"
    r"\$[^$\s]{1,200}\$[0-9a-f]{32,200}"
)


class SiteConfig(Block):
    """What the whole site is called and where it lives."""

    id: Text = ""
    title: Text = "News"
    description: Text = ""
    base_url: WebUrl = "http://127.0.0.1:8080"
    language: Language = "en"
    timezone: str = "UTC"
    author: Text = ""
    logo: WebUrl = ""
    icon: WebUrl = ""
    copyright: Text = ""

    @field_validator("id")
    @classmethod
    def _check_id(cls, value: str) -> str:
        match = _TAG_ID.fullmatch(value.strip().lower())
        if value and not match:
            raise ValueError('write a domain and a date, such as "news.example,2026-01-01"')
        return f"{match['authority']},{match['date'] or DEFAULT_TAG_DATE}" if match else ""

    @field_validator("base_url")
    @classmethod
    def _trim_base_url(cls, value: str) -> str:
        if not value:
            raise ValueError("write the address that readers use, such as https://news.example")
        if "?" in value or "#" in value:
            raise ValueError("leave out ? and #: feed addresses are made by adding to it")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("write a zone of the IANA list, such as Europe/Berlin") from None
        return value

    @property
    def tag(self) -> str:
        """The ``authority,date`` of every id; from base_url's host if the admin set none."""
        host = urlsplit(self.base_url).hostname or "feedsvc.invalid"
        return self.id or f"{host},{DEFAULT_TAG_DATE}"


class ContentConfig(Block):
    """Where the articles lie and when a file is taken; times in seconds.

    ``hold`` is how long a new article is kept back before anything of it is public. ``watch`` says
    whether the file system's events are listened to; ``auto`` is off on network file systems.
    """

    folder: Folder = Path("content")
    settle: Duration = 0.5
    scan_every: Annotated[Duration, Field(ge=1)] = 30.0
    watch: Literal["auto", "on", "off"] = "auto"
    max_bytes: Size = 5_000_000
    hold: Duration = 0.0
    link: str = ""

    @field_validator("watch", mode="before")
    @classmethod
    def _read_watch(cls, value: object) -> object:
        # YAML reads `off` as false in its older version, and people write either.
        return {True: "on", False: "off"}[value] if isinstance(value, bool) else value

    @field_validator("link")
    @classmethod
    def _check_link(cls, value: str) -> str:
        if not value:
            return value
        known = {"section": "politics", "slug": "a-title", "id": "0123456789abcdef", "path": "a/b",
                 "year": "2026", "month": "01", "day": "31"}  # fmt: skip
        try:
            filled = value.format_map(known)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            names = ", ".join(f"{{{name}}}" for name in known)
            raise ValueError(f"cannot fill {error}: use only {names}") from None
        check_web_url(filled)
        return value


class StoreConfig(Block):
    """Where the store is; empty means ``var/feedsvc.db`` beside config.yaml."""

    url: str = ""


class FeedsConfig(Block):
    """How every feed is cut; ``max_age`` in seconds, ``max_bytes`` of the plain document.

    ``delta`` lets readers that can take it have only what is new (RFC 3229). Of many articles that
    come together, those older than ``flood_age`` seconds, and all but the newest ``flood_items`` of
    the others, are no news; 0 is no limit.
    """

    items: Annotated[int, Number, Field(ge=1, le=500)] = 50
    max_bytes: Annotated[Size, Field(ge=10_000, le=FEED_BYTES_MOST)] = 1_000_000
    content: Literal["full", "summary"] = "full"
    max_age: Annotated[int, Number, Field(ge=MAX_AGE_LEAST, le=MAX_AGE_MOST)] = 1800
    delta: bool = False
    flood_age: Age = 3 * 86400.0
    flood_items: Annotated[int, Number, Field(ge=0, le=1_000_000)] = FLOOD_ITEMS


class SectionFeedConfig(Block):
    """What one section's feed does differently; what is left out follows ``feeds``."""

    items: Annotated[int, Number, Field(ge=1, le=500)] | None = None
    max_bytes: Annotated[Size, Field(ge=10_000, le=FEED_BYTES_MOST)] | None = None
    content: Literal["full", "summary"] | None = None
    max_age: Annotated[int, Number, Field(ge=MAX_AGE_LEAST, le=MAX_AGE_MOST)] | None = None


class MatchConfig(Block):
    """Which articles a section takes."""

    folders: Texts = ()
    any: RuleTexts = ()
    all: RuleTexts = ()
    none: RuleTexts = ()
    keywords: Texts = ()


class SectionConfig(Block):
    """A named part of the site that has its own feeds.

    ``moved_from`` are the names that it had before: their URLs lead here for good. A ``podcast``
    makes its RSS feed one that podcast apps take.
    """

    name: str = ""
    title: Text = ""
    description: Text = ""
    language: Language = ""
    match: MatchConfig = MatchConfig()
    moved_from: Names = ()
    podcast: PodcastConfig | None = None
    # Both spellings: a person who has just written the block `feeds` writes it here as well.
    feed: SectionFeedConfig = Field(
        SectionFeedConfig(), validation_alias=AliasChoices("feed", "feeds")
    )

    @model_validator(mode="before")
    @classmethod
    def _accept_title_alone(cls, value: Any) -> Any:
        alone = isinstance(value, str) or is_number(value)
        return {"title": value} if alone else value or {}


class CleaningConfig(Block):
    """The admin's own words on cleaning: regular expressions that win over every other rule."""

    drop: Patterns = ()
    keep: Patterns = ()
    stop_at: Patterns = ()


class FilingConfig(Block):
    """How articles are filed that name no section; see DESIGN "Filing"."""

    fallback: str = ""
    learn: bool = True
    threshold: Annotated[float, Number, Field(ge=0, le=1)] | None = None


class HubConfig(Block):
    """Who pushes what is new (WebSub): this service itself, hubs elsewhere, both or nobody.

    ``urls`` are hubs elsewhere. ``allow_private`` lets subscribers have addresses that are not
    public: for tests and intranets. ``signature`` is the method that pushes are signed by.
    ``rsscloud`` lets readers that speak rssCloud be told as well, whatever the mode.
    """

    mode: Literal["builtin", "external", "both", "none"] = "builtin"
    urls: Annotated[tuple[WebUrl, ...], BeforeValidator(one_or_many)] = ()
    allow_private: bool = False
    signature: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    rsscloud: bool = False

    @model_validator(mode="after")
    def _want_urls(self) -> Self:
        if self.is_external and not self.urls:
            raise ValueError(f"mode {self.mode} tells hubs elsewhere: name them in urls")
        return self

    @property
    def is_builtin(self) -> bool:
        """Whether subscribers can come to this service."""
        return self.mode in ("builtin", "both")

    @property
    def is_external(self) -> bool:
        """Whether hubs elsewhere are told."""
        return self.mode in ("external", "both")

    @property
    def is_at_work(self) -> bool:
        """Whether there is anybody who may be told."""
        return self.mode != "none" or self.rsscloud


class StatisticsConfig(Block):
    """Whether readers are counted, and how long that is kept, in seconds."""

    enabled: bool = True
    keep: Annotated[Age, Field(ge=STATISTICS_LEAST, le=STATISTICS_MOST)] = STATISTICS_KEPT


class AdminConfig(Block):
    """Who may use the dashboard: whose password has this hash, as ``feedsvc admin password`` sets.

    Without one it answers on this machine alone.
    """

    password_hash: str = ""

    @field_validator("password_hash")
    @classmethod
    def _check_hash(cls, value: str) -> str:
        if value and not _PASSWORD_HASH.fullmatch(value):
            raise ValueError("is no hash of a password: run feedsvc admin password")
        return value


class Config(Block):
    """The whole of config.yaml, checked.

    ``removed`` are sections that are no more: their URLs say so (410). Copies of a story are
    ``duplicates``, and one entry, or one each. ``partners`` take feeds of their own, each by its
    rules. Caches in front of the site are told by ``purge`` what they have to forget.
    """

    site: SiteConfig = SiteConfig()
    content: ContentConfig = ContentConfig()
    store: StoreConfig = StoreConfig()
    feeds: FeedsConfig = FeedsConfig()
    cleaning: CleaningConfig = CleaningConfig()
    filing: FilingConfig = FilingConfig()
    sections: Mapping[str, SectionConfig] = Field(default_factory=dict)
    removed: Names = ()
    duplicates: Literal["merge", "keep"] = "merge"
    partners: Mapping[str, PartnerConfig] = Field(default_factory=dict)
    hub: HubConfig = HubConfig()
    purge: Caches = ()
    statistics: StatisticsConfig = StatisticsConfig()
    admin: AdminConfig = AdminConfig()

    @field_validator("sections", "partners", mode="before")
    @classmethod
    def _name_keys(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): section for key, section in value.items()}
        return value or {}

    @field_validator("sections")
    @classmethod
    def _name_sections(cls, value: Mapping[str, SectionConfig]) -> Mapping[str, SectionConfig]:
        return MappingProxyType(
            {
                name: section.model_copy(
                    update={"name": name, "title": section.title or name.capitalize()}
                )
                for name, section in value.items()
            }
        )

    @field_validator("partners")
    @classmethod
    def _name_partners(cls, value: Mapping[str, PartnerConfig]) -> Mapping[str, PartnerConfig]:
        return MappingProxyType(
            {name: one.model_copy(update={"name": name}) for name, one in value.items()}
        )

    @property
    def hubs(self) -> tuple[str, ...]:
        """The hubs that feeds name: our own first, then others (W1, W9)."""
        own = (self.site.base_url + HUB_PATH,) if self.hub.is_builtin else ()
        return own + (self.hub.urls if self.hub.is_external else ())

    @property
    def cloud(self) -> str:
        """Where rssCloud's readers ask to be notified; empty if they cannot."""
        return self.site.base_url + CLOUD_PATH if self.hub.rsscloud else ""

    def feed_of(self, name: str) -> FeedsConfig:
        """Return how the feed of section ``name`` is cut: ``feeds`` with the section's own words.

        ``all`` and names that are no section follow ``feeds``.
        """
        section = self.sections.get(name)
        own = section.feed.model_dump(exclude_none=True) if section else {}
        return self.feeds.model_copy(update=own)

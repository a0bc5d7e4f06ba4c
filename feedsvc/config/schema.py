"""The shape of config.yaml: one frozen pydantic model a block.

Values are checked here and nowhere else. A field's own error message is what the admin reads, so it
says what to write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from werkzeug.urls import iri_to_uri

from feedsvc.config.rules import compile_pattern, parse_rule

# Names that the URLs /feeds/... and /sections/... need for themselves.
RESERVED_SECTIONS = frozenset({"all", "unfiled", "tag", "author", "archive"})

# A tag: URI needs a date on which its owner held the authority (RFC 4151); one that was left out
# must be a constant, or ids would change.
DEFAULT_TAG_DATE = "2026-01-01"

# Readers ask again after max-age; the bounds are those of R13.
MAX_AGE_LEAST, MAX_AGE_MOST = 900, 3600

# Miniflux, Feedbin and CommaFeed give up between 5 and 15 MB (R28).
FEED_BYTES_MOST = 5_000_000

_SECTION_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_TAG_ID = re.compile(
    r"(?:tag:)?(?P<authority>[a-z0-9](?:[a-z0-9._@-]*[a-z0-9])?)"
    r"(?:,(?P<date>\d{4}(?:-\d{2}(?:-\d{2})?)?))?:?",
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?", re.IGNORECASE)
_SIZE_UNITS = {
    "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3,
}  # fmt: skip


def _refuse_truth(value: object) -> object:
    # Python counts True as 1; nobody who wrote `true` meant that.
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _parse_duration(value: object) -> object:
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip().lower())
        if not match:
            raise ValueError('write a time such as 0.5, "500ms", "30s", "5m" or "2h"')
        return float(match[1]) * _DURATION_UNITS[match[2] or "s"]
    return value


def _parse_size(value: object) -> object:
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if not match:
            raise ValueError('write a size such as 5000000, "5 MB" or "4 MiB"')
        size = float(match[1]) * _SIZE_UNITS[(match[2] or "b").lower()]
        if math.isinf(size):
            raise ValueError("is larger than anything")
        return int(size)
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) or _is_number(value) else value


def _text_of_scalar(value: object) -> object:
    # YAML reads `name: 2026` as a number; a person meant the text.
    return str(value) if _is_number(value) else value


def _check_pattern(value: str) -> str:
    compile_pattern(value)
    return value


def _check_rule(value: str) -> str:
    parse_rule(value)
    return value


def _check_name(value: str) -> str:
    if not is_section_name(value):
        raise ValueError("write the name of a section as it stood in its URL: a-z, 0-9, - and _")
    return value


def _check_folder(value: object) -> object:
    # An empty one would be the folder of config.yaml itself, with the store in it.
    if isinstance(value, str) and not value.strip():
        raise ValueError('write a folder such as content, or "." for the one of this file')
    if isinstance(value, str) and value.startswith("~"):
        try:
            return Path(value).expanduser()
        except RuntimeError:
            raise ValueError("there is no such user: write the whole path") from None
    return value


def _check_language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language tag such as en, en-GB, de or ar")
    return value


def _check_web_url(value: str) -> str:
    if not value:
        return value
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\s<>\"]", value):
        raise ValueError("write a whole address that starts with https:// or http://")
    # As it stands in headers and feeds: in ASCII, once and for all.
    return value if value.isascii() else iri_to_uri(value)


Number = BeforeValidator(_refuse_truth)
Duration = Annotated[float, Number, BeforeValidator(_parse_duration), Field(ge=0, le=30 * 86400)]
Size = Annotated[int, Number, BeforeValidator(_parse_size), Field(gt=0)]
Folder = Annotated[Path, BeforeValidator(_check_folder)]
Text = Annotated[str, BeforeValidator(_text_of_scalar)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_many)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_one_or_many)]
RuleText = Annotated[Text, AfterValidator(_check_rule)]
RuleTexts = Annotated[tuple[RuleText, ...], BeforeValidator(_one_or_many)]
Name = Annotated[Text, AfterValidator(_check_name)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)]
Language = Annotated[str, AfterValidator(_check_language)]
WebUrl = Annotated[str, AfterValidator(_check_web_url)]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SiteConfig(_Block):
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


class ContentConfig(_Block):
    """Where the articles lie and when a file is taken; times in seconds."""

    folder: Folder = Path("content")
    settle: Duration = 0.5
    scan_every: Annotated[Duration, Field(ge=1)] = 30.0
    max_bytes: Size = 5_000_000
    link: str = ""

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
        _check_web_url(filled)
        return value


class StoreConfig(_Block):
    """Where the store is; empty means ``var/feedsvc.db`` beside config.yaml."""

    url: str = ""


class FeedsConfig(_Block):
    """How every feed is cut; ``max_age`` in seconds, ``max_bytes`` of the plain document.

    ``delta`` lets readers that can take it have only what is new (RFC 3229).
    """

    items: Annotated[int, Number, Field(ge=1, le=500)] = 50
    max_bytes: Annotated[Size, Field(ge=10_000, le=FEED_BYTES_MOST)] = 1_000_000
    content: Literal["full", "summary"] = "full"
    max_age: Annotated[int, Number, Field(ge=MAX_AGE_LEAST, le=MAX_AGE_MOST)] = 1800
    delta: bool = False


class SectionFeedConfig(_Block):
    """What one section's feed does differently; what is left out follows ``feeds``."""

    items: Annotated[int, Number, Field(ge=1, le=500)] | None = None
    max_bytes: Annotated[Size, Field(ge=10_000, le=FEED_BYTES_MOST)] | None = None
    content: Literal["full", "summary"] | None = None
    max_age: Annotated[int, Number, Field(ge=MAX_AGE_LEAST, le=MAX_AGE_MOST)] | None = None


class MatchConfig(_Block):
    """Which articles a section takes."""

    folders: Texts = ()
    any: RuleTexts = ()
    all: RuleTexts = ()
    none: RuleTexts = ()
    keywords: Texts = ()


class SectionConfig(_Block):
    """A named part of the site that has its own feeds.

    ``moved_from`` are the names that it had before: their URLs lead here for good.
    """

    name: str = ""
    title: Text = ""
    description: Text = ""
    language: Language = ""
    match: MatchConfig = MatchConfig()
    moved_from: Names = ()
    # Both spellings: a person who has just written the block `feeds` writes it here as well.
    feed: SectionFeedConfig = Field(
        SectionFeedConfig(), validation_alias=AliasChoices("feed", "feeds")
    )

    @model_validator(mode="before")
    @classmethod
    def _accept_title_alone(cls, value: Any) -> Any:
        alone = isinstance(value, str) or _is_number(value)
        return {"title": value} if alone else value or {}


class CleaningConfig(_Block):
    """The admin's own words on cleaning: regular expressions that win over every other rule."""

    drop: Patterns = ()
    keep: Patterns = ()
    stop_at: Patterns = ()


class FilingConfig(_Block):
    """How articles are filed that name no section; see DESIGN "Filing"."""

    fallback: str = ""
    learn: bool = True
    threshold: Annotated[float, Number, Field(ge=0, le=1)] | None = None


class HubConfig(_Block):
    """WebSub. The hub itself is not built yet: every mode is read, and ``none`` is what happens."""

    mode: Literal["builtin", "external", "both", "none"] = "none"
    urls: Annotated[tuple[WebUrl, ...], BeforeValidator(_one_or_many)] = ()
    allow_private: bool = False


class AdminConfig(_Block):
    """The dashboard. It is not built yet: a password hash may already stand here."""

    password_hash: str = ""


class Config(_Block):
    """The whole of config.yaml, checked.

    ``removed`` are sections that are no more: their URLs say so (410).
    """

    site: SiteConfig = SiteConfig()
    content: ContentConfig = ContentConfig()
    store: StoreConfig = StoreConfig()
    feeds: FeedsConfig = FeedsConfig()
    cleaning: CleaningConfig = CleaningConfig()
    filing: FilingConfig = FilingConfig()
    sections: Mapping[str, SectionConfig] = Field(default_factory=dict)
    removed: Names = ()
    hub: HubConfig = HubConfig()
    admin: AdminConfig = AdminConfig()

    @field_validator("sections", mode="before")
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

    def feed_of(self, name: str) -> FeedsConfig:
        """Return how the feed of section ``name`` is cut: ``feeds`` with the section's own words.

        ``all`` and names that are no section follow ``feeds``.
        """
        section = self.sections.get(name)
        own = section.feed.model_dump(exclude_none=True) if section else {}
        return self.feeds.model_copy(update=own)


def is_section_name(name: str) -> bool:
    """Whether ``name`` may stand in a feed's URL: lower-case letters, digits, ``-`` and ``_``."""
    return bool(_SECTION_NAME.fullmatch(name)) and name not in RESERVED_SECTIONS

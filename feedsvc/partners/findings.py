"""What is said of an item or a feed that does not follow its partner's rules, and against what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from feedsvc.config import PartnerConfig
from feedsvc.model import Feed, MediaFile
from feedsvc.partners.profiles import Profile


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that an item (or, without a ``uid``, the feed) fails.

    A ``fatal`` one keeps the item out of this partner's feed. A ``mended`` one was set right in
    what goes out. Any other is below what the partner wishes, and goes out as it is.
    """

    rule: str
    message: str
    uid: str = ""
    title: str = ""
    fatal: bool = False
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What an item is held against; ``pictures`` are known media files, by URL."""

    feed: Feed
    partner: PartnerConfig
    profile: Profile
    now: datetime
    pictures: Mapping[str, MediaFile] = field(default_factory=lambda: MappingProxyType({}))

"""What a reader of files needs to know of the site, as one frozen and picklable value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from feedsvc.ingest.habits import SiteHabits

if TYPE_CHECKING:  # a worker process that only reads files need not load the config's machinery
    from feedsvc.config import Config


@dataclass(frozen=True, slots=True)
class Reading:
    """The circumstances in which files are read.

    ``now`` is aware; ``sections`` are the names and titles of the site's sections, by which footer
    lines that name many of them are known; ``drop``, ``keep`` and ``stop_at`` are the admin's own
    cleaning rules; ``site`` is the site's title.
    """

    now: datetime
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    language: str = "en"
    sections: tuple[str, ...] = ()
    drop: tuple[re.Pattern[str], ...] = ()
    keep: tuple[re.Pattern[str], ...] = ()
    stop_at: tuple[re.Pattern[str], ...] = ()
    habits: SiteHabits = field(default_factory=SiteHabits)
    site: str = ""


def reading_for(config: Config, now: datetime, habits: SiteHabits | None = None) -> Reading:
    """Take from the config what reading files needs.

    ``now`` is aware; ``habits`` are what is known of the site's furniture, nothing if left out.
    """
    names = (
        name
        for key, section in config.sections.items()
        for name in (key, section.name, section.title)
    )
    return Reading(
        now=now,
        timezone=ZoneInfo(config.site.timezone),
        language=config.site.language,
        sections=tuple(dict.fromkeys(name for name in names if name)),
        drop=tuple(re.compile(rule) for rule in config.cleaning.drop),
        keep=tuple(re.compile(rule) for rule in config.cleaning.keep),
        stop_at=tuple(re.compile(rule) for rule in config.cleaning.stop_at),
        habits=habits or SiteHabits(),
        site=config.site.title,
    )

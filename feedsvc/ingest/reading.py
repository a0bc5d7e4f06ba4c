"""What a reader of files needs to know of the site, as one frozen and picklable value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from feedsvc.ingest.habits import SiteHabits

if TYPE_CHECKING:  # a worker process that only reads files need not load the config's machinery
    from feedsvc.config import Config, Pattern


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
    drop: tuple[Pattern, ...] = ()
    keep: tuple[Pattern, ...] = ()
    stop_at: tuple[Pattern, ...] = ()
    habits: SiteHabits = field(default_factory=SiteHabits)
    site: str = ""


def reading_for(config: Config, now: datetime, habits: SiteHabits | None = None) -> Reading:
    """Take from the config what reading files needs.

    ``now`` is aware; ``habits`` are what is known of the site's furniture, nothing if left out.
    """
    from feedsvc.config import compile_pattern

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
        drop=tuple(compile_pattern(rule) for rule in config.cleaning.drop),
        keep=tuple(compile_pattern(rule) for rule in config.cleaning.keep),
        stop_at=tuple(compile_pattern(rule) for rule in config.cleaning.stop_at),
        habits=habits or SiteHabits(),
        site=config.site.title,
    )

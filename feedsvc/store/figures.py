"""The site in numbers, for whoever watches it: every process reads the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from sqlalchemy import ColumnElement, Connection, func, or_, select

from feedsvc.store import schema
from feedsvc.store.rows import WHOLE_SITE, Problem, SectionCount, StoredEntry, row_to_entry
from feedsvc.store.ticks import Crew, read_crew

# What the engine decides about a file, as it is counted for ever and told in the log. Those up to
# `copy` are about one that was not there before.
DECISIONS = (
    "new",
    "held back",
    "embargoed",
    "no news",
    "draft",
    "expired",
    "copy",
    "changed",
    "moved",
    "released",
    "withdrawn",
    "gone",
    "refused",
)

# Feeds that are sections have such names; cuts and partners have others.
_SECTION = re.compile(r"[a-z0-9_-]+")

# Before a decision, in the table of tallies.
DECIDED = "article "

# When the world last saw something new, and what the engine says of its jobs, in the store's facts.
PUBLISHED_FACT = "published"
JOBS_FACT = "jobs"


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """The state of the site in numbers; ``entries`` are the public ones by section.

    ``problems`` are by kind, and ``decided`` counts for ever. ``seen`` is the engine's last sign
    of life, None where it gives none; ``crew`` the engines that there are.
    """

    revision: int
    published: datetime | None
    seen: datetime | None
    feeds: int
    entries: Mapping[str, int]
    unfiled: int
    held: int
    problems: Mapping[str, int]
    decided: Mapping[str, int]
    crew: Crew = field(default_factory=Crew)


def count_sections(connection: Connection, now: datetime) -> dict[str, SectionCount]:
    """Return how many public entries each section holds, and its newest date."""
    filed = schema.filed.c
    query = (
        select(filed.section, func.count(), func.max(filed.published, type_=schema.Moment))
        .where(filed.published <= now, or_(filed.expires.is_(None), filed.expires > now))
        .group_by(filed.section)
    )
    return {
        section: SectionCount(count, newest) for section, count, newest in connection.execute(query)
    }


def read_figures(connection: Connection, now: datetime) -> SiteFigures:
    """Return the site in numbers, all of one moment."""
    facts, problems, tallies = schema.facts.c, schema.problems.c, schema.tallies.c
    wanted = ("revision", PUBLISHED_FACT, JOBS_FACT)
    query = select(facts.name, facts.value).where(facts.name.in_(wanted))
    known = {row[0]: row[1] for row in connection.execute(query)}
    built = list(connection.execute(select(schema.built.c.section)).scalars())
    kinds = select(problems.kind, func.count()).group_by(problems.kind)
    counted = select(tallies.name, tallies.count).where(tallies.name.startswith(DECIDED))

    return SiteFigures(
        revision=int(known.get("revision", 0)),
        published=read_moment(known.get(PUBLISHED_FACT, "")),
        seen=read_sign_of_life(known.get(JOBS_FACT, "")),
        feeds=len(built),
        entries=dict.fromkeys(filter(_SECTION.fullmatch, built), 0)
        | {name: one.entries for name, one in count_sections(connection, now).items()},
        unfiled=_count_unfiled(connection, now),
        held=int(connection.execute(select(func.count(schema.entries.c.held_until))).scalar() or 0),
        problems={row[0]: row[1] for row in connection.execute(kinds)},
        decided={row[0].removeprefix(DECIDED): row[1] for row in connection.execute(counted)},
        crew=read_crew(connection),
    )


def read_problems(connection: Connection, kinds: Collection[str], limit: int) -> list[Problem]:
    """Return up to ``limit`` problems of some ``kinds``, by path."""
    table = schema.problems
    query = select(table).where(table.c.kind.in_(sorted(kinds))).order_by(table.c.path)
    rows = connection.execute(query.limit(limit))
    return [Problem(row.path, row.kind, row.message, row.since) for row in rows]


def read_moment(text: str) -> datetime | None:
    """Return the moment that a fact holds; None if it holds none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_sign_of_life(jobs: str) -> datetime | None:
    """Return when the engine last gave a sign of life, by the fact of its ``jobs``."""
    try:
        return read_moment(str(orjson.loads(jobs)["at"]))
    except (ValueError, KeyError, TypeError):
        return None


def list_unfiled(connection: Connection, now: datetime, limit: int) -> list[StoredEntry]:
    """Return public entries that stand in no section, the newest first."""
    filed = schema.filed.c
    query = (
        select(schema.entries)
        .join(schema.filed, filed.uid == schema.entries.c.uid)
        .where(*_is_unfiled(now))
        .order_by(filed.published.desc(), filed.uid)
        .limit(limit)
    )
    return [row_to_entry(row) for row in connection.execute(query)]


def _count_unfiled(connection: Connection, now: datetime) -> int:
    query = select(func.count(schema.filed.c.uid)).where(*_is_unfiled(now))
    return int(connection.execute(query).scalar() or 0)


def _is_unfiled(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a row of ``filed`` is the only one of a public entry."""
    filed = schema.filed.c
    # By an index alone: to look for other rows of each took 8 s among a million entries.
    once = select(filed.uid).group_by(filed.uid).having(func.count() == 1)
    return (
        filed.section == WHOLE_SITE,
        filed.published <= now,
        or_(filed.expires.is_(None), filed.expires > now),
        filed.uid.in_(once),
    )

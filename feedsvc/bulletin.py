"""What the engine tells the dashboard of itself: facts in the store, for any worker to read.

The config in force and its warnings, the jobs with their last and next run, and which sections are
nearest to the articles on the review list, which only who has the filing model can say.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any

import orjson

from feedsvc.config import LoadedConfig, SectionConfig
from feedsvc.store import JOBS_FACT, Store

# The names of the facts.
_CONFIG, _NEAREST = "taken_config", "nearest"

# A line of a trouble is enough for a list; the engine's log has all of it.
_TROUBLE_CHARS = 300


# Of a section's hundred keywords the first ones show what is meant.
_TAKES_CHARS = 240


@dataclass(frozen=True, slots=True)
class TakenConfig:
    """The config that is in force: its file, since when, and what only the dashboard needs of it.

    ``password_hash`` is empty where nobody has set a password. ``takes`` says in words which
    articles each section takes.
    """

    file: str
    at: datetime
    warnings: tuple[str, ...] = ()
    password_hash: str = field(default="", repr=False)
    partners: int = 0
    takes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job of the engine: what it is for, and its runs; ``took`` in seconds."""

    name: str
    about: str
    last: datetime | None = None
    took: float | None = None
    next: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class EngineSign:
    """The engine's last sign of life: when, which process it is, since when, and its jobs."""

    at: datetime
    started: datetime
    host: str
    pid: int
    jobs: tuple[JobRun, ...]


def tell_config(store: Store, loaded: LoadedConfig, now: datetime) -> None:
    """Keep what the dashboard shows of a config that was put in force."""
    config = loaded.config
    taken = TakenConfig(
        loaded.path.name,
        now,
        tuple(map(str, loaded.warnings)),
        config.admin.password_hash,
        len(config.partners),
        {name: _describe_match(one) for name, one in config.sections.items()},
    )
    _put(store, _CONFIG, asdict(taken))


def _describe_match(section: SectionConfig) -> str:
    """Return in words which articles a section takes."""
    match = section.match
    folders = match.folders or (section.name,)
    rules = {"any": match.any, "all": match.all, "none": match.none}
    told = [f"folder{'' if len(folders) == 1 else 's'} {', '.join(folders)}"]
    told += [f"{name} of: {', '.join(map(str, texts))}" for name, texts in rules.items() if texts]
    if match.keywords:
        told.append(f"keywords: {', '.join(match.keywords)}")
    return shorten("; ".join(told), _TAKES_CHARS, placeholder=" …")


def read_config(store: Store) -> TakenConfig | None:
    """Return the config in force as the engine told it; None before any engine ran."""
    known = _get(store, _CONFIG)
    if not known:
        return None
    values = {**known, "at": datetime.fromisoformat(known["at"])}
    return TakenConfig(**{**values, "warnings": tuple(known["warnings"])})


def tell_jobs(store: Store, jobs: Sequence[JobRun], started: datetime, now: datetime) -> None:
    """Keep the engine's sign of life."""
    cut = [{**asdict(job), "trouble": job.trouble[:_TROUBLE_CHARS]} for job in jobs]
    sign = {"at": now, "started": started, "host": socket.gethostname(), "pid": os.getpid()}
    _put(store, JOBS_FACT, {**sign, "jobs": cut})


def read_jobs(store: Store) -> EngineSign | None:
    """Return the engine's last sign of life; None if there never was one."""
    known = _get(store, JOBS_FACT)
    if not known:
        return None
    jobs = tuple(
        JobRun(**{**job, "last": _read_moment(job["last"]), "next": _read_moment(job["next"])})
        for job in known["jobs"]
    )
    at, started = (datetime.fromisoformat(known[name]) for name in ("at", "started"))
    return EngineSign(at, started, known["host"], known["pid"], jobs)


def tell_nearest(store: Store, nearest: Mapping[str, Sequence[str]]) -> None:
    """Keep the sections that are nearest to entries, by their uid."""
    _put(store, _NEAREST, {uid: list(names) for uid, names in nearest.items()})


def read_nearest(store: Store) -> dict[str, tuple[str, ...]]:
    """Return the sections that are nearest to the entries on the review list, by their uid."""
    return {uid: tuple(names) for uid, names in _get(store, _NEAREST).items()}


def _put(store: Store, name: str, value: Mapping[str, Any]) -> None:
    with store.writing() as writer:
        writer.put_fact(name, orjson.dumps(value).decode())


def _get(store: Store, name: str) -> dict[str, Any]:
    known = store.fact(name)
    value = orjson.loads(known) if known else {}
    return value if isinstance(value, dict) else {}


def _read_moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None

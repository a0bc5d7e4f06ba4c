"""``/healthz`` and ``/readyz``: whether this process lives, and whether readers are served.

What is wrong and yet keeps no reader waiting stands among the details of ``/readyz``. Anybody may
ask, so they name no place of this machine but the config file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response
from sqlalchemy.engine import make_url

from feedsvc import __version__
from feedsvc.config import Bucket
from feedsvc.errors import StoreError
from feedsvc.loglines import escape, tell_time
from feedsvc.store import JOBS_FACT, Crew, Problem, read_sign_of_life
from feedsvc.web.asking import BriefQuestion
from feedsvc.web.site import LiveSite

# The kinds of problem that concern the whole site; those of single files are on other lists.
_KINDS = ("config", "folder")

# The problem of the content folder as a whole, in the store.
_WHOLE_FOLDER = "/"

# What one answer says at most: it is for a glance, and `feedsvc problems` has the rest.
DETAILS_MOST = 10
DETAIL_CHARS_MOST = 300

# An engine gives a sign of life every few seconds; one that is busy with a bulk, a little later.
ENGINE_PATIENCE = timedelta(seconds=60)

# How long an answer waits for what the store knows, in seconds: a balancer takes a machine out that
# does not answer within a second, and the store is no reason for that.
STORE_PATIENCE = 0.5

_RETRY_AFTER = "2"

# An absolute path up to its last name, as it stands in messages.
_PLACE = re.compile(r"(?<![\w./])/(?:[^\s/'\"]+/)+")


@dataclass(frozen=True, slots=True)
class Readiness:
    """What ``/readyz`` answers; ``reasons`` say why no reader can be served, if so."""

    revision: int
    published: datetime | None
    reasons: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    crew: Crew = field(default_factory=Crew)

    @property
    def ready(self) -> bool:
        """Whether readers are served."""
        return not self.reasons


def describe_problems(problems: Iterable[Problem]) -> list[str]:
    """Return what to say of problems of the config and of folders, a line each."""
    told: list[str] = []
    for one in problems:
        for line in filter(None, one.message.split("\n")):
            if one.kind == "config":
                # From the file's name on: a message may begin with the whole way to it.
                _, name, rest = line.partition(one.path)
                told.append(f"the config is not in force: {name + rest if name else line}")
            elif one.path == _WHOLE_FOLDER:
                told.append(line)
            else:
                told.append(f"{one.path}: {line}")
    return told


def describe_engine(jobs: str, now: datetime) -> list[str]:
    """Return what to say of an engine that gave no sign of life, by the store's fact of its jobs.

    One that never gave any may be of a version that gives none.
    """
    seen = read_sign_of_life(jobs)
    if seen is None or now - seen <= ENGINE_PATIENCE:
        return []
    return [f"the engine has not been seen since {tell_time(seen)}"]


def hide_places(text: str, places: Sequence[str]) -> str:
    """Return ``text`` without the folders of this machine, of which some are known: ``places``."""
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(f"{place}/", "").replace(place, Path(place).name)
    return _PLACE.sub("", text)


def bound(details: Sequence[str]) -> tuple[str, ...]:
    """Return no more details than a glance takes in, each on one line and no longer than that."""
    shown = details if len(details) <= DETAILS_MOST else details[: DETAILS_MOST - 1]
    more = [f"and {len(details) - len(shown)} more"] if len(shown) < len(details) else []
    return tuple(escape(one)[:DETAIL_CHARS_MOST] for one in (*shown, *more))


def add_health(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer at /healthz and /readyz."""
    known = BriefQuestion(partial(_look, live), STORE_PATIENCE)

    @app.get("/healthz")
    def show_health() -> Response:
        return _answer({"ok": True, "version": __version__})

    @app.get("/readyz")
    def show_readiness() -> Response:
        found = _assess(live, known)
        answer: dict[str, Any] = {
            "ready": found.ready,
            "revision": found.revision,
            "published": tell_time(found.published) if found.published else None,
            "reasons": found.reasons,
            "details": found.details,
            "engine": {
                "active": found.crew.active or None,
                "since": tell_time(found.crew.since) if found.crew.since else None,
                "standby": found.crew.standby,
            },
        }
        return _answer(answer, 200 if found.ready else 503)


def _look(live: LiveSite) -> tuple[list[str], Crew]:
    """Return the details that stand in the store, and which engines there are."""
    details = describe_problems(live.store.problems_of(_KINDS, DETAILS_MOST))
    details += describe_engine(live.store.fact(JOBS_FACT), live.clock())
    return details, live.store.crew()


def _assess(live: LiveSite, known: BriefQuestion[tuple[list[str], Crew]]) -> Readiness:
    publication = live.fast.publication
    details: list[str] = []
    trouble, crew = live.trouble, Crew()
    if not trouble:  # else the question would wait for what the watch knows
        try:
            details, crew = known.answer()
        except StoreError as error:
            trouble = str(error)
    if trouble:
        said = trouble.removeprefix("the store does not answer: ")
        details = [f"the store does not answer: {said}"]
    places = _list_places(live)
    told = bound([hide_places(one, places) for one in details])
    loaded = publication is not None and live.is_loaded
    reasons = () if loaded else ("no publication is loaded yet",)
    revision = publication.revision if publication else 0
    return Readiness(revision, live.published, reasons, told, crew)


def _list_places(live: LiveSite) -> list[str]:
    store = Path(make_url(live.store.url).database or "")
    folder = live.config.content.folder
    if isinstance(folder, Bucket):
        return [str(folder), *_list_disk((store.parent,))]
    return _list_disk((folder, store.parent))


def _list_disk(places: tuple[Path, ...]) -> list[str]:
    return [str(one) for one in places if one.is_absolute() and one.name]


def _answer(value: dict[str, Any], status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = _RETRY_AFTER
    body = orjson.dumps(value) + b"\n"
    return Response(body, status, headers, content_type="application/json")

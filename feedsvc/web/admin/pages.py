"""What each page of the desk shows, read from the store when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from feedsvc.bulletin import EngineSign, read_config, read_jobs, read_nearest
from feedsvc.readership import list_polls_by_hour, list_subscribers_by_day, read_readership
from feedsvc.render import FORMATS
from feedsvc.store import WHOLE_SITE, Problem, SectionCount, State, StoredEntry
from feedsvc.web.admin.numbers import (
    Figures,
    class_latencies,
    stack_polls,
    table_of,
    trace_subscribers,
)
from feedsvc.web.site import LiveSite

# Articles on one page of a list; subscriptions and deliveries; lines of the audit log.
_ARTICLES, _SUBSCRIBERS, _DEEDS, _RECENT = 50, 100, 50, 8

# How far back pictures look.
_DAYS, _HOURS = 30, 48

# An engine that has said nothing for so long is taken for dead: it speaks every five seconds.
_SILENT = timedelta(seconds=30)


class Pages:
    """Makes the values of each page on behalf of one worker. Methods raise StoreError."""

    def __init__(self, live: LiveSite) -> None:
        self._live = live

    def overview(self, _: Mapping[str, str]) -> dict[str, Any]:
        """What is there, what happens, and what needs a hand."""
        live, now = self._live, self._live.clock()
        counts = live.store.counts(now)
        readership = read_readership(live.store, live.config, now)
        read = {one.name: one for one in readership.feeds}
        titles = {name: section.title for name, section in live.config.sections.items()}
        rows = []
        for name, title in {WHOLE_SITE: "The whole site", **titles}.items():
            base = f"{live.base_path}/feeds/{name}"
            feeds = [(form.suffix, f"{base}.{form.suffix}") for form in FORMATS.values()]
            known = counts.get(name, SectionCount(0, None))
            rows.append(
                {
                    "name": name,
                    "title": title,
                    "count": known,
                    "feeds": feeds,
                    "read": read.get(name),
                }
            )
        problems = self._list_problems(now)
        return {
            "rows": rows,
            "faults": [one for one in problems if one.kind == "config"],
            "problems": len(problems),
            "doubts": len(self._list_doubts()),
            "recent": live.store.latest(_RECENT),
            "publication": live.fast.publication,
            "states": self._describe_states,
            "readership": readership,
            **self._describe_engine(now),
        }

    def review(self, _: Mapping[str, str]) -> dict[str, Any]:
        """The articles whose filing a person should look at."""
        known = read_nearest(self._live.store)
        names = list(self._live.config.sections)
        rows = []
        for entry, doubt in self._list_doubts():
            nearest = [name for name in known.get(entry.uid, ()) if name in names]
            here = entry.filing.sections
            rows.append(
                {
                    "entry": entry,
                    "doubt": _DOUBTS.get(doubt, doubt),
                    "why": _say_why(entry),
                    "keep": [name for name in here if name in names],
                    "nearest": [name for name in nearest if name not in here[:1]],
                    "others": names,
                }
            )
        return {"rows": rows}

    def problems(self, _: Mapping[str, str]) -> dict[str, Any]:
        """What is wrong, where, and what to do."""
        from feedsvc.scan import FOLDER, advise

        problems = self._list_problems(self._live.clock())
        rows = [{"problem": one, "advice": advise(one)} for one in problems]
        return {"rows": rows, "halted": any(one.kind == FOLDER for one in problems)}

    def articles(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """The articles that came last; or the one that somebody looks for."""
        from feedsvc.scan import find_entry

        wanted = asked.get("q", "").strip()[:2_000]
        found = find_entry(self._live.store, wanted) if wanted else None
        number = asked.get("page", "1")
        page = max(1, int(number)) if number.isdigit() and len(number) < 7 else 1
        rows = self._live.store.latest(_ARTICLES + 1, (page - 1) * _ARTICLES)
        return {
            "wanted": wanted,
            "rows": ([found] if found else []) if wanted else rows[:_ARTICLES],
            "page": page,
            "more": not wanted and len(rows) > _ARTICLES,
            "states": self._describe_states,
        }

    def article(self, uid: str) -> dict[str, Any] | None:
        """One article: what it became, and why; None if there is none of this uid."""
        live = self._live
        entry = live.store.entry(uid)
        if entry is None:
            return None
        from feedsvc.publication import page_path

        now, article = live.clock(), entry.article
        media = live.store.media_of([uid])
        from feedsvc.ingest import find_troubles

        return {
            "entry": entry,
            "states": self._describe_states,
            "why": _say_why(entry),
            "page": live.base_path + page_path(entry) if entry.is_public(now) else "",
            "published": _describe_stamp(entry.published, article.published),
            "updated": _describe_stamp(entry.updated, article.updated, article.published),
            "copies": live.store.copies_of(uid),
            "deeds": live.store.deeds(_DEEDS, uid),
            "troubles": list(find_troubles(article, entry.path, media)),
            "nearest": read_nearest(live.store).get(uid, ()),
        }

    def withdrawals(self, _: Mapping[str, str]) -> dict[str, Any]:
        """What left the public, and what persons did."""
        from feedsvc.scan import find_entry

        store = self._live.store
        stones = store.tombstones(WHOLE_SITE, _ARTICLES)
        gone = {one.uid: one for each in stones if (one := find_entry(store, each.id))}
        deeds = store.deeds(_DEEDS)
        more = store.entries_of({one.uid for one in deeds} - {*gone})
        gone |= {one.uid: one for one in more if one.withheld}
        order = sorted(gone.values(), key=lambda one: one.retracted or one.updated, reverse=True)
        return {"rows": order, "deeds": deeds, "states": self._describe_states}

    def hub(self, _: Mapping[str, str]) -> dict[str, Any]:
        """Who is pushed to, and what is owed to whom."""
        now = self._live.clock()
        with self._live.store.reading_hub() as hub:
            figures = hub.figures(now)
            subscriptions = list(hub.subscriptions(limit=_SUBSCRIBERS))
            owed = hub.owed(_SUBSCRIBERS)
        return {
            "hub": self._live.config.hub,
            "figures": figures,
            "subscriptions": subscriptions,
            "owed": owed,
            "now": now,
            "limit": _SUBSCRIBERS,
            "latency": self._tabulate("latency"),
        }

    def config(self, _: Mapping[str, str]) -> dict[str, Any]:
        """The config in force, and what is wrong with the file."""
        live = self._live
        taken = read_config(live.store)
        faults = [one for one in live.store.problems() if one.kind == "config"]
        return {"taken": taken, "faults": faults, "config": live.config}

    def engine(self, _: Mapping[str, str]) -> dict[str, Any]:
        """The engine's jobs, and this worker."""
        publication = self._live.fast.publication
        crew = self._live.store.crew()
        now = self._live.clock()
        return {"publication": publication, "crew": crew, **self._describe_engine(now)}

    def readers(self, _: Mapping[str, str]) -> dict[str, Any]:
        """Who reads what, and how."""
        live = self._live
        titles = {name: section.title for name, section in live.config.sections.items()}
        return {
            "readership": read_readership(live.store, live.config, live.clock()),
            "titles": {WHOLE_SITE: "The whole site", **titles},
            "tables": {name: self._tabulate(name) for name in ("subscribers", "polls")},
        }

    def figures_of(self, name: str) -> Figures | None:
        """Return the numbers of a picture; None while there are none."""
        store, now = self._live.store, self._live.clock()
        if name == "subscribers":
            days = list_subscribers_by_day(store, now, _DAYS)
            return trace_subscribers(days) if days else None
        if name == "polls":
            hours = list_polls_by_hour(store, now, _HOURS)
            return stack_polls(hours, self._live.config.site.timezone)
        with store.reading_hub() as hub:
            return class_latencies(hub.figures(now).tallies)

    def _tabulate(self, name: str) -> tuple[Figures, list[tuple[str, tuple[float, ...]]]] | None:
        """Return the numbers of a picture, and the rows of the table behind it."""
        figures = self.figures_of(name)
        return (figures, table_of(figures)) if figures else None

    def _describe_engine(self, now: datetime) -> dict[str, Any]:
        sign: EngineSign | None = read_jobs(self._live.store)
        silent = sign is None or now - sign.at > _SILENT
        return {"sign": sign, "silent": silent, "trouble": self._live.trouble}

    def _list_problems(self, now: datetime) -> list[Problem]:
        from feedsvc.scan import list_problems

        return list_problems(self._live.store, now, bool(self._live.config.sections))

    def _list_doubts(self) -> list[tuple[StoredEntry, str]]:
        """Return what is to be looked at, the newest first, each with the reason in one word."""
        from feedsvc.scan import REVIEWED_MOST, find_unsure

        sections = self._live.config.sections
        found = {one.uid: (one, "held") for one in self._live.store.held()[:REVIEWED_MOST]}
        for entry, why in find_unsure(self._live.store, REVIEWED_MOST, sections):
            found.setdefault(entry.uid, (entry, why))
        newest = sorted(found.values(), key=lambda each: each[0].published, reverse=True)
        return newest[:REVIEWED_MOST]

    def _describe_states(self, entry: StoredEntry) -> str:
        """Return in a word or two where an entry is in its life."""
        now = self._live.clock()
        if entry.withheld:
            return "withdrawn here"
        if entry.state is not State.LIVE:
            return _STATES.get(entry.state, entry.state.value)
        if entry.published > now:
            return "embargo"
        if entry.expires and entry.expires <= now:
            return "expired"
        return "archive only" if entry.quiet else "public"


_STATES = {
    State.HELD: "held back",
    State.DRAFT: "draft",
    State.WITHDRAWN: "withdrawn by its file",
    State.GONE: "file deleted",
}

_DOUBTS = {
    "unfiled": "No section took it.",
    "fallback": "It is in the section for what no other took.",
    "close": "It was filed by a small margin.",
    "shared": "The second section is close behind the first.",
    "held": "It is held back for a last look.",
}


def _say_why(entry: StoredEntry) -> str:
    filing = entry.filing
    told = "; ".join(f"{one.section}: {one.why}" for one in filing.filed)
    return filing.why or told or "no section was found for it"


def _describe_stamp(at: datetime, *stamps: Any) -> str:
    """Return where a date of an entry was found."""
    stamp = next((one for one in stamps if one and one.at == at), None)
    if stamp is None:
        return "kept from before"
    return f"{stamp.source}: {stamp.text}" if stamp.text else str(stamp.source)

"""What is decided about each file, told in the log: one line a decision."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from feedsvc.logs import get_log, is_json
from feedsvc.model import Filing
from feedsvc.scan.flood import FloodRule
from feedsvc.scan.report import Outcome, Report
from feedsvc.store import DECIDED, DECISIONS, State, StoredEntry, Writer

log = get_log(__name__)

# Decisions of one look that people are told one by one; of the rest they are told the numbers.
# More would be read by nobody, and slow down the first scan. Programs are told all of them.
TOLD_MOST = 20


class Decision(NamedTuple):
    """What was decided about the file at ``path``, and the entry that this is about.

    ``other`` is where a moved file was, which file leads a copy's story, or why one was refused.
    """

    name: str
    path: str
    entry: StoredEntry | None = None
    other: str = ""


def list_decisions(outcome: Outcome, now: datetime) -> Iterator[Decision]:
    """Yield what a batch decided, once for each file."""
    entries = {one.path: one for one in outcome.written}
    told: set[str] = set()
    for path, reason in outcome.refused.items():
        yield Decision("refused", path, other=reason)
    for path, lead in outcome.copies:
        told.add(path)
        yield Decision("copy", path, entries.get(lead), lead)
    for path in outcome.new:
        if path not in told:
            entry = entries.get(path)
            standing = stand(entry, now) if entry else ""
            yield Decision(standing if standing in DECISIONS else "new", path, entry)
    for path in outcome.changed:
        if path not in told:
            yield Decision(outcome.turned.get(path, "changed"), path, entries.get(path))
    for old, path in outcome.moved:
        if path not in told:
            yield Decision("moved", path, entries.get(path), old)
    for path in outcome.gone:
        yield Decision("gone", path, entries.get(path))
    for path in outcome.flood.sooner:
        yield Decision("no news", path)


def stand(entry: StoredEntry, now: datetime) -> str:
    """Return where an entry stands, in one or two words; ``public`` if readers are told of it."""
    if entry.state is State.HELD:
        return "held back"
    if entry.state is not State.LIVE:
        return entry.state.value
    if entry.published > now:
        return "embargoed"
    if not entry.is_public(now):
        return "expired"
    return "no news" if entry.quiet else "public"


def count_decisions(outcome: Outcome, now: datetime) -> Counter[str]:
    """Return how often a batch decided what."""
    return Counter(one.name for one in list_decisions(outcome, now))


def tally_decisions(
    outcome: Outcome, written: Sequence[StoredEntry], writer: Writer, now: datetime
) -> None:
    """Count what a batch decided, in its own transaction; it changed the entries ``written``."""
    outcome.written = written
    outcome.decided = count_decisions(outcome, now)
    writer.hub.tally({f"{DECIDED}{name}": count for name, count in outcome.decided.items()})


def describe(decision: Decision, now: datetime) -> dict[str, Any]:
    """Return what the log says of a decision, by key."""
    keys: dict[str, Any] = {"path": decision.path}
    if decision.name == "refused":
        return keys | {"why": decision.other}
    if decision.name == "copy":
        keys["of"] = decision.other
    if decision.name == "moved":
        keys["was"] = decision.other
    entry = decision.entry
    if entry is None:
        return keys
    keys |= {
        "id": entry.uid,
        "title": entry.article.title,
        "sections": list(entry.filing.sections),
        "why": explain(entry.filing),
        "published": entry.published,
        "dated_by": entry.article.published.source,
        "cut": len(entry.article.cuts),
    }
    standing = stand(entry, now)
    if standing not in (decision.name, "public"):
        keys["stands"] = standing
    if entry.held_until:
        keys["until"] = entry.held_until
    return keys


def explain(filing: Filing) -> str:
    """Return why an article stands where it does; each section's reason where they differ."""
    reasons = {one.why for one in filing.filed}
    if len(reasons) > 1:
        return "; ".join(f"{one.section}: {one.why}" for one in filing.filed)
    return next(iter(reasons), "") or filing.why


class Telling:
    """Tells of the decisions of a look, batch by batch: all to programs, people some of them."""

    def __init__(self) -> None:
        self._told = 0
        self._rest: Counter[str] = Counter()

    def tell(self, outcome: Outcome, now: datetime) -> None:
        """Tell what a batch decided, once that is in the store."""
        self._tell(list_decisions(outcome, now), outcome.decided, now)

    def tell_each(self, name: str, entries: Iterable[StoredEntry], now: datetime) -> None:
        """Tell that the same was decided about all of some entries."""
        found = [Decision(name, one.path, one) for one in entries]
        self._tell(iter(found), Counter({name: len(found)}), now)

    def refuse(self, reasons: Mapping[str, str], now: datetime) -> None:
        """Tell that files, or folders, could not even be tried."""
        found = [Decision("refused", path, other=why) for path, why in reasons.items()]
        self._tell(iter(found), Counter(refused=len(found)), now)

    def finish(self) -> None:
        """Tell people how many more there were; the look is over."""
        if self._rest:
            counts = {name.replace(" ", "_"): count for name, count in self._rest.items()}
            log.info("more articles", **counts)
        self._told, self._rest = 0, Counter()

    def _tell(self, decisions: Iterator[Decision], counts: Counter[str], now: datetime) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        room = counts.total() if is_json() else max(0, TOLD_MOST - self._told)
        told: Counter[str] = Counter()
        for one in islice(decisions, room):
            tell_decision(one, now)
            told[one.name] += 1
        self._told += told.total()
        self._rest += counts - told


def tell_decision(decision: Decision, now: datetime, **more: Any) -> None:
    """Write one line for one decision, with ``more`` keys."""
    write = log.warning if decision.name == "refused" else log.info
    write(f"article {decision.name}", **describe(decision, now), **more)


def tell_flood(report: Report, rule: FloodRule) -> None:
    """Write one line on articles that came at once and are no news, if there were any."""
    if told := report.describe_flood(rule):
        flood = report.outcome.flood
        counts = {"old": len(flood.old), "beyond": len(flood.beyond), "sooner": len(flood.sooner)}
        log.info("no news", new=len(report.outcome.new), **counts, why=told)

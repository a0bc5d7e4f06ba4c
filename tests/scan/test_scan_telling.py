"""One line in the log for each decision about an article, and the same counted in the store."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from folder_model import Clock
from sites import Site, article, at

from feedsvc import logs
from feedsvc.model import Filed, Filing
from feedsvc.scan.telling import TOLD_MOST, explain
from feedsvc.service import Service
from feedsvc.store import DECISIONS

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONG = (
    "The river ferry will run again from Monday, the council said, after a winter of repairs.\n\n"
    "Engineers replaced both engines and a good part of the hull during the long winter break.\n\n"
    "Passengers who hold an old yearly ticket may use it until the end of the summer timetable.\n\n"
    "A second boat, which the council had wanted to sell, will be kept as a reserve after all.\n"
)


class Told(logging.Handler):
    """Keeps the events that the engine logs."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict):
            self.events.append({**record.msg, "level": record.levelname.lower()})

    def articles(self) -> list[dict[str, Any]]:
        """Return what was said of articles since the last time, without the word itself."""
        found = [
            {**one, "event": one["event"].removeprefix("article ")}
            for one in self.events
            if one["event"].startswith("article ")
        ]
        self.events.clear()
        return found

    def only(self) -> dict[str, Any]:
        """Return the one line that was said of articles."""
        (found,) = self.articles()
        return found


@pytest.fixture
def told() -> Iterator[Told]:
    handler, log = Told(), logging.getLogger("feedsvc")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def open_service(
    site: Site, clock: Clock, hold: str = "0s", feeds: str = "", more: str = ""
) -> Service:
    site.config.write_text(
        "site: {id: 'gazette.test,2026-01-01', base_url: 'http://gazette.test'}\n"
        f"content: {{folder: content, settle: 0, hold: {hold}}}\n"
        f"feeds: {{items: 50{feeds}}}\n"
        "sections:\n  politics: Politics\n  sports: {title: Sports, match: {any: [ferry]}}\n"
        f"{more}"
    )
    service = Service(site.load(), clock)
    service.start()
    return service


@pytest.fixture
def service(site: Site, clock: Clock) -> Iterator[Service]:
    service = open_service(site, clock)
    service.finish_pass(service.scan())
    yield service
    service.close()


def scan(service: Service) -> None:
    service.finish_pass(service.scan())


def test_new(site: Site, service: Service, told: Told) -> None:
    """All that an admin asks first: what, where, why, of when, and how much was cut."""
    site.write("politics/ferry.md", article("Ferry is back", date="2026-01-02", section="sports"))
    scan(service)
    line = told.only()
    entry = service.find_entry("politics/ferry.md")
    assert entry is not None
    assert line == {
        "event": "new",
        "level": "info",
        "path": "politics/ferry.md",
        "id": entry.uid,
        "title": "Ferry is back",
        "sections": ["sports"],
        "why": "front matter section",
        "published": entry.published,
        "dated_by": "front matter date",
        "cut": 0,
    }
    scan(service)
    assert told.articles() == []  # nothing was decided


def test_unfiled_and_cut(site: Site, service: Service, told: Told) -> None:
    """An article that no section wants has a reason too, and cut lines are counted."""
    text = LONG.replace("ferry", "tram").replace("run again", "be back")
    site.write("a.txt", f"The town museum has found a buyer\n\nSHARE THIS\n\n{text}")
    scan(service)
    line = told.only()
    assert line["sections"] == [] and line["why"] and line["cut"] >= 1


@pytest.mark.parametrize(
    ("front", "decision"),
    [
        ({"embargo": "EMBARGO"}, "embargoed"),
        ({"status": "draft"}, "draft"),
        ({"status": "withdrawn"}, "withdrawn"),
        ({"date": "2026-01-01", "expires": "2026-01-02"}, "expired"),
    ],
)
def test_what_no_reader_is_told_of(
    site: Site, service: Service, told: Told, clock: Clock, front: dict[str, str], decision: str
) -> None:
    front = {name: at(clock() + DAY) if text == "EMBARGO" else text for name, text in front.items()}
    site.write("politics/a.md", article("A", **front))
    scan(service)
    line = told.only()
    assert (line["event"], line["title"]) == (decision, "A")
    site.write("politics/a.md", article("B", **front))
    scan(service)
    line = told.only()
    assert (line["event"], line["stands"]) == ("changed", decision)


def test_a_life(site: Site, service: Service, told: Told, clock: Clock) -> None:
    """Edited, moved, taken back by its file and put up again, deleted."""
    site.write("politics/a.md", article("A", date="2026-01-01"))
    scan(service)
    told.articles()

    site.write("politics/a.md", article("A, corrected", date="2026-01-01"))
    scan(service)
    line = told.only()
    assert (line["event"], line["title"], "stands" in line) == ("changed", "A, corrected", False)

    (site.content / "politics/a.md").rename(site.content / "politics/b.md")
    scan(service)
    line = told.only()
    assert (line["event"], line["path"], line["was"]) == ("moved", "politics/b.md", "politics/a.md")
    assert line["title"] == "A, corrected"

    for status, decision in (
        ("draft", "withdrawn"),
        ("live", "changed"),
        ("withdrawn", "withdrawn"),
    ):
        site.write("politics/b.md", article("A", date="2026-01-01", status=status))
        scan(service)
        assert told.only()["event"] == decision

    site.write("politics/b.md", article("A", date="2026-01-01"))
    scan(service)
    told.articles()
    (site.content / "politics/b.md").unlink()
    service.scan()
    clock.now += timedelta(seconds=60)
    service.look()
    line = told.only()
    assert (line["event"], line["path"], line["title"]) == ("gone", "politics/b.md", "A")


def test_refused(site: Site, service: Service, told: Told) -> None:
    """A warning with the reason, once; so is a name that is no text."""
    site.write("politics/a.md", "---\ntitle: [\n---\n")
    (site.content / b"politics/\xff.md".decode(errors="surrogateescape")).write_bytes(b"A title")
    scan(service)
    lines = {one["path"]: one for one in told.articles()}
    assert {(one["event"], one["level"]) for one in lines.values()} == {("refused", "warning")}
    assert "front matter" in lines["politics/a.md"]["why"] and len(lines) == 2
    scan(service)
    assert told.articles() == []


def test_copies(site: Site, service: Service, told: Told) -> None:
    """Which file leads, and what of."""
    site.write("politics/a.md", article("Ferry is back", LONG, date="2026-01-02"))
    scan(service)
    told.articles()
    site.write("sports/b.md", article("Ferry is back", LONG, date="2026-01-01"))
    scan(service)
    lines = {one["event"]: one for one in told.articles()}
    assert (lines["copy"]["path"], lines["copy"]["of"]) == ("sports/b.md", "politics/a.md")


@pytest.mark.parametrize("duplicates", ["merge", "keep"])  # two ways to release
def test_held_back_and_released(site: Site, told: Told, clock: Clock, duplicates: str) -> None:
    service = open_service(site, clock, hold="1h", more=f"duplicates: {duplicates}\n")
    try:
        scan(service)
        site.write("politics/a.md", article("A", date="2026-01-01"))
        scan(service)
        line = told.only()
        assert line["event"] == "held back"
        assert MINUTE < line["until"] - clock() <= timedelta(hours=1)
        clock.now += timedelta(seconds=3601)
        service.publish()
        line = told.only()
        assert (line["event"], line["path"]) == ("released", "politics/a.md")
        assert service.store.figures(clock()).decided == {"held back": 1, "released": 1}
    finally:
        service.close()


def test_no_news(site: Site, told: Told, clock: Clock) -> None:
    """A bulk of old articles: each is told as what it is, and people get the sentence."""
    service = open_service(site, clock, feeds=", flood_age: 3d")
    try:
        site.write("politics/first.md", article("First", date=at(clock())))
        scan(service)
        told.articles()
        clock.now += timedelta(seconds=86_400)
        for number in range(6):
            site.write(f"politics/{number}.md", article(f"Old {number}", date="2026-01-01"))
        scan(service)
        (sentence,) = [one for one in told.events if one["event"] == "no news"]
        assert sentence["old"] == sentence["new"] == 6 and "feeds.flood_age" in sentence["why"]
        assert Counter(one["event"] for one in told.articles()) == {"no news": 6}
    finally:
        service.close()


def test_what_people_decide(site: Site, service: Service, told: Told) -> None:
    """Corrections and withdrawals say who did it."""
    site.write("politics/a.md", article("A", date="2026-01-01"))
    scan(service)
    told.articles()
    entry = service.find_entry("politics/a.md")
    assert entry is not None
    service.correct(entry, ["sports"], "Jo")
    line = told.only()
    assert (line["event"], line["by"], line["sections"]) == ("filed", "Jo", ["sports"])
    assert (line["before"], line["why"]) == (["politics"], "filed by an editor")
    service.withdraw(entry, "Jo", "a mistake")
    line = told.only()
    assert (line["event"], line["by"], line["reason"]) == ("withdrawn", "Jo", "a mistake")
    service.restore(entry, "Jo")
    assert told.only()["event"] == "restored"


def test_people_are_told_of_some_and_programs_of_all(
    site: Site, service: Service, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a bulk people get the first ones, and then one line with the numbers."""
    count = TOLD_MOST + 5
    for number in range(count):
        site.write(f"politics/{number}.md", article(f"Number {number}", date="2026-01-01"))
    scan(service)
    (more,) = [one for one in told.events if one["event"] == "more articles"]
    assert more["new"] == 5 and len(told.articles()) == TOLD_MOST
    monkeypatch.setattr(logs, "_as_json", True)
    for number in range(count):
        site.write(f"politics/{number}.md", article(f"Again {number}", date="2026-01-01"))
    scan(service)
    assert not [one for one in told.events if one["event"] == "more articles"]
    assert Counter(one["event"] for one in told.articles()) == {"changed": count}
    # The limit is one of each look.
    monkeypatch.setattr(logs, "_as_json", False)
    site.write("politics/last.md", article("The last one", date="2026-01-01"))
    scan(service)
    assert told.only()["title"] == "The last one"


def test_decisions_are_counted_for_ever(
    site: Site, service: Service, told: Told, clock: Clock
) -> None:
    """What the log told is what the store counts, also where nobody logs."""
    site.write("politics/a.md", article("A", date="2026-01-01"))
    site.write("politics/b.md", article("B", status="draft"))
    site.write("politics/c.md", "---\ntitle: [\n---\n")
    scan(service)
    logging.getLogger("feedsvc").setLevel(logging.ERROR)
    site.write("politics/a.md", article("A2", date="2026-01-01"))
    scan(service)
    figures = service.store.figures(clock())
    assert figures.decided == {"new": 1, "draft": 1, "refused": 1, "changed": 1}
    assert set(figures.decided) <= set(DECISIONS)
    assert Counter(one["event"] for one in told.articles()) == {"new": 1, "draft": 1, "refused": 1}


@pytest.mark.parametrize(
    ("filed", "why"),
    [
        ((), "no section was clear enough"),
        ((("politics", "folder politics/"),), "folder politics/"),
        ((("a", "front matter section"), ("b", "front matter section")), "front matter section"),
        ((("a", "folder a/"), ("b", "rule")), "a: folder a/; b: rule"),
    ],
)
def test_reasons(filed: tuple[tuple[str, str], ...], why: str) -> None:
    filing = Filing(tuple(Filed(*one) for one in filed), why="no section was clear enough")
    assert explain(filing) == why

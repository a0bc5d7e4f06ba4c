"""Who reads, counted while feeds are served: by two real workers, and answer by answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sites import Server, Site, article, serving, wait_until
from workers import Worker

from feedsvc.errors import StoreError
from feedsvc.readership import (
    Readership,
    ReadershipDesk,
    desk,
    list_polls_by_hour,
    parse_agent,
    read_readership,
)
from feedsvc.store import PollCount, Store

AGENTS = yaml.safe_load((Path(__file__).parent / "agents.yaml").read_text(encoding="utf-8"))
FEED = "/feeds/politics.xml"


def read(site: Site, now: datetime | None = None) -> Readership:
    """Return what a command shows."""
    store = Store(site.load().config.store.url)
    try:
        return read_readership(store, site.load().config, now or datetime.now(UTC))
    finally:
        store.close()


def statuses(site: Site) -> dict[str, int]:
    """Return how the polls of the last two hours ended."""
    store = Store(site.load().config.store.url)
    found: dict[str, int] = {}
    for _, polls in list_polls_by_hour(store, datetime.now(UTC), 2):
        for status, count in polls.items():
            found[status] = found.get(status, 0) + count
    store.close()
    return found


@pytest.fixture
def paper(site: Site) -> Site:
    """A site with some articles."""
    site.write("politics/a.md", article("A", tags="[budget]"))
    site.write("sports/b.md", article("B"))
    return site


def test_the_readers_of_the_reference_behind_two_workers(paper: Site) -> None:
    """Each polls two formats, twice with what it has, through a proxy on this machine."""
    with serving(paper, workers=2) as server:
        for number, agent in enumerate(AGENTS):
            headers = {"User-Agent": agent, "X-Forwarded-For": f"203.0.113.{number}"}
            for path in (FEED, "/feeds/politics.atom"):
                etag = server.get(path, **headers).headers["etag"]
                for _ in range(2):
                    assert server.get(path, If_None_Match=etag, **headers).status == 304
        # Two more of one kind, of which one asks for another feed as well; and who is no reader.
        for number in (201, 202):
            ask(server, FEED, "newsboat/2.40", number)
        ask(server, "/feeds/sports.json", "newsboat/2.40", 201)
        ask(server, "/feeds/nothing.xml", "newsboat/2.40", 201)
        ask(server, "/feeds/", "Mozilla/5.0 Gecko/20100101 Firefox/140.0", 203)
        assert server.stop() == 0  # what is not written yet is written now
    found = read(paper)
    named = [agent for agent in map(parse_agent, AGENTS) if agent.is_reader]
    counted = {one.reader: one.subscribers for one in found.readers}
    for agent in named:
        most = max(one.subscribers or 1 for one in named if one.reader == agent.reader)
        assert counted[agent.reader] == most + 3 * (agent.reader == "newsboat"), agent
    assert counted["other"] == 0  # it sent no User-Agent
    assert found.subscribers == sum(counted.values())
    politics, sports = (
        next(one for one in found.feeds if one.name == name) for name in ("politics", "sports")
    )
    assert (politics.polls, politics.unchanged) == (6 * len(AGENTS) + 2, 4 * len(AGENTS))
    assert (sports.polls, sports.subscribers) == (1, 1)
    assert politics.bytes > 500 * (2 * len(AGENTS) + 2)
    assert statuses(paper) == {"200": 2 * len(AGENTS) + 3, "304": 4 * len(AGENTS), "404": 1}


def ask(server: Server, path: str, agent: str, number: int) -> None:
    server.get(path, **{"User-Agent": agent, "X-Forwarded-For": f"203.0.113.{number}"})


def test_every_answer_below_feeds_is_counted(
    paper: Site, open_worker: Callable[..., Worker]
) -> None:
    paper.configure("  weather:\n    moved_from: [climate]\nremoved: [old]\nfeeds: {delta: true}\n")
    paper.scan()
    worker = open_worker(paper)
    etag = worker.fetch(FEED).headers["etag"]
    worker.fetch(FEED, "HEAD")
    worker.fetch(FEED, If_None_Match='"another"')
    worker.fetch(FEED, If_None_Match=etag)
    worker.fetch(FEED, "POST")
    paper.write("politics/c.md", article("C"))
    wait_until(lambda: paper.scan() or worker.live.refresh())
    assert worker.fetch(FEED, If_None_Match=etag, A_IM="feed").status == 226
    for path in ("/feeds/tag/budget.xml", "/feeds/sports+politics.atom"):
        assert worker.fetch(path).status == 200
    for path in ("/feeds/climate.xml", "/feeds/old.xml", "/feeds/none.xml", "/", "/feeds/"):
        worker.fetch(path)
    worker.live.stop()
    names = {one.name: one.polls for one in read(paper).feeds if one.polls}
    assert names == {"politics": 5, "tag/budget": 1, "politics+sports": 1}
    expected = {"200": 5, "304": 1, "226": 1, "301": 1, "410": 1, "404": 1, "405": 1}
    assert statuses(paper) == expected
    (reader,) = read(paper).readers
    assert (reader.unchanged, reader.unconditional) == (1, 4)


def test_turned_off_nobody_is_counted(paper: Site, open_worker: Callable[..., Worker]) -> None:
    """As soon as the new config is in force, and not what is in memory either."""
    paper.scan()
    worker = open_worker(paper)
    worker.fetch(FEED)
    paper.configure("statistics: {enabled: false}\n")
    paper.scan()
    tell(worker)
    assert worker.live.fast.visits is None
    worker.fetch(FEED)
    paper.configure()
    paper.scan()
    tell(worker)
    assert not read(paper).readers
    worker.fetch(FEED)
    tell(worker)
    assert read(paper).readers[0].polls == 1


def tell(worker: Worker) -> None:
    worker.live._tell_readership(last=True)


def test_what_a_failing_store_refuses_is_written_later(
    paper: Site, open_worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each poll once: what was written before the failure is not written again."""
    monkeypatch.setattr(desk, "_AT_ONCE", 10)
    paper.scan()
    worker = open_worker(paper)
    for number in range(35):
        worker.fetch(FEED, User_Agent="Yarr/2", X_Forwarded_For=f"203.0.113.{number}")
    real, calls = Store.writing, []

    def fail_twice(self: Store) -> object:
        calls.append(self)
        if len(calls) in (2, 3):
            raise StoreError("the disk is full")
        return real(self)

    monkeypatch.setattr(Store, "writing", fail_twice)
    for _ in range(2):
        with pytest.raises(StoreError):
            tell(worker)
        worker.fetch(FEED, User_Agent="Yarr/2", X_Forwarded_For="203.0.113.99")
    tell(worker)
    (reader,) = read(paper).readers
    assert (reader.polls, reader.subscribers) == (37, 36)


def test_it_is_told_every_ten_seconds_and_at_the_end(paper: Site) -> None:
    """And a clock that is set back holds nothing up."""
    paper.scan()
    store = Store(paper.load().config.store.url)
    config, now = paper.load().config, datetime(2026, 3, 2, 12, tzinfo=UTC)
    readers = ReadershipDesk(store)

    def poll() -> None:
        assert readers.visits
        next(readers.visits.counters[FEED, "Yarr/2", "192.0.2.1", None, "304", 0])

    def written() -> int:
        with store.reading_readership() as tables:
            counts = tables.read_polls(now.date() - timedelta(days=9), now.date())
        return sum(counts.values(), PollCount()).polls

    steps = ((0, 1), (1, 1), (9, 1), (10, 4), (11, 4), (-86_400, 6))
    for seconds, expected in steps:
        poll()
        readers.tell(config, 1, now + timedelta(seconds=seconds))
        assert written() == expected, seconds
    poll()
    readers.tell(config, 1, now, last=True)
    assert written() == 7
    store.close()


def test_missed_entries_are_found_by_a_worker(
    paper: Site, open_worker: Callable[..., Worker]
) -> None:
    """Five came between two polls of a feed that holds two: three were never seen.

    So far apart that the feed does not grow for them.
    """
    for hour in (1, 4, 7, 10, 13):
        paper.write(f"culture/{hour}.md", article(f"At {hour}", date=f"2026-03-02 {hour:02}:00"))
    paper.configure("feeds: {items: 2}\n")
    paper.scan()
    moment = [datetime(2026, 3, 2, 0, 30, tzinfo=UTC)]
    worker = open_worker(paper, lambda: moment[0])
    for hour in (0, 14):
        moment[0] = moment[0].replace(hour=hour)
        worker.fetch("/feeds/culture.xml", User_Agent="Yarr/2")
        tell(worker)
        # By now more is published, as it is whenever an entry appears.
        paper.write("sports/later.md", article("Later"))
        paper.scan()
        worker.live.refresh()
    (reader,) = read(paper, moment[0]).readers
    assert (reader.missed, reader.interval) == (3, 14 * 3600)

"""Holding back, floods and corrections in a whole site, whose clock stands where a test puts it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sites import Site, article, at, parse_atom

from feedsvc.scan import Report
from feedsvc.scan.flood import BULK_LEAST, TAKEN_BACK, TOGETHER
from feedsvc.service import Service
from feedsvc.store import State, StoredEntry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def configure(
    site: Site, feeds: str = "", hold: str = "0s", sections: str = "", politics: str = "Politics"
) -> None:
    """Write a config with these lines."""
    site.config.write_text(
        "site: {id: 'gazette.test,2026-01-01', base_url: 'http://gazette.test'}\n"
        f"content: {{folder: content, settle: 0, hold: {hold}}}\n"
        f"feeds: {{items: 50{feeds}}}\n"
        f"sections:\n  politics: {politics}\n  sports: Sports\n{sections}"
    )


def scan(service: Service) -> Report:
    return service.finish_pass(service.scan())


def delete(site: Site, service: Service, clock: Clock, path: str) -> None:
    """Delete a file, and let that be believed."""
    (site.content / path).unlink()
    service.scan()
    clock.now += MINUTE
    service.look()


def titles(service: Service, name: str = "all") -> set[str]:
    """Return what a feed holds, as it is published."""
    found = service.store.representations_since(0)[f"/feeds/{name}.atom"]
    return {item.title for item in parse_atom(found.bodies["identity"])} if found else set()


def archived(service: Service, name: str = "all") -> set[str]:
    """Return what the archive documents of a feed hold."""
    store = service.store
    pages = [store.page(name, one, service.clock()) for one in range(1, store.pages(name) + 1)]
    return {one.article.title for page in pages if page for one in page.entries}


def entry_of(service: Service, path: str) -> StoredEntry:
    entry = service.find_entry(path)
    assert entry is not None
    return entry


def write(site: Site, name: str, date: datetime, **front: str) -> None:
    site.write(f"politics/{name}.md", article(name, date=at(date), **front))


def publish_first(site: Site, service: Service, clock: Clock) -> None:
    """Let the site have published one article, long enough ago."""
    write(site, "first", clock.now - HOUR)
    scan(service)
    clock.now += HOUR


@contextlib.contextmanager
def opened(site: Site, clock: Clock, **config: str) -> Iterator[Service]:
    """Open a site, configured so, that has published one article an hour ago."""
    configure(site, **config)
    with site.service(clock) as service:
        publish_first(site, service, clock)
        yield service


# Holding back


def test_an_article_is_held_back_and_then_released(site: Site, clock: Clock) -> None:
    """Edits count, and do not begin it anew; its own date stays what it is (R44)."""
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON - 5 * HOUR)
        scan(service)
        due = clock.now + HOUR
        assert titles(service) == {"first"} and service.next_release() == due
        assert service.store.counts(clock.now)["all"].entries == 1
        clock.now += 59 * MINUTE
        site.write("politics/a.md", article("A, edited", date=at(NOON - 5 * HOUR)))
        scan(service)
        service.publish()
        assert titles(service) == {"first"} and service.next_release() == due
        clock.now = due
        service.publish()
        assert titles(service) == {"first", "A, edited"}
        entry = entry_of(service, "politics/a.md")
        assert entry.published == NOON - 5 * HOUR and entry.held_until is None
        # What is public is not held back again.
        site.write("politics/a.md", article("A, edited again", date=at(NOON - 5 * HOUR)))
        clock.now += MINUTE
        scan(service)
        assert titles(service) == {"first", "A, edited again"}


def test_a_restart_keeps_the_moment(site: Site, clock: Clock) -> None:
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON)
        scan(service)
    clock.now += 59 * MINUTE
    with site.service(clock) as service:
        assert titles(service) == {"first"}
    clock.now += MINUTE
    with site.service(clock) as service:
        assert titles(service) == {"first", "a"}


def test_a_later_embargo_counts(site: Site, clock: Clock) -> None:
    with opened(site, clock, hold="1h") as service:
        embargo = clock.now + 3 * HOUR
        write(site, "a", embargo)
        scan(service)
        clock.now += 2 * HOUR
        service.publish()
        assert titles(service) == {"first"}
        assert entry_of(service, "politics/a.md").state is State.LIVE
        assert service.next_release() == embargo
        clock.now = embargo
        service.publish()
        assert titles(service) == {"first", "a"}


@pytest.mark.parametrize("how", ["deleted", "draft", "withdrawn"])
def test_what_goes_while_it_is_held_back_was_never_public(
    site: Site, clock: Clock, how: str
) -> None:
    """No tombstone, and no line in the audit log."""
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON)
        scan(service)
        clock.now += MINUTE
        if how == "deleted":
            delete(site, service, clock, "politics/a.md")
        else:
            write(site, "a", NOON, status=how)
        scan(service)
        clock.now += 2 * HOUR
        service.publish()
        assert titles(service) == {"first"} and service.store.held() == []
        assert service.store.tombstones("all", 9) == () and service.store.deeds(9) == []
        entry = entry_of(service, "politics/a.md")
        assert not entry.was_public(clock.now) and entry.retracted is None


def test_one_that_comes_back_unseen_is_held_back_anew(site: Site, clock: Clock) -> None:
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON)
        scan(service)
        delete(site, service, clock, "politics/a.md")
        clock.now += 2 * HOUR
        write(site, "a", NOON)
        scan(service)
        assert titles(service) == {"first"}
        assert service.store.next_held() == clock.now + HOUR


def test_withdrawn_and_restored_while_held_back(site: Site, clock: Clock) -> None:
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON)
        scan(service)
        due = clock.now + HOUR
        service.withdraw(entry_of(service, "politics/a.md"), "ann")
        assert service.store.held() == []
        clock.now += MINUTE
        service.restore(entry_of(service, "politics/a.md"), "ann")
        assert titles(service) == {"first"} and service.store.next_held() == due


@pytest.mark.parametrize(
    ("hold", "after", "public"),
    [("0s", MINUTE, True), ("10m", 11 * MINUTE, True), ("10m", 9 * MINUTE, False)],
)
def test_another_hold_counts_for_what_is_held_back(
    site: Site, clock: Clock, hold: str, after: timedelta, public: bool
) -> None:
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON)
        scan(service)
        came = clock.now
        clock.now += after
        configure(site, hold=hold)
        service.reload(site.load())
        assert ("a" in titles(service)) == public
        if not public:
            clock.now = came + 10 * MINUTE
            service.publish()
            assert "a" in titles(service)


def test_a_lost_store_holds_back_what_is_new_only(site: Site, clock: Clock) -> None:
    """By the file's time; later an old file that is copied in has come when it came."""
    configure(site, hold="1h")
    for name, hours in (("old", 2), ("new", 0.5)):
        write(site, name, NOON - DAY)
        moment = (NOON - hours * HOUR).timestamp()
        os.utime(site.content / f"politics/{name}.md", (moment, moment))
    with site.service(clock) as service:
        scan(service)
        assert titles(service) == {"old"} and service.store.next_held() == NOON + HOUR / 2
        clock.now += HOUR
        service.publish()
        assert titles(service) == {"old", "new"}
        write(site, "copied", NOON - DAY)
        os.utime(site.content / "politics/copied.md", (moment, moment))
        scan(service)
        assert service.store.next_held() == clock.now + HOUR


def test_cleaning_and_filing_again_release_nothing(site: Site, clock: Clock) -> None:
    with opened(site, clock, hold="1h") as service:
        write(site, "a", NOON)
        scan(service)
        configure(site, hold="1h", sections="  culture: {match: {any: [a]}}\n")
        service.reload(site.load())
        assert titles(service) == {"first"}
        service.correct(entry_of(service, "politics/a.md"), ["sports"], "ann")
        assert titles(service) == {"first"} and titles(service, "sports") == set()
        clock.now += HOUR
        service.publish()
        assert titles(service, "sports") == {"a"}


# Floods


def write_old(site: Site, count: int, start: int = 0, days: int = 30) -> set[str]:
    names = {f"old {number}" for number in range(start, start + count)}
    for name in names:
        write(site, name, NOON - days * DAY)
    return names


def test_many_old_articles_at_once_are_no_news(site: Site, clock: Clock) -> None:
    """They have pages and archive documents, and stand in no live feed; new ones do."""
    with opened(site, clock) as service:
        old = write_old(site, 25)
        write(site, "today", clock.now - MINUTE)
        report = scan(service)
        assert titles(service) == titles(service, "politics") == {"first", "today"}
        assert old <= archived(service) and old <= archived(service, "politics")
        assert service.describe_flood(report).startswith("26 new; 25 of them are older than 3 days")
        assert service.store.counts(clock.now)["politics"].entries == 27
        # An edit, a correction, a move, and one that comes back are no news either.
        clock.now += MINUTE
        site.write("politics/old 1.md", article("old 1, edited", date=at(NOON - 30 * DAY)))
        (site.content / "politics/old 2.md").rename(site.content / "politics/moved.md")
        delete(site, service, clock, "politics/old 3.md")
        write(site, "old 3", NOON - 30 * DAY)
        service.correct(entry_of(service, "politics/old 4.md"), ["sports"], "ann")
        clock.now += MINUTE
        scan(service)
        assert titles(service) == {"first", "today"} and titles(service, "sports") == set()


def test_the_first_scan_of_a_store_fills_the_feeds(site: Site, clock: Clock) -> None:
    configure(site)
    old = write_old(site, 25)
    with site.service(clock) as service:
        report = scan(service)
        assert titles(service) == old and service.describe_flood(report) == ""


def test_a_handful_of_old_articles_is_news(site: Site, clock: Clock) -> None:
    """However many come, if they do not come together."""
    with opened(site, clock) as service:
        old = set()
        for number in range(0, 12, BULK_LEAST - 1):
            old |= write_old(site, BULK_LEAST - 1, number)
            clock.now += TOGETHER + MINUTE
            scan(service)
        assert titles(service) == {"first", *old}


def test_a_copy_that_comes_in_several_looks_is_one_flood(site: Site, clock: Clock) -> None:
    """What came first had been taken for news, and is no more; also after a restart."""
    with opened(site, clock) as service:
        old = write_old(site, BULK_LEAST - 1)
        service.look([f"politics/{name}.md" for name in old])
        assert titles(service) == {"first", *old}
    clock.now += TAKEN_BACK
    with site.service(clock) as service:
        old |= write_old(site, 1, BULK_LEAST)
        report = service.look([f"politics/old {BULK_LEAST}.md"])
        assert len(report.outcome.flood.sooner) == BULK_LEAST - 1
        assert titles(service) == {"first"} and old <= archived(service)


def test_of_many_fresh_articles_the_newest_are_news(site: Site, clock: Clock) -> None:
    with opened(site, clock, feeds=", flood_items: 10") as service:
        clock.now += HOUR
        for number in range(12):
            write(site, f"fresh {number}", clock.now - number * MINUTE)
        scan(service)
        newest = {f"fresh {number}" for number in range(10)}
        assert titles(service) == {"first", *newest}
        clock.now += TAKEN_BACK
        for number in range(3):  # a little later; two are newer than all, one is not
            write(site, f"more {number}", clock.now - number * 8 * MINUTE)
        report = scan(service)
        assert titles(service) == {"first", "more 0", "more 1"} | newest - {"fresh 8", "fresh 9"}
        assert report.outcome.flood.beyond == ["politics/more 2.md"]
        assert sorted(report.outcome.flood.sooner) == [
            "politics/fresh 8.md",
            "politics/fresh 9.md",
        ]


def test_what_was_read_by_now_stays_news(site: Site, clock: Clock) -> None:
    """A bulk that follows takes no single article back, old or fresh, that has been there."""
    with opened(site, clock, feeds=", flood_items: 10") as service:
        single = write_old(site, 1)
        for number in range(8):
            write(site, f"fresh {number}", clock.now - number * MINUTE)
        scan(service)
        shown = titles(service)
        assert shown == {"first", *single, *(f"fresh {number}" for number in range(8))}
        clock.now += MINUTE
        old = write_old(site, 20, 100)
        for number in range(5):
            write(site, f"more {number}", clock.now - number * MINUTE)
        report = scan(service)
        assert titles(service) == shown | {"more 0", "more 1"}
        assert not report.outcome.flood.sooner
        assert old <= archived(service)


@pytest.mark.parametrize("feeds", [", flood_age: 0, flood_items: 0", ", flood_age: 31d"])
def test_the_config_may_ask_for_all(site: Site, clock: Clock, feeds: str) -> None:
    with opened(site, clock, feeds=feeds) as service:
        old = write_old(site, 25)
        scan(service)
        assert titles(service) == {"first", *old}


def test_as_news_takes_back_the_last_flood_only(site: Site, clock: Clock) -> None:
    with opened(site, clock) as service:
        write_old(site, 10, 100)
        scan(service)
        clock.now += DAY
        old = write_old(site, 10)
        scan(service)
        clock.now += MINUTE
        assert len(service.take_as_news()) == 10
        assert titles(service) == {"first", *old}
        # Those of the same copy that come still are judged by themselves.
        clock.now += MINUTE
        more = write_old(site, BULK_LEAST - 1, 50)
        scan(service)
        assert titles(service) == {"first", *old, *more}


def test_a_scan_as_news_leaves_nothing_out(site: Site, clock: Clock) -> None:
    with opened(site, clock) as service:
        old = write_old(site, 10)
        service.take_all_as_news()
        scan(service)
        assert titles(service) == {"first", *old}


def test_a_section_made_later_is_filled_with_what_is_no_news(site: Site, clock: Clock) -> None:
    """Its readers have seen nothing yet; the others have not asked for it ."""
    with opened(site, clock) as service:
        old = write_old(site, 10)
        scan(service)
        clock.now += HOUR
        configure(
            site,
            sections="  history: {match: {folders: [politics]}}\n",
            politics="{match: {folders: [elsewhere]}}",
        )
        service.reload(site.load())
        assert titles(service, "history") == {"first", *old}
        assert titles(service) == {"first"}
        clock.now += MINUTE
        site.write("politics/old 1.md", article("old 1", "Edited.", date=at(NOON - 30 * DAY)))
        scan(service)
        assert titles(service, "history") == {"first", *old}


def test_a_podcast_has_all_its_episodes(site: Site, clock: Clock) -> None:
    """What reads it knows no archive documents."""
    with opened(site, clock, sections="  talk: {podcast: {}}\n") as service:
        for number in range(10):
            site.write(f"talk/{number}.md", article(f"e{number}", date=at(NOON - 30 * DAY)))
        scan(service)
        assert len(titles(service, "talk")) == 10 and titles(service) == {"first"}


def test_a_flood_that_is_held_back_is_no_news_later(site: Site, clock: Clock) -> None:
    with opened(site, clock, hold="1h") as service:
        service.publish()
        old = write_old(site, 10)
        scan(service)
        clock.now += HOUR
        service.publish()
        assert titles(service) == {"first"} and old <= archived(service)


def test_a_rebuild_without_a_change_changes_nothing(site: Site, clock: Clock) -> None:
    with opened(site, clock) as service:
        write_old(site, 10)
        scan(service)
        revision, before = service.store.revision(), service.store.etags()
    clock.now += HOUR
    with site.service(clock) as service:
        scan(service)
        assert (service.store.revision(), service.store.etags()) == (revision, before)
        assert service.store.pages("all") == 1


# Corrections


def test_a_correction_whose_section_went_is_kept_and_said(
    site: Site, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(site, clock) as service:
        service.correct(entry_of(service, "politics/first.md"), ["sports"], "ann")
        whole = site.config.read_text()
        site.config.write_text(whole.replace("  sports:", "  games:"))
        assert "  games:" in site.config.read_text()
        clock.now += MINUTE
        service.reload(site.load())
        assert "corrections that do not count now, since their sections are gone: 1" in caplog.text
        assert titles(service, "politics") == {"first"}
        site.config.write_text(whole)
        clock.now += MINUTE
        service.reload(site.load())
        assert titles(service, "sports") == {"first"} and titles(service, "politics") == set()


def test_a_correction_survives_what_happens_to_its_article(site: Site, clock: Clock) -> None:
    with opened(site, clock) as service:
        before = service.store.representations_since(0)["/feeds/all.atom"]
        clock.now += MINUTE
        service.correct(entry_of(service, "politics/first.md"), ["sports"], "ann")
        assert titles(service, "sports") == {"first"} and titles(service, "politics") == set()
        entry = entry_of(service, "politics/first.md")
        assert entry.corrected == ("sports",) and entry.filing.certain
        assert entry.filing.filed[0].why == "filed by an editor"
        assert before and entry.updated == NOON - HOUR

        def stays() -> bool:
            clock.now += MINUTE
            scan(service)
            return titles(service, "sports") != set() and titles(service, "politics") == set()

        site.write("politics/first.md", article("edited", date=at(NOON - HOUR), section="politics"))
        assert stays()
        (site.content / "politics/first.md").rename(site.content / "politics/renamed.md")
        assert stays()
        configure(
            site,
            sections="  culture: {match: {folders: [politics]}}\n",
            politics="{match: {folders: [elsewhere]}}",
        )
        service.reload(site.load())
        assert stays() and titles(service, "culture") == set()
        delete(site, service, clock, "politics/renamed.md")
        site.write("politics/renamed.md", article("edited", date=at(NOON - HOUR)))
        assert stays()


def test_a_section_that_is_removed_falls_away(site: Site, clock: Clock) -> None:
    with opened(site, clock, sections="  culture: Culture\n") as service:
        service.correct(entry_of(service, "politics/first.md"), ["culture", "sports"], "ann")
        clock.now += MINUTE
        configure(site)
        service.reload(site.load())
        assert titles(service, "sports") == {"first"} and titles(service, "politics") == set()
        clock.now += MINUTE
        service.correct(entry_of(service, "politics/first.md"), [], "ann")
        assert titles(service, "sports") == set()
        assert titles(service, "politics") == {"first"}
        assert [one.action for one in service.store.deeds(9)] == ["file", "file"]


FERRY = ("ferry", "Gannet", "Island", "pier", "sailors", "cargo", "ropes", "gulls", "harbour")
COUNCIL = ("council", "taxes", "vote", "members", "budget", "mayor", "roads", "debate", "hall")


def tell(site: Site, path: str, words: tuple[str, ...], number: int) -> None:
    """Write an article of the same words as its like, and of no sentence that is alike."""
    turned = [*words[number:], *words[:number]]
    text = ". ".join(" ".join(turned[at:] + turned[:at]) for at in range(1, 9, number + 2))
    site.write(path, article(f"{words[0]} {number}", text, date=at(NOON - HOUR)))


def test_a_correction_teaches_and_the_unsure_are_decided_again(site: Site, clock: Clock) -> None:
    """Also in a service that runs meanwhile, which learns it at its next look."""
    configure(site, sections="  garden: Garden\n")
    for number in (1, 2, 3):
        tell(site, f"{number}.md", FERRY, number)
        tell(site, f"politics/{number}.md", COUNCIL, number)
    with site.service(clock) as service, site.service(clock) as running:
        assert sorted(scan(service).outcome.unfiled) == ["1.md", "2.md", "3.md"]
        running.warm_up()
        scan(running)
        clock.now += MINUTE
        done = service.correct(entry_of(service, "1.md"), ["garden"], "ann")
        assert done.entry.filing.sections == ("garden",) and done.again == 2
        assert sorted(done.moved) == ["2.md", "3.md"]
        assert len(titles(service, "garden")) == 3
        tell(site, "4.md", FERRY, 4)
        running.look(["4.md"])
        assert entry_of(running, "4.md").filing.sections == ("garden",)
        # And what is taken back is unlearned, here at once, there by the job.
        clock.now += MINUTE
        back = service.correct(entry_of(service, "1.md"), [], "ann")
        assert back.entry.filing.sections == () and not back.entry.corrected
        running.publish_marked()
        clock.now += MINUTE
        tell(site, "5.md", FERRY, 5)
        running.look(["5.md"])
        assert entry_of(running, "5.md").filing.sections == ()


def test_what_comes_with_the_first_batch_teaches(site: Site, clock: Clock) -> None:
    """Although it is not in the store yet when the model is asked; and so it does later."""
    configure(site, sections="  sea-news: {}\n")
    for number in (1, 2, 3):
        tell(site, f"sea-news/{number}.md", FERRY, number)
        tell(site, f"politics/{number}.md", COUNCIL, number)
    tell(site, "x.md", FERRY, 4)
    with site.service(clock) as service:
        scan(service)
        assert entry_of(service, "x.md").filing.sections == ("sea-news",)
    with site.service(clock) as service:
        tell(site, "y.md", FERRY, 5)
        clock.now += MINUTE
        scan(service)
        assert entry_of(service, "y.md").filing.sections == ("sea-news",)

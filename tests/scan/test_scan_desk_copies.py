"""Where the desk and copies of a story meet: a last look at what would be told anew."""

from __future__ import annotations

import pytest
from sites import Site, at, parse_atom
from test_scan_copies import BEGAN, story
from test_scan_desk import HOUR, MINUTE, Clock, configure, scan, titles

from feedsvc.service import Service
from feedsvc.store import State

SECRET = (
    "Of this sentence nobody at the desk has heard yet, and it names a source in the town hall."
)


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN + 12 * HOUR)


def texts(service: Service) -> str:
    """Return all that is published, as readers see it."""
    found = service.store.representations_since(0)
    return "".join(one.bodies["identity"].decode() for one in found.values() if one)


def ids(service: Service) -> list[str]:
    found = service.store.representations_since(0)["/feeds/all.atom"]
    return [item.id for item in parse_atom(found.bodies["identity"])] if found else []


def publish_story(site: Site, service: Service, clock: Clock) -> None:
    """Let a story be public that came long enough ago."""
    site.write("politics/ferry.md", story())
    scan(service)
    clock.now += 2 * HOUR
    service.publish()


def test_a_new_file_shows_nothing_through_a_public_story(site: Site, clock: Clock) -> None:
    """It is held back as any other, whatever it resembles; then it is the story's new text."""
    configure(site, hold="1h")
    with site.service(clock) as service:
        publish_story(site, service, clock)
        before = ids(service)
        site.write("sports/secret.md", story(more=SECRET, hours=5))
        scan(service)
        assert SECRET not in texts(service)
        held = service.find_entry("sports/secret.md")
        assert held and held.state is State.HELD and held.path == "sports/secret.md"
        clock.now += HOUR - MINUTE
        service.publish()
        assert SECRET not in texts(service) and ids(service) == before
        clock.now += MINUTE
        service.publish()
        assert SECRET in texts(service) and ids(service) == before
        assert titles(service, "sports") == titles(service, "politics")
    with site.service(clock) as service:  # nothing is left of the one that waited
        assert service.store.held() == [] and ids(service) == before


def test_what_became_another_story_meanwhile_stays_one_of_its_own(site: Site, clock: Clock) -> None:
    configure(site, hold="1h")
    with site.service(clock) as service:
        publish_story(site, service, clock)
        site.write("sports/other.md", story(more=SECRET, hours=5))
        scan(service)
        other = f"---\ntitle: A press is sold\ndate: {at(clock.now)}\n---\n{SECRET} {SECRET[::-1]}"
        site.write("sports/other.md", other)
        clock.now += HOUR
        scan(service)
        service.publish()
        assert titles(service) == {"Ferry is back", "A press is sold"}


def test_two_that_are_held_back_are_one_when_they_come(site: Site, clock: Clock) -> None:
    configure(site, hold="1h")
    with site.service(clock) as service:
        site.write("culture/first.md", "---\ntitle: First\n---\nSomething else altogether.")
        scan(service)
        clock.now += 2 * HOUR
        service.publish()
        site.write("politics/a.md", story())
        scan(service)
        clock.now += 10 * MINUTE
        site.write("sports/b.md", story(more=SECRET, hours=1))
        scan(service)
        clock.now += 50 * MINUTE
        service.publish()
        assert titles(service) == {"First", "Ferry is back"} and SECRET not in texts(service)
        clock.now += 10 * MINUTE
        service.publish()
        assert len(ids(service)) == 2 and SECRET in texts(service)


def test_copies_that_part_are_not_held_back(site: Site, clock: Clock) -> None:
    """What was public, or known, is nothing new when `duplicates: keep` makes it two."""
    configure(site, hold="1h")
    with site.service(clock) as service:
        publish_story(site, service, clock)
        site.write("sports/copy.md", story(more=SECRET, hours=5))
        scan(service)
        clock.now += HOUR
        service.publish()
        assert len(ids(service)) == 1
        with site.config.open("a") as file:
            file.write("duplicates: keep\n")
        clock.now += MINUTE
        service.reload(site.load())
        clock.now += MINUTE
        scan(service)
        assert service.store.held() == []
        assert len(ids(service)) == 2

"""Another process publishes while we build: nothing is lost, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

import pytest
from publication_samples import NOON, feeds_of, look, titles_of
from sites import Site, article, clock_from

import feedsvc.publication.build as build_module
from feedsvc.model import Representation
from feedsvc.publication import load_publication
from feedsvc.publication.compress import Document
from feedsvc.service import Service
from feedsvc.store import Store

# A rival that never rests would hang the test if nothing bounded the tries; this one only fails it.
NEVER_RESTS = 50

Provoke = Callable[[int], list[int]]


@pytest.fixture
def provoke(site: Site, service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provoke]:
    """Let another process publish after each of the next builds, so many times."""
    rival = Store(site.load().config.store.url)
    represent_all = build_module.represent_all
    builds: list[int] = []
    left = 0

    def come_between(documents: Iterable[tuple[str, Document]]) -> Mapping[str, Representation]:
        nonlocal left
        changed = represent_all(documents)
        builds.append(len(changed))
        if left:
            left -= 1
            page = Representation("text/plain", {"identity": b"%d" % left}, NOON, 60)
            with rival.writing() as writer:
                writer.publish({"/rival": page}, {})
        return changed

    def begin(times: int) -> list[int]:
        nonlocal left
        left = times
        builds.clear()
        return builds

    monkeypatch.setattr(build_module, "represent_all", come_between)
    yield begin
    rival.close()


def test_a_build_that_somebody_overtook_is_made_again(
    site: Site, service: Service, provoke: Provoke
) -> None:
    """As a command does beside a running engine: the same publishing has both."""
    look(service)
    site.write("sports/a.md", article("A match", date="2026-01-02"))
    service.clock = clock_from(service.clock() + timedelta(seconds=2))
    builds = provoke(1)
    service.scan(None, True)
    publication = load_publication(service.store)
    assert len(builds) == 2
    assert titles_of(publication, "sports") == ["A match"]
    assert publication.representations["/rival"].bodies["identity"] == b"0"
    assert not service.store.dirty() and service.next_release() is None


def test_publishing_gives_way_and_comes_back(
    site: Site, service: Service, provoke: Provoke
) -> None:
    """It stops after some tries, says when it goes on, and has then lost nothing."""
    before = look(service)
    site.write("sports/a.md", article("A match", date="2026-01-02"))
    service.clock = clock_from(service.clock() + timedelta(seconds=2))
    builds = provoke(NEVER_RESTS)
    began = service.clock()
    service.scan(None, True)
    assert 1 < len(builds) < NEVER_RESTS
    assert feeds_of(load_publication(service.store), "sports") == feeds_of(before, "sports")
    assert service.store.dirty().keys() == {"all", "sports"}
    again = service.next_release()
    assert again and again >= began + timedelta(seconds=1), "it would be a busy loop"

    provoke(0)
    service.clock = clock_from(again)
    published = service.publish()
    assert sorted(published.feeds) == ["all", "sports"] and published.again is None
    assert titles_of(load_publication(service.store), "sports") == ["A match"]
    assert not service.store.dirty() and service.next_release() is None


def test_a_new_config_is_not_forgotten_when_publishing_gives_way(
    site: Site, service: Service, provoke: Provoke
) -> None:
    """No feed is dirty then; what is owed is a whole new publication."""
    look(service)
    site.config.write_text(site.config.read_text().replace("The Test Gazette", "Another Name"))
    provoke(NEVER_RESTS)
    service.reload(site.load())
    again = service.next_release()
    assert again
    assert b"Another Name" not in feeds_of(load_publication(service.store), "all")["xml"]

    provoke(0)
    service.clock = clock_from(again)
    service.publish()
    publication = load_publication(service.store)
    assert b"Another Name" in feeds_of(publication, "all")["xml"]
    assert b"Another Name" in publication.representations["/"].bodies["identity"]
    assert "/rival" not in publication.representations  # all that is not ours goes with a new form

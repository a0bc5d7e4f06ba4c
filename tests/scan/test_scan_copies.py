"""The same story twice: one entry, whichever of its files come, go, change and lead (issue 5)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from folder_model import Clock
from sites import Site, article, parse_atom

from feedsvc.publication import load_publication
from feedsvc.service import Service
from feedsvc.store import State, StoredEntry

BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)  # four hours before the clock starts
LEAD = "The river ferry will run again from Monday, the council said, after a winter of repairs."
BODY = [
    "Engineers replaced both engines and a good part of the hull during the long winter break.",
    "The work had taken far longer than planned because no dock nearby was free before January.",
    "Passengers who hold an old yearly ticket may use it until the end of the summer timetable.",
    "A second boat, which the council had wanted to sell, will be kept as a reserve after all.",
]
OTHER = [
    "The town museum has found a buyer for the printing press that stood in its yard for decades.",
    "A small publisher from the coast wants to restore it and print posters on it for schools.",
    "Volunteers had cared for the heavy machine since its last owner closed the old workshop.",
    "It will be taken apart next month and carried to its new home on three separate lorries.",
]
POLITICS, SPORTS, CULTURE = "politics/ferry.md", "sports/boat.md", "culture/river.md"


def story(*, lead: str = LEAD, more: str = "", hours: float = 0, title: str = "Ferry is back",
          body: list[str] = BODY, **front: str) -> str:  # fmt: skip
    """Return the ferry's story of ``hours`` after its first."""
    text = "\n\n".join([lead, *body, *([more] if more else [])])
    date = (BEGAN + timedelta(hours=hours)).isoformat()
    return article(title, text, date=date, **front)


MORE = "The first boat leaves at dawn, and the mayor has promised to be on board with a brass band."


class Desk:
    """A site, its engine, and what its readers see."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.clock = Clock()
        self.service = self.open()

    def open(self) -> Service:
        """Start an engine."""
        service = Service(self.site.load(), self.clock)
        service.start()
        return service

    def restart(self) -> None:
        """Stop the engine and start it, with the config as it is now."""
        self.service.close()
        self.service = self.open()

    def put(self, path: str, text: str) -> None:
        """Write a file and look at what happened."""
        self.site.write(path, text)
        self.look()

    def delete(self, path: str) -> None:
        """Delete a file and look."""
        (self.site.content / path).unlink()
        self.look()

    def rename(self, path: str, new: str) -> None:
        """Rename a file and look."""
        (self.site.content / new).parent.mkdir(exist_ok=True)
        (self.site.content / path).rename(self.site.content / new)
        self.look()

    def look(self) -> None:
        """Scan as a person does."""
        self.report = self.service.finish_pass(self.service.scan(None, True), True)

    def live(self) -> dict[str, StoredEntry]:
        """Return the live entries by the path of the file that leads."""
        found = {one.path: one for one in self.service.store.entries(State.LIVE)}
        feed = load_publication(self.service.store).representations["/feeds/all.atom"]
        shown = {one.id for one in parse_atom(feed.bodies["identity"])}
        assert shown == {one.id for one in found.values()}
        return found

    def only(self, path: str) -> StoredEntry:
        """Return the one live entry, which ``path`` leads."""
        live = self.live()
        assert list(live) == [path]
        return live[path]

    def uid(self, path: str) -> str:
        """Return which entry a file is."""
        file = self.service.store.file(path)
        assert file
        return file.uid


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """A site with one story."""
    desk = Desk(site)
    desk.put(POLITICS, story())
    yield desk
    desk.service.close()


def test_an_updated_copy_takes_the_lead_and_keeps_the_id(desk: Desk) -> None:
    """R37, R44, R45: to readers it is an edit."""
    first = desk.only(POLITICS)
    desk.put(SPORTS, story(lead=MORE, more=LEAD, hours=2))
    entry = desk.only(SPORTS)
    assert (entry.id, entry.published) == (first.id, first.published)
    assert entry.updated > first.updated
    assert MORE in entry.article.text
    assert desk.uid(POLITICS) == desk.uid(SPORTS) == first.uid
    assert desk.report.outcome.copies == [(POLITICS, SPORTS)]
    assert not desk.service.store.problems()


@pytest.mark.parametrize("hours", [-2, 0])
def test_an_older_or_shorter_copy_changes_nothing_but_its_section(desk: Desk, hours: int) -> None:
    first = desk.only(POLITICS)
    desk.put(SPORTS, story(hours=hours, body=BODY[:-1]))
    entry = desk.only(POLITICS)
    assert (entry.article, entry.updated) == (first.article, first.updated)
    assert first.filing.sections == ("politics",)
    assert entry.filing.sections == ("politics", "sports")
    assert desk.uid(SPORTS) == first.uid
    revision = desk.service.store.revision()
    desk.service._scanner.reread()
    desk.look()
    assert desk.service.store.revision() == revision
    assert desk.only(POLITICS) == replace(entry, shown=True)


def test_of_one_date_the_longer_text_leads(desk: Desk) -> None:
    desk.put(SPORTS, story(more=MORE))
    assert desk.only(SPORTS).filing.sections == ("sports", "politics")


def test_the_copy_takes_over_when_the_leading_file_goes(desk: Desk) -> None:
    """It does not leave the feeds in between: no tombstone, no second id."""
    desk.put(SPORTS, story(lead=MORE, more=LEAD, hours=2))
    first = desk.only(SPORTS)
    desk.delete(SPORTS)
    entry = desk.only(POLITICS)
    assert (entry.id, entry.retracted) == (first.id, None)
    assert entry.filing.sections == ("politics",)
    assert not desk.report.outcome.gone
    assert not desk.service.store.tombstones("all", 9)
    desk.delete(POLITICS)
    assert not desk.live()
    assert [one.id for one in desk.service.store.tombstones("all", 9)] == [first.id]
    desk.put(POLITICS, story())
    assert desk.only(POLITICS).id == first.id


def test_of_several_copies_the_best_takes_over(desk: Desk) -> None:
    desk.put(SPORTS, story(more=MORE, hours=1))
    desk.put(CULTURE, story(more=MORE, hours=3))
    first = desk.only(CULTURE)
    desk.delete(CULTURE)
    entry = desk.only(SPORTS)
    assert entry.id == first.id
    assert entry.updated <= desk.clock.now


def test_a_copy_is_taken_over_after_a_crash(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The leading file was struck, and then the engine died."""
    desk.put(SPORTS, story(more=MORE, hours=1))
    monkeypatch.setattr(desk.service._scanner, "_take", lambda *_, **__: None)
    desk.delete(SPORTS)
    desk.restart()
    desk.look()
    assert desk.only(POLITICS).article.path == POLITICS


def test_a_copy_that_is_deleted_takes_its_section_along(desk: Desk) -> None:
    first = desk.only(POLITICS)
    desk.put(SPORTS, story(hours=-1))
    assert desk.only(POLITICS).filing.sections == ("politics", "sports")
    desk.delete(SPORTS)
    entry = desk.only(POLITICS)
    assert (entry.filing, entry.updated) == (first.filing, first.updated)
    desk.put(SPORTS, story(hours=-1))
    assert desk.only(POLITICS).filing.sections == ("politics", "sports")


def test_a_copy_that_becomes_another_story_is_an_entry_of_its_own(desk: Desk) -> None:
    first = desk.only(POLITICS)
    desk.put(SPORTS, story(hours=-1))
    desk.put(SPORTS, article("Old press sold", "\n\n".join(OTHER), date=BEGAN.isoformat()))
    live = desk.live()
    assert live.keys() == {POLITICS, SPORTS}
    assert live[POLITICS].id == first.id != live[SPORTS].id
    assert live[POLITICS].filing.sections == ("politics",)
    desk.delete(POLITICS)
    assert live.keys() - desk.live().keys() == {POLITICS}


def test_the_leading_file_becomes_another_story(desk: Desk) -> None:
    """The entry stays with its story, and the file has one of its own."""
    desk.put(SPORTS, story(hours=-1))
    first = desk.only(POLITICS)
    desk.put(POLITICS, article("Old press sold", "\n\n".join(OTHER), date=BEGAN.isoformat()))
    live = desk.live()
    assert live.keys() == {POLITICS, SPORTS}
    assert live[SPORTS].id == first.id != live[POLITICS].id
    assert not desk.service.store.tombstones("all", 9)


def test_an_edit_of_the_leading_file_lets_all_be_ranked_again(desk: Desk) -> None:
    desk.put(SPORTS, story(more=MORE, hours=1))
    first = desk.only(SPORTS)
    desk.put(SPORTS, story(more=MORE, hours=-1))
    assert desk.only(POLITICS).id == first.id
    desk.put(SPORTS, story(more=MORE, hours=1))
    assert desk.only(SPORTS).id == first.id


def test_files_of_a_story_are_renamed(desk: Desk) -> None:
    desk.put(SPORTS, story(hours=-1))
    first = desk.only(POLITICS)
    desk.rename(SPORTS, "culture/moved.md")
    entry = desk.only(POLITICS)
    assert entry.filing.sections == ("politics", "culture")
    assert (entry.id, desk.uid("culture/moved.md")) == (first.id, first.uid)
    assert desk.service.store.file(SPORTS) is None
    desk.rename(POLITICS, "politics/new.md")
    assert desk.only("politics/new.md").id == first.id
    desk.delete("politics/new.md")
    assert desk.only("culture/moved.md").id == first.id
    desk.put(SPORTS, story(hours=2))
    assert desk.only(SPORTS).id == first.id


@pytest.mark.parametrize(
    "front",
    [
        {"status": "draft"},
        {"status": "withdrawn"},
        {"embargo": "2027-01-01"},
        {"syndication": "none"},
        {"expires": "2026-11-20T11:30:00Z"},
    ],
    ids=str,
)
def test_F18_what_is_not_public_neither_leads_nor_merges(desk: Desk, front: dict[str, str]) -> None:
    first = desk.only(POLITICS)
    desk.site.write(SPORTS, story(more=MORE, hours=0.1, **front))
    desk.look()
    entry = desk.service.store.entry(first.uid)
    assert entry == first
    assert desk.uid(SPORTS) != first.uid


def test_two_ids_are_two_articles(desk: Desk) -> None:
    desk.put(SPORTS, story(hours=1, id="one"))
    entry = desk.only(SPORTS)  # one of them names none
    desk.put(CULTURE, story(hours=2, id="two"))
    assert desk.live().keys() == {SPORTS, CULTURE}
    assert desk.live()[SPORTS].id == entry.id


def test_what_a_person_withdrew_does_not_come_back_under_another_name(desk: Desk) -> None:
    desk.service.withdraw(desk.only(POLITICS), "editor")
    desk.put(SPORTS, story(more=MORE, hours=2))
    assert not desk.live()
    desk.service.restore(desk.service.store.entry(desk.uid(SPORTS)), "editor")
    assert len(desk.live()) == 1


def test_what_lies_a_week_apart_is_a_series(desk: Desk) -> None:
    desk.put(SPORTS, story(hours=-7 * 24))
    assert desk.live().keys() == {POLITICS, SPORTS}


def test_duplicates_can_be_kept(desk: Desk) -> None:
    """Live: copies become entries of their own; what was two stays two."""
    desk.put(SPORTS, story(hours=-1))
    first = desk.only(POLITICS)
    desk.site.configure("duplicates: keep\n")
    desk.restart()
    desk.look()
    live = desk.live()
    assert live.keys() == {POLITICS, SPORTS}
    assert live[POLITICS].id == first.id
    assert live[POLITICS].filing.sections == ("politics",)
    desk.site.configure()
    desk.restart()
    desk.look()
    assert desk.live().keys() == {POLITICS, SPORTS}
    desk.put(CULTURE, story(more=MORE, hours=3))
    assert len(desk.live()) == 2


FILES = {
    "sports/z.md": story(hours=0),
    "politics/a.md": story(hours=2, more=MORE),
    "culture/m.md": story(hours=1),
}


@pytest.mark.parametrize("order", list(itertools.permutations(FILES)), ids=str)
def test_a_lost_store_is_made_again_whatever_the_order(site: Site, order: tuple[str, ...]) -> None:
    """The id is the oldest one's, as if they had come one by one; its text is the newest one's."""
    desk = Desk(site)
    names = dict(zip(order, ("a/1.md", "b/2.md", "c/3.md"), strict=True))
    for path, name in names.items():
        site.write(name, FILES[path])
    desk.look()
    newest, oldest = names["politics/a.md"], names["sports/z.md"]
    entry = desk.only(newest)
    assert entry.key == oldest.removesuffix(".md")
    assert (entry.published, entry.updated) == (BEGAN, BEGAN + timedelta(hours=2))
    assert len({desk.uid(name) for name in names.values()}) == 1
    desk.service.close()


def test_the_batches_of_a_first_scan_make_no_difference(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        site.write(name, text)
    monkeypatch.setattr("feedsvc.scan.run._BATCH", 1)
    desk = Desk(site)
    desk.look()
    entry = desk.only("politics/a.md")
    assert entry.key == "sports/z"
    assert (entry.published, entry.updated) == (BEGAN, BEGAN + timedelta(hours=2))
    assert set(entry.filing.sections) == {"politics", "culture", "sports"}
    desk.delete("politics/a.md")
    assert desk.only("culture/m.md").id == entry.id
    desk.service.close()


@pytest.mark.parametrize("size", [1, 1000])
def test_no_copy_is_told_of_a_file_that_makes_room_for_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What is reported is what is so in the end, in however many batches it came to that."""
    monkeypatch.setattr("feedsvc.scan.run._BATCH", size)
    first = desk.only(POLITICS)
    old = "politics/a-ferry.md"  # it is read before the other
    (desk.site.content / POLITICS).rename(desk.site.content / old)
    press = article("Old press sold", "\n\n".join(OTHER), date=BEGAN.isoformat())
    desk.put(POLITICS, press)
    assert desk.live().keys() == {old, POLITICS}
    assert desk.live()[old].id == first.id
    assert desk.report.outcome.copies == []
    assert (desk.report.outcome.new, desk.report.outcome.changed) == ([POLITICS], [old])


def test_copies_are_told_of_the_file_that_leads_in_the_end(desk: Desk) -> None:
    desk.site.write(CULTURE, story(hours=1, more=MORE))
    desk.put(SPORTS, story(hours=2, more=MORE))
    desk.only(SPORTS)
    assert sorted(desk.report.outcome.copies) == [(CULTURE, SPORTS), (POLITICS, SPORTS)]

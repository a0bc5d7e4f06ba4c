"""Any life of a folder in which most files tell one of two stories: the ledger stays whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from folder_model import Clock
from sites import Site
from test_scan_copies import BEGAN, BODY, LEAD, MORE, OTHER, story

from feedsvc.ingest import Reading, read_article
from feedsvc.model import Article
from feedsvc.scan import leads
from feedsvc.service import Service
from feedsvc.store import State

PRESS = "The old press of the town museum will leave its yard for a new home by the sea in spring."
TITLES = {
    BODY[0]: ["Ferry is back", "A boat for the town again"],
    OTHER[0]: ["Old press to leave the museum", "By the sea: a home for the press"],
}
NAMES = [f"{section}/{name}.md" for section in ("politics", "sports", "culture") for name in "ab"]
STEPS = 25


class Editors:
    """Do to a folder what editors do, at random."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.random = random.Random(seed)
        self.clock = Clock()
        self.there: set[str] = set()
        self.service = self.open()

    def open(self) -> Service:
        """Start an engine."""
        service = Service(self.site.load(), self.clock)
        service.start()
        return service

    def work(self) -> None:
        """Do one thing."""
        dice = self.random.random()
        some = self.random.choice(sorted(self.there) or NAMES)
        free = [name for name in NAMES if name not in self.there]
        if dice < 0.55 or not self.there:
            path = self.random.choice(NAMES)
            self.site.write(path, self.say())
            self.there.add(path)
        elif dice < 0.8 or not free:
            (self.site.content / some).unlink()
            self.there.remove(some)
        elif dice < 0.95:
            file = self.site.content / self.random.choice(free)
            file.parent.mkdir(exist_ok=True)
            (self.site.content / some).rename(file)
            self.there.symmetric_difference_update({some, str(file.relative_to(self.site.content))})
        else:
            self.service.close()
            self.service = self.open()

    def say(self) -> str:
        """Return one of the two stories, in some form."""
        lead, body = self.random.choice([(LEAD, BODY), (LEAD, BODY), (PRESS, OTHER)])
        front = {}
        if self.random.random() < 0.1:
            front["status"] = self.random.choice(["draft", "withdrawn"])
        return story(
            lead=MORE if (other := self.random.random() < 0.3) else lead,
            more=lead if other else "",
            hours=self.random.choice([-2, -1, 0, 1, 2]),
            title=self.random.choice(TITLES[body[0]]),
            body=body,
            **front,
        )

    def look(self) -> None:
        """Scan as a person does, and hold the ledger against the folder."""
        self.service.finish_pass(self.service.scan(None, True), True)
        store = self.service.store
        files = {path: file.uid for path, file in store.files().items() if file.size >= 0}
        assert files.keys() == self.there
        for entry in store.entries(*State):
            mine = {path for path, uid in files.items() if uid == entry.uid}
            assert set(store.copies_of(entry.uid)) == mine - {entry.path}
            assert (entry.state is State.GONE) == (not mine)
            if entry.state is State.LIVE:
                assert entry.path in mine
                assert set(entry.filing.sections) == {path.split("/")[0] for path in mine}
                assert not any(leads(self.read(path), entry.article) for path in mine)

    def read(self, path: str) -> Article:
        """Read a file."""
        data = (self.site.content / path).read_bytes()
        return read_article(path, data, BEGAN, Reading(now=BEGAN))

    def state(self) -> set[tuple[object, ...]]:
        """Return what readers see."""
        live = self.service.store.entries(State.LIVE)
        return {(one.id, one.path, one.published, one.updated) for one in live}


@pytest.mark.parametrize("seed", range(12))
def test_any_life_of_copies(
    site: Site, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file has its entry, the best leads, and all its sections are its own.

    A lost store gives the same whatever the batches, with one entry a story.
    """
    editors = Editors(site, seed)
    monkeypatch.setattr("feedsvc.scan.run._BATCH", editors.random.choice([1, 2, 1000]))
    for _ in range(STEPS):
        for _ in range(editors.random.randint(1, 3)):
            editors.work()
        editors.look()
    before = editors.state()
    editors.service._scanner.reread()
    editors.look()
    assert editors.state() == before
    editors.service.close()
    made = []
    for size in (1, 2, 1000):
        monkeypatch.setattr("feedsvc.scan.run._BATCH", size)
        site.configure(f"store: {{url: 'sqlite:///{tmp_path}/fresh-{size}.db'}}\n")
        editors.service = editors.open()
        editors.look()
        made.append(editors.state())
        editors.service.close()
    assert made[0] == made[1] == made[2]
    assert len(made[0]) <= 2

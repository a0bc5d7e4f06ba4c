"""Any life of a content folder: a real one and a real store, beside a plain model of both."""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from folder_model import START, Clock, FolderModel, Piece
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sites import FORMATS, Site, parse_feed

from feedsvc.publication import load_publication
from feedsvc.scan import WHOLE_FOLDER
from feedsvc.scan.plan import VANISH_FILES_LEAST, VANISH_SHARE_MOST
from feedsvc.service import Service
from feedsvc.store import State

SECTIONS = ("politics", "sports", "culture")
THERE = (State.LIVE, State.DRAFT, State.WITHDRAWN)
BROKEN = (b"", b"---\ntitle: [\n---\nSome words.\n", b"\0\1\2\3 no text")
# Copies of what days ago was new are old: five in ten minutes would be an import, and no news.
FEEDS = "feeds: {items: 500, flood_age: 0s}\n"


class AnyFolder(FolderModel, RuleBasedStateMachine):
    """Does to a folder what editors do, and scans it now and then."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        self.folder = Path(tempfile.mkdtemp())
        FolderModel.__init__(self, Site(self.folder / "site"))
        self.site.configure(FEEDS)
        self.clock = Clock()
        self.patience = 1  # how many changes are let pass without a scan
        self.service = self.open(self.site)

    def open(self, site: Site) -> Service:
        """Start an engine."""
        service = Service(site.load(), self.clock)
        service.start()
        return service

    def teardown(self) -> None:
        """Whatever happened: look once more, then as one who has lost the store."""
        try:
            self.look()
            self.check(FORMATS)
            self.check_fresh_store()
        finally:
            self.service.close()
            shutil.rmtree(self.folder)

    # What editors do

    @initialize(many=st.booleans(), patience=st.integers(1, 4))
    def begin(self, many: bool, patience: int) -> None:
        """Some sites are so large that deletions are doubted; some are scanned rarely."""
        for number in range(VANISH_FILES_LEAST if many else 3):
            self.add(f"{SECTIONS[number % 3]}/first {number}.md", self.say())
        self.add("sports/later.md", replace(self.say(), date=START + timedelta(days=0.5)))
        self.add("sports/holder.md", self.say(), "a key", "holder")
        self.look()
        self.copied.add("holder")
        self.add("politics/rival.md", self.pieces[-1].said, "a key", "holder")
        self.look()
        self.patience = patience

    @rule(
        section=st.sampled_from(SECTIONS),
        accent=st.sampled_from(["", "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\u0301"]),
        keyed=st.booleans(),
        front=st.sampled_from([(), (), ("culture",), ("politics", "sports")]),
        embargo=st.integers(-1, 2),
    )
    def write(
        self, section: str, accent: str, keyed: bool, front: tuple[str, ...], embargo: int
    ) -> None:
        """A new article, perhaps for later."""
        # Half a day beside the days that `wait` lets pass: the ticking of the clock is no matter.
        date = self.clock.now + timedelta(days=embargo - 0.5)
        said = replace(self.say(front), date=date)
        self.add(f"{section}/{accent}{self.count}.md", said, f"key {self.count}" if keyed else "")

    @precondition(lambda self: self.free_names())
    @rule(data=st.data(), keyed=st.booleans())
    def write_where_another_was(self, data: st.DataObject, keyed: bool) -> None:
        """A new article has the name that one had which lives on elsewhere."""
        name, said = data.draw(st.sampled_from(self.free_names())), self.say()
        self.add(name, said, f"key {self.count}" if keyed else "")

    @rule(section=st.sampled_from(SECTIONS), broken=st.sampled_from(BROKEN))
    def write_broken(self, section: str, broken: bytes) -> None:
        """A new file that is none of ours."""
        self.say()
        self.add(f"{section}/{self.count}.md", None, broken=broken)

    @precondition(lambda self: self.free())
    @rule(
        data=st.data(),
        front=st.sampled_from([None, None, (), ("culture", "sports")]),
        status=st.sampled_from(["live", "live", "withdrawn"]),
    )
    def edit(self, data: st.DataObject, front: tuple[str, ...] | None, status: str) -> None:
        """Write something else into the file: also into a broken one, which mends it."""
        piece = data.draw(st.sampled_from(self.free()))
        said = piece.said or piece.shown or self.say()
        front = said.front if front is None else front
        self.put(piece, replace(said, title=self.say().title, front=front, status=status))

    @precondition(lambda self: self.free())
    @rule(data=st.data(), broken=st.sampled_from(BROKEN))
    def spoil(self, data: st.DataObject, broken: bytes) -> None:
        """Break the file: what was published of it stays."""
        piece = data.draw(st.sampled_from(self.free()))
        piece.said = None
        self.site.write(piece.name, broken)
        self.touch(piece)

    @precondition(lambda self: self.broken())
    @rule(data=st.data())
    def mend(self, data: st.DataObject) -> None:
        """Write the file anew."""
        piece = data.draw(st.sampled_from(self.broken()))
        self.put(piece, replace(piece.shown or self.say(), title=self.say().title))

    @precondition(lambda self: self.settled())
    @rule(data=st.data(), section=st.sampled_from(SECTIONS), deep=st.booleans())
    def rename(self, data: st.DataObject, section: str, deep: bool) -> None:
        """Within a section's folder, or into another one's."""
        piece = data.draw(st.sampled_from(self.settled()))
        self.say()
        self.move(piece, f"{section}/{'deep/' * deep}{self.count}.md")

    @precondition(lambda self: self.accented())
    @rule(data=st.data())
    def respell(self, data: st.DataObject) -> None:
        """The same name, its accents written in the other way."""
        piece = data.draw(st.sampled_from(self.accented()))
        form: Literal["NFC", "NFD"] = "NFD" if piece.name == piece.path else "NFC"
        self.move(piece, unicodedata.normalize(form, piece.path))

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete the file."""
        piece = data.draw(st.sampled_from(self.free()))
        (self.site.content / piece.name).unlink()
        self.drop(piece)

    @precondition(lambda self: self.returning())
    @rule(data=st.data(), section=st.sampled_from(["", *SECTIONS]))
    def bring_back(self, data: st.DataObject, section: str) -> None:
        """A deleted file comes back as it was: where it lay, or under a new name."""
        piece = data.draw(st.sampled_from(self.returning()))
        self.away.remove(piece)
        self.pieces.append(piece)
        if section:
            self.say()
            piece.name = f"{section}/{self.count}.md"
        assert piece.said
        self.put(piece, piece.said)

    @precondition(lambda self: self.settled())
    @rule(data=st.data(), section=st.sampled_from(SECTIONS))
    def copy(self, data: st.DataObject, section: str) -> None:
        """The same bytes at two paths: another article, or refused if they name an id."""
        piece = data.draw(st.sampled_from(self.settled()))
        self.say()
        self.copied.add(piece.family)
        self.add(f"{section}/{self.count}.md", piece.said, piece.key, piece.family)

    @rule()
    def restart(self) -> None:
        """Stop and start."""
        self.service.close()
        self.service = self.open(self.site)

    @rule()
    def wait(self) -> None:
        """A day goes by: embargoes end, with no scan."""
        self.clock.now += timedelta(days=1)
        self.service.publish()

    @rule()
    def scan(self) -> None:
        """Look at the folder."""
        self.look()

    @precondition(lambda self: len(self.known) >= VANISH_FILES_LEAST)
    @rule(data=st.data(), meant=st.booleans())
    def lose_most_files(self, data: st.DataObject, meant: bool) -> None:
        """A disk goes away and comes back; or somebody did mean it."""
        self.look()
        most = int(len(self.pieces) * VANISH_SHARE_MOST) + 1
        if len(self.pieces) < VANISH_FILES_LEAST:
            return
        lost = data.draw(st.permutations(self.pieces))[:most]
        for piece in lost:
            file = self.folder / "aside" / piece.name
            file.parent.mkdir(parents=True, exist_ok=True)
            (self.site.content / piece.name).rename(file)
        self.expect_doubt()
        self.check()
        for piece in lost:
            if meant:
                self.drop(piece)
            else:
                file = self.folder / "aside" / piece.name
                file.rename(self.site.content / piece.name)
        self.look()

    @invariant()
    def look_sometimes(self) -> None:
        """Look at the folder, in any case after some changes."""
        if len(self.touched) >= self.patience:
            self.look()

    # Looking, and comparing

    def look(self) -> None:
        """Scan as a person does, and hold ledger and problems against what is known."""
        here = {piece.path for piece in self.pieces}
        gone = self.known - here - self.left_now
        total = len(here | gone)
        doubted = total >= VANISH_FILES_LEAST and len(gone) > total * VANISH_SHARE_MOST
        if doubted:
            self.expect_doubt()
        report = self.service.finish_pass(self.service.scan(None, doubted), doubted)
        assert not report.halted
        self.settle()
        refused = {piece.path for piece in self.pieces if piece.said is None or not self.has(piece)}
        assert {problem.path for problem in self.service.store.problems()} == refused
        self.check_ids()

    def expect_doubt(self) -> None:
        """Scan, and see that nothing is withdrawn and somebody is told."""
        before = {entry.id for entry in self.service.store.entries(*THERE)}
        report = self.service.finish_pass(self.service.scan())
        assert report.halted
        assert before <= {entry.id for entry in self.service.store.entries(*THERE)}
        assert WHOLE_FOLDER in {problem.path for problem in self.service.store.problems()}

    def check_ids(self) -> None:
        """R37, R41, P37: an id stays with its article, and no other article ever gets it."""
        found = {entry.path: entry.id for entry in self.service.store.entries(*THERE)}
        there = [piece for piece in self.pieces if piece.shown]
        assert found.keys() == {piece.path for piece in there}
        assert len(set(found.values())) == len(found)
        for piece in there:
            piece.first = piece.first or piece.path
            piece.id = piece.id or found[piece.path]
            assert found[piece.path] == piece.id, piece
            owner = piece.key or piece.family
            assert self.owners.setdefault(piece.id, owner) == owner, piece

    @precondition(lambda self: not self.touched)
    @invariant()
    def check(self, formats: Collection[str] = ("json",)) -> None:
        """What readers see is what was scanned last, each article once in each of its feeds."""
        public = [piece for piece in self.pieces if piece.is_public(self.clock.now)]
        for name in ("all", *SECTIONS):
            want = sorted(
                (piece.id, piece.shown.title)
                for piece in public
                if piece.shown and name in ("all", *piece.sections)
            )
            for form in formats:
                assert read(self.service, name, form) == want, (name, form)

    def check_fresh_store(self) -> None:
        """A lost store is made again from the folder: what is broken is missing, no more."""
        whole: dict[str, Piece] = {}
        for piece in sorted(self.pieces, key=lambda piece: piece.path):
            if piece.said:
                whole.setdefault(piece.key or piece.path, replace(piece, shown=piece.said))
        public = [piece for piece in whole.values() if piece.is_public(self.clock.now)]
        self.site.configure(f"{FEEDS}store: {{url: 'sqlite:///{self.folder}/fresh.db'}}\n")
        fresh = self.open(self.site)
        try:
            fresh.scan()
            for name in ("all", *SECTIONS):
                want = [
                    piece.shown.title
                    for piece in public
                    if piece.shown and name in ("all", *piece.sections)
                ]
                assert sorted(title for _, title in read(fresh, name)) == sorted(want), name
            ids = {entry.path: entry.id for entry in fresh.store.entries(*THERE)}
            for piece in whole.values():
                stayed = piece.path == piece.first and piece.path not in self.left
                if piece.id and (piece.key or (stayed and piece.family not in self.bereft)):
                    assert ids[piece.path] == piece.id, piece
        finally:
            fresh.close()


def read(service: Service, name: str, form: str = "json") -> list[tuple[str, str]]:
    """Return the id and title of each entry that a published feed has."""
    body = load_publication(service.store).representations[f"/feeds/{name}.{form}"]
    return sorted((one["id"], one["title"]) for one in parse_feed(form, body.bodies["identity"]))


TestAnyFolder = AnyFolder.TestCase
TestAnyFolder.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

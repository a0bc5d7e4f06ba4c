"""What is known of a content folder under test: a plain model of its articles, and their files."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sites import Site, article

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Clock:
    """A clock that moves a second whenever it is read: nothing ever has to wait for it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class Said:
    """What an article's file says; ``front`` are the sections that it names itself."""

    title: str
    date: datetime
    front: tuple[str, ...] = ()
    status: str = "live"


@dataclass(eq=False)
class Piece:
    """One article as its author knows it, wherever its file lies and whatever it says.

    ``said`` is what its file says, None while it is broken; ``shown`` is what the site has of it,
    which a broken file does not change, nor one whose id another file has. ``key`` is its
    front-matter id, for good. ``family`` is the same for copies.
    """

    name: str
    family: str
    key: str = ""
    said: Said | None = None
    shown: Said | None = None
    id: str = ""
    first: str = ""

    @property
    def path(self) -> str:
        """Its path as it counts for identity."""
        return unicodedata.normalize("NFC", self.name)

    @property
    def sections(self) -> tuple[str, ...]:
        """Where it belongs: the sections that it names, else the one whose folder it is in."""
        return (self.shown and self.shown.front) or (self.path.split("/")[0],)

    @property
    def is_settled(self) -> bool:
        """Whether the site has it as its file says it."""
        return self.said is not None and self.said == self.shown

    def is_public(self, now: datetime) -> bool:
        """Whether readers see it."""
        return bool(self.shown and self.shown.status == "live" and self.shown.date <= now)


class FolderModel:
    """Writes the files of a site, and knows what its ledger must then say of them.

    Between two scans at most one thing is done to an article and its copies: after more, which
    file is which would be anybody's guess.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.count = 0
        self.pieces: list[Piece] = []
        self.away: list[Piece] = []  # deleted, and may come back
        self.touched: set[str] = set()  # families, since the last scan
        self.known: set[str] = set()  # paths, at the last scan
        self.left: dict[str, list[Piece]] = {}  # whose path a path once was
        self.left_now: set[str] = set()  # since the last scan
        self.died: set[str] = set()  # paths at which a file was deleted: they remember its id
        self.copied: set[str] = set()
        self.bereft: set[str] = set()  # families of which a copy was deleted
        self.holders: dict[str, Piece] = {}  # whose each front-matter id is
        self.owners: dict[str, str] = {}  # which article or family each id was given to

    # What may be done next

    def say(self, front: tuple[str, ...] = ()) -> Said:
        """Return what nothing has said before; ``count`` then makes names that nothing had."""
        self.count += 1
        return Said(f"Title {self.count}", START - timedelta(days=1), front)

    def free(self) -> list[Piece]:
        """Return what nothing was done to since the last scan."""
        return [piece for piece in self.pieces if piece.family not in self.touched]

    def settled(self) -> list[Piece]:
        """Return what the site has as it is."""
        return [piece for piece in self.free() if piece.is_settled]

    def broken(self) -> list[Piece]:
        """Return what may be mended."""
        return [piece for piece in self.free() if piece.said is None]

    def accented(self) -> list[Piece]:
        """Return what has an accent in its name."""
        return [piece for piece in self.free() if not piece.name.isascii()]

    def returning(self) -> list[Piece]:
        """Return what was deleted and may come back."""
        return [piece for piece in self.away if piece.family not in self.touched]

    def free_names(self) -> list[str]:
        """Return the names that only such articles had as live on elsewhere."""
        taken = {piece.path for piece in self.pieces} | self.died | self.left_now
        return [
            path
            for path, pieces in self.left.items()
            if path not in taken and all(piece in self.pieces for piece in pieces)
        ]

    # Doing it

    def add(
        self, name: str, said: Said | None, key: str = "", family: str = "", broken: bytes = b""
    ) -> None:
        """Write a new file."""
        piece = Piece(name, family or f"family {self.count}", key)
        self.pieces.append(piece)
        if said:
            self.put(piece, said)
        else:
            self.site.write(name, broken)
            self.touch(piece)

    def put(self, piece: Piece, said: Said) -> None:
        """Write what a piece says from now on."""
        front = {"id": piece.key} if piece.key else {}
        if said.front:
            front["sections"] = f"[{', '.join(said.front)}]"
        date = said.date.isoformat()
        self.site.write(piece.name, article(said.title, date=date, status=said.status, **front))
        piece.said = said
        self.touch(piece)

    def touch(self, piece: Piece) -> None:
        """Leave the piece and its copies alone until the next scan."""
        self.touched.add(piece.family)

    def move(self, piece: Piece, name: str) -> None:
        """Rename a piece's file."""
        file, before = self.site.content / name, piece.path
        file.parent.mkdir(parents=True, exist_ok=True)
        (self.site.content / piece.name).rename(file)
        piece.name = name
        if piece.path != before:
            self.left.setdefault(before, []).append(piece)
            self.left_now.add(before)
        self.touch(piece)

    def drop(self, piece: Piece) -> None:
        """Note that a file is gone; what was settled, and never copied, may come back."""
        self.pieces.remove(piece)
        self.died.add(piece.path)
        if piece.family in self.copied:
            self.bereft.add(piece.family)
        elif piece.is_settled:
            self.away.append(piece)
        self.touch(piece)

    # What a scan makes of it

    def settle(self) -> None:
        """Do in the model what a scan does."""
        for piece in sorted(self.pieces, key=lambda piece: piece.path):
            if piece.key and piece.said and self.holders.get(piece.key) not in self.pieces:
                self.holders[piece.key] = piece
            if piece.said and self.has(piece):
                piece.shown = piece.said
        self.known = {piece.path for piece in self.pieces}
        self.touched.clear()
        self.left_now.clear()

    def has(self, piece: Piece) -> bool:
        """Whether no other file has the piece's front-matter id."""
        return not piece.key or self.holders.get(piece.key) is piece

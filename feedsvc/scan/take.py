"""Reading one file whole, and what it says.

A file is whole when it has been still for ``settle`` seconds, or came by an atomic rename; and when
nothing changed while it was read.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc.errors import RefusedError
from feedsvc.filing import Rules, decide_certain
from feedsvc.ingest import Reading, decode_article, is_plain, read_text
from feedsvc.model import Article, Filing, MediaFile, Value
from feedsvc.scan.copies import sketch_of
from feedsvc.scan.identity import hash_visible
from feedsvc.scan.listing import Fingerprint, fingerprint, normalise
from feedsvc.scan.media import describe_named
from feedsvc.scan.source import Source
from feedsvc.scan.stillness import Arrival, still_for
from feedsvc.store import pack_article, pack_text

# Enough for any real collision to be impossible; half of BLAKE2's full length keeps rows small.
_DIGEST_BYTES = 16

# A text that is longer than this, in characters, teaches nothing of the site and is not kept: a
# thousand of them are read at once.
SOURCE_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Taken(Value):
    """What became of reading one file: an article, or the reason why it was refused.

    ``filing`` is set when the article itself, its folder or a rule says where it belongs;
    ``visible`` and ``packed`` are what the ledger needs, made here, where it can be parallel, and
    ``media`` the files that the article names, as they are. ``source`` is the packed text of a
    plain file, which may be cleaned again when more of the site is known; ``sketch`` tells copies.
    ``unreadable`` says that it was refused by the disk, and not for what is in it. A ``wait`` is
    how many seconds to let pass before looking again; then nothing else is set.
    """

    path: str
    mark: Fingerprint = (0, 0, 0)
    digest: str = ""
    article: Article | None = None
    filing: Filing | None = None
    visible: str = ""
    packed: bytes = b""
    media: tuple[MediaFile, ...] = ()
    source: bytes = b""
    sketch: tuple[int, ...] = ()
    refused: str = ""
    unreadable: bool = False
    vanished: bool = False
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Desk:
    """All that reading a file depends on; small, and picklable for other processes."""

    source: Source
    settle: float
    max_bytes: int
    reading: Reading
    rules: Rules


def take_file(path: str, desk: Desk, now: datetime, arrival: Arrival | None = None) -> Taken:
    """Read the file at ``path`` below the content folder; never raises for what is in it."""
    try:
        data, status = desk.source.read(path, desk.max_bytes)
    except FileNotFoundError:
        return Taken(path, vanished=True)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        return Taken(path, desk.source.find_mark(path), refused=reason, unreadable=True)
    mark = fingerprint(status)
    wait = still_for(status, desk.settle, now, arrival or Arrival())
    if wait > 0:
        return Taken(path, mark, wait=wait)
    if not stat.S_ISREG(status.st_mode):
        return Taken(path, mark, refused="is not a regular file")
    if data is None:
        most = desk.max_bytes / 1e6
        reason = f"is {status.st_size / 1e6:,.1f} MB; content.max_bytes allows {most:,.1f} MB"
        return Taken(path, mark, refused=reason)
    digest = hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    try:
        text = decode_article(path, data, desk.reading)
        article = read_text(normalise(path), text, modified, desk.reading)
        media = describe_named(article, article.path, desk.source, desk.settle, now)
    except RefusedError as error:
        return Taken(path, mark, digest, refused=str(error))
    except Exception as error:  # one bad file spoils only itself, whatever our readers miss
        reason = f"could not be understood ({type(error).__name__}: {error}); please report this"
        return Taken(path, mark, digest, refused=reason[:500])
    return Taken(
        path,
        mark,
        digest,
        article,
        filing=decide_certain(article, desk.rules),
        visible=hash_visible(article),
        packed=pack_article(article),
        media=media,
        source=pack_text(text) if is_plain(path) and len(text) <= SOURCE_MOST else b"",
        sketch=sketch_of(article.content),
    )


def peek_text(path: str, desk: Desk) -> str:
    """Return the text of a plain file, to learn from; nothing if it cannot be had."""
    try:
        data, _ = desk.source.read(path, SOURCE_MOST)
        return decode_article(path, data, desk.reading) if data else ""
    except (OSError, RefusedError):
        return ""

"""What an export is written to: a folder or a bucket, behind the same few verbs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from feedsvc.export.layout import Layout
from feedsvc.export.media import Source

# So many files are written at a time: each waits for a disk or a network, and not for this machine.
WRITERS = 8


@dataclass(frozen=True, slots=True)
class File:
    """One file or object of a target; ``body`` is its bytes, or the media file that has them.

    ``modified`` is in seconds since 1970, 0 for now; ``coding`` is ``identity`` or what else the
    Content-Encoding says.
    """

    name: str
    body: bytes | Source
    modified: float
    content_type: str
    cache_control: str = ""
    coding: str = "identity"

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.size


class Target(Protocol):
    """A place to export to. Every verb raises ExportError when it fails."""

    name: str
    layout: Layout

    def open(self) -> None:
        """Begin a run: see whether the place is there, and have it alone where that is possible."""

    def is_empty(self) -> bool:
        """Whether nothing lies there that is not ours."""

    def read_note(self, name: str) -> bytes | None:
        """Return one of our own notes; None if there is none."""

    def write_note(self, name: str, data: bytes) -> None:
        """Replace one of our own notes, all at once."""

    def remove_note(self, name: str) -> None:
        """Remove one of our own notes."""

    def put(self, files: Sequence[File]) -> None:
        """Replace each file, all at once; when this returns, all of them are there to stay."""

    def delete(self, names: Collection[str]) -> None:
        """Remove files that are there; those that are not are no error."""

    def close(self) -> None:
        """End a run."""

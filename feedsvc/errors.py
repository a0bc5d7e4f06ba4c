"""The error tree: everything that feedsvc raises on purpose.

A message says what is wrong, where, and what to do; the command line prints it as one line.
"""

from __future__ import annotations

from dataclasses import dataclass


class FeedsvcError(Exception):
    """The root of every error that feedsvc raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file that a person wrote.

    ``line`` counts from 1 and is 0 where no line applies (an environment variable, say); ``hint``
    is the likely meant word or what to do, and may be empty; a ``warning`` does not stop anything.
    """

    file: str
    line: int
    key: str
    message: str
    hint: str = ""
    warning: bool = False

    def keys(self) -> dict[str, str | int]:
        """Return what the log says of it, by key."""
        place: dict[str, str | int] = {"file": self.file, "line": self.line, "key": self.key}
        said = {"why": self.message, "hint": self.hint}
        return place | {name: text for name, text in said.items() if text}

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}:{key} {self.message}{hint}"


class ConfigError(FeedsvcError):
    """config.yaml cannot be used; carries every fault at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class EditError(FeedsvcError):
    """A change of config.yaml that a command was asked for cannot be made; nothing was written."""


class RefusedError(FeedsvcError):
    """An article file cannot become an entry; the message is the reason shown to the admin."""


class StoreError(FeedsvcError):
    """The store cannot be opened, read or written."""


class StoreAwayError(StoreError):
    """The store's server cannot be reached or does not answer: later it may."""


class StoreInUseError(StoreError):
    """The store must be had alone for this, and somebody has it open."""


class NotAtWorkError(StoreError):
    """Another engine is at work on this store: this one must not write to it."""


class EndedError(FeedsvcError):
    """The engine was asked to end before it was through; the next start goes on from there."""


class BackupError(FeedsvcError):
    """A backup cannot be made, is not to be trusted, or cannot be put back."""


class KeyFileError(FeedsvcError):
    """The hub's key cannot be read or made, is no key, or not the one of a secret."""


class BusyError(FeedsvcError):
    """More was asked for at once than is done at once; asking again later helps."""


class ContentFolderError(FeedsvcError):
    """The content folder is missing, unreadable, or suddenly almost empty."""

"""What every reader of these tests can do: follow feeds, and tell what it shows of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import pytest


@dataclass(frozen=True, slots=True)
class Shown:
    """One item as a reader shows it; ``content`` is HTML, alone or in the reader's own page."""

    id: str
    title: str
    link: str
    content: str


class Follower(ABC):
    """A reader with a home of its own, which keeps what it has seen between two fetches."""

    name: ClassVar[str]
    # What Debian calls it; Python packages come with the tests' own requirements.
    packages: ClassVar[str] = ""
    programs: ClassVar[Sequence[str]] = ()
    formats: ClassVar[Sequence[str]] = ("xml", "atom")
    # How it names itself, as a regular expression for the whole User-Agent.
    agent: ClassVar[str]
    # After so many fetches the next one asks for news only, by If-None-Match and
    # If-Modified-Since.
    full_fetches: ClassVar[int] = 1
    # curl, in and behind some readers, throws a 200 away whose Last-Modified is not later than the
    # date that it asked with, whatever the ETag says.
    compares_dates: ClassVar[bool] = False

    # What it does by design; docs/readers.md says the same words.
    on_edit: ClassVar[Literal["replaces it", "keeps the first version", "keeps both versions"]]
    on_withdrawal: ClassVar[Literal["keeps it", "drops it"]]
    in_two_sections: ClassVar[Literal["once", "twice"]]

    def __init__(self, home: Path) -> None:
        for program in self.programs:
            if not shutil.which(program):
                pytest.skip(f"{program} is missing; on Debian: apt-get install {self.packages}")
        home.mkdir(parents=True)
        self.home = home

    @abstractmethod
    def fetch(self, *urls: str) -> None:
        """Fetch these feeds; fails if the reader is not content with one of them."""

    @abstractmethod
    def items(self) -> list[Shown]:
        """Return all that it has for its person now, whatever feed it came from."""

    def run(self, *command: str) -> str:
        """Run a program of the reader in its home, and return what it says."""
        done = subprocess.run(
            command,
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout + done.stderr

"""The readers of these tests; docs/readers.md has a row for each."""

from __future__ import annotations

from follower import Follower
from newsboat_reader import Newsboat
from python_readers import Feedparser, Lemon24
from rss2email_reader import Rss2Email, Rss2EmailReplying
from sfeed_reader import Sfeed

READERS: tuple[type[Follower], ...] = (
    Newsboat,
    Rss2Email,
    Rss2EmailReplying,
    Sfeed,
    Feedparser,
    Lemon24,
)

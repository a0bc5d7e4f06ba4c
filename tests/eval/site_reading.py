"""Pages of one site, read as the engine reads them when it knows so many others of the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from feedsvc.config import Config, load_config
from feedsvc.errors import RefusedError
from feedsvc.ingest import Reading, SiteHabits, habits_of, read_article, reading_for
from feedsvc.model import Article, Stamp

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
# The engine knows more; after these the habits hardly change, and learning them takes time.
KNOWN = 20
_CONFIG = Path(__file__).parents[2] / "config.yaml"

# A page is its name and its text.
Page = tuple[str, str]


@lru_cache(maxsize=1)
def sample_config() -> Config:
    """The config that the project ships, with its ten sections."""
    return load_config(_CONFIG, {}).config


def read_page(page: Page, habits: SiteHabits | None = None) -> Article:
    """Read one page of a site whose ``habits`` are known."""
    return read_with(reading_for(sample_config(), NOW, habits), page)


def read_with(reading: Reading, page: Page) -> Article:
    """Read one page; one that is refused is an article without text."""
    name, text = page
    path = _path_of(name)
    try:
        return read_article(path, text.encode("utf-8"), NOW, reading)
    except RefusedError:
        return Article(path=path, title="", published=Stamp(NOW, "refused"))


def learn_habits(pages: Sequence[Page]) -> SiteHabits:
    """Learn what the pages of a site have in common."""
    return habits_of([(_path_of(name), text) for name, text in pages])


def read_knowing(pages: Sequence[Page], known: int) -> Iterator[tuple[Page, Article]]:
    """Read each page of a site while ``known`` others are known, or all if there are not so many.

    A page's own lines never count against it, so pages are learned in groups of one more.
    """
    size = min(known + 1, len(pages))
    for start in range(0, len(pages), size):
        group = pages[start : start + size]
        # The last group is filled up with pages before it, so that no page knows fewer.
        habits = (
            learn_habits([*pages[start - size + len(group) : start], *group]) if known else None
        )
        for page in group:
            yield page, read_page(page, habits)


def _path_of(name: str) -> str:
    # No folder: it would say which section the page is of.
    return f"{name.replace('/', '-')}.txt"

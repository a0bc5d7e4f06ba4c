"""The labelled articles: a page as it was scraped, and what an editor says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One page and what should be read from it; ``name`` is section/slug, as in articles/."""

    name: str
    page: str
    site: str
    title: str
    sections: tuple[str, ...]
    standfirst: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    trap: str = ""
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def load_labelled() -> tuple[Labelled, ...]:
    """Load all labelled articles, by name; raises ValueError, with the file, for a bad label."""
    return tuple(_load(file) for file in sorted(ARTICLES.glob("*/*.yaml")))


def _load(file: Path) -> Labelled:
    said: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    lists = {key: tuple(value) for key, value in said.items() if isinstance(value, list)}
    moments = {key: _moment(said.get(key) or "") for key in ("published", "updated")}
    try:
        return Labelled(
            name=f"{file.parent.name}/{file.stem}",
            page=file.with_suffix(".txt").read_text("utf-8"),
            **{**said, **lists, **moments},
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file}: {error!r}") from error


def _moment(value: str) -> datetime | None:
    moment = datetime.fromisoformat(value) if value else None
    if moment and not moment.tzinfo:
        raise ValueError(f"{value} says no time zone")
    return moment


@lru_cache(maxsize=1)
def load_sites() -> dict[str, dict[str, Any]]:
    """Load the invented sites and their furniture, by name."""
    sites: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "sites.yaml").read_text("utf-8"))
    return sites

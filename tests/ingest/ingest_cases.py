"""The data cases: how one is read from ``cases/``, and how an article is described for it.

``NAME.json`` holds the expected outcome of the input ``NAME.txt`` (``.md``, ``.html``); its key
``given`` may set path, language, timezone, sections, site, drop, keep and stop_at.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.config import compile_pattern
from feedsvc.errors import RefusedError
from feedsvc.ingest import Reading, read_article
from feedsvc.model import Article, Stamp

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MODIFIED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SECTIONS = ("politics", "Politics", "business", "Business", "sport", "Sport", "world", "World News")


def list_cases() -> list[str]:
    return sorted(path.stem for path in CASES.glob("*.json"))


def read_given(name: str) -> tuple[str, bytes, Reading, dict[str, Any]]:
    expected = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    given = expected.pop("given", {})
    source = next(path for path in CASES.glob(f"{name}.*") if path.suffix != ".json")
    reading = Reading(
        now=NOW,
        timezone=ZoneInfo(given.get("timezone", "UTC")),
        language=given.get("language", "en"),
        sections=tuple(given.get("sections", SECTIONS)),
        site=given.get("site", ""),
        drop=tuple(map(compile_pattern, given.get("drop", ()))),
        keep=tuple(map(compile_pattern, given.get("keep", ()))),
        stop_at=tuple(map(compile_pattern, given.get("stop_at", ()))),
    )
    return given.get("path", source.name), source.read_bytes(), reading, expected


def describe(path: str, data: bytes, reading: Reading) -> dict[str, Any]:
    """Describe what became of a file: all that is not empty, in JSON's types."""
    try:
        article = read_article(path, data, MODIFIED, reading)
    except RefusedError as error:
        return {"refused": str(error)}
    return {key: value for key, value in _facts(article).items() if value}


def _facts(article: Article) -> dict[str, Any]:
    image, enclosure, episode = article.image, article.enclosure, article.episode
    return {
        "title": article.title,
        "summary": article.summary,
        "text": article.text.split("\n"),
        "content": article.content,
        "published": _stamp(article.published),
        "updated": _stamp(article.updated),
        "expires": article.expires.isoformat() if article.expires else "",
        "authors": list(article.authors),
        "source": article.source,
        "tags": list(article.tags),
        "sections": list(article.sections),
        "key": article.key,
        "slug": article.slug,
        "link": article.link,
        "language": article.language,
        "image": [image.url, image.caption, image.credit] if image else [],
        "enclosure": [enclosure.url, enclosure.type, enclosure.length] if enclosure else [],
        "status": "" if article.status == "live" else str(article.status),
        "correction": article.correction,
        "duration": enclosure.duration if enclosure else 0,
        "rights": article.rights,
        "syndication": "" if article.syndication == "full" else str(article.syndication),
        "episode": [episode.number, episode.season, episode.kind, episode.explicit]
        if episode
        else [],
        "cuts": [f"{cut.line}: {cut.reason}" for cut in article.cuts],
        "notes": [
            f"{note.line} {note.key}: {note.message} {note.hint}".strip() for note in article.notes
        ],
    }


def _stamp(stamp: Stamp | None) -> str:
    return f"{stamp.at:%Y-%m-%dT%H:%M:%SZ} from {stamp.source}" if stamp else ""

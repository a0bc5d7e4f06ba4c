"""What ``explain`` says of a story that several files tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from feedsvc.model import Article
from feedsvc.scan import Story, compare, leads
from feedsvc.store import Store, StoredEntry

# Of more files than this the rest is only counted: each is read for it.
_FILES_MOST = 20


def find_lead(path: str, store: Store | None) -> StoredEntry | None:
    """Return the entry that the file at ``path`` tells and another one leads, if it is a copy."""
    known = store.file(path) if store else None
    entry = store.entry(known.uid) if store and known and known.uid else None
    return entry if store and entry and path in store.copies_of(entry.uid) else None


def describe_story(
    entry: StoredEntry, store: Store | None, read: Callable[[str], Article | None]
) -> dict[str, Any] | None:
    """Return which files tell the story of ``entry``, which of them leads, and why.

    None if there is but one.
    """
    copies = store.copies_of(entry.uid) if store else []
    if not copies:
        return None
    stored = store.entry(entry.uid) if store else None
    lead = stored or entry
    story = Story(lead.article)
    told = []
    for path in copies[:_FILES_MOST]:
        article = read(path)
        if article is None:
            told.append({"path": path, "why": "cannot be read now"})
            continue
        first = leads(lead.article, article) or "it came first"
        alike = compare(Story(article), story).why
        told.append({"path": path, "why": f"{first}; both share {alike}"})
    return {
        "leads": lead.path,
        "copies": told,
        "more": max(0, len(copies) - _FILES_MOST),
    }


def tell_copies(copies: Sequence[str]) -> str:
    """Return a line on the other files that tell a story, for what was done to its entry."""
    more = f" and {len(copies) - 1} more" if len(copies) > 1 else ""
    return f"This is one entry with {copies[0]}{more}: they tell the same story." if copies else ""


def list_story_rows(story: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Return the lines that say the same to a person."""
    if not story:
        return []
    rows = [("story", f"{story['leads']} leads; one entry for all files that tell it")]
    rows += [
        ("copy", f"{one['path']}: {story['leads']} leads, for {one['why']}")
        for one in story["copies"]
    ]
    return rows + ([("copy", f"and {story['more']} more")] if story["more"] else [])

"""Entries and pages for tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime

from feedsvc.model import Article, Filed, Filing, Representation, Stamp
from feedsvc.store import State, Store, StoredEntry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make(number: int, *sections: str) -> StoredEntry:
    """Return a live entry of noon."""
    path = f"a/{number}.md"
    return StoredEntry(
        uid=f"{number:016x}",
        id=f"tag:x.test,2026:{number}",
        key=path,
        path=path,
        state=State.LIVE,
        shown=False,
        published=NOON,
        updated=NOON,
        expires=None,
        visible="v",
        article=Article(path, f"Title {number}", Stamp(NOON, "front matter")),
        filing=Filing(tuple(Filed(name, "folder") for name in sections)),
    )


def page(text: str) -> Representation:
    """Return what is published at a path."""
    return Representation("text/xml", {"identity": text.encode()}, NOON, 900, etag=text)


def put_fact(store: Store, name: str, value: str) -> None:
    """Keep a fact in a transaction of its own."""
    with store.writing() as writer:
        writer.put_fact(name, value)

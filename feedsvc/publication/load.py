"""The publication as a web worker holds it: loaded from the store, replaced as a whole."""

from __future__ import annotations

from types import MappingProxyType

from feedsvc.model import Publication
from feedsvc.store import Store

NOTHING = Publication(0, MappingProxyType({}))


def load_publication(store: Store, before: Publication = NOTHING) -> Publication:
    """Return what the store publishes now, reading only what changed since ``before``.

    Returns ``before`` itself when nothing did. Raises StoreError when the store does not answer.
    """
    # The number first: what is published between the two reads is then read again, never missed.
    revision = store.revision()
    if revision == before.revision:
        return before
    changes = store.representations_since(before.revision)
    merged = dict(before.representations)
    for path, representation in changes.items():
        if representation is None:
            merged.pop(path, None)
        else:
            merged[path] = representation
    return Publication(revision, MappingProxyType(merged))

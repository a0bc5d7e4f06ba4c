"""The store: SQLAlchemy Core on a database, behind verbs that every engine satisfies."""

from feedsvc.store.engine import ChangeWatch
from feedsvc.store.rows import (
    CODINGS,
    ArchivePage,
    Deed,
    Problem,
    SectionCount,
    State,
    StoredEntry,
    StoredFile,
    pack_article,
)
from feedsvc.store.sources import pack_text
from feedsvc.store.store import WHOLE_SITE, Store
from feedsvc.store.writer import Writer

__all__ = [
    "CODINGS",
    "WHOLE_SITE",
    "ArchivePage",
    "ChangeWatch",
    "Deed",
    "Problem",
    "SectionCount",
    "State",
    "Store",
    "StoredEntry",
    "StoredFile",
    "Writer",
    "pack_article",
    "pack_text",
]

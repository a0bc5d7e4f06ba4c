"""The store: SQLAlchemy Core on a database, behind verbs that every engine satisfies."""

from feedsvc.store.engine import ChangeWatch
from feedsvc.store.health import StoreHealth, examine_store, mend_store, read_etag
from feedsvc.store.hub import HubTables
from feedsvc.store.hubrows import (
    CHALLENGE,
    CLOUD_MODES,
    DENIED,
    EXTERNAL,
    FRESH,
    RETRY,
    RSSCLOUD,
    SUBSCRIBE,
    TRIAL,
    UNSUBSCRIBE,
    WEBSUB,
    Check,
    Delivery,
    HubFigures,
    Settled,
    Subscription,
)
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
from feedsvc.store.snapshot import (
    StoreFacts,
    copy_store,
    file_of_store,
    hold_alone,
    inspect_store,
)
from feedsvc.store.sources import pack_text
from feedsvc.store.store import WHOLE_SITE, Store
from feedsvc.store.writer import Writer

__all__ = [
    "CHALLENGE",
    "CLOUD_MODES",
    "CODINGS",
    "DENIED",
    "EXTERNAL",
    "FRESH",
    "RETRY",
    "RSSCLOUD",
    "SUBSCRIBE",
    "TRIAL",
    "UNSUBSCRIBE",
    "WEBSUB",
    "WHOLE_SITE",
    "ArchivePage",
    "ChangeWatch",
    "Check",
    "Deed",
    "Delivery",
    "HubFigures",
    "HubTables",
    "Problem",
    "SectionCount",
    "Settled",
    "State",
    "Store",
    "StoreFacts",
    "StoreHealth",
    "StoredEntry",
    "StoredFile",
    "Subscription",
    "Writer",
    "copy_store",
    "examine_store",
    "file_of_store",
    "hold_alone",
    "inspect_store",
    "mend_store",
    "pack_article",
    "pack_text",
    "read_etag",
]

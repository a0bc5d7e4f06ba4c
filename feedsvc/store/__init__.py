"""The store: SQLAlchemy Core on a database, behind verbs that every engine satisfies."""

from feedsvc.store.engine import ChangeWatch
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
from feedsvc.store.orders import ACCEPT, FILE, RESTORE, WITHDRAW, Order, OrderTables
from feedsvc.store.pollrows import CountKey, DaySalt, Interval, Pair, PollCount
from feedsvc.store.readership import ReadershipTables
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
    "ACCEPT",
    "CHALLENGE",
    "CLOUD_MODES",
    "CODINGS",
    "DENIED",
    "EXTERNAL",
    "FILE",
    "FRESH",
    "RESTORE",
    "RETRY",
    "RSSCLOUD",
    "SUBSCRIBE",
    "TRIAL",
    "UNSUBSCRIBE",
    "WEBSUB",
    "WHOLE_SITE",
    "WITHDRAW",
    "ArchivePage",
    "ChangeWatch",
    "Check",
    "CountKey",
    "DaySalt",
    "Deed",
    "Delivery",
    "HubFigures",
    "HubTables",
    "Interval",
    "Order",
    "OrderTables",
    "Pair",
    "PollCount",
    "Problem",
    "ReadershipTables",
    "SectionCount",
    "Settled",
    "State",
    "Store",
    "StoredEntry",
    "StoredFile",
    "Subscription",
    "Writer",
    "pack_article",
    "pack_text",
]

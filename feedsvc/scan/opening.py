"""What takes articles in, equipped as the config says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from feedsvc.config import Bucket, Config
from feedsvc.filing import compile_rules
from feedsvc.ingest import reading_for
from feedsvc.scan.filer import Filer
from feedsvc.scan.flood import make_guard
from feedsvc.scan.ledger import Clerk
from feedsvc.scan.run import Scanner
from feedsvc.scan.source import open_source
from feedsvc.scan.take import Desk
from feedsvc.store import Store


class Intake(NamedTuple):
    """What looks at the content folder, and what files the articles that it finds."""

    scanner: Scanner
    filer: Filer


def open_intake(store: Store, config: Config, tag: str, clock: Callable[[], datetime]) -> Intake:
    """Return what takes articles into ``store``; ``tag`` is what their ids begin with.

    Raises StoreError.
    """
    rules = compile_rules(config)
    filer = Filer(store, rules, config.filing.learn)
    folder = config.content.folder
    desk = Desk(
        source=open_source(folder),
        # Objects appear whole, and need not be waited for.
        settle=0.0 if isinstance(folder, Bucket) else config.content.settle,
        max_bytes=config.content.max_bytes,
        reading=reading_for(config, clock()),
        rules=rules,
    )
    clerk = Clerk(
        tag,
        set(config.sections),
        filer.guess,
        filer.learn,
        timedelta(seconds=config.content.hold),
        make_guard(store, config),
        merge=config.duplicates == "merge",
        heirs=rules.heirs,
    )
    return Intake(Scanner(store, desk, clerk, clock), filer)

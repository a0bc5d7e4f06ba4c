"""Sites with something to lose, and what of it must come back."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sites import Site, article

from feedsvc.hub import open_vault
from feedsvc.store import SUBSCRIBE, Check, Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a subscriber's secret"
CALLBACK = "https://reader.example/push"


def make_full_site(root: Path) -> Site:
    """Return a site with articles, a withdrawal, a subscription with a secret, and its key."""
    site = Site(root)
    for section in ("politics", "sports", "culture"):
        for number in range(4):
            site.write(f"{section}/{number}.md", article(f"{section.title()} {number}"))
    site.write("politics/wrong.md", article("Wrong"))
    site.write("a picture.png", b"\x89PNG no picture")
    site.scan()
    with site.service() as service:
        entry = service.find_entry("politics/wrong.md")
        assert entry
        service.withdraw(entry, "Ada", "it was wrong")
    subscribe(site)
    return site


def copy_site(site: Site, root: Path) -> Site:
    """Return the same site in another folder."""
    shutil.copytree(site.root, root)
    return Site(root)


def subscribe(site: Site, callback: str = CALLBACK) -> None:
    """Subscribe a callback with a secret to the whole site."""
    url = site.load().config.store.url
    store = Store(url)
    vault, now = open_vault(store), datetime.now(UTC)
    with store.writing() as writer:
        check = Check(
            path="/feeds/all.atom",
            callback=callback,
            mode=SUBSCRIBE,
            topic=f"{site.base_url}/feeds/all.atom",
            host="reader.example",
            asked=now,
            secret=vault.seal(SECRET),
            lease=864_000,
        )
        writer.hub.ask(check, now)
        (asked,) = writer.hub.claim_checks(now, now + timedelta(minutes=1), 10)
        assert writer.hub.confirm(asked, now)
    store.close()


def tables_of(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of a store, by table."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
            for (name,) in names.fetchall()
        }

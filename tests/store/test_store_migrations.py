"""The migrations make what the schema says, and bad databases are told from good ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sites import Site, article

import feedsvc.store.migrate as migrate_module
from feedsvc.cli.peek import open_if_there
from feedsvc.config import Config as SiteConfig
from feedsvc.errors import StoreError
from feedsvc.store import Store
from feedsvc.store.engine import connect_to_write, open_engine
from feedsvc.store.schema import metadata


def test_migrations_make_the_schema(tmp_path: Path) -> None:
    """A new store, made at once, and the oldest one, brought up to date, are the same."""
    forms = []
    for name in ("new", "old"):
        url = f"sqlite:///{tmp_path}/{name}.db"
        if name == "old":
            upgrade(url, "0001")
        store = Store(url)
        assert store.migrate() and not store.migrate()
        store.close()
        with open_engine(url).connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            query = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY name"
            forms.append(connection.exec_driver_sql(query).all())
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            assert version.scalars().all() == [migrate_module.HEAD]
    assert forms[0] == forms[1]


def test_an_old_store_keeps_its_articles(tmp_path: Path) -> None:
    """What an older version wrote is read by this one: more fields, other indexes."""
    url = f"sqlite:///{tmp_path}/s.db"
    upgrade(url, "0001")
    old = json.dumps(
        {"path": "a.md", "title": "A", "text": "The body.", "content": "<p>The body.</p>"}
        | {"published": {"at": "2026-01-02T03:04:05Z", "source": "file time"}}
    )
    row = ("a1", "tag:x", "a", "a.md", "live", 1, 0, 0, "v", "", zstandard.compress(old.encode()))
    with connect_to_write(open_engine(url)) as connection:
        connection.exec_driver_sql(
            "INSERT INTO entries (uid, id, key, path, state, shown, published, updated, visible,"
            " certain, article, filing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')",
            row,
        )
    assert (
        open_if_there(SiteConfig.model_validate({"store": {"url": url}})) is None
    )  # commands that only read leave it alone
    store = Store(url)
    assert store.migrate()
    entry = store.entry("a1")
    assert entry and (entry.article.title, entry.article.text) == ("A", "The body.")
    store.close()


def upgrade(url: str, revision: str) -> None:
    """Run the migrations up to ``revision``, as a version of that time did."""
    config = Config()
    folder = Path(migrate_module.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with connect_to_write(open_engine(url)) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_head_is_the_newest_migration() -> None:
    config = Config()
    folder = Path(migrate_module.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate_module.HEAD


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_text("this is no database, but a long enough text\n" * 50)
    with pytest.raises(StoreError, match=r"s\.db") as caught:
        Store(f"sqlite:///{tmp_path}/s.db").migrate()
    assert "\n" not in str(caught.value)


def test_a_damaged_entry_is_one_clear_line(site: Site) -> None:
    """What we never wrote is told from what we did, and from a bug."""
    site.write("politics/a.md", article("A"))
    site.scan()
    store = Store(site.load().config.store.url)
    with store.writing() as writer:
        writer._connection.exec_driver_sql("UPDATE entries SET article = x'0102'")
    with pytest.raises(StoreError, match=r"the entry of politics/a\.md cannot be read"):
        store.newest("all", datetime.now(UTC), 10)
    store.close()

"""The migrations make what the schema says, and bad databases are told from good ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sites import Site, article

import feedsvc.store.migrate as migrate_module
from feedsvc.errors import StoreError
from feedsvc.store import Store
from feedsvc.store.engine import open_engine
from feedsvc.store.schema import metadata


def test_migrations_make_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    store = Store(url)
    assert store.migrate() and not store.migrate()
    with open_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


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

"""Bringing the store's tables to the form that this version of feedsvc needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, text

from feedsvc.errors import StoreError
from feedsvc.store import polltables  # noqa: F401 - its tables belong to the metadata
from feedsvc.store.engine import connect_to_write
from feedsvc.store.naming import show_url
from feedsvc.store.schema import metadata
from feedsvc.store.trouble import as_store_errors

# The newest migration; a test holds it equal to what the scripts say. Knowing it here saves every
# start the import of Alembic.
HEAD = "0011"


def migrate(engine: Engine) -> bool:
    """Make or upgrade the tables; return whether anything had to be done.

    Raises StoreError when the store is not a database, belongs to another program, is newer than
    this version, or cannot be written.
    """
    where = name_store(engine)
    with as_store_errors(f"the store {where} cannot be used"):
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            version = (
                connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
                if "alembic_version" in tables
                else None
            )
        # Never make our tables in somebody's address book.
        if tables and not _is_ours(tables, version):
            raise StoreError(
                f"the store {where} is the database of another program: "
                "name another one in store.url"
            )
        if version == HEAD:
            return False
        _upgrade(engine) if tables else _make_tables(engine)
    return True


def name_store(engine: Engine) -> str:
    """Return how a person knows a store: its file, or its URL without the password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return show_url(engine.url)


def _is_ours(tables: Collection[str], version: str | None) -> bool:
    """Whether a database that is not empty was made by us, of whatever version."""
    return version is not None and "entries" in tables


def _make_tables(engine: Engine) -> None:
    """Make the tables of a new store at once: the same as its migrations would, and sooner."""
    versions = Table(
        "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
    )
    with connect_to_write(engine) as connection:
        # Another process may have been here since we looked.
        if not inspect(connection).has_table(versions.name):
            metadata.create_all(connection)
            versions.create(connection)
            connection.execute(versions.insert().values(version_num=HEAD))


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with connect_to_write(engine) as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"the store {name_store(engine)} was made by another version of feedsvc: {error}"
            ) from None

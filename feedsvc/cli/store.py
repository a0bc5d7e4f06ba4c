"""``feedsvc migrate`` and ``feedsvc copy-store``: the store's form, and its place."""

from __future__ import annotations

from pathlib import Path

import click

from feedsvc.cli.output import (
    config_option,
    json_option,
    load,
    one_line_errors,
    print_json,
    progress_bar,
)
from feedsvc.hub import copy_key
from feedsvc.store import Store, transfer_store


@click.command()
@config_option
def migrate(config_path: Path) -> None:
    """Make the store's tables, or bring them to the form that this version needs.

    feedsvc serve does the same at its start. Run it by hand where an engine must not start yet.
    """
    loaded = load(config_path)
    with one_line_errors():
        store = Store(loaded.config.store.url)
        try:
            done = store.migrate()
        finally:
            store.close()
    click.echo("The store is ready." if done else "The store was ready: nothing to do.")


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@json_option
def copy_store(source: str, target: str, as_json: bool) -> None:
    """Copy a whole site from the store at URL FROM to the one at URL TO.

    \b
    feedsvc copy-store sqlite:///var/feedsvc.db postgresql+psycopg://user@host/database

    Everything is kept: ids, subscriptions with their secrets, statistics, the audit log. FROM stays
    as it is. What breaks off leaves TO as it was; run it again then, and once more after feedsvc
    serve has ended at FROM, for what came meanwhile. Once feedsvc serve has run at TO, it refuses;
    and so it does where TO has articles, subscriptions or deeds that FROM has not.
    """
    with one_line_errors(), progress_bar("Copying the store", shown=True) as progress:
        done = transfer_store(source, target, progress)
        old, new = Store(source), Store(target)
        try:
            copy_key(old, new)
            crew = old.crew()
        finally:
            old.close()
            new.close()
    if as_json:
        print_json({"rows": done.rows, "total": sum(done.rows.values())})
        return
    rows = done.rows
    click.echo(
        f"Copied {rows['entries']:,} entries, {rows['subscriptions']:,} subscriptions and "
        f"{sum(rows.values()):,} rows in all."
    )
    if crew.active or crew.standby:
        click.echo("feedsvc serve is at work at FROM: end it, and run this once more.")
    click.echo("Now write the new URL into config.yaml, as store.url.")

"""``feedsvc purge``: makes the caches in front of the site forget, now."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.text import Text

from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    config_option,
    console,
    fail,
    json_option,
    load,
    make_table,
    one_line_errors,
    print_json,
)
from feedsvc.cli.peek import NOTHING_YET, opened
from feedsvc.config import Config
from feedsvc.publication import list_public, page_path
from feedsvc.render import FORMATS
from feedsvc.service import read_clock
from feedsvc.store import WHOLE_SITE, State, Store
from feedsvc.surrogates import SITE

_NO_CACHES = "the config names no cache: write its address under purge (docs/cdn.md)"


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that is published.")
@config_option
@json_option
def purge(names: tuple[str, ...], everything: bool, config_path: Path, as_json: bool) -> None:
    """Make the caches that the config names under purge forget NAMES, now.

    A name is a section, a path such as /feeds/politics.xml, or an address of the site. A running
    feedsvc does so by itself for all that changes.
    """
    # What tells caches takes long to load; `feedsvc --help` lists this command.
    from feedsvc.purge import Told, send_keys_now, send_now

    config = load(config_path).config
    if not config.purge:
        fail(_NO_CACHES)
    if not names and not everything:
        raise click.UsageError("name what to forget: sections, paths or addresses; or --all")
    told: list[Told] = []
    if everything:
        told += send_keys_now(config, SITE)
        others = tuple(one for one in config.purge if not one.by_key)
        with opened(config) as store, one_line_errors():
            if store is None:
                fail(NOTHING_YET)
            paths = list(_list_all(store))
        told += send_now(config.model_copy(update={"purge": others}), paths)
    else:
        told += send_now(config, [path for name in names for path in _find_paths(name, config)])
    failed = [one for one in told if one.failed]
    if as_json:
        rows = [
            {"cache": one.cache.name, "target": one.target, "failed": one.failed} for one in told
        ]
        print_json(rows)
    else:
        click.echo(f"{len(told) - len(failed)} forgotten.")
        if failed:
            table = make_table("cache", "target", "failed")
            for one in failed:
                table.add_row(*(Text(text) for text in (one.cache.name, one.target, one.failed)))
            console().print(table)
    sys.exit(PROBLEMS if failed else FINE)


def _list_all(store: Store) -> Iterator[str]:
    """Yield what is in the publication, and every article's page."""
    now = read_clock()
    yield from list_public(store.etags())
    for entry in store.entries(State.LIVE):
        if entry.is_public(now):
            yield page_path(entry)


def _find_paths(name: str, config: Config) -> list[str]:
    """Return the paths that a name stands for; a wrong one ends the command."""
    if name.startswith(config.site.base_url + "/"):
        name = name.removeprefix(config.site.base_url)
    if name.startswith("/"):
        return [name]
    if name not in config.sections and name != WHOLE_SITE:
        raise click.UsageError(f"{name} is no section, no path and no address of the site")
    page = f"/sections/{name}" if name in config.sections else "/"
    return [*(f"/feeds/{name}.{suffix}" for suffix in FORMATS), page]

"""``feedsvc sections``, ``problems`` and ``audit``: what is there, needs a person, was done."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
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
    print_json,
)
from feedsvc.cli.peek import NOTHING_YET, opened
from feedsvc.config import load_config
from feedsvc.errors import ConfigError
from feedsvc.render import FORMATS
from feedsvc.scan import CONFIG, list_problems
from feedsvc.service import read_clock
from feedsvc.store import WHOLE_SITE, SectionCount

# A page of the audit log; a program that wants all of it asks for more.
_DEEDS_SHOWN = 50


@click.command()
@config_option
@json_option
def sections(config_path: Path, as_json: bool) -> None:
    """List the sections with their counts, their newest entry and their feeds."""
    config = load(config_path).config
    with opened(config) as store:
        counts = store.counts(read_clock()) if store else {}
    rows = []
    titles = {name: section.title for name, section in config.sections.items()}
    for name, title in {WHOLE_SITE: "The whole site", **titles}.items():
        count = counts.get(name, SectionCount(0, None))
        base = f"{config.site.base_url}/feeds/{name}"
        rows.append(
            {
                "name": name,
                "title": title,
                "entries": count.entries,
                "newest": count.newest.isoformat() if count.newest else None,
                "feeds": {form.suffix: f"{base}.{form.suffix}" for form in FORMATS.values()},
            }
        )
    if as_json:
        print_json(rows)
        return
    table = make_table("section", "title", "entries", "newest", "feed")
    for row in rows:
        newest = str(row["newest"] or "-")[:16].replace("T", " ")
        feed = f"{config.site.base_url}/feeds/{row['name']}.xml"
        cells = (row["name"], row["title"], row["entries"], newest, feed)
        table.add_row(*(Text(str(cell)) for cell in cells))
    console().print(table)
    if store is None:
        click.echo(NOTHING_YET)


@click.command()
@config_option
@json_option
def problems(config_path: Path, as_json: bool) -> None:
    """List what needs a person: refused files, unreadable folders, unfiled articles.

    A config that cannot be used is the first problem, and hides the others: it says where the
    store is. Exits with 1 when there is anything.
    """
    found = _list_problems(config_path)
    if as_json:
        print_json(found or [])
    elif found is None:
        click.echo(NOTHING_YET)
    elif found:
        table = make_table("file", "since", "problem")
        for one in found:
            since = one["since"][:16].replace("T", " ")
            table.add_row(Text(one["path"]), Text(since), Text(one["message"]))
        console().print(table)
    else:
        click.echo("Nothing needs a person.")
    sys.exit(PROBLEMS if found else FINE)


@click.command()
@click.option("--limit", default=_DEEDS_SHOWN, show_default=True, type=click.IntRange(1, 100_000))
@config_option
@json_option
def audit(limit: int, config_path: Path, as_json: bool) -> None:
    """List who withdrew what, or filed it otherwise, and when; the last comes first."""
    with opened(load(config_path).config) as store:
        deeds = store.deeds(limit) if store else []
    if as_json:
        print_json(
            [
                {"at": one.at.isoformat(), "who": one.who, "action": one.action}
                | {"uid": one.uid, "detail": one.detail}
                for one in deeds
            ]
        )
        return
    if store is None:
        click.echo(NOTHING_YET)
        return
    table = make_table("when", "who", "what", "article")
    for one in deeds:
        when = one.at.isoformat(timespec="seconds")
        table.add_row(*map(Text, (when, one.who, one.action, f"{one.detail} ({one.uid})")))
    console().print(table)


def _list_problems(config_path: Path) -> list[dict[str, str]] | None:
    """Return what needs a person, None if nothing was looked at yet."""
    try:
        config = load_config(config_path, os.environ).config
    except ConfigError as error:
        if not config_path.is_file():
            fail(str(error))
        since = datetime.fromtimestamp(config_path.stat().st_mtime, UTC)
        return [_problem(fault.file, CONFIG, str(fault), since) for fault in error.faults]
    with opened(config) as store:
        if store is None:
            return None
        found = list_problems(store, read_clock(), bool(config.sections))
    return [_problem(one.path, one.kind, one.message, one.since) for one in found]


def _problem(path: str, kind: str, message: str, since: datetime) -> dict[str, str]:
    return {"path": path, "kind": kind, "message": message, "since": since.isoformat()}

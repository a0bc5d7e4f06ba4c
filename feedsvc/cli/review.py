"""``feedsvc review``: which articles an editor should look at."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    config_option,
    console,
    json_option,
    load,
    make_table,
    one_line_errors,
    print_json,
)
from feedsvc.cli.peek import NOTHING_YET, is_missing
from feedsvc.filing import compile_rules
from feedsvc.scan import Filer, find_unsure
from feedsvc.store import Store, StoredEntry

# A list for a person; a program that wants all of it asks for more.
_SHOWN = 50

_HELD = "held"
_REASONS = {
    "unfiled": "",
    "fallback": "",
    "close": "filed by a small margin: ",
    "shared": "the second section is close behind: ",
    _HELD: "",
}


@click.command()
@click.option("--limit", default=_SHOWN, show_default=True, type=click.IntRange(1, 20_000))
@config_option
@json_option
def review(limit: int, config_path: Path, as_json: bool) -> None:
    """List the articles that are unfiled, filed without being sure, or held back.

    The newest come first, each with where it is now, why, the two sections that are nearest, and
    the command that corrects it. Exits with 1 when there are any.
    """
    config = load(config_path).config
    if is_missing(config):
        if as_json:
            print_json([])
        else:
            click.echo(NOTHING_YET)
        sys.exit(FINE)
    with one_line_errors():
        store = Store(config.store.url)
        try:
            store.migrate()
            filer = Filer(store, compile_rules(config), config.filing.learn)
            unsure = find_unsure(store, limit + 1, config.sections)
            found = {entry.uid: (entry, why) for entry, why in unsure}
            found |= {one.uid: (one, _HELD) for one in store.held()}
            newest = sorted(found.values(), key=lambda one: one[0].published, reverse=True)
            rows = [_describe(entry, why, filer, config_path) for entry, why in newest[:limit]]
        finally:
            store.close()
    if as_json:
        print_json(rows)
    elif rows:
        _print(rows, more=len(newest) > limit)
    else:
        click.echo("Nothing needs a look.")
    sys.exit(PROBLEMS if rows else FINE)


def _describe(entry: StoredEntry, doubt: str, filer: Filer, config_path: Path) -> dict[str, Any]:
    filing, nearest = entry.filing, filer.nearest(entry.article)
    why = filing.why or "; ".join(f"{one.section}: {one.why}" for one in filing.filed)
    until = entry.held_until.isoformat(timespec="seconds") if entry.held_until else None
    return {
        "path": entry.path,
        "id": entry.id,
        "title": entry.article.title,
        "published": entry.published.isoformat(),
        "doubt": doubt,
        "held_until": until,
        "sections": filing.sections,
        "why": why or "no section was found for it",
        "margin": round(filing.margin, 4),
        "nearest": nearest,
        "command": _write_command(entry, nearest, config_path),
    }


def _write_command(entry: StoredEntry, nearest: tuple[str, ...], config_path: Path) -> str:
    """Return the command that files it in the nearest section where it is not first by now."""
    section = next((name for name in nearest if name not in entry.filing.sections[:1]), "SECTION")
    config = [] if config_path == Path("config.yaml") else ["--config", str(config_path)]
    end = ["--"] if entry.path.startswith("-") else []  # of the options
    return shlex.join(["feedsvc", "file", *config, *end, entry.path, section])


def _print(rows: list[dict[str, Any]], more: bool) -> None:
    table = make_table("article", "filed in", "why", "nearest", "to correct")
    for row in rows:
        held = f"held back until {row['held_until']}; " if row["held_until"] else ""
        cells = (
            f"{row['path']}: {row['title'][:80]}",
            ", ".join(row["sections"]) or "-",
            held + _REASONS[row["doubt"]] + row["why"],
            ", ".join(row["nearest"]) or "-",
            row["command"],
        )
        table.add_row(*map(Text, cells))
    screen = console()
    screen.print(table)
    if more:
        screen.print("There are more: see --limit.")

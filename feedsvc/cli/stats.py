"""``feedsvc stats``: who reads which feed, by which reader, and how that reader behaves."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from feedsvc.cli.output import (
    WRONG_USE,
    config_option,
    console,
    json_option,
    load,
    make_table,
    one_line_errors,
    print_json,
)
from feedsvc.cli.peek import NOTHING_YET, opened
from feedsvc.readership import (
    ReaderFigures,
    Readership,
    list_polls_by_hour,
    list_subscribers_by_day,
    read_readership,
)
from feedsvc.service import read_clock

# As long as anything is kept, at most.
_DAYS_MOST = 3_650

_HOURS = 48
_DAYS = 30

_COLUMNS = [
    "since",
    "until",
    "feed",
    "reader",
    "subscribers",
    "polls",
    "unchanged",
    "unconditional",
    "bytes",
    "missed",
]


@click.command()
@click.option(
    "--days", type=click.IntRange(1, _DAYS_MOST), default=7, show_default=True, help="How far back."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, a line a feed and reader.")
@config_option
@json_option
def stats(days: int, as_csv: bool, config_path: Path, as_json: bool) -> None:
    """Show who reads: subscribers of each feed, and how each reader behaves.

    Days are UTC. What web workers have counted is here within ten seconds.
    """
    if as_csv and as_json:
        click.echo("feedsvc: --csv or --json, not both", err=True)
        sys.exit(WRONG_USE)
    config, now = load(config_path).config, read_clock()
    with opened(config) as store:
        if store is None:
            _show_nothing(as_json, as_csv)
            return
        with one_line_errors():
            found = read_readership(store, config, now, days)
            by_day = list_subscribers_by_day(store, now, _DAYS) if as_json else ()
            by_hour = list_polls_by_hour(store, now, _HOURS) if as_json else ()
    if as_json:
        shown = _describe(found)
        shown["subscribers_by_day"] = {day.isoformat(): count for day, count in by_day}
        shown["polls_by_hour"] = {hour.isoformat(): dict(polls) for hour, polls in by_hour}
        print_json(shown)
    elif as_csv:
        _write_csv(found)
    else:
        _print_tables(found)
        if not config.statistics.enabled:
            click.echo("Nobody is counted now: statistics.enabled is false.")


def _show_nothing(as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json({})
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerow(_COLUMNS)
    else:
        click.echo(NOTHING_YET)


def _describe(found: Readership) -> dict[str, Any]:
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "subscribers": found.subscribers,
        "feeds": [
            {
                "name": one.name,
                "subscribers": one.subscribers,
                "polls": one.polls,
                "unchanged": one.unchanged,
                "unchanged_share": one.unchanged_share,
                "bytes": one.bytes,
            }
            for one in found.feeds
        ],
        "readers": [
            {
                "reader": one.reader,
                "subscribers": one.subscribers,
                "polls": one.polls,
                "unchanged": one.unchanged,
                "unchanged_share": one.unchanged_share,
                "unconditional": one.unconditional,
                "never_conditional": one.never_conditional,
                "bytes": one.bytes,
                "interval": one.interval,
                "missed": one.missed,
            }
            for one in found.readers
        ],
    }


def _write_csv(found: Readership) -> None:
    """Write a line for each feed and reader: a spreadsheet sums them up either way."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    since, until = (one.isoformat(timespec="seconds") for one in (found.since, found.until))
    for one in found.pairs:
        count = one.count
        numbers = (count.polls, count.unchanged, count.unconditional, count.bytes, count.missed)
        writer.writerow((since, until, one.feed, one.reader, one.subscribers, *numbers))


def _print_tables(found: Readership) -> None:
    screen = console()
    feeds = make_table("feed", "subscribers", "polls", "304", "bytes")
    for feed in found.feeds:
        share = _write_share(feed.unchanged_share)
        _add(feeds, (feed.name, feed.subscribers, feed.polls, share, _write_size(feed.bytes)))
    screen.print(feeds)
    readers = make_table("reader", "subscribers", "polls", "304", "bytes", "every", "missed", "")
    for one in found.readers:
        cells = (one.reader, one.subscribers, one.polls, _write_share(one.unchanged_share))
        behaviour = (_write_size(one.bytes), _write_interval(one.interval), one.missed or "-")
        _add(readers, (*cells, *behaviour, _say(one)))
    if found.readers:
        screen.print()
        screen.print(readers)
    screen.print()
    until = found.until.strftime("%Y-%m-%d %H:%M")
    since = found.since.strftime("%Y-%m-%d")
    screen.print(Text(f"{found.subscribers} subscribers; polls from {since} to {until} UTC."))


def _add(table: Any, cells: Sequence[object]) -> None:
    table.add_row(*(Text(str(cell)) for cell in cells))


def _say(reader: ReaderFigures) -> str:
    return "never sends a condition: fetches the whole feed" if reader.never_conditional else ""


def _write_share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _write_size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _write_interval(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    wait = timedelta(seconds=round(seconds))
    if wait < timedelta(minutes=2):
        return f"{round(seconds)} s"
    return f"{seconds / 60:.0f} min" if wait < timedelta(hours=2) else f"{seconds / 3600:.1f} h"

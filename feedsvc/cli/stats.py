"""``feedsvc stats``: who reads which feed, how often, and with what."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from feedsvc.cli.output import (
    FINE,
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
from feedsvc.readership import FeedFigures, ReaderFigures, Readership, read_readership
from feedsvc.service import read_clock

# The longest time that statistics are kept by default.
_DAYS_MOST = 400

_COLUMNS = (
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
)


@click.command()
@click.option(
    "--days",
    type=click.IntRange(1, _DAYS_MOST),
    default=7,
    show_default=True,
    help="Polls of so many days, today (UTC) included; subscribers are always those of seven.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one line a feed and reader.")
@config_option
@json_option
def stats(days: int, as_csv: bool, config_path: Path, as_json: bool) -> None:
    """Show who reads: subscribers, polls and what is odd, by feed and by reader.

    Web workers write down every ten seconds what they have served.
    """
    if as_csv and as_json:
        fail("write --csv or --json: not both")
    config = load(config_path).config
    with one_line_errors(), opened(config) as store:
        found = read_readership(store, config, read_clock(), days) if store else None
    if as_csv:
        sys.stdout.write(write_csv(found))
    elif as_json:
        print_json(_to_json(found) if found else {"feeds": [], "readers": [], "subscribers": 0})
    elif found is None:
        click.echo(NOTHING_YET)
    else:
        _print(found)
    sys.exit(FINE)


def write_csv(found: Readership | None) -> str:
    """Return a header, and a line for each feed and reader; texts that spreadsheets run are shut.

    A cell that begins with a sign of a formula gets an apostrophe before it: readers choose their
    own names.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(_COLUMNS)
    for one in found.pairs if found else ():
        count = one.count
        lines.writerow(
            (
                found.since.date().isoformat() if found else "",
                found.until.isoformat(timespec="seconds") if found else "",
                _shut(one.feed),
                _shut(one.reader),
                one.subscribers,
                count.polls,
                count.unchanged,
                count.unconditional,
                count.bytes,
                count.missed,
            )
        )
    return text.getvalue()


def _shut(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _to_json(found: Readership) -> dict[str, Any]:
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(timespec="seconds"),
        "subscribers": found.subscribers,
        "feeds": [asdict(one) | {"unchanged_share": one.unchanged_share} for one in found.feeds],
        "readers": [
            asdict(one)
            | {
                "unchanged_share": one.unchanged_share,
                "never_conditional": one.never_conditional,
            }
            for one in found.readers
        ],
    }


def _print(found: Readership) -> None:
    screen = console()
    days = (found.until.date() - found.since.date()).days + 1
    told = f"{found.subscribers:,} subscribers in seven days; polls of the last {days} days (UTC)"
    screen.print(Text(told, style="bold"))
    feeds = make_table("feed", "subscribers", "polls", "304", "sent")
    for one in found.feeds:
        feeds.add_row(*map(Text, (one.name, *_tell_numbers(one))))
    screen.print(feeds)
    if not found.readers:
        screen.print("Nobody has asked for a feed yet.")
        return
    readers = make_table("reader", "subscribers", "polls", "304", "sent", "asks every", "odd")
    for each in found.readers:
        cells = (each.reader, *_tell_numbers(each), _tell_interval(each.interval), _tell_odd(each))
        readers.add_row(*map(Text, cells))
    screen.print(readers)


def _tell_numbers(one: FeedFigures | ReaderFigures) -> tuple[str, str, str, str]:
    share = one.unchanged_share
    return (
        f"{one.subscribers:,}",
        f"{one.polls:,}",
        "-" if share is None else f"{share:.0%}",
        f"{one.bytes / 1_000_000:,.1f} MB",
    )


def _tell_interval(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds / 3600:.1f} h" if seconds >= 5_400 else f"{seconds / 60:.0f} min"


def _tell_odd(one: ReaderFigures) -> str:
    odd = ["never sends conditions"] if one.never_conditional else []
    odd += [f"likely missed {one.missed:,}"] if one.missed else []
    return ", ".join(odd) or "-"

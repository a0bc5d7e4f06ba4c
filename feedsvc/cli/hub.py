"""``feedsvc hub``: who is pushed to, what is owed, and whether a callback would be."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from feedsvc.cli.callback import TRIAL_SECRET, try_callback
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
from feedsvc.config import Config
from feedsvc.service import read_clock
from feedsvc.store import WHOLE_SITE, Store, Subscription

# A page of a list for a person; a program that wants more asks for more.
_SHOWN = 100

_limit_option = click.option(
    "--limit", type=click.IntRange(1), default=_SHOWN, show_default=True, help="How many at most."
)


@click.group()
def hub() -> None:
    """Look after the WebSub hub: its subscriptions, and what is owed to them."""


@hub.command()
@_limit_option
@config_option
@json_option
def subscriptions(limit: int, config_path: Path, as_json: bool) -> None:
    """List who is pushed to, the newest first; secrets are not shown."""
    rows = _read(load(config_path).config, lambda store: _list_subscriptions(store, limit))
    columns = ("topic", "callback", "kind", "since", "until", "signed", "failures", "outcome")
    _show(rows, columns, "Nobody is subscribed.", as_json)


@hub.command()
@_limit_option
@config_option
@json_option
def deliveries(limit: int, config_path: Path, as_json: bool) -> None:
    """List what is owed and not delivered yet, the first due first."""
    rows = _read(load(config_path).config, lambda store: _list_deliveries(store, limit))
    _show(rows, ("topic", "callback", "due", "tries", "outcome"), "Nothing is owed.", as_json)


@hub.command()
@click.option("--host", help="Those whose callbacks are at this host.")
@click.option("--callback", help="Those of this callback.")
@click.option("--failing", is_flag=True, help="Those whose last push failed.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--yes", is_flag=True, help="Do not ask before all of them go.")
@config_option
@json_option
def purge(
    host: str | None,
    callback: str | None,
    failing: bool,
    everything: bool,
    yes: bool,
    config_path: Path,
    as_json: bool,
) -> None:
    """End subscriptions, and what is owed to them; without an option those that have expired.

    Subscribers are not told: their lease would have ended one day, too.
    """
    config, now = load(config_path).config, read_clock()
    chosen = host or callback or failing or everything
    if everything and not yes:
        click.confirm("End every subscription of this site?", abort=True, err=True)
    with opened(config) as store:
        if store is None:
            fail(NOTHING_YET)
        with store.writing() as writer:
            if chosen:
                numbers = [
                    one.number
                    for one in writer.hub.subscriptions()
                    if everything
                    or (host and one.host == host.lower())
                    or (callback and one.callback == callback)
                    or (failing and one.failures)
                ]
                writer.hub.end(numbers)
                count = len(numbers)
            else:
                count = writer.hub.expire(now)
    if as_json:
        print_json({"ended": count})
    else:
        click.echo(f"{count} subscription{'' if count == 1 else 's'} ended.")
    sys.exit(FINE)


@hub.command()
@click.argument("url")
@click.option("--topic", help="The feed's URL that the callback waits for.  [default: all.atom]")
@click.option("--secret", default=TRIAL_SECRET, help="What the push is signed with.")
@config_option
@json_option
def test(url: str, topic: str | None, secret: str, config_path: Path, as_json: bool) -> None:
    """Try the callback URL as the hub would: ask it with a challenge, then push a small feed.

    Nothing is written down, and no server need run. Exits with 1 if anything went wrong.
    """
    config = load(config_path).config
    topic = topic or f"{config.site.base_url}/feeds/{WHOLE_SITE}.atom"
    steps = asyncio.run(try_callback(url, topic, secret, config, read_clock()))
    is_fine = not any(step.why for step in steps)
    if as_json:
        print_json(
            [
                {"step": step.name, "ok": not step.why, "why": step.why, "told": step.told}
                for step in steps
            ]
        )
    else:
        for step in steps:
            click.echo(f"{step.name}: {': '.join(filter(None, (step.why, step.told)))}")
        click.echo("The hub can push to it." if is_fine else "The hub could not push to it.")
    sys.exit(FINE if is_fine else PROBLEMS)


def _read(
    config: Config, list_rows: Callable[[Store], list[dict[str, Any]]]
) -> list[dict[str, Any]] | None:
    """Return the rows of a list; None if there is no store yet."""
    with opened(config) as store:
        return None if store is None else list_rows(store)


def _list_subscriptions(store: Store, limit: int) -> list[dict[str, Any]]:
    with store.reading_hub() as tables:
        return [
            {
                **_describe(one),
                "kind": one.kind,
                "since": _write(one.since),
                "until": _write(one.expires),
                "signed": one.secret is not None,
                "failures": one.failures,
                "outcome": one.outcome,
            }
            for one in tables.subscriptions(limit=limit)
        ]


def _list_deliveries(store: Store, limit: int) -> list[dict[str, Any]]:
    with store.reading_hub() as tables:
        return [
            {**_describe(to), "due": _write(due), "tries": tries, "outcome": to.outcome}
            for to, due, tries in tables.owed(limit)
        ]


def _describe(one: Subscription) -> dict[str, Any]:
    return {"topic": one.topic, "callback": one.callback}


def _write(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _show(
    rows: list[dict[str, Any]] | None, columns: tuple[str, ...], nothing: str, as_json: bool
) -> None:
    if as_json:
        print_json(rows or [])
        return
    if not rows:
        click.echo(NOTHING_YET if rows is None else nothing)
        return
    table = make_table(*columns)
    for row in rows:
        table.add_row(*(Text(_shorten(row[name])) for name in columns))
    console().print(table)


def _shorten(value: object) -> str:
    """Write a cell for a person: moments to the minute, yes and no, a dash for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    is_moment = text[4:5] == "-" and text[10:11] == "T"
    return (text[:16].replace("T", " ") if is_moment else text) or "-"

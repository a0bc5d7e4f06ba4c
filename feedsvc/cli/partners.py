"""``feedsvc partners``, and what ``feedsvc check --partner`` says: who takes the feed, and how."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

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
from feedsvc.cli.peek import open_if_there
from feedsvc.config import Config, PartnerConfig
from feedsvc.partners import Finding, Shaped, url_of
from feedsvc.publication import find_end_of_token, load_polls, shape_partner
from feedsvc.service import read_clock
from feedsvc.store import Store

_NOTHING_YET = "there is nothing to look at yet: feedsvc scan or feedsvc serve makes a beginning"
# A headline in a line for a person.
_TITLE_CHARS = 60


@click.command()
@config_option
@json_option
def partners(config_path: Path, as_json: bool) -> None:
    """List the partners who take the feed: their address, items, limits failed and last poll.

    The address has the partner's token in it: who has it may read the feed.
    """
    config = load(config_path).config
    now = read_clock()
    with _opened(config) as store, one_line_errors():
        polls = load_polls(store) if store else {}
        rows = [
            _describe(one, config, store, polls.get(one.name), now)
            for one in config.partners.values()
        ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Nobody takes the feed: partners are named in the config.")
        return
    table = make_table(
        "partner", "profile", "items", "limits failed", "last poll", "old token", "feed"
    )
    for row in rows:
        until = f"until {_show(row['old_token_until'])}" if row["old_token_until"] else "-"
        cells = (row["name"], row["profile"], row["items"], row["failed"])
        table.add_row(
            *(Text(str(cell)) for cell in (*cells, _show(row["last_poll"]), until, row["url"]))
        )
    console().print(table)


def check_partner(config: Config, name: str, as_json: bool) -> None:
    """Say which of its rules the items for a partner fail; end with 1 if one is refused for it."""
    partner = config.partners.get(name)
    if partner is None:
        known = ", ".join(config.partners) or "none"
        fail(f'there is no partner "{name}" in the config; known are: {known}')
    with _opened(config) as store, one_line_errors():
        if store is None:
            fail(_NOTHING_YET)
        shaped = _shape(partner, store, config)
    if as_json:
        print_json([_to_json(one) for one in shaped.findings])
    else:
        for finding in shaped.findings:
            click.echo(_line_of(finding, partner))
        click.echo(_count(shaped))
    sys.exit(PROBLEMS if any(one.fatal for one in shaped.findings) else FINE)


def _describe(
    partner: PartnerConfig,
    config: Config,
    store: Store | None,
    polled: datetime | None,
    now: datetime,
) -> dict[str, Any]:
    shaped = _shape(partner, store, config) if store else None
    until = find_end_of_token(partner, store, now) if store else None
    return {
        "name": partner.name,
        "profile": partner.profile,
        "url": url_of(config.site.base_url, partner.name, partner.token),
        "items": len(shaped.feed.entries) if shaped else 0,
        "failed": sum(not one.mended for one in shaped.findings) if shaped else 0,
        "refused": sum(one.fatal for one in shaped.findings) if shaped else 0,
        "last_poll": polled.isoformat(timespec="seconds") if polled else None,
        "old_token_until": until.isoformat(timespec="seconds") if until else None,
    }


def _shape(partner: PartnerConfig, store: Store, config: Config) -> Shaped:
    tag = config.site.tag if config.site.id else store.fact("tag") or config.site.tag
    return shape_partner(partner, store, config, tag, read_clock())


def _to_json(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "message": finding.message,
        "id": finding.uid,
        "title": finding.title,
        "fatal": finding.fatal,
        "mended": finding.mended,
    }


def _line_of(finding: Finding, partner: PartnerConfig) -> str:
    if finding.uid:
        of = f'{finding.uid} "{finding.title[:_TITLE_CHARS]}"'
        outcome = "stays out" if finding.fatal else "mended" if finding.mended else "goes out"
    else:
        of = partner.name
        outcome = "refused" if finding.fatal else "mended" if finding.mended else "goes out"
    return f"{of}: {finding.message} [{finding.rule}; {outcome}]"


def _count(shaped: Shaped) -> str:
    out = len({one.uid for one in shaped.findings if one.uid and one.fatal})
    told = len(shaped.retracted)
    withdrawn = f", {told} of them withdrawals" if told else ""
    return f"{len(shaped.feed.entries)} items go out{withdrawn}; {out} stay out"


def _show(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "-"


@contextlib.contextmanager
def _opened(config: Config) -> Iterator[Store | None]:
    store = open_if_there(config)
    try:
        yield store
    finally:
        if store:
            store.close()

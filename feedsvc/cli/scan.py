"""``feedsvc scan``: one pass over the content folder."""

from __future__ import annotations

import signal
import sys

import click
from rich.text import Text

from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    begin_log,
    config_option,
    console,
    json_option,
    load,
    log_option,
    make_table,
    one_line_errors,
    print_json,
    progress_bar,
)
from feedsvc.scan import Report
from feedsvc.service import Service
from feedsvc.store import Problem, StoredEntry


@click.command()
@config_option
@json_option
@click.option(
    "--accept-deletions",
    is_flag=True,
    help="Believe that files are gone, even if more than half of them vanished at once.",
)
@click.option(
    "--as-news",
    is_flag=True,
    help="Take all that is new for news, however old it is and however much came at once. What an "
    "earlier scan, or serve, left out of the live feeds for that is taken back into them: all that "
    "came together when that happened last.",
)
@log_option
def scan(
    config_path: str, as_json: bool, accept_deletions: bool, as_news: bool, log_json: bool
) -> None:
    """Look at the content folder once: take what changed, and publish it.

    Of many articles that come at once, old ones go into archives and onto pages, and not into the
    live feeds (feeds.flood_age, feeds.flood_items), unless --as-news says otherwise.

    Exits with 1 when something needs a person: a file that was refused, a folder that cannot be
    read, deletions that wait to be confirmed.
    """
    begin_log(log_json, quiet=True)
    loaded = load(config_path)  # type: ignore[arg-type]
    end_on_sigterm()
    with one_line_errors():
        service = Service(loaded)
        try:
            service.start()
            if as_news:
                service.take_all_as_news()
            with progress_bar("Reading articles", shown=not as_json) as progress:
                report = service.scan(progress, accept_deletions)
            report = service.finish_pass(report, accept_deletions)
            lifted = service.take_as_news() if as_news else []
            problems = service.store.problems()
            held = service.store.held()
            flood = service.describe_flood(report)
        finally:
            service.close()
    if as_json:
        print_json({**report_to_json(report, problems), **_desk_to_json(held, lifted)})
    else:
        _print_report(report, problems, held)
        if flood:
            click.echo(flood)
        if lifted:
            click.echo(f"{len(lifted)} that had been left out of the live feeds are news now")
    sys.exit(PROBLEMS if problems else FINE)


def end_on_sigterm() -> None:
    """Let SIGTERM end the command in order, its worker processes too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def report_to_json(report: Report, problems: list[Problem]) -> dict[str, object]:
    """Return what a scan did as a program reads it."""
    out = report.outcome
    return {
        "seen": report.seen,
        "new": out.new,
        "changed": out.changed,
        "moved": [{"from": old, "to": new} for old, new in out.moved],
        "gone": out.gone,
        "cleaned": report.cleaned,
        "copies": [{"path": path, "of": lead} for path, lead in out.copies],
        "refused": [{"path": path, "reason": why} for path, why in sorted(out.refused.items())],
        "unfiled": out.unfiled,
        "quiet": [*out.flood.old, *out.flood.beyond, *out.flood.sooner],
        "halted": report.halted,
        "problems": [{"path": one.path, "message": one.message} for one in problems],
    }


def _desk_to_json(held: list[StoredEntry], lifted: list[str]) -> dict[str, object]:
    return {
        "held": [
            {"path": one.path, "until": one.held_until.isoformat() if one.held_until else None}
            for one in held
        ],
        "as_news": lifted,
    }


def _print_report(report: Report, problems: list[Problem], held: list[StoredEntry]) -> None:
    out, screen = report.outcome, console()
    table = make_table("", "articles", "")
    rows: list[tuple[str, list[str]]] = [
        ("new", out.new),
        ("changed", out.changed),
        ("moved", [f"{old} -> {new}" for old, new in out.moved]),
        ("gone", out.gone),
        ("cleaned again", report.cleaned),
        ("copies", [f"{path}: the same story as {lead}, which leads" for path, lead in out.copies]),
        ("refused", [f"{path}: {why}" for path, why in sorted(out.refused.items())]),
        ("unfiled", out.unfiled),
        ("held back", [f"{one.path}: until {one.held_until:%Y-%m-%d %H:%M:%S}" for one in held]),
    ]
    for name, paths in rows:
        shown = paths[:5] + ([f"... and {len(paths) - 5} more"] if len(paths) > 5 else [])
        table.add_row(name, str(len(paths)), Text("\n".join(shown)))
    screen.print(f"{report.seen} files seen")
    screen.print(table)
    for problem in problems:
        if problem.path not in out.refused:
            screen.print(Text(f"{problem.path}: {problem.message}"))

"""``feedsvc scan``: one pass over the content folder."""

from __future__ import annotations

import signal
import sys

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
    progress_bar,
)
from feedsvc.scan import Report
from feedsvc.service import Service
from feedsvc.store import Problem


@click.command()
@config_option
@json_option
@click.option(
    "--accept-deletions",
    is_flag=True,
    help="Believe that files are gone, even if more than half of them vanished at once.",
)
def scan(config_path: str, as_json: bool, accept_deletions: bool) -> None:
    """Look at the content folder once: take what changed, and publish it.

    Exits with 1 when something needs a person: a file that was refused, a folder that cannot be
    read, deletions that wait to be confirmed.
    """
    loaded = load(config_path)  # type: ignore[arg-type]
    end_on_sigterm()
    with one_line_errors():
        service = Service(loaded)
        try:
            service.start()
            with progress_bar("Reading articles", shown=not as_json) as progress:
                report = service.scan(progress, accept_deletions)
            report = service.finish_pass(report, accept_deletions)
            problems = service.store.problems()
        finally:
            service.close()
    if as_json:
        print_json(report_to_json(report, problems))
    else:
        _print_report(report, problems)
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
        "refused": [{"path": path, "reason": why} for path, why in sorted(out.refused.items())],
        "unfiled": out.unfiled,
        "halted": report.halted,
        "problems": [{"path": one.path, "message": one.message} for one in problems],
    }


def _print_report(report: Report, problems: list[Problem]) -> None:
    out, screen = report.outcome, console()
    table = make_table("", "articles", "")
    rows: list[tuple[str, list[str]]] = [
        ("new", out.new),
        ("changed", out.changed),
        ("moved", [f"{old} -> {new}" for old, new in out.moved]),
        ("gone", out.gone),
        ("cleaned again", report.cleaned),
        ("refused", [f"{path}: {why}" for path, why in sorted(out.refused.items())]),
        ("unfiled", out.unfiled),
    ]
    for name, paths in rows:
        shown = paths[:5] + ([f"... and {len(paths) - 5} more"] if len(paths) > 5 else [])
        table.add_row(name, str(len(paths)), Text("\n".join(shown)))
    screen.print(f"{report.seen} files seen")
    screen.print(table)
    for problem in problems:
        if problem.path not in out.refused:
            screen.print(Text(f"{problem.path}: {problem.message}"))

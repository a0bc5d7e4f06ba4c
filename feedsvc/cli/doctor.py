"""``feedsvc doctor``: is everything well, and if not, what to do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    config_option,
    json_option,
    load,
    one_line_errors,
    print_json,
)
from feedsvc.doctor import FAULT, OK, WARNING, Finding, examine_site
from feedsvc.service import Service, read_clock
from feedsvc.store import mend_store

_COLOURS = {OK: "green", WARNING: "yellow", FAULT: "red"}


@click.command()
@click.option("--fix", is_flag=True, help="Delete rows of the store that nothing leads to.")
@config_option
@json_option
def doctor(fix: bool, config_path: Path, as_json: bool) -> None:
    """Look whether everything is well: config, store, content, machine, and the way to readers.

    Each finding says what to do. Nothing is written, unless by --fix, which deletes rows of the
    store that nothing leads to and builds the feeds that had them again; nothing else. Run it as
    the user that runs feedsvc. Exits with 1 if there is a finding.
    """
    mended = _mend(config_path) if fix else {}
    found: list[Finding] = []
    if mended and not as_json:
        rows = ", ".join(f"{count} of {name}" for name, count in mended.items())
        click.echo(f"mended: rows deleted: {rows}")
    elif fix and not as_json:
        click.echo("mended: nothing was to be mended")
    for finding in examine_site(config_path, os.environ, read_clock):
        found.append(finding)
        if not as_json:
            _tell(finding)
    is_fine = not any(finding.is_bad for finding in found)
    if as_json:
        checks = [
            {"check": one.check, "state": one.state, "what": one.what, "fix": one.fix}
            for one in found
        ]
        print_json({"fine": is_fine, "checks": checks, "mended": mended})
    sys.exit(FINE if is_fine else PROBLEMS)


def _mend(config_path: Path) -> dict[str, int]:
    loaded = load(config_path)
    with one_line_errors():
        mended = mend_store(loaded.config.store.url)
        if mended:
            service = Service(loaded)
            try:
                service.publish_all()
            finally:
                service.close()
    return mended


def _tell(finding: Finding) -> None:
    state = click.style(f"{finding.state:<8}", fg=_COLOURS[finding.state])
    click.echo(f"{state} {finding.check}: {_one_line(finding.what)}")
    if finding.fix:
        click.echo(f"         -> {finding.fix}")


def _one_line(text: str) -> str:
    """Return text that may have come from a file's name, or from another server."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))

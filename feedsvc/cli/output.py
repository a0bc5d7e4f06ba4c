"""How commands speak: tables and progress for people, JSON for programs, one line for errors."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import click
import orjson
from rich.console import Console
from rich.table import Table

from feedsvc.config import LoadedConfig, load_config
from feedsvc.errors import ConfigError, Fault, FeedsvcError
from feedsvc.logs import FORM_VARIABLE, JSON_FORM, get_log, is_json, start_log, wants_json

log = get_log(__name__)

FINE, PROBLEMS, WRONG_USE = 0, 1, 2

# Wide enough for any row that has a use; a program that wants more asks for JSON.
_PIPE_COLUMNS = 500

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("config.yaml"),
    envvar="FEEDSVC_CONFIG",
    show_default=True,
    help="The site's config file.",
)
log_option = click.option(
    "--log-json",
    is_flag=True,
    help=f"Log one JSON object a line; so does the environment's {FORM_VARIABLE}={JSON_FORM}.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")


def console() -> Console:
    """Return the console for people; where it is a pipe, a row of a table is one line."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, soft_wrap=True, width=_PIPE_COLUMNS)


def load(path: Path) -> LoadedConfig:
    """Read the config; end with every fault, one a line, and exit code 2 when it has any."""
    try:
        return load_config(path, os.environ)
    except ConfigError as error:
        for fault in error.faults:
            if is_json():
                log.error("config refused", **fault.keys())
            else:
                click.echo(str(fault), err=True)
        sys.exit(WRONG_USE)


def begin_log(as_json: bool, quiet: bool = False) -> None:
    """Log in the form that the command line or the environment asks for; so do its processes.

    ``quiet`` is for commands that tell people by themselves what they did.
    """
    wanted = os.environ.get(FORM_VARIABLE, "")
    if wanted.strip().lower() not in ("", JSON_FORM):
        fail(f'{FORM_VARIABLE} is "{wanted}": write {JSON_FORM}, or leave it out')
    if as_json := as_json or wants_json(os.environ):
        os.environ[FORM_VARIABLE] = JSON_FORM
    start_log(as_json, logging.WARNING if quiet and not as_json else logging.INFO)


def fail(message: str) -> NoReturn:
    """Say in one line why nothing was done, and end with exit code 2."""
    message = " ".join(message.split())
    if is_json():
        log.error("nothing was done", why=message)
    else:
        click.echo(f"feedsvc: {message}", err=True)
    sys.exit(WRONG_USE)


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn our own errors, which are for people, into one line and exit code 2."""
    try:
        yield
    except FeedsvcError as error:
        fail(str(error))


@contextlib.contextmanager
def refused_edits() -> Iterator[None]:
    """Say why an edit of the config is refused: its faults, one a line; end with exit code 2."""
    with one_line_errors():
        try:
            yield
        except ConfigError as error:
            for fault in error.faults:
                click.echo(str(fault), err=True)
            fail("the config was not changed")


def print_json(value: Any) -> None:
    """Print a value as JSON, readable and in UTF-8."""
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.flush()


def make_table(*columns: str) -> Table:
    """Return an empty table with a plain look; cells are text, never markup."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """Return a fault as a program reads it."""
    return {
        "file": fault.file,
        "line": fault.line,
        "key": fault.key,
        "message": fault.message,
        "hint": fault.hint,
        "warning": fault.warning,
    }


@contextlib.contextmanager
def progress_bar(title: str, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on a terminal; elsewhere nothing, so that pipes stay clean."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)

"""``feedsvc backup`` and ``feedsvc restore``: a site in one file, and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from feedsvc.backup import Made, Restored, make_backup, restore_backup
from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    config_option,
    fail,
    json_option,
    load,
    one_line_errors,
    print_json,
    progress_bar,
)
from feedsvc.service import read_clock

# Of what was left out, so many for a person; --json has all.
_SHOWN = 10

_WITHOUT_CONTENT = (
    "The articles are not in it: copy the content folder as well (rsync -a, or --content)."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--content", is_flag=True, help="Put the files of the content folder in, too.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@config_option
@json_option
def backup(file: Path, content: bool, force: bool, config_path: Path, as_json: bool) -> None:
    """Write the site to FILE: its store, its config and its hub's key, all of one moment.

    feedsvc serve may run meanwhile. FILE is a zip that only you can read, since the key and
    partners' tokens are in it; - is standard output. Exits with 1 if files were left out.
    """
    to_stdout = str(file) == "-"
    if to_stdout and as_json:
        fail("with - the backup itself goes to standard output: leave out --json")
    if to_stdout and sys.stdout.isatty():
        fail("a backup is no text for a terminal: name a file, or send it through a pipe")
    loaded = load(config_path)
    with one_line_errors(), progress_bar("Copying the store", shown=True) as progress:
        made = make_backup(
            loaded,
            None if to_stdout else file,
            read_clock(),
            force=force,
            content=content,
            progress=progress,
        )
    if as_json:
        print_json({"file": str(file), **_describe(made)})
    else:
        _tell(made, file, to_stdout, content)
    sys.exit(PROBLEMS if made.left_out else FINE)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is there; it is kept beside.")
@config_option
@json_option
def restore(file: Path, force: bool, config_path: Path, as_json: bool) -> None:
    """Put the backup FILE back: its config at --config, store and key where that says.

    The whole backup is checked first. Nothing may have the store open: end feedsvc serve before.
    """
    with one_line_errors():
        restored = restore_backup(file, config_path, os.environ, read_clock(), force)
    if as_json:
        print_json(
            {
                "site": restored.manifest.site,
                "made": restored.manifest.made.isoformat(),
                "placed": {name: str(path) for name, path in restored.placed.items()},
                "kept": {str(path): str(kept) for path, kept in restored.kept.items()},
                "without_content": restored.without_content,
            }
        )
    else:
        _tell_restored(restored, config_path)
    sys.exit(FINE)


def _describe(made: Made) -> dict[str, object]:
    manifest = made.manifest
    return {
        "bytes": made.size,
        "made": manifest.made.isoformat(),
        "site": manifest.site,
        "form": manifest.form,
        "members": {name: one.size for name, one in manifest.members.items()},
        "left_out": made.left_out,
    }


def _tell(made: Made, file: Path, to_stdout: bool, content: bool) -> None:
    """Say what was made, where it does not get into a pipe."""
    parts = [name for name in made.manifest.members if "/" not in name]
    what = ", ".join(parts)
    if content:
        what += f" and {len(made.manifest.content)} content files"
    size = "" if to_stdout else f" ({made.size / 1e6:.1f} MB)"
    click.echo(f"{file}{size}: {what}", err=to_stdout)
    if not content:
        click.echo(_WITHOUT_CONTENT, err=to_stdout)
    for path, why in list(made.left_out.items())[:_SHOWN]:
        click.echo(f"left out: {path} {why}", err=True)
    if len(made.left_out) > _SHOWN:
        click.echo(f"left out: {len(made.left_out) - _SHOWN} more", err=True)


def _tell_restored(restored: Restored, config_path: Path) -> None:
    manifest = restored.manifest
    click.echo(f"The site {manifest.site} is as it was on {manifest.made:%Y-%m-%d %H:%M} UTC.")
    for name, path in restored.placed.items():
        click.echo(f"  {name.rstrip('/'):<12} {path}")
    for path, kept in restored.kept.items():
        click.echo(f"  before       {path} is kept as {kept.name}")
    if restored.without_content:
        click.echo(
            "warning: the content folder is missing or empty; put the articles back before you "
            "start feedsvc, or it takes them for deleted",
            err=True,
        )
    click.echo(f"Next: feedsvc serve --config {config_path}")

"""``feedsvc init``: a new site, ready to serve."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import click

from feedsvc.cli.output import fail


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Make a new site in DIRECTORY: a commented config.yaml and a first article."""
    templates = files("feedsvc.cli") / "site"
    wanted = {
        directory / "config.yaml": "config.yaml",
        directory / "content" / "welcome.md": "welcome.md",
    }
    for target in wanted:
        if target.exists():
            fail(f"{target} exists already: nothing was changed")
    try:
        for target, name in wanted.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (templates / name).read_text(encoding="utf-8")
            target.write_text(text.replace("{today}", f"{date.today()}"), encoding="utf-8")
    except OSError as error:
        fail(f"{directory} cannot be written: {error.strerror}")
    click.echo(f"A new site is in {directory}. Next:")
    click.echo(f"  feedsvc serve --config {directory / 'config.yaml'}")

"""``feedsvc section``: adding, renaming and removing sections in config.yaml."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from feedsvc.cli.output import (
    FINE,
    config_option,
    fault_to_json,
    json_option,
    load,
    print_json,
    refused_edits,
)
from feedsvc.config import (
    Config,
    Edit,
    LoadedConfig,
    add_section,
    edit_config,
    remove_section,
    rename_section,
)
from feedsvc.errors import ContentFolderError
from feedsvc.filing import fold_path
from feedsvc.ingest import SUFFIXES
from feedsvc.render import FORMATS
from feedsvc.scan import open_source


@click.group()
def section() -> None:
    """Add, rename or remove a section: edits config.yaml, and keeps what else stands in it.

    A running feedsvc has the change in force within two seconds. What would be a fault is refused,
    and nothing is written.
    """


def _words_option(name: str, what: str) -> Callable[[Any], Any]:
    return click.option(
        f"--{name}", name, metavar="WORDS", multiple=True, help=f"{what}; several, or with commas."
    )


@section.command()
@click.argument("name")
@click.option("--title", default="", help="What readers see. [default: the name]")
@click.option("--description", default="", help="One sentence.")
@_words_option("keywords", "Words that its articles use")
@_words_option("folders", "Folders whose articles it takes")
@_words_option("any", "Takes an article in which one of these is found")
@_words_option("all", "Takes an article in which all of these are found")
@_words_option("none", "Takes no article in which one of these is found")
@config_option
@json_option
def add(
    name: str, title: str, description: str, config_path: Path, as_json: bool, **words: Any
) -> None:
    """Add a section NAME, which stands in the addresses of its feeds: a-z, 0-9, - and _.

    It is filled with the past articles that belong there.
    """
    body: dict[str, Any] = {}
    if title:
        body["title"] = title
    if description:
        body["description"] = description
    order = ("folders", "any", "all", "none", "keywords")
    match = {key: list(listed) for key in order if (listed := _split(words[key], key))}
    if match:
        body["match"] = match
    if body and not title:
        body = {"title": name.capitalize(), **body}
    edit, loaded = _edit(config_path, lambda text: add_section(text, name, body))
    _report("added", name, name, edit, loaded, as_json)


@section.command()
@click.argument("old")
@click.argument("new")
@config_option
@json_option
def rename(old: str, new: str, config_path: Path, as_json: bool) -> None:
    """Call the section OLD by the name NEW: all its old addresses lead to the new ones.

    The ids of its articles stay, so no reader sees anything twice.
    """
    folder = lies_in_folder(load(config_path).config, old)
    edit, loaded = _edit(config_path, lambda text: rename_section(text, old, new, folder))
    _report("renamed", old, new, edit, loaded, as_json)


@section.command()
@click.argument("name")
@config_option
@json_option
def remove(name: str, config_path: Path, as_json: bool) -> None:
    """Remove the section NAME: its addresses answer 410, so that readers stop asking.

    Its articles stay in the feed of the whole site, and go where else they belong.
    """
    edit, loaded = _edit(config_path, lambda text: remove_section(text, name))
    _report("removed", name, "", edit, loaded, as_json)


def lies_in_folder(config: Config, name: str) -> bool:
    """Whether articles lie in a folder that a section claims by its name alone."""
    section = config.sections.get(name)
    if section is None or section.match.folders:
        return False
    try:
        listing = open_source(config.content.folder).list_files(SUFFIXES)
    except ContentFolderError:
        return True  # nobody can tell; claiming a folder that is not there does no harm
    return any(
        names and fold_path(name)[0] in fold_path(path) for path, names in listing.folders.items()
    )


def _split(words: tuple[str, ...], key: str) -> list[str]:
    """Return words as they are meant: commas part them, but not within a /regular expression/."""
    listed: dict[str, None] = {}
    for each in words:
        pattern = key in ("any", "all", "none") and len(each) > 2 and each[0] == each[-1] == "/"
        parts = [each] if pattern else each.split(",")
        listed.update((part.strip(), None) for part in parts if part.strip())
    return list(listed)


def _edit(path: Path, change: Callable[[str], Edit]) -> tuple[Edit, LoadedConfig]:
    with refused_edits():
        return edit_config(path, os.environ, change)


def _report(
    what: str, name: str, now: str, edit: Edit, loaded: LoadedConfig, as_json: bool
) -> None:
    base = loaded.config.site.base_url
    feeds = {form.suffix: f"{base}/feeds/{now}.{form.suffix}" for form in FORMATS.values()}
    if as_json:
        warnings = [fault_to_json(one) for one in loaded.warnings]
        facts = {"action": what, "section": name, "now": now, "file": str(loaded.path)}
        more = {"notes": edit.notes, "feeds": feeds if now else {}, "warnings": warnings}
        print_json(facts | more)
        sys.exit(FINE)
    renamed = f" {now}" if now and now != name else ""
    click.echo(f"{loaded.path}: {what} {name}{' to' if renamed else ''}{renamed}")
    for note in edit.notes:
        click.echo(f"  {note}")
    if now:
        click.echo(f"  its feeds: {', '.join(feeds.values())}")
    click.echo("A running feedsvc has it in force within two seconds.")
    sys.exit(FINE)

"""``feedsvc check``: every fault of the config and the content, before anybody else sees it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from feedsvc.cli.diff import show_difference
from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    config_option,
    fail,
    fault_to_json,
    json_option,
    load,
    print_json,
    progress_bar,
)
from feedsvc.cli.partners import check_partner
from feedsvc.cli.peek import open_if_there
from feedsvc.cli.podcasts import find_podcast_faults, judge_episode, list_filed
from feedsvc.config import Config, LoadedConfig, load_config
from feedsvc.errors import ConfigError, ContentFolderError, Fault
from feedsvc.filing import compile_rules
from feedsvc.ingest import SUFFIXES, find_troubles, reading_for
from feedsvc.scan import Desk, Progress, find_tag_fault, open_source, take_file
from feedsvc.service import read_clock


@click.command()
@click.option("--partner", metavar="NAME", help="Say which limits the items for a partner fail.")
@click.option("--diff", is_flag=True, help="Say what the config would change, if it was in force.")
@click.option("--yes", is_flag=True, help="With --diff: allow that ids change (site.id).")
@config_option
@json_option
def check(partner: str | None, diff: bool, yes: bool, config_path: Path, as_json: bool) -> None:
    """Report every fault of the config and of the articles, with its line.

    Reads only. Exits with 1 when there is a fault; warnings alone exit with 0. With --diff it says
    what the config would change: sections, addresses, articles that move, ids. That exits with 1
    if addresses would answer 404, and with 2 if ids would change without --yes.
    """
    if yes and not diff:
        fail("--yes allows what --diff shows: write both")
    if diff and partner is not None:
        fail("write --diff or --partner: not both")
    if partner is not None:
        check_partner(load(config_path).config, partner, as_json)
    try:
        loaded = load_config(config_path, os.environ)
    except ConfigError as error:
        faults = list(error.faults)
    else:
        if diff:
            show_difference(loaded, yes, as_json)
        faults = list(loaded.warnings)
        with progress_bar("Reading articles", shown=not as_json) as progress:
            faults += find_changed_ids(loaded)
            faults += find_lost_sections(loaded.config, config_path.name)
            faults += find_podcast_faults(loaded.config, config_path.name)
            faults += find_content_faults(loaded.config, progress)
    if as_json:
        print_json([fault_to_json(fault) for fault in faults])
    else:
        for fault in faults:
            click.echo(f"{'warning: ' if fault.warning else ''}{fault}")
        wrong = sum(not fault.warning for fault in faults)
        counts = f"{_count(wrong, 'fault')}, {_count(len(faults) - wrong, 'warning')}"
        click.echo(counts if faults else "All is well.")
    sys.exit(PROBLEMS if any(not fault.warning for fault in faults) else FINE)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def find_changed_ids(loaded: LoadedConfig) -> Iterator[Fault]:
    """Yield the fault of a ``site.id`` that is another than it was."""
    store = open_if_there(loaded.config)
    if store is None:
        return
    try:
        if fault := find_tag_fault(store, loaded):
            yield fault
    finally:
        store.close()


def find_lost_sections(config: Config, file: str) -> Iterator[Fault]:
    """Yield the sections that readers know and that the config says nothing of any more (F27)."""
    store = open_if_there(config)
    if store is None:
        return
    try:
        names = orjson.loads(store.fact("section_names") or "[]")
    finally:
        store.close()
    told = {old for section in config.sections.values() for old in section.moved_from}
    for name in names:
        if name not in {*config.sections, *told, *config.removed}:
            message = f'the section "{name}" was published, and its addresses now answer 404'
            hint = f"write moved_from: [{name}] in the section in its place, or removed: [{name}]"
            yield Fault(file, 0, "sections", message, hint)


def find_content_faults(config: Config, progress: Progress | None = None) -> Iterator[Fault]:
    """Yield what is wrong with the articles in the content folder, file by file."""
    root = config.content.folder
    source = open_source(root)
    try:
        listing = source.list_files(SUFFIXES)
    except ContentFolderError as error:
        yield Fault(str(root), 0, "content.folder", str(error))
        return
    for path, reason in sorted((listing.failed | listing.refused).items()):
        yield Fault(path, 0, "", reason)
    now = read_clock()
    desk = Desk(
        source, 0.0, config.content.max_bytes, reading_for(config, now), compile_rules(config)
    )
    paths = sorted(
        f"{folder}/{name}" if folder else name
        for folder, names in listing.folders.items()
        for name in names
    )
    filed = list_filed(config, now)
    owners: dict[str, str] = {}
    for number, path in enumerate(paths, 1):
        taken = take_file(listing.raw.get(path, path), desk, now)
        if progress:
            progress(number, len(paths))
        if taken.refused:
            yield Fault(path, 0, "", taken.refused)
        if taken.article is None:
            continue
        for note in taken.article.notes:
            yield Fault(path, note.line, note.key, note.message, note.hint, note.warning)
        media = {file.path: file for file in taken.media}
        for field, trouble in find_troubles(taken.article, path, media):
            yield Fault(path, 0, field, trouble)
        sections = taken.filing.sections if taken.filing else filed.get(path, ())
        yield from judge_episode(path, taken.article, sections, config)
        key = taken.article.key
        if key and owners.setdefault(key, path) != path:
            message = f'has the same id ("{key}") as {owners[key]}'
            yield Fault(path, 0, "id", message, "give one of them another id")

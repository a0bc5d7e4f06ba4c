"""``feedsvc file``: correcting where an article is filed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from feedsvc.cli.articles import find_article, name_user
from feedsvc.cli.output import (
    FINE,
    config_option,
    fail,
    json_option,
    load,
    one_line_errors,
    print_json,
)
from feedsvc.cli.peek import is_missing
from feedsvc.cli.story import tell_copies
from feedsvc.config import Config
from feedsvc.filing import compile_rules, fold_name
from feedsvc.scan import AGAIN_MOST, Correction
from feedsvc.service import Service
from feedsvc.store import State


@click.command()
@click.argument("article")
@click.argument("sections", nargs=-1)
@click.option("--auto", is_flag=True, help="Take a correction back: feedsvc decides again.")
@config_option
@json_option
def file(
    article: str, sections: tuple[str, ...], auto: bool, config_path: Path, as_json: bool
) -> None:
    """File ARTICLE in SECTIONS, whatever its file, its folder and the rules say.

    ARTICLE is a file of the content folder, an id, or the address of the article's page; the first
    of SECTIONS (names or titles) is its primary one. This is learned from at once, and the newest
    200 articles that are unfiled or unsure are decided again. It holds until --auto takes it back;
    the audit log has a line.
    """
    loaded = load(config_path)
    if auto and sections:
        fail("write sections, or --auto: not both")
    if not auto and not sections:
        fail(f"write at least one section, or --auto; there are: {_list(loaded.config)}")
    names = _read_sections(sections, loaded.config)
    if is_missing(loaded.config):
        fail("nothing was recorded yet: run feedsvc scan or feedsvc serve first")
    with one_line_errors():
        service = Service(loaded)
        try:
            entry = find_article(service, article)
            if entry.state is State.GONE:
                fail(f"{entry.path} was deleted: there is nothing to file")
            if auto and not entry.corrected:
                fail(f"{entry.path} was not filed by this command")
            done = service.correct(entry, names, name_user())
            copies = service.store.copies_of(entry.uid)
        finally:
            service.close()
    if as_json:
        print_json({**_to_json(done), "copies": copies})
    else:
        _print(done, copies)
    sys.exit(FINE)


def _read_sections(written: tuple[str, ...], config: Config) -> tuple[str, ...]:
    """Return the names of sections as the config has them, each once."""
    known = compile_rules(config).names
    found: dict[str, None] = {}
    for name in written:
        if fold_name(name) not in known:
            close = [known[one] for one in get_close_matches(fold_name(name), known)]
            hint = f"did you mean {' or '.join(dict.fromkeys(close))}? " if close else ""
            fail(f'"{name}" is no section here; {hint}there are: {_list(config)}')
        found[known[fold_name(name)]] = None
    return tuple(found)


def _list(config: Config) -> str:
    return ", ".join(config.sections) or "none"


def _to_json(done: Correction) -> dict[str, object]:
    entry = done.entry
    return {
        "path": entry.path,
        "id": entry.id,
        "title": entry.article.title,
        "status": entry.state.value,
        "sections": entry.filing.sections,
        "before": done.before.filing.sections,
        "corrected": bool(entry.corrected),
        "decided_again": done.again,
        "moved": done.moved,
    }


def _print(done: Correction, copies: Sequence[str]) -> None:
    was, stands = (
        ", ".join(one.filing.sections) or "no section" for one in (done.before, done.entry)
    )
    how = "filed in" if done.entry.corrected else "not corrected any more: it is in"
    click.echo(f"{done.entry.path}: {how} {stands} (before: {was})")
    if told := tell_copies(copies):
        click.echo(told)
    if done.again:
        most = " (the newest)" if done.again == AGAIN_MOST else ""
        click.echo(
            f"unfiled or unsure articles that were decided again: {done.again}{most}; "
            f"of these moved: {len(done.moved)}"
        )
    for path in done.moved[:5]:
        click.echo(f"  {path}")
    if len(done.moved) > 5:
        click.echo(f"  ... and {len(done.moved) - 5} more")

"""``feedsvc withdraw``: taking an article back."""

from __future__ import annotations

import sys
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
from feedsvc.cli.story import tell_copies
from feedsvc.service import Service


@click.command()
@click.argument("article")
@click.option("--reason", default="", help="Why, for the audit log; readers do not see it.")
@click.option("--undo", is_flag=True, help="Take the withdrawal back: its file counts again.")
@config_option
@json_option
def withdraw(article: str, reason: str, undo: bool, config_path: Path, as_json: bool) -> None:
    """Take ARTICLE out of every feed and page at once, whatever its file says.

    ARTICLE is a file of the content folder, an id, or the address of the article's page. Readers
    of Atom are told that it is gone, its page answers 410, and the audit log has a line.
    """
    loaded = load(config_path)
    with one_line_errors():
        service = Service(loaded)
        try:
            entry = find_article(service, article)
            if undo and not entry.withheld:
                fail(f"{entry.path} was not withdrawn by this command")
            who = name_user()
            if undo:
                entry = service.restore(entry, who, reason)
            elif not entry.withheld:
                entry = service.withdraw(entry, who, reason)
            copies = service.store.copies_of(entry.uid)
        finally:
            service.close()
    if as_json:
        facts = {"path": entry.path, "id": entry.id, "title": entry.article.title}
        state = {"status": entry.state.value, "withdrawn": entry.withheld}
        print_json({**facts, **state, "copies": copies})
    else:
        what = "withdrawn" if entry.withheld else f"not withdrawn any more: {entry.state.value}"
        click.echo(f"{entry.path}: {what}")
        if told := tell_copies(copies):
            click.echo(told)
    sys.exit(FINE)

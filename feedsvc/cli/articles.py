"""Which article a person means, and who that person is."""

from __future__ import annotations

import getpass
import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from feedsvc.cli.output import fail
from feedsvc.service import Service
from feedsvc.store import Store, StoredEntry

# Comparing a name with all others takes some 10 microseconds each.
_COMPARED_MOST = 50_000


def find_article(service: Service, article: str) -> StoredEntry:
    """Return what a path, an id or a page's address means; end with one line if that is nothing."""
    root = service.config.content.folder
    file = Path(article)
    names = [
        place.relative_to(top).as_posix()
        for place in (file.absolute(), file.absolute().resolve())
        for top in ((root.absolute(), root.resolve()) if isinstance(root, Path) else ())
        if place.is_relative_to(top)
    ]
    for name in (article, *names):
        if entry := service.find_entry(name):
            return entry
    close = _find_close(names[0] if names else article, service.store)
    hint = f"did you mean {' or '.join(close)}?" if close else "see: feedsvc sections"
    return fail(f"{article}: no article has this path, id or address; {hint}")


def name_user() -> str:
    """Return the name of who runs this command, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user often has no name
        return f"user {os.getuid()}"


def _find_close(name: str, store: Store) -> list[str]:
    """Return up to three paths that have its file name elsewhere, or are nearly this one."""
    known = (path for path, file in store.files().items() if file.uid and file.size >= 0)
    paths = list(islice(known, _COMPARED_MOST))
    tail = "/" + name.rpartition("/")[2]
    return [path for path in paths if f"/{path}".endswith(tail)][:3] or get_close_matches(
        name, paths
    )

"""What needs a person: what a scan reported, and what can be seen from the store as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from feedsvc.ingest import find_troubles
from feedsvc.scan.report import CONFLICT, FOLDER, REFUSED, UNLISTED, UNREADABLE
from feedsvc.store import Problem, Store

# A problem of the config.
CONFIG = "config"
# A picture or a recording that an article names.
MEDIA = "media"
# A cache in front of the site that does not forget what it is told to.
CACHE = "cache"
# An article that no section took.
UNFILED = "unfiled"

# A list for a person: who has more unfiled articles than this has another problem than each one.
UNFILED_SHOWN = 200

_ADVICE = {
    CACHE: "Let the cache take purges from this machine (docs/cdn.md); it is tried again.",
    CONFIG: "Mend the line and save the file: until then the config before it stays in force.",
    CONFLICT: "Give one of the two files another id, or delete one; it is then read by itself.",
    FOLDER: "Bring the files back, or say that they are gone for good; what is published stays.",
    MEDIA: "Put the file where the article names it, or correct its name in the article.",
    REFUSED: "Mend the file and save it: it is read again by itself; nothing waits for it.",
    UNFILED: "Choose a section for it; or add words to a section's keywords in the config.",
    UNLISTED: "Rename the file, or copy it in place of the link; it is then read by itself.",
    UNREADABLE: "Give feedsvc the right to read the file; it is tried again by itself.",
}


def list_problems(store: Store, now: datetime, has_sections: bool) -> list[Problem]:
    """Return all that needs a person: what was reported, then media files, then unfiled articles.

    Where there is no section, nothing can be unfiled. Raises StoreError.
    """
    found = [*store.problems(), *_list_media_problems(store)]
    unfiled = store.unfiled(now, UNFILED_SHOWN) if has_sections else []
    for entry in unfiled:
        why = entry.filing.why or "no section was found for it"
        message = f'unfiled: "{entry.article.title[:80]}": {why}'
        found.append(Problem(entry.path, UNFILED, message, entry.published))
    return found


def report_problem(store: Store, path: str, kind: str, trouble: str, now: datetime) -> None:
    """Report what is wrong with ``path``, of that kind; an empty ``trouble`` takes it back.

    Raises StoreError.
    """
    if trouble:
        with store.writing() as writer:
            writer.put_problem(path, kind, trouble, now)
    elif any(one.kind == kind and one.path == path for one in store.problems()):
        with store.writing() as writer:
            writer.clear_problems([path])


def advise(problem: Problem) -> str:
    """Return what to do about a problem, in a sentence."""
    return _ADVICE.get(problem.kind, "")


def _list_media_problems(store: Store) -> Iterator[Problem]:
    """Yield what is wrong with media files; derived, so that it is gone once it is mended."""
    entries = store.troubled()
    media = store.media_of([entry.uid for entry in entries])
    for entry in entries:
        for field, trouble in find_troubles(entry.article, entry.path, media):
            yield Problem(entry.path, MEDIA, f"{field}: {trouble}", entry.updated)

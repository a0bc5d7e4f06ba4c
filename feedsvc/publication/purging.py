"""What each cache in front of the site has to forget of what was published just now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from feedsvc.config import Config
from feedsvc.config.purging import PurgeConfig
from feedsvc.partners import PREFIX
from feedsvc.publication.feeds import page_path
from feedsvc.render import FORMATS
from feedsvc.store import CACHES_FACT, Store, Writer
from feedsvc.surrogates import ARTICLES, MEDIA, SITE, keys_of

# More pages than this at once are a config's change, or a bulk: telling of each would take longer
# than the pages' own age, so a cache is told the key of them all, or nothing.
_PAGES_MOST = 2_000

_ARTICLE, _MEDIA = "/articles/", "/media/"


def put_caches_in_force(store: Store, config: Config) -> None:
    """Owe nothing any more to caches that a new config does not name, and begin to note for others.

    Raises StoreError.
    """
    caches = {one.id for one in config.purge}
    named = " ".join(sorted(caches))
    if store.fact(CACHES_FACT) == named:
        return
    with store.writing() as writer:
        writer.put_fact(CACHES_FACT, named)
        writer.purges.drop_all_but(caches)


def owe_purges(
    writer: Writer, config: Config, paths: Collection[str], renewed: bool, now: datetime
) -> None:
    """Let every cache of the config forget ``paths``, and all that was noted meanwhile.

    ``renewed`` says that a new config makes everything look otherwise.
    """
    if not config.purge:
        return
    touched = writer.purges.take_touched()
    many = sum(path.startswith((_ARTICLE, _MEDIA)) for path in touched) > _PAGES_MOST
    if many:
        touched = [path for path in touched if not path.startswith((_ARTICLE, _MEDIA))]
    named = [*list_public(paths), *_name_all(writer, touched)]
    for cache in config.purge:
        targets = find_targets(cache, named)
        if cache.by_key and renewed:
            targets = {SITE}
        elif cache.by_key and many:
            targets |= {ARTICLES, MEDIA}
        writer.purges.owe(cache.id, targets, now)


def find_targets(cache: PurgeConfig, paths: Iterable[str]) -> set[str]:
    """Return what a cache is told so that it forgets ``paths``: these, or their closest keys."""
    return {keys_of(path)[-1] for path in paths} if cache.by_key else set(paths)


def list_public(paths: Iterable[str]) -> Iterator[str]:
    """Yield those paths that a shared cache may keep."""
    return (path for path in paths if not path.startswith(PREFIX))


def _name_all(writer: Writer, touched: Iterable[str]) -> Iterator[str]:
    """Yield every path under which what was noted can be had."""
    uids = []
    for path in touched:
        if path.startswith("/feeds/"):
            yield from (f"{path}.{suffix}" for suffix in FORMATS)
        else:
            yield path
        if path.startswith(_ARTICLE):
            uids.append(path.removeprefix(_ARTICLE))
    for entry in writer.entries_of("uid", uids):
        yield page_path(entry)

"""Who is told of what was published: subscribers, hubs elsewhere, rssCloud's readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from feedsvc.config import Config
from feedsvc.labels import quote_path
from feedsvc.publication.cuts import is_cut
from feedsvc.publication.feeds import is_news
from feedsvc.store import EXTERNAL, RSSCLOUD, WEBSUB, WHOLE_SITE, HubTables

# The hash of what each feed says, and its date.
_Marks = Mapping[str, tuple[str, datetime]]


def find_news(built: _Marks, marks: _Marks, later: Collection[str]) -> list[str]:
    """Return the feeds among ``marks`` that are news to those who subscribe to them.

    ``built`` is how they were before; feeds of ``later`` have changed and wait for the next second.
    The feed of a tag is first built after somebody has subscribed to it: if anything new comes to
    the site then, it may be in there.
    """
    names = [name for name in marks if name in built and is_news(built[name][0], marks[name][0])]
    if WHOLE_SITE in names or WHOLE_SITE in later:
        names += [name for name in marks if name not in built and is_cut(name)]
    return names


def owe(
    hub: HubTables, topics: Collection[str], config: Config, revision: int, now: datetime
) -> None:
    """Owe what is news at ``topics`` (paths) to everyone whom the config lets be told."""
    if config.hub.is_external:
        urls = {path: config.site.base_url + quote_path(path) for path in sorted(topics)}
        hub.put_external(urls, _list_hubs(config), now)
    hub.owe(topics, revision, now, list_kinds(config))


def put_in_force(hub: HubTables, config: Config, now: datetime) -> None:
    """Owe nothing any more to those whom a new config does not let be told.

    Hubs elsewhere are forgotten. Subscribers stay: the mode may come back before their lease ends,
    and they have no other way to hear of it.
    """
    hub.put_external({}, _list_hubs(config), now)
    hub.drop_owed_but(list_kinds(config))


def list_kinds(config: Config) -> tuple[str, ...]:
    """Return the kinds of subscriptions that are told of changes."""
    hub = config.hub
    told = ((WEBSUB, hub.is_builtin), (EXTERNAL, hub.is_external), (RSSCLOUD, hub.rsscloud))
    return tuple(kind for kind, is_told in told if is_told)


def _list_hubs(config: Config) -> dict[str, str]:
    """Return the hubs elsewhere, each with its host."""
    urls = config.hub.urls if config.hub.is_external else ()
    return {url: urlsplit(url).hostname or "" for url in urls}

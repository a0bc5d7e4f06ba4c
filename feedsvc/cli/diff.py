"""What ``feedsvc check --diff`` says: what a config would change, before it is in force."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import click

from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    WRONG_USE,
    fail,
    fault_to_json,
    one_line_errors,
    print_json,
)
from feedsvc.cli.peek import NOTHING_YET, is_missing, open_if_there
from feedsvc.config import Config, LoadedConfig
from feedsvc.filing import compile_rules
from feedsvc.publication import (
    UNKNOWN,
    Forecast,
    forecast,
    list_known_tokens,
    load_published,
)
from feedsvc.scan import (
    Move,
    allow_tag,
    find_tag,
    find_tag_fault,
    find_tag_in_force,
    foresee_moves,
    hash_filing,
    hash_reading,
    is_tag_allowed,
)
from feedsvc.store import State, Store

# So many titles of articles that move are shown for each way; a program has all of them.
_TITLES_SHOWN = 3
_TITLE_CHARS = 70
# A value in a line for a person.
_VALUE_CHARS = 60


@dataclass(frozen=True, slots=True)
class _Ids:
    """That ids would be made with something else: what, and what readers know; nothing if not."""

    before: str
    after: str
    feeds: int
    articles: int
    allowed: bool


@dataclass(frozen=True, slots=True)
class _Difference:
    """All that a config would change."""

    changes: Forecast
    moves: tuple[Move, ...]
    read_again: bool
    partners: dict[str, str]
    ids: _Ids | None

    @property
    def is_none(self) -> bool:
        changes = self.changes
        told = (changes.gained, changes.lost, changes.renamed, changes.addresses, changes.values)
        return not (any(told) or self.moves or self.read_again or self.partners or self.ids)


def show_difference(loaded: LoadedConfig, yes: bool, as_json: bool) -> None:
    """Say what a config would change against what is in force, and end with the exit code.

    With ``yes`` ids may change from now on: that alone is written into the store.
    """
    if is_missing(loaded.config):
        _end_with_nothing(NOTHING_YET, as_json)
    with one_line_errors():
        store = open_if_there(loaded.config)
        if store is None:
            fail("the store was made by another version, or cannot be read: run feedsvc scan")
        try:
            published = load_published(store)
            if published is None:
                _end_with_nothing("Nothing is published yet: all that comes is new.", as_json)
            found = _compare(loaded, published, store)
            if found.ids and yes and not found.ids.allowed:
                allow_tag(store, loaded.config)
                found = replace(found, ids=replace(found.ids, allowed=True))
            fault = find_tag_fault(store, loaded)
        finally:
            store.close()
    if as_json:
        facts = _to_json(found)
        print_json(facts | {"fault": fault_to_json(fault) if fault else None})
    else:
        for line in _tell(found, loaded):
            click.echo(line)
    if fault:
        sys.exit(WRONG_USE)
    lost = any(after.status == UNKNOWN for _, after in found.changes.addresses.values())
    sys.exit(PROBLEMS if lost else FINE)


def _end_with_nothing(message: str, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"published": False})
    else:
        click.echo(message)
    sys.exit(FINE)


def _compare(loaded: LoadedConfig, published: Config, store: Store) -> _Difference:
    config = loaded.config
    if "base_url" not in config.site.model_fields_set:
        # Then it is the address that `serve` was given.
        site = config.site.model_copy(update={"base_url": published.site.base_url})
        config = config.model_copy(update={"site": site})
    changes = forecast(published, config)
    # How ids come out counts, not how the key is written.
    values = {key: pair for key, pair in changes.values.items() if key != "site.id"}
    filed_by = store.fact("filed_by")
    moves = (
        foresee_moves(store, compile_rules(config))
        if filed_by and filed_by != hash_filing(config)
        else ()
    )
    return _Difference(
        replace(changes, values=values),
        tuple(sorted(moves)),
        store.fact("read_by") != hash_reading(config),
        dict(_compare_partners(config, list_known_tokens(store))),
        _compare_ids(config, published, store),
    )


def _compare_partners(config: Config, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted({*known, *config.partners}):
        partner = config.partners.get(name)
        if partner is None:
            yield name, "lost: its address answers 404 at once"
        elif name not in known:
            yield name, "gained"
        elif known[name] != partner.token:
            grace = "at once" if not partner.grace else f"after {partner.grace / 86400:g} days"
            yield name, f"another token: the one before ends {grace}"


def _compare_ids(config: Config, published: Config, store: Store) -> _Ids | None:
    before, after = find_tag_in_force(store), find_tag(store, config)
    if before in ("", after):
        return None
    articles = sum(1 for _ in store.entries(*State))
    if not articles:
        return None
    feeds = 1 + len(published.sections) + len(store.cuts())
    return _Ids(before, after, feeds, articles, is_tag_allowed(store, config))


def _to_json(found: _Difference) -> dict[str, Any]:
    changes, ids = found.changes, found.ids
    return {
        "published": True,
        "gained": changes.gained,
        "lost": changes.lost,
        "renamed": dict(changes.renamed),
        "addresses": [
            {
                "name": name,
                "paths": _list_paths(name),
                "before": before._asdict(),
                "after": after._asdict(),
            }
            for name, (before, after) in changes.addresses.items()
        ],
        "values": [
            {"key": key, "before": before, "after": after}
            for key, (before, after) in changes.values.items()
        ],
        "moves": [one._asdict() for one in found.moves],
        "read_again": found.read_again,
        "partners": found.partners,
        "ids": {"feeds": 0, "articles": 0, "allowed": True}
        if ids is None
        else {
            "before": ids.before,
            "after": ids.after,
            "feeds": ids.feeds,
            "articles": ids.articles,
            "allowed": ids.allowed,
        },
    }


def _list_paths(name: str) -> list[str]:
    return [*(f"/feeds/{name}.{end}" for end in ("xml", "atom", "json")), f"/sections/{name}"]


def _tell(found: _Difference, loaded: LoadedConfig) -> Iterator[str]:
    """Yield what a person reads, one line each."""
    if found.is_none:
        yield "Nothing changes: this config is in force."
        return
    changes = found.changes
    yield from (f"section gained: {name}" for name in changes.gained)
    yield from (f"section lost: {name}" for name in changes.lost)
    yield from (f"section renamed: {old} to {new}" for old, new in changes.renamed.items())
    for name, (before, after) in changes.addresses.items():
        yield f"/feeds/{name}.*, /sections/{name}: {after} (now: {before})"
        if after.status == UNKNOWN:
            how = f"moved_from: [{name}] in the section in its place, or removed: [{name}]"
            yield f"  write {how}, so that readers are told"
    yield from _tell_moves(found.moves)
    for key, (was, will) in changes.values.items():
        yield f"{key}: {_show(will)} (now: {_show(was)})"
        if key == "site.base_url":
            yield "  every feed names its new address: let the old ones lead there, for readers"
        elif key == "content.folder":
            yield "  articles are taken from there; those of the folder before leave"
        elif key.startswith("hub."):
            yield "  every feed names its hubs anew"
    yield from (f"partner {name}: {what}" for name, what in found.partners.items())
    if found.read_again:
        yield "every article is read again (cleaning, language, time zone or duplicates)"
    if ids := found.ids:
        yield f"ids: made with {ids.after} (now: {ids.before})"
        yield (
            f"  the ids of {ids.feeds} feeds change at once, those of new articles with them, and "
            f"those of all {ids.articles} articles if the store is ever made anew: readers see "
            "everything twice"
        )
        yield (
            "  this is allowed now"
            if ids.allowed
            else f"  refused: {loaded.path.name} is not put in force. Write id: {ids.before} "
            "again, or run feedsvc check --diff --yes"
        )
    else:
        yield "ids that change: none"


def _tell_moves(moves: Sequence[Move]) -> Iterator[str]:
    ways = Counter((one.before, one.after) for one in moves)
    if moves:
        yield f"articles that move: {len(moves)}"
    for way, count in ways.most_common():
        before, after = (", ".join(names) or "no section" for names in way)
        yield f"  {count} from {before} to {after}"
        titles = [one.title for one in moves if (one.before, one.after) == way]
        yield from (f"    {title[:_TITLE_CHARS]}" for title in titles[:_TITLES_SHOWN])
        if count > _TITLES_SHOWN:
            yield f"    ... and {count - _TITLES_SHOWN} more"


def _show(value: Any) -> str:
    text = str(value) if value not in ("", None, [], {}) else "nothing"
    return text if len(text) <= _VALUE_CHARS else f"{text[:_VALUE_CHARS]}..."

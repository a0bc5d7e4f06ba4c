"""What a new config would change for readers: two configs compared, without building anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from feedsvc.config import Config

HERE, GONE, UNKNOWN = "200", "410", "404"
MOVED = "301"

# Keys of a section that stand in other lists of what changes, or never differ.
_TOLD_ELSEWHERE = {"name", "match", "moved_from"}


class Fate(NamedTuple):
    """What all addresses of a section's name answer: a status, and where they lead with a 301."""

    status: str
    heir: str = ""

    def __str__(self) -> str:
        words = {HERE: "answers", GONE: "410, gone for good", UNKNOWN: "404, as if never there"}
        return words.get(self.status) or f"301, leads to {self.heir}"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a new config changes.

    ``addresses`` are names of sections whose addresses answer otherwise, with the fate before and
    after; ``values`` are keys with what they say before and after.
    """

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    renamed: Mapping[str, str]
    addresses: Mapping[str, tuple[Fate, Fate]]
    values: Mapping[str, tuple[Any, Any]]


def forecast(old: Config, new: Config) -> Forecast:
    """Compare the config in force, as far as it was published, with another one."""
    heirs = {name: one for one, its in new.sections.items() for name in its.moved_from}
    renamed = {
        name: heirs[name]
        for name in old.sections
        if name in heirs and heirs[name] not in old.sections
    }
    fates = {
        name: (find_fate(name, old), find_fate(name, new))
        for name in sorted({*_list_names(old), *_list_names(new)})
    }
    return Forecast(
        gained=tuple(
            name
            for name in new.sections
            if name not in old.sections and name not in renamed.values()
        ),
        lost=tuple(
            name for name in old.sections if name not in new.sections and name not in renamed
        ),
        renamed=renamed,
        addresses={name: pair for name, pair in fates.items() if pair[0] != pair[1]},
        values=dict(_compare_values(old, new, renamed)),
    )


def find_fate(name: str, config: Config) -> Fate:
    """Return what becomes of the addresses of a section's name."""
    if name in config.sections:
        return Fate(HERE)
    for heir, section in config.sections.items():
        if name in section.moved_from:
            return Fate(MOVED, heir)
    return Fate(GONE if name in config.removed else UNKNOWN)


def _list_names(config: Config) -> Iterator[str]:
    yield from config.sections
    yield from config.removed
    for section in config.sections.values():
        yield from section.moved_from


def _compare_values(
    old: Config, new: Config, renamed: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in ("site", "feeds", "hub")]
    for name, section in old.sections.items():
        now = renamed.get(name, name)
        if now in new.sections:
            pairs.append((f"sections.{now}", section, new.sections[now]))
    for name, before, after in pairs:
        was, will = before.model_dump(mode="json"), after.model_dump(mode="json")
        for key in was:
            if was[key] != will[key] and not (
                name.startswith("sections.") and key in _TOLD_ELSEWHERE
            ):
                yield f"{name}.{key}", (was[key], will[key])
    for key in ("link", "folder"):
        before, after = (str(getattr(one.content, key)) for one in (old, new))
        if before != after:
            yield f"content.{key}", (before, after)

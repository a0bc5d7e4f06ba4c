"""What is wrong between values of a config, each of which is right by itself."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from feedsvc.config.types import RESERVED_SECTIONS, is_section_name
from feedsvc.errors import Fault


def find_clashes(tree: CommentedMap, file: str) -> list[Fault]:
    """Return what clashes in a config that was read: names, folders, titles and former names."""
    faults: list[Fault] = []
    sections = tree.get("sections")
    if not isinstance(sections, Mapping):
        return faults
    folders: dict[str, str] = {}
    titles: dict[str, str] = {}
    for key, section in sections.items():
        name, where = str(key), ("sections", key)
        line = line_of(tree, where)
        if name in RESERVED_SECTIONS:
            message = f'the name "{name}" is taken by feedsvc itself'
            faults.append(Fault(file, line, f"sections.{name}", message, "choose another name"))
        elif not is_section_name(name):
            message = "a section's name stands in its URL: use a-z, 0-9, - and _"
            better = suggest_name(name)
            hint = f"{better}, with the words as its title" if better else ""
            faults.append(Fault(file, line, f"sections.{name}", message, hint))
        body = section if isinstance(section, Mapping) else {"title": section}
        match = body.get("match") if isinstance(body.get("match"), Mapping) else {}
        claimed = match.get("folders", name) if isinstance(match, Mapping) else name
        for folder in list_texts(claimed):
            other = folders.setdefault(str(folder).strip("/").lower(), name)
            if other != name:
                message = f'the folder "{folder}" is claimed by the section "{other}" as well'
                faults.append(Fault(file, line, f"sections.{name}", message, "let one have it"))
        if "name" in body:
            message, hint = "unknown key", "a section's name is the key it stands under"
            own = line_of(tree, (*where, "name"))
            faults.append(Fault(file, own, f"sections.{name}.name", message, hint))
        title = body.get("title")
        if isinstance(title, str) and title:
            other = titles.setdefault(title.casefold(), name)
            if other != name:
                message = f'has the same title as the section "{other}"'
                hint = "readers could not tell them apart"
                faults.append(Fault(file, line, f"sections.{name}", message, hint))
    faults += _find_name_clashes(tree, sections, file)
    filing = tree.get("filing")
    fallback = filing.get("fallback") if isinstance(filing, Mapping) else None
    names = [str(key) for key in sections]
    if isinstance(fallback, str) and fallback and fallback not in names:
        line = line_of(tree, ("filing", "fallback"))
        message = f'there is no section "{fallback}"'
        faults.append(Fault(file, line, "filing.fallback", message, suggest(fallback, names)))
    return faults


def _find_name_clashes(tree: CommentedMap, sections: Mapping[Any, Any], file: str) -> list[Fault]:
    """Find former names that lead to two places at once."""
    faults: list[Fault] = []
    taken = {str(key): "is a section itself" for key in sections}
    claims: list[tuple[str, tuple[int | str, ...], str]] = [
        (old, ("sections", key, "moved_from"), f'already leads to the section "{key}"')
        for key, section in sections.items()
        if isinstance(section, Mapping)
        for old in list_texts(section.get("moved_from"))
    ]
    claims += [(old, ("removed",), "is called removed") for old in list_texts(tree.get("removed"))]
    for old, where, what in claims:
        if other := taken.get(old):
            key = ".".join(map(str, where))
            message = f'the name "{old}" {other}: one address cannot lead to two places'
            faults.append(Fault(file, line_of(tree, where), key, message, "leave one of them"))
        taken.setdefault(old, what)
    return faults


def list_texts(value: object) -> list[str]:
    """Return what a key of one or many texts holds; other types are faults already."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def suggest_name(name: str) -> str:
    """Return a name that may stand in a URL and is near to ``name``; empty if there is none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    better = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return better if is_section_name(better) else ""


def suggest(word: str, known: Sequence[str]) -> str:
    """Return the known word that was likely meant, or else all of them."""
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"


def line_of(tree: Any, location: tuple[int | str, ...]) -> int:
    """Return the line, from 1, on which the key at ``location`` stands; 0 if it stands nowhere."""
    node, line = tree, 0
    for part in location:
        try:
            if isinstance(node, CommentedMap):
                part = next((key for key in node if str(key) == str(part)), part)
                line = node.lc.key(part)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(part, int):
                line = node.lc.item(part)[0] + 1
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break  # set by the environment or by an alias: the nearest line above will do
    return line

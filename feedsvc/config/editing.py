"""The changes that commands make to config.yaml: the text of a config -> the new text.

Comments, order, quotes and every line that is not concerned stay as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from feedsvc.config.clashes import list_texts
from feedsvc.config.splicing import (
    SpliceError,
    drop_key,
    name_title,
    put_value,
    rename_key,
    replace_word,
)
from feedsvc.errors import EditError

SECTIONS, REMOVED, MOVED_FROM = "sections", "removed", "moved_from"
_PASSWORD = ("admin", "password_hash")

_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """A config's new text, and what to tell the admin of it."""

    text: str
    notes: tuple[str, ...] = ()


def add_section(text: str, name: str, body: Mapping[str, Any]) -> Edit:
    """Return the config with one more section at the end of its list.

    ``body`` is what docs/config.md says of a section; a title alone is written in one line. Raises
    EditError if there is a section of this name.
    """
    tree = _read(text)
    if name in _names(tree):
        raise EditError(f'there is a section "{name}" already')
    alone = body.get("title") if set(body) == {"title"} else None
    edit = _Draft(text, tree)
    edit.put((SECTIONS, name), alone or dict(body) or name.capitalize())
    notes = edit.take_back(name)
    return edit.finish(notes)


def rename_section(text: str, old: str, new: str, folder: bool = False) -> Edit:
    """Return the config with a section under another name; its addresses lead on (``moved_from``).

    All that names the section follows. ``folder`` says that articles lie in the folder of the old
    name, which the section goes on to claim. Raises EditError where ``old`` is no section, or
    ``new`` is one.
    """
    tree = _read(text)
    _require(tree, old)
    if new in _names(tree):
        raise EditError(f'there is a section "{new}" already: remove or rename it first')
    edit, notes = _Draft(text, tree), []
    body = edit.tree[SECTIONS][old]
    edit.rename((SECTIONS, old), new)
    here = (SECTIONS, new)
    if not isinstance(body, dict):
        if body is None:
            notes.append(f'its title is now "{new.capitalize()}": it had none of its own')
        else:
            edit.make_block(here)
        body = {}
    former = [one for one in list_texts(body.get(MOVED_FROM)) if one not in (new, old)]
    edit.set_list((*here, MOVED_FROM), [*former, old])
    if folder and "folders" not in (body.get("match") or {}):
        claims = [old] if new in _claimed(tree, old) else [old, new]
        edit.put((*here, "match", "folders"), claims)
        notes.append(
            f"articles lie in the folder {old}/: match.folders names it now, so that they stay"
        )
    if (edit.tree.get("filing") or {}).get("fallback") == old:
        edit.follow(("filing", "fallback"), old, new)
        notes.append("filing.fallback follows")
    for partner, its in (edit.tree.get("partners") or {}).items():
        named = list_texts(its.get("sections")) if isinstance(its, dict) else []
        if old in named:
            edit.follow(("partners", str(partner), "sections"), old, new)
            notes.append(f"partners.{partner}.sections follows")
    notes += edit.take_back(new)
    return edit.finish(notes)


def remove_section(text: str, name: str) -> Edit:
    """Return the config without a section, whose addresses say that it is gone (``removed``).

    So do those of its former names. Raises EditError if something else names it.
    """
    tree = _read(text)
    _require(tree, name)
    if (tree.get("filing") or {}).get("fallback") == name:
        raise EditError(
            f'filing.fallback names "{name}": name another section there, or take it out, first'
        )
    partners = tree.get("partners") or {}
    named = [
        str(key)
        for key, its in partners.items()
        if isinstance(its, dict) and name in list_texts(its.get("sections"))
    ]
    if named:
        places = ", ".join(f"partners.{one}.sections" for one in named)
        raise EditError(f'"{name}" is named in {places}: take it out there first')
    edit = _Draft(text, tree)
    body = edit.tree[SECTIONS][name]
    former = list_texts(body.get(MOVED_FROM)) if isinstance(body, dict) else []
    edit.drop((SECTIONS, name))
    before = list_texts(edit.tree.get(REMOVED))
    gone = [one for one in (*former, name) if one not in before]
    edit.set_list((REMOVED,), [*before, *gone], after=SECTIONS)
    also = f", and so do those of its former names: {', '.join(former)}" if former else ""
    return edit.finish([f"its addresses answer 410 from now on{also}"])


def set_password_hash(text: str, value: str) -> Edit:
    """Return the config with another password for the dashboard; an empty one takes it out."""
    tree = _read(text)
    edit = _Draft(text, tree)
    admin = edit.tree.get("admin")
    if value:
        edit.put(_PASSWORD, value)
    elif isinstance(admin, dict) and "password_hash" in admin:
        edit.drop(_PASSWORD if len(admin) > 1 else _PASSWORD[:1])
    return edit.finish([])


class _Draft:
    """A config that is being changed: its text, and beside it what that text must mean."""

    def __init__(self, text: str, tree: _Tree) -> None:
        # A byte-order mark is no part of what is written, and stays.
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self._before = text
        self._text = text.removeprefix("\ufeff")
        self.tree = tree

    def put(self, path: tuple[str, ...], value: Any, after: str = "") -> None:
        """Set what stands at ``path``."""
        self._splice(lambda: put_value(self._text, path, value, after))
        owner = self.tree
        for key in path[:-1]:
            if not isinstance(owner.get(key), dict):
                owner[key] = {}
            owner = owner[key]
        owner[path[-1]] = value

    def drop(self, path: tuple[str, ...]) -> None:
        """Take out what stands at ``path``."""
        self._splice(lambda: drop_key(self._text, path))
        del self._owner_of(path)[path[-1]]

    def rename(self, path: tuple[str, ...], new: str) -> None:
        """Give the last key of ``path`` another name, in its place."""
        self._splice(lambda: rename_key(self._text, path, new))
        owner = self._owner_of(path)
        pairs = [(new if key == path[-1] else key, value) for key, value in owner.items()]
        owner.clear()
        owner.update(pairs)

    def make_block(self, path: tuple[str, ...]) -> None:
        """Make a section that is a title alone one with keys."""
        self._splice(lambda: name_title(self._text, path))
        owner = self._owner_of(path)
        owner[path[-1]] = {"title": owner[path[-1]]}

    def set_list(self, path: tuple[str, ...], values: Sequence[str], after: str = "") -> None:
        """Set a list of names; an empty one is taken out."""
        if values:
            self.put(path, list(values), after)
        else:
            self.drop(path)

    def follow(self, path: tuple[str, ...], old: str, new: str) -> None:
        """Write a section's new name into a list, or one text, that has the old one."""
        self._splice(lambda: replace_word(self._text, path, old, new))
        owner = self._owner_of(path)
        written = owner[path[-1]]
        listed = [new if one == old else one for one in list_texts(written)]
        owner[path[-1]] = listed if isinstance(written, list) else new

    def take_back(self, name: str) -> list[str]:
        """Take a name that is used again out of ``removed``; return what to tell of that."""
        removed = list_texts(self.tree.get(REMOVED))
        if name not in removed:
            return []
        self.set_list((REMOVED,), [one for one in removed if one != name])
        return [f'"{name}" was called removed: its addresses answer again']

    def finish(self, notes: Sequence[str]) -> Edit:
        """Return the new text, once it is sure that it means what was wanted."""
        text = self._mark + self._text
        if _squash(_read(text)) != _squash(self.tree):
            raise EditError(_BY_HAND.format("it"))
        return Edit(text, tuple(notes))

    def _owner_of(self, path: tuple[str, ...]) -> _Tree:
        owner = self.tree
        for key in path[:-1]:
            owner = owner[key]
        return owner

    def _splice(self, change: Callable[[], str]) -> None:
        try:
            self._text = change()
            _read(self._text)
        except SpliceError as error:
            where = f"{'.'.join(error.path)}" + (f" (line {error.line})" if error.line else "")
            raise EditError(_BY_HAND.format(where or "it")) from None
        except (YAMLError, ValueError) as error:
            reason = str(error).strip().split("\n")[0]
            raise EditError(f"{_BY_HAND.format('it')}: {reason}") from None


_BY_HAND = "{} is written in a way that cannot be changed by a command: edit the file by hand"


def _read(text: str) -> _Tree:
    """Return what a config says, as plain values that share nothing."""
    tree = YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))
    read = _name_keys(tree)
    return read if isinstance(read, dict) else {}


def _name_keys(value: Any) -> Any:
    """Return the value with every key as a text: `2026: The year` names a section, too."""
    if isinstance(value, dict):
        return {str(key): _name_keys(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_name_keys(one) for one in value]
    return copy.copy(value)


def _squash(value: Any) -> Any:
    """Return the value with keys that hold nothing alike: `sections:` and `sections: {}`."""
    if isinstance(value, dict):
        return {key: _squash(one) for key, one in value.items()} or None
    return value


def _names(tree: _Tree) -> list[str]:
    sections = tree.get(SECTIONS)
    return list(sections) if isinstance(sections, dict) else []


def _require(tree: _Tree, name: str) -> None:
    names = _names(tree)
    if name in names:
        return
    titles = {
        str(one.get("title") if isinstance(one, dict) else one).lower(): key
        for key, one in (tree.get(SECTIONS) or {}).items()
    }
    known = {key.lower(): key for key in names} | titles
    close = get_close_matches(name.lower(), list(known), n=1)
    heirs = [key for key in names if name in list_texts(_body(tree, key).get(MOVED_FROM))]
    if heirs:
        hint = f'it was renamed: now it is "{heirs[0]}"'
    elif close:
        hint = f"did you mean {known[close[0]]}?"
    else:
        hint = f"there are: {', '.join(names) or 'none'}"
    raise EditError(f'there is no section "{name}"; {hint}')


def _body(tree: _Tree, name: str) -> _Tree:
    body = tree[SECTIONS][name]
    return body if isinstance(body, dict) else {}


def _claimed(tree: _Tree, but: str) -> set[str]:
    """Return the folders that sections other than ``but`` claim in words."""
    claims: set[str] = set()
    for name in _names(tree):
        match = _body(tree, name).get("match")
        if name != but and isinstance(match, dict):
            claims.update(one.strip("/").lower() for one in list_texts(match.get("folders")))
    return claims

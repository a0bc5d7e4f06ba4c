"""An admin who edits config.yaml at random: what is saved, how, and what readers get by it."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sites import Answer

from feedsvc.config import Config, parse_config
from feedsvc.errors import ConfigError

NAMES = ("politics", "sports", "culture", "weather", "travel", "food", "film", "law")
ENDS = ("xml", "atom", "json")
# Each name has so many articles, a day apart: feeds do not grow then.
ARTICLES = 4

PATHS = (
    "/feeds/all.xml",
    "/feeds/all.json",
    *(f"/feeds/{name}.{end}" for name in NAMES for end in (*ENDS, "rss")),
    *(f"/sections/{name}" for name in NAMES),
)

# What a reader is told: the status, where to go, and what tells one config from another.
Told = tuple[int, str, str]

# Titles of sections are made so, and nothing else that is served looks like it.
_TITLE = re.compile(rb"[A-Z][a-z]+ No\. \d+")


def expect(config: Config, path: str) -> Told:
    """Return what a config says that readers are told at ``path``."""
    folder, _, last = path.strip("/").partition("/")
    name, _, end = last.partition(".")
    if name == "all":
        return (200, "", str(min(config.feeds.items, ARTICLES * len(NAMES))))
    if name in config.sections:
        if end == "rss":
            return (301, f"/feeds/{name}.xml", "")
        return (200, "", config.sections[name].title if folder == "feeds" else "")
    for heir, section in config.sections.items():
        if name in section.moved_from:
            to = f"/feeds/{heir}.{'xml' if end == 'rss' else end}"
            return (301, to if folder == "feeds" else f"/sections/{heir}", "")
    return (410 if name in config.removed else 404, "", "")


def told_by(answer: Answer, path: str) -> Told:
    """Return what an answer tells a reader."""
    mark = ""
    if answer.status == 200 and path.startswith("/feeds/all"):
        mark = str(answer.body.count(b"<item>" if path.endswith("xml") else b'"content_html"'))
    elif answer.status == 200 and path.startswith("/feeds/"):
        found = _TITLE.search(answer.body)
        mark = found[0].decode() if found else "no title"
    return (answer.status, answer.headers.get("location", ""), mark)


@dataclass(slots=True)
class Desk:
    """The config as its editor has it before them; each verb changes one thing."""

    dice: random.Random
    base_url: str
    sections: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    items: int = 10
    count: int = 0

    def change(self) -> str:
        """Change something; return the new text of the config."""
        verbs: list[Callable[[], None]] = [self._retitle, self._cut]
        if len(self.sections) < len(NAMES):
            verbs += [self._add] * 2
        if len(self.sections) > 1:
            verbs += [self._remove, self._drop]
            if len(self.sections) < len(NAMES):
                verbs += [self._rename] * 2
        self.dice.choice(verbs)()
        return self.text()

    def text(self) -> str:
        """Return the config as it is written."""
        lines = [
            "# edited by hand",
            f"site: {{id: 'gazette.test,2026-01-01', title: Gazette, base_url: '{self.base_url}'}}",
            "content: {folder: content, settle: 0s}",
            f"feeds: {{items: {self.items}}}",
            f"removed: [{', '.join(self.removed)}]",
            "sections:",
        ]
        for name, (title, former) in self.sections.items():
            lines += [f"  {name}:", f"    title: {title}"]
            lines += [f"    moved_from: [{', '.join(former)}]"] if former else []
        return "\n".join(lines) + "\n"

    def _title(self, name: str) -> str:
        self.count += 1
        return f"{name.capitalize()} No. {self.count}"

    def _free(self) -> str:
        """Return a name that no section has, and let nothing else claim it."""
        name = self.dice.choice([one for one in NAMES if one not in self.sections])
        self._forget(name)
        return name

    def _forget(self, name: str) -> None:
        self.removed = [one for one in self.removed if one != name]
        for _, former in self.sections.values():
            if name in former:
                former.remove(name)

    def _add(self) -> None:
        name = self._free()
        self.sections[name] = (self._title(name), [])

    def _rename(self) -> None:
        old, new = self.dice.choice(list(self.sections)), self._free()
        title, former = self.sections.pop(old)
        self.sections[new] = (title, [*former, old])

    def _remove(self) -> None:
        name = self.dice.choice(list(self.sections))
        _, former = self.sections.pop(name)
        self.removed += [name, *former]

    def _drop(self) -> None:
        """Take a section out without a word: its addresses answer 404."""
        self.sections.pop(self.dice.choice(list(self.sections)))

    def _retitle(self) -> None:
        name = self.dice.choice(list(self.sections))
        self.sections[name] = (self._title(name), self.sections[name][1])

    def _cut(self) -> None:
        self.items = self.dice.choice([one for one in range(3, 25) if one != self.items])


# Ways to break a config: the good text -> what lies there; None is no file at all.
BREAKS: dict[str, Callable[[str], bytes | None]] = {
    "tab": lambda text: text.replace("    title", "\ttitle", 1).encode(),
    "bracket": lambda text: text.replace("]", "", 1).encode(),
    "twice": lambda text: (text + "removed: [x]\n").encode(),
    "unknown key": lambda text: text.replace("sections:", "sektions:").encode(),
    "bad name": lambda text: (text + "  Sport News: x\n").encode(),
    "bad value": lambda text: re.sub(r"items: \d+", "items: many", text).encode(),
    "same title": lambda text: (text + "  one: {title: T}\n  two: {title: T}\n").encode(),
    "no such fallback": lambda text: (text + "filing: {fallback: nowhere}\n").encode(),
    "two places": lambda text: (text + "  zz: {title: Z, moved_from: [zz]}\n").encode(),
    "bad password": lambda text: (text + "admin: {password_hash: secret}\n").encode(),
    "bad partner": lambda text: (text + "partners: {one: {}}\n").encode(),
    "bad hub": lambda text: (text + "hub: {mode: external}\n").encode(),
    "no text": lambda text: text.encode().replace(b"edited", b"\xff\xfe"),
    "zeros": lambda text: b"\0" * len(text),
    "empty": lambda _: b"",
    "another id": lambda text: text.replace("gazette.test,2026", "other.test,2026").encode(),
    "no file": lambda _: None,
}


def read(data: bytes, path: Path) -> Config | None:
    """Return what a saved config says; None if it must not come into force."""
    try:
        loaded = parse_config(data, path, {})
    except ConfigError:
        return None
    is_other = loaded.config.site.id != "gazette.test,2026-01-01"
    return None if loaded.is_empty or is_other else loaded.config


def save(path: Path, data: bytes | None, dice: random.Random) -> tuple[bytes, float]:
    """Save a config in one of the ways of editors.

    Return what lay there as a half of it, and for how many seconds.
    """
    if data is None:
        path.unlink(missing_ok=True)
        return b"", 0.0
    way = dice.choice(("in place", "rename", "backup", "half", "half", "away"))
    if way == "half":
        part = data[: dice.randrange(len(data) or 1)]
        if dice.random() < 0.8:
            part = part[: part.rfind(b"\n") + 1]  # whole lines: a config with less in it
        began = time.monotonic()
        path.write_bytes(part)
        time.sleep(dice.choice((0.05, 0.45)))  # just shorter than what counts as still
        path.write_bytes(data)
        return part, time.monotonic() - began
    if way == "in place" or not path.exists():
        path.write_bytes(data)
    elif way == "rename":
        new = path.with_name(".config.yaml.swp")
        new.write_bytes(data)
        new.replace(path)
    else:
        path.rename(path.with_name("config.yaml~"))
        time.sleep(0.2 if way == "away" else 0.0)
        path.write_bytes(data)
    return b"", 0.0

"""Articles and rules for the tests of filing."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import yaml

from feedsvc.config import Config
from feedsvc.filing import Rules, compile_rules
from feedsvc.model import Article, Stamp

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PUBLISHED = Stamp(datetime(2026, 1, 2, tzinfo=UTC), "file time")


def make_article(title: str = "", text: str = "", path: str = "a.txt", **more: Any) -> Article:
    lists = {key: tuple(value) for key, value in more.items() if isinstance(value, list)}
    return Article(
        path=path,
        title=title,
        content=escape(text, quote=False),
        published=PUBLISHED,
        **(more | lists),
    )


def make_rules(sections: dict[str, Any], **filing: Any) -> Rules:
    return compile_rules(Config.model_validate({"sections": sections, "filing": filing}))


def load_site_sections() -> dict[str, Any]:
    """The sections that the project's own config.yaml ships."""
    for name in ("config.yaml", "config_sections.yaml"):
        file = ROOT / name
        if file.exists() and (found := yaml.safe_load(file.read_text("utf-8")).get("sections")):
            return dict(found)
    raise AssertionError("no config.yaml with sections at the root of the project")


# Two sections whose keywords are too few to decide anything that a test does not want decided.
COOKING_AND_BOATS: dict[str, Any] = {
    "cooking": {"match": {"keywords": ["recipe", "oven", "olive oil"]}},
    "boats": {"match": {"keywords": ["sail", "harbour", "anchor"]}},
}

# What the made-up sections write about, for learning: no keyword among them.
_COOKING = "flour butter saffron onion simmer whisk crust garlic basil stew"
_BOATS = "hull rigging tide mooring keel tiller regatta buoy deck mast"
_COMMON = "people table wood morning hands friend water evening small great"


def write_article(section: str, number: int) -> Article:
    """The ``number``-th made-up article of a section, the same at every run."""
    own = {"cooking": _COOKING, "boats": _BOATS}[section].split()
    common = _COMMON.split()
    words = [own[(number * 3 + step * step) % len(own)] for step in range(6)]
    words += [common[(number + step * 7) % len(common)] for step in range(8)]
    return make_article(f"{words[0]} and {words[-1]}", " ".join(words), path=f"{number}.txt")

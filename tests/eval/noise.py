"""Clean stories -> pages as they are scraped, with furniture of which every line is known."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from .labels import load_sites

_WRAP = 72
_MOST_BETWEEN = 3
# A story's paragraphs, told again by an update: one is changed, one is new.
_NEW = "The {place} account of this was confirmed on {weekday} by {name}, who had been there."

_FIRST = "Anna Bashir Clara Dov Emeka Farida Goran Hilde Imran Jolene Kofi Lena Mirko Nadia Otto"
_LAST = "Abel Brandt Castell Dorland Egan Fontaine Greer Hask Idris Kolb Larkspur Munro Oduya Pell"
_PLACES = "Harrow Linden Westerby Penmoor Esperance Caldbeck Tolland Gannet Thornley Marnham"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_MONTHS = "January February March April May June July August September October November"


@dataclass(frozen=True, slots=True)
class Story:
    """A clean article: its section, its headline, and its paragraphs."""

    name: str
    section: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dressed:
    """A story in the furniture of a site; ``furniture`` are all lines that are not the story's.

    ``changing`` are those that name people, places or other articles: no habit tells them.
    """

    story: Story
    page: str
    furniture: tuple[str, ...]
    changing: frozenset[str] = frozenset()


def dress(story: Story, site: str, others: Sequence[Story]) -> Dressed:
    """Put a story on a page of an invented site; the same story and site give the same page.

    ``others`` are the stories whose headlines stand in its lists.
    """
    # A seed of text, unlike a hash, is the same in every process.
    chance = random.Random(f"{site}/{story.name}")
    template = load_sites()[site]
    titles = [other.title for other in others if other.title != story.title] or ["Other news"]

    changing: set[str] = set()

    def fill(part: str) -> list[list[str]]:
        blocks = []
        for block in template.get(part, []):
            filled = [_fill(line, story, titles, chance) for line in block]
            changing.update(new for line, new in zip(block, filled, strict=True) if _varies(line))
            blocks.append(filled)
        return blocks

    between = fill("between")
    inserted = chance.sample(between, min(len(between), chance.randint(1, _MOST_BETWEEN)))
    above, below, after = fill("above"), fill("below"), fill("after")
    body: list[list[str]] = [[paragraph] for paragraph in story.paragraphs]
    for block in inserted:
        # Never before the first paragraph: there it would be part of the head.
        body.insert(chance.randint(1, len(body)), block)
    blocks = [*above, [story.title], *below, *body, *after]
    furniture = [
        line for part in (above, below, inserted, after) for block in part for line in block
    ]
    page = _lay_out(blocks, template["layout"], story.title)
    return Dressed(story, page, tuple(furniture), frozenset(changing))


def update(story: Story) -> Story:
    """The same story after an update: another name, one new and one changed paragraph."""
    chance = random.Random(story.name)
    first, *rest = story.paragraphs
    last = _fill(_NEW, story, [story.title], chance)
    new = _fill(_NEW, story, [story.title], chance)
    kept = rest[:-1] if len(rest) > 1 else rest
    return Story(f"{story.name}-update", story.section, story.title, (first, new, *kept, last))


def _varies(line: str) -> bool:
    return any(f"{{{what}}}" in line for what in ("title", "name", "place"))


def _fill(line: str, story: Story, titles: Sequence[str], chance: random.Random) -> str:
    day, month = chance.randint(1, 28), chance.choice(_MONTHS.split())
    values = {
        "n": str(chance.randint(2, 99)),
        "place": chance.choice(_PLACES.split()),
        "weekday": chance.choice(_DAYS.split()),
        "section": story.section.capitalize(),
        "date": f"{month} {day}, 2026",
        "longdate": f"{day} {month} 2026",
        "time": f"{chance.randint(1, 12)}:{chance.randint(0, 59):02} {chance.choice(['AM', 'PM'])}",
    }
    for key, value in values.items():
        line = line.replace(f"{{{key}}}", value)
    while "{title}" in line:
        line = line.replace("{title}", chance.choice(titles), 1)
    while "{name}" in line:
        name = f"{chance.choice(_FIRST.split())} {chance.choice(_LAST.split())}"
        line = line.replace("{name}", name, 1)
    return line


def _lay_out(blocks: Sequence[Sequence[str]], layout: str, title: str) -> str:
    if layout == "lines":
        return "\n".join(line for block in blocks for line in block) + "\n"
    if layout == "wrapped":
        # All but headlines, which pages in mail and on terminals leave whole.
        blocks = [[part for line in block for part in _wrap(line, title)] for block in blocks]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _wrap(line: str, title: str) -> list[str]:
    return [line] if line == title else textwrap.wrap(line, _WRAP)

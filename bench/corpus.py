"""Makes articles in any number, for measuring: the same ones for every tool.

``python bench/corpus.py md 10000 DIR`` writes Markdown with front matter over ten sections;
``txt`` writes plain text as scraped, with furniture and no section, for cleaning and filing.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

SECTIONS = (
    "politics", "business", "health", "world", "technology",
    "sports", "entertainment", "weather", "investigations", "local",
)  # fmt: skip

# Words that a section's articles use, so that filing has something to find.
_WORDS = {
    "politics": "senate ballot minister parliament voter coalition governor lawmaker veto cabinet",
    "business": "market shares profit inflation merger bank retailer earnings tariff investor",
    "health": "hospital vaccine patients clinic doctor nurse disease treatment trial surgery",
    "world": "ceasefire embassy border refugees summit foreign troops envoy treaty aid",
    "technology": "software chip startup app encryption robot cloud developer smartphone algorithm",
    "sports": "striker coach league goal tournament season champion referee stadium medal",
    "entertainment": "film album actor premiere festival singer director series band box-office",
    "weather": "storm rainfall forecast flood temperature wind snow drought heatwave meteorologist",
    "investigations": "documents audit whistleblower records inquiry leaked fraud watchdog probe",
    "local": "council library residents street market school volunteers neighbourhood parish mayor",
}
PLAIN = (
    "people year time work said after before other first new long because would could while "
    "three week month city house road water early late small large public plan report group "
    "children family morning evening reason change question answer number service building "
    "country region project meeting letter office member story result record second number"
).split()
_START = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)


def make_sentence(random_: random.Random, words: list[str]) -> str:
    """Return one sentence, a quarter of it from the section's own words."""
    count = random_.randint(9, 22)
    chosen = [
        random_.choice(words) if random_.random() < 0.25 else random_.choice(PLAIN)
        for _ in range(count)
    ]
    return " ".join(chosen).capitalize() + "."


def make_article(number: int) -> tuple[str, str, list[str], datetime]:
    """Return the section, title, paragraphs and date of article ``number``: always the same."""
    random_ = random.Random(number)
    section = SECTIONS[number % len(SECTIONS)]
    words = _WORDS[section].split()
    title = make_sentence(random_, words)[:70].rstrip(".") + f" {number}"
    paragraphs = [
        " ".join(make_sentence(random_, words) for _ in range(random_.randint(2, 4)))
        for _ in range(random_.randint(7, 11))
    ]
    return section, title, paragraphs, _START + timedelta(minutes=number * 3 % 400_000)


def write_markdown(number: int) -> tuple[str, str]:
    """Return name and text of a Markdown article, which Hugo and feedsvc both read."""
    section, title, paragraphs, date = make_article(number)
    paragraphs[2] = f"## A subhead\n\n{paragraphs[2]}"
    paragraphs[4] = f"> {paragraphs[4]}"
    paragraphs[5] = f"A **bold** word, a [link](https://example.org/{number}). {paragraphs[5]}"
    head = (
        f'---\ntitle: "{title}"\ndate: {date.isoformat()}\ntags: [one, two]\n'
        f'summary: "{paragraphs[0][:100]}"\n---\n'
    )
    return f"{section}/article-{number:06d}.md", head + "\n\n".join(paragraphs) + "\n"


def write_text(number: int) -> tuple[str, str]:
    """Return name and text of an article as scraped: no section, and furniture around it."""
    _, title, paragraphs, date = make_article(number)
    footer = " | ".join(f"{name.capitalize()} News - The Bench Post" for name in SECTIONS)
    lines = [
        title,
        f"This version of item {number} was adapted for readers of The Bench Post.",
        "SHARE THIS -",
        f"Published {date:%B %d, %Y} 6:00AM UTC",
        *paragraphs[:3],
        f"A view of the place on {date:%A}.A. Photographer / Bench Images",
        *paragraphs[3:],
        "AdBlock Detected!\nPlease disable it to support our content.",
        "Related Articles",
        footer,
    ]
    return f"batch-{number % 100:02d}/article-{number:06d}.txt", "\n\n".join(lines) + "\n"


def write_corpus(kind: str, count: int, folder: Path, first: int = 0) -> None:
    """Write ``count`` articles of ``kind`` (md or txt) below ``folder``."""
    write = {"md": write_markdown, "txt": write_text}[kind]
    made: set[Path] = set()
    for number in range(first, first + count):
        name, text = write(number)
        path = folder / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_corpus(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

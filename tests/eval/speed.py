"""How long reading and filing one article takes: among the sections at hand, and among many."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from html import escape
from itertools import count

from feedsvc.cli import COLLECT_AFTER
from feedsvc.config import SectionConfig
from feedsvc.config.schema import MatchConfig
from feedsvc.filing import Model, Rules, decide
from feedsvc.filing.features import read_article
from feedsvc.ingest import reading_for
from feedsvc.model import Article, Stamp

from .noise import Story
from .site_filing import make_rules
from .site_reading import NOW, Page, learn_habits, read_with, sample_config

# A large site, as issue 5 has it: so many sections, and nearly as many words as are remembered.
SECTIONS = 200
WORDS = 900_000
_KEYWORDS = 8
# What new words are made with.
_SYLLABLES = ("ta", "ko", "mi", "ran", "vel", "zu")
_ROUNDS = 5


def measure_speed(sites: Sequence[Sequence[Page]], stories: Sequence[Story], rules: Rules) -> str:
    """Time the reading and filing of pages whose sites' habits are known.

    ``rules`` are those of the sections at hand; ``stories`` are what the many sections learn from.
    """
    large, words = _make_large(stories)
    few = Model(rules)
    # As commands run: what lives to the end is not looked through again and again (cli/__init__).
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    usual = time_articles(sites, lambda one: decide(one, rules, few))
    among = time_articles(sites, lambda one: decide(one, *large))
    return (
        f"Clean and file, one core: {usual:.2f} ms an article (floor 1, aim 0.5); among {SECTIONS} "
        f"sections with {words:,} learned words {among:.2f} ms (floor 1)."
    )


def time_articles(sites: Sequence[Sequence[Page]], into: Callable[[Article], object]) -> float:
    """Return the milliseconds of a core that reading and filing an article takes.

    All of a batch is read and then filed, as by the engine, whose batches are of 1,000. The best of
    some rounds counts.
    """
    # Once for many files, as the engine does.
    readings = [reading_for(sample_config(), NOW, learn_habits(pages)) for pages in sites]
    rounds = []
    for _ in range(_ROUNDS):
        # Of the processor, not of the clock: what else runs on the machine is not ours.
        start = time.process_time()
        articles = [
            read_with(reading, page)
            for reading, pages in zip(readings, sites, strict=True)
            for page in pages
        ]
        for article in articles:
            into(article)
        rounds.append(time.process_time() - start)
    return 1000 * min(rounds) / len(articles)


def _make_large(stories: Sequence[Story]) -> tuple[tuple[Rules, Model], int]:
    """Make a site of many sections that has learned nearly as many words as it can."""
    chance = random.Random(1)
    known = sorted({word for one in stories for line in one.paragraphs for word in line.split()})
    known = [word.casefold() for word in known if word.isalpha() and len(word) > 4]
    sections = dict(sample_config().sections)
    for number in range(len(sections), SECTIONS):
        name = f"section-{number}"
        words = tuple(chance.sample(known, min(_KEYWORDS, len(known))))
        match = MatchConfig(keywords=words)
        sections[name] = SectionConfig(name=name, title=" ".join(words[:2]), match=match)
    rules = make_rules(sample_config().model_copy(update={"sections": sections}))
    model, learned = Model(rules), set[str]()
    for number in count():
        article = _retell(chance.choice(stories), chance)
        learned.update(read_article(article, rules.phrases).features)
        if len(learned) > WORDS:
            break
        model.learn(rules.sections[number % SECTIONS], article)
    return (rules, model), len(learned)


def _retell(story: Story, chance: random.Random) -> Article:
    """Tell a story in words of which every second is new."""
    words = [word for line in story.paragraphs for word in line.split()]
    told = (
        word if chance.random() < 0.5 else word + "".join(chance.choices(_SYLLABLES, k=3))
        for word in words
    )
    content = f"<p>{escape(' '.join(told), quote=False)}</p>"
    return Article(
        path="told.txt", title=story.title, published=Stamp(NOW, "none"), content=content
    )

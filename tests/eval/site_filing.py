"""Articles filed among a config's sections, after so many were filed for certain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedsvc.config import Config
from feedsvc.filing import Model, Rules, compile_rules, decide
from feedsvc.model import Article, Filing

COVERAGE = 0.9

# An article and the section that it belongs to.
Sorted = tuple[str, Article]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an article belongs, and where it was put."""

    wanted: str
    path: str
    filing: Filing

    @property
    def primary(self) -> str:
        """The section it was filed in; empty if it was left unfiled."""
        return self.filing.sections[0] if self.filing.filed else ""

    @property
    def is_right(self) -> bool:
        """Whether its primary section is the one wanted."""
        return self.primary == self.wanted

    @property
    def story(self) -> str:
        """What happened, for the list of what went wrong."""
        why = self.filing.filed[0].why if self.filing.filed else self.filing.why
        return f"{self.path}: {self.primary or 'unfiled'}, not {self.wanted} ({why})"


def make_rules(config: Config, *, always: bool = False) -> Rules:
    """Compile the rules of a config; ``always`` files each article in its best section."""
    if always:
        filing = config.filing.model_copy(update={"threshold": 0.0})
        config = config.model_copy(update={"filing": filing})
    return compile_rules(config)


def file_articles(
    articles: Iterable[Sorted], certain: Iterable[Sorted], rules: Rules
) -> list[Outcome]:
    """File articles by a model that has learned from others, which were filed for certain."""
    model = Model(rules)
    for section, article in certain:
        model.learn(section, article)
    return [
        Outcome(section, article.path, decide(article, rules, model))
        for section, article in articles
    ]


def accuracy(outcomes: Sequence[Outcome]) -> float:
    """The share whose primary section is right."""
    return sum(one.is_right for one in outcomes) / len(outcomes)


def surest(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The 90 % of which the model was surest: what an editor need not look at."""
    ranked = sorted(outcomes, key=lambda one: -one.filing.margin if one.filing.filed else 0.0)
    return ranked[: math.ceil(COVERAGE * len(ranked))]

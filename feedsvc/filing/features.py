"""Article -> the words, word pairs and phrases that the model weighs, and how much each says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from feedsvc.filing.words import hush, is_telling, singulars, split_words
from feedsvc.model import Article

# A headline says in ten words what the article is about. Anything from 1 to 3 measures alike where
# there is a body; more takes a play on words for the subject.
TITLE_WEIGHT = 2

# News puts its matter first; what follows the first 400 words is background on other subjects.
WORDS_READ = 400

# Room for 400 words: English ones take six characters and a half, German ones eight. What lies
# behind is not even split.
_CHARACTERS_READ = WORDS_READ * 9

# The tenth mention of a word says less than the second: a president named ten times weighs as much
# as two words named once. From a table.
_WEIGHTS = (0.0, *(1.0 + 0.5 * math.log(count) for count in range(1, 64)))

Phrases = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
"""First word of a keyword phrase -> (its further words, the phrase as one feature)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads of an article: its ``words`` as written but case-folded, title first,
    the same as ``singulars``, and the ``features`` found in them with their weights."""

    words: list[str]
    singulars: list[str]
    features: dict[str, float]

    def find_written_form(self, feature: str) -> str:
        """How the article itself writes a feature first: ``politics`` for ``politic``."""
        first, *further = feature.split(" ")
        at = -1
        while first in self.singulars[at + 1 :]:
            at = self.singulars.index(first, at + 1)
            end = at + 1 + len(further)
            if self.singulars[at + 1 : end] == further:
                written = self.words[at:end]
                # Letters of scripts without spaces were parted by the tokeniser.
                parted = all(len(word) == 1 and not word.isascii() for word in written)
                return ("" if parted else " ").join(written)
        return feature


def read_article(article: Article, phrases: Phrases) -> Reading:
    """Read what an article is about.

    Features are words without their plural ending, pairs of neighbouring words, and those keyword
    ``phrases`` that occur. Numbers, single letters and stop words are none by themselves.
    """
    title = _split_start(article.title)
    body = _split_start(article.summary)
    body += _split_start(article.text)[: WORDS_READ - len(body)]
    title_singulars, body_singulars = singulars(title), singulars(body)
    counts = Counter(_list_features(body_singulars, phrases))
    for feature in _list_features(title_singulars, phrases):
        counts[feature] += TITLE_WEIGHT
    last = len(_WEIGHTS) - 1
    features = {name: _WEIGHTS[count if count < last else last] for name, count in counts.items()}
    return Reading(title + body, title_singulars + body_singulars, features)


def _split_start(text: str) -> list[str]:
    return split_words(text[:_CHARACTERS_READ])[:WORDS_READ]


def _list_features(words: list[str], phrases: Phrases) -> list[str]:
    telling = hush(words)
    found = [f"{word} {after}" for word, after in pairwise(telling) if word and after]
    found += filter(None, telling)
    for at in [at for at, word in enumerate(words) if word in phrases]:
        for further, name in phrases[words[at]]:
            if tuple(words[at + 1 : at + 1 + len(further)]) == further:
                found.append(name)
    return found


def is_natural(words: tuple[str, ...]) -> bool:
    """Whether these words come out as a feature by themselves, without being a keyword phrase."""
    return len(words) <= 2 and all(is_telling(word) for word in words)

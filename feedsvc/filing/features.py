"""Article -> the words, word pairs and phrases that the model weighs, and how much each says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from feedsvc.filing.words import is_telling, singulars, split_words, telling_singulars
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
"""First word of a keyword phrase, in each of its forms -> (its further words in the singular, the
phrase as one feature)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads of an article: its ``words`` as written but case-folded, title first,
    and how often each of the ``features`` is found in them; the title's count twice."""

    words: list[str]
    features: dict[str, int]

    def find_written_forms(self, features: Iterable[str]) -> Iterator[str]:
        """How the article itself writes features first: ``politics`` for ``politic``."""
        known = singulars(self.words)
        for feature in features:
            yield self._find_written_form(feature, known)

    def _find_written_form(self, feature: str, known: list[str]) -> str:
        first, *further = feature.split(" ")
        at = -1
        try:
            while True:
                at = known.index(first, at + 1)
                end = at + 1 + len(further)
                if known[at + 1 : end] == further:
                    written = self.words[at:end]
                    # Letters of scripts without spaces were parted by the tokeniser.
                    parted = all(len(word) == 1 and not word.isascii() for word in written)
                    return ("" if parted else " ").join(written)
        except ValueError:
            return feature


def read_article(article: Article, phrases: Phrases) -> Reading:
    """Read what an article is about.

    Features are words without their plural ending, pairs of neighbouring words, and those keyword
    ``phrases`` that occur. Numbers, single letters and stop words are none by themselves.
    """
    title = _split_start(article.title)
    body = _split_start(article.summary)
    body += _split_start(article.text)[: WORDS_READ - len(body)]
    features = Counter(_list_features(body, phrases))
    for feature in _list_features(title, phrases):
        features[feature] = features.get(feature, 0) + TITLE_WEIGHT
    return Reading(title + body, features)


def weigh_count(count: int) -> float:
    """How much a feature says that stands so often in an article."""
    return _WEIGHTS[count] if count < len(_WEIGHTS) else _WEIGHTS[-1]


def _split_start(text: str) -> list[str]:
    return split_words(text[:_CHARACTERS_READ])[:WORDS_READ]


def _list_features(words: list[str], phrases: Phrases) -> list[str]:
    telling = telling_singulars(words)
    found = [f"{word} {after}" for word, after in pairwise(telling) if word and after]
    found += filter(None, telling)
    if not phrases.keys().isdisjoint(words):
        found += _find_phrases(words, phrases)
    return found


def _find_phrases(words: list[str], phrases: Phrases) -> Iterator[str]:
    for at in [at for at, word in enumerate(words) if word in phrases]:
        for further, name in phrases[words[at]]:
            if tuple(singulars(words[at + 1 : at + 1 + len(further)])) == further:
                yield name


def is_natural(words: tuple[str, ...]) -> bool:
    """Whether these words come out as a feature by themselves, without being a keyword phrase."""
    return len(words) <= 2 and all(is_telling(word) for word in words)

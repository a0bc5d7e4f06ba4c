"""Article -> the words, word pairs and phrases that the model weighs, and how much each says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import compress, count, pairwise

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
# as two words named once. From a table, by how often a feature is found, which is no more than all
# words of the body and twice those of the title; what is found more often than 63 times weighs as
# much as that.
_WEIGHED_MOST = 63
WEIGHTS = (
    0.0,
    *(
        1.0 + 0.5 * math.log(min(count, _WEIGHED_MOST))
        for count in range(1, (1 + TITLE_WEIGHT) * WORDS_READ + 1)
    ),
)

Phrases = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
"""First word of a keyword phrase, in each of its forms -> (its further words in the singular, the
phrase as one feature)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads of an article: its ``words`` as written but case-folded, title first,
    the ``telling`` ones of them in the singular, with nothing in the place of the others, and how
    often each of the ``features`` is found in them; the title's count twice."""

    words: list[str]
    telling: list[str]
    features: dict[str, int]

    def find_written_form(self, feature: str) -> str:
        """How the article itself writes a feature first: ``politics`` for ``politic``."""
        parts = feature.split(" ")
        at = _find_row(parts, self.telling)
        if at < 0:  # a phrase with words that say nothing by themselves
            at = _find_row(parts, singulars(self.words))
        if at < 0:
            return feature
        written = self.words[at : at + len(parts)]
        # Letters of scripts without spaces were parted by the tokeniser.
        parted = all(len(word) == 1 and not word.isascii() for word in written)
        return ("" if parted else " ").join(written)


def _find_row(row: list[str], words: list[str]) -> int:
    """Where a row of words begins among others, -1 if it does not stand there."""
    at = -1
    with suppress(ValueError):
        while True:
            at = words.index(row[0], at + 1)
            if words[at : at + len(row)] == row:
                return at
    return -1


def read_article(article: Article, phrases: Phrases) -> Reading:
    """Read what an article is about.

    Features are words without their plural ending, pairs of neighbouring words, and those keyword
    ``phrases`` that occur. Numbers, single letters and stop words are none by themselves.
    """
    title = _split_start(article.title)
    body = _split_start(article.summary)
    body += _split_start(article.text)[: WORDS_READ - len(body)]
    title_telling, body_telling = telling_singulars(title), telling_singulars(body)
    features = Counter(_list_features(body, body_telling, phrases))
    for feature in _list_features(title, title_telling, phrases):
        features[feature] = features.get(feature, 0) + TITLE_WEIGHT
    return Reading(title + body, title_telling + body_telling, features)


def _split_start(text: str) -> list[str]:
    return split_words(text[:_CHARACTERS_READ])[:WORDS_READ]


def _list_features(words: list[str], telling: list[str], phrases: Phrases) -> list[str]:
    found = [f"{word} {after}" for word, after in pairwise(telling) if word and after]
    found += filter(None, telling)
    if not phrases.keys().isdisjoint(words):
        found += _find_phrases(words, phrases)
    return found


def _find_phrases(words: list[str], phrases: Phrases) -> Iterator[str]:
    for at in compress(count(), map(phrases.__contains__, words)):
        for further, name in phrases[words[at]]:
            behind = singulars(words[at + 1 : at + 1 + len(further)]) if further else ()
            if tuple(behind) == further:
                yield name


def is_natural(words: tuple[str, ...]) -> bool:
    """Whether these words come out as a feature by themselves, without being a keyword phrase."""
    return len(words) <= 2 and all(is_telling(word) for word in words)

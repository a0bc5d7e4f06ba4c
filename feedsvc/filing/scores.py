"""The arithmetic of the model: how strongly each word of an article speaks for each section.

Complement naive Bayes: a section is likely if the article's words are rare in all *other* sections.
For a word that stands in N of A articles, n of them among the a of section c, the rate elsewhere is

    (N - n + S * N / A) / (A - a + S)

and -log of it is the word's voice for c. S, in articles, is how strongly we believe in the word's
overall rate N / A until the other sections have shown theirs. Without that, a site that has filed
only its politics for certain would take every common word for politics.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import add

# Articles' worth of belief that a word is as frequent in one section as in another. Measured on
# skewed learning (250 articles in one section, 5 in each other): 3 loses 3 points, 30 gains none.
EVENNESS = 20.0

# The virtual articles of every section, which carry its own words: a keyword stands in all of them,
# so it weighs as much as 20 filed articles.
VIRTUAL_ARTICLES = 20.0

# A word that stands in more sections than this speaks only for those that have at least one part in
# so many of it; the others differ too little to be told apart. It keeps 200 sections affordable: a
# quarter less time than with 32, and as many right among 91 sections made of 1,136 news articles.
_HEARD_AT_MOST = 16


# What one word says: its bucket in the table, the sections that it speaks for, and how far its
# voices differ. A plain tuple, since a large site makes thousands of them after each lesson.
Voice = tuple[int, Mapping[int, float], float]


class VoiceTable:
    """Turns counts into voices for one state of the learned articles; rebuilt when that changes.

    The index behind the last section is *nothing*: a section without words or articles. It cannot
    win, and an article that speaks no louder for any section than for nothing has no section.
    """

    def __init__(self, learned: Sequence[int]) -> None:
        """Start from the number of learned articles of each section, by index."""
        self._learned = (*learned, 0)
        self._total = float(sum(learned))
        self._virtual = VIRTUAL_ARTICLES * len(self._learned)
        # The section with the most articles has the least to say through a word that it lacks.
        self._by_size = sorted(range(len(self._learned)), key=lambda at: -self._learned[at])
        # Sections with as many articles have the same to say through a word that they all lack.
        self._sizes = sorted(set(self._learned))
        self._size_at = [bisect_left(self._sizes, one) for one in self._learned]
        self._largest = self._size_at[self._by_size[0]]
        self._common: dict[int, tuple[list[float], float, float]] = {}
        self._lone: dict[tuple[int, int], Voice] = {}
        self._anyones: dict[int, Voice] = {}

    def weigh(self, learned: Mapping[int, int], own: Mapping[int, float]) -> Voice:
        """The voice of a word: ``learned`` articles and ``own`` weight of it, by section index."""
        if own:
            within: dict[int, float] = dict(own)
            for section, count in learned.items():
                within[section] = within.get(section, 0.0) + count
            return self._weigh(within, is_own=True)
        if len(learned) > 1:
            return self._weigh(learned, is_own=False)
        # Most words are one section's, and were seen as seldom as many others.
        (only,) = learned.items()
        voice = self._lone.get(only)
        if voice is None:
            voice = self._lone[only] = self._weigh(learned, is_own=False)
        return voice

    def _weigh(self, within: Mapping[int, float], is_own: bool) -> Voice:
        everywhere = float(sum(within.values()))
        if len(within) > _HEARD_AT_MOST:
            least = everywhere / _HEARD_AT_MOST
            within = {section: count for section, count in within.items() if count >= least}
        # Words of like frequency share a bucket: the sections that lack a word cost nothing.
        bucket = 2 * math.frexp(everywhere)[1] + is_own
        common, loudest, strength = self._common.get(bucket) or self._make_bucket(bucket)
        if not within:
            # Many words of a large site are anyone's. One value for all of a bucket stays at hand
            # in the processor; one for each would have to come from the memory.
            return self._anyones.setdefault(bucket, (bucket, {}, loudest - common[self._largest]))
        expected = strength * everywhere / (self._total + (self._virtual if is_own else 0.0))
        rest = everywhere + expected
        whole, log, size_at = math.log(rest), math.log, self._size_at
        least = most = loudest
        for section in self._by_size:
            if section not in within:
                least = common[size_at[section]]
                break
        voices = {}
        for section, count in within.items():  # the innermost loop of filing among many sections
            voice = voices[section] = whole - log(rest - count)
            said = common[size_at[section]] + voice
            if said > most:
                most = said
            elif said < least:
                least = said
        return bucket, voices, most - least

    def score(
        self, weights: Iterable[float], voices: Iterable[Voice | None]
    ) -> tuple[list[float], float]:
        """Add up voices, each with its weight; where there is none, nothing is said.

        Return the score of each section (and of nothing), and all that was said.
        """
        scores = [0.0] * len(self._learned)
        masses = defaultdict[int, float](float)
        said = 0.0
        for weight, voice in zip(weights, voices, strict=True):
            if voice is None:
                continue
            bucket, spoken, spread = voice
            masses[bucket] += weight
            said += weight * spread
            if spoken:
                for section, loudness in spoken.items():
                    scores[section] += weight * loudness
        sizes = [0.0] * len(self._sizes)
        for bucket, mass in masses.items():
            common = self._common[bucket][0]
            sizes = [score + mass * voice for score, voice in zip(sizes, common, strict=True)]
        return list(map(add, scores, map(sizes.__getitem__, self._size_at))), said

    def _make_bucket(self, bucket: int) -> tuple[list[float], float, float]:
        """What a word of this bucket says for sections that lack it, by size; at most; its S."""
        exponent, is_own = divmod(bucket, 2)
        virtual = VIRTUAL_ARTICLES if is_own else 0.0
        total = self._total + (self._virtual if is_own else 0.0)
        # Half a sighting more must be believed in: rare words stay modest.
        strength = EVENNESS + 0.5 * total / 2.0 ** (exponent - 1)
        common = [math.log(total - own - virtual + strength) for own in self._sizes]
        known = self._common[bucket] = (common, max(common), strength)
        return known

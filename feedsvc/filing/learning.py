"""The model that files what nobody decided: complement naive Bayes over the sections' own words."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import NamedTuple

from feedsvc.filing.calibrate import Sample, choose_threshold
from feedsvc.filing.certain import describe_unknown, find_barred
from feedsvc.filing.features import WEIGHTS, Reading, read_article
from feedsvc.filing.rules import KEYWORD, Rules
from feedsvc.filing.scores import Voice, VoiceTable
from feedsvc.model import SURE_BEYOND, Article, Filed, Filing

# Accuracy hardly rises after 100 articles a section; four times that follows a site's own words.
LEARN_AT_MOST = 400

# Words, pairs and phrases that are remembered, so that memory is bounded; 2,100 news articles came
# to 117,000.
VOCABULARY_AT_MOST = 1_000_000

# The margin that files an article before there is enough to cross-validate. Over 2,100 news
# articles of five sections, filed among ten by keywords alone, 0.96 of those beyond it were right;
# after 20 certain articles a section, 0.98.
THRESHOLD_AT_FIRST = 0.1

# What an article must say before its margin counts, in units of evidence: two keywords, each named
# once or twice. Without it one stray word would file an article with full confidence.
_SILENCE = 10.0

# Cross-validation speaks from this many certain articles a section on.
_CERTAIN_AT_LEAST = 20

# The threshold is set anew when the learned articles have grown by this factor.
_GROWTH = 1.2

# In the place of a section: a word of a section's own that no article had yet.
_UNSEEN = -1

# How many words a reason names.
_WORDS_SHOWN = 5


class _Ranking(NamedTuple):
    """One article's scores and all that its words said; in ``order`` the best section comes first.

    The last score belongs to *nothing*, see :class:`VoiceTable`. ``voices`` are those of the
    article's features, in their order; of most word pairs there is none.
    """

    order: list[int]
    scores: list[float]
    said: float
    voices: list[Voice | None]

    def margin(self, place: int = 0) -> float:
        """How far the section at ``place`` stands before the next one or nothing, 0 to 1."""
        if place + 1 >= len(self.order) or not self.is_section(place):
            return 0.0
        ahead = self.scores[self.order[place]] - self.scores[self.order[place + 1]]
        return ahead / (self.said + _SILENCE)

    def is_section(self, place: int) -> bool:
        return self.order[place] != len(self.scores) - 1


class Model:
    """Learns from certain filings and files the rest.

    What it decides depends on the rules and the articles learned so far, in their order, and on
    nothing else. It keeps caches: only one thread may use it at a time. Learning first and deciding
    afterwards is twice as fast as turns of both.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._index = {name: at for at, name in enumerate(rules.sections)}
        self._own = {
            feature: {self._index[name]: word.weight for name, word in by.items()}
            for feature, by in rules.own_words.items()
        }
        self._learned = [0] * len(rules.sections)
        # Every word, pair and phrase that says anything, as one dictionary that is asked once. Most
        # were seen in one article, of which the section is enough.
        self._known: dict[str, int | dict[int, int]] = dict.fromkeys(self._own, _UNSEEN)
        self._seen = 0
        self._sample = Sample(len(rules.sections))
        self._table = VoiceTable(self._learned)
        self._voices: dict[str, Voice] = {}
        self._threshold = THRESHOLD_AT_FIRST
        self._calibrated_at = 0

    def learn(self, section: str, article: Article) -> None:
        """Learn that an article belongs to a section.

        The caller sees to it that a person decided so (``Filing.certain``, or an admin's
        correction): a model that learns from its own guesses only grows surer of its mistakes.
        After ``LEARN_AT_MOST`` articles of a section further ones change nothing; neither do
        sections that the rules do not know, nor anything if ``filing.learn`` is off.
        """
        at = self._index.get(section)
        if at is None or not self._rules.learns or self._learned[at] >= LEARN_AT_MOST:
            return
        features = read_article(article, self._rules.phrases).features
        self._remember(at, features)
        self._sample.offer(at, features)
        self._forget_voices()

    def learned(self, section: str) -> int:
        """How many articles of a section were learned, at most ``LEARN_AT_MOST``."""
        at = self._index.get(section)
        return 0 if at is None else self._learned[at]

    def decide(self, article: Article) -> Filing:
        """File an article by its words: in the section that stands out, or else in none.

        A runner-up close behind is filed too. An article in which no section stands out goes to
        ``filing.fallback``, or stays unfiled with the reason.
        """
        reading = read_article(article, self._rules.phrases)
        threshold = self.threshold()
        ranking = self._rank(reading.features, find_barred(article, self._rules))
        note = describe_unknown(article, self._rules)
        margin = ranking.margin()
        if margin < threshold or not ranking.said or not ranking.is_section(0):
            return self._decline(ranking, threshold, note)
        places = (0, 1) if _is_shared(ranking, threshold) else (0,)
        filed = tuple(
            Filed(
                self._rules.sections[ranking.order[place]],
                f"words: {self._explain(ranking, place, reading)}{note}",
                certain=False,
            )
            for place in places
        )
        return Filing(filed, margin=margin, needed=threshold)

    def nearest(self, article: Article) -> tuple[str, ...]:
        """The two sections whose words an article uses most, the first one first."""
        reading = read_article(article, self._rules.phrases)
        ranking = self._rank(reading.features, find_barred(article, self._rules))
        sections = [at for at in ranking.order if at < len(self._index)]
        return tuple(self._rules.sections[at] for at in sections[:2])

    def threshold(self) -> float:
        """The margin from which an article is filed, 0 to 1.

        ``filing.threshold`` if the admin set it; else a fixed one until half of the sections have
        20 certain articles and 20 is the average; from then on the lowest that kept 95 % right in
        cross-validation, found anew whenever the learned articles have grown by a fifth.
        """
        if self._rules.threshold is not None:
            return self._rules.threshold
        total, sections = sum(self._learned), len(self._learned)
        if total < max(_CERTAIN_AT_LEAST * sections, self._calibrated_at * _GROWTH):
            return self._threshold
        ready = sum(count >= _CERTAIN_AT_LEAST for count in self._learned)
        if ready >= max(2, sections / 2):
            self._calibrated_at = total
            self._threshold = choose_threshold(self._cross_validate())
        return self._threshold

    def _remember(self, at: int, features: Mapping[str, int]) -> None:
        self._learned[at] += 1
        known = self._known
        for feature in features:
            counts = known.get(feature, _UNSEEN)
            if isinstance(counts, dict):
                counts[at] = counts.get(at, 0) + 1
            elif counts != _UNSEEN:
                known[feature] = {at: 2} if counts == at else {counts: 1, at: 1}
            elif self._seen < VOCABULARY_AT_MOST:
                known[feature] = at
                self._seen += 1
        if self._seen >= VOCABULARY_AT_MOST:
            # What came once may never come again; what came twice stays.
            often = {word: counts for word, counts in known.items() if isinstance(counts, dict)}
            self._known = dict.fromkeys(self._own, _UNSEEN) | often
            self._seen = len(often)

    def _forget_voices(self) -> None:
        self._table = VoiceTable(self._learned)
        self._voices.clear()

    def _rank(self, features: Mapping[str, int], barred: frozenset[str]) -> _Ranking:
        known = self._known
        voices = list(map(self._voices.get, features))
        for at, (feature, voice) in enumerate(zip(features, voices, strict=True)):
            if voice is None and feature in known:
                voices[at] = self._hear(feature)
        weights = map(WEIGHTS.__getitem__, features.values())
        scores, said = self._table.score(weights, voices)
        order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
        if barred:
            names = (*self._rules.sections, "")
            order = [at for at in order if names[at] not in barred]
        return _Ranking(order, scores, said, voices)

    def _hear(self, feature: str) -> Voice | None:
        own, learned = self._own.get(feature), self._known[feature]
        if not isinstance(learned, dict):
            learned = {learned: 1} if learned != _UNSEEN else {}
        if own is None and not any(learned.values()):
            return None
        voice = self._voices[feature] = self._table.weigh(learned, own or {})
        return voice

    def _cross_validate(self) -> list[tuple[bool, float]]:
        """Decide each sampled article as if it had not been learned: (right, margin)."""
        outcomes = []
        for at, features in self._sample:
            alone = self._forget(at, features)
            ranking = self._rank(features, frozenset())
            outcomes.append((ranking.order[0] == at, ranking.margin()))
            self._recall(at, features, alone)
        return outcomes

    def _forget(self, at: int, features: Mapping[str, int]) -> list[str]:
        """Unlearn an article; returns those of its features that it alone had."""
        self._learned[at] -= 1
        known = self._known
        alone = [feature for feature in features if known.get(feature) == at]
        known.update(dict.fromkeys(alone, _UNSEEN))
        self._shift(at, features, -1)
        return alone

    def _recall(self, at: int, features: Mapping[str, int], alone: list[str]) -> None:
        self._learned[at] += 1
        self._known.update(dict.fromkeys(alone, at))
        self._shift(at, features, +1)

    def _shift(self, at: int, features: Mapping[str, int], by: int) -> None:
        for feature in features:
            counts = self._known.get(feature)
            if isinstance(counts, dict) and at in counts:
                counts[at] += by
        self._forget_voices()

    def _explain(self, ranking: _Ranking, place: int, reading: Reading) -> str:
        """The words that decided, strongest first, each with where the model has it from."""
        section, rival = ranking.order[place], ranking.order[1 - place]
        leads = []
        for (feature, count), voice in zip(reading.features.items(), ranking.voices, strict=True):
            spoken = voice[1] if voice else {}
            if section in spoken and (lead := spoken[section] - spoken.get(rival, 0.0)) > 0:
                leads.append((WEIGHTS[count] * lead, feature))
        leads.sort(key=itemgetter(0), reverse=True)
        told = [
            f"{reading.find_written_form(feature)} ({self._trace(feature, section)})"
            for _, feature in leads[:_WORDS_SHOWN]
        ]
        return ", ".join(told) or "none that other sections use more"

    def _trace(self, feature: str, section: int) -> str:
        known = self._known[feature]
        count = known.get(section, 0) if isinstance(known, dict) else int(known == section)
        own = self._rules.own_words.get(feature, {}).get(self._rules.sections[section])
        if own and (own.origin == KEYWORD or count < own.weight):
            return own.origin
        return f"learned from {count} article{'' if count == 1 else 's'}"

    def _decline(self, ranking: _Ranking, threshold: float, note: str) -> Filing:
        margin = ranking.margin()
        best = [self._rules.sections[at] for at in ranking.order[:2] if at < len(self._index)]
        needed = f"(margin {margin:.2f}, {threshold:.2f} needed)"
        if not ranking.said or not best:
            why = "no word of any section"
        elif len(best) == 1:
            why = f"too little of {best[0]} {needed}"
        else:
            why = f"between {best[0]} and {best[1]} {needed}"
        if fallback := self._rules.fallback:
            why = f"fallback section: {why}{note}"
            return Filing((Filed(fallback, why, certain=False),), why, margin, threshold)
        return Filing((), f"unfiled: {why}{note}", margin, threshold)


def _is_shared(ranking: _Ranking, threshold: float) -> bool:
    """Whether the runner-up is filed too.

    Where the winner is no sure one, and the runner-up stands before the third as if it had won.
    """
    return (
        ranking.margin() < threshold + SURE_BEYOND
        and ranking.is_section(1)
        and ranking.margin(1) >= max(threshold, SURE_BEYOND)
    )

"""The filing part of the config, prepared once: every lookup that filing an article needs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from feedsvc.config import Config, SectionConfig, parse_rule
from feedsvc.filing.features import Phrases, is_natural
from feedsvc.filing.lexicon import find_topics
from feedsvc.filing.scores import VIRTUAL_ARTICLES
from feedsvc.filing.terms import Term, Terms, index_terms, read_term
from feedsvc.filing.words import is_telling, singulars, split_words, written_forms

# What a word is worth to a section before anything was filed, in filed articles. A keyword is the
# admin's considered word; a title's words are fewer and vaguer; a description is mostly grammar.
KEYWORD_WEIGHT = VIRTUAL_ARTICLES
TITLE_WEIGHT = 5.0
DESCRIPTION_WEIGHT = 2.0
# What is usual elsewhere is a hint. Anything from 2 to 10 measures alike; five filed articles that
# use the word otherwise have the last say.
USUAL_WEIGHT = 4.0

# The origin of a keyword, as reasons tell it.
KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class ExplicitRule:
    """One section's ``any``, ``all`` and ``none``, as indexes of :attr:`Rules.terms`."""

    section: str
    any: tuple[int, ...]
    all: tuple[int, ...]
    none: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A feature that stands in a section's own words: how much it weighs, and in which of them."""

    weight: float
    origin: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How this site files; made by :func:`compile_rules`, and may be pickled.

    ``names`` maps every way to write a section's name to it, ``heirs`` each name that one had
    before to what it is called now; ``folders`` a folder (its components,
    case-folded) to the sections that claim it; ``own_words`` feature -> section -> its weight.
    """

    sections: tuple[str, ...]
    names: Mapping[str, str]
    heirs: Mapping[str, str]
    folders: Mapping[tuple[str, ...], tuple[str, ...]]
    terms: Terms
    explicit: tuple[ExplicitRule, ...]
    own_words: Mapping[str, Mapping[str, OwnWord]]
    phrases: Phrases
    fallback: str
    learns: bool
    threshold: float | None


def compile_rules(config: Config) -> Rules:
    """Prepare the filing rules of a config, whose syntax was checked when it was read."""
    sections = tuple(config.sections.values())
    terms, explicit = _compile_explicit(sections)
    own_words, phrases = _collect_own_words(sections)
    fallback = config.filing.fallback
    return Rules(
        sections=tuple(section.name for section in sections),
        names=_collect_names(sections),
        heirs={old: section.name for section in sections for old in section.moved_from},
        folders=_collect_folders(sections),
        terms=terms,
        explicit=explicit,
        own_words=own_words,
        phrases=phrases,
        fallback=fallback if fallback in config.sections else "",
        learns=config.filing.learn,
        threshold=config.filing.threshold,
    )


def fold_name(name: str) -> str:
    """How names of sections are compared: by their words, whatever their case and hyphens."""
    return " ".join(split_words(name)) or name.casefold().strip()


def fold_path(path: str) -> tuple[str, ...]:
    """The components of a path as they are compared: case-folded, NFC, without empty ones."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    return tuple(part for part in folded.split("/") if part and part != ".")


def _collect_names(sections: Iterable[SectionConfig]) -> dict[str, str]:
    names: dict[str, str] = {}
    # A name wins over another section's title, and the earlier section over the later.
    for section in sections:
        names.setdefault(fold_name(section.name), section.name)
    for section in sections:
        names.setdefault(fold_name(section.title), section.name)
    # Who renames a section does not rewrite the front matter of its articles.
    for section in sections:
        for old in section.moved_from:
            names.setdefault(fold_name(old), section.name)
    return names


def _collect_folders(
    sections: Iterable[SectionConfig],
) -> dict[tuple[str, ...], tuple[str, ...]]:
    claims: dict[tuple[str, ...], tuple[str, ...]] = {}
    for section in sections:
        for folder in section.match.folders or (section.name,):
            parts = fold_path(folder)
            if parts and section.name not in claims.get(parts, ()):
                claims[parts] = (*claims.get(parts, ()), section.name)
    return claims


def _compile_explicit(
    sections: Iterable[SectionConfig],
) -> tuple[Terms, tuple[ExplicitRule, ...]]:
    known: dict[tuple[str, object], int] = {}
    terms: list[Term] = []

    def index(texts: tuple[str, ...]) -> tuple[int, ...]:
        indexes: dict[int, None] = {}
        for text in texts:
            term = read_term(parse_rule(text))
            same = (term.field, term.words or term.pattern)
            if same not in known:
                known[same] = len(terms)
                terms.append(term)
            indexes[known[same]] = None
        return tuple(indexes)

    explicit = [
        ExplicitRule(section.name, index(match.any), index(match.all), index(match.none))
        for section in sections
        if (match := section.match).any or match.all or match.none
    ]
    return index_terms(terms), tuple(explicit)


def _collect_own_words(
    sections: Iterable[SectionConfig],
) -> tuple[dict[str, dict[str, OwnWord]], Phrases]:
    own: dict[str, dict[str, OwnWord]] = {}
    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}

    def add(section: str, words: tuple[str, ...], weight: float, origin: str) -> None:
        feature = " ".join(words)
        # The first to come is the heaviest: keywords, then the title, then the description.
        own.setdefault(feature, {}).setdefault(section, OwnWord(weight, origin))
        entry = (words[1:], feature)
        if not is_natural(words):
            for form in written_forms(words[0]):
                if entry not in phrases.get(form, ()):
                    phrases[form] = (*phrases.get(form, ()), entry)

    for section in sections:
        for keyword in section.match.keywords:
            if words := tuple(singulars(split_words(keyword))):
                add(section.name, words, KEYWORD_WEIGHT, KEYWORD)
        for text, weight, origin in (
            (section.title, TITLE_WEIGHT, "section title"),
            (section.description, DESCRIPTION_WEIGHT, "section description"),
        ):
            for word in filter(is_telling, singulars(split_words(text))):
                add(section.name, (word,), weight, origin)
    # A word that stands in several sections says less for each of them.
    shared = {
        feature: {name: OwnWord(word.weight / len(by), word.origin) for name, word in by.items()}
        for feature, by in own.items()
    }
    for feature, usual in _collect_usual_words(sections).items():
        known = shared.setdefault(feature, {})
        if not any(word.origin == KEYWORD for word in known.values()):
            shared[feature] = usual | known
    return shared, phrases


def _collect_usual_words(sections: Iterable[SectionConfig]) -> dict[str, dict[str, OwnWord]]:
    """Feature -> section -> the word, for the sections that bear a usual topic's name."""
    origins: dict[str, dict[str, str]] = {}
    for section in sections:
        for topic in find_topics(section.name, section.title):
            for feature in topic.words:
                origins.setdefault(feature, {}).setdefault(section.name, topic.name)
    return {
        feature: {
            name: OwnWord(USUAL_WEIGHT / len(by), f"usual for {topic}")
            for name, topic in by.items()
        }
        for feature, by in origins.items()
    }

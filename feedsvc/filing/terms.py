"""The terms of an admin's rules: prepared once, then found in an article in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from feedsvc.config import Pattern, Rule
from feedsvc.filing.words import split_words
from feedsvc.model import Article

# A rule reads the whole of any article that a person writes (17,000 words), not of any file.
CHARACTERS_SEARCHED = 100_000

# Regular expressions come from the admin, and a careless one takes quadratic time: 10,000
# characters keep that under half a second. One that finds no end is broken off.
CHARACTERS_MATCHED = 10_000


@dataclass(frozen=True, slots=True)
class Term:
    """One term: either ``words`` or a ``pattern`` to find, in ``field`` or in the text at large."""

    text: str
    field: str = ""
    words: tuple[str, ...] = ()
    pattern: Pattern | None = None


def read_term(rule: Rule) -> Term:
    """Prepare one rule of the config for finding."""
    return Term(rule.text, rule.field, tuple(split_words(rule.phrase)), rule.pattern)


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of all sections, so that each is looked for once; a term is named by its index."""

    all: tuple[Term, ...]
    starts: Mapping[str, tuple[tuple[tuple[str, ...], int], ...]]
    """First word of a plain term -> (its further words, its index)."""
    others: tuple[int, ...]
    """Patterns and fields, which are looked for one by one."""


def index_terms(terms: Iterable[Term]) -> Terms:
    """Prepare terms for :func:`find_terms`."""
    known = tuple(terms)
    starts: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {}
    for index, term in enumerate(known):
        if term.words and not term.field:
            first, *further = term.words
            starts[first] = (*starts.get(first, ()), (tuple(further), index))
    others = tuple(index for index, term in enumerate(known) if term.field or not term.words)
    return Terms(known, starts, others)


def find_terms(article: Article, terms: Terms) -> frozenset[int]:
    """Which terms stand in an article, by index.

    Plain words and phrases are found on word borders, whatever their case, in the title, the
    summary or the text; ``author:`` within one author's name; ``tag:`` as the whole of a tag;
    ``path:`` as a row of whole words within the path. Patterns may match anywhere in these.
    """
    found: set[int] = set()
    texts_of: dict[str, tuple[str, ...]] = {}
    if terms.starts:
        texts_of[""] = _FIELD_TEXTS[""](article)
        for text in texts_of[""]:
            _find_words(split_words(text[:CHARACTERS_SEARCHED]), terms, found)
    words_of: dict[str, list[list[str]]] = {}
    for index in terms.others:
        term = terms.all[index]
        if term.field not in texts_of:
            texts_of[term.field] = _FIELD_TEXTS[term.field](article)
        texts = texts_of[term.field]
        if term.pattern is not None:
            hit = any(term.pattern.search(text[:CHARACTERS_MATCHED]) for text in texts)
        else:
            if term.field not in words_of:
                words_of[term.field] = [split_words(text[:CHARACTERS_MATCHED]) for text in texts]
            fits = _is_whole if term.field == "tag" else _is_within
            hit = any(fits(term.words, words) for words in words_of[term.field])
        if hit:
            found.add(index)
    return frozenset(found)


_FIELD_TEXTS: Mapping[str, Callable[[Article], tuple[str, ...]]] = {
    "": lambda article: (article.title, article.summary, article.text),
    "author": lambda article: article.authors,
    "tag": lambda article: article.tags,
    "path": lambda article: (article.path,),
}


def _find_words(words: list[str], terms: Terms, found: set[int]) -> None:
    starts = terms.starts
    for at, word in enumerate(words):
        if word in starts:
            for further, index in starts[word]:
                if tuple(words[at + 1 : at + 1 + len(further)]) == further:
                    found.add(index)


def _is_whole(wanted: tuple[str, ...], words: list[str]) -> bool:
    return bool(wanted) and tuple(words) == wanted


def _is_within(wanted: tuple[str, ...], words: list[str]) -> bool:
    size = len(wanted)  # no word is left of "'s": that is found nowhere, not everywhere
    return size > 0 and any(
        tuple(words[at : at + size]) == wanted for at in range(len(words) - size + 1)
    )

"""The terms of an admin's rules: read once, then found in an article in one pass.

A term is a word or phrase, a ``/regular expression/``, or one field with a word, phrase or
regular expression: ``author:Jane Doe``, ``tag:elections``, ``path:wire/reuters``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from feedsvc.filing.words import split_words
from feedsvc.model import Article

# A rule reads the whole of any article that a person writes (17,000 words), not of any file.
CHARACTERS_SEARCHED = 100_000

# Regular expressions come from the admin, and a careless one takes quadratic time: 10,000
# characters keep that under half a second. Repeats within repeats take for ever and are refused.
CHARACTERS_MATCHED = 10_000

_FIELDS = ("author", "tag", "path")


@dataclass(frozen=True, slots=True)
class Term:
    """One term: ``text`` as the admin wrote it, and either ``words`` or a ``pattern`` to find.

    ``field`` is ``author``, ``tag`` or ``path``, and empty for title, summary and text.
    """

    text: str
    field: str = ""
    words: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None


def parse_term(text: str) -> Term:
    """Read one term of ``match.any``, ``match.all`` or ``match.none``.

    :raises ValueError: it has nothing to find, or a pattern that is wrong or may never end; the
        message says what to do.
    """
    text = text.strip()
    head, colon, rest = text.partition(":")
    field = head.strip().casefold() if colon else ""
    if field in _FIELDS:
        body = rest.strip()
    else:
        field, body = "", text
    if len(body) > 2 and body.startswith("/") and body.endswith("/"):
        return Term(text, field, pattern=_compile(body[1:-1]))
    words = tuple(split_words(body))
    if not words:
        raise ValueError(f'"{text}" has no word to find; write a word, a phrase or a /pattern/')
    return Term(text, field, words)


def _compile(source: str) -> re.Pattern[str]:
    if _repeats_a_repeat(source):
        raise ValueError(
            f"/{source}/ repeats a group that itself repeats, and may never end on a long text; "
            "write it with one + or * at a time"
        )
    try:
        return re.compile(source, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"/{source}/ is no regular expression: {error}") from None


_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<?[=!:]|\(|\)|[*+]|\{\d*,\d*\}|.", re.DOTALL
)
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\d*\}")


def _repeats_a_repeat(source: str) -> bool:
    """Whether a repeated group holds a repeat, as in ``(a+)+``: each letter doubles its time."""
    pieces = _PIECE.findall(source)
    groups = [False]
    for at, piece in enumerate(pieces):
        if piece.startswith("("):
            groups.append(False)
        elif piece == ")" and len(groups) > 1:
            inner = groups.pop()
            repeated = at + 1 < len(pieces) and bool(_UNBOUNDED.fullmatch(pieces[at + 1]))
            if inner and repeated:
                return True
            groups[-1] = groups[-1] or inner
        elif _UNBOUNDED.fullmatch(piece):
            groups[-1] = True
    return False


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
    if terms.starts:
        for text in _FIELD_TEXTS[""](article):
            _find_words(split_words(text[:CHARACTERS_SEARCHED]), terms, found)
    words_of: dict[str, list[list[str]]] = {}
    for index in terms.others:
        term = terms.all[index]
        texts = _FIELD_TEXTS[term.field](article)
        if term.pattern is not None:
            searched = term.pattern.search
            hit = any(searched(text[:CHARACTERS_MATCHED]) for text in texts)
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
    return tuple(words) == wanted


def _is_within(wanted: tuple[str, ...], words: list[str]) -> bool:
    size = len(wanted)
    return any(tuple(words[at : at + size]) == wanted for at in range(len(words) - size + 1))

"""Text -> words: the one tokeniser of the rules, the keywords and the model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Scripts that are written without spaces: each letter stands alone, so that a keyword is found
# as a row of letters. Thai and Lao, Myanmar, Khmer, Kana, and Han.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"

# Marks that Python does not count among word characters though they stand inside words:
# combining accents, Hebrew and Arabic points, and the vowel signs of the Indic blocks
# (without the danda, which ends a sentence).
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u0670\u0900-\u0963\u0966-\u0dff"

# No nested repeats: linear on any text.
_WORD = re.compile(f"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\\W_]|[{_MARKS}])+")

# Most text is Latin-1: there, blanks in the place of all that is in no word part the words in a
# tenth of the pattern's time.
_BLANKED = bytes(code if chr(code).isalnum() else 0x20 for code in range(256))

# "mayor's" is the mayor; the n't of "don't" and the d of "he'd" say nothing of a subject either.
_APOSTROPHE = re.compile("'(?:s|t|d|m|re|ve|ll)?(?![^\\W_])")

# What typesetting adds to plain English; with it gone, most text is ASCII or nearly so.
_TYPOGRAPHY = "\u201c\u201d\u2013\u2014\u2026"

# Long enough for any word that people write, short enough that a line of base64 costs nothing.
LONGEST_WORD = 40

# Distinct words of which is remembered what they say: the working vocabulary of a news site.
_REMEMBERED = 50_000


class _Memory(dict[str, str]):
    """What was found of each word. Half the cost of an lru_cache, which sorts at each look."""

    def __init__(self, find: Callable[[str], str]) -> None:
        self._find = find

    def __missing__(self, word: str) -> str:
        found = self._find(word)
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(word) <= LONGEST_WORD:
            self[word] = found
        return found


def split_words(text: str) -> list[str]:
    """The words of a text, case-folded, in order; punctuation and underscores fall out.

    Letters of any script; those of scripts without spaces come one by one. A possessive ``'s``
    goes ("mayor's" is ``mayor``), a hyphen separates ("covid-19" is ``covid``, ``19``).
    """
    if not text.isascii():
        for mark in _TYPOGRAPHY:
            text = text.replace(mark, " ")
        text = text.replace("\u2019", "'")
    folded = text.casefold()
    if "'" in folded:
        folded = _APOSTROPHE.sub(" ", folded)
    try:
        data = folded.encode("latin-1")
    except UnicodeEncodeError:
        return _WORD.findall(unicodedata.normalize("NFC", folded))
    return data.translate(_BLANKED).decode("latin-1").split()


def singular(word: str) -> str:
    """A word without its English plural ending, near enough: its two forms must only agree."""
    if len(word) < 4 or word[-1] != "s" or not word.isascii() or word.endswith(_NO_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_PLURAL_ES) else word[:-1]


def singulars(words: list[str]) -> list[str]:
    """Each word without its plural ending."""
    return list(map(_SINGULARS.__getitem__, words))


def written_forms(word: str) -> list[str]:
    """All words of which :func:`singular` makes this one."""
    forms = (word, f"{word}s", f"{word}es", f"{word[:-1]}ies")
    return [form for form in dict.fromkeys(forms) if singular(form) == word]


def telling_singulars(words: list[str]) -> list[str]:
    """Each word's singular if it :func:`is_telling`; nothing in the place of the others."""
    return list(map(_TELLING.__getitem__, words))


def is_telling(word: str) -> bool:
    """Whether a word by itself can say what a text is about: stop words and numbers cannot."""
    return not (
        word in _STOP_WORDS
        or (len(word) == 1 and word.isascii())
        or len(word) > LONGEST_WORD
        or word.isdigit()
    )


_NO_PLURAL = ("ss", "us", "is")
_PLURAL_ES = ("sses", "ches", "shes", "xes", "zes")

# The words that hold English sentences together, and those of every news story: who said it, when.
_GRAMMAR = """
    a about above after again against all also am an and any are as at be because been before being
    below between both but by can cannot could did do does doing down during each even few for from
    further get got had has have having he her here hers herself him himself his how i if in into is
    it its itself just like made make many may me might more most much must my myself no nor not now
    of off on once one only or other our ours ourselves out over own per put said same say saying
    says she should so some still such take than that the their theirs them themselves then there
    these they this those three through to told too two under until up upon us very was way we well
    were what when where whether which while who whom whose why will with within without would yet
    you your yours yourself yourselves don doesn didn isn aren wasn weren hasn haven hadn won wouldn
    couldn shouldn
"""
_NEWS_TALK = """
    first last new news next old latest day days week weeks month months year years today yesterday
    tomorrow monday tuesday wednesday thursday friday saturday sunday january february march april
    june july august september october november december mr mrs ms dr according
"""
_STOP_WORDS = frozenset(
    form for word in (_GRAMMAR + _NEWS_TALK).split() for form in (word, singular(word))
)
_SINGULARS = _Memory(singular)
_TELLING = _Memory(lambda word: one if is_telling(one := singular(word)) else "")

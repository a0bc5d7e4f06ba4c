"""The same story twice: what two articles share, and whether they are one (decided purely).

An updated copy keeps whole sentences of the other, word for word, and adds or replaces some. Two
stories of one template (weather, scores, shares) share as many words, but wherever they differ
they differ in numbers, names and days. So sentences are compared, and of those that were changed it
is asked what changed in them.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from feedsvc.ingest import FILE_TIME
from feedsvc.model import Article, Status
from feedsvc.plain import text_of
from feedsvc.scan.forms import (
    NUMBER_WORDS,
    PLAIN_WORDS,
    Side,
    find_change,
    is_filled_in,
)

# Hashes a sketch: of the first sentence, which shorter cuts keep, and the smallest of all, which
# any two articles that share sentences are likely to share. Each is a row of the store.
_FIRST_HASHES = 1
_SMALLEST_HASHES = 4
# A shorter one is a byline, a label, or what anybody says. In bytes of letters and digits: about
# seven words of English, a dozen characters of Chinese.
_SENTENCE_LEAST = 32
# The sketch and the comparison look no further than this into a text, in characters.
_TEXT_MOST = 30_000
# Sentences that are compared with each other although no two are the same, at most, on each side.
_ALIGNED_MOST = 80

# With fewer words than this an article says too little to be anybody's copy.
WORDS_LEAST = 20
# With fewer words than this two articles must be nearly the same in all.
_SHORT_WORDS = 40
_SHORT_SHARE = 0.9
# Copies come within days of each other. Less than a week, so that a weekly column, or a table of
# the week, is never held against its last issue.
_WINDOW = timedelta(days=6)
# So much of the shorter one's words must stand in the other, in sentences that agree; a story that
# has its beginning from somewhere else must share more: follow-ups repeat whole paragraphs too.
_SHARE_LEAST = 0.66
_SHARE_OF_REST = 0.75
# A small part of a longer one (a truncated page, a brief) is a copy only if both begin alike: a
# digest of the day also holds a brief as a whole.
_PART_LEAST = 0.3
# Sentences with so many words in common are one, edited; headlines with so many are of one story.
_EDITED = 0.5
_TITLES_ALIKE = 0.5
# A line that ends like a sentence, and has so many words, says something; others are furniture.
_SAID_LEAST = 5
# A line between two that are the same, and in the place of another, is a field by itself.
_FIELD_LINE = 8
# A headline and its text have words in common, or at least their beginnings.
_STEM = 4
_TELLING = 3
# A template has more facts replaced than a correction does, however often they stand in the text,
# and either so many for each word that both have (an update changes a few in hundreds), or in
# sentences that make up so much of what both say.
_FACTS_LEAST = 3
_FACT_SHARE = 0.03
_TEMPLATE_SHARE = 0.3
# Other words are replaced as well: 0 to 2 of them in edited copies, 4 to 36 in the forms that were
# looked at, which is a word for twenty that both have.
_WORDS_REPLACED = 4
_WORD_SHARE = 0.04

_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|i|ins|mark|q|s|small|span|strong|sub|sup|time|u)\b[^<>]*>"
)
_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789"
_ENDS = b".!?<>"
_FOLD = bytes.maketrans(_LETTERS.upper() + _ENDS, _LETTERS + b"." * len(_ENDS))
_DROPPED = bytes({*range(128)} - {*_LETTERS, *_LETTERS.upper(), *_ENDS})
# Where a text has fewer of them than this, it is not in Latin letters.
_ASCII_LEAST = 0.6

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])|\n")
_SAID = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*$")
# Characters that need no spaces between words are words by themselves.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_NEGATIONS = frozenset({"not", "no", "never", "nicht", "kein", "keine", "pas", "non"})
# Numbers, and what is numbered in headlines.
_COUNTS = NUMBER_WORDS | {"part", "no", "number", "day", "week", "episode", "chapter", "issue"}


def sketch_of(content: str) -> tuple[int, ...]:
    """Return a few hashes of an article's sentences: copies share some of them.

    ``content`` is its sanitised HTML. This is made for every article, so it works on bytes: markup
    and full stops part sentences, and of the rest only letters and digits count.
    """
    content = content[:_TEXT_MOST]
    if content.count("<") != 2 * content.count("<p>"):
        content = _INLINE.sub("", content)
    data = content.encode("ascii", "ignore")
    if len(data) < _ASCII_LEAST * len(content):
        data = content.casefold().replace("。", ".").encode("utf-8", "ignore")
    sentences = data.translate(_FOLD, _DROPPED).split(b".")
    hashes = [zlib.crc32(one) for one in sentences if len(one) >= _SENTENCE_LEAST]
    return tuple({*hashes[:_FIRST_HASHES], *sorted(hashes)[:_SMALLEST_HASHES]})


def date_of(article: Article) -> datetime:
    """Return the date of what an article says: of its last update, else its own."""
    return article.updated.at if article.updated else article.published.at


def leads(one: Article, other: Article) -> str:
    """Say why the first of two copies leads, in words for the admin; nothing if it does not.

    The newer one leads, and of two of one date the longer one.
    """
    dates = _rank_date(one), _rank_date(other)
    if dates[0] != dates[1]:
        return "it has the newer date" if dates[0] > dates[1] else ""
    return "it has the longer text" if len(one.text) > len(other.text) else ""


def _rank_date(article: Article) -> datetime:
    """Return the date that copies are compared by: files of one minute were written together."""
    is_file_time = not article.updated and article.published.source == FILE_TIME
    moment = date_of(article).replace(microsecond=0)
    return moment.replace(second=0) if is_file_time else moment


def may_be_copy(article: Article, now: datetime) -> bool:
    """Whether an article may be a copy at all: public now, by what its file says (F18)."""
    public = article.status is Status.LIVE and article.published.at <= now
    return public and (article.expires is None or article.expires > now)


def may_be_one(one: Article, other: Article, since: datetime) -> bool:
    """Whether nothing that two articles say of themselves makes them two.

    ``since`` is the first date that the story of the other one had.
    """
    apart = (
        (one.key and other.key and one.key != other.key)
        or one.syndication is not other.syndication
        or (one.language and other.language and one.language != other.language)
        or (one.enclosure and other.enclosure and one.enclosure != other.enclosure)
    )
    if apart:
        return False
    if FILE_TIME in (one.published.source, other.published.source):
        return True  # when a file was written tells little of when its story was
    return since - _WINDOW <= date_of(one) and one.published.at <= date_of(other) + _WINDOW


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether two articles tell the same story, and ``why``, in words for the admin."""

    same: bool
    why: str


class Story:
    """An article as it is compared with others: its sentences, in words."""

    def __init__(self, article: Article) -> None:
        self.title = _Sentence(article.title)
        text = text_of(article.content[:_TEXT_MOST])
        made = (_Sentence(one) for one in _SENTENCE_END.split(text) if one)
        self.sentences = [one for one in made if one.words]
        self.words = sum(len(one.words) for one in self.sentences)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All different words of the text."""
        return frozenset(word for one in self.sentences for word in one.words)

    @cached_property
    def order(self) -> list[tuple[str, ...]]:
        """What two articles of one length are told apart by."""
        return [one.words for one in self.sentences]

    @cached_property
    def side(self) -> Side:
        """What the places of a form, filled in by this article, are held against."""
        names = {word for one in self.sentences for word in one.names}
        return Side(names, self.vocabulary | set(self.title.words), self.title.words)

    @cached_property
    def is_titled(self) -> bool:
        """Whether the headline says anything of the text, as far as that can be told."""
        telling = {word[:_STEM] for word in self.title.words if len(word) >= _STEM}
        return not telling or not telling.isdisjoint(word[:_STEM] for word in self.vocabulary)

    def names_beside(self, other: Story) -> frozenset[str]:
        """Return the stems that stand in this headline, and nowhere in the other article."""
        there = {word[:_STEM] for word in (*other.title.words, *other.vocabulary)}
        return _stems_of(self.title.words) - there


def _stems_of(words: Iterable[str]) -> frozenset[str]:
    """Return the beginnings of those words that tell something."""
    return frozenset(
        word[:_STEM] for word in words if len(word) >= _TELLING and word not in PLAIN_WORDS
    )


class _Sentence:
    """A sentence's words: as written, and for comparing."""

    def __init__(self, text: str) -> None:
        self.raw = _WORD.findall(text)
        self.is_said = bool(_SAID.search(text)) and len(self.raw) >= _SAID_LEAST
        self.words = tuple(word.casefold() for word in self.raw)

    @cached_property
    def count(self) -> Counter[str]:
        return Counter(self.words)

    @cached_property
    def names(self) -> list[str]:
        """Its words that have a capital letter though they do not begin it, or with the next."""
        capital = [
            raw[0].isupper() and word not in PLAIN_WORDS
            for raw, word in zip(self.raw, self.words, strict=True)
        ]
        begins = capital[:1] == [True] and capital[1:2] == [True]
        return [word for n, word in enumerate(self.words) if capital[n] and (n or begins)]

    def facts_among(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of its words that are numbers, or names by their capital letter."""
        wanted = set(words)
        return frozenset(
            word
            for raw, word in zip(self.raw, self.words, strict=True)
            if word in wanted and _is_fact(raw, word)
        )


def compare(one: Story, other: Story) -> Likeness:
    """Say whether two articles tell the same story."""
    # In whatever order they are given.
    shorter, longer = sorted((one, other), key=lambda story: (story.words, story.order))
    if _are_issues(one.title, other.title):
        return Likeness(False, "their headlines differ in a number alone: parts of a series")
    if shorter.words < WORDS_LEAST or len(shorter.vocabulary) < WORDS_LEAST:
        return Likeness(False, "too short to tell")
    titles_alike = _likeness(one.title, other.title) >= _TITLES_ALIKE
    if not titles_alike and not (one.is_titled and other.is_titled):
        return Likeness(False, "a headline of which no word stands in the text: filler")
    pairs = _align(shorter.sentences, longer.sentences)
    shared = sum(pair.shared for pair in pairs)
    share = shared / shorter.words
    percent = f"{share:.0%} of the shorter one's words"
    if share >= _SHARE_LEAST and _is_form(shorter, longer, pairs):
        return Likeness(False, f"{percent}, but another name or matter in its place: a form")
    if shorter.words < _SHORT_WORDS:
        facts = any(pair.gone for pair in pairs)
        same = not facts and min(share, shared / longer.words) >= _SHORT_SHARE
        return Likeness(same, f"{percent}, both short")
    if share < _SHARE_LEAST:
        return Likeness(False, percent)
    headlines = _align([one.title], [other.title])
    if _is_denied(one.title, other.title) or _is_retold(one, other, pairs):
        return Likeness(False, f"{percent}, but of another matter, by headline and text")
    if _is_template([*pairs, *headlines]):
        return Likeness(False, f"{percent}, but its facts are others: a template")
    begins_alike = any(pair.left == 0 for pair in pairs) or any(pair.right == 0 for pair in pairs)
    if shared < _PART_LEAST * longer.words:
        begin = {pair.left: pair.right for pair in pairs}.get(0)
        return Likeness(begin is not None and begin < 3 and titles_alike, f"{percent}, a part")
    least = _SHARE_LEAST if begins_alike or titles_alike else _SHARE_OF_REST
    return Likeness(share >= least, percent)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sentences that are one: how many words both have, and the facts that were replaced.

    ``replaced`` are the stems of all words that gave way to others, on either side.
    """

    left: int
    right: int
    shared: int
    gone: frozenset[str] = frozenset()
    come: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()


def _align(left: Sequence[_Sentence], right: Sequence[_Sentence]) -> list[_Pair]:
    """Pair the sentences that are the same, then those that are the same but for some words."""
    places: dict[tuple[str, ...], list[int]] = {}
    for index in range(len(right) - 1, -1, -1):
        places.setdefault(right[index].words, []).append(index)
    pairs, rest = [], []
    for index, sentence in enumerate(left):
        if found := places.get(sentence.words):
            pairs.append(_Pair(index, found.pop(), len(sentence.words)))
        else:
            rest.append(index)
    taken = {pair.right for pair in pairs}
    free = [index for index in range(len(right)) if index not in taken][:_ALIGNED_MOST]
    for index in rest[:_ALIGNED_MOST]:
        scored = [(_likeness(left[index], right[each]), -each) for each in free]
        likeness, place = max(scored, default=(0.0, 0))
        if likeness >= _EDITED:
            free.remove(-place)
            pairs.append(_pair_edited(index, -place, left[index], right[-place]))
    return pairs


def _is_form(left: Story, right: Story, pairs: Sequence[_Pair]) -> bool:
    """Whether two texts are one form, filled in twice."""
    ones, others = left.sentences, right.sentences
    places = {pair.left: pair.right for pair in pairs}
    apart = [(ones[i].words, others[k].words) for i, k in places.items()]
    rest = {i for i in range(len(ones)) if i not in places}
    other_rest = set(range(len(others))) - set(places.values())
    for i in sorted(rest):
        k = places.get(i - 1, -2) + 1
        is_field = k in other_rest and places.get(i + 1) == k + 1
        if is_field and max(len(ones[i].words), len(others[k].words)) <= _FIELD_LINE:
            apart.append((ones[i].words, others[k].words))
            rest.remove(i)
            other_rest.remove(k)
    change = find_change([pair for pair in apart if pair[0] != pair[1]], left.side, right.side)
    is_told = any(ones[i].is_said for i in rest) or any(others[k].is_said for k in other_rest)
    return is_filled_in(replace(change, edited=change.edited or is_told), left.side, right.side)


def _pair_edited(index: int, place: int, left: _Sentence, right: _Sentence) -> _Pair:
    only_left, only_right = left.count - right.count, right.count - left.count
    gone, come = left.facts_among(only_left), right.facts_among(only_right)
    lost, fresh = _stems_of(only_left), _stems_of(only_right)
    shared = (left.count & right.count).total()
    # A fact that was added, or left out, is an edit; one in the place of another is another fact.
    if not (gone and come):
        gone = come = frozenset()
    replaced = lost ^ fresh if lost - fresh and fresh - lost else frozenset[str]()
    return _Pair(index, place, shared, gone, come, replaced)


def _likeness(one: _Sentence, other: _Sentence) -> float:
    """Return the share of words that two sentences have in common (Dice)."""
    total = len(one.words) + len(other.words)
    least, most = sorted((len(one.words), len(other.words)))
    if not total or 2 * least < _EDITED * (least + most):
        return 0.0
    return 2 * (one.count & other.count).total() / total


def _is_template(pairs: Sequence[_Pair]) -> bool:
    """Whether what two articles share is a form that each has filled in with its own facts."""
    shared = sum(pair.shared for pair in pairs)
    replaced = [pair for pair in pairs if pair.gone]
    sides = ([pair.gone for pair in replaced], [pair.come for pair in replaced])
    words = frozenset[str]().union(*(pair.replaced for pair in pairs))
    if len(words) >= max(_WORDS_REPLACED, _WORD_SHARE * shared):
        return True
    facts = min(len(frozenset().union(*side)) for side in sides)
    in_them = sum(pair.shared for pair in replaced)
    if facts < _FACTS_LEAST:
        return False
    return facts >= _FACT_SHARE * shared or in_them >= _TEMPLATE_SHARE * shared


def _are_issues(one: _Sentence, other: _Sentence) -> bool:
    """Whether two headlines are those of a series: "Matchday 12" and "Matchday 13".

    Two reports of a toll that rises stand side by side for that: better than a series as one.
    """
    left, right = map(_without_numbers, (one, other))
    return left == right and one.words != other.words


def _without_numbers(sentence: _Sentence) -> list[str]:
    return [
        word
        for word in sentence.words
        if (len(word) > 1 or not word.isascii())
        and word not in _COUNTS
        and not any(map(str.isdigit, word))
    ]


def _is_denied(one: _Sentence, other: _Sentence) -> bool:
    """Whether one of two headlines says no where the other one does not."""
    return _NEGATIONS.isdisjoint(one.words) != _NEGATIONS.isdisjoint(other.words)


def _is_retold(one: Story, other: Story, pairs: Iterable[_Pair]) -> bool:
    """Whether a form was filled in anew: what a headline names gave way to something else.

    A word that stands in one headline alone, and nowhere in the other article, was replaced in a
    sentence that both have.
    """
    names = one.names_beside(other) | other.names_beside(one)
    return any(not names.isdisjoint(pair.replaced) for pair in pairs)


def _is_fact(raw: str, word: str) -> bool:
    if raw[0].isdigit() or word in NUMBER_WORDS:
        return True
    return raw[0].isupper() and word not in PLAIN_WORDS

"""Forms that were filled in twice: what stands in the place of what, in two texts (pure).

Two death notices, or two hearings, share every sentence, however long their form is; one name is
another, and that is all. So it is the shape of a change that tells, and not its share of the text:
a form has other words in the same places, an update also adds sentences or leaves some out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# A field of a form is no longer than a name, an address or a title; more is a sentence rewritten.
_FIELD_MOST = 8
# So many words in a row that the other sentence has nothing for are an addition.
_ADDED = 2
# A sentence of more words than this is one that nobody marked as such: it is not looked into.
_SENTENCE_MOST = 200
# Shorter words tell nothing, unless they are names.
_TELLING = 3
# A misspelling is one letter of a short word, two of a long one; "Col" is "Colonel".
_LONG_WORD = 7
_PREFIX = 3
# One other name makes another story of the same sentences. Of other words two do, or one and a
# headline that changed with it: a single one is somebody's second thought. Numbers and days are
# corrected, and tolls rise, two at a time.
_NAMES_LEAST = 1
_WORDS_LEAST = 2
_FACTS_LEAST = 3
# Where sentences came or went as well, one name in the place of another may be the house's own
# ("told Reuters"); that twice is no accident.
_NAMES_BESIDE_EDITS = 2

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_MORE_NUMBERS = (
    "first second third fourth fifth thirty forty fifty sixty seventy eighty ninety hundred "
    "thousand million billion half quarter double dozen"
)
_TIMES = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
    "sat sun january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sept sep oct nov dec today yesterday tomorrow tonight morning "
    "noon afternoon evening night midnight "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag heute gestern morgen "
    "januar februar märz mai juni juli oktober dezember "
    "lundi mardi mercredi jeudi vendredi samedi dimanche hier demain "
    "lunes martes miércoles jueves viernes sábado domingo ayer hoy mañana"
)
# They name a part of a town or a country as a name does.
_SIDES = (
    "north south east west northern southern eastern western northeast northwest southeast "
    "southwest upper lower left right inner outer"
)
# Each house has its own word for these.
_SAME = {
    "british": "britain",
    "uk": "britain",
    "american": "us",
    "america": "us",
    "usa": "us",
    "dutch": "netherlands",
    "holland": "netherlands",
}
# Nobody tells a story by these.
_PLAIN = (
    "a about after all also am an and another any are as at be been before being but by can "
    "could did do does for from had has have he her him his how i if in into is it its just may "
    "me might more most mr mrs ms my no not now of on onto or our out said say says shall she "
    "should so some such than that the their them then there these they this those to under "
    "until up upon us was we were what when where which while who whom why will with would you "
    "your"
)
_DIGIT = re.compile(r"\d")
_DIGIT_OF = {word: str(number) for number, word in enumerate(_NUMBERS.split())}
NUMBER_WORDS = frozenset((*_DIGIT_OF, *_MORE_NUMBERS.split()))
_TIME_WORDS = frozenset(_TIMES.split())
_SIDE_WORDS = frozenset(_SIDES.split())
PLAIN_WORDS = frozenset(_PLAIN.split())


@dataclass(frozen=True, slots=True)
class Side:
    """What is known of the words of one of two articles, case-folded.

    ``names`` are those that have a capital letter within a sentence, ``words`` all of them, of its
    headline too, and ``headline`` those of the headline, in their order.
    """

    names: Collection[str]
    words: Collection[str]
    headline: Sequence[str]


@dataclass(frozen=True, slots=True)
class Swap:
    """Words that stand in the place of others, of one ``kind``.

    It is a "name", "part" of a longer one, a "number" (or a day), or a plain "word".
    """

    kind: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How one text became the other: what was swapped, and whether anything came or went."""

    swaps: tuple[Swap, ...] = ()
    edited: bool = False


def find_change(
    pairs: Iterable[tuple[Sequence[str], Sequence[str]]], left: Side, right: Side
) -> Change:
    """Return what changed within sentences that two articles share, case-folded."""
    swaps: list[Swap] = []
    edited = False
    for one, other in pairs:
        if max(len(one), len(other)) > _SENTENCE_MOST:
            edited = True
            continue
        for tag, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            gone, come = _unlike(one[i:j], other[k:m])
            if gone and come and max(j - i, m - k) <= _FIELD_MOST:
                around = (*one[max(i - 1, 0) : i], *one[j : j + 1])
                if swap := _swap(gone, come, left, right, around):
                    swaps.append(swap)
            elif max(len(gone), len(come)) >= _ADDED:
                edited = True
    return Change(tuple(swaps), edited)


def is_filled_in(change: Change, left: Side, right: Side) -> bool:
    """Whether two articles are one form, filled in with what makes each another story."""
    # Where somebody wrote another headline, a word within a longer name was corrected.
    kinds = ("name", "part") if tuple(left.headline) == tuple(right.headline) else ("name",)
    names = [swap for swap in change.swaps if swap.kind in kinds]
    words = {swap for swap in change.swaps if swap.kind == "word"}
    if any(_is_of_headlines(swap, left, right) for swap in words):
        return True
    if change.edited:
        return len(names) >= _NAMES_BESIDE_EDITS
    facts = {swap for swap in change.swaps if swap.kind == "number"} | words
    least = _WORDS_LEAST - _are_swapped(left.headline, right.headline)
    return len(names) >= _NAMES_LEAST or len(words) >= least or len(facts) >= _FACTS_LEAST


def _unlike(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words of either side that the other has nothing for, not even misspelt."""
    joined = ["".join(side) for side in (one, other)]
    initials = ["".join(word[0] for word in side) for side in (one, other)]
    if not _DIGIT.search("".join(joined)) and _are_near(*joined):
        return [], []
    if joined[0] == initials[1] or joined[1] == initials[0]:  # "United Nations" and "UN"
        return [], []
    gone = [word for word in one if word not in PLAIN_WORDS]
    come = [word for word in other if word not in PLAIN_WORDS]
    for word in list(gone):
        if near := next((each for each in come if _are_near(word, each)), ""):
            gone.remove(word)
            come.remove(near)
    return gone, come


def _swap(
    gone: Sequence[str], come: Sequence[str], left: Side, right: Side, around: Sequence[str]
) -> Swap | None:
    """Return what one field has in place of the other; nothing if it tells nothing.

    What the other article says as well, elsewhere, is no other name and no other matter; the words
    ``around`` the field are those that stayed.
    """
    sides = (tuple(gone), tuple(come))
    if any(word in _SIDE_WORDS for word in gone) and any(word in _SIDE_WORDS for word in come):
        return Swap("name", *sides)
    own = (
        [word for word in gone if not _is_number(word) and word not in right.words],
        [word for word in come if not _is_number(word) and word not in left.words],
    )
    if all(
        any(word in side.names for word in words)
        for words, side in zip(own, (left, right), strict=True)
    ):
        is_part = len(around) == 2 and all(word in left.names for word in around)
        return Swap("part" if is_part and len(gone) == len(come) == 1 else "name", *sides)
    if all(any(_tells(word) for word in words) for words in own):
        return Swap("word", *sides)
    if all(any(_is_number(word) for word in words) for words in sides):
        return Swap("number", *sides)
    return None


def _is_of_headlines(swap: Swap, left: Side, right: Side) -> bool:
    """Whether two headlines differ as their texts do: "win" and "won", "lose" and "lost"."""
    own = [word for word in left.headline if word not in right.words]
    other = [word for word in right.headline if word not in left.words]
    return all(
        any(_are_near(word, each) for word in words for each in side if len(each) >= _TELLING)
        for words, side in ((own, swap.left), (other, swap.right))
    )


def _are_swapped(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two headlines begin alike, and then each has words that the other has not."""
    mine, others = ([word for word in words if _tells(word)] for words in (one, other))
    if not mine or not others or not _are_near(mine[0], others[0]):
        return False
    return all(_unlike(mine, others))


def _tells(word: str) -> bool:
    return word not in PLAIN_WORDS and (len(word) >= _TELLING or not word.isascii())


def _is_number(word: str) -> bool:
    return any(map(str.isdigit, word)) or word in NUMBER_WORDS or word in _TIME_WORDS


def _are_near(one: str, other: str) -> bool:
    """Whether two words are one, or one of them the other misspelt, shortened or inflected."""
    if one == other:
        return True
    if not one or not other:
        return False
    one, other = _DIGIT_OF.get(one, one), _DIGIT_OF.get(other, other)
    if _SAME.get(one, one) == _SAME.get(other, other):
        return True
    if one[0].isdigit() or other[0].isdigit():
        # "5m" is "5", and "1st" is "1".
        return _digits_of(one) == _digits_of(other)
    if one[0] != other[0] or _is_number(one) or _is_number(other):
        return False
    short, long = sorted((one, other), key=len)
    if len(short) >= _PREFIX and long.startswith(short):
        return True
    return _distance(short, long) <= (2 if len(short) >= _LONG_WORD else 1)


def _digits_of(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def _distance(one: str, other: str) -> int:
    """Return how many letters must be changed, added or left out; neighbours may change places."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, (letter, last) in enumerate(zip(one, " " + one, strict=False), 1):
        last_row, row = row, [i]
        for j, each in enumerate(other, 1):
            best = min(row[j - 1] + 1, last_row[j] + 1, last_row[j - 1] + (letter != each))
            if i > 1 and j > 1 and letter == other[j - 2] and last == each:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before = last_row
    return row[-1]

"""A site's own habits: lines that stand in many of its articles are furniture (DESIGN, Cleaning).

What is learned is counts only. Digits are normalised, so that "12 comments" and "7 comments" are
one line. A copy or an update of the same story shares its prose with it and must not count: the
same-story guard leaves such articles out.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from typing import TypeVar

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import is_western
from feedsvc.ingest.frontmatter import split_front_matter
from feedsvc.ingest.layout import lay_out
from feedsvc.ingest.prose import is_sentence
from feedsvc.plain import squeeze

# With fewer articles known than this, one other article with the line is enough.
FEW_ARTICLES = 10
# Then this many, or this share of the known articles, whichever is more.
LEAST_ARTICLES = 2
LINE_SHARE = 0.03
SHINGLE_SHARE = 0.05
# A line is furniture too if so much of its word sequences are.
SHINGLE_WORDS = 4
SHINGLE_MATCH = 0.6
# Over this share of its prose, in characters, another article tells the same story.
SAME_STORY = 0.4
# The name of the site above the headline stands on most pages, a recurring headline on few.
HEADER_SHARE = 0.5
# A site's pages begin and end alike; a piece of furniture stands on so many of them at least.
PEER_SHARE = 0.1
_FRAME_ENDS = 3
# A short sentence or a subhead between an article's own lines ("The case continues.", "Today")
# returns in a few; what is furniture there stands on more than this share of the pages.
TEXT_SHARE = 0.5
_SUBHEAD_WORDS = 2
# A thousand articles tell the habits as well as a hundred thousand, in a hundredth of the time.
MAX_ARTICLES = 1000
# Furniture is short; longer lines are compared whole and not by shingles.
MAX_SHINGLED = 400
# Two lines at least, or one so long: pages of a site may share one notice that looks like prose.
_SAME_LINES = 2
# A paragraph to which an update has added a sentence still begins with the same words.
_OPENING = 60
_SAME_LENGTH = 400
# A flash is nearly nothing but the first sentence of the story that follows it.
_FLASH = 0.7
# Prose is a line of this length that ends like a sentence. Quotes and short paragraphs are stories
# too, and notices that are as long are few on a page.
PROSE_LENGTH = 45
# A line in more articles than this is nobody's story; only its number is kept.
_MAX_POSTINGS = 24
# A line of prose that is as long is not taken for a piece of furniture, though it be like one, for
# the sake of one other article.
LONG_PROSE = 150
# A story has no more copies than this on a site; what stands in more articles is nobody's.
COPIES_MOST = 6
# The headline stands within so many lines, below a menu.
_HEAD_LINES = 8
_SMALL_WORDS = frozenset({"of", "the", "and", "&", "for", "de", "la", "der", "und", "|", "-"})
_BORDER = re.compile(r" +[|»·–—:-] +")
_Any = TypeVar("_Any")
_DIGITS = re.compile(r"\d+")
# All digits are one, and all white space within a line.
_NORMALISED = bytes.maketrans(b"123456789\t\v\f\r\x1c\x1d\x1e\x1f", b"0" * 9 + b" " * 8)
_SENTENCE_ENDS = (".", "!", "?", "…", '"', "”", "’", "»", ")")
# Longer lines differ in their beginning already, and one file may be a single line of 5 MB.
_MAX_LINE = 1000


@dataclass(frozen=True, slots=True)
class _Seen:
    """In how many articles something stands, and in which while they are few."""

    count: int
    articles: frozenset[int] = frozenset()

    def besides(self, left_out: frozenset[int]) -> int:
        if not left_out:
            return self.count
        return self.count - len(self.articles & left_out if self.articles else left_out)


@dataclass(frozen=True, slots=True)
class SiteHabits:
    """The lines and word sequences that stand in several articles of the site; empty by default."""

    paths: Mapping[str, int] = field(default_factory=dict)
    prose: tuple[int, ...] = ()
    lines: Mapping[str, _Seen] = field(default_factory=dict)
    shingles: Mapping[str, _Seen] = field(default_factory=dict)
    openings: Mapping[str, _Seen] = field(default_factory=dict)
    tails: Mapping[str, _Seen] = field(default_factory=dict)
    heads: Mapping[str, _Seen] = field(default_factory=dict)
    frames: Mapping[str, _Seen] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    """All words of the ``shingles``."""

    def __bool__(self) -> bool:
        return bool(self.prose)

    def find_furniture(self, lines: Sequence[str], path: str = "") -> Furniture:
        """Say which of an article's ``lines`` are furniture of the site; ``path`` is its own."""
        if not self.prose:
            return Furniture()
        keys = _normalise_all(lines)
        prose = list(map(_is_prose, lines))
        left_out = self._same_story(keys, prose, path)
        found = self._find_furniture(lines, keys, prose, left_out)
        # Before prose is cut that few have, those that tell it in another house's style are found.
        is_small = SHINGLE_SHARE * len(self.prose) <= COPIES_MOST  # else copies are no evidence
        told = found.lines.intersection(compress(range(len(prose)), prose)) if is_small else ()
        if any(self._is_rare(keys[n]) for n in told):
            more = self._retold(keys, prose) | left_out
            if more != left_out:
                return self._find_furniture(lines, keys, prose, more)
        return found

    def _is_rare(self, key: str) -> bool:
        """Whether a line stands in no more articles than a story has copies."""
        seen = self.lines.get(key)
        return not seen or seen.count <= COPIES_MOST

    def _find_furniture(
        self,
        lines: Sequence[str],
        keys: Sequence[str],
        prose: Sequence[bool],
        left_out: frozenset[int],
    ) -> Furniture:
        known = max(len(self.prose) - len(left_out), 0)
        least = _threshold(known, LINE_SHARE)
        least_shingle = _threshold(known, SHINGLE_SHARE)
        # Of the pages in the same frame a fair part has each piece of it; a subhead, or a sentence
        # that was quoted twice, stands in few of them.
        peers = self._count_peers(keys, left_out)
        usual = math.ceil(PEER_SHARE * peers)
        most = math.floor(TEXT_SHARE * peers) + 1
        counts = [seen.besides(left_out) if seen else 0 for seen in map(self.lines.get, keys)]
        # Where the first and the last sentence stand that no other article has.
        own = [n for n, count in enumerate(counts) if not count and prose[n]]
        first, last = (own[0], own[-1]) if own else (len(lines), -1)
        found, tops, headers = set[int](), set[int](), set[int]()
        for index, (line, key, count) in enumerate(zip(lines, keys, counts, strict=True)):
            above = self.heads.get(key) if index < _HEAD_LINES else None
            if above and above.besides(left_out) >= least:
                tops.add(index)
                if count >= HEADER_SHARE * known:
                    headers.add(index)
            # Most lines are prose, of which nothing is known: those are given up early.
            if not count and (len(line) > MAX_SHINGLED or self._count_misses(key.split()) < 0):
                continue
            # Between sentences of its own a story may well share one with another.
            is_inner = first < index < last and prose[index]
            wanted = max(usual, LEAST_ARTICLES if is_inner else 1)
            if count >= wanted and _could_be_text(lines, prose, counts, index):
                wanted = max(wanted, most)
            if count >= max(least, wanted):
                found.add(index)
                continue
            like = max(least_shingle, wanted)
            if prose[index] and len(line) >= LONG_PROSE:
                like = max(like, LEAST_ARTICLES)
            if self._is_patchwork(line, key, left_out, like):
                found.add(index)
        tails = {
            tail
            for line in lines[:_HEAD_LINES]
            for tail in find_tails(line)
            if self._count_tail(tail, left_out) >= least_shingle
        }
        return Furniture(frozenset(found), frozenset(tops), frozenset(headers), frozenset(tails))

    def _count_peers(self, keys: Sequence[str], left_out: frozenset[int]) -> int:
        """Count the articles whose page begins or ends like this one; all, where that is unsure."""
        peers: set[int] = set()
        most = 0
        for key in _frame_of(keys):
            if seen := self.frames.get(key):
                peers |= seen.articles - left_out
                most = max(most, seen.besides(left_out))
        return max(len(peers), most)

    def _count_tail(self, tail: str, left_out: frozenset[int]) -> int:
        seen = self.tails.get(tail)
        return seen.besides(left_out) if seen else 0

    def _same_story(self, keys: Sequence[str], prose: Sequence[bool], path: str) -> frozenset[int]:
        shared: Counter[int] = Counter()
        counts: Counter[int] = Counter()
        for key in set(compress(keys, prose)):
            if seen := self.openings.get(key[:_OPENING]):
                counts.update(seen.articles)
                shared.update(dict.fromkeys(seen.articles, len(key)))
        same = self._judge_same(shared, counts)
        return same | {self.paths[path]} if path in self.paths else same

    def _retold(self, keys: Sequence[str], prose: Sequence[bool]) -> frozenset[int]:
        """Return the articles that share this one's prose, be it in another house's style.

        Quotation marks, a dateline and "Col" for "Colonel" are enough to make another line of it.
        """
        shared: Counter[int] = Counter()
        counts: Counter[int] = Counter()
        for key in filter(self._is_rare, set(compress(keys, prose))):
            opening = self.openings.get(key[:_OPENING])
            alike = set(opening.articles if opening else ())
            words = key.split() if len(key) <= MAX_SHINGLED else []
            count = len(words) - SHINGLE_WORDS + 1
            if self._count_misses(words) >= 0:
                known = (
                    self.shingles.get(" ".join(words[start : start + SHINGLE_WORDS]))
                    for start in range(count)
                )
                seen = Counter(one for each in known if each for one in each.articles)
                alike |= {one for one, number in seen.items() if number >= SHINGLE_MATCH * count}
            if alike:
                counts.update(alike)
                shared.update(dict.fromkeys(alike, len(key)))
        return self._judge_same(shared, counts)

    def _judge_same(self, shared: Mapping[int, int], counts: Mapping[int, int]) -> frozenset[int]:
        """Return the articles that share enough prose, in characters and in lines."""
        return frozenset(
            one
            for one, length in shared.items()
            if length > SAME_STORY * self.prose[one]
            and (
                counts[one] >= _SAME_LINES
                or length >= _SAME_LENGTH
                or length > _FLASH * self.prose[one]
            )
        )

    def _is_patchwork(self, line: str, key: str, left_out: frozenset[int], least: int) -> bool:
        if len(line) > MAX_SHINGLED or not self.shingles:
            return False
        words = key.split()
        misses_left = self._count_misses(words)
        if misses_left < 0:
            return False
        for start in range(len(words) - SHINGLE_WORDS + 1):
            seen = self.shingles.get(" ".join(words[start : start + SHINGLE_WORDS]))
            if not seen or seen.besides(left_out) < least:
                misses_left -= 1
                if misses_left < 0:
                    return False
        return True

    def _count_misses(self, words: Sequence[str]) -> int:
        """Return how many shingles of a known line may be unknown; less than 0 if too many are."""
        count = len(words) - SHINGLE_WORDS + 1
        if count <= 0:
            return -1
        most = count - max(1, math.ceil(SHINGLE_MATCH * count))
        missing = count - sum(map(self.words.__contains__, words[:count]))
        return most if missing <= most else -1


@dataclass(frozen=True, slots=True)
class Furniture:
    """Indexes of the lines that are furniture.

    ``tops`` are those that stand at the top of other pages too, ``headers`` those of most pages;
    ``tails``, case-folded, what also ends the headlines of others after a bar, dash or colon: the
    site's name.
    """

    lines: frozenset[int] = frozenset()
    tops: frozenset[int] = frozenset()
    headers: frozenset[int] = frozenset()
    tails: frozenset[str] = frozenset()


# A page's head is looked at from several sides, and most of it is the site's.
@lru_cache(maxsize=1024)
def find_tails(line: str) -> tuple[str, ...]:
    """Return the names that stand after a bar, dash or colon of a headline, case-folded.

    "What we know so far" is none.
    """
    if len(line) > MAX_SHINGLED:
        return ()
    tails = (line[border.end() :].strip() for border in _BORDER.finditer(line))
    return tuple(
        tail.casefold()
        for tail in tails
        if all(word[:1].isupper() or word in _SMALL_WORDS for word in tail.split())
    )


def habits_of(texts: Iterable[tuple[str, str]]) -> SiteHabits:
    """Learn a site's habits from the (path, text) of its plain files, as they were scraped.

    At most 1,000 of them, spread evenly over what is given, are looked at.
    """
    chosen = choose_evenly(list(texts), MAX_ARTICLES)
    lines: defaultdict[str, set[int]] = defaultdict(set)
    shingles: defaultdict[str, set[int]] = defaultdict(set)
    openings: defaultdict[str, set[int]] = defaultdict(set)
    tails: defaultdict[str, set[int]] = defaultdict(set)
    heads: defaultdict[str, set[int]] = defaultdict(set)
    frames: defaultdict[str, set[int]] = defaultdict(set)
    prose = []
    for number, (_, text) in enumerate(chosen):
        found = _list_lines(text)
        unique = {_normalise(line): line for line in found}
        for key in _frame_of(_normalise_all(found)):
            frames[key].add(number)
        for line in found[:_HEAD_LINES]:
            heads[_normalise(line)].add(number)
            for tail in find_tails(line):
                tails[tail].add(number)
        told = [key for key, line in unique.items() if _is_prose(line)]
        prose.append(sum(map(len, told)))
        for key in told:
            openings[key[:_OPENING]].add(number)
        for key, line in unique.items():
            lines[key].add(number)
            if len(line) <= MAX_SHINGLED:
                for shingle in _shingles(key):
                    shingles[shingle].add(number)
    least = 1 if len(chosen) <= FEW_ARTICLES else 2
    common_shingles = _keep_common(shingles, least)
    return SiteHabits(
        paths={path: number for number, (path, _) in enumerate(chosen)},
        prose=tuple(prose),
        lines=_keep_common(lines, least),
        shingles=common_shingles,
        openings=_keep_common(openings, least),
        tails=_keep_common(tails, least),
        heads=_keep_common(heads, least),
        frames=_keep_common(frames, least),
        words=frozenset(word for shingle in common_shingles for word in shingle.split()),
    )


def choose_evenly(values: Sequence[_Any], most: int) -> Sequence[_Any]:
    """Return at most ``most`` of the values, spread evenly over them."""
    return values[:: max(1, -(-len(values) // most))]


def _list_lines(text: str) -> list[str]:
    """Return the lines that cleaning would judge: hard wraps undone, without front matter."""
    try:
        _, body, first_line = split_front_matter(text)
    except RefusedError:
        return []
    return [line.text for line in lay_out(body, first_line)]


def _keep_common(found: Mapping[str, set[int]], least: int) -> dict[str, _Seen]:
    return {
        key: _Seen(len(articles), frozenset(articles if len(articles) <= _MAX_POSTINGS else ()))
        for key, articles in found.items()
        if len(articles) >= least
    }


def _threshold(known: int, share: float) -> int:
    if known < FEW_ARTICLES:
        return 1
    return max(LEAST_ARTICLES, round(share * known))


def _normalise(line: str) -> str:
    return _normalise_all([line])[0]


def _normalise_all(lines: Sequence[str]) -> list[str]:
    """Normalise lines, all at once: their case, their digits and their spaces."""
    # A line that is not ASCII takes ten times as long to fold, and is folded by itself.
    joined = "\n".join([line[:_MAX_LINE].casefold() for line in lines])
    if "\xa0" in joined or "\x85" in joined or not is_western(joined):
        joined = "\n".join(map(squeeze, joined.split("\n")))
        return _DIGITS.sub("0", joined).split("\n") if lines else []
    data = f"\n{joined}\n".encode().translate(_NORMALISED)
    data = b"0".join(filter(None, data.split(b"0")))  # a third of the time of any replacing
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return [key.strip() for key in data[1:-1].decode().split("\n")] if lines else []


def _could_be_text(
    lines: Sequence[str], prose: Sequence[bool], counts: Sequence[int], index: int
) -> bool:
    """Whether a known line is a sentence behind the article's own, or a subhead among them.

    ``counts`` say in how many other articles each line stands.
    """
    line = lines[index]
    is_own_before = index > 0 and not counts[index - 1]
    if line.rstrip().endswith(_SENTENCE_ENDS):
        is_short = len(line) < PROSE_LENGTH
        return is_short and is_own_before and prose[index - 1] and is_sentence(line)
    is_own_after = index + 1 < len(lines) and not counts[index + 1] and prose[index + 1]
    is_subhead = len(line.split()) <= _SUBHEAD_WORDS and line[:1].isupper()
    return is_subhead and is_own_before and is_own_after


def _frame_of(keys: Sequence[str]) -> set[str]:
    """Return the first line of a page and its last ones."""
    return {*keys[:1], *keys[-_FRAME_ENDS:]}


def _is_prose(line: str) -> bool:
    return len(line) >= PROSE_LENGTH and line.rstrip().endswith(_SENTENCE_ENDS)


def _shingles(key: str) -> Iterator[str]:
    words = key.split()
    for start in range(len(words) - SHINGLE_WORDS + 1):
        yield " ".join(words[start : start + SHINGLE_WORDS])

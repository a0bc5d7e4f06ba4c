"""Which blocks of a page are its article: those that the extraction found, and what is between.

The extraction is good at saying where the article is and poor at writing it down: it loses words
beside links, single subheads and pictures. So it only points, and the page's own blocks are taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from feedsvc.ingest.pageblocks import (
    CAPTION,
    CODE,
    HEADING,
    LIST,
    PICTURE,
    QUOTE,
    SHORT,
    TABLE,
    TEXT,
    Block,
    is_sentence,
    letters_of,
)

# Searching takes a second for each 10^9 letters looked at; a news page comes to 10^7. Above this a
# block must be a whole line of the extraction, which takes no search.
_MAX_WORK = 1_000_000_000
# The part of a longer block that has to be found: the extraction changes words here and there.
_ENOUGH = 0.5
# The time of a post on a live page, beside its heading.
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,4})?", re.IGNORECASE)
# What is more links than this is a list of other articles.
MOSTLY_LINKS = 0.5
# Of what was found, no more than this stands above the headline by mistake.
_MAX_BEFORE = 0.2


def choose_blocks(blocks: Sequence[Block], extracted: str) -> list[bool]:
    """Say of each block whether it is the article's.

    ``extracted`` is the text of the article as an extraction found it, one block a line.
    """
    lines = [letters_of(line) for line in extracted.split("\n")]
    whole, known = "".join(lines), frozenset(lines)
    searches = len(blocks) + sum(len(block.letters) for block in blocks) // SHORT
    if searches * len(whole) > _MAX_WORK:
        kept = [block.letters in known and block.kind != CAPTION for block in blocks]
        return [keep and bool(block.letters) for keep, block in zip(kept, blocks, strict=True)]
    kept = [_is_found(block, whole, known) for block in blocks]
    _drop_doubles(blocks, kept, whole)
    _fill_gaps(blocks, kept)
    return kept


def find_start(blocks: Sequence[Block], kept: Sequence[bool], titles: frozenset[str]) -> int:
    """Find where the article's head begins: behind its headline, or at its first block.

    ``titles`` are the letters of what the headline may be.
    """
    total = sum(len(block.letters) for block, keep in zip(blocks, kept, strict=True) if keep)
    before, start = 0, next((place for place, keep in enumerate(kept) if keep), 0)
    for place, block in enumerate(blocks):
        # A headline that comes later is one of a list of other articles, or of a share box.
        if before > _MAX_BEFORE * total:
            break
        if block.letters in titles:
            start = place + 1
        elif kept[place]:
            before += len(block.letters)
    return start


def _is_found(block: Block, whole: str, known: frozenset[str]) -> bool:
    letters = block.letters
    if not letters or block.kind == CAPTION:
        return False
    if len(letters) < SHORT:
        # The extraction writes one entry a line.
        return letters in known or (bool(block.items) and known.issuperset(block.items))
    if letters in whole:
        return True
    starts = range(0, len(letters) - SHORT + 1, SHORT)
    hits = sum(letters[start : start + SHORT] in whole for start in starts)
    return hits >= _ENOUGH * len(starts)


def _drop_doubles(blocks: Sequence[Block], kept: list[bool], whole: str) -> None:
    """Of a text that stands on the page more often than in the article, take the best placed."""
    places: dict[str, list[int]] = {}
    for place, block in enumerate(blocks):
        if kept[place]:
            places.setdefault(block.letters, []).append(place)
    for letters, found in places.items():
        spare = len(found) - max(1, whole.count(letters)) if len(found) > 1 else 0
        if spare > 0:
            found.sort(key=lambda place: sum(kept[max(0, place - 3) : place + 4]))
            for place in found[:spare]:
                kept[place] = False


def _fill_gaps(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Take what the extraction missed between two blocks of the article.

    From behind, since a heading belongs to what follows it.
    """
    taken = [place for place, keep in enumerate(kept) if keep]
    for before, after in pairwise(taken):
        homes = (blocks[before].parent, blocks[after].parent)
        gap = range(after - 1, before, -1)
        # With other text in the gap a picture may be that text's: a teaser's, an advert's.
        alone = all(_is_of_picture(blocks[place]) for place in gap)
        for place in gap:
            block = blocks[place]
            if block.kind in (PICTURE, CAPTION):
                kept[place] = alone or block.parent in homes or bool(block.caption)
            elif (
                block.parent in homes
                or block.kind == QUOTE
                # A paragraph that the page writes as a box of its own; a teaser has a heading too.
                or block.above in homes
                or (block.kind == HEADING and _heads(blocks, place))
                or _is_clock(block, blocks[place + 1])
            ):
                kept[place] = _belongs(block, blocks[place + 1], kept[place + 1])
    if taken:
        _extend_end(blocks, kept, taken[-1])


def _is_of_picture(block: Block) -> bool:
    """Whether a block is a picture or its caption; a caption that is a link is a teaser."""
    return not block.letters or (block.kind == CAPTION and not _is_linked(block))


def _heads(blocks: Sequence[Block], place: int) -> bool:
    """Whether a heading stands in the box of what follows, or alone in one beside it."""
    path, following = blocks[place].path, blocks[place + 1].path
    shared = next(
        (n for n, (one, other) in enumerate(zip(path, following, strict=False)) if one != other),
        min(len(path), len(following)),
    )
    if shared == len(path):
        return True
    box, before = path[shared], place
    while before and box in blocks[before - 1].path:
        before -= 1
    return all(_CLOCK.fullmatch(block.text) for block in blocks[before:place])


def _is_clock(block: Block, following: Block) -> bool:
    """Whether a block is the time of a post, beside the post's heading."""
    return (
        block.kind == TEXT
        and following.kind == HEADING
        and block.path == following.path
        and bool(_CLOCK.fullmatch(block.text))
    )


def _extend_end(blocks: Sequence[Block], kept: list[bool], last: int) -> None:
    """Take the lists, tables and quotes that end the article, which the extraction takes for foots.

    They stand in the element of the last paragraph, with nothing else between it and them.
    """
    heading = 0  # how many headings stand open
    for place in range(last + 1, len(blocks)):
        block = blocks[place]
        if block.parent != blocks[last].parent:
            return
        if block.kind == HEADING:
            heading += 1
        elif block.kind == PICTURE and place == last + 1:
            kept[place] = True
        elif block.kind in (LIST, TABLE, QUOTE, CODE) and not _is_linked(block):
            kept[place - heading : place + 1] = [True] * (heading + 1)
            heading = 0
        else:
            return


def _is_linked(block: Block) -> bool:
    return block.linked > MOSTLY_LINKS * len(block.text)


def _belongs(block: Block, following: Block, followed: bool) -> bool:
    if _is_linked(block):
        return False
    if block.kind == HEADING:
        return followed and following.kind != HEADING
    if block.kind == TEXT:
        return is_sentence(block.text) or (followed and _is_clock(block, following))
    return True

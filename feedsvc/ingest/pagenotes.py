"""The footnotes of a page: what the marks in its article point to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedsvc.ingest.pageblocks import HEADING, PICTURE, TEXT, Block

# "1", "[12]", "a", "*": longer links lead to parts of the page, such as the comments.
_MARK = re.compile(
    r'<a\b[^<>]{0,400}?\shref="#([^"]{1,100})"[^<>]{0,400}>(?:<sup>)?[\[(]?(?:\d{1,3}|[a-z*†‡§])[\])]?'
    r"(?:</sup>)?</a>"
)
_ID = re.compile(r'\sid="([^"]{1,100})"')
# The letters of a mark that stands alone before its note.
_MAX_MARK = 3
# A longer text is no note.
_MAX_NOTE = 2000


def take_notes(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Keep the notes behind an article to which marks in it lead."""
    marks: set[str] = set()
    last = 0
    for place, block in enumerate(blocks):
        if kept[place]:
            last = place
            if 'href="#' in block.markup:
                marks.update(_MARK.findall(block.markup))
    if not marks:
        return
    path: tuple[int, ...] = ()
    for place in range(last + 1, len(blocks)):
        block = blocks[place]
        if block.kind in (HEADING, PICTURE):
            path = ()
        elif marks.intersection(_ID.findall(block.markup)):
            # "1" alone is followed by its note, in the same box.
            path = block.path if len(block.letters) <= _MAX_MARK else ()
            kept[place] = len(block.text) <= _MAX_NOTE or block.kind != TEXT
        elif path and block.path[: len(path)] == path and len(block.text) <= _MAX_NOTE:
            kept[place] = True
        else:
            path = ()

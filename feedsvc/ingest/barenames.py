"""Names that stand on a page without a "By": below its headline, or below its last paragraph."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from feedsvc.ingest.layout import MARKER, Line
from feedsvc.ingest.notices import CAPTION
from feedsvc.ingest.people import MAX_BYLINE, Byline, is_place, read_medium, read_names
from feedsvc.ingest.roles import is_role
from feedsvc.ingest.signatures import DATE

# Bare dates and bylines stand in the head of a page: within this many paragraphs of prose.
HEAD_PARAGRAPHS = 1
_PROSE_LENGTH = 140
# A paragraph that ends with a full stop may be shorter; a caption seldom is so long.
_SENTENCE_LENGTH = 80
FULL_STOPS = (".", ".”", '."', "!", "?")
# Names without a "By" stand within so many lines below the headline.
HEAD_LINES = 10
# How sure a byline is whose next line is a role.
ROLE_BELOW = 3
# Bylines that name nobody.
_NO_NAMES = frozenset(
    {"staff report", "staff reports", "from staff reports", "staff and agencies", "agencies"}
    | {"staff writer", "staff writers", "wire reports", "from wire reports", "newsroom"}
)
_DASHED = re.compile(r"[–—-]{1,2} ?")


def find_bare_names(
    lines: Sequence[Line], reasons: Sequence[str], title_at: int, tails: Collection[str]
) -> tuple[int, int, Byline] | None:
    """Find names that stand below the headline without a "By", beside a role or a date.

    Returns how sure they are, where they stand, and who is named (by "Staff reports" nobody).
    """
    best: tuple[int, int] | None = None
    prose = 0
    for index in range(title_at + 1, min(len(lines), title_at + 1 + HEAD_LINES)):
        text = lines[index].text
        prose += is_prose(text) and not reasons[index]
        if prose > HEAD_PARAGRAPHS:
            break
        if reasons[index] or not could_be_names(text) or text.casefold() in tails:
            continue
        if text.casefold() in _NO_NAMES:
            return 0, index, Byline()
        rank = _rank_names(lines, reasons, index)
        names = read_names(text) if rank > prose else None
        if names and (rank >= ROLE_BELOW or not is_label(names, text, lines)):
            best = max(best or (0, 0), (rank, index))
    if not best:
        return None
    rank, at = best
    return rank, at, read_names(lines[at].text) or Byline()


def find_names_above(lines: Sequence[Line], reasons: Sequence[str], index: int) -> Byline | None:
    """Find the names right above a line of the head that tells a date and an agency."""
    above = index - 1
    text = lines[above].text
    if above < 1 or reasons[above] or not could_be_names(text):
        return None
    names = read_names(text)
    others = (line for line in lines if line.number != lines[above].number)
    return names if names and not is_label(names, text, others) else None


def find_foot_names(
    lines: Sequence[Line], reasons: Sequence[str], last_prose: int
) -> tuple[int, Byline] | None:
    """Find "Ann Lee, Staff Writer" below the last paragraph, if it is no list of people."""
    below = [n for n in range(last_prose + 1, len(lines)) if not reasons[n]]
    if last_prose < 0 or not below or lines[below[0]].block == lines[last_prose].block:
        return None
    text = _DASHED.sub("", lines[below[0]].text)
    if names_role(text) and not any(names_role(lines[n].text) for n in below[1:]):
        return below[0], read_names(text) or Byline()
    return None


def could_be_names(text: str) -> bool:
    """Whether a line ends as names do, and is no longer."""
    return len(text) <= MAX_BYLINE and text[-1:] not in ".!?:"


def _rank_names(lines: Sequence[Line], reasons: Sequence[str], index: int) -> int:
    """Say how surely a line of names is a byline, by what stands beside it; 0 if nothing does."""
    if names_role(lines[index].text):
        return ROLE_BELOW + 1
    if index + 1 < len(lines):
        below = lines[index + 1].text
        if reasons[index + 1] in ("", CAPTION) and (is_role(below) or read_medium(below)):
            return ROLE_BELOW
        if reasons[index + 1] == DATE:
            return 2
    return int(_is_between_date_and_text(lines, reasons, index))


def _is_between_date_and_text(lines: Sequence[Line], reasons: Sequence[str], index: int) -> bool:
    """Whether a line stands right below a date, as a name does; a label stands above a list."""
    is_apart = lines[index].number > lines[index - 1].number + 1
    if reasons[index - 1] != DATE or is_apart:
        return False
    below = next((n for n in range(index + 1, len(lines)) if not reasons[n]), index)
    return is_prose(lines[below].text) and not MARKER.match(lines[below].text)


def is_label(names: Byline, text: str, lines: Iterable[Line]) -> bool:
    """Whether words in capitals are a place's or a thing's: the text has them in small letters."""
    words = text.casefold()
    return is_place(names) or any(words in line.text for line in lines)


def names_role(text: str) -> bool:
    """Whether a line says what the person is that it names: "Ann Lee, Business Editor"."""
    return any(is_role(part) for part in text.split(",")[1:]) and bool(read_names(text))


def is_prose(text: str) -> bool:
    """Whether a line is a paragraph: a sentence, or as long as several."""
    is_sentence = len(text) >= _SENTENCE_LENGTH and text.endswith(FULL_STOPS)
    return is_sentence or len(text) >= _PROSE_LENGTH

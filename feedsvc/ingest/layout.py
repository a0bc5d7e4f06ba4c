"""Physical lines of a text file -> logical lines in blocks: hard wraps are undone here.

A block is what stands between blank lines. Its lines stay single lines (lists, verse, tables,
quotes) or are paragraphs of their own. Cleaning looks at logical lines only: the last word of a
wrapped paragraph may be "Search", and is no button.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

# Texts are wrapped at 60 to 100 columns; a longer line shows that there is no wrapping.
MAX_WRAP = 100
MIN_WRAP = 45
# A narrow column (an e-mail's, a pocket's) is told from verse by more and fuller lines.
MIN_NARROW = 24
LEAST_NARROW = 5
NARROW_SHARE = 0.8
# So many of the lines that could be wrapped must be full before a text counts as wrapped.
WRAPPED_SHARE = 0.7
LEAST_WRAPPED = 3
LEAST_SURE = 2
# A line longer than this is a paragraph, and so are its neighbours.
PARAGRAPH_LENGTH = 120
# A sentence is longer than a label; paragraphs hold most of the text that labels stand between.
_SENTENCE_LENGTH = 60
_PARAGRAPH_SHARE = 0.6
_LEAST_PARAGRAPHS = 2
# In a text without blank lines each sentence is a paragraph; such lines as these can be one. Menus,
# names and bylines are shorter, and of verse more lines end in a comma or go on below.
_LEAST_TEXT = 40
_LEAST_SENTENCES = 3
_SENTENCE_SHARE = 0.6
_MOST_RUNNING_ON = 0.1
# What holds so much of a text is as good as all of it: its headline may stand apart.
_WHOLE_SHARE = 0.75
MARKER = re.compile(r"(?:[-*•‣▪–]|\d{1,3}[.)])\s+(?=\S)")
QUOTE = re.compile(r">\s?")
CELLS = re.compile(r"\t+|\s{2,}|\s*\|\s*")
_CODE_BEGINS = ("```", "~~~", "\n\t")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})[\w+#.-]{0,20}\s*$")
_INDENT = re.compile(r"(?: {4}|\t)\s*\S")
# What lines of code end or begin with, and prose and verse do not.
_CODE_SIGNS = re.compile(
    r"[;{}]$|^\s*[}\])]|\w\(.*\)[:;]?$|^\s*(?:[$#>] |//|<[/\w]|@\w|import |from \w+ import "
    r"|def |return\b|(?:for|while|if|elif|else|try|with|class)\b.*:$)"
    r"|\w ?[-+*/:<>=!]?= ?\S|->|=>|\bself\.|^\s*\w[\w.-]*: \S+$"
)
# A longer listing is no part of an article.
MAX_CODE = 2000
_AND_WORDS = frozenset({"and", "or", "to", "und", "oder", "et", "ou", "y", "o", "e"})
_SENTENCE_ENDS = (".", "!", "?", "…", '"', "”", "’", "»", ")")


class Line(NamedTuple):
    """A logical line: the number (from 1) of its first physical line, its text, its block.

    ``is_code`` says that it stands as it is, with its indent, and is judged by no rule.
    """

    number: int
    text: str
    block: int
    is_code: bool = False


def lay_out(text: str, first_line: int = 1) -> tuple[Line, ...]:
    """Split a text into logical lines; ``first_line`` is the number of its first line."""
    lines: list[Line] = []
    block = 0
    pieces = [
        ([piece] if is_code else list(_group(piece)), is_code)
        for piece, is_code in _split_code(text, first_line)
    ]
    width = _find_wrap([group for groups, is_code in pieces if not is_code for group in groups])
    for groups, is_code in pieces:
        if is_code:
            lines += [Line(number, line, block, is_code=True) for number, line in groups[0]]
            block += 1
            continue
        for group in groups:
            if len(group) == 1:  # as most are
                ((number, line),) = group
                lines.append(Line(number, line.strip(), block))
                block += 1
                continue
            is_whole = len(pieces) == 1 and _is_whole(group, groups)
            for part in _split_group(group, width, is_whole):
                lines += [Line(number, line, block) for number, line in part]
                block += 1
    return tuple(lines)


_Numbered = tuple[int, str]


def _is_whole(group: Sequence[_Numbered], groups: Sequence[Sequence[_Numbered]]) -> bool:
    """Whether a group is nearly all of the text; their number tells of most that they are not."""
    most = _WHOLE_SHARE / (1 - _WHOLE_SHARE)
    return len(group) >= most * (len(groups) - 1) and (
        len(group) >= _WHOLE_SHARE * sum(map(len, groups))
    )


def _split_code(text: str, first_line: int) -> Iterable[tuple[list[_Numbered], bool]]:
    """Split a text into runs of prose and of code: fenced, or indented and full of signs."""
    numbered = list(enumerate(text.split("\n"), first_line))
    # A single character is found ten times as fast, and hardly any text has one of these.
    may_have_code = "\n    " in text or (
        any(map(text.__contains__, "`~\t")) and any(map(text.__contains__, _CODE_BEGINS))
    )
    if not may_have_code:
        return [(numbered, False)]
    runs: list[tuple[list[_Numbered], bool]] = []
    start = at = 0
    while at < len(numbered):
        end, inner = _find_code(numbered, at)
        if end > at:
            runs += [(numbered[start:at], False), (inner, True)]
            start = at = end
        else:
            at += 1
    return [*runs, (numbered[start:], False)]


def _find_code(lines: Sequence[_Numbered], at: int) -> tuple[int, list[_Numbered]]:
    """Return where the code that begins at a line ends, and its lines; (``at``, none) if none."""
    if fence := _FENCE.match(lines[at][1]):
        for end in range(at + 1, min(len(lines), at + MAX_CODE)):
            if lines[end][1].strip() == fence["mark"]:
                return end + 1, list(lines[at + 1 : end])
        return at, []
    if not _INDENT.match(lines[at][1]) or (at and lines[at - 1][1].strip()):
        return at, []
    end = at
    while end < len(lines) and (_INDENT.match(lines[end][1]) or not lines[end][1].strip()):
        end += 1
    inner = [(number, line.expandtabs(4)) for number, line in lines[at:end]]
    while inner and not inner[-1][1].strip():
        inner.pop()
    signs = sum(bool(_CODE_SIGNS.search(line)) for _, line in inner)
    if signs < 2 or 2 * signs < sum(bool(line.strip()) for _, line in inner):
        return at, []
    margin = min(len(line) - len(line.lstrip()) for _, line in inner if line.strip())
    return end, [(number, line[margin:].rstrip()) for number, line in inner]


def _group(lines: Iterable[_Numbered]) -> Iterable[list[_Numbered]]:
    group: list[_Numbered] = []
    for number, line in lines:
        if line.strip():
            group.append((number, _expand_indent(line) if line[0] == "\t" else line.rstrip()))
        elif group:
            yield group
            group = []
    if group:
        yield group


def _expand_indent(line: str) -> str:
    """Make spaces of the tabs before a line; those within it part the cells of a table."""
    text = line.strip()
    return line[: len(line) - len(line.lstrip())].expandtabs(4) + text


def _find_wrap(groups: Sequence[Sequence[_Numbered]]) -> int:
    """Find the column at which the text is wrapped; 0 if it is not."""
    pairs = [(line, following) for group in groups for (_, line), (_, following) in pairwise(group)]
    if not pairs:
        return 0
    # Lists and verse may stand between wrapped paragraphs: their lines are shorter.
    width = _measure([pair for pair in pairs if len(pair[0]) >= MIN_WRAP], WRAPPED_SHARE)
    if width or any(len(line) >= MIN_WRAP for line, _ in pairs):
        return width
    narrow = [pair for pair in pairs if len(pair[0]) >= MIN_NARROW // 2]
    if len(narrow) < LEAST_NARROW:
        return 0
    width = _measure(narrow, NARROW_SHARE)
    # Verse ends its lines at its commas and begins them with capitals.
    flowing = sum(line[-1].isalnum() and after[:1].islower() for line, after in narrow)
    return width if width >= MIN_NARROW and 2 * flowing > len(narrow) else 0


def _measure(pairs: Sequence[tuple[str, str]], share: float) -> int:
    """Return the length of full lines, if so large a share of the lines is full; else 0."""
    if len(pairs) < LEAST_SURE:
        return 0
    inner = sorted(len(line) for line, _ in pairs)
    width = inner[int(len(inner) * 0.9)]
    if width > MAX_WRAP or inner[-1] > 2 * MAX_WRAP:
        return 0
    if len(pairs) < LEAST_WRAPPED:
        sure = all(line[-1].isalnum() and after[:1].islower() for line, after in pairs)
        return min(inner) if sure else 0
    full = [line for line, following in pairs if _is_full(line, following, width)]
    # Paragraphs of one line each that happen to be of one length end as sentences do.
    broken = sum(not line.endswith(_SENTENCE_ENDS) for line in full)
    is_wrapped = len(full) >= max(LEAST_WRAPPED, share * len(inner)) and 2 * broken > len(full)
    return width if is_wrapped else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether the next word would not have fitted on the line."""
    word = following.split(maxsplit=1)[0]
    return len(line) + 1 + len(word) > width and not MARKER.match(following.lstrip())


def _runs_on(line: str, following: str, width: int) -> bool:
    """Whether a dash or a number at the next line's beginning is no item's: "in 2004 / - up"."""
    word = following.split(maxsplit=1)[0]
    return len(line) + 1 + len(word) > width and not line.endswith((*_SENTENCE_ENDS, ":", ";", ","))


def _split_group(group: list[_Numbered], width: int, is_whole: bool) -> Iterable[list[_Numbered]]:
    if width:
        return _unwrap(group, width)
    are_paragraphs = _are_sentences if is_whole else _are_paragraphs
    texts = [line.strip() for _, line in group]
    if any(map(MARKER.match, texts)):
        prose = [text for text in texts if not MARKER.match(text)]
        if len(prose) < 2 or not are_paragraphs(prose):
            return [_join_items(group)]
        runs = groupby(group, key=lambda one: bool(MARKER.match(one[1].strip())))
        parts: list[list[_Numbered]] = []
        for is_list, run in runs:
            items = list(run)
            alone = [[(number, line.strip())] for number, line in items]
            parts += [_join_items(items)] if is_list else alone
        return parts
    stripped = [(number, text) for (number, _), text in zip(group, texts, strict=True)]
    if not are_paragraphs(texts):
        return [stripped]
    rows = groupby(enumerate(stripped), key=lambda one: one[0] if "\t" not in one[1][1] else -1)
    return [[one for _, one in run] for _, run in rows]


def _are_sentences(texts: Sequence[str]) -> bool:
    """Whether the lines of a text without blank lines are paragraphs, most of a sentence each."""
    if _are_paragraphs(texts):
        return True
    if any(map(QUOTE.match, texts)):
        return False
    long = [text for text in texts[1:] if len(text) >= _LEAST_TEXT]  # the first is the headline
    ended = sum(text.endswith(_SENTENCE_ENDS) for text in long)
    if ended < max(_LEAST_SENTENCES, _SENTENCE_SHARE * len(long)):
        return False
    running_on = sum(
        line[-1] == "," or (line[-1].isalnum() and after[:1].islower())
        for line, after in pairwise(texts)
    )
    return running_on <= _MOST_RUNNING_ON * len(texts)


def _are_paragraphs(texts: Sequence[str]) -> bool:
    if any(map(QUOTE.match, texts)):
        return False
    if max(map(len, texts)) > PARAGRAPH_LENGTH:
        return True
    long = [text for text in texts if len(text) > _SENTENCE_LENGTH]
    if long[:1] == list(texts[:1]) and not texts[0].endswith(_SENTENCE_ENDS):
        long = long[1:]  # a headline above them
    ended = sum(text.endswith(_SENTENCE_ENDS) for text in long)
    return (
        len(long) >= _LEAST_PARAGRAPHS
        and ended >= 0.8 * len(long)
        and sum(map(len, long)) >= _PARAGRAPH_SHARE * sum(map(len, texts))
    )


def _unwrap(group: list[_Numbered], width: int) -> Iterable[list[_Numbered]]:
    """Join full lines; a line that is not full, or the next one's indent, ends a paragraph."""
    margin = min(len(line) - len(line.lstrip()) for _, line in group)
    joined: list[list[_Numbered]] = []
    open_line = False
    for index, (number, line) in enumerate(group):
        text = line.strip()
        indented = len(line) - len(line.lstrip()) > margin and index > 0
        item = bool(joined and MARKER.match(joined[-1][0][1]))
        if open_line and (item or not indented):
            first, sofar = joined[-1][-1]
            border = "" if _is_hyphenated(sofar, text) else " "
            joined[-1][-1] = (first, f"{sofar}{border}{text}")
        else:
            joined.append([(number, text)])
        following = group[index + 1][1] if index + 1 < len(group) else ""
        is_item = bool(MARKER.match(joined[-1][0][1]))
        open_line = bool(following) and (
            _is_full(line, following, width) or (not is_item and _runs_on(line, following, width))
        )
    return _gather_short(joined)


def _is_hyphenated(before: str, after: str) -> bool:
    """Whether a line broke inside "long-standing"; "pre- and post-war" broke between words."""
    word = after.split(maxsplit=1)[0]
    return before[-1:] == "-" and before[-2:-1].isalnum() and word not in _AND_WORDS


def _gather_short(parts: list[list[_Numbered]]) -> list[list[_Numbered]]:
    """Put lines that were never joined (verse, lists) back into one block."""
    gathered: list[list[_Numbered]] = []
    last_long = True
    for part in parts:
        is_long = len(part[0][1]) > MAX_WRAP or not gathered
        if is_long or last_long:
            gathered.append(part)
        else:
            gathered[-1].extend(part)
        last_long = len(part[0][1]) > MAX_WRAP
    return gathered


def _join_items(group: list[_Numbered]) -> list[_Numbered]:
    """Join the indented second lines of list items to their first."""
    items: list[_Numbered] = []
    for number, line in group:
        text = line.strip()
        if items and line[0] in " \t" and not MARKER.match(text) and MARKER.match(items[-1][1]):
            items[-1] = (items[-1][0], f"{items[-1][1]} {text}")
        else:
            items.append((number, text))
    return items

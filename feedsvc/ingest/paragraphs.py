"""Logical lines -> HTML: paragraphs, lists, quotes, tables, verse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from feedsvc.ingest.layout import CELLS, MARKER, QUOTE, Line
from feedsvc.plain import squeeze

# A longer cell is a sentence, before which somebody typed two spaces.
_MAX_CELL = 40
_HEADING = re.compile(r"(#{2,6})\s+(?=\S)")
_ORDERED = re.compile(r"\d")
# How a line begins that may be a heading, an item or a quote.
_MARKED = frozenset("#-*•‣▪–>0123456789")


def build_body(lines: Iterable[Line]) -> str:
    """Build the content (escaped HTML) of kept lines."""
    blocks = groupby(lines, key=lambda line: (line.block, line.is_code))
    return _join_lists(
        "\n".join(
            _build_code(block) if is_code else _build_block([line.text for line in block])
            for (_, is_code), block in blocks
        )
    )


def _build_code(lines: Iterable[Line]) -> str:
    code = "\n".join(line.text for line in lines).strip("\n")
    return f"<pre><code>{_escape(code)}</code></pre>"


def _join_lists(html: str) -> str:
    """Make one list of items that stood apart by blank lines."""
    return html.replace("</li></ul>\n<ul><li>", "</li><li>").replace(
        "</li></ol>\n<ol><li>", "</li><li>"
    )


def _build_block(texts: Sequence[str]) -> str:
    if len(texts) == 1 and texts[0][:1] not in _MARKED and not texts[0][:1].isdigit():
        return f"<p>{_escape(squeeze(texts[0]))}</p>"
    if len(texts) == 1 and (heading := _HEADING.match(texts[0])):
        plain = squeeze(texts[0][heading.end() :].rstrip("# "))
        level = len(heading[1])
        return f"<h{level}>{_escape(plain)}</h{level}>"
    if all(MARKER.match(text) for text in texts) and (len(texts) > 1 or texts[0][0] in "-*•‣▪"):
        return _build_list(texts)
    if all(QUOTE.match(text) for text in texts):
        plain = squeeze(" ".join(QUOTE.sub("", text, count=1) for text in texts))
        return f"<blockquote><p>{_escape(plain)}</p></blockquote>"
    if rows := _find_table(texts):
        cells = ("".join(f"<td>{_escape(cell)}</td>" for cell in row) for row in rows)
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table><tbody>{body}</tbody></table>"
    if parts := _part_tables(texts):
        return "\n".join(map(_build_block, parts))
    first_item = next((n for n, text in enumerate(texts) if MARKER.match(text)), 0)
    if first_item and all(MARKER.match(text) for text in texts[first_item:]):
        return f"{_build_block(texts[:first_item])}\n{_build_block(texts[first_item:])}"
    return f"<p>{'<br>'.join(_escape(squeeze(text)) for text in texts)}</p>"


def _build_list(texts: Sequence[str]) -> str:
    name = "ol" if _ORDERED.match(texts[0]) else "ul"
    items = [squeeze(MARKER.sub("", text, count=1)) for text in texts]
    body = "".join(f"<li>{_escape(item)}</li>" for item in items)
    return f"<{name}>{body}</{name}>"


def _find_table(texts: Sequence[str]) -> list[list[str]]:
    """Find a table: two lines or more that fall into the same number of cells."""
    if len(texts) < 2:
        return []
    rows = _find_rows([CELLS.split(text.strip(" |\t")) for text in texts])
    if not rows and all("\t" in text for text in texts):
        rows = _find_rows([text.split("\t") for text in texts])  # some cells are empty
    return rows


def _find_rows(cells: Iterable[Sequence[str]]) -> list[list[str]]:
    rows = [[squeeze(cell) for cell in row] for row in cells]
    rows = [row for row in rows if not all(set(cell) <= set("-:=+") for cell in row)]
    head, *below = rows or [[]]
    # Above the names of the rows a head often has nothing: "(tab) 2026 (tab) 2025".
    is_short = len(below) > 1 and 2 <= len(head) == len(below[0]) - 1
    if is_short and max(len(cell) for row in rows for cell in row) <= _MAX_CELL:
        rows[0] = ["", *head]
    same = {len(row) for row in rows}
    return rows if len(same) == 1 and same.pop() >= 2 and len(rows) >= 2 else []


def _part_tables(texts: Sequence[str]) -> list[list[str]]:
    """Part the tables of a block from the lines above and below them; nothing if it has none."""
    if sum("\t" in text for text in texts) < 2:
        return []
    runs = [list(run) for _, run in groupby(texts, key=lambda text: "\t" in text)]
    has_table = any("\t" in run[0] and _find_table(run) for run in runs)
    return runs if has_table and len(runs) > 1 else []


def _escape(text: str) -> str:
    return escape(text, quote=False)

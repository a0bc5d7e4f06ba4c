"""Changing one value in the text of a YAML file, and not a byte of what stands around it.

ruamel.yaml says where each value stands in the text; dumping its tree again would wrap long lists
anew and move comments. So only the characters that are concerned are replaced. Whoever calls checks
that the new text means what was wanted: there is more YAML than these functions know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from feedsvc.config.fragments import Value, write_block, write_flow, write_scalar

# What stands where a new block of keys begins, if no other block shows how this file does it.
_STEP = 2

_ALIAS = re.compile(r"\s*:?\s*(\*[^\s,\[\]{}]+)")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_DOCUMENT_END = re.compile(r"^(?:\.\.\.|---)", re.MULTILINE)
# A text that needs no escapes in any quotes.
_WORD = re.compile(r"[\w-]+", re.ASCII)
_BLANK = re.compile(r"[ \t]*(?:\r\n|\n|\r|$)")
_COMMENT = re.compile(r"([ \t]*)#[^\r\n]*(?:\r\n|\n|\r|$)")
Path = tuple[str, ...]


class SpliceError(Exception):
    """The value at ``path`` is written in a way that these functions cannot change."""

    def __init__(self, path: Path, line: int) -> None:
        self.path, self.line = path, line
        super().__init__(".".join(path))


def put_value(text: str, path: Path, value: Value, after: str = "") -> str:
    """Return ``text`` with ``value`` at ``path``; what is not there yet is made.

    A key that the file's top lacks comes after the one called ``after``, or at the end. Raises
    SpliceError.
    """
    sheet = _Sheet(text)
    owner = sheet.root
    if owner is None:
        return sheet.append_block({path[0]: _nest(path[1:], value)})
    for depth, key in enumerate(path):
        found = find_pair(owner, key)
        rest = _nest(path[depth + 1 :], value)
        if found is None:
            if depth == 0 and after and (before := find_pair(owner, after)):
                return sheet.insert_after(owner, before, {key: rest})
            return sheet.insert(owner, {key: rest}, at_end=depth == 0)
        name, node = found
        if sheet.is_alias(name, node):
            raise SpliceError(path, name.start_mark.line + 1)
        last = depth == len(path) - 1
        if last and isinstance(node, SequenceNode) and isinstance(rest, Sequence):
            return sheet.change_list(node, [str(one) for one in rest], path)
        if last and isinstance(node, ScalarNode) and not isinstance(rest, Mapping):
            return sheet.replace_scalar(name, node, rest)
        if isinstance(node, MappingNode):
            if not node.value:
                return sheet.fill(owner, name, node, rest)
            owner = node
        elif isinstance(node, ScalarNode) and isinstance(rest, Mapping):
            return sheet.fill(owner, name, node, rest)
        else:
            break
    raise SpliceError(path, owner.start_mark.line + 1)


def drop_key(text: str, path: Path) -> str:
    """Return ``text`` without the key at ``path``, its value and the comments within it."""
    sheet = _Sheet(text)
    owner = sheet.find_map(path[:-1])
    return sheet.drop(owner, path)


def rename_key(text: str, path: Path, new: str) -> str:
    """Return ``text`` with another name for the last key of ``path``, in its quotes."""
    sheet = _Sheet(text)
    found = find_pair(sheet.find_map(path[:-1]), path[-1])
    if found is None:
        raise SpliceError(path, 0)
    return sheet.replace(*sheet.span(found[0]), sheet.quote_as(found[0], new))


def name_title(text: str, path: Path) -> str:
    """Return ``text`` with the text at ``path`` as the ``title`` of a block of keys there."""
    sheet = _Sheet(text)
    owner = sheet.find_map(path[:-1])
    found = find_pair(owner, path[-1])
    if found is None or not isinstance(found[1], ScalarNode) or sheet.is_alias(*found):
        raise SpliceError(path, found[0].start_mark.line + 1 if found else 0)
    node = found[1]
    start, end = sheet.span(node)
    written = text[start:end]
    if _LINE_BREAK.search(written) or written[:1] in ("|", ">"):
        written = write_scalar(node.value)
    if owner.flow_style:
        return sheet.replace(start, end, f"{{title: {written}}}")
    indent = " " * (sheet.column(owner) + sheet.step)
    start = len(text[:start].rstrip(" "))
    return sheet.replace(start, end, f"{sheet.newline}{indent}title: {written}")


def replace_word(text: str, path: Path, old: str, new: str) -> str:
    """Return ``text`` with the word ``new`` for ``old``, at ``path`` or in the list there."""
    sheet = _Sheet(text)
    found = find_pair(sheet.find_map(path[:-1]), path[-1])
    if found is None or sheet.is_alias(*found):
        raise SpliceError(path, found[0].start_mark.line + 1 if found else 0)
    nodes = found[1].value if isinstance(found[1], SequenceNode) else [found[1]]
    for node in reversed(nodes):  # from the end, so that places before it stay
        if _text_of(node) == old and node.start_mark.index >= found[1].start_mark.index:
            text = (
                text[: sheet.span(node)[0]]
                + sheet.quote_as(node, new)
                + text[sheet.span(node)[1] :]
            )
    return text


def find_pair(owner: MappingNode, key: str) -> tuple[Node, Node] | None:
    """Return the key and the value that stand under ``key``, whatever way it is written."""
    return next(((name, node) for name, node in owner.value if _text_of(name) == key), None)


def find_root(text: str) -> MappingNode | None:
    """Return the block of keys that a text is; None if it says nothing."""
    root = YAML().compose(text)
    if root is None or (isinstance(root, ScalarNode) and not root.value):
        return None
    if not isinstance(root, MappingNode):
        raise SpliceError((), 1)
    return root


class _Sheet:
    """A text and where its values stand; each verb returns the text as it is afterwards."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = find_root(text)
        found = _LINE_BREAK.search(text)
        self.newline = found[0] if found else "\n"
        self.step = self._find_step()

    def find_map(self, path: Path) -> MappingNode:
        """Return the block of keys at ``path``."""
        node = self.root
        for key in path:
            found = find_pair(node, key) if node else None
            if found is None or self.is_alias(*found) or not isinstance(found[1], MappingNode):
                raise SpliceError(path, found[0].start_mark.line + 1 if found else 0)
            node = found[1]
        if node is None:
            raise SpliceError(path, 0)
        return node

    def is_alias(self, name: Node, node: Node) -> bool:
        """Whether a value is written elsewhere, and only named here (``*x``)."""
        return bool(node.start_mark.index < name.end_mark.index)

    def span(self, node: Node) -> tuple[int, int]:
        """Return where a value begins and ends, without the space behind it."""
        return node.start_mark.index, self._end_of(node, node.start_mark.index)

    def column(self, owner: MappingNode) -> int:
        """Return the column at which the keys of a block stand."""
        return int(owner.value[0][0].start_mark.column)

    def replace(self, start: int, end: int, written: str) -> str:
        """Put ``written`` in the place of what stands from ``start`` to ``end``."""
        return self.text[:start] + written + self.text[end:]

    def quote_as(self, node: Node, value: str) -> str:
        """Return a plain word in the quotes that ``node`` has."""
        quote = node.style if isinstance(node, ScalarNode) and node.style in ("'", '"') else ""
        return f"{quote}{value}{quote}" if quote else write_scalar(value)

    def replace_scalar(self, name: Node, node: ScalarNode, value: str | Sequence[str]) -> str:
        """Write another text, or a list, in the place of one text."""
        start, end = self.span(node)
        is_word = isinstance(value, str) and _WORD.fullmatch(value)
        written = self.quote_as(node, str(value)) if is_word else write_flow(value)
        if start == end:  # `key:` with nothing behind it
            start = end = self._end_of_key(name)
            written = f" {written}"
        return self.replace(start, end, written)

    def change_list(self, node: SequenceNode, values: list[str], path: Path) -> str:
        """Let a list hold ``values``: what it had and some more at its end, or some less."""
        items = [_text_of(one) for one in node.value]
        more = [one for one in values if one not in items]
        less = [at for at, one in enumerate(items) if one not in values]
        if not values or [*(one for one in items if one in values), *more] != values:
            raise SpliceError(path, node.start_mark.line + 1)
        spans = self._spans(node)
        if less:
            at = less[0]
            if node.flow_style:
                text = self._cut(spans, at)
            else:
                start = self._line_start(spans[at][0])
                text = self.replace(start, self._line_end(spans[at][1]), "")
            return _Sheet(text).again(path, values)
        if not more:
            return self.text
        if node.flow_style:
            written = ", ".join(map(write_scalar, more))
            at = spans[-1][1] if spans else node.start_mark.index + 1
            return self.replace(at, at, f", {written}" if spans else written)
        indent = " " * node.start_mark.column
        lines = [f"{indent}- {write_scalar(one)}" for one in more]
        return self._insert_lines(self._line_end(spans[-1][1]), lines)

    def again(self, path: Path, values: list[str]) -> str:
        """Go on with a list of which one item is gone."""
        return put_value(self.text, path, values)

    def insert(self, owner: MappingNode, value: Mapping[str, Any], at_end: bool = False) -> str:
        """Add keys at the end of a block that has some."""
        last = owner.value[-1] if owner.value else None
        if owner.flow_style or last is None:
            written = write_flow(value)[1:-1]
            at = self._end_of_pair(*last) if last else owner.start_mark.index + 1
            return self.replace(at, at, f", {written}" if last else written)
        if at_end and not _DOCUMENT_END.search(self.text, self._tail(owner)):
            return self.append_block(value)
        return self._insert_block(owner, self._tail(owner), value)

    def insert_after(
        self, owner: MappingNode, pair: tuple[Node, Node], value: Mapping[str, Any]
    ) -> str:
        """Add keys behind the one of ``pair``, set off by an empty line as that is."""
        if owner.flow_style:
            return self.insert(owner, value)
        return self._insert_block(owner, self._end_of_pair(*pair), value)

    def append_block(self, value: Mapping[str, Any]) -> str:
        """Add keys at the end of the text, behind an empty line."""
        indent = self.column(self.root) if self.root and self.root.value else 0
        lines = write_block(value, indent, self.step)
        if self.text.strip() and not _is_blank(self._last_line(len(self.text))):
            lines.insert(0, "")
        return self._insert_lines(len(self.text), lines)

    def fill(self, owner: MappingNode, name: Node, node: Node, value: Value) -> str:
        """Put a block of keys where nothing (``key:``, ``key: {}``, ``key: null``) stands."""
        start, end = self.span(node)
        if isinstance(node, ScalarNode) and node.value and node.tag != "tag:yaml.org,2002:null":
            raise SpliceError((str(name.value),), name.start_mark.line + 1)
        if owner.flow_style or not isinstance(value, Mapping):
            return self.replace(start, end, write_flow(value))
        kept = len(self.text[:start].rstrip(" ")) if end > start else start
        bare = _Sheet(self.replace(kept, end, "")) if end > start else self
        indent = self.column(owner) + self.step
        at = bare._skip_comments(bare._line_end(kept), indent)
        return bare._insert_lines(at, write_block(value, indent, self.step))

    def drop(self, owner: MappingNode, path: Path) -> str:
        """Take a key and its value out of a block."""
        at = next((at for at, (key, _) in enumerate(owner.value) if _text_of(key) == path[-1]), -1)
        if at < 0:
            raise SpliceError(path, owner.start_mark.line + 1)
        name, node = owner.value[at]
        if owner.flow_style:
            pairs = [(one.start_mark.index, self._end_of_pair(one, it)) for one, it in owner.value]
            return self._cut(pairs, at)
        start = self._line_start(name.start_mark.index)
        if self.text[start : name.start_mark.index].strip():
            raise SpliceError(path, name.start_mark.line + 1)
        end = self._line_end(self._end_of_pair(name, node))
        end = self._skip_comments(end, name.start_mark.column + 1)
        blank = _BLANK.match(self.text, end)
        if blank and blank[0] and _is_blank(self._last_line(start)):
            end = blank.end()  # of two empty lines that meet, one is enough
        elif end == len(self.text) and _is_blank(last := self._last_line(start)):
            start -= len(last)  # nor does a file end with one
        return self.replace(start, end, "")

    def _cut(self, spans: Sequence[tuple[int, int]], at: int) -> str:
        """Take one of the items between brackets out, with its comma."""
        if at + 1 < len(spans):
            return self.replace(spans[at][0], spans[at + 1][0], "")
        start = spans[at - 1][1] if at else spans[at][0]
        return self.replace(start, spans[at][1], "")

    def _insert_block(self, owner: MappingNode, end: int, value: Mapping[str, Any]) -> str:
        """Add keys below the line on which ``end`` lies, and the comments that belong to it."""
        indent = self.column(owner)
        at = self._line_end(end)
        at = self._skip_comments(at, indent or 1)
        lines = write_block(value, indent, self.step)
        # As the key before: set off by an empty line or not.
        starts = [self._line_start(key.start_mark.index) for key, _ in owner.value]
        apart = len(starts) > 1 and self._is_apart(max(one for one in starts if one < at))
        if (apart or not indent) and not _is_blank(self._last_line(at)):
            lines.insert(0, "")
        return self._insert_lines(at, lines)

    def _is_apart(self, at: int) -> bool:
        """Whether an empty line stands above the line at ``at`` and the comments upon it."""
        while (line := self._last_line(at)).lstrip().startswith("#") and at:
            at -= len(line)
        return at > 0 and _is_blank(line)

    def _insert_lines(self, at: int, lines: Sequence[str]) -> str:
        written = "".join(line + self.newline for line in lines)
        if at and self.text[at - 1] not in "\r\n":
            written = self.newline + written
        return self.replace(at, at, written)

    def _spans(self, node: SequenceNode) -> list[tuple[int, int]]:
        """Return where the items of a list begin and end."""
        spans: list[tuple[int, int]] = []
        at = node.start_mark.index
        for one in node.value:
            end = self._end_of(one, at)
            found = _ALIAS.search(self.text, at) if one.start_mark.index < at else None
            spans.append((found.start(1) if found else one.start_mark.index, end))
            at = end
        return spans

    def _tail(self, node: Node) -> int:
        return self._end_of(node, node.start_mark.index)

    def _end_of_pair(self, name: Node, node: Node) -> int:
        return max(self._end_of(node, name.end_mark.index), self._end_of_key(name))

    def _end_of_key(self, name: Node) -> int:
        """Return the place behind a key's colon; where there is none, behind the key."""
        found = re.compile(r"[ \t]*:").match(self.text, name.end_mark.index)
        return found.end() if found else int(name.end_mark.index)

    def _end_of(self, node: Node, after: int) -> int:
        """Return where a value that begins behind ``after`` ends, without what follows it."""
        if node.start_mark.index < after:
            found = _ALIAS.search(self.text, after)
            return found.end(1) if found else after
        if isinstance(node, MappingNode) and node.value and not node.flow_style:
            return self._end_of_pair(*node.value[-1])
        if isinstance(node, SequenceNode) and node.value and not node.flow_style:
            return self._spans(node)[-1][1]
        start, end = node.start_mark.index, node.end_mark.index
        return int(start) + len(self.text[start:end].rstrip())

    def _find_step(self) -> int:
        """Return how far the blocks of this file are indented."""
        for name, node in self.root.value if self.root else ():
            if isinstance(node, MappingNode) and node.value and not node.flow_style:
                step = int(node.value[0][0].start_mark.column - name.start_mark.column)
                if step > 0:
                    return step
        return _STEP

    def _line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def _line_end(self, at: int) -> int:
        found = _LINE_BREAK.search(self.text, at)
        return found.end() if found else len(self.text)

    def _last_line(self, at: int) -> str:
        """Return the line before the one that begins at ``at``; a text's beginning is no line."""
        end = at - 1
        if end > 0 and self.text[end - 1 : at] == "\r\n":
            end -= 1
        return self.text[self._line_start(end) : at] if at else "#"

    def _skip_comments(self, at: int, column: int) -> int:
        """Return the place behind the comments that follow and stand at ``column`` or deeper."""
        kept = at
        while at < len(self.text):
            if found := _COMMENT.match(self.text, at):
                if len(found[1]) < column:
                    break
                kept = found.end()
            elif not (found := _BLANK.match(self.text, at)):
                break
            at = found.end()
        return kept


def _nest(path: Path, value: Value) -> Value:
    for key in reversed(path):
        value = {key: value}
    return value


def _text_of(node: Node) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _is_blank(line: str) -> bool:
    return not line.strip()

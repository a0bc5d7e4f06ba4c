"""An HTML page -> its blocks in reading order: paragraphs, headings, lists, tables, pictures.

What pages wrap around them (``div``, ``section``, cells of layout tables) is taken off; text that
stands loose in it becomes a paragraph. What is inside a block stays as the page wrote it, so that
links, emphasis and the spaces beside them survive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.sanitising import is_hiding, is_unseen
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TEXT, HEADING, LIST, TABLE = "text", "heading", "list", "table"
QUOTE, CODE, PICTURE, CAPTION = "quote", "code", "picture", "caption"
# No page nests what it shows more deeply; below this, what is left is taken as it is.
_MAX_DEPTH = 150
_HEADINGS = word_set("h1 h2 h3 h4 h5 h6")
_WHOLE = {"blockquote": QUOTE, "pre": CODE, "dl": LIST, "ul": LIST, "ol": LIST, "table": TABLE}
_BLOCKS = (
    _HEADINGS
    | _WHOLE.keys()
    | word_set(
        "p div section article main header footer aside nav figure figcaption center form fieldset "
        "address details summary body li dt dd tbody tr td th hgroup hr"
    )
)
_UNSEEN = word_set(
    "script style noscript template iframe object embed svg math button select textarea input "
    "title head audio video canvas dialog map datalist progress meter nav footer"
)
# A list or table that holds one of these lays out the page; it is no list or table of the text.
_LAYOUT = word_set("h1 h2 h3 h4 figure table article section img")
# Longer cells are columns of a page, not of a table.
_MAX_CELL = 400
# "photo-caption", "imageCaption", "wp-caption-text"; not "no-caption" or "captioned".
_CAPTION = re.compile(
    r"(?<![\w-])(?:[\w-]{0,40}[_-])?(?<!no-)(?:caption|credits?|copyright-holder)(?:[_-]?text)?(?![\w-])"
    r"|(?:image|photo|media|picture)(?:caption|credits?)(?![\w-])",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?<![^\W_])(?:credits?|photographer|copyright-?holder|source)(?![^\W_])", re.IGNORECASE
)
MAX_CAPTION = 1000
# A hint or a form's answer is shorter; a hidden text of this length is the article's.
_MAX_HIDDEN = 1000
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Block:
    """One block: its kind, its markup, its text in one line, and where it stands.

    ``parent`` is the number of the element that it stands in; ``linked`` is how many characters of
    the text are links. ``caption`` is the markup of a picture's caption, ``credit`` the text of a
    credit that the page marks as one. ``above`` is the number of what its parent stands in,
    if it is all that the parent holds.
    """

    kind: str
    markup: str
    text: str
    parent: int
    linked: int = 0
    letters: str = ""
    caption: str = ""
    credit: str = ""
    above: int = 0


def letters_of(text: str) -> str:
    """Return the letters and digits of a text alone, by which texts are compared."""
    return _NO_LETTER.sub("", text.casefold())


def split_blocks(root: HtmlElement) -> list[Block]:
    """List the blocks of a page; ``root``, its body, is changed by it."""
    for footer in root.iter("footer"):
        above = footer.getparent()
        if above is not None and above.tag == "blockquote":
            footer.tag = "p"  # says who is quoted
    strip(root, _UNSEEN)
    splitter = _Splitter(root)
    splitter.walk(root, 0)
    return splitter.blocks


def strip(root: HtmlElement, tags: Iterable[str]) -> None:
    """Take elements off a page with all that they hold; the text behind them stays."""
    from lxml.etree import strip_elements

    strip_elements(root, *tags, with_tail=False)


def strip_hidden(root: HtmlElement) -> None:
    """Take off what the page itself does not show; the text behind it stays.

    Long texts and what holds pictures stay: a script shows them, which a saved page has no more.
    """
    for image in list(root.iter("img")):
        if is_unseen(image.attrib):
            image.drop_tree()
    for element in root.xpath(".//*[@hidden or contains(@style, ':')]"):
        if element.get("hidden") is None and not is_hiding(element.get("style")):
            continue
        if next(element.iter("h1", "img", "body"), None) is None and (
            len(element.text_content()) <= _MAX_HIDDEN
        ):
            element.drop_tree()


class _Run:
    """Text and inline elements that stand loose between two blocks."""

    def __init__(self) -> None:
        self.markup: list[str] = []
        self.text: list[str] = []
        self.linked = 0
        self.pictured = False

    def add_text(self, text: str | None) -> None:
        if not text:
            return
        if text.isspace():
            if self.text:
                self.markup.append(text)
                self.text.append(text)
            return
        self.markup.append(escape(text, quote=False))
        self.text.append(text)

    def add_break(self) -> None:
        if self.text:
            self.markup.append("<br>")
            self.text.append(" ")

    def add(self, element: HtmlElement) -> None:
        self.markup.append(_markup_of(element))
        self.text.append(element.text_content())
        self.linked += _count_linked(element)
        self.pictured = self.pictured or _has_image(element)


class _Splitter:
    def __init__(self, root: HtmlElement) -> None:
        self.blocks: list[Block] = []
        self._parents = 0
        # The elements that hold a block somewhere; kept as objects, so that each stays one.
        self._wide: set[HtmlElement] = set()
        for block in root.iter(*_BLOCKS):
            for above in block.iterancestors():
                if above in self._wide:
                    break
                self._wide.add(above)

    def walk(self, element: HtmlElement, depth: int, above: int = 0) -> None:
        """Take what an element holds: its blocks, and what stands loose between them."""
        self._parents += 1
        parent = self._parents
        first = len(self.blocks)
        kind = CAPTION if _is_caption(element) else TEXT
        run = _Run()
        run.add_text(element.text)
        for child in element:
            tag = child.tag
            if not isinstance(tag, str):
                pass
            elif tag == "br":
                following = child.getnext()
                if following is not None and following.tag == "br" and _is_blank(child.tail):
                    run = self._end(run, parent, kind)
                else:
                    run.add_break()
            elif tag in _BLOCKS or child in self._wide:
                run = self._end(run, parent, kind)
                self._take(child, parent, depth)
            elif _is_caption(child):
                run = self._end(run, parent, kind)
                self._add(CAPTION, child, parent)
            else:
                run.add(child)
            run.add_text(child.tail)
        self._end(run, parent, kind)
        if len(self.blocks) - first == 1 and self.blocks[first].parent == parent:
            self.blocks[first].above = above

    def _take(self, element: HtmlElement, parent: int, depth: int) -> None:
        tag = element.tag
        if depth >= _MAX_DEPTH:
            self._add(TEXT, element, parent)
        elif tag in _HEADINGS and element not in self._wide:
            self._add(HEADING, element, parent)
        elif tag == "p" and element not in self._wide:
            self._add(CAPTION if _is_caption(element) else TEXT, element, parent)
        elif tag == "figure" and _is_picture(element):
            self._add_figure(element, parent)
        elif tag in _WHOLE and not _lays_out(element):
            self._add(_WHOLE[tag], element, parent)
        else:
            self.walk(element, depth + 1, parent)

    def _add(self, kind: str, element: HtmlElement, parent: int) -> None:
        text = squeeze(element.text_content())
        if text:
            linked = _count_linked(element)
            markup = _markup_of(element)
            self.blocks.append(Block(kind, markup, text, parent, linked, letters_of(text)))
        elif _has_image(element):
            self.blocks.append(Block(PICTURE, _markup_of(element), "", parent))

    def _end(self, run: _Run, parent: int, kind: str) -> _Run:
        """Make a paragraph of a run, and return a new one."""
        if not run.text:
            return run
        text = squeeze("".join(run.text))
        if text:
            inner = "".join(run.markup).strip()
            while inner.endswith("<br>"):
                inner = inner[: -len("<br>")].rstrip()
            markup = f"<p>{inner}</p>"
            self.blocks.append(Block(kind, markup, text, parent, run.linked, letters_of(text)))
        elif run.pictured:
            self.blocks.append(Block(PICTURE, "".join(run.markup).strip(), "", parent))
        return _Run()

    def _add_figure(self, figure: HtmlElement, parent: int) -> None:
        image = _markup_of(next(figure.iter("img")))
        block = Block(PICTURE, image, "", parent)
        inner = next(figure.iter("figcaption"), None)
        if inner is None:
            inner = next((one for one in figure.iter() if _is_caption(one)), None)
        if inner is not None and inner is not figure and not _has_image(inner):
            block.credit = _find_credit(inner)
            block.caption = _inner_markup(inner).strip()
        credit = next((one for one in figure.iter() if _CREDIT.search(_kind_of(one))), None)
        if credit is not None and not block.credit and not _has_image(credit):
            block.credit = squeeze(credit.text_content())
        self.blocks.append(block)


def _find_credit(caption: HtmlElement) -> str:
    """Take the credit that is marked as one out of a caption."""
    for one in caption.iterdescendants():
        if _CREDIT.search(_kind_of(one)):
            credit = squeeze(one.text_content())
            one.drop_tree()
            return credit
    return ""


def _is_blank(text: str | None) -> bool:
    return not text or text.isspace()


def _has_image(element: HtmlElement) -> bool:
    return next(element.iter("img"), None) is not None


def _count_linked(element: HtmlElement) -> int:
    if not len(element) and element.tag != "a":
        return 0  # as most paragraphs are
    return sum(len(squeeze(link.text_content())) for link in element.iter("a"))


def _kind_of(element: HtmlElement) -> str:
    kind, role = element.get("class", ""), element.get("itemprop")
    return f"{kind} {role}"[:300] if role else str(kind)[:300]


def _is_caption(element: HtmlElement) -> bool:
    if element.tag == "figcaption":
        return True
    kind = _kind_of(element)
    # Nearly all elements are told by this, at a tenth of the pattern's cost.
    return ("aption" in kind or "redit" in kind or "right-h" in kind) and bool(
        _CAPTION.search(kind)
    )


def _is_picture(figure: HtmlElement) -> bool:
    held = next(figure.iter("table", "pre", "blockquote"), None)
    return held is None and _has_image(figure) and len(figure.text_content()) <= 3 * MAX_CAPTION


def _lays_out(element: HtmlElement) -> bool:
    if element.tag in ("blockquote", "pre"):
        return False
    if any(one is not element for one in element.iter(*_LAYOUT)):
        return True
    return element.tag == "table" and any(
        len(cell.text_content()) > _MAX_CELL for cell in element.iter("td")
    )


def _markup_of(element: HtmlElement) -> str:
    from lxml.html import tostring

    markup: str = tostring(element, encoding="unicode", with_tail=False)
    return markup


def _inner_markup(element: HtmlElement) -> str:
    return escape(element.text or "", quote=False) + "".join(
        _markup_of(child) + escape(child.tail or "", quote=False)
        for child in element
        if isinstance(child.tag, str)
    )

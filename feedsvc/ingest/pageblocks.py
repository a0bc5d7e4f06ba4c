"""An HTML page -> its blocks in reading order: paragraphs, headings, lists, tables, pictures.

What pages wrap around them (``div``, ``section``, cells of layout tables) is taken off; text that
stands loose in it becomes a paragraph. What is inside a block stays as the page wrote it, so that
links, emphasis and the spaces beside them survive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.pagestrips import HEADINGS, strip
from feedsvc.ingest.pictures import pick_images
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TEXT, HEADING, LIST, TABLE = "text", "heading", "list", "table"
QUOTE, CODE, PICTURE, CAPTION = "quote", "code", "picture", "caption"
# No page nests what it shows more deeply; below this, what is left is taken as it is.
_MAX_DEPTH = 150
_WHOLE = {"blockquote": QUOTE, "pre": CODE, "dl": LIST, "ul": LIST, "ol": LIST, "table": TABLE}
_BLOCKS = (
    HEADINGS
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
_ENTRIES = ("li", "dt", "dd", "tr")
# Blocks with fewer letters than this can stand in the middle of another text by chance.
SHORT = 24
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
# Below a picture in its own paragraph no more than this is a caption, and in one of these what
# stands beside it.
_MAX_LINE = 200
_ASIDE = ("<em", "<i>", "<i ", "<small", "<span", "<font")
# A paragraph that the extraction missed is at least a sentence.
_SENTENCE = re.compile(r".{40}.*[.!?…。！？؟।:][\"”’»)\]]*$", re.DOTALL)
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Block:
    """One block: its kind, its markup, its text in one line, and where it stands.

    ``path`` are the numbers of the elements that it stands in; ``linked`` is how many characters of
    the text are links. ``caption`` is the markup of a picture's caption, ``credit`` the text of a
    credit that the page marks as one. ``above`` is the number of what its parent stands in,
    if it is all that the parent holds. ``images`` are the elements of a picture,
    ``items`` the letters of each entry of a short list or table.
    """

    kind: str
    markup: str
    text: str
    path: tuple[int, ...]
    linked: int = 0
    letters: str = ""
    caption: str = ""
    credit: str = ""
    above: int = 0
    images: tuple[HtmlElement, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def parent(self) -> int:
        """The number of the element that it stands in."""
        return self.path[-1]


def letters_of(text: str) -> str:
    """Return the letters and digits of a text alone, by which texts are compared."""
    return _NO_LETTER.sub("", text.casefold())


def is_sentence(text: str) -> bool:
    """Whether a text is long enough for a sentence, and ends like one."""
    return bool(_SENTENCE.search(text))


def split_blocks(root: HtmlElement) -> list[Block]:
    """List the blocks of a page; ``root``, its body, is changed by it."""
    for footer in root.iter("footer"):
        above = footer.getparent()
        if above is not None and above.tag == "blockquote":
            footer.tag = "p"  # says who is quoted
    strip(root, _UNSEEN)
    splitter = _Splitter(root)
    splitter.walk(root, ())
    return splitter.blocks


class _Run:
    """Text and inline elements that stand loose between two blocks."""

    def __init__(self) -> None:
        self.markup: list[str] = []
        self.text: list[str] = []
        self.linked = 0
        self.images: list[HtmlElement] = []

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
        self.images.extend(element.iter("img"))

    def split_caption(self) -> tuple[str, str]:
        """Split a picture from the few words below it; both are empty if it is none."""
        parts = [
            (one, text) for one, text in zip(self.markup, self.text, strict=True) if one.strip()
        ]
        if len(parts) < 2 or "<img" not in parts[0][0] or not _is_blank(parts[0][1]):
            return "", ""
        below = parts[1:]
        if below[0][0] == "<br>":
            below = [part for part in below[1:] if part[0] != "<br>"]
        elif len(below) > 1 or not below[0][0].startswith(_ASIDE):
            return "", ""
        text = squeeze("".join(text for _, text in below))
        markup = "".join(one for one, _ in below)
        if (
            not 0 < len(text) <= _MAX_LINE
            or "<img" in markup
            or markup.startswith(("<strong", "<b>"))  # a subheading
            or is_sentence(text)
        ):
            return "", ""
        return parts[0][0], markup


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

    def walk(self, element: HtmlElement, above: tuple[int, ...]) -> None:
        """Take what an element holds: its blocks, and what stands loose between them."""
        self._parents += 1
        path = (*above, self._parents)
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
                    run = self._end(run, path, kind)
                else:
                    run.add_break()
            elif tag in _BLOCKS or child in self._wide:
                run = self._end(run, path, kind)
                self._take(child, path)
            elif _is_caption(child):
                run = self._end(run, path, kind)
                self._add(CAPTION, child, path)
            else:
                run.add(child)
            run.add_text(child.tail)
        self._end(run, path, kind)
        if len(self.blocks) - first == 1 and self.blocks[first].path == path and above:
            self.blocks[first].above = above[-1]

    def _take(self, element: HtmlElement, path: tuple[int, ...]) -> None:
        tag = element.tag
        if len(path) > _MAX_DEPTH:
            self._add(TEXT, element, path)
        elif tag in HEADINGS and element not in self._wide:
            self._add(HEADING, element, path)
        elif tag == "p" and element not in self._wide:
            self._add_paragraph(element, path)
        elif tag == "figure" and _is_picture(element):
            self._add_figure(element, path)
        elif tag in _WHOLE and not _lays_out(element):
            self._add(_WHOLE[tag], element, path)
        else:
            self.walk(element, path)

    def _add_paragraph(self, element: HtmlElement, path: tuple[int, ...]) -> None:
        if _is_caption(element):
            self._add(CAPTION, element, path)
        elif _has_image(element):
            run = _Run()
            run.add_text(element.text)
            for child in element:
                if child.tag == "br":
                    run.add_break()
                elif isinstance(child.tag, str):
                    run.add(child)
                run.add_text(child.tail)
            image, caption = run.split_caption()
            if image:
                self._add_picture(image, run.images, path, caption)
            else:
                self._add(TEXT, element, path)
        else:
            self._add(TEXT, element, path)

    def _add(self, kind: str, element: HtmlElement, path: tuple[int, ...]) -> None:
        text = squeeze(element.text_content())
        if text:
            linked = _count_linked(element)
            markup = _markup_of(element)
            letters = letters_of(text)
            block = Block(kind, markup, text, path, linked, letters)
            if kind in (LIST, TABLE) and len(letters) < SHORT:
                entries = (letters_of(one.text_content()) for one in element.iter(*_ENTRIES))
                block.items = tuple(filter(None, entries))
            self.blocks.append(block)
        elif _has_image(element):
            self._add_picture(_markup_of(element), list(element.iter("img")), path)

    def _end(self, run: _Run, path: tuple[int, ...], kind: str) -> _Run:
        """Make a paragraph of a run, and return a new one."""
        if not run.text:
            return run
        text = squeeze("".join(run.text))
        image, caption = run.split_caption() if run.images and kind == TEXT else ("", "")
        if image:
            self._add_picture(image, run.images, path, caption)
        elif text:
            inner = "".join(run.markup).strip()
            while inner.endswith("<br>"):
                inner = inner[: -len("<br>")].rstrip()
            markup = f"<p>{inner}</p>"
            self.blocks.append(Block(kind, markup, text, path, run.linked, letters_of(text)))
        elif run.images:
            self._add_picture("".join(run.markup).strip(), run.images, path)
        return _Run()

    def _add_picture(
        self, markup: str, images: list[HtmlElement], path: tuple[int, ...], caption: str = ""
    ) -> None:
        block = Block(PICTURE, markup, "", path, caption=caption, images=tuple(images))
        self.blocks.append(block)

    def _add_figure(self, figure: HtmlElement, path: tuple[int, ...]) -> None:
        """Take the pictures of a figure and of those in it; the last gets the caption."""
        images: dict[HtmlElement, list[HtmlElement]] = {}
        for image in figure.iter("img"):
            images.setdefault(_figure_of(image), []).append(image)
        for one, held in images.items():
            for image in pick_images(held):
                self._add_picture(_markup_of(image), [image], path)
            _add_caption(self.blocks[-1], one)
        if figure not in images:
            _add_caption(self.blocks[-1], figure)


def _figure_of(element: HtmlElement) -> HtmlElement | None:
    return next(element.iterancestors("figure"), None)


def _add_caption(block: Block, figure: HtmlElement) -> None:
    own = [one for one in figure.iterdescendants() if _figure_of(one) is figure]
    inner = next((one for one in own if one.tag == "figcaption"), None)
    if inner is None:
        inner = next((one for one in own if _is_caption(one)), None)
    if inner is not None and not _has_image(inner):
        block.credit = block.credit or _find_credit(inner)
        block.caption = f"{block.caption} {_inner_markup(inner)}".strip()
        own = [one for one in own if one.getparent() is not None]
    credit = next((one for one in own if _CREDIT.search(_kind_of(one))), None)
    if credit is not None and not block.credit and not _has_image(credit):
        block.credit = squeeze(credit.text_content())


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

"""The pictures among a page's blocks: their captions and credits, and which one leads."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from feedsvc.errors import RefusedError
from feedsvc.ingest.captions import read_caption
from feedsvc.ingest.fields import check_url
from feedsvc.ingest.pageblocks import CAPTION, MAX_CAPTION, PICTURE, Block
from feedsvc.ingest.pictures import is_minor, is_same
from feedsvc.ingest.sanitising import sanitise
from feedsvc.model import Image
from feedsvc.plain import decode_entities, squeeze, text_of

_SOURCE = re.compile(r'<img\b[^>]*? src="([^"]+)"')
_ALT = re.compile(r'<img\b[^>]*? alt="([^"]+)"')
# "Photo: Ann Lee", "(AP Photo/Ann Lee)", "Foto: dpa" behind a caption, or instead of one.
_CREDIT = re.compile(
    r"(?:^|(?<=[.!?…\"”’»])\s*|\s+(?=\()|\s[|–—-]\s)"
    r"\(?((?:(?:photo(?:graph|graphy)?|image|picture|pic|foto|fotografía|bild|crédit|credit)s?"
    r"(?: credit| source| by)?\s?[:©/]\s?|photo by |photograph by |©\s?)[^().]{2,100}"
    r"|AP Photo/[^()]{2,80}"
    r"|[^()]{2,60}/(?:Getty Images|AFP|Reuters|AP|EPA|dpa|PA)[^()]{0,40})\)?\.?$",
    re.IGNORECASE,
)
_CREDIT_LABEL = re.compile(
    r"^(?:(?:photo(?:graph|graphy)?|image|picture|pic|foto|fotografía|bild|crédit|credit)s?"
    r"(?: credit| source| by)?\s?[:©]\s?|photo(?:graph)? by |©\s?)",
    re.IGNORECASE,
)


def attach_captions(blocks: Sequence[Block], kept: list[bool]) -> None:
    """Give captions that stand beside their picture to it, and keep no others."""
    picture: Block | None = None
    for place, block in enumerate(blocks):
        if block.kind == PICTURE:
            picture = block if kept[place] else None
        elif block.kind == CAPTION:
            kept[place] = False
            if picture and len(picture.caption) + len(block.markup) < 4 * MAX_CAPTION:
                picture.caption = f"{picture.caption} {_strip_paragraph(block.markup)}".strip()
        else:
            picture = None


def _strip_paragraph(markup: str) -> str:
    return re.sub(r"</?(?:p|div|figcaption|span)\b[^<>]*>", " ", markup)


def markup_of(block: Block) -> str:
    """Write a block as HTML; what it holds is not sanitised yet."""
    if block.kind != PICTURE:
        return block.markup
    credit = f" ({block.credit})" if block.credit else ""
    if not block.caption and not credit:
        return block.markup if block.markup.startswith("<p") else f"<p>{block.markup}</p>"
    return f"<figure>{block.markup}<figcaption>{block.caption}{credit}</figcaption></figure>"


def keep_lead(
    blocks: Sequence[Block],
    kept: list[bool],
    start: int,
    stated: Image | None,
    authors: Collection[str],
) -> None:
    """Keep the pictures between the headline and the first paragraph, but no portraits and icons.

    ``stated`` is the picture that the page names as its own, ``authors`` those who wrote it.
    """
    for place in range(start, len(blocks)):
        block = blocks[place]
        if block.kind == CAPTION:
            kept[place] = True
        elif block.kind == PICTURE:
            kept[place] = not _is_beside(block, authors) or _is_stated(block, stated)
        elif kept[place]:
            return


def _is_beside(block: Block, authors: Collection[str]) -> bool:
    """Whether a picture is the author's portrait, or one that is pressed."""
    if all(map(is_minor, block.images)):
        return True
    if not authors or block.caption:
        return False
    alt = _ALT.search(block.markup)
    return alt is not None and squeeze(decode_entities(alt[1])) in authors


def _is_stated(block: Block, stated: Image | None) -> bool:
    image = _read_image(block) if stated else None
    return image is not None and stated is not None and is_same(image.url, stated.url)


def take_lead(
    blocks: Sequence[Block], kept: list[bool], start: int, stated: Image | None
) -> Image | None:
    """Take the picture above the text for the article's own, with its caption and credit.

    ``stated`` is the picture that the page names as its own. If it is that very one, or another
    size of it, or the same with a caption further down, it is shown once: what was taken is no
    longer ``kept``. Any other picture stays where the page has it.
    """
    above = True
    for place in range(start, len(blocks)):
        block = blocks[place]
        if not kept[place]:
            continue
        if block.kind != PICTURE:
            above = False
            if stated is None:
                return None
            continue
        image = _read_image(block) if above or block.caption else None
        if image and (stated is None or is_same(image.url, stated.url)):
            kept[place] = False
            return image if stated is None else _complete(stated, image, bool(block.caption))
    return stated


def _complete(stated: Image, shown: Image, captioned: bool) -> Image:
    caption = shown.caption if captioned else stated.caption or shown.caption
    return replace(stated, caption=caption, credit=shown.credit or stated.credit)


def _read_image(block: Block) -> Image | None:
    markup = sanitise(block.markup)
    source = _SOURCE.search(markup)
    if not source:
        return None
    try:
        url = check_url(decode_entities(source[1]))
    except (ValueError, RefusedError):
        return None
    caption, credit = _split_credit(squeeze(text_of(sanitise(block.caption)))[:MAX_CAPTION])
    credit = _CREDIT_LABEL.sub("", block.credit)[:200].strip(" ()") or credit
    alt = _ALT.search(markup)
    if not caption and alt:
        caption = squeeze(decode_entities(alt[1]))[:MAX_CAPTION]
    return Image(url, caption, credit)


def _split_credit(caption: str) -> tuple[str, str]:
    """Split "The bridge at dawn. Photo: Ann Lee" into the caption and the credit."""
    # As in plain text; the forms below are those that only pages have, in an element of its own.
    if known := read_caption(caption):
        return known.text, _CREDIT_LABEL.sub("", known.credit)
    found = _CREDIT.search(caption, max(0, len(caption) - 160))
    if not found:
        return caption, ""
    credit = _CREDIT_LABEL.sub("", found[1]).strip(" .")
    return caption[: found.start()].strip(" |–—-"), credit

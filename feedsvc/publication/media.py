"""Media files in what is published: their addresses, and what their files say of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from urllib.parse import quote, urljoin

from feedsvc.ingest import Reference, find_media, judge_address, list_pictures
from feedsvc.model import Enclosure, Image, MediaFile
from feedsvc.plain import decode_entities
from feedsvc.store import StoredEntry

# A smaller picture in a text is an icon or a rule, and none to show for the whole article.
ICON_MOST = 100

# What a path of a URL need not encode; so a picture has one address, however it was written (R53).
_PLAIN = "/!$&'()*+,:;=@~"

_SOURCE = re.compile(r'(<img(?=\s)(?:[^>"]|"[^"]*+")*?\ssrc=")([^"]*+)("(?:[^>"]|"[^"]*+")*+>)')
# What held nothing but a picture.
_EMPTIED = re.compile(r"<(p|a|figure|picture|em|strong)(?:\s[^<>]*+)?+>\s*+</\1>")


def url_of_media(path: str, base_url: str) -> str:
    """Return the address of a file of the content folder."""
    return f"{base_url}/media/{quote(path, safe=_PLAIN)}"


class Shown:
    """The media of one entry as the world sees them.

    ``base`` is where relative URLs of its article start; ``media`` what is known of its files.
    """

    def __init__(
        self, stored: StoredEntry, base: str, base_url: str, media: Mapping[str, MediaFile]
    ) -> None:
        self._article = stored.article
        self._path = stored.path
        self._base = base
        self._base_url = base_url
        self._media = {} if stored.article.link else media

    def image(self) -> Image | None:
        """Return the article's picture, else the first of its text that is no icon.

        One of ours that is not there, or is none, is left out: it would be a hole in every list.
        """
        image = self._article.image
        if image is not None:
            return self._show_image(image)
        pictures = map(self._show_image, self._list_images())
        return next((one for one in pictures if one and not _is_icon(one)), None)

    def enclosure(self) -> Enclosure | None:
        """Return the article's enclosure; one of ours that is not there, or empty, is left out."""
        enclosure = self._article.enclosure
        if enclosure is None:
            return None
        file = self._find(enclosure.url)
        if self._leads_out("enclosure", enclosure.url):
            return None
        if file is None:
            return replace(enclosure, url=urljoin(self._base, enclosure.url))
        if not (file.type and file.size > 0):
            return None
        return replace(
            enclosure,
            url=url_of_media(file.path, self._base_url),
            type=file.type,
            length=file.size,
            duration=file.duration or enclosure.duration,
        )

    def content(self) -> str:
        """Return the article's text, with its own pictures at their one address.

        Those that are not there, or are none, are left out, and what held nothing else with them.
        """
        content = self._article.content
        if self._article.link or "<img" not in content:
            return content

        def place(found: re.Match[str]) -> str:
            url = decode_entities(found[2])
            file = self._find(url)
            if file is None:
                return "" if self._leads_out("picture", url) else found[0]
            if not _is_picture(file):
                return ""
            return f"{found[1]}{escape(url_of_media(file.path, self._base_url))}{found[3]}"

        placed = _SOURCE.sub(place, content)
        if placed.count("<img") == content.count("<img"):
            return placed
        for _ in range(3):  # a link in a paragraph in a figure
            placed = _EMPTIED.sub("", placed)
        return placed

    def _leads_out(self, field: str, url: str) -> bool:
        return not self._article.link and bool(judge_address(Reference(field, url), self._path))

    def _list_images(self) -> list[Image]:
        return [
            Image(one.url, one.caption, width=one.width, height=one.height)
            for one in list_pictures(self._article.content)
        ]

    def _find(self, url: str) -> MediaFile | None:
        return find_media(url, self._path, self._media) if self._media else None

    def _show_image(self, image: Image) -> Image | None:
        file = self._find(image.url)
        if self._leads_out("image", image.url):
            return None
        if file is None:
            return replace(image, url=urljoin(self._base, image.url))
        if not _is_picture(file):
            return None
        return replace(
            image,
            url=url_of_media(file.path, self._base_url),
            width=file.width,
            height=file.height,
            type=file.type,
            length=file.size,
        )


def _is_picture(file: MediaFile) -> bool:
    return file.type.startswith("image/") and file.size > 0


def _is_icon(image: Image) -> bool:
    return 0 < image.width < ICON_MOST or 0 < image.height < ICON_MOST

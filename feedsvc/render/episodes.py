"""What podcast directories take for an episode, and for its picture."""

from __future__ import annotations

from feedsvc.model import Enclosure, Image

# Apple refuses a podcast with other artwork; for an episode's it then shows the podcast's.
ARTWORK_LEAST, ARTWORK_MOST = 1400, 3000
ARTWORK_TYPES = frozenset({"image/jpeg", "image/png"})
_ARTWORK_SUFFIXES = (".jpg", ".jpeg", ".png")

# What Apple plays: MP3, M4A, MP4, M4V and MOV.
_APPLE_TYPES = frozenset(
    {"audio/mpeg", "audio/mp4", "audio/x-m4a", "video/mp4", "video/x-m4v", "video/quicktime"}
)


def is_playable(enclosure: Enclosure | None) -> bool:
    """Whether there is something to listen to or to watch: podcast apps pass over the rest."""
    return enclosure is not None and enclosure.type.startswith(("audio/", "video/"))


def is_apples(enclosure: Enclosure) -> bool:
    """Whether Apple plays a recording of this kind."""
    return enclosure.type in _APPLE_TYPES


def is_artwork_size(width: int, height: int) -> bool:
    """Whether Apple takes a picture of so many pixels."""
    return width == height and ARTWORK_LEAST <= width <= ARTWORK_MOST


def may_be_artwork(image: Image) -> bool:
    """Whether a picture may be one that Apple takes; of some only the address is known."""
    plain = image.url.partition("?")[0].lower()
    if image.type not in ARTWORK_TYPES and (image.type or not plain.endswith(_ARTWORK_SUFFIXES)):
        return False
    return not (image.width and image.height) or is_artwork_size(image.width, image.height)

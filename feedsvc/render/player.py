"""The media file of an article on its page: played where it is ours, else only linked."""

from __future__ import annotations

from typing import NamedTuple

from feedsvc.model import Enclosure, Image

from .view import View, is_web

_PLAYED = frozenset({"audio", "video"})


class Player(NamedTuple):
    """A file to ``url``, and what it is, such as ``audio/mpeg, 3.4 MB, 12:30``.

    ``kind`` is the element that plays it; nothing for what is only linked, because it lies
    elsewhere, and a page loads nothing from there, or because it is neither sound nor video.
    """

    url: str
    about: str
    kind: str = ""
    poster: str = ""


def describe_player(
    view: View, enclosure: Enclosure | None, image: Image | None = None
) -> Player | None:
    """Return how a page shows an enclosure; ``image`` is what stands for a video until it plays."""
    if enclosure is None or not is_web(enclosure.url):
        return None
    size = f"{max(enclosure.length / 1e6, 0.1):.1f} MB" if enclosure.length > 0 else ""
    facts = (enclosure.type, size, _write_duration(enclosure.duration))
    about = ", ".join(filter(None, facts)) or "a file"
    if not enclosure.url.startswith(f"{view.site.base_url}/media/"):
        return Player(enclosure.url, about)
    kind = enclosure.type.partition("/")[0]
    kind = kind if kind in _PLAYED else ""
    poster = view.inside(image.url) if image and kind == "video" else ""
    return Player(view.inside(enclosure.url), about, kind, poster)


def _write_duration(seconds: int) -> str:
    """Return a duration as people read it: ``0:45``, ``12:30``, ``1:02:03``."""
    if seconds <= 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

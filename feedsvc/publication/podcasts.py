"""The podcast that a section's feed is, as its config says."""

from __future__ import annotations

from feedsvc.config import Config
from feedsvc.model import Podcast
from feedsvc.publication.media import url_of_media


def find_podcast(name: str, config: Config) -> Podcast | None:
    """Return what makes the feed of section ``name`` a podcast; None if it is none."""
    section = config.sections.get(name)
    words = section.podcast if section else None
    if words is None:
        return None
    return Podcast(
        author=words.author,
        owner_name=words.owner.name,
        owner_email=words.owner.email,
        categories=words.category_paths,
        explicit=words.explicit,
        kind=words.type,
        artwork=_address_artwork(words.artwork, config.site.base_url),
        complete=words.complete,
        new_feed_url=words.new_feed_url,
    )


def _address_artwork(artwork: str, base_url: str) -> str:
    """Return a picture's own address, or the one at which the content folder's is served."""
    if not artwork or artwork.lower().startswith(("http://", "https://")):
        return artwork
    return url_of_media(artwork, base_url)

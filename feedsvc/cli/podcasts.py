"""What Apple would refuse of a podcast, before it is handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from feedsvc.cli.peek import open_if_there
from feedsvc.config import Bucket, Config
from feedsvc.errors import Fault
from feedsvc.model import Article, Syndication
from feedsvc.render import (
    ARTWORK_LEAST,
    ARTWORK_MOST,
    ARTWORK_TYPES,
    is_apples,
    is_artwork_size,
    is_playable,
)
from feedsvc.scan import open_source

# As many as a feed can hold.
_ENTRIES_MOST = 500

_RIGHT_ARTWORK = f"make it a square JPEG or PNG of {ARTWORK_LEAST} to {ARTWORK_MOST} pixels"


def find_podcast_faults(config: Config, file: str) -> Iterator[Fault]:
    """Yield what is missing in the config of a podcast, and what is wrong with its artwork."""
    for name, section in config.sections.items():
        if section.podcast is None:
            continue
        where = f"sections.{name}.podcast"
        if not section.podcast.category:
            message = "is missing: Apple refuses a podcast without one"
            yield Fault(file, 0, f"{where}.category", message, 'for example: "News > Politics"')
        if not section.podcast.owner.email:
            message = "is missing: directories write there to see that the podcast is yours"
            hint = "for example: {name: Ann Lee, email: podcast@news.example}"
            yield Fault(file, 0, f"{where}.owner", message, hint, warning=True)
        artwork = section.podcast.artwork
        if not artwork:
            message = "is missing: Apple refuses a podcast without it"
            yield Fault(file, 0, f"{where}.artwork", message, _RIGHT_ARTWORK)
        elif trouble := _judge_artwork(config.content.folder, artwork):
            yield Fault(file, 0, f"{where}.artwork", f"{artwork} {trouble}", _RIGHT_ARTWORK)


def _judge_artwork(folder: Path | Bucket, artwork: str) -> str:
    """Return what Apple would refuse of a picture of the content folder; nothing if it is fine.

    What lies elsewhere is not asked for: a check needs no network.
    """
    if artwork.lower().startswith(("http://", "https://")):
        return ""
    file = open_source(folder).describe_media(artwork)
    if file.trouble:
        return file.trouble
    if file.type not in ARTWORK_TYPES:
        return f"is {file.type}: Apple takes JPEG and PNG"
    fits = is_artwork_size(file.width, file.height)
    return "" if fits else f"has {file.width} x {file.height} pixels"


def list_filed(config: Config, now: datetime) -> Mapping[str, Collection[str]]:
    """Return the podcasts that articles stand in, by path, as far as the store knows already."""
    names = [name for name, one in config.sections.items() if one.podcast]
    store = open_if_there(config) if names else None
    if store is None:
        return {}
    filed: dict[str, set[str]] = {}
    try:
        for name in names:
            for entry in store.newest(name, now, _ENTRIES_MOST):
                filed.setdefault(entry.path, set()).add(name)
    finally:
        store.close()
    return filed


def judge_episode(
    path: str, article: Article, sections: Collection[str], config: Config
) -> Iterator[Fault]:
    """Yield why Apple would pass over an article that stands in ``sections``, if they do."""
    podcasts = {name: one.podcast for name, one in config.sections.items() if name in sections}
    for name, podcast in podcasts.items():
        if podcast is None:
            continue
        enclosure = article.enclosure
        if article.syndication is not Syndication.FULL:
            message = f'keeps the recording out of the podcast "{name}"'
            yield Fault(path, 0, "syndication", message, "", warning=True)
        elif enclosure is None or not is_playable(enclosure):
            message = f'is no sound or video: Apple leaves it out of the podcast "{name}"'
            hint = "" if enclosure else "name the recording: enclosure: talk.mp3"
            yield Fault(path, 0, "enclosure", message, hint, warning=True)
        elif not is_apples(enclosure):
            message = f"is {enclosure.type}: Apple plays MP3, M4A, MP4, M4V and MOV"
            yield Fault(path, 0, "enclosure", message, "", warning=True)
        elif podcast.type == "serial" and not (article.episode and article.episode.number):
            message = f'is missing: the podcast "{name}" is serial, its episodes have numbers'
            yield Fault(path, 0, "episode", message, "for example: episode: 1", warning=True)

"""What a podcast's RSS feed has beside every feed's: the elements that Apple asks for.

feedgen 1.0 writes most of them. It knows only ``yes``, ``no`` and ``clean`` for ``explicit``, where
Apple wants ``true`` or ``false``; ``yes`` for ``complete``, where it wants ``Yes``; and it drops or
refuses a picture's address that ends in ``.jpeg`` or has a query. These are written here.
"""

from __future__ import annotations

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.ext.podcast import PodcastExtension
from feedgen.ext.podcast_entry import PodcastEntryExtension
from lxml import etree

from feedsvc.model import Entry, Feed, Podcast

from .episodes import is_playable, may_be_artwork

# What Apple's guide calls an .m4a file; elsewhere it goes by its registered name.
_APPLE_TYPES = {"audio/mp4": "audio/x-m4a"}

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"


def describe_podcast(channel: Any, feed: Feed, podcast: Podcast) -> None:
    """Tell a feedgen channel that it is ``podcast``; its ``feed`` is prepared."""
    channel.register_extension("podcast", PodcastExtension, PodcastEntryExtension, atom=False)
    channel.register_extension("podcast_more", _Channel, _Item, atom=False)
    channel.podcast_more.podcast = podcast
    words = channel.podcast
    words.itunes_author(podcast.author or feed.author)
    for name, *below in podcast.categories:
        words.itunes_category({"cat": name, "sub": below[0]} if below else {"cat": name})
    words.itunes_type(podcast.kind)
    if podcast.owner_name and podcast.owner_email:
        words.itunes_owner(podcast.owner_name, podcast.owner_email)
    if podcast.new_feed_url:
        words.itunes_new_feed_url(podcast.new_feed_url)


def describe_episode(item: Any, entry: Entry) -> None:
    """Tell a feedgen item that it is an episode, if it is one; ``entry`` is prepared."""
    if entry.enclosure is None or not is_playable(entry.enclosure):
        return
    sound = entry.enclosure
    item.enclosure(sound.url, sound.length, _APPLE_TYPES.get(sound.type, sound.type))
    item.podcast_more.entry = entry
    words, episode = item.podcast, entry.episode
    words.itunes_title(entry.title)
    if sound.duration:
        words.itunes_duration(sound.duration)
    if episode and episode.season:
        words.itunes_season(episode.season)
    if episode and episode.number:
        words.itunes_episode(episode.number)
    if episode and episode.kind:
        words.itunes_episode_type(episode.kind)


class _Channel(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    podcast: Podcast

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Add to the channel what feedgen cannot write."""
        _add_explicit(rss[0], self.podcast.explicit)
        if self.podcast.artwork:
            etree.SubElement(rss[0], f"{{{_ITUNES}}}image", {"href": self.podcast.artwork})
        if self.podcast.complete:
            _add(rss[0], "complete", "Yes")
        return rss


class _Item(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    entry: Entry | None = None

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """Add to an episode what feedgen cannot write."""
        if self.entry is None:
            return item
        episode, image = self.entry.episode, self.entry.image
        if episode and episode.explicit is not None:
            _add_explicit(item, episode.explicit)
        if image and may_be_artwork(image):
            etree.SubElement(item, f"{{{_ITUNES}}}image", {"href": image.url})
        return item


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_ITUNES}}}{name}").text = text


def _add_explicit(parent: etree._Element, explicit: bool) -> None:
    _add(parent, "explicit", "true" if explicit else "false")

"""What makes a section's feed a podcast: the words that podcast directories ask for."""

from __future__ import annotations

from typing import Literal

from feedsvc.config.types import Block, Text, Texts, WebUrl


class PodcastOwner(Block):
    """Who answers mails of the directories; readers are not shown it."""

    name: Text = ""
    email: Text = ""


class PodcastConfig(Block):
    """One podcast; ``artwork`` is a web address or a picture of the content folder.

    ``category`` are names of Apple's list, such as ``News`` or ``News > Politics``.
    """

    author: Text = ""
    owner: PodcastOwner = PodcastOwner()
    category: Texts = ()
    explicit: bool = False
    type: Literal["episodic", "serial"] = "episodic"
    artwork: Text = ""
    complete: bool = False
    new_feed_url: WebUrl = ""

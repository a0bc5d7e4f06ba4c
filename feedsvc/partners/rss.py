"""What goes out to a partner -> RSS 2.0."""

from __future__ import annotations

from functools import partial
from typing import Any

from feedsvc.config import PartnerConfig
from feedsvc.partners.shape import Shaped
from feedsvc.render import render_rss


def render_partner(shaped: Shaped, partner: PartnerConfig, url: str) -> bytes:
    """Return what goes out to a partner as RSS 2.0; ``url`` is the whole address it asks."""
    from feedsvc.partners.extension import ChannelExtension, ItemExtension, Words

    words = Words(shaped, partner, url)

    def extend(channel: Any) -> None:
        channel.register_extension(
            "partner", partial(ChannelExtension, words), partial(ItemExtension, words), atom=False
        )

    return render_rss(shaped.feed, extend)

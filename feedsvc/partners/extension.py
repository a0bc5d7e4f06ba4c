"""What a partner's RSS has beside everybody's, as an extension of feedgen."""

from __future__ import annotations

from dataclasses import dataclass

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from feedsvc.config import PartnerConfig
from feedsvc.partners.profiles import PROFILES
from feedsvc.partners.shape import Shaped
from feedsvc.render import format_rfc822

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_SNF = "http://www.smartnews.be/snf"


@dataclass(frozen=True, slots=True)
class Words:
    """What the extensions of one document write; ``url`` is its own address."""

    shaped: Shaped
    partner: PartnerConfig
    url: str

    @property
    def smartnews(self) -> bool:
        """Whether SmartNews's own elements are wanted."""
        return PROFILES[self.partner.profile].smartnews


class ChannelExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Completes the channel."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces that SmartNews asks for, whether or not anything stands in them."""
        return {"dc": _DC, "media": _MEDIA, "snf": _SNF} if self._words.smartnews else {}

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Name the very address that is asked for, and write SmartNews's own elements."""
        channel, words = rss[0], self._words
        for link in channel.findall(f"{_ATOM}link"):
            if link.get("rel") == "self":
                link.set("href", words.url)
        if words.smartnews:
            date = format_rfc822(words.shaped.feed.updated)
            etree.SubElement(channel, "pubDate").text = date
            logos = {"logo": words.partner.logo, "darkModeLogo": words.partner.dark_logo}
            for name, url in logos.items():
                if url:
                    logo = etree.SubElement(channel, f"{{{_SNF}}}{name}")
                    etree.SubElement(logo, "url").text = url
        return rss


class ItemExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Completes one item."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def extend_rss(self, item: etree._Element) -> etree._Element:
        """Say that an article is gone, or how its readers are counted."""
        words = self._words
        if item.findtext("guid") in words.shaped.retracted:
            etree.SubElement(item, f"{{{_MEDIA}}}status", {"state": "deleted"})
        elif words.smartnews and words.partner.analytics.strip():
            analytics = etree.SubElement(item, f"{{{_SNF}}}analytics")
            analytics.text = words.partner.analytics
        return item

"""The rules for a feed as a whole, a named check each.

What a partner refuses a feed for is fatal and reported, but the feed goes out: half of it can be
right on the other side, and none at all would only look like a wrong token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from feedsvc.model import Feed
from feedsvc.partners.findings import Terms
from feedsvc.partners.words import has_markup, host_of, is_https, strip_markup
from feedsvc.render import cut_text, fit, plain_title

Check = Callable[[Feed, Terms], str]

# SmartNews draws both logos into a bar of this size.
_LOGO_SIZE = (700, 100)


def _check_title(feed: Feed, terms: Terms) -> str:
    if not feed.title.strip():
        return "the feed has no title"
    return "the title of the feed holds HTML" if has_markup(feed.title) else ""


def _check_link(feed: Feed, terms: Terms) -> str:
    return "" if host_of(feed.home) else "the link of the feed is no web address"


def _check_description(feed: Feed, terms: Terms) -> str:
    most, size = terms.profile.channel_description_most, len(feed.description)
    if not size:
        return "the feed has no description"
    wrong = 0 < most < size
    return (
        f"the description of the feed has {size} characters: {most} are the most" if wrong else ""
    )


def _check_https(feed: Feed, terms: Terms) -> str:
    wrong = terms.profile.https_feed and not is_https(feed.base)
    return "the address of the feed does not begin with https: set site.base_url" if wrong else ""


def _check_language(feed: Feed, terms: Terms) -> str:
    wrong = terms.profile.needs_language and not feed.language
    return "the feed has no language: set site.language" if wrong else ""


def _check_locale(feed: Feed, terms: Terms) -> str:
    if not terms.profile.needs_locale:
        return ""
    regions = [part for part in feed.language.split("-")[1:] if _is_region(part)]
    wrong = f'the language "{feed.language}" has no region, such as en-GB: set site.language'
    return "" if regions else wrong


def _check_least(feed: Feed, terms: Terms) -> str:
    least, count = terms.profile.items_least, len(feed.entries)
    return f"{count} items go out: {least} are the least" if count < least else ""


def _check_most(feed: Feed, terms: Terms) -> str:
    most, wanted = terms.profile.items_most, terms.partner.items or 0
    return f"items: {wanted} are asked for, {most} are the most" if 0 < most < wanted else ""


def _check_size(feed: Feed, terms: Terms) -> str:
    fitting = fit(feed, len(feed.entries), terms.profile.bytes_most)
    most = f"{terms.profile.bytes_most:,} bytes are the most"
    return "" if fitting.entries == feed.entries else f"not all items fit: {most}"


def _check_logo(feed: Feed, terms: Terms) -> str:
    return _judge_logo(terms.partner.logo, "logo", terms) if terms.profile.smartnews else ""


def _check_dark_logo(feed: Feed, terms: Terms) -> str:
    if not terms.profile.smartnews:
        return ""
    return _judge_logo(terms.partner.dark_logo, "dark_logo", terms)


def _check_analytics(feed: Feed, terms: Terms) -> str:
    missing = terms.profile.smartnews and not terms.partner.analytics.strip()
    return "analytics is not set: nobody counts the readers there" if missing else ""


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "channel-title": _check_title,
        "channel-link": _check_link,
        "channel-description": _check_description,
        "channel-https": _check_https,
        "channel-language": _check_language,
        "channel-locale": _check_locale,
        "channel-logo": _check_logo,
        "channel-dark-logo": _check_dark_logo,
        "channel-analytics": _check_analytics,
        "items-least": _check_least,
        "items-most": _check_most,
        "feed-size": _check_size,
    }
)

# What no partner refuses a feed for: these are mended, or only wished for.
WISHES = frozenset({"channel-analytics", "items-most", "feed-size"})


def find_faults(feed: Feed, terms: Terms) -> dict[str, str]:
    """Return what is wrong with a feed for this partner, by the name of the rule."""
    if not terms.profile.has_rules:
        return {}
    found = {name: check(feed, terms) for name, check in CHECKS.items()}
    return {name: message for name, message in found.items() if message}


def mend_channel(feed: Feed, terms: Terms) -> Feed:
    """Return the feed with its own words as the partner takes them."""
    if not terms.profile.has_rules:
        return feed
    most = terms.profile.channel_description_most
    description = plain_title(strip_markup(feed.description or feed.title))
    return replace(
        feed,
        title=plain_title(strip_markup(feed.title)),
        description=cut_text(description, most) if most else description,
    )


def _judge_logo(url: str, key: str, terms: Terms) -> str:
    if not url:
        return f"{key} is not set: a PNG of 700x100 is asked for"
    if not is_https(url):
        return f"{key} does not begin with https"
    if not url.partition("?")[0].lower().endswith(".png"):
        return f"{key} is no PNG"
    file = terms.pictures.get(url)
    if file and file.width and (file.width, file.height) != _LOGO_SIZE:
        return f"{key} is {file.width}x{file.height}: 700x100 are asked for"
    return ""


def _is_region(part: str) -> bool:
    """Whether a part of a language tag names a region: two letters, or three digits (RFC 5646)."""
    return (len(part) == 2 and part.isalpha()) or (len(part) == 3 and part.isdecimal())

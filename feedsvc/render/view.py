"""What the templates of the pages ask: addresses, dates and languages as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup

from feedsvc.config import SiteConfig
from feedsvc.labels import feed_path, label_of
from feedsvc.model import Entry, Feed

from .formats import FORMATS
from .markup import cut_text, first_sentences
from .text import plain_language

# A standfirst is a sentence or two; whoever writes a page of it still gets a readable list.
TEASER_CHARS = 320
# A note without a title is called by its first words; this is one line of a list.
HEADLINE_CHARS = 80

# Languages that are written from right to left, and the scripts that say so (ISO 639, ISO 15924).
RTL_LANGUAGES = frozenset({
    "ar", "arc", "azb", "bal", "ckb", "dv", "fa", "glk", "he", "iw", "ji", "khw", "ks", "lrc",
    "mzn", "nqo", "pnb", "prs", "ps", "sd", "syr", "ug", "ur", "yi",
})  # fmt: skip
RTL_SCRIPTS = frozenset({
    "adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa",
})  # fmt: skip

# Not from strftime: its names follow the machine's locale (F9).
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip

# Where readers on the web take a feed's address, as they tell publishers to link to them. Apps on a
# phone or a desk answer to `feed://`, which they read as http: a site with https redirects them.
READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed%2F{quoted}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={quoted}"),
    ("NewsBlur", "https://www.newsblur.com/?url={quoted}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={quoted}"),
    ("Feedbin", "https://feedbin.com/?subscribe={quoted}"),
    ("An app on this device", "feed://{bare}"),
)

# What stands between a section's title and the site's in the title of a feed.
_DASHES = ("-", "–", "—", "|")

# Browsers read both as the beginning of another host's address.
_OTHER_HOST = ("//", "/\\")


class Link(NamedTuple):
    """A link to ``url``; ``type`` is the media type of a feed, ``current`` marks this very page."""

    title: str
    url: str
    type: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One page's way to write addresses, dates and languages; ``language`` is the page's own."""

    site: SiteConfig
    language: str

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return direction_of(self.language)

    @property
    def ours(self) -> Markup:
        """The attributes of words that are ours, in English, on a page of another language."""
        return Markup() if _is_english(self.language) else Markup(' lang="en" dir="ltr"')

    @property
    def house(self) -> Markup:
        """The attributes of the site's own words around an article of another language."""
        language = language_of(self.site.language)
        if language == self.language:
            return Markup()
        return Markup(' lang="{}" dir="{}"').format(language, direction_of(language))

    def tongue(self, of: Entry | Feed) -> Markup:
        """The attributes of an entry or section in a list: its language, if not the page's."""
        language = plain_language(of.language)
        if language == self.language:
            return Markup()
        return Markup(' lang="{}" dir="auto"').format(language) if language else _UNKNOWN_TONGUE

    def path(self, path: str) -> str:
        """Return ``path`` of this site without scheme and host: it holds behind any proxy."""
        return urlsplit(self.site.base_url).path + path

    def section(self, feed: Feed) -> str:
        """Return the path of a section's page."""
        return self.path(section_path(feed))

    def inside(self, url: str) -> str:
        """Return ``url`` as a path if it is of this site, else as it is if it is of the web.

        What no page should lead to (``javascript:`` and the like) becomes an empty string.
        """
        base = self.site.base_url
        if url.startswith(f"{base}/"):
            path = self.path(url[len(base) :])
            return url if path.startswith(_OTHER_HOST) else path
        if url.startswith("/") and not url.startswith(_OTHER_HOST):
            return url
        return url if is_web(url) else ""

    def host_elsewhere(self, url: str) -> str:
        """Return the host of ``url`` if it is of another site than this, else an empty string."""
        if not is_web(url) or self.inside(url) != url:
            return ""
        return (urlsplit(url).hostname or "").removeprefix("www.")

    def name(self, feed: Feed) -> str:
        """Return what a feed is called on the site itself.

        Among a reader's other feeds its title must also name the site; here that would be noise.
        """
        for dash in _DASHES:
            feed_title = feed.title.removesuffix(f" {dash} {self.site.title}")
            if feed_title != feed.title:
                return feed_title
        return feed.title

    def about(self, feed: Feed) -> str:
        """Return what an admin says of a feed.

        What was made up for feeds, which must have a description (P20), only ends with the title.
        """
        return "" if feed.description.endswith(f": {feed.title}") else feed.description

    def list_sections(self, feeds: Sequence[Feed], current: str = "") -> list[Link]:
        """Return the links of the navigation; ``current`` names the section of this page."""
        return [
            Link(self.name(feed), self.section(feed), current=feed.name == current)
            for feed in feeds
        ]

    def list_formats(self, feed: Feed) -> list[Link]:
        """Return the links to a feed in each format."""
        return [
            Link(form.name, self.inside(f"{feed.base}.{form.suffix}"), form.link_type)
            for form in FORMATS.values()
        ]

    def list_readers(self, feed: Feed) -> list[Link]:
        """Return the links that open a feed in a reader, ready to subscribe."""
        url = f"{feed.base}.xml"
        return [
            Link(name, address.format(quoted=quote(url, safe=""), bare=url.partition("://")[2]))
            for name, address in READERS
        ]

    def follow(self, kind: str, text: str) -> str:
        """Return the path of the RSS feed of a tag or an author; empty if it has none."""
        name = label_of(kind, text)
        return self.path(f"{feed_path(name)}.xml") if name else ""

    def headline(self, entry: Entry) -> str:
        """Return what an entry is called in a list."""
        return headline_of(entry)

    def teaser(self, entry: Entry) -> str:
        """Return what a list says of an entry below its headline."""
        return cut_text(summary_of(entry), TEASER_CHARS)

    def byline(self, entry: Entry) -> str:
        """Return who wrote an article; the little words between the names are English."""
        *others, last = entry.authors or ("",)
        if not _is_english(self.language):
            return ", ".join(entry.authors)
        return f"By {', '.join(others)} and {last}" if others else f"By {last}"

    def stamp(self, moment: datetime) -> str:
        """Return ``moment`` for machines, in the site's zone (RFC 3339, seconds)."""
        return self._localise(moment).isoformat(timespec="seconds")

    def written(self, moment: datetime, language: str = "") -> str:
        """Return ``moment`` for people: ``24 November 2026, 14:05`` or ``2026-11-24 14:05``."""
        local = self._localise(moment)
        if _is_english(language or self.language):
            return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"
        return local.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")

    def _localise(self, moment: datetime) -> datetime:
        try:
            return moment.astimezone(ZoneInfo(self.site.timezone))
        except OverflowError:  # the first and the last day that Python knows
            return moment


_UNKNOWN_TONGUE = Markup(' dir="auto"')


def section_path(feed: Feed) -> str:
    """Return the path of a section's page below the site's base_url."""
    return f"/sections/{quote(feed.name)}"


def list_alternates(feed: Feed) -> list[Link]:
    """Return a feed's autodiscovery links: absolute, RSS first, each with its own title (R59)."""
    return [
        Link(f"{feed.title} ({form.name})", f"{feed.base}.{form.suffix}", form.link_type)
        for form in FORMATS.values()
    ]


def headline_of(entry: Entry) -> str:
    """Return an entry's title, which a link cannot do without, or else its first words."""
    return entry.title.strip() or cut_text(summary_of(entry), HEADLINE_CHARS) or "Untitled"


def summary_of(entry: Entry) -> str:
    """Return an entry's own summary on one line, or else its first sentences.

    Not that of the feeds: a page is escaped once and read once, so a ``<`` may stay what it is.
    """
    return " ".join(entry.summary.split()) or first_sentences(entry.content)


def is_web(url: str) -> bool:
    """Say whether ``url`` is a whole http or https address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # such as `http://[`
        return False


def language_of(tag: str) -> str:
    """Return ``tag`` as HTML wants it (``en_US`` -> ``en-US``); English if it is none."""
    return plain_language(tag.replace("_", "-")) or "en"


def direction_of(language: str) -> str:
    """Return ``rtl`` or ``ltr``; a script in the tag (``ur-Latn``) wins over the language."""
    primary, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    rtl = script in RTL_SCRIPTS if script else primary in RTL_LANGUAGES
    return "rtl" if rtl else "ltr"


def _is_english(language: str) -> bool:
    return language.lower().partition("-")[0] == "en"

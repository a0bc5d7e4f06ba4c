"""What a User-Agent says: which reader asks, and for how many subscribers it does."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

# What stands further behind is no part of a name or a number that we know, and costs time.
AGENT_MOST = 400

# Counts are forged by who likes; the largest aggregators have so many on one feed of the world.
SUBSCRIBERS_MOST = 5_000_000

# Longer ones are no names of programs.
NAME_MOST = 40

# Who asks and is no feed reader; none of them is a subscriber.
BROWSER, BOT, OTHER = "browser", "bot", "other"
NO_READERS = frozenset({BROWSER, BOT, OTHER})

# What stands in the text (in small letters) -> the reader. The first that is found wins, so those
# that name others ("like FeedFetcher-Google", "Mozilla/5.0 (compatible; ...") stand before them.
_READERS = (
    ("feedly", "Feedly"),
    ("inoreader", "Inoreader"),
    ("newsblur", "NewsBlur"),
    ("feedbin", "Feedbin"),
    ("theoldreader", "The Old Reader"),
    ("bazqux", "BazQux"),
    ("netvibes", "Netvibes"),
    ("dreamwidth", "Dreamwidth"),
    ("plainfeeder", "PlainFeeder"),
    ("freshrss", "FreshRSS"),
    ("miniflux", "Miniflux"),
    ("tiny tiny rss", "Tiny Tiny RSS"),
    ("netnewswire", "NetNewsWire"),
    ("commafeed", "CommaFeed"),
    ("yarr/", "Yarr"),
    ("python-reader", "python-reader"),
    ("newsboat", "newsboat"),
    ("rss2email", "rss2email"),
    ("blogtrottr", "Blogtrottr"),
    ("superfeedr", "Superfeedr"),
    ("feedfetcher-google", "Google Feedfetcher"),
    ("nextcloud-news", "Nextcloud News"),
    ("selfoss", "selfoss"),
    ("stringer", "stringer"),
    ("readkit", "ReadKit"),
    ("reeder", "Reeder"),
    ("unread", "Unread"),
    ("vienna", "Vienna"),
    ("thunderbird", "Thunderbird"),
    ("liferea", "Liferea"),
    ("akregator", "Akregator"),
    ("rssguard", "RSS Guard"),
    ("rss guard", "RSS Guard"),
    ("quiterss", "QuiteRSS"),
    ("fluent reader", "Fluent Reader"),
    ("newsflash", "NewsFlash"),
    ("feedbro", "Feedbro"),
    ("capyreader", "Capy Reader"),
    ("elfeed", "Elfeed"),
    ("feeder/", "Feeder"),
    ("flipboard", "Flipboard"),
    ("slackbot", "Slack"),
    ("ifttt", "IFTTT"),
    ("zapier", "Zapier"),
    ("overcast", "Overcast"),
    ("pocketcasts", "Pocket Casts"),
    ("pocket casts", "Pocket Casts"),
    ("antennapod", "AntennaPod"),
    ("applepodcasts", "Apple Podcasts"),
    ("podcasts/", "Apple Podcasts"),
    ("itms", "Apple Podcasts"),
    ("spotify", "Spotify"),
    ("simplepie", "SimplePie"),
    ("feedparser", "feedparser"),
)
KNOWN_READERS = frozenset(name for _, name in _READERS)

# Who gathers the web, watches servers or previews links.
_BOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|facebookexternalhit|preview|monitor|uptime|pingdom|scan|gptbot"
    r"|archive\.org|headless|lighthouse|prometheus"
)
# Programs that people write, and their libraries: a script is not somebody who reads.
_TOOL = re.compile(
    r"^(?:curl|wget|python|aiohttp|httpx|go-http-client|java|okhttp|apache-httpclient|libwww|perl"
    r"|ruby|php|guzzle|node|axios|undici|deno|bun|reqwest|hyper|rust|dart|insomnia|postman|httpie"
    r"|wrk|ab|lwp|winhttp|powershell|got|ureq|urllib|requests)\b"
)
_BROWSER = re.compile(r"gecko/|applewebkit/|trident/|presto/|khtml|msie |^opera|^lynx|^w3m|^links")

_COUNT = re.compile(
    r"(\d[\d,]*)\s+(?:subscriber(?:\(s\)|s)?|readers?)\b|subscriber count:\s*(\d+)", re.ASCII
)
_FEED_ID = re.compile(r"(?:feed-?id\s*[:=]\s*|newsblur\.com/site/)([a-z0-9-]{1,40})")
# The first word of a product: `Some-Reader/1.2 (...)`; and what "compatible;" introduces.
_PRODUCT = re.compile(r"(?:mozilla/[\d.]+ \(compatible;\s*)?([a-z][a-z0-9._ +-]*)")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks. ``subscribers`` is None where the text has no number; ``feed_id`` may be empty."""

    reader: str
    subscribers: int | None = None
    feed_id: str = ""

    @property
    def is_reader(self) -> bool:
        """Whether somebody reads by it: not a browser, a crawler or a script."""
        return self.reader not in NO_READERS


def parse_agent(text: str) -> Agent:
    """Return what a User-Agent says, whatever it is; only its beginning is looked at."""
    return _parse(text[:AGENT_MOST].lower())


@functools.lru_cache(maxsize=2_048)  # a site is asked by a few dozen kinds, again and again
def _parse(text: str) -> Agent:
    count = _COUNT.search(text)
    if count is None:
        return Agent(_name_reader(text, False))
    number = min(int((count[1] or count[2]).replace(",", "")), SUBSCRIBERS_MOST)
    feed_id = _FEED_ID.search(text)
    return Agent(_name_reader(text, True), number, feed_id[1] if feed_id else "")


def _name_reader(text: str, counts: bool) -> str:
    """Return the name of a reader; one that ``counts`` its subscribers is no browser and no bot."""
    for sign, name in _READERS:
        if sign in text:
            return name
    if not counts:
        if _BOT.search(text):
            return BOT
        if _TOOL.match(text):
            return OTHER
        if _BROWSER.search(text):
            return BROWSER
    return _name_product(text)


def _name_product(text: str) -> str:
    """Return the name that a program which we do not know gives itself, in small letters."""
    product = _PRODUCT.match(text)
    name = product[1][:NAME_MOST].strip(" .-+_") if product else ""
    return name if name not in ("", "mozilla") else OTHER

"""What one line of a page is, if it is not the article: the structural rules (DESIGN, Cleaning).

Every rule looks at a single line and names its reason; ``cleaning`` weighs them against what stands
around the line. All patterns are linear and only ever see lines of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

# Longer lines are prose, or link bars, which are told by their parts.
MAX_NOTICE = 320
# A credit stands at the end of a caption; a caption is no longer than a paragraph.
MAX_CAPTION = 600
MAX_BAR_PART = 110

ADVERT = "advertisement"
BLOCKER = "ad-blocker notice"
CAPTION = "photo caption and credit"
COMMENTS = "comments"
COOKIES = "cookie notice"
COPYRIGHT = "copyright line"
CREDITS = "editorial credits"
LINKS = "link bar"
MEDIA = "media control"
NAVIGATION = "navigation"
PAYWALL = "subscription notice"
RELATED = "related articles"
SECTIONS = "names many sections"
SHARE = "share bar"
SIGN_UP = "sign-up notice"
SYNDICATION = "notice of adaptation or syndication"
TAGS = "tag line"

# What stands in the same block as one of these belongs to it.
SPREADING = frozenset({BLOCKER, SIGN_UP, COOKIES})


class Verdict(NamedTuple):
    """The reason to cut a line; a ``weak`` one holds only if nothing beside the line stays."""

    reason: str
    weak: bool = False


def _phrases(reason: str, *phrases: str, weak: bool = False) -> dict[str, Verdict]:
    return dict.fromkeys(phrases, Verdict(reason, weak))


_PHRASES: Mapping[str, Verdict] = MappingProxyType(
    {
        **_phrases(SHARE, "share", "pass this on", "pass it on", "spread the word", "tweet"),
        **_phrases(SHARE, "teilen", "partager", "compartir", "condividi", "delen", "dela"),
        **_phrases(SHARE, "x", "save", "print", "email", "mastodon", "bluesky", weak=True),
        **_phrases(ADVERT, "advertisement", "advertisements", "advert", "advertising", "anzeige"),
        **_phrases(ADVERT, "werbung", "publicité", "publicidad", "sponsored", "sponsored content"),
        **_phrases(ADVERT, "promoted", "promoted content", "paid post", "sponsored links"),
        **_phrases(ADVERT, "advertising feature", "- advertisement -", "story continues below"),
        **_phrases(ADVERT, "article continues below", "scroll to continue", "continue reading"),
        **_phrases(RELATED, "related", "related articles", "related stories", "related content"),
        **_phrases(RELATED, "related topics", "related coverage", "read more", "read next"),
        **_phrases(RELATED, "up next", "more stories", "more news", "more on this story"),
        **_phrases(RELATED, "more on this topic", "recommended", "recommended for you"),
        **_phrases(RELATED, "recommended reading", "recommended stories", "you may also like"),
        **_phrases(RELATED, "you might also like", "you may like", "around the web", "see also"),
        **_phrases(RELATED, "most read", "most popular", "most viewed", "most shared", "trending"),
        **_phrases(RELATED, "trending now", "top stories", "latest news", "latest stories"),
        **_phrases(RELATED, "editors' picks", "editor's picks", "editors’ picks", "don't miss"),
        **_phrases(RELATED, "what to read next", "popular now", "popular stories", "also read"),
        **_phrases(RELATED, "mehr zum thema", "lesen sie auch", "das könnte sie interessieren"),
        **_phrases(RELATED, "lire aussi", "à lire aussi", "leer también", "te puede interesar"),
        **_phrases(RELATED, "meistgelesen", "les plus lus", "lo más leído", "leggi anche"),
        **_phrases(COMMENTS, "comments", "comment", "show comments", "view comments", "reply"),
        **_phrases(COMMENTS, "hide comments", "leave a comment", "leave a reply", "post a comment"),
        **_phrases(COMMENTS, "add a comment", "join the conversation", "read the comments"),
        **_phrases(COMMENTS, "kommentare", "commentaires", "comentarios"),
        **_phrases(COOKIES, "accept all cookies", "manage cookie preferences", "cookie settings"),
        **_phrases(COOKIES, "cookie policy", "accept all", "reject all", "privacy settings"),
        **_phrases(NAVIGATION, "skip to content", "skip to main content", "skip to navigation"),
        **_phrases(NAVIGATION, "back to top", "log in", "login", "sign in", "sign out", "register"),
        **_phrases(NAVIGATION, "privacy policy", "privacy notice", "terms of service", "sitemap"),
        **_phrases(NAVIGATION, "terms of use", "terms and conditions", "contact us", "about us"),
        **_phrases(NAVIGATION, "advertise", "advertise with us", "careers", "site map", "imprint"),
        **_phrases(NAVIGATION, "impressum", "datenschutz", "mentions légales", "breaking news"),
        **_phrases(NAVIGATION, "my account", "main menu", "close panel", "close menu", "open menu"),
        **_phrases(
            NAVIGATION, "toggle navigation", "view all", "see all", "show more", "load more"
        ),
        **_phrases(NAVIGATION, "do not sell my personal information", "accessibility", "feedback"),
        **_phrases(NAVIGATION, "home", "menu", "search", "close", "next", "previous", weak=True),
        **_phrases(NAVIGATION, "about", "contact", "help", "faq", "privacy", "terms", weak=True),
        **_phrases(NAVIGATION, "more", "subscribe", "newsletter", "newsletters", weak=True),
        **_phrases(MEDIA, "loading", "play", "pause", "listen", "watch", "watch live", weak=True),
        **_phrases(MEDIA, "image", "video", "photo", "gallery", "audio", "live", weak=True),
        **_phrases(MEDIA, "listen to this article", "enlarge this image", "toggle caption"),
        **_phrases(MEDIA, "hide caption", "show caption", "open image in gallery", "view gallery"),
        **_phrases(MEDIA, "watch the trailer", "play video", "watch the video", "listen live"),
        **_phrases(BLOCKER, "adblock detected", "ad blocker detected", "adblocker detected"),
    }
)
_AROUND = " \t-–—:›»>…|•·×!*▸▶→#"

_STARTS: Mapping[str, str] = MappingProxyType(
    {
        SYNDICATION: r"this (?:version|edition|article|story|piece|page|translation|post)\b.{0,160}\b"
        r"(?:adapted|shortened|abridged|translated|republished|(?:first|originally) (?:published|appeared))\b"
        r"|(?:adapted|abridged|shortened) (?:edition|version)\b"
        r"|(?:originally published|first appeared|republished) (?:on|in|at|by|from|with)\b",
        SIGN_UP: r"(?:sign up|subscribe|register|join|get|receive|enter)\b.{0,200}"
        r"\b(?:newsletters?|inbox|email alerts?|e-mail alerts?|email address|daily briefing)\b"
        r"|by (?:signing up|subscribing|submitting|clicking)\b.{0,80}\byou (?:agree|accept|consent)"
        r"|(?:melden sie sich|abonnieren sie|inscrivez-vous|abonnez-vous|suscríbase)\b.{0,120}newsletter"
        r"|(?:get|have) .{1,80}\bdelivered to (?:your|you)\b|want more .{0,80}newsletter"
        r"|follow .{0,80}\b(?:twitter|facebook|instagram|mastodon|telegram|whatsapp|linkedin|rss|bluesky)\b"
        r"|follow us\b|download (?:the|our) .{0,40}\bapp\b",
        PAYWALL: r"you have .{0,40}\b(?:free|complimentary) articles?\b|already (?:a|an) (?:subscriber|member)"
        r"|subscribe (?:now|today|for|to) .{0,80}|to continue reading\b|(?:this|the) (?:article|content) is "
        r"(?:for|only for|available to|reserved for) (?:subscribers|members)"
        r"|support (?:our|independent|quality) (?:journalism|work)\b|you've reached your .{0,40}limit",
        BLOCKER: r"(?:an? |your )?ad ?-?blocker|adblock|please (?:disable|turn off|switch off|whitelist|allow)"
        r" .{0,60}(?:ad|support|site|page|us)\b|please disable it",
        COOKIES: r"(?:we|this (?:web)?site|our (?:web)?site|our partners).{0,60}\b(?:use|uses|using|store) .{0,60}"
        r"\bcookies?\b|we and our .{0,20}partners|by continuing to (?:use|browse)|(?:accept|manage) .{0,20}cookies?\b",
        COPYRIGHT: r"(?:©|\(c\) ?(?:19|20)\d\d|copyright (?:©|\(c\)|(?:19|20)\d\d)|all rights reserved)"
        r"|this (?:material|content) may not be (?:published|reproduced|copied)",
        RELATED: r"(?:read more|read also|also read|read next|see also|related|recommended|more on this|watch|listen"
        r"|don['’]t miss|in pictures|lire aussi|lesen sie auch|mehr dazu|leer más) ?[:|»›→]"
        r"|(?:more|latest|popular|top stories) from\b|(?:top|more|latest|most read|most popular) (?:stories|news|articles"
        r"|in|on) .{0,40}$|(?:most read|most popular|most viewed)\b .{0,30}$",
        ADVERT: r"(?:story|article|content|text)?\s?(?:continues|continued) (?:below|after)\b"
        r"|advertisement\b.{0,40}$|- ?advertisement|sponsored by\b|paid for by\b",
        COMMENTS: r"(?:\d[\d,.]*\+?|no|view all|show|read|add|write|post|leave) (?:\w+ )?comments?\b.{0,20}$|comments are (?:closed|off|disabled)"
        r"|your email address will not be published|(?:log|sign) in to (?:comment|reply|join)|have your say",
        MEDIA: r"\d{1,3}[- ]min(?:ute)?s?\.? (?:read|listen|watch)|reading time\b|estimated read\b|listen(?:ing)?(?: to this| time)?\b.{0,30}\d ?min"
        r"|listen to this (?:article|story)|(?:watch|view) (?:the )?(?:video|gallery|slideshow)\b.{0,40}$",
        CAPTION: r"(?:image|media|photo|picture|video|photograph) (?:source|caption|credit|by|courtesy)s?\b"
        r"|(?:photo(?:graph)?s?|image|picture|pic|credit|foto|bild|crédit|fotografía) ?(?::|©)|getty images|ap photo\b"
        r"|file (?:photo|image|picture)\b|(?:photo|image)s? courtesy\b|courtesy of .{0,60}$",
        CREDITS: r"(?:additional |further )?(?:reporting|editing|writing|research|edited|compiled|produced) by\b",
        TAGS: r"(?:tags|filed under|topics|categories|schlagwörter|mots-clés|etiquetas) ?:",
        NAVIGATION: r"home (?:>|›|»|/|\|) |you are here\b|.{0,60} is not responsible for the content of external"
        r"|opens in (?:a )?new (?:window|tab)",
    }
)
_START = re.compile(
    "|".join(f"(?P<r{n}>{pattern})" for n, pattern in enumerate(_STARTS.values())), re.IGNORECASE
)
_REASONS = tuple(_STARTS)
# A notice is at most this long; a sentence that only begins like one ("Read more: he said that ...
# and went on") is longer. Related links are headlines.
_MAX_BY_REASON = MappingProxyType({RELATED: 160, COMMENTS: 110, MEDIA: 110, TAGS: 240, ADVERT: 90})

_BULLET = re.compile(r"(?:[-*•‣▪–>]|\d{1,2}[.)])\s+")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_BAR = re.compile(r"\s*[|•·›»]\s*|\s+/\s+")
_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]*$")
_SHARE_WORDS = frozenset(
    "share this tweet facebook twitter x whatsapp email e-mail print copy link linkedin reddit "
    "pinterest telegram bluesky threads mastodon flipboard messenger tumblr on via by article story "
    "page post save gift to with friends comments comment copied url full icon button toggle".split()
)
_SHARE_CORE = frozenset(
    "share tweet facebook twitter whatsapp linkedin reddit pinterest telegram gift save print copy "
    "email e-mail".split()
)
_CREDIT_NAME = r"[^\W\d_a-zß-ÿ][\w.'’-]*(?: [\w.'’&-]+){0,5}"
# Glued to the caption's last word, as scrapers leave it: "... on Wednesday.Ann Lee / Agency".
_GLUED = re.compile(
    rf"[a-z0-9\"”’)][.!?][\"”’]?(?:{_CREDIT_NAME} ?(?:/|via|for|\|) ?{_CREDIT_NAME})$"
)
_BRACKETED = re.compile(
    r"\((?:[^()/]{2,50}/[^()/]{2,50}|(?:photo|image|picture|courtesy|credit|file|ap photo|getty)\b[^()]{0,80})\)$",
    re.IGNORECASE,
)
_AGENCY = (
    r"(?:getty images|afp|reuters|ap|ap photo|epa|shutterstock|alamy|bloomberg|pa wire|pa media|xinhua"
    r"|imago|dpa|zuma press|nurphoto|istock|unsplash|pexels|anadolu|[\w ]{2,30} (?:photos|pictures|images))"
)
_ALONE = re.compile(
    rf"{_CREDIT_NAME} ?(?:/|\||via|for) ?{_AGENCY}(?: ?/ ?[\w ]{{2,30}})?|{_AGENCY} ?/ ?{_CREDIT_NAME}",
    re.IGNORECASE,
)
# Names that footers list on any site, beside the site's own sections.
_COMMON_SECTIONS = (
    "home|news|politics|business|world|technology|tech|sport|sports|entertainment|health|science|weather|opinion|"
    "culture|travel|lifestyle|local|video|photos|podcasts|about|contact|careers|investigations|arts|education|"
    "money|style|food|obituaries|puzzles|us|uk|europe|markets|economy|life|climate|magazine"
).split("|")
# Four names can meet in a sentence, but then they are not half of its words.
LEAST_SECTIONS = 4
SECTION_SHARE = 0.5


def judge(line: str, sections: tuple[str, ...] = ()) -> Verdict | None:
    """Say what ``line`` is if it is not the article's text; None when in doubt."""
    if len(line) > MAX_NOTICE:
        return _judge_bar(line) or _judge_caption(line)
    bare = _BULLET.sub("", line, count=1) if line[0] in "-*•‣▪–>0123456789" else line
    key = bare.casefold().strip(_AROUND)
    if not key:
        return Verdict(NAVIGATION, weak=len(line) > 1)
    if verdict := _PHRASES.get(key):
        return verdict
    if found := _START.match(bare):
        reason = _REASONS[int((found.lastgroup or "r0")[1:])]
        if len(line) <= _MAX_BY_REASON.get(reason, MAX_NOTICE):
            return Verdict(reason)
    if key.endswith(("all rights reserved.", "all rights reserved")):
        return Verdict(COPYRIGHT)
    return _judge_bar(bare) or _judge_words(bare, sections) or _judge_caption(line)


def _judge_bar(line: str) -> Verdict | None:
    parts = [part for part in _BAR.split(line[:20_000]) if part]
    if len(parts) < 3 or _SENTENCE_END.search(line[-5:]):
        return None
    if max(map(len, parts)) > MAX_BAR_PART or sum(
        any(c.isdigit() for c in p) for p in parts
    ) * 2 > len(parts):
        return None
    return Verdict(LINKS, weak=len(parts) == 3 and len(line) < 40)


def _judge_words(line: str, sections: tuple[str, ...]) -> Verdict | None:
    if len(line) > MAX_NOTICE or _SENTENCE_END.search(line[-5:]):
        return None
    words = [word.casefold() for word in _WORDS.findall(line)]
    if not words:
        return None
    if len(words) <= 20 and all(word in _SHARE_WORDS or word.isdigit() for word in words):
        core = _SHARE_CORE.intersection(words)
        if core:
            return Verdict(SHARE, weak=len(words) == 1 and words[0] in ("save", "print", "email"))
    if len(words) >= LEAST_SECTIONS:
        names = _section_pattern(sections).findall(line.casefold())
        covered = sum(len(name.split()) for name in names)
        if len(set(names)) >= LEAST_SECTIONS and covered >= SECTION_SHARE * len(words):
            return Verdict(SECTIONS)
    return None


@lru_cache(maxsize=16)
def _section_pattern(sections: tuple[str, ...]) -> re.Pattern[str]:
    names = {name.casefold() for name in (*sections, *_COMMON_SECTIONS) if name.strip()}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _judge_caption(line: str) -> Verdict | None:
    if len(line) > MAX_CAPTION or not ("/" in line or line.endswith(")") or " via " in line):
        return None
    if _GLUED.search(line, max(0, len(line) - 120)) or _BRACKETED.search(
        line, max(0, len(line) - 140)
    ):
        return Verdict(CAPTION)
    if len(line) <= 100 and _ALONE.fullmatch(line):
        return Verdict(CAPTION)
    return None

"""The labels of a page's buttons and bars, told by their words alone.

A button's says what to do, and with what on the page: "Show 12 more replies". Verbs and things that
advice has too ("Start a conversation", "Turn the page", "Open the app") are none of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.notices import COMMENTS, NAVIGATION, SHARE

SHARE_WORDS = """
    share this tweet facebook twitter x whatsapp email e-mail print copy link linkedin reddit
    pinterest telegram bluesky threads mastodon flipboard messenger tumblr on via by article story
    page post save gift to with friends pass it copied saved copies
    comments comment url full icon button toggle aa
    partager sur envoyer par teilen auf compartir en por condividi su delen op dela på
"""
SHARE_CORE = """
    share tweet facebook twitter whatsapp linkedin reddit pinterest telegram gift save print copy
    email e-mail partager teilen compartir condividi delen dela
"""
# The buttons of a cookie notice, and the links of a foot: a line of nothing else is one of them.
COOKIE_WORDS = """
    accept agree allow all reject decline refuse manage preferences cookies cookie settings options
    choices necessary only essential continue without accepting customise customize more show
"""
MENU_WORDS = """
    about us contact privacy policy terms of use service conditions and advertise advertising
    with complaints corrections careers jobs help faq accessibility sitemap site map cookies
    cookie notice subscribe subscriptions newsletters rss feeds login log in sign up register
    search menu my account home our the team ethics code press work for media kit do not sell or
    share personal information syndication licensing archive eeo report fcc public files closed
    captioning app apps ad choices
"""
# Names that footers list on any site, beside the site's own sections.
COMMON_SECTIONS = """
    home news politics business world technology tech sport sports entertainment health science
    weather opinion culture travel lifestyle local video photos podcasts about contact careers
    investigations arts education money style food obituaries puzzles markets economy climate
"""

# The longest: "Click here to view all comments on this article".
_MAX_WORDS = 9
_VERBS = word_set("""
    view show hide load see skip jump return scroll report copy bookmark follow unfollow gift switch
    sort expand collapse click tap reuse licence license reprint print email submit order
""")
# One word of a label is a thing that only a page has.
_THINGS: Mapping[str, str] = MappingProxyType(
    {
        word: reason
        for reason, words in {
            COMMENTS: "comment comments replies",
            SHARE: "clipboard",
            NAVIGATION: "header footer article author edition updates content navigation consent"
            " reprints correction",
        }.items()
        for word in words.split()
    }
)
_FILLERS = word_set("""
    to the this that all more less most full for by in your my a new newest first oldest latest here
    via section main uk us view read profile
""")

# A line may have two labels: "Filed Under: Cakes Tagged With: tea", "Posted in News | Tagged tea".
_TAG_LABEL = re.compile(
    r"^[^:,|]{1,24}:|(?:^|(?<=[ |·•]))(?:(?:posted in|filed under|tagged(?: with)?)\b ?:?"
    r"|(?:tags|topics|categories) ?:)",
    re.IGNORECASE,
)


def read_tags(text: str) -> tuple[str, ...]:
    """Return the tags that a line of them names behind its labels, each once."""
    if not _TAG_LABEL.match(text):
        return ()  # a label alone; its tags follow on lines of their own
    names = re.split("[,|·•]", _TAG_LABEL.sub(",", text))
    return tuple(dict.fromkeys(tag for name in names if (tag := name.strip(" .#"))))


def name_control(words: Sequence[str]) -> str:
    """Name what the button with these words, in small letters, is for; empty if it is none."""
    if not 2 <= len(words) <= _MAX_WORDS or words[0] not in _VERBS:
        return ""
    things = [reason for word in words[1:] if (reason := _THINGS.get(word))]
    others = (word for word in words[1:] if word not in _THINGS)
    is_label = all(word in _FILLERS or word in _VERBS or word.isdigit() for word in others)
    return things[0] if things and is_label else ""

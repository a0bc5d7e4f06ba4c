"""Partners who take the feed, each by rules of its own: what goes out to them, and why not."""

from feedsvc.partners.findings import Finding
from feedsvc.partners.profiles import PROFILES, Profile
from feedsvc.partners.rss import render_partner
from feedsvc.partners.shape import Shaped, count_items, shape
from feedsvc.partners.tokens import (
    PREFIX,
    Tokens,
    dump_tokens,
    load_tokens,
    path_of,
    turn_tokens,
    url_of,
)
from feedsvc.partners.withdrawals import WITHDRAWN_TITLE, uid_of, was_given

__all__ = [
    "PREFIX",
    "PROFILES",
    "WITHDRAWN_TITLE",
    "Finding",
    "Profile",
    "Shaped",
    "Tokens",
    "count_items",
    "dump_tokens",
    "load_tokens",
    "path_of",
    "render_partner",
    "shape",
    "turn_tokens",
    "uid_of",
    "url_of",
    "was_given",
]

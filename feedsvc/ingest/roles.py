"""What somebody is: "Political correspondent", "Staff writer"."""

from __future__ import annotations

from feedsvc.ingest.characters import word_set

ROLE_WORDS = word_set(
    "staff writer writers reporter reporters correspondent correspondents editor editors "
    "contributor contributors columnist bureau desk newsroom team chief producer photographer "
    "intern anchor critic m.d md ph.d phd analyst freelance redaktion rédaction professor lecturer "
    "director fellow author economist president stringer stringers agencies meteorologist"
)
# What stands before a role without a comma: "Ann Lee Political correspondent".
_BEATS = word_set(
    "political politics business staff senior chief world sport sports arts health science tech "
    "technology education economics economic foreign deputy managing associate assistant special "
    "city crime court legal environment environmental transport media home affairs diplomatic "
    "consumer royal religious local national security defence defense culture entertainment music "
    "cricket football rugby tennis racing cycling film food travel investigative digital "
    "online breaking news data general contributing guest "
    "opinion featured community regional state county courts money property"
)
MAX_AFFILIATION_WORDS = 6
# What somebody is, and where, fits into this.
MAX_ROLE = 90


def is_role(text: str) -> bool:
    """Whether a line says no more than what somebody is: "Political correspondent"."""
    if len(text) > MAX_ROLE:
        return False
    role, *places = text.split(",")
    words = [word.strip(".").casefold() for word in role.split()]
    if not 0 < len(text.split()) <= MAX_AFFILIATION_WORDS or not is_role_of(words):
        return False
    return all(word[:1].isupper() for place in places for word in place.split())


def is_role_of(words: list[str]) -> bool:
    return not ROLE_WORDS.isdisjoint(words) and all(
        word in ROLE_WORDS or word in _BEATS or word in ("and", "of", "&") for word in words
    )

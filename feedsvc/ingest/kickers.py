"""Words that stand above a headline and are none: a section's name, a genre, a label."""

from __future__ import annotations

import re
from functools import lru_cache

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.controls import COMMON_SECTIONS

# "For immediate release", "US & World News"; longer lines are headlines.
_MAX_KICKER_WORDS = 4
_MAX_NAME_WORDS = 3
# A longer line is looked at no further.
_MAX_KICKER = 60
# What newspapers print above a headline, in the languages whose dates are read.
_GENRES = word_set(
    "opinion opinions analysis comment commentary editorial editorials letters letter review"
    " reviews feature features interview profile obituary exclusive explainer explained column"
    " columnist columnists guest depth fact check long read investigation report special breaking"
    " live update"
    " updates press release immediate perspective perspectives essay viewpoint headlines watch"
    " meinung kommentar analyse reportage porträt nachruf kolumne leitartikel glosse hintergrund"
    " nachrichten kultur wirtschaft politik wissenschaft gesellschaft panorama exklusiv"
    " exclusif tribune éditorial enquête décryptage chronique entretien politique économie société"
    " monde opinión análisis reportaje editorial entrevista columna crónica política economía"
    " sociedad cultura deportes mundo opinione analisi intervista economia politica cronaca"
    " opinião análise esportes nyheter ledare debatt sverige inrikes utrikes ekonomi nieuws opinie"
)
# Those that follow the name of a thing or a place: "Theatre review", "Planning row".
_LABELS = word_set("row latest notebook diary briefing") | {"review", "interview", "column"}
_SECTIONS = word_set(COMMON_SECTIONS) | word_set(
    "us uk eu national international regional community crime court courts local state city"
    " environment energy law media religion society football cricket rugby league premier racing"
    " tennis golf transport showbiz consumer family features property latest today general"
)
# A headline of two words has a verb, or more of a thing than a heading: "Broken promises".
_VERB_ENDS = ("s", "ed", "ing")
_SMALL = word_set("the in on of and for a & / de la le der die das und et y e")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|&")
# "packet.example", as a page names itself.
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?[\w-]{2,60}(?:\.[a-z]{2,10}){1,2}/?", re.IGNORECASE)


def is_kicker(text: str, sections: tuple[str, ...] = ()) -> bool:
    """Whether a line is nothing but the name of a section, a genre, or a site's address.

    ``sections`` are the names and titles of the site's sections.
    """
    if len(text) > _MAX_KICKER or text.endswith((".", "!", "?")):
        return False
    words = [word.casefold() for word in _WORDS.findall(text)]
    if not words or len(words) > _MAX_KICKER_WORDS:
        return bool(_DOMAIN.fullmatch(text))
    if all(word in _GENRES or word in _SECTIONS or word in _SMALL for word in words):
        return not _SMALL.issuperset(words)
    plain = text.casefold().strip(" :")
    return plain in fold_names(sections) or bool(_DOMAIN.fullmatch(text))


@lru_cache(maxsize=16)
def fold_names(names: tuple[str, ...]) -> frozenset[str]:
    """Return the names of a site's sections, case-folded: once, since there may be hundreds."""
    return frozenset(name.casefold() for name in names)


def is_shouted(text: str) -> bool:
    """Whether a line of a few words is all capitals, or ends in a colon: "EXCLUSIVE:"."""
    if text.endswith((".", "!", "?")) or not (text.isupper() or text.endswith(":")):
        return False
    return 0 < len(_WORDS.findall(text)) <= _MAX_KICKER_WORDS


def is_titled(text: str) -> bool:
    """Whether a line of a few words is written like a name: "Premier League", "The Packet"."""
    words = text.split()
    return (
        0 < len(words) <= _MAX_NAME_WORDS
        and not text.endswith((".", "!", "?"))
        and all(word[:1].isupper() for word in words)
    )


def is_heading(text: str) -> bool:
    """Whether a line of a few words is a heading: "Planning row", and not "Ferry sinks"."""
    is_short = 0 < len(text.split()) <= _MAX_NAME_WORDS and text[:1].isupper()
    return is_short and text[-1].isalpha() and not text.endswith(_VERB_ENDS)


def names_genre(text: str) -> bool:
    """Whether the last word of a line is a genre's or a label's: "Theatre review"."""
    return text.split()[-1].casefold() in _LABELS

"""Names of authors: in front matter, and in the byline of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from feedsvc.ingest.characters import plain_line, word_set

# More names than this are a list of credits, not a byline.
MAX_BYLINE = 160
_AGENCY_WORDS = word_set(
    "ap afp reuters dpa epa upi bbc cnn nbc abc cbs npr pbs nyt itv efe ansa apa sda pa tass kyodo "
    "xinhua bloomberg news press agency agencies media network times post journal tribune herald "
    "gazette guardian telegraph magazine tv radio wire wires service services today daily weekly "
    "express observer chronicle independent dispatch register bulletin online"
)
# Those that follow a name without a comma.
_AGENCIES = frozenset({"associated press", "the associated press", "reuters", "ap", "afp"})
_ROLE_WORDS = word_set(
    "staff writer writers reporter reporters correspondent correspondents editor editors "
    "contributor contributors columnist bureau desk newsroom team chief producer photographer "
    "intern anchor critic m.d md ph.d phd analyst freelance redaktion rédaction"
)
_BY = re.compile(
    r"(?:(?:written|reported|story|words|text|article|posted|photos?|interview)(?: and \w+)? by"
    r"|by|von|por|par)(?: ?:)? +",
    re.IGNORECASE,
)
_PARTS = re.compile(r" *(?:[|•·]| [–—-] ) *")
_PARTICLE = (
    r"(?:[Dd](?:e|el|ella|i|a|os|er|en)|[Vv][ao]n|[Ll][ae]|[Aa]l|[Ee]l|[Bb]in|[Tt]en|[Zz]u|[Yy])"
)
_WORD = r"(?:[^\W\d_]['’])?[^\W\d_a-zß-ÿ][^\W\d_]*\.?(?:['’-][^\W\d_]+\.?)*"
_NAME = re.compile(
    rf"(?:Dr\.? |Prof\.? )?{_WORD}(?: (?:{_PARTICLE} ){{0,2}}{_WORD}){{1,4}}(?:,? (?:Jr|Sr)\.?)?"
)
# "By The Numbers" and "By Far The Best" are headings.
_NO_NAME = word_set("the a an all no not far hook way our your my this that and or in on at")
_AND = re.compile(r" *(?:,? and | & |; ?| und | et | y |, ) *", re.IGNORECASE)
_HANDLE = re.compile(r"\s+@\w+")
_ADDRESS = re.compile(r"\s*[<(][^<>()@\s]*@[^<>()\s]*[>)]|\s+\S+@\S+\.\S+$")
# "ann@paper.example", and what RSS makes of a name: "ann@paper.example (Ann Lee)".
_LONE_ADDRESS = re.compile(
    r"<?(?:mailto:)?(?P<box>[^\s@<>()]+)@[^\s@<>()]+>?(?: *\((?P<name>[^()@]+)\))?"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """The authors and the agency that a byline names; ``rest`` is what followed a bar."""

    authors: tuple[str, ...] = ()
    source: str = ""
    rest: str = ""


def read_byline(text: str) -> Byline | None:
    """Read "By A. Name and B. Name, Agency"; None if the line is anything else."""
    if len(text) > MAX_BYLINE or not (start := _BY.match(text)):
        return None
    names, *rest = _PARTS.split(text[start.end() :].strip(), maxsplit=1)
    authors: list[str] = []
    source = ""
    for part in _AND.split(_HANDLE.sub("", _ADDRESS.sub("", names)).rstrip(" ,")):
        name, agency = _split_agency(part)
        source = source or agency
        words = name.casefold().split()
        kinds = {word.strip(".") for word in words}
        if kinds & _AGENCY_WORDS:
            source = source or name
        elif _NAME.fullmatch(name) and not _NO_NAME.intersection(words) and not kinds & _ROLE_WORDS:
            authors.append(name)
        elif not kinds & _ROLE_WORDS:
            return None
    return Byline(tuple(_tidy_case(name) for name in authors), source, " | ".join(rest))


def _split_agency(part: str) -> tuple[str, str]:
    """Split "Ann Lee for Daily Post", "ANN LEE Associated Press" and "Ann Lee Reuters"."""
    name, written, agency = part.partition(" for ")
    if written:
        return name, agency
    words = part.split()
    for count in range(2, len(words)):
        name, agency = " ".join(words[:count]), " ".join(words[count:])
        shouted = name.isupper() and not agency.isupper()
        if agency.casefold() in _AGENCIES or (shouted and words[-1].casefold() in _AGENCY_WORDS):
            return name, agency
    return part, ""


def _tidy_case(name: str) -> str:
    return name.title() if name.isupper() and len(name) > 4 else name


def _drop_address(text: str) -> str:
    """Return a name without its e-mail address; of a mere address what stands before the @."""
    if found := _LONE_ADDRESS.fullmatch(text):
        return found["name"] or found["box"]
    return _ADDRESS.sub("", text)


def split_names(written: Iterable[str]) -> tuple[str, ...]:
    """Make single names of what an editor wrote: a list, or one text with commas and "and"."""
    items = [_drop_address(plain_line(item)) for item in written]
    if len(items) == 1:
        whole = re.sub(r"^by +", "", items[0], flags=re.IGNORECASE)
        parts = [part for part in _AND.split(whole) if part]
        # "Lee, Ann" is one person; "Ann Lee, Bob Ray" are two.
        items = [whole] if "," in whole and all(" " not in part for part in parts) else parts
    return tuple(dict.fromkeys(item.strip(" ,") for item in items if item.strip(" ,")))

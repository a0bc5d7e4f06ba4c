"""Names of authors: in front matter, and in the byline of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from feedsvc.ingest.characters import plain_line, word_set
from feedsvc.ingest.roles import MAX_AFFILIATION_WORDS, MAX_ROLE, ROLE_WORDS, is_role_of

# More names than this are a list of credits, not a byline.
MAX_BYLINE = 160
_AGENCY_WORDS = word_set(
    "ap afp reuters dpa epa upi bbc cnn nbc abc cbs npr pbs nyt itv efe ansa apa sda pa tass kyodo "
    "xinhua bloomberg news press agency agencies media network times post journal tribune herald "
    "gazette guardian telegraph magazine tv radio wire wires service services today daily weekly "
    "express observer chronicle independent dispatch register bulletin online packet argus sentinel"
    " record"
)
# Those that follow a name without a comma.
_AGENCIES = frozenset(
    {"associated press", "the associated press", "reuters", "ap", "afp", "bloomberg", "cnn", "upi"}
    | {"agence france-presse", "press association", "bbc news", "bloomberg news", "nbc news"}
)
# Those that write for other papers: alone on a line of the head they are whose the text is.
_WIRES = frozenset(
    {"associated press", "the associated press", "ap", "afp", "agence france-presse", "reuters"}
    | {"thomson reuters", "press association", "pa media", "pa", "upi", "bloomberg", "dpa", "apa"}
    | {"bloomberg news", "efe", "ansa", "tass", "xinhua", "kyodo", "kyodo news", "anadolu", "ntb"}
    | {"ritzau", "anp", "belga", "lusa", "sda", "keystone-sda", "canadian press"}
    | {"the canadian press", "australian associated press", "united press international"}
)
_SOURCE_LABELS = ("Source: ", "Quelle: ", "Fuente: ", "Fonte: ", "Källa: ", "Bron: ")
_MAX_WIRE = 45
# "Le Monde avec AFP", "Anna Lang mit dpa": a paper or a person, and the agency that helped.
_JOINT = re.compile(
    r"(?P<party>[^\W\d_a-z][\w.'’-]*(?: [\w.'’-]+){0,4}) (?:avec|mit|with) (?:l['’]|the )?"
    r"(?P<wire>[A-Za-z][\w -]{1,30})"
)
_ARTICLES = ("Le ", "La ", "Les ", "L'", "L’", "Der ", "Die ", "Das ", "The ")
# Those that every reader knows, as they stand behind headlines.
_PAPERS = frozenset(
    {"bbc", "npr", "ap news", "fox news", "cbs news", "abc news", "sky news", "politico"}
    | {"usa today", "los angeles times", "the washington post", "the wall street journal"}
    | {"the guardian", "the new york times", "financial times", "the times", "the telegraph"}
    | {"the independent", "al jazeera", "al jazeera english", "der spiegel", "die zeit"}
    | {"le monde", "le figaro", "el país", "la repubblica"}
)
_MEDIUM_WORDS = _AGENCY_WORDS | word_set("ledger review courier sun mail mirror globe star images")
_BY = re.compile(
    r"(?:(?:written|reported|story|words|text|article|posted|submitted|interview|analysis"
    r"|opinion|comment|report|review|column|perspective|recipe|poem|essay"
    r"|profile|feature|blog)(?: and \w+)? by"
    r"|(?:authors?|words|text|reporter|writer|autor(?:in)?|auteur)(?=:| ?:)"
    r"|(?:eine?|un|une) \w{4,20} (?:von|par|de)"
    r"|(?:from )?our (?:\w{3,20} )?(?:correspondents?|reporters?|critics?|editors?)"
    r"|(?:tekst|texte|testo|texto|autora?|autore)(?=:| ?:)|(?:testo |articolo )?a cura di"
    # In English "door" is a door, and "Di" begins surnames.
    r"|(?-i:Av|Af|di|Door(?=: | \w+ (?:de|den|der|ten|ter|van) | \w+ \w+ en ))"
    r"|by|von|por|par)(?: ?:| ?[–—-])? +"
    r"|(?:作者|记者|記者|撰文|文) ?[:：] ?",
    re.IGNORECASE,
)
# The site's name before a bar, as public radio has it.
_SITE_BY = re.compile(r"[^|]{2,40} \| +by +", re.IGNORECASE)
_PARTS = re.compile(r" *(?:[|•·]| [–—-] ) *")
_PARTICLE = (
    r"(?:[Dd](?:e|el|ella|i|a|os|er|en)|[Vv][ao]n|[Ll][ae]|[Aa]l|[Ee]l|[Bb]in|[Tt]en|[Zz]u|[Yy])"
)
_WORD = (
    r"(?:(?:[^\W\d_a-zß-ÿ]\.){2,3}"
    r"|(?:[^\W\d_]['’])?[^\W\d_a-zß-ÿ][^\W\d_]*\.?(?:['’-][^\W\d_]+\.?)*)"
)
_NAME = re.compile(
    r"[\u3400-\u9fff\uac00-\ud7a3]{2,4}|"
    rf"(?:Dr\.? |Prof\.? )?{_WORD}(?: (?:{_PARTICLE} ){{0,2}}{_WORD}){{1,4}}(?:,? (?:Jr|Sr)\.?)?"
)
# "By The Numbers" and "By Far The Best" are headings; "Văn An" is a name.
_NO_NAME = word_set("the this that and or in on at of")
_NO_BEGINNING = _NO_NAME | word_set(
    "a an all no not far hook way our your my any every some each then now one two three new north"
    " south east west royal popular public special general national local international invitation"
    " election request order land sea air night day train bus rail road foot car boat ship chapter"
    " part final full half first last next toll town city village county state mill main high"
    " church station market merry happy good best breaking live latest top most more monday tuesday"
    " wednesday thursday friday saturday sunday castle for"
)
# A place or a label may look like a person; without a "By" at the head of a page it is none.
_PLACE_ENDS = word_set(
    "bridge street road lane avenue house hall station river sea square market castle mill hotel"
    " school college church hospital airport island valley park city town village county beach"
    " road day night only necessary christmas score week war world cup league street centre center"
    " points facts figures findings takeaways highlights moments glance summary overview numbers"
    " questions answers results odds ingredients method oil sauce coach captain referee united"
)
_AND = re.compile(
    r" *(,? and | & |;? with | und | et | og | och | y |(?-i: e | en )|[,;] ) *", re.IGNORECASE
)
_HANDLE = re.compile(r"\s*[(,]?\s*(?<=[\s(,])@\w+\)?")
# What is left where a handle was the last of several.
_DANGLING = re.compile(r"[ ,]+(?:and|&)?[ ,]*$")
_ADDRESS = re.compile(r"\s*[<(][^<>()@\s]*@[^<>()\s]*[>)]|,?\s+\S+@\S+\.\S+$")
# "ann@paper.example", and what RSS makes of a name: "ann@paper.example (Ann Lee)".
_LONE_ADDRESS = re.compile(
    r"<?(?:mailto:)?(?P<box>[^\s@<>()]+)@[^\s@<>()]+>?(?: *\((?P<name>[^()@]+)\))?"
)
# Who only helped is no author, and where he sat is no part of his name.
_HELPERS = re.compile(
    r"[,;]? (?:with )?(?:additional |further )?reporting (?:by|from) .*"
    r"|[,;]? \(?\d{1,3}[ -]min(?:ute)?s?\b.*|[,;]? follow(?: (?:on|@|author|us).*)?$"
    r"|,? opens (?:in )?(?:a )?new "
    r"(?:tab|window).*|,? (?:photos|photographs|pictures|graphics|video) by .*|,? updated by .*",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r",? (?:in|at|from|aus) (?:the )?"
    r"[^\W\d_a-z][\w.'’-]*(?: (?:de |do |of )?[^\W\d_a-z][\w.'’-]*){0,2}"
    r"(?= (?:and|&|und|et|y|e|og|och|en) |[,;]|$)"
)
_BRACKETS = re.compile(
    r" ?/ ?| ?[()] ?(?:avec |with |mit )?| (?:avec|mit|med|con) (?:l['’])?(?=[A-Z]{2,5}\b)"
)
# A date that follows the names without a bar: "By Ann Lee, March 3, 2026".
_DATE = re.compile(
    r"(?:,? on|,)? (?=(?:published|posted|(?:last )?updated)\b|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?,? \d{4}|\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?"
    r"|Sun)(?:day)?,? (?:[A-Z][a-z]{2,8}\.? )?\d)",
    re.IGNORECASE,
)
# What says only that a source is one.
_SPECIAL = re.compile(r"(?:special (?:to|for)|for) ", re.IGNORECASE)
# "ABC", "KHRL": what is longer and has a vowel is a word; a web address stays as it is.
_MAX_LETTERS = 3
_VOWEL = re.compile(r"^(?!.*\.).*[AEIOUY]")
# Behind a name a few capitals are an agency, whatever it is called.
_ACRONYM = re.compile(r"[A-Z]{2,5}")
# "By Ann Lee, AP Science Writer".
_WRITER = re.compile(
    r"(?:AP|AFP|UPI|PA|BBC|CNN)(?: \w+)? (?:Writers?|Reporters?|Correspondents?|Editors?|Staff)$"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """The authors and the agency that a byline names; ``rest`` is what followed a bar."""

    authors: tuple[str, ...] = ()
    source: str = ""
    rest: str = ""


# The lines of a page's head are looked at from several sides, and many stand on each page.
@lru_cache(maxsize=1024)
def read_byline(text: str) -> Byline | None:
    """Read "By A. Name and B. Name, Agency"; None if the line is anything else."""
    if len(text) > MAX_BYLINE:
        return None
    start = _BY.match(text) or (_SITE_BY.match(text) if " | " in text else None)
    if not start:
        return None
    names = text[start.end() :].strip()
    return read_joint(names) or _read_people(names)


def read_joint(text: str) -> Byline | None:
    """Read "Le Monde avec AFP" or "Anna Lang mit dpa": who is no person is no author."""
    if not (" avec " in text or " mit " in text or " with " in text):
        return None
    found = _JOINT.fullmatch(text)
    if not found or found["wire"].casefold() not in _WIRES:
        return None
    party = found["party"]
    is_paper = party.startswith(_ARTICLES) or " " not in party or names_medium(party)
    if is_paper:
        return Byline((), found["wire"])
    people = _read_people(party)
    return Byline(people.authors, found["wire"]) if people else None


def read_paper(text: str) -> Byline | None:
    """Read "Ann Lee | Harle Tribune", which may be whose a picture is, too; else None."""
    names, bar, paper = text.partition(" | ")
    if not bar or not names_medium(paper) or "|" in paper:
        return None
    byline = read_names(names)
    is_named = byline and not byline.source and not is_place(byline)
    return Byline(byline.authors, paper) if byline and is_named else None


def read_names(text: str) -> Byline | None:
    """Read a line that is names and nothing else, as a byline without its "By"."""
    if len(text) > MAX_BYLINE or not text[:1].isupper() or text[-1:] in ".!?:":
        return None
    # Without its "By" a role before a name may be a row of credits: "Director Ann Lee".
    first = text.split(" ", 1)[0]
    if first in ("By", "Par") or first.casefold() in ROLE_WORDS:
        return None
    byline = _read_people(text)
    return byline if byline and byline.authors else None


def is_place(byline: Byline) -> bool:
    """Whether a name could be a place's or a label's as well: "Harle Bridge", "Key Points"."""
    return any(name.casefold().split()[-1] in _PLACE_ENDS for name in byline.authors)


def read_medium(text: str) -> str:
    """Return the agency or paper of a line below a name: "BBC News, Berlin"; or nothing."""
    if len(text) > MAX_ROLE:
        return ""
    if ": " in text:
        text = _drop_label(text)
    name, *places = text.removeprefix("Special to the ").removeprefix("Special to ").split(", ")
    words = name.casefold().split()
    known = name.casefold() in _AGENCIES or (1 < len(words) <= 4 and words[-1] in _MEDIUM_WORDS)
    written = all(word[:1].isupper() or word == "of" for word in [*name.split(), *places])
    return name if known and written and len(places) < 3 else ""


def read_wire(text: str) -> str:
    """Return the news agency that is all a line names: "Reuters", "(AFP)", "Source: dpa"."""
    if len(text) > _MAX_WIRE:
        return ""
    name = _drop_label(text).strip("()")
    is_written = name[:1].isupper() or name == "dpa"
    return name if is_written and name.casefold() in _WIRES else ""


def _drop_label(text: str) -> str:
    for label in _SOURCE_LABELS:
        text = text.removeprefix(label)
    return text


def is_known_medium(name: str) -> bool:
    """Whether a name is that of an agency or paper that every reader knows: "CNN", "CNN.com"."""
    plain = name.casefold().removesuffix(".com")
    return plain in _AGENCIES or plain in _PAPERS


def names_medium(name: str) -> bool:
    """Whether a name is a paper's, a station's or an agency's, by its words."""
    return not _MEDIUM_WORDS.isdisjoint(name.casefold().split())


# A line that may be names is looked at from several sides, and a site's authors come again.
@lru_cache(maxsize=1024)
def _read_people(text: str) -> Byline | None:
    names, *rest = _PARTS.split(text, maxsplit=1)
    rest = [part for part in rest if part.casefold() != "follow"]
    names = _DANGLING.sub("", _HANDLE.sub("", _ADDRESS.sub("", names)))
    if dated := _DATE.search(names):
        names, rest = names[: dated.start()], [names[dated.end() :], *rest]
    names = _PLACE.sub("", _HELPERS.sub("", names))
    names = _BRACKETS.sub(", ", names).rstrip(" ,")
    pieces = _AND.split(names)
    parts, borders = [part for part in pieces[::2] if part], ["", *pieces[1::2]]
    authors: list[str] = []
    source, after_role = "", False
    for index, part in enumerate(parts):
        if authors and _WRITER.match(part):
            source, after_role = source or part.split()[0], True
            continue
        part = _drop_role(part)
        name, agency = _split_agency(_split_role(part))
        source = source or _tidy_source(agency)
        words = name.casefold().split()
        kinds = {word.strip(".") for word in words}
        has_role = not kinds.isdisjoint(ROLE_WORDS)
        following = parts[index + 1].casefold().split() if index + 1 < len(parts) else []
        of_role = after_role and borders[index] in (", ", ",") and not is_role_of(following)
        after_role = has_role or name != part
        if _names_agency(words, kinds) or (index and _ACRONYM.fullmatch(name)):
            source = source or ("" if is_role_of(words) else _tidy_source(name))
        elif _is_name(name, words) and not has_role:
            if of_role:
                source = source or name
            else:
                authors.append(name)
        elif not has_role and not (authors and index and _is_affiliation(words, part)):
            return None
    return Byline(
        tuple(_tidy_case(name) for name in authors), source, " | ".join(filter(None, rest))
    )


def _names_agency(words: list[str], kinds: set[str]) -> bool:
    """Whether words are an agency's or a paper's name: "Norwire", "Ledger Weather"."""
    if not kinds.isdisjoint(_AGENCY_WORDS) or (len(words) == 2 and words[0] in _MEDIUM_WORDS):
        return True
    return len(words) == 1 and words[0].endswith(("wire", "press", "news"))


def _is_name(name: str, words: list[str]) -> bool:
    return bool(
        _NAME.fullmatch(name) and _NO_NAME.isdisjoint(words) and words[0] not in _NO_BEGINNING
    )


def _is_affiliation(words: list[str], part: str) -> bool:
    """Whether what follows a name says where he works: "University of Leeds"."""
    capitals = sum(word[0].isupper() for word in part.split())
    return len(words) <= MAX_AFFILIATION_WORDS and 2 * capitals >= len(words) and capitals > 0


def _split_role(part: str) -> str:
    """Return "Ann Lee" of "Ann Lee Political correspondent"."""
    words = part.split()
    kinds = [word.strip(".").casefold() for word in words]
    for count in range(2, len(words)):
        if is_role_of(kinds[count:]) and _is_name(" ".join(words[:count]), kinds[:count]):
            return " ".join(words[:count])
    return part


def _drop_role(part: str) -> str:
    """Return "Ann Lee" of "Political Editor Ann Lee"."""
    words = part.split()
    if len(words) <= 2 or words[-1].casefold() in ROLE_WORDS:
        return part
    kinds = [word.strip(".").casefold() for word in words]
    for count in range(len(words) - 2, 0, -1):
        if is_role_of(kinds[:count]) and _is_name(" ".join(words[count:]), kinds[count:]):
            return " ".join(words[count:])
    return part


def _split_agency(part: str) -> tuple[str, str]:
    """Split "Ann Lee for Daily Post", "ANN LEE Associated Press" and "Ann Lee Reuters"."""
    for border in (" for ", " of "):
        name, written, agency = part.partition(border)
        if not written and border == " for " and part.isupper():
            name, written, agency = part.partition(" FOR ")
            agency = _lower_case(agency)
        if written and (border == " for " or names_medium(agency)) and " " in name:
            return name, agency
    words = part.split()
    for count in range(2, len(words)):
        name, agency = " ".join(words[:count]), " ".join(words[count:])
        shouted = name.isupper() and not agency.isupper()
        if agency.casefold() in _AGENCIES or (shouted and words[-1].casefold() in _AGENCY_WORDS):
            return name, agency
    return part, ""


def _tidy_source(name: str) -> str:
    """Return an agency's name without what is said around it: "Special to the Tribune"."""
    name = _SPECIAL.sub("", name, count=1).removeprefix("the ")
    return re.sub(r" staff$", "", name, flags=re.IGNORECASE)


def _lower_case(name: str) -> str:
    """Write the words of a paper's name in capitals as names, but those that are letters."""
    return " ".join(
        word.capitalize() if len(word) > _MAX_LETTERS and _VOWEL.search(word[1:]) else word
        for word in name.split()
    )


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
        parts = [part for part in _AND.split(whole)[::2] if part]
        # "Lee, Ann" is one person; "Ann Lee, Bob Ray" are two.
        items = [whole] if "," in whole and all(" " not in part for part in parts) else parts
    return tuple(dict.fromkeys(item.strip(" ,") for item in items if item.strip(" ,")))

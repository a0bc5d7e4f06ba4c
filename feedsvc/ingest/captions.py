"""Captions and credits of pictures, as scrapers leave them: in the text, glued to a sentence.

A credit is told by its form (a name and an agency, a label, a bracket) at the end of a line. A real
paragraph that ends in "(AP)", has a slash or speaks of pictures stays: every form needs a capital
name in the right place, and most lines that end like a sentence are never looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from feedsvc.ingest.people import names_medium

# A caption is no longer than a paragraph; a credit at its end is two names and what is between.
MAX_CAPTION = 600
MAX_LABEL = 20
_CREDIT_TAIL = 140
_AGENCY = (
    r"(?:(?:Getty|PA|Press Association|Rex|Corbis|Anadolu|Bettmann|Redux|Magnum|Splash|[A-Z]\w+)"
    r" (?:Images|Photos?|Pictures|Archive|Agency)|Getty|AFP(?:[- ](?:PHOTO|JIJI))?|REUTERS|Reuters"
    r"|AP(?: Photos?)?|Associated Press|EPA(?:-EFE)?|EFE|Shutterstock|Alamy|Bloomberg|PA(?: Wire"
    r"| Media)?|Xinhua|Imago|IMAGO|dpa|DPA|ZUMA(?: Press)?|NurPhoto|iStock|Unsplash|Pexels|Anadolu"
    r"|Sipa(?: USA)?|USA TODAY Sports|Flickr|Instagram|Twitter|YouTube|Facebook|WireImage|FilmMagic"
    r"|NASA|JPL|Handout|handout|File|file|Pool|pool|TNS|ANSA|TASS|Keystone|Rex|WENN|MEGA|Redux)"
)
_PARTICLE = r"(?:d[aeiu]|del|della|d[eo]s|van|von|der|den|la|le|al|el|bin|ten|zu|y)"
_WORD = r"[^\W\d_a-zß-ÿ][\w.'’&-]{0,30}"
_PERSON = rf"{_WORD}(?: (?:{_PARTICLE} ){{0,2}}{_WORD}){{1,3}}"
_ORGANISATION = rf"{_WORD}(?: (?:(?:of|for|the|and) ){{0,2}}{_WORD}){{0,4}}"
_LINK = r"(?: ?[/|] ?| via | for |, |; | [-–—] )"
_BY_AGENCY = rf"{_AGENCY}(?:{_LINK}{_ORGANISATION}| file)*"
# Glued to the last word: "... on Wednesday.Ann Lee / Agency", "... in Paris.NBC News".
_GLUED = re.compile(
    rf"(?<=[a-z0-9\"”’)][.!?])[\"”’]?(?P<credit>{_PERSON}(?:{_LINK}(?:the )?{_ORGANISATION}| file)*"
    rf"|{_BY_AGENCY}|{_ORGANISATION}(?: ?[/|] ?| via ){_ORGANISATION}"
    rf"|(?:C|via c)ourtesy (?:of )?(?:the )?{_ORGANISATION})$"
)
# After a space an agency must be named: "... on Wednesday. Ann Lee/AFP via Getty Images".
_APART = re.compile(
    rf"(?:(?<=[.!?\"”’)]) (?:[|©] ?)?|(?<=\w) (?=\w+ \w+/)| [|©] ?)"
    rf"(?P<credit>(?:{_PERSON}|{_ORGANISATION})(?: ?[/|] ?| via ){_BY_AGENCY}"
    rf"|{_AGENCY} ?/ ?{_ORGANISATION}(?: ?/ ?{_ORGANISATION}(?: [Pp]hoto)?)?)$"
)
# Behind a sentence two names are a credit, whatever the second one is.
_BEHIND = re.compile(
    rf"(?<=[.!?\"”’)]) (?:[|©] ?)?(?P<credit>{_PERSON}(?: ?/ ?| for [Tt]he ){_ORGANISATION}"
    rf"|Courtesy (?:of )?(?:the )?{_ORGANISATION})$"
)
_TWO_NAMES = re.compile(rf"{_PERSON} ?/ ?{_WORD}(?: {_WORD}){{1,3}}")
_LABEL = (
    r"(?:[Pp]hoto(?:graph|grapher|s| credit|graphs| illustration|graphy)?"
    r"|PHOTO(?:GRAPH)?(?: CREDIT)?"
    r"|[Ii]mages?(?: credit| courtesy)?|[Pp]ictures?(?: credit)?|[Pp]ic|[Cc]redits?|CREDIT"
    r"|[Ii]llustrations?|[Cc]omposite|[Gg]raphic|Foto(?:s)?|Bild(?:er)?|Crédit(?: photo)?"
    r"|Fotografía)"
)
# One of them is in each label, and hardly any other line has one.
_LABEL_STEMS = (
    *("hoto", "HOTO", "mage", "Pic", "pic", "redit", "REDIT", "rédit"),
    *("llustration", "omposite", "raphic", "Foto", "Bild"),
)
_LABELLED = re.compile(
    rf"(?:^|(?<=[.!?\"”’)|–—]) |(?<=[a-z0-9][.!?])|(?P<bare>(?<=[a-z0-9]) )(?=[A-Z]\w+: ))"
    rf"(?P<credit>{_LABEL}"
    rf"(?: ?: ?©? ?| (?:by|courtesy(?: of)?|via) | ?© ?|\.\.\. ?(?:{_LABEL} by )?)(?:the )?"
    rf"(?:{_ORGANISATION}|{_AGENCY})(?:{_LINK}(?:the )?(?:{_ORGANISATION}|{_AGENCY})| file)*)$"
)
_BRACKETED = re.compile(
    rf"(?P<credit>\((?:(?:[Ff]ile )?{_LABEL}(?: ?[:/©]| (?:by|from|courtesy|credit"
    rf"|via)\b)[^()]{{1,80}}"
    rf"|(?:AP|AFP|EPA|REUTERS|Reuters|PA|ABC) ?(?:[Pp]hoto|PHOTO)? ?/[^()]{{2,80}}"
    rf"|Courtesy\b[^()]{{2,80}}|courtesy (?:photo|image|picture)"
    # "The coffee is free (courtesy of the warden)." is a sentence.
    rf"|courtesy:? (?:of )?(?:the )?[^\W\d_a-z][^()]{{1,80}}(?=\)$)"
    rf"|{_PERSON} ?(?:/|via|\|) ?{_BY_AGENCY}|(?:[Ff]ile|AP|Getty) (?:[Pp]hoto"
    rf"|[Ii]mages?)[^()]{{0,40}}"
    rf"|(?:{_LABEL} (?:by|courtesy of) ){_ORGANISATION})\)|(?<=[.!?\"”’] )\({_PERSON} ?(?:/|for"
    rf"|via) ?(?:the )?"
    rf"{_ORGANISATION}(?: via {_AGENCY})?\)|(?<=[.!?\"”’] )\[{_PERSON} ?/ ?{_ORGANISATION}\])\.?$"
)
_ALONE = re.compile(
    rf"(?:{_PERSON}(?: ?[/|] ?| via | for )|{_ORGANISATION}(?: ?/ ?| via )){_BY_AGENCY}"
    rf"|{_AGENCY}(?: ?/ ?{_ORGANISATION}){{0,2}}|© ?{_ORGANISATION}(?:(?: ?/ ?|, ){_ORGANISATION})*"
    rf"|[Cc]ourtesy (?:of )?(?:the )?{_ORGANISATION}(?: family)?"
    r"|(?:[Ff]ile|[Ss]tock|[Hh]andout) (?:photo|image|picture)"
)
# The whole line in brackets: "(Ann Lee/The Ledger via AP)", "[Ann Lee/Ledger]".
_IN_BRACKETS = re.compile(
    rf"[(\[]{_PERSON} ?/ ?(?:[Tt]he )?{_ORGANISATION}(?:{_LINK}{_ORGANISATION})*[)\]]\.?"
)
# A house's own photographer in capitals: "STAFF PHOTO BY ANN LEE".
_STAFF = re.compile(
    r"(?:(?:STAFF|FILE|COURTESY) )?PHOTOS? BY [^\W\d_a-z][^\W\d_a-z.'’ -]{2,60}"
    r"|(?i:staff photos? by) (?-i:[A-Z]).{2,60}"
)
_FOR_MEDIUM = re.compile(rf"{_PERSON} ?(?:/|for|\|) ?(?:the )?(?P<medium>{_ORGANISATION})")
_SOURCE = re.compile(
    r"(?:image|media|photo|picture|video) (?:source|caption|credit)s?(?: ?[,:.]+| )? *",
    re.IGNORECASE,
)
_FILE = re.compile(r"FILE(?: PHOTO)?(?: ?[:–—-] |\.\.\. ?)")
# A full stop that no space follows, and the sentences of a paragraph; a caption has two at most.
_JOIN = re.compile(r"(?<=[a-z0-9])[.!?][\"”’]?(?=[\"“‘]?[A-Z][a-z ])")
_SENTENCE = re.compile(r"[a-z0-9][.!?][\"”’]?(?= |$)")
_PARAGRAPH_SENTENCES = 3
_LEAST_PARAGRAPH = 60
# What only says that a credit follows is no part of it.
_CREDIT_LABEL = re.compile(
    r"(?:photo(?:graphy|graph|s)?|image|picture|pic|foto|bild|(?:photo |image )?credits?)"
    r"(?: ?: ?(?:© ?)?|\.\.\. ?| by )",
    re.IGNORECASE,
)
# A label alone speaks for the next line: "Image caption,".
_LABEL_ALONE = re.compile(
    r"(?:image|media|video|photo|picture) (?:source|caption|credit) ?[,:]"
    r"|(?-i:Image|Media) (?:source|caption)",
    re.IGNORECASE,
)
# Buttons that stand behind a caption in its own line; the one that sells is below pictures only.
_BUTTONS = re.compile(
    r"(?:,? ?(?:(?P<sells>(?:Purchase|Acquire) Licensing Rights)|opens (?:in )?(?:a )?new tab))+$"
)
_BUTTON_ENDS = (" Licensing Rights", " new tab")
# "... on Sunday Photo: Ann Lee"; less before it is a name: "Best Press Photo: Ann Lee".
_LEAST_BARE = 40
_SENTENCE_ENDS = frozenset('.!?…"”’»:;,')


class Caption(NamedTuple):
    """What a line says of a picture: its caption and whose the picture is; either may be empty."""

    text: str = ""
    credit: str = ""


NOTHING = Caption()


def read_caption(line: str) -> Caption | None:
    """Split a line that is a picture's caption or credit; None if it is anything else."""
    if len(line) > MAX_CAPTION or not line or line[:3] in ("By ", "BY ", "by "):
        return None
    last = line[-1]
    if last in "sb" and line.endswith(_BUTTON_ENDS) and (buttons := _BUTTONS.search(line)):
        bare = line[: buttons.start()]
        return read_caption(bare) or (Caption(bare) if buttons["sells"] and bare else None)
    if line[:4] == "FILE" and _FILE.match(line):
        return _split_at_credit(line) or Caption(line)
    if line[0] in "IiMmPpVv" and (found := _SOURCE.match(line)) and found.end() > 0:
        return _read_source(line, found)
    if line[0] == "C" and line.startswith("Caption: "):
        text = line[9:].strip()
        return _split_at_credit(text) or Caption(text)
    if line[0] in "([" and _IN_BRACKETS.fullmatch(line):
        return Caption("", line.strip("()[]."))
    if last in _SENTENCE_ENDS and not line.endswith(")."):
        return None
    return _split_at_credit(line)


def is_label(line: str) -> bool:
    """Whether a line only says that the next one is a picture's caption or credit."""
    return line[:1] in "IiMmPpVv" and len(line) <= MAX_LABEL and bool(_LABEL_ALONE.fullmatch(line))


def split_glued(line: str) -> tuple[str, str] | None:
    """Part a paragraph from the caption or the credit that a scraper glued to its end.

    A caption begins behind the last full stop that no space follows. Without such a one, several
    sentences are a paragraph, and only the credit is a picture's.
    """
    found = read_caption(line) if len(line) > _LEAST_PARAGRAPH else None
    if not found or not found.text or not found.credit or not line.startswith(found.text):
        return None
    joins = [join.end() for join in _JOIN.finditer(found.text)]
    border = joins[-1] if joins else len(found.text)
    before, rest = line[:border], line[border:].lstrip(" |")
    is_paragraph = bool(joins) or len(_SENTENCE.findall(before)) >= _PARAGRAPH_SENTENCES
    if not is_paragraph or len(before) < _LEAST_PARAGRAPH or not read_caption(rest):
        return None
    return before, rest


def _read_source(line: str, found: re.Match[str]) -> Caption | None:
    rest = line[found.end() :]
    if not rest:
        return NOTHING if is_label(line) else None
    if "caption" in found[0].casefold():
        return Caption(rest)
    is_sentence = found[0][-1:] == " " and "," not in found[0] and rest[:1].islower()
    return None if is_sentence or len(rest) > _CREDIT_TAIL else Caption("", rest)


# A line is asked for its credit as a paragraph, as a line of a page, and as the picture's.
@lru_cache(maxsize=256)
def _split_at_credit(line: str) -> Caption | None:
    tail = max(0, len(line) - _CREDIT_TAIL)
    if line.endswith((")", ").", "]")):
        found = _BRACKETED.search(line, tail)
        return _split(line, found) if found else None
    if not tail and (
        _ALONE.fullmatch(line)
        or _STAFF.fullmatch(line)
        or _is_for_medium(line)
        or _TWO_NAMES.fullmatch(line)
    ):
        return Caption("", _CREDIT_LABEL.sub("", line, count=1))
    end = line[max(0, tail - 1) :]
    found = _LABELLED.search(line, tail) if any(stem in end for stem in _LABEL_STEMS) else None
    if found and found["bare"] and found.start() < _LEAST_BARE:
        found = None
    if not found and ("." in end or "!" in end or "?" in end):
        found = _GLUED.search(line, tail)
    if not found and ("/" in line or " via " in line or "|" in line):
        found = _APART.search(line, tail)
    if not found and ("/" in line or " for " in end or " Courtesy " in end):
        found = _BEHIND.search(line, tail)
    return _split(line, found) if found else None


def _is_for_medium(line: str) -> bool:
    found = _FOR_MEDIUM.fullmatch(line)
    return found is not None and names_medium(found["medium"])


def _split(line: str, found: re.Match[str]) -> Caption:
    credit = _CREDIT_LABEL.sub("", found["credit"].lstrip("([").rstrip(")]"), count=1)
    return Caption(line[: found.start("credit")].rstrip(" |©–—"), credit)

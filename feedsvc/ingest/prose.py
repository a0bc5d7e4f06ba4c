"""What tells the article's own words from those of its page: a notice addresses the reader, and
reports nobody; a link to another article is a headline, and no sentence, figure or list.

Lines come bounded, and every pattern is linear.
"""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]*$")
_STOP = re.compile(r"\.[\"”’»)\]]*$")
# "First words of a story …" is a link's; a colon or comma leads on to what stays.
_LINE_END = re.compile(r"(?:[.:;,]|(?<! )…)[\"'”’»)\]]*$")
_SPEECH = (
    r"(?:sa(?:id|ys?)|warn(?:s|ed)?|insist(?:s|ed)?|beg(?:s|ged)?|shout(?:s|ed)?|ask(?:s|ed)"
    r"|add(?:s|ed)|wr(?:ote|ites)|read|reads|heard|found|finds|argue[sd]|admit(?:s|ted)"
    r"|joke[sd]|claim(?:s|ed)|told|replie[sd]|promise[sd]|announce[sd]|recall(?:s|ed)"
    r"|explain(?:s|ed)|advise[sd]|suggest(?:s|ed)|swore|plead(?:s|ed)|allege[sd]?|ruled"
    r"|according to)"
)
# "..., the ranger said", "..., say the banners": within a few words behind a comma.
_REPORTED = re.compile(rf"[,!?][\"”’]? (?:[\w'’.-]+ ){{0,5}}?{_SPEECH}\b", re.IGNORECASE)
# "Paid for by the taxpayer, the bridge lasted"; "Sponsored by Ann Lee, the bill would ban".
_MAIN_CLAUSE = re.compile(
    r", (?:the|a|an|it|he|she|they|his|her|its|their|some|many|most)\b[^,]{0,80}"
    r"\b(?:was|were|had|did|went|came|ran|fell|lost|won|left|made|took|sold|is|are|has|have|can"
    r"|could|will|would|may|must|[a-z]{3,}ed)\b"
)
# "Research by Harle University suggests that ...": names, and then what they do.
_DOER = re.compile(
    r"\b[Bb]y (?:(?:[A-Z][\w.'’-]*,?|and|&|the|of) ){1,12}"
    r"(?!(?:in|for|from|with|at|on|to|and|contributed|additional|edited|reporting)\b)[a-z]{3,}"
)
# "Advertisement was his trade", "More from the fund will follow": its first words are a subject.
_SUBJECT = re.compile(
    r"[\w©'’-]+(?: (?!(?:you|we|this)\b)[\w'’-]+){0,3}? (?:was|were|is|are|has|have|had|will|would"
    r"|could)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:you|your|yours|we|our|us|click|tap|here|please|newsletters?|subscri\w+|sign up|follow"
    r"|join|cookies?|copyright|rights|advert\w*|site|website)\b|https?:|www\.|@",
    re.IGNORECASE,
)
_HELPLINE = re.compile(
    r"\b(?:call|phone|dial|text|ring|contact|helpline|lifeline|hotline)\b.{0,120}\d{3}",
    re.IGNORECASE,
)
_OWN_DESK = re.compile(r"\b(?:us|our|newsroom|subscri\w+|advert\w*)\b", re.IGNORECASE)
_BULLETS = tuple("-*•‣▪–")
_ITEM = re.compile(r"\d[\d./½¼¾]*\s?[a-zà-ÿ]{1,12}\b")
_NUMBERED = re.compile(r"\d{1,2}[.)]?\s+(?=[^\W\d_a-z])")
_LEAST_LINK_WORDS = 4
# "Harle 2, Ghent 1" is a score; a headline with two figures is longer.
_SCORE = re.compile(r"[^\W\d_].*(?:(?<![\d-])\d{1,3}\s?[-–:]\s?\d{1,3}(?![\d-])|\d\D{2,}\d{1,3}$)")
# Ingredients and results are short; a headline that begins with a figure is not.
_MAX_ITEM = 40
_LEAST_HELP_WORDS = 5


def reports(text: str) -> bool:
    """Whether a sentence tells what somebody said or what came to pass, as no notice does."""
    if not _SENTENCE_END.search(text):
        return False
    return bool(_REPORTED.search(text) or _MAIN_CLAUSE.search(text)) or names_doer(text)


def names_doer(text: str) -> bool:
    """Whether names behind a "by" do something: "Illustrations by Ada Poe fill every page."."""
    return bool(_SENTENCE_END.search(text) and _DOER.search(text))


def begins_with_subject(text: str) -> bool:
    """Whether the first words are what a sentence speaks of: "Most read was the diary"."""
    return bool(_SUBJECT.match(text))


def is_statement(text: str) -> bool:
    """Whether a line is a sentence of the article's, or a helpline, at the foot of a page."""
    if _is_helpline(text):
        return True
    return bool(_STOP.search(text)) and (reports(text) or not _ADDRESS.search(text))


def could_be_link(text: str) -> bool:
    """Whether a line can be the headline of another article: no sentence, item or score."""
    if _LINE_END.search(text) or _is_helpline(text):
        return False
    if numbered := _NUMBERED.match(text):
        return len(text[numbered.end() :].split()) >= _LEAST_LINK_WORDS
    if text[:1].islower() and " " in text and not text.endswith(" ago"):
        return False
    if text.startswith(_BULLETS):
        return False
    return len(text) > _MAX_ITEM or not (_ITEM.match(text) or _SCORE.match(text))


def _is_helpline(text: str) -> bool:
    return (
        bool(_HELPLINE.search(text))
        and len(text.split()) >= _LEAST_HELP_WORDS
        and not _OWN_DESK.search(text)
    )


def could_be_foot(text: str) -> bool:
    """Whether a line in the foot of a page can be its own: a link, or it addresses the reader."""
    return could_be_link(text) or (
        not text.startswith(_BULLETS)
        and bool(_SENTENCE_END.search(text))
        and not is_statement(text)
    )

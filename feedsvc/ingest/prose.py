"""What tells the article's own words from those of its page: a notice addresses the reader, and
reports nobody; a link to another article is a headline, and no sentence, figure or list.

Lines come bounded, and every pattern is linear.
"""

from __future__ import annotations

import re

SENTENCE_MARKS = (".", "!", "?", "…")
# A colon or comma leads on to what stays.
LINE_MARKS = (*SENTENCE_MARKS, ":", ";", ",")
_TEXT_MARKS = (".", ":", ";", ",", "…")
# What may stand behind the mark; behind a sentence that tells an apostrophe is none of them.
_CLOSING = '"”’»)]'
CLOSING = f"{_CLOSING}'"
_SPEECH = (
    r"(?:sa(?:id|ys?)|warn(?:s|ed)?|insist(?:s|ed)?|beg(?:s|ged)?|shout(?:s|ed)?|ask(?:s|ed)"
    r"|add(?:s|ed)|wr(?:ote|ites)|read|reads|heard|found|finds|argue[sd]|admit(?:s|ted)"
    r"|joke[sd]|claim(?:s|ed)|told|replie[sd]|promise[sd]|announce[sd]|recall(?:s|ed)"
    r"|explain(?:s|ed)|advise[sd]|suggest(?:s|ed)|swore|plead(?:s|ed)|allege[sd]?|ruled"
    r"|according to)"
)
# "..., the ranger said", "..., say the banners": within a few words behind a comma.
_REPORTED = re.compile(rf"[,!?][\"”’]? (?:[\w'’.-]+ ){{0,5}}?{_SPEECH}\b", re.IGNORECASE)
# Past tenses that are no participles but "paid", which is one only where "for by" follows.
_PLAIN_PAST = (
    "was|were|had|did|went|came|ran|fell|took|sang|began|sat|rose|grew|gave|drew|drove|ate|flew|rang"
    "|shook|wore|broke|spoke|knew|saw|became|died|paid(?! for by)|stopped|ended"
)
_PAST = (
    f"{_PLAIN_PAST}|lost|won|left|made|sold|stood|held|kept|brought|bought|built|sent|got|met|hung"
    "|slept|led"
)
# "Paid for by the taxpayer, the bridge lasted"; "Sponsored by Ann Lee, the bill would ban".
_MAIN_CLAUSE = re.compile(
    r", (?:the|a|an|it|he|she|they|his|her|its|their|some|many|most)\b[^,]{0,80}"
    rf"\b(?:{_PAST}|is|are|has|have|can|could|will|would|may|must|[a-z]{{3,}}ed)\b"
)
# Notices speak of now, so a past tense tells; a participle ("delivered to your inbox") does not.
_TOLD = re.compile(rf"\b(?:{_PLAIN_PAST})\b")
# "Watch it again and you see why": what follows from doing what the first words say.
_CONSEQUENCE = re.compile(
    r",? (?:and|or|but) (?:you|it|he|she|they|nobody|(?:the|a|his|her|their) [\w'’-]+)"
    r" (?!and\b|or\b|of\b)[a-z]{2,}\b"
)
# Behind a colon a notice has a headline or a name; a small letter goes on with the sentence.
_GOES_ON = re.compile(r"[\w\"”’)] ?: [\"“]?[a-z][^\s]* [^\s]+ [^\s]")
_CAPITAL_BEHIND = re.compile(r"[^:|»›→]{2,30}[:|»›→] ?[\"“‘'(]?[^\W\d_a-z]")
# Words of the house, and of those whom its notices address.
_HOUSE = re.compile(
    r"\b(?:we|our|us|inbox|click|please|this (?:site|page|article|story|video|content|report)"
    r"|website)\b|https?:|www\.|@",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\b(?:newsletters?|e-?mails?|podcasts?)\b", re.IGNORECASE)
_READER = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"(?<=[a-z][.!?]) (?=[^\W\d_a-z])")
# What the last sentence of a cookie notice may be about, if it is not about the reader.
_MACHINE = re.compile(
    r"\b(?:settings?|browsers?|devices?|data|privacy|polic(?:y|ies)|consent|preferences|essential"
    r"|necessary|functional|analytics|services?|experience|traffic|partners|content|accept|agree"
    r"|(?:find|learn|read|see) (?:out )?more|more info\w*|details|terms)\b",
    re.IGNORECASE,
)
# Headlines have no full stop, and begin with such a word and end with one hardly ever.
_STATED = re.compile(
    r"[^:|»›→]{2,30}[:|»›→] ?[\"“‘]?(?:The|That|This|These|Those|It|He|She|They|There|His|Her|Its"
    r"|Their|My|Nobody|Everybody|Some|Most|Many|Not)\b"
)
# A town hall invites as a paper does; but a paper speaks of itself, its price and its letters.
_INVITES = re.compile(
    r"(?:sign up|subscribe|register|join|get|receive|enter|download|try|(?:please )?consider|donate"
    r"|contribute)\b",
    re.IGNORECASE,
)
_SELLS = re.compile(
    r"\b(?:we|our|us|your (?:inbox|support|e-?mail|phone)|click|here|below|latest|breaking"
    r"|coverage|headlines?|links?|now|today|journalism|newsrooms?|stations?|reporting|access|subscri(?:ption|ber)s?|account"
    r"|articles?|(?:this|the) (?:(?:web)?site|page|podcast|channel|paper)|(?:free|daily|weekly"
    r"|morning|evening|(?-i:[A-Z])[\w'’-]+)(?: e-?mail)? newsletters?)\b"
    r"|[$£€]\d|https?:|www\.|@",
    re.IGNORECASE,
)
# "Sign up now" at the beginning of a sentence asks; "he told them to sign up now" tells.
_ASKS = re.compile(
    r"(?:^|[.!?:|–—-] ?|, |\bor )(?:please )?(?:sign up|subscribe|register|join|get|receive|become"
    r"|listen|download|find|read|try|donate|give|contribute|support|help)\b",
    re.IGNORECASE,
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
_OWN_DESK = re.compile(
    r"\b(?:us|our|news ?(?:room|desk)|editor\w*|switchboard|subscri\w+|advert\w*|regist\w+"
    r"|company)\b",
    re.IGNORECASE,
)
# "Lamp office: 01632 960123"; two years make no number.
_PHONE = re.compile(
    r"(?:[^\d:.]{1,40}[:.] ?|(?:call|phone|tel|telephone|fax|ring|text|dial) |)"
    r"(?!(?:19|20)\d\d ?[-–/] ?(?:19|20)?\d\d$)(?:\+|\(0|\(\+)?\d[\d ()/–-]{4,18}\d\.?$",
    re.IGNORECASE,
)
_CLOCK = r"\d{1,2}(?:[:.]\d\d)? ?(?:[ap]\.?m\.?|h|uhr)?"
_HOURS = re.compile(
    rf"\b{_CLOCK} ?(?:[-–]|to|until|till|bis) ?(?:{_CLOCK}|noon|midnight|late)(?!\w)", re.IGNORECASE
)
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}"
# Hours are of days, or are marked as hours: "on Sunday, Tarn lost 3-1" has none.
_DAYS = re.compile(
    rf"{_DAY}(?: ?[-–] ?| to | and ){_DAY}\b|{_DAY}:? ?\d|.*(?:\b(?:open|opening|closed|daily|hours"
    r"|weekdays|weekends?|every day)\b|\d ?[ap]\.?m\b|\d[:.]\d\d\b)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:open|closed) .{0,40}\b(?:daily|days?|hours|weeks?|weekends?|mondays?|tuesdays?|wednesdays?"
    r"|thursdays?|fridays?|saturdays?|sundays?)\b.{0,20}$",
    re.IGNORECASE,
)
_BULLETS = tuple("-*•‣▪–")
_ITEM = re.compile(r"\d[\d./½¼¾]*\s?[a-zà-ÿ]{1,12}\b")
_NUMBERED = re.compile(r"\d{1,2}[.)]?\s+(?=[^\W\d_a-z])")
_LEAST_LINK_WORDS = 4
# "Harle 2, Ghent 1" is a score; a headline with two figures is longer.
_SCORE = re.compile(r"[^\W\d_].*(?:(?<![\d-])\d{1,3}\s?[-–:]\s?\d{1,3}(?![\d-])|\d\D{2,}\d{1,3}$)")
# "Harle v Tarn, Saturday 3pm", "Kick-off: 3pm"; a colon behind two names makes a headline of them.
_FIXTURE = re.compile(
    r"[^\W\d_a-z][^.!?:]{0,40} vs?\.? [^\W_a-z][^.!?:]{1,50}$|(?i:kick|tip)[ -]?off\b[^.!?]{0,30}\d"
)
# Ingredients and results are short; a headline that begins with a figure is not.
_MAX_ITEM = 40
_LEAST_HELP_WORDS = 5
# "116 123" is the shortest number that is written in groups; "Rate this: 1 2 3 4 5" is none.
_LEAST_PHONE = 6
# Hours and numbers stand on short lines; a headline with hours in it tells more.
_MAX_DETAIL = 70
# Tags have four words at most: "Port of Harle authority".
_LEAST_CLAUSE = 5


def ends_with(text: str, marks: tuple[str, ...], closing: str = CLOSING) -> bool:
    """Whether one of the marks ends a line, but for closing quotes and brackets.

    A pattern that ends so is tried at each mark of a paragraph, and takes twenty times as long.
    """
    return text.rstrip(closing).endswith(marks)


def _is_sentence(text: str) -> bool:
    return ends_with(text, SENTENCE_MARKS, _CLOSING)


def _is_stopped(text: str) -> bool:
    return ends_with(text, (".",), _CLOSING)


def _ends_as_no_link(text: str) -> bool:
    """Whether a line ends as text does; "First words of a story …" is a link's."""
    return ends_with(text, _TEXT_MARKS) and not ends_with(text, (" …",))


def reports(text: str) -> bool:
    """Whether a sentence tells what somebody said or what came to pass, as no notice does."""
    if not _is_sentence(text):
        return False
    return bool(_REPORTED.search(text) or _MAIN_CLAUSE.search(text)) or names_doer(text)


def names_doer(text: str) -> bool:
    """Whether names behind a "by" do something: "Illustrations by Ada Poe fill every page."."""
    return bool(_is_sentence(text) and _DOER.search(text))


def begins_with_subject(text: str) -> bool:
    """Whether the first words are what a sentence speaks of: "Most read was the diary"."""
    return bool(_SUBJECT.match(text))


def tells(text: str) -> bool:
    """Whether a line that begins like a notice goes on as a sentence that only tells something."""
    is_house = _HOUSE.search(text) or _LETTERS.search(text) or _ASKS.search(text, 1)
    if is_house or not _is_stopped(text):
        return False
    if _CONSEQUENCE.search(text):
        return True
    return not _READER.search(text) and bool(_TOLD.search(text) or _GOES_ON.search(text))


def addresses(text: str) -> bool:
    """Whether a line speaks to the reader, or of the house, as notices do."""
    return bool(_HOUSE.search(text) or _READER.search(text) or _ASKS.search(text))


def invites(text: str, is_item: bool = False) -> bool:
    """Whether a sentence or a list's item asks to sign up or to give, and not for the site's sake.

    So does a town hall, of its parks: "Sign up for the parks newsletter at any library."
    """
    is_whole = is_item or _is_stopped(text)
    return is_whole and bool(_INVITES.match(text)) and not _SELLS.search(text)


def goes_beyond(text: str) -> bool:
    """Whether the last sentence behind a notice's first speaks to nobody, and of no site."""
    last = _NEXT_SENTENCE.split(text)[-1]
    return (
        last != text and _is_stopped(text) and not (_ADDRESS.search(last) or _MACHINE.search(last))
    )


def states(text: str) -> bool:
    """Whether a label's colon leads to a sentence with its subject: "Listen: The wind fell."."""
    return _is_stopped(text) and bool(_STATED.match(text))


def has_clause(text: str) -> bool:
    """Whether what is listed behind a label has a part too long for a name, and a full stop."""
    return _is_stopped(text) and any(
        len(part.split()) >= _LEAST_CLAUSE for part in re.split("[,;:|]", text)
    )


def is_no_link(text: str) -> bool:
    """Whether what begins like a link to other articles is a sentence: no headline behind it."""
    return _is_stopped(text) and not _CAPITAL_BEHIND.match(text) and not _ADDRESS.search(text)


def is_detail(text: str) -> bool:
    """Whether a line is a telephone number or opening hours, but those of the site's own desks."""
    if len(text) > _MAX_DETAIL:
        return False
    if text[:4].casefold() in ("open", "clos") and _OPEN.match(text):
        return True
    if not any(map(str.isdigit, text)) or _OWN_DESK.search(text):
        return False
    is_long = sum(map(str.isdigit, text)) >= _LEAST_PHONE
    return bool((is_long and _PHONE.match(text)) or (_HOURS.search(text) and _DAYS.match(text)))


def is_statement(text: str) -> bool:
    """Whether a line is a sentence of the article's, a helpline or hours, at the foot of a page."""
    return _is_helpline(text) or is_detail(text) or is_sentence(text)


def is_sentence(text: str) -> bool:
    """Whether a line is a sentence that tells something, and addresses nobody."""
    return _is_stopped(text) and (reports(text) or not _ADDRESS.search(text))


def is_fixture(text: str) -> bool:
    """Whether a line is a match to come or a result; it stands on a line as short as a button's."""
    return bool(_FIXTURE.match(text) or (len(text) <= _MAX_ITEM and _SCORE.match(text)))


def could_be_link(text: str) -> bool:
    """Whether a line can be the headline of another article: no sentence, item or score."""
    if _ends_as_no_link(text) or _is_helpline(text) or is_detail(text):
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
    if any(map(str.isdigit, text)) and is_fixture(text):
        return False  # without its hour it may be a headline
    return could_be_link(text) or (
        not text.startswith(_BULLETS) and _is_sentence(text) and not is_statement(text)
    )

"""Lines of the site's that stand above a headline: its name, its menu, breadcrumbs, contacts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.furniture import Verdict
from feedsvc.ingest.kickers import fold_names, is_kicker
from feedsvc.ingest.layout import Line
from feedsvc.ingest.people import names_medium
from feedsvc.ingest.reading import Reading

# A site's name is short, and stands in its credits, its copyright line, its "More from".
MAX_SITE_NAME = 40
SITE_NAME_NOTICES = 2
# Above a headline a name of the site or section stands beside buttons, and is no longer than this.
MAX_MENU_WORDS = 3
MAX_HEADLINE = 200
# Names that papers have and hardly anything else ("Mercury" may be a planet): no menu is needed.
PAPERS = word_set("advertiser examiner enquirer inquirer clarion intelligencer")
_MAX_PAPER_WORDS = 6
_SMALL_WORDS = word_set("the of and for in on & de la le der die das und et y")
# A menu of single words is told by so many of them, or by fewer below the word for the first page.
_LEAST_ITEMS = 4
_LEAST_BELOW_START = 3
_MAX_CRUMBS = 4
_CRUMB = re.compile(r" ?[>›»] ?| / ")
_STARTS = word_set(
    "home homepage start startseite accueil inicio início hem hjem forside portada voorpagina"
)
_SKIP = re.compile(
    r"(?:(?:direkt )?zum (?:haupt)?inhalt|aller au contenu|(?:saltar|ir) al contenido"
    r"|(?:vai|salta) al contenuto|(?:ir|pular|saltar) para o conteúdo|(?:ga |spring )?naar (?:de )?"
    r"(?:hoofd)?inhoud|(?:hoppa|gå) till (?:huvud)?innehåll(?:et)?"
    r"|(?:hopp|gå|spring) til (?:hoved)?(?:innhold|indhold)(?:et)?)(?: \w{4,12}){0,2}\W*$",
    re.IGNORECASE,
)
# What heads a press release, and whom it names; longer lines tell something.
_RELEASE = re.compile(
    r"\W*(?:for immediate release\b|(?:for|press|news|media) release\W*$)", re.IGNORECASE
)
_MAX_RELEASE = 60
_LABEL = r"(?i:(?:(?:media|press|news) )?contacts?(?: information)? ?:)"
_CONTACT_LABEL = re.compile(_LABEL)
_SMALL_WORD = re.compile(r"(?:^|\s)(?!(?:and|or|of|at|for|ext)\b)[a-zà-ÿ]+(?=[\s,:;]|$)")
_CONTACT = re.compile(
    rf"{_LABEL} *"
    r"(?:[^\W\d_a-z][\w.'’-]+(?:,? [^\W\d_a-z][\w.'’-]*){0,4})?$"
)
_PHONE = re.compile(r"(?<!\d)(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-. ]\d{4}(?!\d)|\+\d[\d ()/-]{7,}\d")
# The length of a recording: "0:45".
_LENGTH = re.compile(r"(?:\d{1,2}:)?\d{1,2}:\d\d")
_ADDRESS = re.compile(r"[\w.+-]@[\w-]{1,60}\.[a-z]")


def is_contact(text: str) -> bool:
    """Whether a line says how somebody is reached: "CONTACT: Ann Lee, ann@paper.example"."""
    if _CONTACT.match(text):
        return True
    is_number = ("-" in text or "." in text or "+" in text) and _PHONE.search(text)
    if not is_number and not ("@" in text and _ADDRESS.search(text)):
        return False
    # "Scam calls come from 555-123-4567" is a headline.
    return bool(_CONTACT_LABEL.match(text)) or not _SMALL_WORD.search(text)


def stands_above(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is a skip link, a breadcrumb, a menu's, or of a press release's own head."""
    text = lines[index].text
    if _SKIP.match(text) or (len(text) <= _MAX_RELEASE and _RELEASE.match(text)):
        return True
    return (
        is_contact(text)
        or bool(_LENGTH.fullmatch(text))
        or _is_below_contact(lines, index)
        or _is_breadcrumb(lines, index)
        or _is_item(lines, index)
    )


def _is_below_contact(lines: Sequence[Line], index: int) -> bool:
    """Whether "Contact:" heads the block of a line."""
    block = lines[index].block
    above = index
    while above and lines[above - 1].block == block:
        above -= 1
        if _CONTACT.match(lines[above].text):
            return True
    return False


def _is_breadcrumb(lines: Sequence[Line], index: int) -> bool:
    text = lines[index].text
    if not (">" in text or "›" in text or "»" in text or " / " in text):
        return False
    parts = [part.strip() for part in _CRUMB.split(text)]
    if not 1 < len(parts) <= _MAX_CRUMBS or not _heads_headline(lines, index):
        return False
    if not all(0 < len(part.split()) <= MAX_MENU_WORDS and part[0].isupper() for part in parts):
        return False
    # A slash may join the two halves of a headline.
    return " / " not in text or parts[0].casefold() in _STARTS or all(map(is_kicker, parts))


def _is_item(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is one of a menu of single words above a headline."""
    if not _is_word(lines[index].text):
        return False
    first = last = index
    while first and _is_word(lines[first - 1].text):
        first -= 1
    while last + 1 < len(lines) and _is_word(lines[last + 1].text):
        last += 1
    is_start = lines[first].text.casefold() in _STARTS
    if not is_start and lines[first].block != lines[last].block:
        return False
    least = _LEAST_BELOW_START if is_start else _LEAST_ITEMS
    return last - first + 1 >= least and _heads_headline(lines, last)


def _is_word(text: str) -> bool:
    return text[:1].isupper() and text.isalpha() and len(text) <= MAX_SITE_NAME


def _heads_headline(lines: Sequence[Line], index: int) -> bool:
    """Whether what stands below a line is no label, and no sentence either."""
    below = lines[index + 1].text if index + 1 < len(lines) else ""
    return (
        len(below.split()) > MAX_MENU_WORDS
        and not below.endswith(".")
        and (len(below) <= MAX_HEADLINE)
    )


def is_masthead(text: str) -> bool:
    """Whether a line can be the name of a paper: "The Marl Courier"."""
    return len(text.split()) <= MAX_MENU_WORDS + 1 and text.istitle() and names_medium(text)


def is_name(text: str) -> bool:
    """Whether a line is written like a paper's name: "The Marl & Tarn Mercury"."""
    words = text.split()
    return (
        1 < len(words) <= _MAX_PAPER_WORDS
        and len(text) <= MAX_SITE_NAME
        and text[-1].isalpha()
        and all(word[:1].isupper() or word in _SMALL_WORDS for word in words)
    )


def is_tailed(text: str) -> bool:
    """Whether a bar of links is a headline with the names of its section and site behind it."""
    head, *tails = (part.split() for part in text.split("|"))
    return len(head) > MAX_MENU_WORDS and all(len(tail) <= MAX_MENU_WORDS for tail in tails)


def is_menu(
    lines: Sequence[Line], verdicts: Sequence[Verdict | None], index: int, reading: Reading
) -> bool:
    """Whether a line above the headline is the site's name or a section's, beside its buttons."""
    text = lines[index].text
    if len(text.split()) > MAX_MENU_WORDS or text.endswith((".", "?", "!")):
        return False
    block = lines[index].block
    after = next((n for n in range(index + 1, len(lines)) if lines[n].block != block), None)
    if after is None or len(lines[after].text.split()) <= MAX_MENU_WORDS or verdicts[after]:
        return False
    if lines[after].text.endswith(".") or len(lines[after].text) > MAX_HEADLINE:
        return False
    beside = list(range(index + 1, after)) + (
        [index - 1] if index and lines[index - 1].block == block else []
    )
    is_section = text.casefold() in fold_names(reading.sections)
    return is_section or any(verdicts[n] for n in beside)


def is_site_name(lines: Sequence[Line], index: int, notices: str) -> bool:
    """Whether a first line is the site's: the last of its menu, or repeated in its notices."""
    text, block = lines[index].text, lines[index].block
    if len(text) > MAX_SITE_NAME:
        return False
    is_last = index + 1 < len(lines) and lines[index + 1].block != block
    after_menu = index > 0 and lines[index - 1].block == block
    return (is_last and after_menu) or notices.count(text) >= SITE_NAME_NOTICES

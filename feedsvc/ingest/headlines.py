"""Where the headline of a page stands, below its menu, its masthead, its kickers.

A line that begins like a notice can be a headline ("Most read books of 2016"), where nothing else
is; and a short line above the headline is the name of a section or of the paper.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from feedsvc.ingest.barenames import names_role
from feedsvc.ingest.characters import plain_line
from feedsvc.ingest.datelines import read_date_line, says_today
from feedsvc.ingest.furniture import Verdict
from feedsvc.ingest.habits import Furniture, find_tails
from feedsvc.ingest.kickers import (
    is_heading,
    is_kicker,
    is_shouted,
    is_titled,
    names_genre,
)
from feedsvc.ingest.layout import Line
from feedsvc.ingest.mastheads import (
    MAX_HEADLINE,
    MAX_SITE_NAME,
    PAPERS,
    SITE_NAME_NOTICES,
    is_masthead,
    is_menu,
    is_name,
    is_site_name,
    is_tailed,
    stands_above,
)
from feedsvc.ingest.notices import (
    BLOCKER,
    COOKIES,
    COPYRIGHT,
    DIVIDER,
    LINKS,
    NAVIGATION,
    PAYWALL,
    PHRASES,
    RELATED,
    SECTIONS,
    SHARE,
    SIGN_UP,
    TAGS,
)
from feedsvc.ingest.people import is_place, read_byline, read_names
from feedsvc.ingest.prose import SENTENCE_MARKS, ends_with
from feedsvc.ingest.reading import Reading
from feedsvc.ingest.signatures import read_signature
from feedsvc.ingest.standfirsts import MAX_STANDFIRST, SENTENCE_BREAK
from feedsvc.ingest.titles import TAIL

# The admin's patterns see no more of a line than this.
MAX_RULE_TEXT = 2000
# Below a menu or a standfirst the headline may stand again; shorter ones may begin a sentence.
_AGAIN_LINES = 12
_AGAIN_WORDS = 3
# What ends like a sentence and is as long as this is text.
_TEXT_LENGTH = 60
# Between a kicker that no table knows and a byline stands a headline; longer ones may be a deck
# below a headline of a word or two.
_MAX_TITLED_WORDS = 12
_MAX_SHOUTED_WORDS = 7
# What these judge begins no headline.
_NO_HEADLINE = frozenset({BLOCKER, DIVIDER, NAVIGATION, SECTIONS, SHARE, TAGS})
# A menu below a first line says that it is the site's name: a bar of links, or two of its words.
_MENUS = frozenset({LINKS, NAVIGATION, SECTIONS})
_LEAST_MENU = 2
# The paper, its section, a series and a label at most stand above one another.
_MAX_KICKERS = 4
# A list of other articles above a headline is no longer, dates included.
_MAX_LIST = 24
# Notices that ask something of the reader are headlines only above a byline or a date.
_ASKING = frozenset({BLOCKER, COOKIES, COPYRIGHT, PAYWALL, SIGN_UP})
_NOTICE_WORDS = re.compile(
    r"\b(?:you|your|our|(?:19|20)\d\d,? the|rights reserved)\b|\d:\d\d|https?:", re.I
)


def find_title(
    lines: Sequence[Line],
    verdicts: Sequence[Verdict | None],
    known: Furniture,
    reading: Reading,
    title: str = "",
) -> int | None:
    """Find the line that is the headline; None if there is none.

    ``verdicts`` say what each line is alone and ``known`` what the site's habits know of them;
    ``title`` is the one that front matter gives: then only a first line that repeats it is taken.
    """
    if title:
        is_repeated = lines and plain_line(lines[0].text).lstrip("# ") == title
        return 0 if is_repeated else None
    notices = "\n".join(line.text for line, one in zip(lines, verdicts, strict=True) if one)
    page = _Page(lines, verdicts, known, reading, notices)
    doubtful, above = None, 0
    for index in range(len(lines)):
        if page.is_passed_over(index):
            if doubtful is None and not above and page.could_be_headline(index):
                doubtful = index
            above += verdicts[index] is not None
            continue
        if doubtful is not None and page.is_better(doubtful, index):
            return doubtful
        return page.pass_list(page.pass_kickers(index))
    return doubtful


@dataclass(frozen=True, slots=True)
class _Page:
    lines: Sequence[Line]
    verdicts: Sequence[Verdict | None]
    known: Furniture
    reading: Reading
    notices: str

    def is_passed_over(self, index: int) -> bool:
        """Whether a line is no headline, if there is another."""
        text, verdict = self.lines[index].text, self.verdicts[index]
        if self._is_dropped(text) or text.casefold() == self.reading.site.casefold():
            return True
        if verdict and not (verdict.reason == LINKS and is_tailed(text)):
            return True
        if says_today(text, self.reading) or self._says_who_or_when(index):
            return True
        if stands_above(self.lines, index):
            return True
        if is_menu(self.lines, self.verdicts, index, self.reading):
            return True
        return is_site_name(self.lines, index, self.notices)

    def could_be_headline(self, index: int) -> bool:
        """Whether a line that begins like a notice, a byline or a date may be a headline yet."""
        text, verdict = self.lines[index].text, self.verdicts[index]
        if self._is_dropped(text) or text == self.reading.site or len(text) > MAX_HEADLINE:
            return False
        if not verdict:
            byline = read_byline(text)
            is_doubtful = bool(byline and is_place(byline)) or self._is_date(index)
            return is_doubtful and not stands_above(self.lines, index)
        if verdict.weak and verdict.reason != LINKS:
            return text.endswith(("!", "?"))
        if verdict.reason in _NO_HEADLINE or text.casefold().strip(" :>›»") in PHRASES:
            return False
        if verdict.reason == LINKS:
            is_section = is_kicker(text.split("|")[0].strip(), self.reading.sections)
            return not is_section and not stands_above(self.lines, index)
        return not (text.endswith(".") or _NOTICE_WORDS.search(text))

    def is_better(self, doubtful: int, other: int) -> bool:
        """Whether a doubtful line is the headline rather than the first ``other`` line below it."""
        verdict = self.verdicts[doubtful]
        if not verdict and self._is_date(doubtful):
            return any(map(self._is_date, range(doubtful + 1, other)))
        if self._is_text(other):
            return self._is_signed(doubtful) or not verdict or verdict.reason not in _ASKING
        below = self._find_below(doubtful)
        return below is not None and bool(read_byline(self.lines[below].text))

    def pass_kickers(self, index: int) -> int:
        """Return the headline below the names of the paper and of its section."""
        for _ in range(_MAX_KICKERS):
            below = self._find_headline(index)
            if below is None:
                break
            index = below
        return index

    def pass_list(self, index: int) -> int:
        """Return the headline below a list of other articles, which stands under a heading."""
        headings = (verdict for verdict in self.verdicts[:index] if verdict)
        if not any(verdict.reason == RELATED and not verdict.weak for verdict in headings):
            return index
        best = index
        for at in range(index, min(len(self.lines), index + _MAX_LIST)):
            if self.verdicts[at] or self._says_who_or_when(at):
                continue
            if self._is_text(at):
                break
            below = self._find_below(at)
            if below is not None and read_byline(self.lines[below].text):
                best = at
        return best

    def _find_headline(self, index: int, most: int = _MAX_KICKERS) -> int | None:
        """Find the headline below a line that may be a kicker or a masthead, or one of ``most``."""
        if not most:
            return None
        text = self.lines[index].text
        # Lines of the site's may stand above the headline on some pages only.
        if index in self.known.tops or is_masthead(text):
            below = self._find_other(index, self.known.tops)
            if below is None and index in self.known.headers:
                # A masthead stands on most pages; a headline that returns every week on fewer.
                below = self._find_other(index, self.known.headers)
            if below is not None:
                return below
        if (below := self._find_below_name(index)) is not None:
            return below
        is_label = is_kicker(text, self.reading.sections)
        is_name = is_label or is_titled(text) or is_shouted(text)
        if not is_name and not is_heading(text):
            return None
        below = self._find_below(index)
        is_signed = False
        while below is not None and is_label and self._says_who_or_when(below):
            below, is_signed = self._find_below(below), True
        if below is None or self._says_who_or_when(below) or self._is_text(below):
            return None
        headline = self.lines[below].text
        words = len(headline.split())
        if headline.endswith(".") or len(headline) > MAX_HEADLINE:
            return None
        if words <= _AGAIN_WORDS and self._find_headline(below, most - 1) is not None:
            return below
        if is_label:
            return below if words > _AGAIN_WORDS or (self._is_signed(below) != is_signed) else None
        if not _AGAIN_WORDS < words <= _MAX_TITLED_WORDS or headline.istitle():
            return None
        # Of two lines above a byline the second alone is a deck; a deck is not in capitals either.
        if self._is_signed_below_deck(below) and text.isupper() >= headline.isupper():
            return below
        is_deck = text.isupper() and not headline.isupper() and words > _MAX_SHOUTED_WORDS
        is_sure = is_name or names_genre(text)
        return below if is_sure and not is_deck and self._is_signed(below) else None

    def _find_below_name(self, index: int) -> int | None:
        """Find the headline below the site's name: the page's copyright line or its menu tell it.

        Where only the menu does, or the name is like a paper's, the headline is signed.
        """
        text = self.lines[index].text
        is_owner = self._is_owner(text)
        if not is_owner and not is_name(text):
            return None
        seen = _LEAST_MENU if text.split()[-1].casefold() in PAPERS else 0
        for at in range(index + 1, min(len(self.lines), index + 1 + _AGAIN_LINES)):
            line, verdict = self.lines[at].text, self.verdicts[at]
            if verdict:
                seen += (2 - verdict.weak) * (verdict.reason in _MENUS)
            elif is_kicker(line, self.reading.sections):
                seen += 1
            elif not self._is_date(at):
                is_sure = is_owner or (seen >= _LEAST_MENU and self._is_signed(at))
                fits = " " in line and not line.endswith(".") and not self._is_text(at)
                return at if is_sure and fits and not self._says_who_or_when(at) else None
        return None

    def _is_owner(self, text: str) -> bool:
        """Whether a line is the name in the page's own copyright line."""
        name = text.casefold().removeprefix("the ")
        if len(text) > MAX_SITE_NAME or " " not in name or name not in self.notices.casefold():
            return False
        owners = (
            line.text.casefold()
            for line, verdict in zip(self.lines, self.verdicts, strict=True)
            if verdict and verdict.reason == COPYRIGHT
        )
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", owner) for owner in owners)

    def _find_other(self, above: int, passed_over: Collection[int]) -> int | None:
        """Find the first other line below that is no furniture, if it looks like a headline."""
        short = None
        for index in range(above + 1, min(len(self.lines), above + 1 + _AGAIN_LINES)):
            text = self.lines[index].text
            if self._says_who_or_when(index) or names_role(text):
                return short  # or the headline stood above
            if self.verdicts[index] or index in passed_over:
                continue
            words = len(text.split())
            is_headline = len(text) <= MAX_HEADLINE and not text.endswith(".")
            if words > _AGAIN_WORDS:
                return index if is_headline else None
            if short is None and words > 1 and not is_kicker(text, self.reading.sections):
                short = index
        return None

    def _find_below(self, index: int) -> int | None:
        """Find the next line that is no furniture."""
        last = min(len(self.lines), index + 1 + _AGAIN_LINES)
        return next((at for at in range(index + 1, last) if not self.verdicts[at]), None)

    def _is_signed(self, index: int) -> bool:
        below = self._find_below(index)
        if below is None:
            return False
        text = self.lines[below].text
        if self._says_who_or_when(below) or names_role(text):
            return True
        following = self._find_below(below) if read_names(text) else None
        return following is not None and self._is_date(following)

    def _is_signed_below_deck(self, index: int) -> bool:
        """Whether a sentence alone stands between a line and what is said of its writing."""
        deck = self._find_below(index)
        text = self.lines[deck].text if deck is not None else ""
        if deck is None or not len(text) <= MAX_STANDFIRST or not ends_with(text, SENTENCE_MARKS):
            return False
        # Above a headline in capitals a line in capitals is none, however long the deck.
        is_sure = self.lines[index].text.isupper()
        is_one = len(text.split()) > _AGAIN_WORDS and (is_sure or not SENTENCE_BREAK.search(text))
        return is_one and not self._says_who_or_when(deck) and self._is_signed(deck)

    def _says_who_or_when(self, index: int) -> bool:
        text = self.lines[index].text
        return bool(
            read_byline(text)
            or read_date_line(text, self.reading)
            or read_signature(text, self.reading)
        )

    def _is_date(self, index: int) -> bool:
        return read_date_line(self.lines[index].text, self.reading) is not None

    def _is_text(self, index: int) -> bool:
        text = self.lines[index].text
        is_sentence = len(text) >= _TEXT_LENGTH and ends_with(text, SENTENCE_MARKS)
        return is_sentence or len(text) > MAX_HEADLINE

    def _is_dropped(self, text: str) -> bool:
        return any(rule.search(text[:MAX_RULE_TEXT]) for rule in self.reading.drop)


def find_again(lines: Sequence[Line], title_at: int | None) -> int | None:
    """Find the headline where it stands again, below a first line with the site's name."""
    if title_at is None:
        return None
    title = lines[title_at].text
    for index in range(title_at + 1, min(len(lines), title_at + 1 + _AGAIN_LINES)):
        text = lines[index].text
        rest = title[len(text) :]
        if title.startswith(text) and len(text.split()) >= _AGAIN_WORDS:
            return index if not rest or TAIL.match(rest) else None
    return None


def find_own_tails(
    lines: Sequence[Line], reasons: Sequence[str], title_at: int | None
) -> frozenset[str]:
    """Find what stands behind the headline and in the notices of the page: the site's name."""
    tails = set(find_tails(lines[title_at].text)) if title_at is not None else set()
    if not tails:
        return frozenset()
    notices = [(line.text.casefold(), why) for line, why in zip(lines, reasons, strict=True) if why]
    return frozenset(
        tail
        for tail in tails
        if len(tail) > 2
        and sum(_weigh(tail, text, why) for text, why in notices) >= SITE_NAME_NOTICES
    )


def _weigh(tail: str, notice: str, reason: str) -> int:
    """Return how much a notice says for a name: whose page it is, or where there is more."""
    if tail not in notice:
        return 0
    return SITE_NAME_NOTICES if reason == COPYRIGHT or f"from {tail}" in notice else 1

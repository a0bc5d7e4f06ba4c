"""Lines of a page that say when it was published or updated."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedsvc.ingest.characters import word_set
from feedsvc.ingest.dates import MAX_DATE, TWO_NUMBERS, read_date
from feedsvc.ingest.reading import Reading
from feedsvc.plain import squeeze

# Two dates and their labels fit into this; prose that mentions a date rarely does.
MAX_DATE_LINE = 2 * MAX_DATE
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MEDIA = (
    r"CNN(?: \w+)?|dpa|Reuters|REUTERS|Xinhua|Bloomberg|Kyodo|Anadolu|[A-Z][a-z]+wire"
    r"|[A-Z]\w+ (?:News|Press|Agency|Service)(?: Agency| Service)?|(?:The )?Associated Press"
    r"|Agence France-Presse|Thomson Reuters Foundation"
    r"|(?:GLOBE|BUSINESS|PR|Business) ?(?:NEWS)?W(?:IRE|ire)"
)
# "SEATTLE (AP) -", "LONDON, Jan 5 (Reuters) -", "(CNN) --", "HARLE, Jan. 5, 2017 /PRNewswire/ --".
_DATELINE = re.compile(
    r"(?P<place>(?:[^\W\d_a-z][\w.'’-]*[ ,/]{1,2}){1,6}(?:\d{1,2},? )?(?:\d{4} )?(?:[–—] )?"
    r"|[A-Z]{3,20}--)?"
    rf"(?:\((?P<agency>[A-Z]{{2,6}}|{_MEDIA})(?:[/;,][^()]{{1,30}})?\)"
    r"|/(?P<wire>PRNewswire|[A-Z]\w{1,20}(?:[Ww]ire|WIRE))[^/]{0,30}/)"
    r" ?(?P<dash>--?|[–—_]|(?=[“\"A-Z]))"
)
# "dpa/lno Neustadt. Bei einem Brand ...", as regional papers begin.
_DPA = re.compile(
    r"dpa(?:/[a-z]{2,4})? [^\W\d_a-z][\w-]+(?:[ /][^\W\d_a-z][\w-]+){0,3}\. [^\W\d_a-z]"
)
# Bodies that stand in brackets behind a place too, and write no news.
_NO_AGENCIES = word_set("NATO ICRC WHO UN EU IMF WTO OPEC UNICEF FIFA UEFA NASA USA")
# Without a place or without a dash capitals are an agency only if it is known.
_KNOWN = word_set("AP AFP UPI DPA EFE ANSA APA PA TASS CNN BBC NPR VOA")
# The beginning of a paragraph in which a dateline is looked for.
_MAX_DATELINE = 120
_UPDATED = (
    r"(?:page |this (?:page|article|story|post) was )?"
    r"(?:last |letzte |zuletzt |sist |senast |laatst )?(?:updated?|modified|edited|revised"
    r"|aktualisiert|mis à jour|modifié|actualizado|uppdaterad|aggiornato|bijgewerkt|atualizado"
    r"|oppdatert|opdateret|última actualización|ultimo aggiornamento|modifica(?= il\b))"
)
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|released|created|issued|filed|veröffentlicht"
    r"|erstellt|publiée?|publicad[oa]|publicerad|pubblicato|gepubliceerd|geplaatst|publisert"
    r"|udgivet|offentliggjort)"
    r"|for immediate release|(?:pub(?:lish|lication)?\.?|release) date"
    r"|date published|date posted|published on"
    r"|(?P<weak>date|dated|stand)"
)
_LABEL = re.compile(
    rf"(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))(?: (?:on|at|am|le|el|il|op|den|em))?"
    r"(?: ?:)? *",
    re.IGNORECASE,
)
# Between two dates; the second may follow with no more than its label.
_PARTS = re.compile(
    rf" *(?:[|•·;]| [–—/] |(?<=\S) - (?=[A-Z])"
    # What must not stand before the space is looked for behind it: at spaces alone.
    r"|,? +(?<!last )(?<!letzte )(?<!zuletzt )(?<!sist )(?<!senast )(?<!laatst )(?<!page )(?<!was )"
    rf"(?:(?:and|und|et|y|e) +)?(?=(?:{_UPDATED})\b)) *",
    re.IGNORECASE,
)
# "24 novembre 2026 (modifica il 24 novembre 2026)": its brackets are a bar as well.
_BRACKETED = re.compile(rf" *\((?P<inner>(?:{_UPDATED})\b[^()]*)\)$", re.IGNORECASE)
# "March 3, 20262:14 PM GMTUpdated 2 hours ago", as it is scraped from cells without a space.
_GLUED_CLOCK = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<clock>\d{1,2}:\d\d)(?!\d)")
_GLUED_LABEL = re.compile(r"(?<=[^\W_])(?=Updated\b)")
# "23/11/26": only behind a label; with dots it may be a version, unless all has two digits.
_SHORT_YEAR = re.compile(
    r"(?<![\d/.])(?P<day>\d{1,2}/\d{1,2}/|\d\d\.\d\d\.)(?P<year>\d\d)(?![\d/]|\.\d)"
)
_CLOCK = re.compile(
    r"(?:at )?\d{1,2}(?:[:.h]\d{2})?(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4})?", re.IGNORECASE
)
# What stands behind a date and says nothing of it.
_BEHIND = re.compile(
    r"[,(]? ?\(?\d{1,3} (?:min(?:ute)?|hour|day|week|month|year)s? ago\)?$"
    r"| ?(?:[-–—|•·/,] ?)(?:(?:\d[\d,]{0,8}|no|leave a|add a) comments?"
    r"|(?:lesedauer|lesezeit|lesetid|lästid|leestijd|temps de lecture|tempo di lettura"
    r"|tiempo de lectura|tempo de leitura|reading time)(?: ?:)? \d{1,3} ?min\w{0,6}\.?"
    r"|\d{1,3}[ -]min(?:ute)?s?\b.{0,8})$",
    re.IGNORECASE,
)
# "Posted on January 27, 2017 in Local News", "... by Town Clerk's Office".
_FILED_IN = re.compile(r" (?:in|by) (?=[A-Z]).{3,60}$")
# "HARLE, 20 November 2026 -", "HARLE, Nov. 20, 2026 (Wire) -": a press release's only date.
_DATED_LINE = re.compile(
    r"(?:[^\W\d_a-z][\w.'’-]{1,30},? ){1,5}"
    r"(?P<day>\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?,? \d{4}"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4})"
    r"(?: [(/][^()/]{2,30}[)/])? ?(?:--?|[–—]|:) "
)
# What lies ahead by less is today's date in a zone further east.
_ONE_DAY = timedelta(days=1)
_TODAY = re.compile(r"(?:today(?:['’]s date)?(?: is|:)|heute ist|nous sommes le) +", re.IGNORECASE)
_HAS_CLOCK = re.compile(r"\d[:.h]\d\d(?!\d|\.\d)|\d ?[ap]\.?m\b", re.IGNORECASE)
_MACHINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d")
# "2 hours ago" and "Thursday" say nothing without knowing when they were written.
_RELATIVE = re.compile(
    r"(?:(?:an?|\d{1,3}) (?:sec|second|min|minute|hr|hour|day|week|month|year)s? ago"
    r"|\d{1,3} ?[hdmwHDMW] ago"
    r"|(?:há|hace|(?:il )?y a|vor|for|för) (?:\d{1,3}|une?|una?|uma?|einer|einem|en|ett)"
    r" (?:h|min|seg|hor|heu|jou|d[ií]a|stund|tag|tim|dag)\w*(?: siden| sedan)?"
    r"|\d{1,3} (?:min|or[ae]|giorn|uur|uren|dag)\w* (?:fa|geleden)"
    r"|just now|today|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"(?:,? (?:at )?\d{1,2}[:.]\d{2}.{0,12})?\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DateLine:
    """What a date line says; ``unclear`` holds words that are no date but stood for one."""

    published: datetime | None = None
    updated: datetime | None = None
    labelled: bool = False
    unclear: str = ""
    has_clock: bool = False


def read_agency(text: str) -> str:
    """Return the agency that a paragraph's dateline names ("SEATTLE (AP) -"), or nothing.

    The day that may stand there has no year: it dates nothing.
    """
    begin = text[:_MAX_DATELINE]
    found = _DATELINE.match(begin) if "(" in begin or "/" in begin else None
    if not found:
        return "dpa" if text.startswith("dpa") and _DPA.match(begin) else ""
    agency: str = found["agency"] or found["wire"]
    if not found["dash"] and not agency.startswith("CNN"):
        return ""
    sure = found["place"] or not agency.isupper() or agency in _KNOWN
    return agency if sure and agency not in _NO_AGENCIES else ""


def read_dated_line(text: str, reading: Reading) -> tuple[datetime, str] | None:
    """Return the day that a paragraph's dateline names with its year, and its words; else None."""
    found = _DATED_LINE.match(text[:_MAX_DATELINE])
    try:
        moment = read_date(found["day"], reading) if found else None
    except ValueError:
        return None
    # A day to come is what the text is about.
    return (moment, found[0].strip()) if found and moment and moment <= reading.now else None


def cut_dateline(text: str) -> str:
    """Return a paragraph without the dateline that names an agency."""
    found = _DATELINE.match(text[:_MAX_DATELINE]) if read_agency(text) else None
    return text[found.end() :].lstrip() if found else text


def read_date_line(text: str, reading: Reading) -> DateLine | None:
    """Read a line that is nothing but dates and their labels; None if it is anything else."""
    if len(text) > MAX_DATE_LINE:
        return None
    if not has_year(text):
        # Most lines have neither a clock, a label's colon nor a date in digits.
        written = _write_year(text) if ":" in text or "/" in text else ""
        if not written:
            folded = text.casefold()
            if "ago" not in folded and "day" not in folded and "now" not in folded:
                return None  # as of nearly all lines
            return _read_relative(text)
        text = written
    if not TWO_NUMBERS.search(text):
        return None  # "Independent since 1911": a date has a day as well
    text = squeeze(text)
    folded = text.casefold()
    if "min" in folded or "ago" in folded or "comment" in folded:
        text = _BEHIND.sub("", text)
    whole = _read_part(text, reading)
    if whole:
        return whole
    if "Updated" in text:
        text = _GLUED_LABEL.sub(" ", text)
    if text.endswith(")"):
        text = _BRACKETED.sub(r" | \g<inner>", text)
    parts = join_clocks([part for part in _PARTS.split(text) if part])
    if len(parts) < 2:
        return None
    lines: list[DateLine] = []
    is_labelled = False
    for part in parts:
        if line := _read_part(part, reading):
            lines.append(line)
        elif _LABEL.fullmatch(part) or _read_relative(part):
            # Beside a date it adds nothing but its label.
            is_labelled = is_labelled or not part[:1].isdigit()
        else:
            return None
    return _join(lines, is_labelled) if lines else None


def _write_year(text: str) -> str:
    """Return a line with its year apart and in four digits, or nothing if it has none."""
    if "20" in text and ":" in text and _GLUED_CLOCK.search(text):
        return _GLUED_CLOCK.sub(r"\g<year> \g<clock>", text)
    if not _SHORT_YEAR.search(text) or not _LABEL.match(text):
        return ""
    return _SHORT_YEAR.sub(r"\g<day>20\g<year>", text)


def _read_relative(text: str) -> DateLine | None:
    """Read "2 hours ago" or "Updated yesterday", which says when and is no date."""
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    relative = _RELATIVE.fullmatch(rest)
    says_when = relative and (label or rest.endswith("ago"))
    return DateLine(labelled=True, unclear=rest) if says_when else None


def has_year(text: str) -> bool:
    """Whether a year from 1900 to 2099 stands in a text."""
    return ("20" in text or "19" in text) and bool(_YEAR.search(text))


def says_today(text: str, reading: Reading) -> bool:
    """Whether a line is the clock of its page: "Today is Wednesday, November 25, 2026"."""
    found = _TODAY.match(text[:MAX_DATE_LINE])
    return bool(found and read_date_line(text[found.end() :].rstrip("."), reading))


def join_clocks(parts: list[str]) -> list[str]:
    """Put a time that stands behind a bar back to its day: "January 27, 2017 | 1:23pm"."""
    joined: list[str] = []
    for part in parts:
        if joined and _CLOCK.fullmatch(part):
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def _swap_month(text: str, reading: Reading) -> datetime | None:
    """Read a date of numbers the other way round, if it has passed by that.

    For what says that it was published, or updated, and lies ahead.
    """
    languages = (replace(reading, language=one) for one in ("en-GB", "en-US"))
    moments = [read_date(text, one) for one in languages]
    return min(moments) if min(moments) <= reading.now else None


def _read_part(text: str, reading: Reading) -> DateLine | None:
    label = _LABEL.match(text)
    rest = text
    if label:
        rest = _FILED_IN.sub("", text[label.end() :].removesuffix(" by").removesuffix("."))
    try:
        moment = read_date(rest, reading)
    except ValueError:
        return None
    if label and not label["weak"] and moment > reading.now + _ONE_DAY:
        moment = _swap_month(rest, reading) or moment
    if label and label["updated"]:
        return DateLine(updated=moment, labelled=True)
    # Nobody writes "2026-01-31T12:00" in a sentence; but "Date: December 12" may be an event's.
    is_events = label is not None and label["weak"] and moment > reading.now
    labelled = (label is not None and not is_events) or bool(_MACHINE.match(rest))
    return DateLine(moment, labelled=labelled, has_clock=bool(_HAS_CLOCK.search(rest)))


def _join(lines: list[DateLine], is_labelled: bool) -> DateLine:
    return DateLine(
        published=next((line.published for line in lines if line.published), None),
        updated=next((line.updated for line in lines if line.updated), None),
        labelled=is_labelled or any(line.labelled for line in lines),
        has_clock=any(line.has_clock for line in lines),
    )

"""Dates as people write them -> UTC; strict, because a wrong date is worse than none.

A date needs day, month and year. Words that depend on when they were written ("yesterday",
"Thursday", "2 hours ago") are no dates, and 31 February is none either. Names of months are our
own table, never the locale's (F9). 4/3/2026 is April 3rd in en, en-US, en-CA and en-PH, and 4
March in every other language; where one number is over 12 there is no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from feedsvc.ingest.reading import Reading

# Before the web no page was dated; far in the future is a slip of the hand.
FIRST_YEAR = 1990
YEARS_AHEAD = 10
# No date that people write is longer; it bounds the matching below.
MAX_DATE = 80
_MONTH_FIRST = frozenset({"en", "en-us", "en-ca", "en-ph"})

_MONTHS: Mapping[str, int] = MappingProxyType(
    {
        name: number
        for number, names in enumerate(
            (
                "january jan januar janvier janv enero ene gennaio gen janeiro januari",
                "february feb februar février fevrier févr fevr febrero febbraio fevereiro fev"
                " februari",
                "march mar märz mär mars marzo março marco maart mrt marts",
                "april apr avril avr abril abr aprile",
                "may mai mayo maggio mag maio mei maj",
                "june jun juni juin junio giugno giu junho",
                "july jul juli juillet juil julio luglio lug julho",
                "august aug août aout agosto ago augustus augusti",
                "september sep sept septembre septiembre settembre set setembro",
                "october oct oktober okt octobre octubre ottobre ott outubro out",
                "november nov novembre noviembre novembro",
                "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro"
                " desember des",
            ),
            start=1,
        )
        for name in names.split()
    }
)
_WEEKDAYS = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi"
    r"|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"
    r"|(?:man|tirs|ons|tors|fre|lør|søn|mån|tis|lör|sön)dag"
    r"|(?:maan|dins|woens|donder|vrij|zater|zon)dag"
)
# What news pages write; these letters are used for other places too, but not on a news page.
_HOURS = """
    z 0 utc 0 gmt 0 wet 0 bst 1 west 1 cet 1 cest 2 eet 2 eest 3 msk 3 sast 2 ist 5.5
    est -5 edt -4 cst -6 cdt -5 mst -7 mdt -6 pst -8 pdt -7 akst -9 akdt -8 hst -10
    mez 1 mesz 2
    jst 9 kst 9 sgt 8 hkt 8 awst 8 acst 9.5 acdt 10.5 aest 10 aedt 11 nzst 12 nzdt 13
"""
_ZONES: Mapping[str, tzinfo] = MappingProxyType(
    {
        name: timezone(timedelta(hours=float(hours)))
        for name, hours in re.findall(r"(\S+) (\S+)", _HOURS)
    }
)
# Without S or D the season decides.
_REGIONS = MappingProxyType(
    {
        "et": "America/New_York",
        "ct": "America/Chicago",
        "mt": "America/Denver",
        "pt": "America/Los_Angeles",
    }
)
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{2}.{0,30})?")
# Day and year, at least.
TWO_NUMBERS = re.compile(r"\d\D+\d")
_MERIDIEM = re.compile(r"(?<=[\d ])([ap])\.? ?m\b\.?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)\b")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_NOISE = re.compile(
    r"[,()]|(?<=[^\d\s])\.(?=[\s,]|$)|(?<=\d)\.(?= [^\W\d])|(?<=[\w.]) [-–—|•·/@](?= )"
    r"|(?<=[:.]\d\d) ?h$"
)
_LONG_ZONE = re.compile(
    r"\b(eastern|central|mountain|pacific)(?: (?:daylight|standard))?(?: time)?\b"
)
_FILLER = re.compile(r"\b(?:at|on|of|de|del|um|uhr|à|le|den|kl|a las|às|alle|ore|om|uur)\b ?")
_TIME = (
    r"(?P<hour>\d{1,2})(?:[:h.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?|(?= ?[ap]m))"
)
_CLOCK = (
    rf"{_TIME} ?(?P<half>[ap]m)?"
    r"(?: ?(?P<zone>[a-z]{1,4}(?![a-z]))?(?: ?(?P<offset>[+-]\d{1,2}(?::?\d{2})?))?)"
)
_DAY = (
    r"(?:(?P<month>[^\W\d_]{3,10}) (?P<day>\d{1,2}) (?P<year>\d{4})"
    r"|(?P<day2>\d{1,2})[ -](?P<month2>[^\W\d_]{3,10})[ -](?P<year2>\d{4})"
    r"|(?P<year3>\d{4})[-/.](?P<month3>\d{1,2})[-/.](?P<day3>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_number>\d{1,2})(?P=mark)(?P<year4>\d{4}))"
)
_WEEKDAY = rf"(?:(?:{_WEEKDAYS}) )?"
_DATE_FIRST = re.compile(rf"{_WEEKDAY}{_DAY}(?:[ t]{_CLOCK})?")
_TIME_FIRST = re.compile(rf"{_CLOCK} {_WEEKDAY}{_DAY}")


class FarAheadError(ValueError):
    """A date that lies too far ahead for one."""


def read_date(text: str, reading: Reading) -> datetime:
    """Read one whole text as a date, in UTC.

    A missing time is midnight, a missing zone is the site's. Raises ValueError with the reason,
    in words, if the text is anything else than one date (DESIGN, Dates).
    """
    text = text.strip()
    if len(text) > MAX_DATE:
        raise ValueError("is too long for a date")
    moment = _read_iso(text) or _read_words(text, reading.language)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=reading.timezone)
    last_year = reading.now.year + YEARS_AHEAD
    if not FIRST_YEAR <= moment.year <= last_year:
        kind = FarAheadError if moment.year > last_year else ValueError
        raise kind(f"has a year that is not in {FIRST_YEAR}-{last_year}")
    return moment.astimezone(UTC)


def _read_iso(text: str) -> datetime | None:
    if _ISO.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    return None


# One page names a date several times, and each is looked at from several sides.
@lru_cache(maxsize=256)
def _read_words(text: str, language: str) -> datetime:
    if not TWO_NUMBERS.search(text):
        raise ValueError("is not a date with day, month and year")
    plain = _CHINESE.sub(r"\1-\2-\3", text) if "年" in text else text
    plain = _MERIDIEM.sub(r"\1m", plain.casefold())
    plain = _NOISE.sub("", _ORDINAL.sub("", plain))
    plain = _LONG_ZONE.sub(lambda zone: f"{zone[1][0]}t", plain)
    plain = " ".join(_FILLER.sub("", " ".join(plain.split())).split())
    found = _DATE_FIRST.fullmatch(plain) or _TIME_FIRST.fullmatch(plain)
    if not found:
        raise ValueError("is not a date with day, month and year")
    part = found.groupdict()
    year = int(part["year"] or part["year2"] or part["year3"] or part["year4"])
    month, day = _find_month_and_day(part, language)
    hour, minute, second = _find_clock(part)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_find_zone(part))
    except ValueError:
        raise ValueError("is a day or time that does not exist") from None


def _find_month_and_day(part: Mapping[str, str | None], language: str) -> tuple[int, int]:
    if name := part["month"] or part["month2"]:
        if name not in _MONTHS:
            raise ValueError("names no month")
        return _MONTHS[name], int(part["day"] or part["day2"] or 0)
    if part["year3"]:
        return int(part["month3"] or 0), int(part["day3"] or 0)
    first, second = int(part["first"] or 0), int(part["second_number"] or 0)
    month_first = part["mark"] == "/" and language.casefold() in _MONTH_FIRST
    if second > 12 or (month_first and first <= 12):
        return first, second
    return second, first


def _find_clock(part: Mapping[str, str | None]) -> tuple[int, int, int]:
    hour = int(part["hour"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("is a day or time that does not exist")
        hour = hour % 12 + (12 if part["half"] == "pm" else 0)
    return hour, int(part["minute"] or 0), int(part["second"] or 0)


def _find_zone(part: Mapping[str, str | None]) -> tzinfo | None:
    zone: tzinfo | None = None
    if name := part["zone"]:
        zone = _ZONES.get(name) or _find_region(name)
        if zone is None:
            raise ValueError(f'has a time zone that is not known ("{name.upper()}")')
    if written := part["offset"]:
        digits = written[1:].replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:] or 0)
        if len(digits) == 3:
            hours, minutes = int(digits[0]), int(digits[1:])
        away = timedelta(hours=hours, minutes=minutes)
        if away >= timedelta(days=1):
            raise ValueError("has an impossible offset")
        zone = timezone(-away if written[0] == "-" else away)
    return zone


@lru_cache(maxsize=8)
def _find_region(name: str) -> ZoneInfo | None:
    return ZoneInfo(_REGIONS[name]) if name in _REGIONS else None


_IN_NAME = re.compile(r"(?P<date>\d{4}([-_.]?)\d{2}\2\d{2})(?:[-_. ]+(?P<rest>.*))?")


def split_file_name(stem: str, reading: Reading) -> tuple[datetime | None, str]:
    """Split ``2026-03-04-a-slug`` or ``20260304_a_slug`` into its date and the rest."""
    if found := _IN_NAME.fullmatch(stem):
        digits = re.sub(r"\D", "", found["date"])
        try:
            return read_date(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}", reading), found[
                "rest"
            ] or ""
        except ValueError:
            pass
    return None, stem

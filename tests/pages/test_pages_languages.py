"""Languages, directions and dates on the pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from page_samples import (
    ARABIC,
    FEEDS,
    NOON,
    SECTIONS,
    SITE,
    make_entry,
    make_feed,
    parse,
    text_of,
)

from feedsvc.render.pages import render_article, render_section


@pytest.mark.parametrize(
    ("language", "lang", "direction"),
    [
        ("ar", "ar", "rtl"),
        ("he-IL", "he-IL", "rtl"),
        ("fa", "fa", "rtl"),
        ("ur", "ur", "rtl"),
        ("ur-Latn", "ur-Latn", "ltr"),
        ("az-Arab", "az-Arab", "rtl"),
        ("de_AT", "de-AT", "ltr"),
        ("en", "en", "ltr"),
        ("", "en", "ltr"),
        ('x"><script>', "en", "ltr"),
    ],
)
def test_article_page_is_of_the_articles_language(language: str, lang: str, direction: str) -> None:
    page = parse(render_article(SITE, make_entry(language=language), SECTIONS))
    assert (page.get("lang"), page.get("dir")) == (lang, direction)
    # The site's own words around it stay what they are.
    house = page.xpath("/html/body/header|/html/body/nav|/html/body/footer")
    expected = (None, None) if lang == "en" else ("en", "ltr")
    assert {(part.get("lang"), part.get("dir")) for part in house} == {expected}


def test_item_of_another_language_in_a_list_says_so() -> None:
    entries = (make_entry(1), ARABIC, make_entry(4, language=""))
    feed = make_feed("sea", "The sea", entries)
    items = parse(render_section(SITE, feed, FEEDS)).xpath("//ol[@class='archive']/li")
    assert [(item.get("lang"), item.get("dir")) for item in items] == [
        (None, None),
        ("ar", "auto"),
        (None, "auto"),
    ]


def test_our_english_words_are_marked_on_a_page_of_another_language() -> None:
    site = SITE.model_copy(update={"language": "ar"})
    page = parse(render_section(site, make_feed("sea", "البحر", language="ar"), FEEDS))
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    (aside,) = page.xpath("//aside[@id='subscribe']")
    assert (aside.get("lang"), aside.get("dir")) == ("en", "ltr")
    assert page.xpath("//a[@class='skip']/@lang") == ["en"]


@pytest.mark.parametrize(
    ("at", "zone", "language", "stamp", "written"),
    [
        (NOON, "Europe/Berlin", "en", "2026-11-24T14:05:00+01:00", "24 November 2026, 14:05"),
        (NOON, "Asia/Kolkata", "en-GB", "2026-11-24T18:35:00+05:30", "24 November 2026, 18:35"),
        (NOON, "Europe/Berlin", "de", "2026-11-24T14:05:00+01:00", "2026-11-24 14:05"),
        (
            datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC),
            "UTC", "en", "2026-03-01T23:59:59+00:00", "1 March 2026, 23:59",
        ),
        (
            datetime(1, 1, 1, tzinfo=UTC),
            "America/New_York", "en", "0001-01-01T00:00:00+00:00", "1 January 1, 00:00",
        ),
    ],
)  # fmt: skip
def test_F9_dates_are_of_the_sites_zone_and_no_locale(
    at: datetime, zone: str, language: str, stamp: str, written: str
) -> None:
    site = SITE.model_copy(update={"timezone": zone})
    entry = make_entry(published=at, updated=at, language=language)
    (time,) = parse(render_article(site, entry, [])).xpath("//time")
    assert (time.get("datetime"), text_of(time)) == (stamp, written)

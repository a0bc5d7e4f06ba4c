"""Every kind of page is valid HTML, as ``tidy`` sees it; and its facts for search engines hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime

import pytest
from page_samples import (
    FEEDS,
    PAGES,
    SECTIONS,
    SITE,
    STORY,
    every_page,
    facts_of,
    make_entry,
    make_feed,
    parse,
)

from feedsvc.render.pages import render_article, render_section

TIDY = shutil.which("tidy")

# What tidy 5.6 (of 2017) says of attributes that are in the standards and that it does not know.
TIDYS_MISTAKES = {
    '<a> proprietary attribute "aria-current"': "WAI-ARIA 1.1",
    '<img> proprietary attribute "decoding"': "HTML, the img element",
    '<img> proprietary attribute "referrerpolicy"': "HTML, the img element",
}
PLAIN_WORDS = (
    'Ampersands & <tags>, "quotes", '
    + "it's all text; &copy; stays, &lt;b&gt; too, 1 < 2 > 0 -- ok"
)


def check_with_tidy(page: bytes) -> list[str]:
    """Return what tidy says against a page."""
    if not TIDY:
        pytest.skip("needs tidy: apt-get install tidy (Debian)")
    run = subprocess.run(
        [TIDY, "-errors", "-quiet", "-utf8"], input=page, capture_output=True, timeout=20
    )
    said = re.findall(r"^line \d+ column \d+ - (\w+: .*)$", run.stderr.decode(), re.MULTILINE)
    assert run.returncode == 0 or said, run.stderr
    return [line for line in said if line.partition(": ")[2] not in TIDYS_MISTAKES]


@every_page
def test_page_is_valid(make: Callable[[], bytes]) -> None:
    assert check_with_tidy(make()) == []


def test_page_stays_valid_whatever_is_written() -> None:
    entry = make_entry(title=PLAIN_WORDS, summary=PLAIN_WORDS, authors=(PLAIN_WORDS,))
    feed = make_feed("sea", PLAIN_WORDS, (entry,), description=PLAIN_WORDS)
    assert check_with_tidy(render_section(SITE, feed, FEEDS)) == []
    assert check_with_tidy(render_article(SITE, entry, SECTIONS, feed=feed)) == []


def test_tidy_would_find_a_fault() -> None:
    page = PAGES["section"]().replace(b"</aside>", b"").replace(b"</h2>", b"</h3>")
    assert check_with_tidy(page)


@pytest.mark.parametrize("name", ["article", "bare article", "arabic article"])
def test_facts_are_a_news_article(name: str) -> None:
    facts = facts_of(PAGES[name]())
    assert (facts["@context"], facts["@type"]) == ("https://schema.org", "NewsArticle")
    assert facts["headline"] and facts["author"] and facts["publisher"]
    published, modified = (
        datetime.fromisoformat(str(facts[key])) for key in ("datePublished", "dateModified")
    )
    assert published.tzinfo and published <= modified
    page = parse(PAGES[name]())
    assert page.xpath("//link[@rel='canonical']/@href") == [facts["mainEntityOfPage"]]
    assert ("image" in facts) == bool(page.xpath("//meta[@property='og:image']"))
    assert facts["inLanguage"] == page.get("lang")


def test_article_of_nobody_is_the_sites() -> None:
    facts = facts_of(render_article(SITE, make_entry(), []))
    assert facts["author"] == facts["publisher"]
    logo = SITE.model_copy(update={"logo": "https://cdn.example/logo.png"})
    assert facts_of(render_article(logo, STORY, []))["publisher"]["logo"] == logo.logo  # type: ignore[index]


@every_page
def test_fields_have_labels_and_pictures_have_words(make: Callable[[], bytes]) -> None:
    page = parse(make())
    for field in page.xpath("//input|//select|//textarea"):
        assert page.xpath(f"//label[@for='{field.get('id')}']")
    assert not page.xpath("//img[not(@alt)]|//button[not(normalize-space())]")
    assert page.get("lang") and page.get("dir") in ("ltr", "rtl")

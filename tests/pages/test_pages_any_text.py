"""Whatever an admin, an author or a scraped page writes stays text on every page."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_samples import (
    BASE,
    PAGES,
    PICTURE,
    SITE,
    STORY,
    facts_of,
    make_entry,
    make_feed,
    parse,
    text_of,
)

from feedsvc.config import SiteConfig
from feedsvc.model import Enclosure, Entry
from feedsvc.render.pages import (
    render_article,
    render_feed_list,
    render_home,
    render_message,
    render_section,
)

# Each would do harm if it were taken for markup in text, in an attribute, or in a script.
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "</title></head><h1>x",
    "{{ 7 * 7 }}{% raw %}",
    "Tom & Jerry &lt;3 &copy;",
    "]]> \u2028 \u2029 \\u003c",
)


def render_everywhere(text: str) -> list[bytes]:
    """Put ``text`` wherever an admin, an author or a scraped page may."""
    site = SiteConfig(title=text, description=text, base_url=BASE, copyright=text)
    image = replace(PICTURE, caption=text, credit=text)
    entry = make_entry(
        title=text,
        summary=text,
        authors=(text,),
        categories=(text, f"{text}!"),
        image=image,
        enclosure=Enclosure("https://cdn.example/a", text, 1),
        correction=text,
        language=text,
    )
    feed = make_feed("sea", text, (entry,), description=text)
    feeds = [replace(feed, name="all"), feed]
    return [
        render_home(site, feeds),
        render_section(site, feed, feeds),
        render_article(site, entry, [(text, f"{BASE}/sections/sea")], feed=feed),
        render_feed_list(site, feeds),
        render_message(site, 404, text, text),
    ]


@pytest.mark.parametrize("text", NASTY)
def test_F6_nasty_text_stays_text_on_every_page(text: str) -> None:
    for made, plain in zip(render_everywhere(text), render_everywhere("plain"), strict=True):
        page = parse(made)
        # The very same elements as with a harmless word, and no attribute that was not there.
        shape = [(one.tag, sorted(one.attrib)) for one in page.iter()]
        assert shape == [(one.tag, sorted(one.attrib)) for one in parse(plain).iter()]
        assert " ".join(text.split()) in text_of(page)
        assert text in page.find(".//title").text
        assert b"<script>" not in made


@pytest.mark.parametrize("text", NASTY)
def test_F29_facts_come_back_exactly_and_hold_no_markup(text: str) -> None:
    page = render_everywhere(text)[2]
    assert facts_of(page)["headline"] == text
    start = page.index(b'<script type="application/ld+json">') + 35
    data = page[start : page.index(b"</script>", start)]
    assert not set(b"<>&") & set(data)
    assert orjson.loads(data)["correction"] == text


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_F3_any_text_gives_a_page(text: str) -> None:
    """Lone surrogates, controls and noncharacters neither raise nor reach a browser."""
    shown = [made.decode() for made in render_everywhere(f"x{text}")]
    for page in shown:
        assert not [c for c in page if (c < " " and c not in "\t\n\r") or "\x7f" <= c <= "\x9f"]


def test_withdrawn_page_carries_only_what_it_is_told() -> None:
    """F19: nothing of the article can stand there, for the renderer is not given it."""
    assert STORY.title not in PAGES["message"]().decode()


def test_very_long_words_and_many_feeds_are_rendered() -> None:
    long = "W" * 100_000
    entry: Entry = make_entry(title=long, summary=long, content=f"<p>{long}</p>")
    feeds = [make_feed(f"s{number}", f"S{number}", (entry,)) for number in range(200)]
    page = parse(render_home(SITE, feeds))
    assert len(page.xpath("//ul[@class='cards']/li")) == 199
    assert max(len(text_of(one)) for one in page.xpath("//p[@class='teaser']")) <= 320

"""HTML: absolute URLs, and the summary that nobody wrote."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from render_samples import make_entry

from feedsvc.render import absolute_html, content_of, plain_title, summary_of
from feedsvc.render.markup import _WINDOW_CHARS, EXCERPT_CHARS, cut_text, first_sentences

BASE = "https://paper.example/a/1/bridge"
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

CASES = [
    ('<a href="b">x</a>', '<a href="https://paper.example/a/1/b">x</a>'),
    ('<a href="/b?c=1&amp;d=2">x</a>', '<a href="https://paper.example/b?c=1&amp;d=2">x</a>'),
    ("<a href='../q'>x</a>", '<a href="https://paper.example/a/q">x</a>'),
    ("<a href=q title='a>b'>x</a>", "<a href=\"https://paper.example/a/1/q\" title='a>b'>x</a>"),
    ('<a HREF = "q">x</a>', '<a href="https://paper.example/a/1/q">x</a>'),
    ('<a href="#n1">1</a>', f'<a href="{BASE}#n1">1</a>'),
    ('<a href="//cdn.example/x">x</a>', '<a href="https://cdn.example/x">x</a>'),
    ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
    ('<a href="tel:+123">x</a>', '<a href="tel:+123">x</a>'),
    ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
    ('<a href="java&#10;script:alert(1)" rel="nofollow">x</a>', '<a rel="nofollow">x</a>'),
    ('<a href="&#106;avascript:alert(1)">x</a>', "<a>x</a>"),
    ('<a href="vbscript:x">x</a>', "<a>x</a>"),
    ('<q cite="http://[bad" data-x = "1">x</q>', '<q data-x = "1">x</q>'),
    ('<img src="/i.jpg" alt="a">', '<img src="https://paper.example/i.jpg" alt="a">'),
    ("<img src=/i.jpg>", '<img src="https://paper.example/i.jpg">'),
    ('<p><img src="data:image/gif;base64,R0lG"></p>', "<p></p>"),
    ('<img src="a b.jpg">', '<img src="https://paper.example/a/1/a%20b.jpg">'),
    (
        '<img src="/i.jpg" srcset="/s.jpg 1x, m.jpg 2x,//cdn.example/a,b.jpg 3x">',
        '<img src="https://paper.example/i.jpg" srcset="https://paper.example/s.jpg 1x, '
        'https://paper.example/a/1/m.jpg 2x, https://cdn.example/a,b.jpg 3x">',
    ),
    (
        '<img src="https://x.example/i.jpg" srcset="data:,x 2x">',
        '<img src="https://x.example/i.jpg">',
    ),
    (
        '<video poster="p.jpg" controls></video>',
        '<video poster="https://paper.example/a/1/p.jpg" controls></video>',
    ),
    (
        '<blockquote cite="/q">x</blockquote>',
        '<blockquote cite="https://paper.example/q">x</blockquote>',
    ),
    ('<p>href="x" is an attribute</p>', '<p>href="x" is an attribute</p>'),
    ("<p>1 <2 and src= nothing</p>", "<p>1 <2 and src= nothing</p>"),
    ('<a data-href="x">y</a>', '<a data-href="x">y</a>'),
    ("", ""),
]


@pytest.mark.parametrize(("html", "expected"), CASES)
def test_f7_r49_urls_are_made_absolute(html: str, expected: str) -> None:
    assert absolute_html(html, BASE) == expected


def test_html_with_nothing_relative_comes_back_as_it_is() -> None:
    html = '<p><a href="https://x.example/">x</a> <img src="http://x.example/i.jpg"></p>'
    assert absolute_html(html, BASE) is html


PIECES = [
    *("<a ", "<img ", "<video poster=", "<p>", "</a>", ">", "href", "src", "srcset", "=", '"', "'"),
    *(
        "javascript:",
        "http://",
        "data:",
        "//",
        "/",
        "[",
        ",",
        "2x",
        "x",
        " ",
        "\n",
        "&amp;",
        "&#58;",
    ),
]
FRAGMENTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)


@settings(deadline=None)
@given(FRAGMENTS)
def test_any_text_is_survived_and_twice_is_once(html: str) -> None:
    once = absolute_html(html, BASE)
    assert absolute_html(once, BASE) == once


@settings(deadline=None)
@given(FRAGMENTS)
def test_f7_no_relative_url_is_left_in_sanitised_html(html: str) -> None:
    attributes = {"*": {"href", "src", "srcset", "poster", "cite"}}
    clean = nh3.clean(html, tags={"a", "img", "video", "p"}, attributes=attributes, link_rel=None)
    mended = absolute_html(clean, BASE)
    for element in lxml_html.fromstring(f"<div>{mended}</div>").iter():
        for name in ("href", "src", "poster", "cite"):
            if (url := element.get(name)) is not None:
                assert urlsplit(url).scheme in ("http", "https", "mailto", "tel"), mended
        for candidate in (element.get("srcset") or "").split(", "):
            assert not candidate or candidate.startswith(("http://", "https://")), mended


@pytest.mark.parametrize(
    "html",
    ["<a " * 200_000, '<a "' * 200_000, "href = " * 200_000, "<img srcset=' " + ", " * 300_000],
)
def test_hostile_html_takes_linear_time(html: str) -> None:
    absolute_html(html, BASE)
    assert len(first_sentences(html)) <= EXCERPT_CHARS


def test_summary_is_the_entrys_own() -> None:
    assert summary_of(make_entry(summary=" Its\nown <3. ")) == "Its own ＜3."


def test_f5_an_excerpt_ends_with_a_sentence() -> None:
    first = (
        "The council met in D.C. on Tuesday, said Dr. Ek, and it voted to widen the old bridge. "
    )
    second = "Nobody spoke against it, which surprised many. "
    aside = "<h2>News</h2><figure><figcaption>A caption</figcaption></figure>"
    html = f"{aside}<p>{first}</p><p>{second}</p>"
    summary = summary_of(
        make_entry(summary="", content=html + "<p>" + "Then more words came " * 30)
    )
    assert summary == (first + second).strip()


def test_f5_an_excerpt_is_never_cut_inside_an_entity() -> None:
    for padding in range(12):
        html = "<p>" + "x" * padding + " " + "&amp;lt; &eacute;&#8217; " * 2_000
        summary = summary_of(make_entry(summary="", content=html))
        assert len(summary) <= EXCERPT_CHARS
        assert summary.endswith("…")
        assert set(summary[padding:]) <= set(" ＆lt;é’…")


@pytest.mark.parametrize("padding", range(9))
def test_f5_nor_is_an_entity_halved_where_reading_stops(padding: int) -> None:
    links = f'<a href="https://x.example/{"y" * 80}">w</a> ' * 100
    html = f"<p>{links}"[: _WINDOW_CHARS - 200 - padding]
    html = html[: html.rindex("<a")] + "x" * padding + "&hellip;" * 40
    summary = first_sentences(html + "<p>" * 5_000)
    assert set(summary) <= set("wx …")


@given(st.text(max_size=500), st.integers(10, 100), st.booleans())
def test_f5_a_cut_text_is_short_and_a_beginning(text: str, limit: int, whole: bool) -> None:
    cut = cut_text(text, limit, whole)
    assert len(cut) <= limit
    assert text.startswith(cut.removesuffix("…"))


def test_text_without_spaces_is_cut_too() -> None:
    assert cut_text("橋" * 500, 300) == "橋" * 299 + "…"


def test_words_of_two_paragraphs_stay_apart() -> None:
    assert first_sentences("<p>One</p><p>two<br>thr<b>ee</b></p>") == "One two three"


def test_a_correction_stands_on_top_and_is_escaped() -> None:
    entry = make_entry(content="<p>x</p>", correction="It was 7 < 9 & not <b>9</b>.")
    assert content_of(entry) == (
        "<p><strong>Correction:</strong> It was 7 &lt; 9 &amp; not &lt;b&gt;9&lt;/b&gt;.</p>"
        "<p>x</p>"
    )


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the real seed articles are not here")
def test_the_first_sentences_of_a_real_article() -> None:
    for seed in SEEDS.glob("*.txt"):
        lines = seed.read_text(encoding="utf-8").split("\n\n")
        summary = first_sentences("".join(f"<p>{nh3.clean_text(line)}</p>" for line in lines))
        assert 100 < len(summary) <= EXCERPT_CHARS
        assert "&#" not in summary
        assert plain_title(summary) == summary


def test_r49_a_fragment_belongs_to_the_page_of_the_article() -> None:
    """Footnotes lead to the article, not to the folder that its pictures come from."""
    html = '<p><a href="#note">1</a> <a href="map.pdf">map</a> <a href="">here</a></p>'
    made = absolute_html(html, "https://a.test/media/x/", "https://a.test/articles/1-x")
    assert made == (
        '<p><a href="https://a.test/articles/1-x#note">1</a> '
        '<a href="https://a.test/media/x/map.pdf">map</a> '
        '<a href="https://a.test/media/x/">here</a></p>'
    )

"""Web pages: what no single file can show - rules over many values, and hostile pages (R50, F1)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from ingest_cases import MODIFIED, NOW

from feedsvc.errors import RefusedError
from feedsvc.ingest import Reading, read_article
from feedsvc.model import Article

READING = Reading(now=NOW, language="fr", sections=("politics", "sport"))
FIRST = "The well in the market place has run dry for the first time since anybody wrote it down."
SECOND = "The mayor has had a barrel set up beside it, and a boy who fills it from the river."
THIRD = "Nobody knows where the water went, but the cellar of the brewery is said to be full."
# Generous, for slow machines; what is not linear takes minutes at this size.
SECONDS = 40


def read_page(head: str = "", body: str = "", title: str = "The well is dry") -> Article:
    page = (
        f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
        f"<p>{FIRST}</p>{body}<p>{SECOND}</p><p>{THIRD}</p></article></body></html>"
    )
    return read_article("a.html", page.encode(), MODIFIED, READING)


def json_ld(**facts: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **facts}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("author", "authors", "source"),
    [
        ("Ann Lee", ("Ann Lee",), ""),
        ("By Ann Lee", ("Ann Lee",), ""),
        ("Ann Lee and Bob Ray", ("Ann Lee", "Bob Ray"), ""),
        (["Ann Lee", {"@type": "Person", "name": "Bob Ray"}], ("Ann Lee", "Bob Ray"), ""),
        ({"@type": "Organization", "name": "Reuters"}, (), "Reuters"),
        ([{"name": "Ann Lee"}, {"name": "Associated Press"}], ("Ann Lee",), "Associated Press"),
        ({"@type": "Organization", "name": "The Paper"}, (), ""),
        ({"@type": "Person", "name": "The Paper"}, (), ""),
        ("https://social.example/ann", (), ""),
        ([["x"], None, 7, {"name": ["Ann Lee"]}, {"name": {"a": "b"}}], ("Ann Lee",), ""),
        ({"@id": "#nobody"}, (), ""),
    ],
)
def test_authors_of_json_ld(author: Any, authors: tuple[str, ...], source: str) -> None:
    head = json_ld(author=author, publisher={"@type": "Organization", "name": "The Paper"})
    article = read_page(head)
    assert (article.authors, article.source) == (authors, source)


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[" * 100_000,
        "null",
        "7",
        '"NewsArticle"',
        '{"@type": ["NewsArticle", 7, null], "headline": {"a": []}, "image": [[]], "author": {}}',
        '{"@graph": {"@graph": {"@graph": {"@graph": {"@graph": {"@type": "NewsArticle"}}}}}}',
        '{"@type": "NewsArticle", "image": {"@id": "#i", "url": 7, "width": true}, "author": NaN}',
        '{"@type": "NewsArticle", "datePublished": "yesterday", "headline": "\\u0000\\ud800"}',
        "<!-- x -->",
    ],
)
def test_odd_json_ld_spoils_nothing(script: str) -> None:
    article = read_page(f'<script type="application/ld+json">{script}</script>')
    assert article.title == "The well is dry"
    assert article.text.split("\n") == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://paper.example/well", "https://paper.example/well"),
        ("HTTP://paper.example/well", "HTTP://paper.example/well"),
        ("/well", ""),
        ("javascript:alert(1)", ""),
        ("ftp://paper.example/well", ""),
        ("https://paper.example/", ""),
    ],
)
def test_canonical_links_are_taken_only_if_they_are_an_articles(written: str, link: str) -> None:
    assert read_page(f'<link rel="canonical" href="{written}">').link == link


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("A town without water.", "A town without water."),
        (FIRST[:60] + "...", ""),
        (FIRST[:60] + "…", ""),
        (FIRST[:60] + " [...]", ""),
        (f"{FIRST} {SECOND[:30]}", ""),
        (FIRST, ""),
        ("Water is dear in town, and so is the boy…", "Water is dear in town, and so is the boy…"),
    ],
)
def test_a_summary_that_is_the_beginning_of_the_text_is_none(
    description: str, summary: str
) -> None:
    assert read_page(f'<meta name="description" content="{description}">').summary == summary


@pytest.mark.parametrize(
    "furniture",
    [
        "<h3>Related articles</h3><ul><li><a href='/1'>The brewery has to close</a></li></ul>",
        "<p>Follow The Paper on Facebook and Twitter.</p>",
        "<p>Get the news of the town every day in your inbox.</p>",
        "<div><p>Sign up for our newsletter</p></div>",
        "<p><a href='#'>Share</a></p>",
        "<p>ADVERTISEMENT</p>",
        "<p>Read more: <a href='/2'>How deep is the well?</a></p>",
        "<p>DON'T MISS</p><p><a href='/1'>China tea is dear again this year</a> [INSIGHT]</p>"
        "<p><a href='/2'>The brewery has to close its doors at last</a> [VIDEO]</p>",
        "<p>5 min read</p>",
        "<p>Tags: <a href='/w'>water</a>, <a href='/t'>town</a></p>",
        "<script>document.write('x')</script><style>p{}</style><template><p>x</p></template>",
    ],
)
def test_furniture_inside_the_article_goes(furniture: str) -> None:
    assert read_page(body=furniture).text.split("\n") == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "markup",
    [
        "<h2>A barrel</h2>",
        "<ul><li>One barrel, oak.</li><li>One boy, ten years old.</li></ul>",
        '<ol start="3"><li>Fill the barrel.</li><li>Wait for the cart.</li></ol>',
        "<blockquote><p>It was full on Sunday.</p><p>On Monday it was not.</p></blockquote>",
        "<pre>litres  day\n   40  Mon\n    0  Tue</pre>",
        "<table><tbody><tr><th>Day</th><td>Litres</td></tr><tr><th>Mon</th><td>40</td></tr>"
        "</tbody></table>",
        '<p>Ask <a href="/mayor?a=1&amp;b=2">the mayor</a> or <em>the boy</em>, he knows more.</p>',
        '<figure><img src="well.jpg" alt="A well"><figcaption>The well. <em>Empty.</em>'
        "</figcaption></figure>",
    ],
)
def test_what_belongs_to_the_text_keeps_its_markup(markup: str) -> None:
    assert markup in read_page(body=markup).content


def test_paragraphs_of_divs_keep_the_words_beside_their_links() -> None:
    body = f"<div>{SECOND[:40]} <a href='/x'>a link</a> and the rest of what was to be said.</div>"
    page = f"<html><body><div><div>{FIRST}</div>{body}<div>{THIRD}</div></div></body></html>"
    article = read_article("a.html", page.encode(), MODIFIED, READING)
    assert f"{SECOND[:40]} a link and the rest of what was to be said." in article.text


def test_relative_dates_are_never_taken() -> None:
    for line in ("2 hours ago", "Updated 2 hours ago", "Yesterday at 10:15", "Thursday"):
        page = f"<h1>The well is dry</h1><p>{line}</p><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
        article = read_article("a.html", page.encode(), MODIFIED, READING)
        assert article.published.source == "file time"
        assert article.updated is None


def test_the_language_is_that_of_html_and_not_of_json_ld() -> None:
    page = f'<html lang="de"><head>{json_ld(inLanguage="en")}</head><body><p>{FIRST}</p></body>'
    assert read_article("a.html", page.encode(), MODIFIED, READING).language == "de"
    assert read_page(json_ld(inLanguage="en")).language == "en"
    assert read_page().language == ""


@pytest.mark.parametrize(
    ("heading", "title", "wanted"),
    [
        ("", "The well is dry - Breaking News | The Paper", "The well is dry"),
        ("The Paper", "The well is dry | The Paper", "The well is dry"),
        ("The well is dry", "Something else | The Paper", "The well is dry"),
    ],
)
def test_the_headline_is_without_the_sites_name(heading: str, title: str, wanted: str) -> None:
    page = (
        f'<html><head><title>{title}</title><meta property="og:site_name" content="The Paper">'
        f"</head><body><h1>{heading}</h1><p>{FIRST}</p><p>{SECOND}</p></body></html>"
    )
    article = read_article("a.html", page.encode(), MODIFIED, READING)
    assert article.title == wanted
    assert article.text.split("\n") == [FIRST, SECOND]


def test_a_page_that_says_only_when_it_was_updated_dates_by_that() -> None:
    article = read_page('<meta property="article:modified_time" content="2026-03-05T09:10:00Z">')
    assert f"{article.published.at:%Y-%m-%d}" == "2026-03-05"
    assert article.updated is None


def test_front_matter_before_a_page_wins_over_all_that_the_page_says() -> None:
    page = (
        f"---\nsummary: {FIRST}\nimage: {{url: /well.jpg, caption: Mine, credit: Me}}\n---\n"
        f"<html><body><h1>The well</h1><figure><img src='/well.jpg'><figcaption>Theirs."
        f"</figcaption></figure><p>{FIRST}</p><p>{SECOND}</p></body></html>"
    )
    article = read_article("a.html", page.encode(), MODIFIED, READING)
    assert article.summary == FIRST
    assert article.image
    assert (article.image.caption, article.image.credit) == ("Mine", "Me")
    assert article.text.split("\n") == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        ("The well at noon. Ann Lee/Getty Images", "The well at noon.", "Ann Lee/Getty Images"),
        ("The well at noon | Ann Lee/AFP", "The well at noon", "Ann Lee/AFP"),
        ("The well on Monday.Ann Lee / Reuters", "The well on Monday.", "Ann Lee / Reuters"),
        ("The well. Courtesy of Ann Lee", "The well.", "Courtesy of Ann Lee"),
        ("The well. Photo: Ann Lee", "The well.", "Ann Lee"),
        ("© Ann Lee", "", "Ann Lee"),
        ("The well at noon", "The well at noon", ""),
    ],
)
def test_captions_are_parted_from_credits(line: str, caption: str, credit: str) -> None:
    page = (
        f"<h1>The well is dry</h1><figure><img src='/w.jpg'><figcaption>{line}</figcaption>"
        f"</figure><p>{FIRST}</p><p>{SECOND}</p>"
    )
    article = read_article("a.html", page.encode(), MODIFIED, READING)
    assert article.image
    assert (article.image.caption, article.image.credit) == (caption, credit)


@pytest.mark.parametrize(
    "page",
    [
        "<title>The Paper: The well is dry</title><h1>The Paper</h1><h2>The well is dry</h2>",
        "<title>The well is dry | The Paper</title><h1>The Paper</h1><h2>The well is dry</h2>",
        "<h2>The well is dry</h2>",
        "<p class='MsoTitle'>The well is dry</p>",
    ],
)
def test_a_headline_that_is_no_h1_is_found(page: str) -> None:
    text = f"{page}<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
    article = read_article("a.html", text.encode(), MODIFIED, READING)
    assert article.title == "The well is dry"
    assert article.text.split("\n") == [FIRST, SECOND, THIRD]


def test_json_ld_with_a_comma_too_many_is_read() -> None:
    article = read_page(json_ld(author={"name": "Ann Lee"}).replace("}", ",}"))
    assert article.authors == ("Ann Lee",)


def test_the_only_json_ld_of_a_page_may_be_anothers() -> None:
    """Neither its headline nor its address is the page's."""
    other = {"headline": "A bridge is built", "url": "https://echo.example/bridge"}
    head = '<link rel="canonical" href="https://echo.example/well">'
    teaser = json_ld(author="Bob Ray", datePublished="2020-01-01", **other)
    assert read_page(head + teaser).authors == ()
    own = json_ld(author="Ann Lee", **{**other, "url": "https://echo.example/well"})
    assert read_page(head + own).authors == ("Ann Lee",)
    assert read_page(json_ld(author="Ann Lee", **other)).authors == ("Ann Lee",)


def test_a_date_that_is_none_hides_no_other() -> None:
    meta = '<meta property="article:published_time" content="2026-03-01T08:00:00Z">'
    article = read_page(json_ld(datePublished="TBD") + meta)
    assert f"{article.published.at:%Y-%m-%d}" == "2026-03-01"
    assert f"{read_page(json_ld(dateCreated='2026-03-02')).published.at:%Y-%m-%d}" == "2026-03-02"


def test_names_in_two_parts_are_names() -> None:
    author = {"@type": "Person", "givenName": "Ann", "familyName": "Lee"}
    assert read_page(json_ld(author=author)).authors == ("Ann Lee",)


def test_who_comments_is_no_author() -> None:
    mine = "<span itemprop='author'>Ann Lee</span>"
    comment = "<div class='comment'><span itemprop='author'>Bob Ray</span></div>"
    assert read_page(body=mine + comment).authors == ("Ann Lee",)


def test_a_picture_for_browsers_without_scripts_takes_its_place() -> None:
    shown = "<noscript><img src='/well.jpg'></noscript>"
    page = (
        f"<h1>The well is dry</h1><figure><img src='data:image/gif;base64,R0'>{shown}</figure>"
        f"<p>{FIRST}</p><p>{SECOND}</p>"
    )
    article = read_article("a.html", page.encode(), MODIFIED, READING)
    assert article.image
    assert article.image.url == "/well.jpg"


def test_an_embedded_quote_and_its_author_stay_in_their_place() -> None:
    quote = "<div class='embed'><blockquote><p>It is dry.</p>Ann, at the well</blockquote></div>"
    assert read_page(body=quote).text.split("\n") == [
        FIRST,
        "It is dry.",
        "Ann, at the well",
        SECOND,
        THIRD,
    ]


HOSTILE = {
    "paragraphs": "".join(
        f"<p>{n} {n * 7919 % 99991} sat there, and said so.</p>" for n in range(14_000)
    ),
    "long paragraphs": "".join(f"<p>{f'word {n * 7919} ' * 20}</p>" for n in range(14_000)),
    "footers": "<footer></footer>" + f"<footer></footer>{FIRST}" * 14_000,
    "figures": "<figure><img src=x><figcaption class=credit>" * 9000,
    "tables": "<table><tr><td>" * 9000 + FIRST,
    "microdata": '<div itemprop="author">' * 9000 + FIRST,
    "times": "<time data-date=1>" * 20_000,
    "breaks": FIRST + "<br>x<br><br>" * 19_000,
    "lists": "<ul><li>" * 14_000 + FIRST,
    "same words": f"<p>{FIRST}</p>" * 14_000,
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_pages_take_bounded_time(kind: str) -> None:
    start = time.perf_counter()
    try:
        read_page(body=HOSTILE[kind])
    except RefusedError as error:
        assert "\n" not in str(error)
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize(
    ("canonical", "link"),
    [
        ("https://river.example/a?utm_source=x&utm_medium=y", "https://river.example/a"),
        ("https://river.example/a?id=7&fbclid=z#top", "https://river.example/a?id=7"),
        ("https://river.example/a?utm_source=x&id=7", "https://river.example/a?id=7"),
        ("https://river.example/a?id=7&form=utm_x", "https://river.example/a?id=7&form=utm_x"),
        ("https://river.example/#!/a", "https://river.example/#!/a"),
    ],
)
def test_canonical_is_without_the_way_that_led_to_it(canonical: str, link: str) -> None:
    assert read_page(f'<link rel="canonical" href="{canonical}">').link == link

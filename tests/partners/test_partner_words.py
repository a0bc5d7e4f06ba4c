"""What is taken out of titles, links, names and HTML, piece by piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.partners.markup import clean_for_msn
from feedsvc.partners.words import (
    add_parameters,
    filter_images,
    has_markup,
    list_read_more,
    list_tracking,
    strip_address,
    strip_markup,
    strip_read_more,
    strip_tracking,
)
from feedsvc.render import plain_title

LINKS = {
    "https://a.example/x": "https://a.example/x",
    "https://a.example/x?utm_source=y": "https://a.example/x",
    "https://a.example/x?id=1&utm_source=y&p=2": "https://a.example/x?id=1&p=2",
    "https://a.example/x?UTM_Campaign=y;id=1#top": "https://a.example/x?id=1#top",
    "https://a.example/x?id=1&fbclid=2&gclid=3": "https://a.example/x?id=1",
    "https://a.example/x?q=utm_source=1": "https://a.example/x?q=utm_source=1",
    "https://a.example/utm_source=1?&a=%20b": "https://a.example/utm_source=1?&a=%20b",
    "https://a.example/x?mc_cid=1&a=b&mc_eid=2": "https://a.example/x?a=b",
}


@pytest.mark.parametrize("link", LINKS)
def test_tracking_parameters_go_and_the_rest_stays(link: str) -> None:
    assert strip_tracking(link) == LINKS[link]
    assert list_tracking(LINKS[link]) == []


def test_parameters_are_added_before_the_fragment() -> None:
    assert add_parameters("https://a.example/x?a=1#top", b="c&d") == (
        "https://a.example/x?a=1&b=c%26d#top"
    )
    assert add_parameters("https://a.example/x", b="c") == "https://a.example/x?b=c"


NAMES = {
    "Ann Lee <ann@paper.example>": "Ann Lee",
    "ann@paper.example (Ann Lee)": "(Ann Lee)",
    "ann@paper.example": "",
    "Ann Lee<ann@paper.example>": "Ann Lee",
    "Ann Lee, mailto:ann@paper.example": "Ann Lee",
    "Ann Lee (ann@paper.example)": "Ann Lee",
    "Ann Lee": "Ann Lee",
}


@pytest.mark.parametrize("name", NAMES)
def test_addresses_go_out_of_names(name: str) -> None:
    assert strip_address(name) == NAMES[name]


@given(st.text())
def test_no_name_keeps_an_address(name: str) -> None:
    assert "@" not in strip_address(name)


@given(st.text(st.sampled_from("<>&;/ab#x1mplt "), max_size=60))
def test_titles_that_go_out_hold_no_markup(title: str) -> None:
    """Whatever is hidden in entities in entities: what is left is no markup to anybody."""
    assert not has_markup(plain_title(strip_markup(title)))


MORE = {
    "Read more": True,
    "READ MORE »": True,
    "Read the whole article": True,
    "Continue reading “The bridge”": True,
    "… more": True,
    "Weiterlesen": True,
    "Lire la suite": True,
    "Leer más": True,
    "Click here for the rest": True,
    "The mayor's report": False,
    "More than a bridge": False,
    "Reading is down": False,
    "Read the report of the council, which has more than a thousand pages about this bridge": False,
}


@pytest.mark.parametrize("text", MORE)
def test_read_more_links(text: str) -> None:
    link = f'<a href="https://a.example/" title="a > b">{text}</a>'
    html = f"<p>Words.</p><p>{link}</p>"
    assert bool(list_read_more(html)) == MORE[text]
    assert strip_read_more(html) == ("<p>Words.</p>" if MORE[text] else html)


HTML = {
    "<p>a <b>b</b></p>": "<p>a <b>b</b></p>",
    "<h6>a</h6><p>b</p>": "<h5>a</h5><p>b</p>",
    "<figure><img src='https://a.example/i.png'><figcaption>c</figcaption></figure>": (
        '<div><img src="https://a.example/i.png"><p>c</p></div>'
    ),
    "<p onclick='x()'>a</p><script>x()</script><style>p{}</style>": "<p>a</p>",
    "<object data='x'>a</object><embed src='x'>": "",
    "<p>a</p><img src='javascript:x()' alt='b'>": "<p>a</p>",
    "<iframe src='https://www.youtube.com/embed/1'></iframe>": (
        '<iframe src="https://www.youtube.com/embed/1"></iframe>'
    ),
    "<iframe src='https://frames.example/1'></iframe>": "",
    "<iframe src='http://www.youtube.com/embed/1'></iframe>": "",
    "<iframe src='https://www.youtube.com.evil.example/'></iframe>": "",
    "<article><cite>a</cite></article>": "a",
}


@pytest.mark.parametrize("html", HTML)
def test_html_that_msn_takes(html: str) -> None:
    assert clean_for_msn(html) == HTML[html]


@given(st.text(st.sampled_from("<>/\"'= abipdivfgure6hl&;"), max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_for_msn(text)
    assert clean_for_msn(once) == once


def test_images_are_judged_by_address_and_size() -> None:
    html = (
        '<p>a</p><figure><img src="https://a.example/?a=1&amp;b=2" width="3" height="4"></figure>'
    )
    seen = []

    def judge(url: str, width: int, height: int) -> str:
        seen.append((url, width, height))
        return f'{url}&c="'

    assert 'src="https://a.example/?a=1&amp;b=2&amp;c=&quot;"' in filter_images(html, judge)
    assert seen == [("https://a.example/?a=1&b=2", 3, 4)]
    assert filter_images(html, lambda *_: None) == "<p>a</p>"

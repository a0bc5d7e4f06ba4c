"""How a feed names its hubs: in the document and in the Link header, alike."""

from __future__ import annotations

import json

import feedparser
import pytest
from feed_links import read_document, read_header
from render_samples import make_entry, make_feed
from sites import FORMATS

from feedsvc.model import Feed, Publication, Syndication
from feedsvc.publication import Document, represent_all
from feedsvc.render import FORMATS as RENDERERS
from feedsvc.render import write_links
from feedsvc.render.text import plain_link
from feedsvc.web.fastpath import FastPath

HUBS = ("https://push.example/?a=1&b=2", "https://hub.example/")


def answer_with(feed: Feed, suffix: str, **headers: str) -> dict[str, str]:
    """Return the status and the headers with which a feed is answered."""
    form = RENDERERS[suffix]
    path = f"/feeds/{feed.name}.{suffix}"
    link = write_links(feed, suffix)
    document = Document(form.content_type, form.render(feed), feed.updated, 900, link=link)
    fast = FastPath(lambda environ, start: ())
    fast.publish(Publication(1, represent_all([(path, document)])), "https://paper.example")
    given: dict[str, str] = {}
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", **headers}
    fast(environ, lambda status, pairs: given.update(pairs, status=status))
    return given


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("hubs", [(), HUBS[:1], HUBS], ids=["none", "one", "two"])
def test_r56_hubs_stand_in_the_feed_and_in_the_header(hubs: tuple[str, ...], suffix: str) -> None:
    """W1, W3, W4: every hub and exactly one self, with no other parameter, in both alike."""
    feed = make_feed(make_entry(), hubs=hubs)
    expected = [*(("hub", hub) for hub in hubs), ("self", f"{feed.base}.{suffix}")]
    answer = answer_with(feed, suffix)
    assert read_header(answer["Link"]) == expected
    assert read_document(suffix, RENDERERS[suffix].render(feed)) == expected
    # R6: a 304 says it as well.
    again = answer_with(feed, suffix, HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again["status"], again["Link"]) == ("304 Not Modified", answer["Link"])


@pytest.mark.parametrize("suffix", FORMATS)
def test_links_are_written_in_ascii(suffix: str) -> None:
    """Readers differ in how they ask for an address with other letters; none has to (R21)."""
    entry = make_entry(link="https://köln.example/straße?q=ü%20x#ö")
    body = RENDERERS[suffix].render(make_feed(entry))
    (item,) = feedparser.parse(body).entries if suffix != "json" else (json.loads(body)["items"])
    assert (
        item["link" if suffix != "json" else "url"]
        == "https://xn--kln-sna.example/stra%C3%9Fe?q=%C3%BC%20x#%C3%B6"
    )


def test_a_link_that_is_no_address_stays_as_it_is() -> None:
    """There is nothing to mend, and nothing breaks."""
    assert plain_link("http://[ü") == "http://[ü"


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_summary_is_never_the_whole_of_a_short_article(suffix: str) -> None:
    """Its rights allow a summary: two sentences that we would take for one are too many."""
    content = "<p>The bridge is closed. It opens again in May.</p>"
    entry = make_entry(content=content, summary="", syndication=Syndication.SUMMARY)
    body = RENDERERS[suffix].render(make_feed(entry)).decode()
    assert "The bridge" in body and "in May" not in body

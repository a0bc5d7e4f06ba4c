"""A feed calls itself by one name, in the document and in the Link header."""

from __future__ import annotations

import pytest
from feed_links import read_document, read_header
from published import Published
from sites import FORMATS, Server


@pytest.mark.parametrize("suffix", FORMATS)
def test_F28_a_feed_calls_itself_one_name(published: Published, suffix: str) -> None:
    """The self in the document and that in the header are one string, in every feed."""
    feeds = {
        path: one
        for path, one in published.paths.items()
        if path.startswith("/feeds/") and path.endswith(f".{suffix}") and not one.location
    }
    assert len(feeds) == len(published.sections) + 1
    for path, one in feeds.items():
        links = read_header(one.link)
        assert read_document(suffix, one.bodies["identity"]) == links
        hub, (rel, own) = links
        assert rel == "self" and own.endswith(path)
        assert hub == ("hub", own.removesuffix(path) + "/hub")


@pytest.mark.parametrize("suffix", FORMATS)
def test_F28_R55_R56_over_http(server: Server, suffix: str) -> None:
    """Also of an archive document, after HEAD (W2), and for who asks with another query (R16)."""
    live = f"/feeds/long.{suffix}"
    for path in (live, f"/feeds/long/archive/1.{suffix}"):
        answer = server.get(path)
        assert read_header(answer.headers["link"]) == read_document(suffix, answer.body)
        assert read_header(answer.headers["link"])[-1][1].endswith(path)
        assert server.get(path, method="HEAD").headers["link"] == answer.headers["link"]
    assert server.get(f"{live}?_=1").headers["link"] == server.get(live).headers["link"]


def test_links_are_for_topics_alone(server: Server) -> None:
    """The front page is one; another page, the list of feeds and a redirect are none."""
    assert [rel for rel, _ in read_header(server.get("/").headers["link"])] == ["hub", "self"]
    for path in ("/feeds/", "/feeds.opml", "/sections/long", "/feeds/long.rss"):
        assert "link" not in server.get(path).headers, path

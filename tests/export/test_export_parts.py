"""The pure parts of an export: names, orders, notes, and what nginx is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.export.bucket import BucketTarget
from feedsvc.export.layout import ExportError, Layout, is_safe, level_of
from feedsvc.export.manifest import (
    Manifest,
    Record,
    dump_journal,
    dump_manifest,
    load_journal,
    load_manifest,
)
from feedsvc.export.plan import find_stale, find_unwanted, order
from feedsvc.export.site import Item
from feedsvc.export.webserver import write_nginx_map, write_redirects

UNSAFE = ["", "/x", "a//b", "../x", "a/../b", "a/.", "a\\b", "a\nb", "a\0b", ".feedsvc-export/m"]
UNSAFE += ["a/" + "x" * 256]


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_lead_out(name: str) -> None:
    assert not is_safe(name)
    manifest = Manifest("site", Layout(), {f"/{name}": Record("m", "d", ("",))}, [()])
    if Layout().name_of(f"/{name}") == name:
        with pytest.raises(ExportError, match="cannot be read"):
            load_manifest(dump_manifest(manifest), "there")
    with pytest.raises(ExportError, match="cannot be read"):
        load_journal(dump_journal("site", [name]), "there")


@given(st.binary(max_size=200))
def test_any_bytes_as_a_note(data: bytes) -> None:
    for load in (load_manifest, load_journal):
        with pytest.raises(ExportError, match="there: what feedsvc noted"):
            load(data, "there")  # type: ignore[operator]


def test_a_manifest_comes_back() -> None:
    records = {
        "/": Record("m", "d", ("", ".gz", ".br", ".zst"), 1),
        "/feeds/tag/öl+c++.xml": Record("m", "d", ("",), 0),
        "/feeds/a.rss": Record("m", "d", (), 0, "/feeds/a.xml"),
        "/feeds/b.xml": Record("m", "d", ("",), 0, gone=True),
    }
    looks = [(("Content-Type", "text/html"),), (("Link", "x"), ("Vary", "y"))]
    before = Manifest("site", Layout(True, "gzip", False, False), records, list(looks))
    assert load_manifest(dump_manifest(before), "there") == before


def test_what_is_pointed_to_comes_first() -> None:
    """New before changed, archives from the oldest on, front page and lists last."""
    paths = ["/", "/feeds/", "/feeds.opml", "/sitemap.xml", "/sitemap-2.xml", "/sections/a"]
    paths += ["/feeds/a.xml", "/feeds/a/archive/10.xml", "/feeds/a/archive/9.xml"]
    paths += ["/articles/0-x", "/articles/1-y", "/media/a.png", "/static/site.css", "nginx.conf"]
    known = {"/articles/0-x", "/feeds/a/archive/9.xml", "/"}
    groups = [[item.path for item in batch] for batch in order(map(_item, paths), known)]
    assert groups == [
        ["/media/a.png", "/static/site.css"],
        ["/articles/1-y"],
        ["/articles/0-x"],
        ["/feeds/a/archive/10.xml"],
        ["/feeds/a/archive/9.xml"],
        ["/feeds/a.xml"],
        ["/sections/a"],
        ["/sitemap-2.xml"],
        ["/feeds.opml", "/feeds/", "/sitemap.xml"],
        ["/"],
        ["nginx.conf"],
    ]
    assert level_of("/feeds/tag/archive/1.xml")[0] == level_of("/feeds/a/archive/1.xml")[0]


def _item(path: str) -> Item:
    return Item(path, "mark")


def test_what_is_stale() -> None:
    """What is new, or another, or in doubt, or of another layout, or never known."""
    layout = Layout()
    records = {path: Record("mark", "d", ("",)) for path in ("/a", "/b", "/c", "/d")}
    manifest = Manifest("site", layout, records, [()])
    items = [_item("/a"), Item("/b", "other"), Item("/c", ""), _item("/d"), _item("/new")]
    stale, kept = find_stale(items, manifest, layout, {"d.gz"})
    assert [item.path for item in stale] == ["/b", "/c", "/d", "/new"] and list(kept) == ["/a"]
    stale, kept = find_stale(items, manifest, Layout(plain_names=True), ())
    assert len(stale) == 5 and not kept


def test_what_is_deleted() -> None:
    """Only what we put or may have put, and what points goes before what it pointed to."""
    layout = Layout()
    old = {
        path: Record("m", "d", ("", ".gz"))
        for path in ("/articles/0-x", "/sections/a", "/feeds/a.xml", "/media/a.png", "/kept")
    }
    before = Manifest("site", layout, old, [()])
    after = {"/kept": Record("m", "new", ("",)), "/feeds/a.xml": Record("m", "d", (), 0, "/b")}
    names = find_unwanted(before, {"articles/2.html", "kept.br", "kept"}, after, layout)
    assert names == [
        *("sections/a.html", "sections/a.html.gz", "feeds/a.xml", "feeds/a.xml.gz"),
        *("articles/0-x.html", "articles/0-x.html.gz", "articles/2.html"),
        *("kept.br", "kept.gz", "media/a.png", "media/a.png.gz"),
    ]


def test_redirects_are_quoted() -> None:
    """No name can end its line, or be taken for a word of nginx's language."""
    records = {'/feeds/tag/a"; b $c\\.rss': Record("m", "d", location="/feeds/$x.xml")}
    assert write_nginx_map(records, "/news") == (
        b'"/feeds/tag/a\\"; b $c\\\\.rss" "/feeds/${feedsvc_dollar}x.xml";\n"/news" "/news/";\n'
    )
    assert write_redirects(records) == (b"/feeds/tag/a%22;%20b%20$c%5C.rss /feeds/$x.xml 301\n")


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///x", "s3://news/../c", "s3://news//c", "s3://news/c?d"]
)
def test_urls_that_are_no_bucket(url: str) -> None:
    with pytest.raises(ExportError, match="write s3://bucket"):
        BucketTarget(url)


def test_a_key_in_a_url_is_not_told() -> None:
    with pytest.raises(ExportError, match="leave out the credentials") as told:
        BucketTarget("s3://AKIA:secret@news/feeds")
    assert "secret" not in str(told.value)


def test_urls_of_buckets() -> None:
    assert BucketTarget("s3://news").name == BucketTarget("s3://news/").name == "s3://news"
    assert BucketTarget("s3://news/c/d/").name == "s3://news/c/d"

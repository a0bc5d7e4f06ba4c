"""Where what is published leads: links, redirects, and a site below a path."""

from __future__ import annotations

import re
from pathlib import Path

import feedparser
from media_files import draw_picture
from publication_samples import NOON, client_of, feeds_of, look
from sites import Site, article, clock_from, parse_atom

from feedsvc.publication import load_publication
from feedsvc.service import Service


def test_content_link_template_is_filled(site: Site, service: Service) -> None:
    """Links go where the admin's own site has its pages; an article's own link wins; ids stay."""
    site.write("sports/a b.md", article("A Match: Ünited", date="2026-01-02"))
    site.write("sports/own.md", article("Own", date="2026-01-01", link="https://else.example/x"))
    plain = {one.title: one for one in parse_atom(feeds_of(look(service), "sports")["atom"])}
    text = site.config.read_text().replace(
        "  folder: content\n",
        "  folder: content\n"
        '  link: "https://www.x.example/{section}/{year}/{month}/{day}/{slug}-{id}?p={path}"\n',
    )
    site.config.write_text(text)
    service.reload(site.load())
    publication = load_publication(service.store)
    match, own = parse_atom(feeds_of(publication, "sports")["atom"])
    uid = re.search(r"/articles/([0-9a-f]{16})-", plain[match.title].link)
    assert uid
    slug = plain[match.title].link.rpartition(f"{uid[1]}-")[2]
    link = f"https://www.x.example/sports/2026/01/02/{slug}-{uid[1]}?p=sports/a%20b"
    assert match.link == link
    assert feedparser.parse(feeds_of(publication, "sports")["xml"]).entries[0].link == link
    assert own.link == "https://else.example/x"
    assert {match.id, own.id} == {one.id for one in plain.values()}  # F14
    assert match.updated == plain[match.title].updated


def test_F22_R49_R55_base_url_with_a_path(tmp_path: Path) -> None:
    """Every link and redirect has the path once, whether or not a proxy strips it."""
    base = "https://x.example/news"
    site = Site(tmp_path / "site", base_url=f"{base}/")
    text = article("Pictured", "See ![this](pictures/a.jpg) here.", date="2026-01-02")
    site.write("sports/a.md", text)
    site.write("sports/pictures/a.jpg", draw_picture(2, 2))
    with site.service(clock_from(NOON)) as service:
        publication = look(service)
    client = client_of(publication, base)
    for form in ("xml", "atom"):
        feed = feedparser.parse(feeds_of(publication, "sports")[form])
        selves = [link.href for link in feed.feed.links if link.rel == "self"]
        assert selves == [f"{base}/feeds/sports.{form}"]
        assert feed.feed.link == f"{base}/sections/sports"
    (item,) = parse_atom(feeds_of(publication, "sports")["atom"])
    assert item.link.startswith(f"{base}/articles/")
    assert f'src="{base}/media/sports/pictures/a.jpg"' in item.content
    for form, body in feeds_of(publication, "sports").items():
        assert b"/news/news" not in body, form
        assert not re.search(rb"https://x\.example/(?!news/|news\b)", body), form
    redirects = {
        path: one.location for path, one in publication.representations.items() if one.location
    }
    assert redirects["/feeds/sports.rss"] == "/news/feeds/sports.xml"
    assert redirects["/feed"] == redirects["/rss"] == "/news/feeds/all.xml"  # R60
    assert redirects["/feeds"] == "/news/feeds/"
    for path, target in redirects.items():
        for asked in (path, f"/news{path}"):
            answer = client.get(asked)
            assert (answer.status_code, answer.headers["Location"]) == (301, target)
        followed = client.get(target)
        assert followed.status_code == 200, target  # R21: one hop
        assert followed.data == client.get(target.removeprefix("/news")).data
    assert client.get("/news").headers["Location"] == "/news/"
    assert client.get("/news/").status_code == 200
    for path in re.findall(rb'(?:href|src)="(/[^"]*)"', client.get("/news/").data):
        assert path.startswith(b"/news/"), path

"""What the world sees: the bytes of every path, how they come about, change and go away."""

from __future__ import annotations

import gzip
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import feedparser
import pytest
import zstandard
from sites import (
    FORMATS,
    Site,
    article,
    clock_from,
    parse_atom,
    parse_feed,
    plain_environment,
    plain_text,
)
from werkzeug.test import Client

import feedsvc.publication.build as build_module
from feedsvc.model import Publication
from feedsvc.publication import NOTHING, load_publication
from feedsvc.service import Service
from feedsvc.web.fastpath import FastPath

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECTIONS = ("politics", "sports", "culture")

DECODERS = {
    "identity": lambda body: body,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    """An engine on the empty site, at noon."""
    with site.service(clock_from(NOON)) as service:
        yield service


def look(service: Service) -> Publication:
    """Take what lies in the folder, deletions at once, and return what is published."""
    take(service)
    return load_publication(service.store)


def take(service: Service) -> None:
    """Take and publish what lies in the folder, some seconds after the last time.

    A feed is published once a second at most; the clock saves the tests the wait.
    """
    service.clock = clock_from(service.clock() + timedelta(seconds=2))
    service.finish_pass(service.scan(None, True), True)


def feeds_of(publication: Publication, name: str) -> dict[str, bytes]:
    """Return a feed's plain bytes by format."""
    found = publication.representations
    return {form: found[f"/feeds/{name}.{form}"].bodies["identity"] for form in FORMATS}


def titles_of(publication: Publication, name: str) -> list[str]:
    """Return the titles of a feed in their order, and check that its formats agree."""
    formats = [
        [item["title"] for item in parse_feed(form, body)]
        for form, body in feeds_of(publication, name).items()
    ]
    assert formats[0] == formats[1] == formats[2]
    return formats[0]


def client_of(publication: Publication, base_url: str = "http://gazette.test") -> Client:
    """Return an HTTP client of a web worker that has loaded the publication."""
    fast = FastPath(lambda environ, start: pytest.fail(f"not published: {environ['PATH_INFO']}"))
    fast.publish(publication, base_url)
    return Client(fast)


def test_R35_empty_site_has_valid_feeds(service: Service) -> None:
    """An empty section is a valid, titled feed in every format, and dated."""
    publication = look(service)
    for name in ("all", *SECTIONS):
        assert titles_of(publication, name) == []
        for form in ("xml", "atom"):
            parsed = feedparser.parse(feeds_of(publication, name)[form])
            assert not parsed.bozo, parsed
            assert parsed.feed.title and parsed.feed.link and parsed.feed.updated_parsed
    assert "Sports" in feedparser.parse(feeds_of(publication, "sports")["xml"]).feed.title


def test_removed_section_goes_away_and_a_new_one_is_filled(site: Site, service: Service) -> None:
    """Its paths answer 404, the articles stay on the site; the new section takes what is its."""
    site.write("culture/film.md", article("A film", date="2026-01-02"))
    site.write("travel/trip.md", article("A trip", date="2026-01-03"))
    before = look(service)
    ids = {item.title: item.id for item in parse_atom(feeds_of(before, "all")["atom"])}
    text = site.config.read_text().replace("  culture: Arts and Culture\n", "  travel: Travel\n")
    site.config.write_text(text)
    service.reload(site.load())
    after = load_publication(service.store, before)
    gone = {path for path in before.representations if "culture" in path}
    assert gone == {*(f"/feeds/culture.{end}" for end in (*FORMATS, "rss")), "/sections/culture"}
    changes = service.store.representations_since(before.revision)
    assert {path for path, found in changes.items() if found is None} == gone
    assert not gone & after.representations.keys()
    client = client_of(after)
    assert {client.get(f"/feeds/culture.{form}").status_code for form in FORMATS} == {404}
    assert client.get("/feeds/travel.xml").status_code == 200
    assert titles_of(after, "travel") == ["A trip"]
    assert titles_of(after, "all") == ["A trip", "A film"]
    assert {item.title: item.id for item in parse_atom(feeds_of(after, "all")["atom"])} == ids
    for path in ("/", "/feeds/", "/feeds.opml"):
        assert b"culture" not in after.representations[path].bodies["identity"]


def test_section_that_comes_back_is_published_again(site: Site, service: Service) -> None:
    """A removed section leaves nothing behind that would keep it from coming back."""
    site.write("culture/film.md", article("A film", date="2026-01-02"))
    before, text = look(service), site.config.read_text()
    site.config.write_text(text.replace("  culture: Arts and Culture\n", ""))
    service.reload(site.load())
    assert "/feeds/culture.xml" not in load_publication(service.store).representations
    site.config.write_text(text)
    service.reload(site.load())
    after = load_publication(service.store)
    assert titles_of(after, "culture") == ["A film"]
    assert after.representations.keys() == before.representations.keys()


@pytest.mark.parametrize("seed", range(6))
def test_incremental_load_equals_a_full_one(site: Site, service: Service, seed: int) -> None:
    """A worker that loads only what changed, at whatever moments, sees what a new one sees."""
    chance, plain = random.Random(seed), site.config.read_text()
    kept = look(service)
    lines = {name: line for line in plain.splitlines(True) if (name := line.split(":")[0].strip())}
    for step in range(12):
        files = sorted(site.content.rglob("*.md"))
        match chance.choice(["write", "write", "edit", "delete", "sections", "items"]):
            case "edit" if files:
                chance.choice(files).write_text(article(f"Edited {step}", date="2026-01-02"))
            case "delete" if files:
                chance.choice(files).unlink()
            case "sections":
                out = chance.sample(SECTIONS, chance.randint(0, 2))
                site.config.write_text("".join(lines[name] for name in lines if name not in out))
                service.reload(site.load())
            case "items":
                text = re.sub(r"feeds:.*", "", site.config.read_text())
                site.config.write_text(text + f"feeds: {{items: {chance.randint(1, 3)}}}")
                service.reload(site.load())
            case _:
                path = f"{chance.choice(SECTIONS)}/{step}.md"
                site.write(path, article(f"Number {step}", date=f"2026-01-{step + 1:02}"))
        take(service)
        if chance.random() < 0.5:
            kept = load_publication(service.store, kept)
            assert kept == load_publication(service.store)
    kept = load_publication(service.store, kept)
    assert kept == load_publication(service.store, NOTHING)
    assert load_publication(service.store, kept) is kept


LOOSE = "The goalkeeper saved a penalty; the coach praised the team, the league and its stadium."

ARTICLES = {
    **{
        f"{name}/{number}.md": article(
            f"{name.title()} no. {number}: “Élan”",
            f"What {name} did on day {number}, told *slowly*.\n\n![Picture](picture.jpg)",
            date=f"2026-0{number % 3 + 1}-1{number} 0{number}:30",  # no zone: the site's
            tags=f"[{name}, day {number}]",
        )
        for name in SECTIONS
        for number in range(9)
    },
    # Namesakes: which of the two gets the plain id must not depend on who is read first.
    **{f"twins/{n}.md": article(f"Markdown {n}", date="2026-05-01") for n in range(4)},
    **{f"twins/{n}.txt": f"Text {n}\n\nMay 2, 2026\n\nWords of {n}.\n" for n in range(4)},
    "sports/page.html": "<html><head><title>A page</title>"
    '<meta name="date" content="2026-05-06T07:08:09+02:00"></head>'
    "<body><article><p>The page says this, and it says it at some length.</p></article></body>",
    "politics/plain.txt": "A plain text\n\nMay 7, 2026\n\nIt says something in a few words.\n",
    "same.md": article("The same moment", LOOSE, date="2026-03-01"),
    "culture/same.md": article("The same moment too", date="2026-03-01"),
    "politics/same.md": article("And a third", date="2026-03-01", sections="[politics, sports]"),
    "loose.md": article("The match of the league", LOOSE, date="2026-04-01"),
    "culture/naïve café.md": article("Accents in a name", date="2026-04-02"),
}


def published_bytes(site: Site, seed: int, environment: dict[str, str]) -> dict[str, object]:
    """Write all articles in some order, scan in a process of its own, return what feeds say."""
    paths = sorted(ARTICLES)
    random.Random(seed).shuffle(paths)
    for age, path in enumerate(paths):
        os.utime(site.write(path, ARTICLES[path]), (1.7e9 + age * seed * 1000,) * 2)
    done = subprocess.run(
        [sys.executable, "-m", "feedsvc", "scan", "--config", str(site.config)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**plain_environment(), **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with site.service() as service:
        found = load_publication(service.store).representations
    return {
        path: (one.bodies, one.etag, one.modified, one.content_type, one.max_age)
        for path, one in found.items()
        if path.startswith("/feeds/") and path.endswith(FORMATS)
    }


def test_F9_F15_R10_bytes_depend_on_the_articles_alone(tmp_path: Path) -> None:
    """F21, R42: not on the order of writing, TZ, locale, hash seed or the folder's place."""
    keywords = "\nfiling: {threshold: 0}\n"
    environments = [
        {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "Asia/Kolkata", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "2"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "LC_TIME": "ja_JP", "PYTHONHASHSEED": "3"},
    ]
    results = []
    for seed, environment in enumerate(environments, 1):
        site = Site(tmp_path / f"site {seed}")
        site.configure(keywords)
        results.append(published_bytes(site, seed, environment))
    assert len(results[0]) == 4 * len(FORMATS)
    assert results[1] == results[0]
    assert results[2] == results[0]
    body = results[0]["/feeds/all.xml"][0]["identity"].decode()  # type: ignore[index]
    assert body.count("<item>") == len(ARTICLES)
    assert "Thu, 07 May 2026 00:00:00 +0000" in body  # F9: English, whatever the locale


def test_F12_F13_R10_nothing_new_is_published_without_a_change(site: Site) -> None:
    """Neither by a rescan, a restart, a touched file, a copy of its bytes nor a whole reread."""
    for path, text in ARTICLES.items():
        site.write(path, text)
    with site.service(clock_from(NOON)) as service:
        before = look(service)
        assert look(service) == before
    with site.service(clock_from(NOON.replace(day=25))) as service:
        assert load_publication(service.store) == before
        assert look(service) == before
        for path in ARTICLES:
            os.utime(site.content / path)
        assert look(service) == before
        fresh = site.content / "sports/fresh"
        fresh.write_text(ARTICLES["sports/1.md"])
        fresh.replace(site.content / "sports/1.md")
        assert look(service) == before
        with service.store.writing() as writer:
            writer.mark_dirty({"all", *SECTIONS})
        published = service.publish()
        assert (published.revision, published.feeds) == (0, ())
        service.reload(site.load())
        assert load_publication(service.store) == before


def test_F13_R11_only_the_feeds_that_are_touched_are_built(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit builds its sections and the whole site's; a move builds both sections."""
    for name in SECTIONS:
        site.write(f"{name}/a.md", article(f"Of {name}", date="2026-01-02"))
    before = look(service)
    built: list[str] = []
    make_live_feed = build_module.make_live_feed

    def make_and_note(name, *rest):  # type: ignore[no-untyped-def]
        built.append(name)
        return make_live_feed(name, *rest)

    monkeypatch.setattr(build_module, "make_live_feed", make_and_note)
    site.write("politics/a.md", article("Of politics, edited", date="2026-01-02"))
    after = look(service)
    assert sorted(built) == ["all", "politics"]
    changed = service.store.representations_since(before.revision).keys()
    feeds = {path for path in changed if path.endswith(FORMATS)}
    assert feeds == {f"/feeds/{name}.{form}" for name in ("all", "politics") for form in FORMATS}
    assert "/sections/politics" in changed and "/sections/sports" not in changed
    built.clear()
    (site.content / "politics/a.md").rename(site.content / "sports/moved.md")
    moved = look(service)
    assert sorted(built) == ["all", "politics", "sports"]
    assert titles_of(moved, "politics") == []
    assert sorted(titles_of(moved, "sports")) == ["Of politics, edited", "Of sports"]
    assert feeds_of(moved, "culture") == feeds_of(after, "culture") == feeds_of(before, "culture")


LIMITS = """\
  travel:
    title: Travel
    feed: {items: 2, content: full}
  wire:
    title: From the Wire
    feed: {items: 6}
feeds: {items: 4, content: summary}
"""


def test_F20_F21_items_and_content_follow_feeds_and_the_section(site: Site) -> None:
    """``feeds`` holds for all, ``sections.x.feed`` over it; the newest stay, newest first."""
    site.configure(LIMITS)
    body = "The first sentence of it. " + "And much more is said. " * 40 + "The very end."
    for name in ("politics", "travel", "wire"):
        for number in random.Random(1).sample(range(1, 8), 7):
            text = article(f"{name} {number}", body, date=f"2026-01-0{number}", summary="In short")
            site.write(f"{name}/{number}.md", text)
    with site.service(clock_from(NOON)) as service:
        publication = look(service)
    assert titles_of(publication, "politics") == [f"politics {n}" for n in (7, 6, 5, 4)]
    assert titles_of(publication, "travel") == ["travel 7", "travel 6"]
    assert titles_of(publication, "wire") == [f"wire {n}" for n in (7, 6, 5, 4, 3, 2)]
    assert len(titles_of(publication, "all")) == 4
    for form, body_ in feeds_of(publication, "travel").items():
        for item in parse_feed(form, body_):
            assert "The very end." in item["content"]
    links = {item.id: item.link for item in parse_atom(feeds_of(publication, "politics")["atom"])}
    for form, body_ in feeds_of(publication, "politics").items():
        for item in parse_feed(form, body_):
            assert plain_text(item["content"]).startswith("In short")
            assert "And much more" not in item["content"]
            assert f'href="{links[item["id"]]}"' in item["content"]


def test_F20_bytes_are_limited_in_every_format(site: Site) -> None:
    """Older entries go until every format fits; the newest stays."""
    site.configure("feeds: {max_bytes: 10000}\n")
    for number in range(1, 9):
        text = article(f"Number {number}", "Words & *more*. " * 60, date=f"2026-01-0{number}")
        site.write(f"sports/{number}.md", text)
    with site.service(clock_from(NOON)) as service:
        publication = look(service)
    titles = titles_of(publication, "sports")
    assert 1 < len(titles) < 8 and titles[0] == "Number 8"
    assert max(map(len, feeds_of(publication, "sports").values())) <= 10_000


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


def test_every_encoding_decodes_to_the_plain_bytes(site: Site, service: Service) -> None:
    """R1, R15: strong tags, one an encoding, and each body is what its header says."""
    for path, text in ARTICLES.items():
        site.write(path, text)
    publication = look(service)
    client = client_of(publication)
    for path, found in publication.representations.items():
        plain, tags = found.bodies["identity"], set()
        for coding, body in found.bodies.items():
            assert DECODERS[coding](body) == plain, (path, coding)
            assert coding == "identity" or len(body) < len(plain)
            answer = client.get(path, headers={"Accept-Encoding": coding})
            assert answer.headers.get("Content-Encoding", "identity") == coding
            assert answer.data == body
            tag = answer.headers["ETag"]
            assert re.fullmatch(r'"[^"]+"', tag), "a strong tag"
            tags.add(tag)
            if not found.location:
                again = {"Accept-Encoding": coding, "If-None-Match": tag}
                assert client.get(path, headers=again).status_code == 304
        assert len(tags) == len(found.bodies), path
        if path.endswith(FORMATS) and not found.location:
            assert found.bodies.keys() == DECODERS.keys(), path


def test_F16_R40_a_story_in_two_sections_is_one_story(site: Site, service: Service) -> None:
    """One id in every section and format, however often it is shown."""
    site.write("a.md", article("Both", date="2026-01-02", sections="[politics, sports]"))
    publication = look(service)
    ids = {
        item["id"]
        for name in ("all", "politics", "sports")
        for form, body in feeds_of(publication, name).items()
        for item in parse_feed(form, body)
    }
    assert len(ids) == 1
    assert titles_of(publication, "culture") == []

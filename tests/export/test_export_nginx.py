"""nginx over an export answers as our own server does, address by address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from media_files import record_mp3
from nginx_site import serving_folder
from servers import NGINX
from sites import Answer, Server, Site, article, ask, serving

from feedsvc.export import FolderTarget, PublishedSite, export_site
from feedsvc.store import Store

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is missing: apt-get install nginx")

CODINGS = ("", "gzip", "br", "zstd", "gzip, deflate, br, zstd", "br;q=0, gzip", "identity")
SOUND = record_mp3(3)

# What a browser or a reader goes by.
COMPARED = ("content-type", "cache-control", "content-encoding", "vary", "link")
COMPARED += ("content-security-policy", "x-content-type-options", "referrer-policy")

MORE = """\
  music:
    title: Music
    moved_from: [songs]
removed: [opera]
feeds:
  items: 10
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, int, Path, Site]]:
    """Our own server, and an nginx over what it publishes."""
    root = tmp_path_factory.mktemp("export")
    site = Site(root / "site")
    site.configure(MORE)
    now = datetime.now(UTC)
    for number in range(70):
        date = (now - timedelta(hours=number + 1)).isoformat()
        text = article(f"Story {number}", "A long story. " * 80, date=date, tags="[C++, a b]")
        site.write(f"{('politics', 'sports')[number % 2]}/{number}.md", text)
    site.write("music/talk.md", article("Talk", audio="talk.mp3"))
    site.write("music/talk.mp3", SOUND)
    site.write("music/gone.md", article("Gone"))
    site.scan()
    (site.content / "music/gone.md").unlink()
    site.scan()
    folder = root / "out"
    with serving(site) as server:
        store = Store(f"sqlite:///{site.store}")
        export_site(PublishedSite(store, site.content, lambda: datetime.now(UTC)), target(folder))
        store.close()
        with serving_folder(root / "nginx", folder) as port:
            yield server, port, folder, site


def target(folder: Path) -> FolderTarget:
    return FolderTarget(folder)


def told(answer: Answer) -> dict[str, object]:
    return {name: answer.headers.get(name) for name in COMPARED}


def list_paths(folder: Path) -> list[str]:
    """Return the address of each exported file."""
    found = []
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if not file.is_file() or name.startswith((".", "_", "nginx", "404")):
            continue
        if name.endswith((".gz", ".br", ".zst")):
            continue
        path = "/" + name.removesuffix("index.html")
        found.append(path.removesuffix(".html").replace(" ", "%20"))
    return found


def test_all_addresses_answer_alike(both: tuple[Server, int, Path, Site]) -> None:
    server, port, folder, _ = both
    paths = list_paths(folder)
    kinds = {"/", "/feeds/", "/feeds.opml", "/sections/politics", "/feeds/politics.xml"}
    kinds |= {"/feeds/politics/archive/1.atom", "/sitemap.xml", "/media/music/talk.mp3"}
    kinds |= {"/feeds/tag/c++.json"}
    assert kinds <= set(paths) and sum(path.startswith("/articles/") for path in paths) == 71
    for path in paths:
        for coding in CODINGS if path in kinds or path.startswith("/feeds/") else ("", "br"):
            headers = {"Accept-Encoding": coding} if coding else {}
            ours, theirs = server.get(path, **headers), ask(port, path, headers=headers)
            assert (theirs.status, theirs.body) == (ours.status, ours.body), (path, coding)
            assert told(theirs) == told(ours), (path, coding)
            if "sitemap" not in path:  # ours are as new as the moment
                assert theirs.headers["last-modified"] == ours.headers["last-modified"], path


def test_conditions(both: tuple[Server, int, Path, Site]) -> None:
    """A strong ETag for each coding; 304 by it and by date, and the full answer to others."""
    server, port, _, _ = both
    for path in ("/feeds/politics.xml", "/", "/feeds/", "/sections/politics", "/feeds/all.json"):
        tags = set()
        for coding in ("", "gzip", "br", "zstd"):
            headers = {"Accept-Encoding": coding} if coding else {}
            first = ask(port, path, headers=headers)
            tags.add(first.headers["etag"])
            for name, value, status in (
                ("If-None-Match", first.headers["etag"], 304),
                ("If-None-Match", '"other"', 200),
                ("If-Modified-Since", first.headers["last-modified"], 304),
                ("If-Modified-Since", "Thu, 01 Jan 2015 00:00:00 GMT", 200),
            ):
                again = ask(port, path, headers={**headers, name: value})
                ours_value = server.get(path, **headers).headers["etag"]
                asked = ours_value if status == 304 and name == "If-None-Match" else value
                ours = server.get(path, **headers, **{name: asked})
                assert again.status == ours.status == status, (path, coding, name)
                assert again.body == ours.body
                if status == 304:
                    assert told(again) | {"x-content-type-options": None} == told(ours) | {
                        "x-content-type-options": None,
                        "content-security-policy": again.headers.get("content-security-policy"),
                        "referrer-policy": again.headers.get("referrer-policy"),
                    }
        assert len(tags) == 4 and not any(tag.startswith("W/") for tag in tags), path


@pytest.mark.parametrize(
    "path", ["/feed", "/rss.xml", "/feeds", "/feeds/politics.rss", "/feeds/songs.atom"]
)
def test_redirects(both: tuple[Server, int, Path, Site], path: str) -> None:
    server, port, folder, _ = both
    ours, theirs = server.get(path), ask(port, path)
    assert ours.status == theirs.status == 301
    assert theirs.headers["location"] == ours.headers["location"]
    assert theirs.headers["cache-control"] == ours.headers["cache-control"]
    assert f"{path} {ours.headers['location']} 301\n" in (folder / "_redirects").read_text()


def test_what_is_gone(both: tuple[Server, int, Path, Site]) -> None:
    server, port, folder, _ = both
    (gone,) = (folder / "_gone/articles").iterdir()
    for path in (
        "/feeds/opera.xml",
        "/feeds/opera.json",
        "/sections/opera",
        f"/articles/{gone.name}",
    ):
        ours, theirs = server.get(path), ask(port, path)
        assert ours.status == theirs.status == 410, path
        assert theirs.body == ours.body and told(theirs) == told(ours), path


def test_what_is_not_there(both: tuple[Server, int, Path, Site]) -> None:
    server, port, _, _ = both
    for path in ("/none", "/feeds/none.xml", "/articles/none"):
        ours, theirs = server.get(path), ask(port, path)
        assert ours.status == theirs.status == 404, path
        assert theirs.body == ours.body, path
        for name in ("content-type", "cache-control"):
            assert theirs.headers[name] == ours.headers[name], path


@pytest.mark.parametrize(
    "path",
    [
        "/.feedsvc-export/manifest.json.gz",
        "/_redirects",
        "/nginx.conf",
        "/feeds/all.xml.gz",
        "/index.html",
        "/404.html",
        "/_gone/feeds/opera.xml",
        "/feeds/index.html",
    ],
)
def test_what_is_no_address(both: tuple[Server, int, Path, Site], path: str) -> None:
    server, port, folder, _ = both
    assert (folder / path[1:]).is_file()
    assert ask(port, path).status == server.get(path).status == 404


def test_below_a_path_of_the_host(tmp_path: Path) -> None:
    """The rest of the host is not ours: nothing of the folder lies there."""
    site = Site(tmp_path / "site", base_url="http://gazette.test/the/news.x")
    site.write("politics/1.md", article("Story"))
    site.scan()
    folder = tmp_path / "out"
    store = Store(f"sqlite:///{site.store}")
    export_site(PublishedSite(store, site.content, lambda: datetime.now(UTC)), target(folder))
    store.close()
    with serving_folder(tmp_path / "nginx", folder, "/the/news.x/") as port:
        for path in ("/the/news.x/", "/the/news.x/feeds/politics.xml", "/the/news.x/feeds.opml"):
            assert ask(port, path).status == 200, path
        moved = ask(port, "/the/news.x/feeds")
        assert (moved.status, moved.headers["location"]) == (301, "/the/news.x/feeds/")
        missing = ask(port, "/the/news.x/none")
        assert missing.status == 404 and missing.body == (folder / "404.html").read_bytes()
        for file in (file for file in folder.rglob("*") if file.is_file()):
            path = f"/{file.relative_to(folder).as_posix()}"
            assert ask(port, path).status == 404, path
            if file.suffix in (".gz", ".br", ".zst", ".conf", ".map"):
                assert ask(port, f"/the/news.x{path}").status == 404, path


def test_parts_of_media(both: tuple[Server, int, Path, Site]) -> None:
    _, port, _, _ = both
    answer = ask(port, "/media/music/talk.mp3", headers={"Range": "bytes=5-99"})
    assert answer.status == 206 and answer.body == SOUND[5:100]

"""Media files over HTTP: what podcast apps and browsers ask, and what nobody may have."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import unicodedata
from collections.abc import Callable, Iterator
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from media_files import draw_picture, film_mp4, record_mp3, record_wav
from sites import Answer, Server, Site, article, serving
from workers import Fetch, Worker

from feedsvc.web.media import STREAMS_MOST, WHOLE_MOST, Span, UnsatisfiableError, read_range

SOUND = record_mp3(20)
FILM = bytes(range(256)) * 10_000  # does not fit into one piece, nor into what goes out at once
SOUND_PATH, FILM_PATH = "/media/talks/talk.mp3", "/media/talks/film.mp4"

# The name on the disk, its bytes, and the type that it must have.
FILES = {
    "a.avif": (draw_picture(64, 64, "AVIF"), "image/avif"),
    "a.gif": (draw_picture(2, 2, "GIF"), "image/gif"),
    "a.JPG": (draw_picture(2, 2, "JPEG"), "image/jpeg"),
    "a.webp": (draw_picture(2, 2, "WEBP"), "image/webp"),
    "is a png.jpg": (draw_picture(2, 2), "image/png"),
    "is no picture.jpg": (b"<script>alert(1)</script>", "image/jpeg"),
    "a.aac": (b"\xff\xf1" + bytes(20), "audio/aac"),
    "a.flac": (b"fLaC" + bytes(20), "audio/flac"),
    "a.m4a": (film_mp4(1, b"M4A "), "audio/mp4"),
    "a.m4b": (film_mp4(1, b"M4B "), "audio/mp4"),
    "a.mp3": (SOUND, "audio/mpeg"),
    "a.oga": (b"OggS" + bytes(20), "audio/ogg"),
    "a.ogg": (b"OggS" + bytes(20), "audio/ogg"),
    "a.opus": (b"OggS" + bytes(20), "audio/ogg"),
    "a.wav": (record_wav(0.1), "audio/wav"),
    "a.m4v": (film_mp4(1, b"M4V "), "video/mp4"),
    "a.mov": (film_mp4(1, b"qt  "), "video/quicktime"),
    "a.mp4": (film_mp4(1), "video/mp4"),
    "a.webm": (b"\x1a\x45\xdf\xa3" + bytes(20), "video/webm"),
    "a.epub": (b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zip", "application/epub+zip"),
    "a.pdf": (b"%PDF-1.7", "application/pdf"),
    "a.srt": (b"1\n", "application/x-subrip"),
    "a.vtt": (b"WEBVTT", "text/vtt; charset=utf-8"),
    "empty.mp3": (b"", "audio/mpeg"),
    "my photo #1 100%.png": (draw_picture(2, 2), "image/png"),
    "100%25 sure?.png": (draw_picture(2, 2), "image/png"),
    'it\'s "so" & <so>;.png': (draw_picture(2, 2), "image/png"),
    "a+b=c,d[1](2)~!@$^`{|}.png": (draw_picture(2, 2), "image/png"),
    "🎻 solo.png": (draw_picture(2, 2), "image/png"),
    unicodedata.normalize("NFD", "Café Ångström.png"): (draw_picture(3, 3), "image/png"),
}


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with files of every kind and name."""
    site = Site(tmp_path_factory.mktemp("talks"))
    site.write("talks/talk.md", article("Talk", enclosure="talk.mp3", date="2026-01-02"))
    site.write("talks/talk.mp3", SOUND)
    site.write("talks/film.mp4", FILM)
    for name, (data, _) in FILES.items():
        site.write(f"talks/{name}", data)
    site.write(".hidden/talk.mp3", SOUND)
    site.write(unicodedata.normalize("NFD", "Übungen/é.mp3"), SOUND)
    (site.root / "outside.mp3").write_bytes(SOUND)
    (site.root / "outside").mkdir()
    (site.root / "outside/talk.mp3").write_bytes(SOUND)
    links = {"away.mp3": "../../outside.mp3", "away": "../../outside", "secret.mp3": "talk.md"}
    links |= {"hidden.mp3": "../.hidden/talk.mp3", "lost.mp3": "none.mp3", "same.mp3": "talk.mp3"}
    for name, target in links.items():
        (site.content / "talks" / name).symlink_to(target)
    os.mkfifo(site.content / "talks/pipe.mp3")
    (site.content / "talks/folder.mp3").mkdir()
    site.scan()
    return site


@pytest.fixture(scope="module")
def server(talks: Site) -> Iterator[Server]:
    """The site behind real HTTP."""
    with serving(talks) as server:
        yield server


@pytest.fixture(params=["flask", "http"])
def fetch(
    request: pytest.FixtureRequest,
    talks: Site,
    server: Server,
    open_worker: Callable[..., Worker],
) -> Fetch:
    """Ask the site for a path, both ways."""
    return open_worker(talks).fetch if request.param == "flask" else server.get


@pytest.mark.parametrize("name", FILES)
def test_files_have_their_type_and_bytes(fetch: Fetch, name: str) -> None:
    """Whatever they are called, and however the disk spells it; nothing is guessed by a browser."""
    data, type_ = FILES[name]
    answer = fetch(f"/media/talks/{quote(unicodedata.normalize('NFC', name))}")
    assert (answer.status, answer.headers["content-type"]) == (200, type_)
    assert answer.body == data
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["accept-ranges"] == "bytes"
    policy = answer.headers["content-security-policy"]
    assert policy == "script-src 'none'" or policy.startswith("default-src 'none'")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_folders_are_found_however_spelled(fetch: Fetch, form: str) -> None:
    path = unicodedata.normalize(form, "Übungen/é.mp3")
    assert fetch(f"/media/{quote(path)}").body == SOUND


@pytest.mark.parametrize("path", [SOUND_PATH, FILM_PATH])
def test_R17_F24_head_is_get_without_a_body(fetch: Fetch, path: str) -> None:
    """Podcast apps and Apple's validator ask by HEAD first."""
    got, head = fetch(path), fetch(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(got.body))
    for name in ("content-type", "etag", "last-modified", "accept-ranges", "cache-control"):
        assert head.headers[name] == got.headers[name]


def test_conditions(fetch: Fetch) -> None:
    """What a client has is not sent again."""
    answer = fetch(SOUND_PATH)
    tag, date = answer.headers["etag"], answer.headers["last-modified"]
    assert date == formatdate(parsedate_to_datetime(date).timestamp(), usegmt=True)
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        unchanged = fetch(SOUND_PATH, If_None_Match=condition)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert unchanged.headers["etag"] == tag
    assert fetch(SOUND_PATH, If_Modified_Since=date).status == 304
    assert fetch(SOUND_PATH, If_None_Match='"other"', If_Modified_Since=date).status == 200
    assert fetch(SOUND_PATH, If_Modified_Since=formatdate(0, usegmt=True)).status == 200
    assert fetch(SOUND_PATH, If_None_Match=tag, Range="bytes=0-1").status == 304


def test_conditions_that_fail(fetch: Fetch) -> None:
    """RFC 9110, 13.2.2: 412, never 304; a weak tag is no proof that the bytes are the same."""
    answer = fetch(SOUND_PATH)
    tag, date = answer.headers["etag"], answer.headers["last-modified"]
    epoch = formatdate(0, usegmt=True)
    for method in ("GET", "HEAD"):
        for condition in ('"other"', f"W/{tag}", '"a", "b"'):
            failed = fetch(SOUND_PATH, method, If_Match=condition, Range="bytes=0-1")
            assert (failed.status, failed.body) == (412, b"")
        for condition in (tag, "*", f'"other", {tag}'):
            assert fetch(SOUND_PATH, method, If_Match=condition).status == 200
            part = fetch(SOUND_PATH, method, If_Match=condition, Range="bytes=0-1")
            assert part.status == 206
        assert fetch(SOUND_PATH, method, If_Match=tag, If_Unmodified_Since=epoch).status == 200
        assert fetch(SOUND_PATH, method, If_Unmodified_Since=epoch).status == 412
        assert fetch(SOUND_PATH, method, If_Unmodified_Since=date).status == 200
    assert fetch(SOUND_PATH, If_Match=tag, If_None_Match=tag).status == 304


@pytest.mark.parametrize(("path", "data"), [(SOUND_PATH, SOUND), (FILM_PATH, FILM)])
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1), ("bytes=0-1", 0, 2), ("bytes=100-", 100, None),
        ("bytes=-100", -100, None), ("bytes=100-99999999", 100, None), ("bytes=0-", 0, None),
        ("bytes=-99999999", 0, None), ("BYTES = 5 - 9", 5, 10),
    ],
)  # fmt: skip
def test_parts(
    fetch: Fetch, path: str, data: bytes, asked: str, start: int, end: int | None
) -> None:
    """Players ask for the parts that they are about to play."""
    first, last, _ = slice(start, end).indices(len(data))
    for method in ("GET", "HEAD"):
        part = fetch(path, method, Range=asked)
        assert part.status == 206
        assert part.headers["content-range"] == f"bytes {first}-{last - 1}/{len(data)}"
        assert part.headers["content-length"] == str(last - first)
        assert part.body == (data[start:end] if method == "GET" else b"")


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0"])
def test_parts_behind_the_end(fetch: Fetch, asked: str) -> None:
    answer = fetch(SOUND_PATH, Range=asked)
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(SOUND)}")


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=5-2", "bytes=-", "bytes", "items=0-5", "bytes=0-1,5-9", "bytes=a-b", "bytes=--5", "",
        "bytes=0-1;", "bytes=" + "9" * 99 + "-", "bytes=٣-٥",
    ],
)  # fmt: skip
def test_ranges_that_nobody_can_mean(asked: str) -> None:
    """RFC 9110 14.2: they are ignored, and so are several at once."""
    assert read_range(asked, 100) is None


def test_range_of_nothing() -> None:
    for asked in ("bytes=0-", "bytes=-5"):
        with pytest.raises(UnsatisfiableError):
            read_range(asked, 0)
    assert read_range("bytes=99-", 100) == Span(99, 1)


def test_if_range(fetch: Fetch) -> None:
    """The rest of a file is of use only to who has the beginning of this very version."""
    answer = fetch(SOUND_PATH)
    tag, date = answer.headers["etag"], answer.headers["last-modified"]
    for condition, status in (
        (tag, 206), (date, 206), ('"other"', 200), (f"W/{tag}", 200),
        (formatdate(0, usegmt=True), 200), ("nonsense", 200),
    ):  # fmt: skip
        got = fetch(SOUND_PATH, Range="bytes=10-", If_Range=condition)
        assert (got.status, len(got.body)) == (status, len(SOUND) - (10 if status == 206 else 0))


def test_a_replaced_file_has_another_tag(site: Site, open_worker: Callable[..., Worker]) -> None:
    site.write("a.mp3", SOUND)
    site.scan()
    worker = open_worker(site)
    before = worker.fetch("/media/a.mp3").headers["etag"]
    site.write("a.mp3", bytes(len(SOUND)))
    assert worker.fetch("/media/a.mp3", If_None_Match=before).status == 200
    assert worker.fetch("/media/a.mp3", Range="bytes=1-", If_Range=before).status == 200


def test_R7_date_is_never_ahead(site: Site, open_worker: Callable[..., Worker]) -> None:
    """Files from a camera whose clock is wrong."""
    file = site.write("a.png", draw_picture(2, 2))
    os.utime(file, (4e9, 4e9))
    site.scan()
    worker = open_worker(site)
    date = parsedate_to_datetime(worker.fetch("/media/a.png").headers["last-modified"])
    assert date <= worker.live.clock()


@pytest.mark.parametrize(
    "path",
    [
        "talks/away.mp3", "talks/away/talk.mp3", "talks/secret.mp3", "talks/hidden.mp3",
        "talks/lost.mp3", "talks/pipe.mp3", "talks/folder.mp3", "talks/talk.md", ".hidden/talk.mp3",
        "talks/../../outside.mp3", "%2e%2e/outside.mp3", "talks/%2e%2e/%2e%2e/outside.mp3",
        "talks%2f..%2f..%2foutside.mp3", "../config.yaml", "talks/talk.mp3%00", "talks//talk.mp3",
        "talks/talk.mp3/", "talks/TALK.mp3", "talks\\talk.mp3", "%ff%fe.mp3", "a" * 5_000 + ".mp3",
    ],
)  # fmt: skip
def test_nothing_else_is_given_away(server: Server, path: str) -> None:
    """No articles, also by no link to one; nothing hidden, nothing outside, nothing that hangs."""
    answer = server.get(f"/media/{path}")
    assert answer.status == 404, answer
    assert SOUND[:100] not in answer.body and b"gazette.test,2026" not in answer.body


@pytest.mark.parametrize("path", ["/media//talks/talk.mp3", "/articles//x", "/media/talks//a.JPG"])
def test_F22_two_slashes_lead_to_no_host(server: Server, path: str) -> None:
    """A redirect would be made of the request's Host, and kept by caches."""
    answer = server.get(path, Host="evil.test")
    assert (answer.status, answer.headers.get("location")) == (404, None)


def test_link_within_the_folder_is_followed(fetch: Fetch) -> None:
    assert fetch("/media/talks/same.mp3").body == SOUND


def test_feed_leads_to_the_file(server: Server) -> None:
    """P25, P18, P42: type and length of the feed are those that HTTP says."""
    feed = server.get("/feeds/all.json").text
    assert f'"size_in_bytes":{len(SOUND)},"duration_in_seconds":20' in feed
    answer = server.get(SOUND_PATH, "HEAD")
    assert (answer.headers["content-type"], answer.headers["content-length"]) == (
        "audio/mpeg",
        str(len(SOUND)),
    )


# Slow readers


def begin_download(server: Server, path: str) -> tuple[socket.socket, bytes]:
    """Ask for a file, and read no more than its beginning."""
    line = socket.create_connection(("127.0.0.1", server.port), 10)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: gazette.test\r\n\r\n".encode())
    return line, line.recv(12)


def test_slow_downloads_hold_up_nobody(talks: Site, server: Server) -> None:
    """R28: as many as there may be, and one more; the feeds are served all the while."""
    long = talks.content / "talks/long.mp4"
    with long.open("wb") as file:
        file.truncate(100_000_000)  # a hole: it takes no room
    with contextlib.ExitStack() as stack:
        statuses = []
        for _ in range(STREAMS_MOST + 1):
            line, answer = begin_download(server, "/media/talks/long.mp4")
            stack.enter_context(contextlib.closing(line))
            statuses.append(answer[-3:])
        assert statuses == [b"200"] * STREAMS_MOST + [b"503"]
        for path in ("/feeds/all.xml", "/readyz", "/media/talks/a.JPG"):
            assert server.get(path).status == 200
        refused = server.get(FILM_PATH)
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    wait_for_room(server)


def test_long_files_are_not_read_into_memory(talks: Site, server: Server) -> None:
    """They go out piece by piece; what fits into one answer goes at once."""
    long = talks.content / "talks/longer.mp4"
    with long.open("wb") as file:
        file.truncate(1_000_000_000)
    before = memory_of(server)
    line, _ = begin_download(server, "/media/talks/longer.mp4")
    with contextlib.closing(line):
        assert server.get("/media/talks/longer.mp4", Range="bytes=900000000-900000009").body == (
            bytes(10)
        )
        assert memory_of(server) - before < 50 * WHOLE_MOST
    wait_for_room(server)


def memory_of(server: Server) -> int:
    """Return how many bytes the workers hold."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in server.children()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def wait_for_room(server: Server) -> None:
    """Wait until the ends of downloads have been noticed: then another one finds room."""
    answer: Answer | None = None
    for _ in range(100):
        with contextlib.suppress(http.client.HTTPException):
            answer = server.get(FILM_PATH)
            if answer.status == 200:
                break
    assert answer and answer.body == FILM

"""Which files a reference may mean, and what a file is found to be."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_cases import MODIFIED, NOW
from media_files import (
    claim_png,
    draw_picture,
    film_mp4,
    record_mp3,
    record_wav,
    turn_picture,
)

from feedsvc.ingest import (
    MEDIA_TYPES,
    Reading,
    describe_media,
    find_media,
    find_troubles,
    list_candidates,
    list_pictures,
    mediafacts,
    read_article,
)
from feedsvc.ingest.media import Picture, encode_reference
from feedsvc.model import Article, Enclosure, MediaFile

HERE = "politics/budget.md"
ACCENTED = unicodedata.normalize("NFD", "Café é.jpg")

# A reference as an article in politics/ has it, and the files that it may mean.
CANDIDATES = {
    "a.jpg": ["politics/a.jpg"],
    "./a.jpg": ["politics/a.jpg"],
    "sub/a.jpg": ["politics/sub/a.jpg"],
    "sub/../a.jpg": ["politics/a.jpg"],
    "../a.jpg": ["a.jpg"],
    "a%20b.jpg": ["politics/a%20b.jpg", "politics/a b.jpg"],
    "a.jpg?w=1#top": ["politics/a.jpg?w=1#top", "politics/a.jpg"],
    "my%20photo%20#1%20100%.jpg": [
        "politics/my%20photo%20#1%20100%.jpg",
        "politics/my photo #1 100%.jpg",
        "politics/my photo ",
    ],
    # Written `100%25 sure.jpg` in front matter, where only the space had to be encoded.
    "100%25%20sure.jpg": [
        "politics/100%25%20sure.jpg", "politics/100%25 sure.jpg", "politics/100% sure.jpg",
    ],
    "%22so%22.jpg": ["politics/%22so%22.jpg", 'politics/"so".jpg'],
    "%F0%9F%8E%BB.mp3": ["politics/%F0%9F%8E%BB.mp3", "politics/🎻.mp3"],
    ACCENTED: [f"politics/{unicodedata.normalize('NFC', ACCENTED)}"],
    "/media/a.jpg": ["a.jpg"],
    "/media/sub/a%20b.jpg": ["sub/a%20b.jpg", "sub/a b.jpg"],
    # Nothing of ours.
    "": [], "/": [], ".": [], "#top": [], "?a=b": [], "/a.jpg": [], "/other/a.jpg": [],
    "https://cdn.example/a.jpg": [], "HTTP://cdn.example/a.jpg": [], "//cdn.example/a.jpg": [],
    "/\\cdn.example/a.jpg": [], "\\\\cdn.example/a.jpg": [], "javascript:alert(1)": [],
    "data:image/png;base64,x": [], "mailto:a@b.example": [],
    # Out of the folder, hidden, or no file.
    "../../a.jpg": [], "/media/../a.jpg": [], "..": [], "sub/../../../a.jpg": [],
    "%2e%2e/%2e%2e/a.jpg": ["politics/%2e%2e/%2e%2e/a.jpg"], "..%2f..%2fa.jpg": [],
    ".hidden.jpg": [], ".git/a.jpg": [], "sub/.a.jpg": [],
    "%2ehidden.jpg": ["politics/%2ehidden.jpg"], "sub/": [], "sub/.": [],
    "a%00.jpg": ["politics/a%00.jpg"], "/media//etc/passwd": [],
}  # fmt: skip


@pytest.mark.parametrize(("reference", "paths"), CANDIDATES.items(), ids=CANDIDATES)
def test_candidates(reference: str, paths: list[str]) -> None:
    assert list(list_candidates(reference, HERE)) == paths


_NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs", "Cc"]), min_size=1
)


@given(_NAMES)
def test_any_name_in_front_matter_is_found(name: str) -> None:
    """Whatever a file is called, its name as it stands means it."""
    path = unicodedata.normalize("NFC", f"politics/{name}.jpg")
    if name.startswith((".", "/", "\\", "#", "?")) or ":" in name:
        return  # hidden, or a URL of another kind: such a name has to be written ./name
    assert path in list_candidates(encode_reference(f"{name}.jpg"), HERE)


# Names that hold what a URL does not, and what looks like a URL's.
_MIXED_NAMES = ["a%20 b.jpg", "a b%20c.jpg", "a b#1%20 🎈\"'.jpg", "é%C3%A9 %25 50%.jpg"]


@pytest.mark.parametrize("name", _MIXED_NAMES)
@pytest.mark.parametrize("by", ["image", "enclosure", "picture"])
def test_name_with_a_space_and_an_escape_is_a_name(name: str, by: str) -> None:
    """The file of that very name is meant before any that the escape could be read as."""
    written = f"../x/{name}"
    if by == "picture":
        text = (
            f'`![k](<{written}>)`, ![k](</media/z/1.jpg>) é ![an *a*](<{written}> "T") ![](b.png)'
        )
        content = read("", text).content
        assert f"![k](&lt;{written}&gt;)" in content  # code stays as it is written
        url = [picture.url for picture in list_pictures(content)][1]
    else:
        article = read(f"{by}: {json.dumps(written, ensure_ascii=False)}")
        named = article.image if by == "image" else article.enclosure
        assert named
        url = named.url
    media = {f"x/{name}": MediaFile(f"x/{name}", 1, 9)}
    for other in ("x/a  b.jpg", "x/a b c.jpg"):
        media[other] = MediaFile(other, 1, 9)
    found = find_media(url, HERE, media)
    assert found and found.path == f"x/{name}"


def test_escape_beside_a_space_may_still_be_one() -> None:
    """Where no file has that very name."""
    article = read("image: 'a b%20c.jpg'")
    assert article.image
    assert list_candidates(article.image.url, HERE)[-1] == "politics/a b c.jpg"


@pytest.mark.parametrize(
    "url", ["https://cdn.example/a b%20c.jpg", "//cdn.example/a b%20c.jpg", "/root/a b%20c.jpg"]
)
def test_url_of_elsewhere_is_never_encoded_twice(url: str) -> None:
    assert encode_reference(url) == url.replace(" ", "%20")


@pytest.mark.parametrize("text", ["![" + "](<" * 300_000, "![](<%20" * 100_000])
def test_hostile_names_cost_linear_time(text: str) -> None:
    """Quadratic time would be minutes here."""
    assert read("", text).content


@given(st.text())
def test_no_reference_leads_out(reference: str) -> None:
    for path in list_candidates(reference, HERE):
        assert not path.startswith("/") and "\0" not in path
        assert not any(part.startswith(".") or not part for part in path.split("/"))


def test_the_first_file_that_is_there_is_meant() -> None:
    missing, there = MediaFile("politics/a%20b.jpg"), MediaFile("politics/a b.jpg", 1, 9)
    media = {file.path: file for file in (missing, there)}
    assert find_media("a%20b.jpg", HERE, media) == there
    assert find_media("a%20b.jpg", HERE, {missing.path: missing}) == missing
    assert find_media("a%20b.jpg", HERE, {}) is None
    assert find_media("https://cdn.example/a b.jpg", HERE, media) is None


# What a file is


def describe(root: Path, name: str, data: bytes) -> MediaFile:
    (root / name).write_bytes(data)
    return describe_media(root, name)


# The name, what is in it, and what is found: type, width, height, duration.
GOOD_FILES: dict[str, tuple[Callable[[], bytes], tuple[str, int, int, int]]] = {
    "a.png": (lambda: draw_picture(40, 30), ("image/png", 40, 30, 0)),
    "a.jpg": (lambda: draw_picture(40, 30, "JPEG"), ("image/jpeg", 40, 30, 0)),
    "a.WebP": (lambda: draw_picture(40, 30, "WEBP"), ("image/webp", 40, 30, 0)),
    "a.gif": (lambda: draw_picture(40, 30, "GIF"), ("image/gif", 40, 30, 0)),
    "a.avif": (lambda: draw_picture(40, 30, "AVIF"), ("image/avif", 40, 30, 0)),
    "a png.jpg": (lambda: draw_picture(40, 30), ("image/png", 40, 30, 0)),
    "turned.jpg": (lambda: turn_picture(40, 30), ("image/jpeg", 30, 40, 0)),
    "a.wav": (lambda: record_wav(2.6), ("audio/wav", 0, 0, 3)),
    "short.wav": (lambda: record_wav(0.1), ("audio/wav", 0, 0, 1)),
    "a.mp3": (lambda: record_mp3(4), ("audio/mpeg", 0, 0, 4)),
    "a wav.mp3": (lambda: record_wav(2), ("audio/wav", 0, 0, 2)),
    "a.m4a": (lambda: film_mp4(61, b"M4A "), ("audio/mp4", 0, 0, 61)),
    "any brand.m4a": (lambda: film_mp4(61), ("audio/mp4", 0, 0, 61)),
    "a.mp4": (lambda: film_mp4(3_723), ("video/mp4", 0, 0, 3_723)),
    "a.mov": (lambda: film_mp4(5, b"qt  "), ("video/quicktime", 0, 0, 5)),
    "a.webm": (lambda: b"\x1a\x45\xdf\xa3" + bytes(99), ("video/webm", 0, 0, 0)),
    "a.pdf": (lambda: b"%PDF-1.7", ("application/pdf", 0, 0, 0)),
    "a.vtt": (lambda: b"WEBVTT", ("text/vtt", 0, 0, 0)),
}


@pytest.mark.parametrize("name", GOOD_FILES)
def test_facts_come_from_the_file(tmp_path: Path, name: str) -> None:
    make, facts = GOOD_FILES[name]
    data = make()
    file = describe(tmp_path, name, data)
    assert (file.type, file.width, file.height, file.duration) == facts
    assert (file.path, file.size, file.trouble) == (name, len(data), "")
    assert file.modified_ns == (tmp_path / name).stat().st_mtime_ns


# The name, what is in it, and what is said of it. None of these has a type: none can be shown.
BAD_FILES = {
    "text.jpg": (b"<html>not found</html>", "is no picture"),
    "sound.jpg": (record_mp3(1), "is no picture, though its name says so"),
    "picture.mp3": (draw_picture(9, 9), "is no recording, though its name says so"),
    "text.mp3": (b"The requested URL was not found. " * 99, "is no recording that can be read"),
    "empty.jpg": (b"", "is empty"),
    "empty.mp3": (b"", "is empty"),
    "half.png": (draw_picture(99, 99)[:20], "is no picture that can be read"),
    "other.png": (b"II*\0" + bytes(200), "is no picture that can be read"),
    "bomb.png": (claim_png(60_000, 60_000), "has far too many pixels"),
    "large.png": (claim_png(12_000, 9_000), "has 12000 x 9000 pixels: too many"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", BAD_FILES)
def test_what_cannot_be_shown_says_why(tmp_path: Path, name: str) -> None:
    data, trouble = BAD_FILES[name]
    file = describe(tmp_path, name, data)
    assert file.trouble.startswith(trouble)
    assert (file.type, file.size) == ("", len(data))


def test_recording_without_a_duration_is_served_still(tmp_path: Path) -> None:
    file = describe(tmp_path, "a.flac", b"fLaC" + bytes(9))
    assert (file.type, file.trouble) == ("audio/flac", "how long it lasts cannot be read")


def test_large_picture_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediafacts, "PICTURE_BYTES_MOST", 100)
    file = describe(tmp_path, "a.webp", draw_picture(40, 30, "WEBP") + bytes(100))
    assert file.type == "" and "a picture has" in file.trouble


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("none.jpg", "there is no such file in the content folder"),
        ("none/a.jpg", "there is no such file in the content folder"),
        ("a.png/b.png", "there is no such file in the content folder"),
        ("n" * 300 + ".jpg", "there is no such file in the content folder"),
        ("folder.png", "is not a regular file"),
        ("pipe.png", "is not a regular file"),
        ("out.png", "is a link that leads out of the content folder: not followed"),
        ("out/a.png", "is a link that leads out of the content folder: not followed"),
        ("lost.png", "there is no such file in the content folder"),
        ("circle.png", "there is no such file in the content folder"),
        ("shown.png", "is hidden: it is never served"),
        ("source.png", "is of a kind that is not served from the content folder"),
        ("a.docx", "is of a kind that is not served from the content folder"),
    ],
)
def test_what_is_not_there_says_so(tmp_path: Path, path: str, trouble: str) -> None:
    root = tmp_path / "content"
    (root / "folder.png").mkdir(parents=True)
    for name in ("a.png", "a.docx", ".hidden.png", "a.md", "../a.png"):
        (root / name).write_bytes(draw_picture(2, 2))
    links = {"out.png": "../a.png", "out": "..", "lost.png": "none.png", "shown.png": ".hidden.png"}
    for name, target in (links | {"circle.png": "circle.png", "source.png": "a.md"}).items():
        (root / name).symlink_to(target)
    os.mkfifo(root / "pipe.png")
    assert describe_media(root, path) == MediaFile(path, trouble=trouble)


def test_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: Path) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    (tmp_path / "a.png").write_bytes(draw_picture(2, 2))
    monkeypatch.setattr(mediafacts, "open_media", refuse)  # who runs as root may read everything
    assert describe_media(tmp_path, "a.png").trouble == "cannot be read: Permission denied"


def test_names_of_the_disk_may_be_taken_apart(tmp_path: Path) -> None:
    """Some disks keep accents apart from their letters."""
    apart = unicodedata.normalize("NFD", "é/à la carte.png")
    (tmp_path / apart).parent.mkdir()
    file = describe(tmp_path, apart, draw_picture(2, 2))
    again = describe_media(tmp_path, unicodedata.normalize("NFC", apart))
    assert again.type == "image/png"
    assert file.trouble == ""


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
def test_hostile_files_only_say_so(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes, cut: int
) -> None:
    """Whatever a file holds: it is described, and nothing is raised."""
    root = tmp_path_factory.getbasetemp()
    heads = (draw_picture(9, 9), record_wav(0.01), film_mp4(1), record_mp3(0.05), b"OggS", b"fLaC")
    head = heads[cut % len(heads)][:cut]
    file = describe(root, f"hostile{suffix}", head + data)
    assert file.size == len(head + data)
    assert file.type or file.trouble


# What an article says


def read(front: str, body: str = "Words.") -> Article:
    text = f"---\ntitle: T\n{front}\n---\n{body}\n"
    return read_article(HERE, text.encode(), MODIFIED, Reading(now=NOW))


@pytest.mark.parametrize(
    ("front", "enclosure"),
    [
        ("enclosure: talk.mp3", Enclosure("talk.mp3", "audio/mpeg")),
        ("audio: talk.m4b", Enclosure("talk.m4b", "audio/mp4")),
        ("video: film.MOV", Enclosure("film.MOV", "video/quicktime")),
        ("audio: https://a.test/?id=7", Enclosure("https://a.test/?id=7", "audio/mpeg")),
        ("video: {url: https://a.test/7}", Enclosure("https://a.test/7", "video/mp4")),
        ("enclosure: https://a.test/7", Enclosure("https://a.test/7", "application/octet-stream")),
        ("audio: {url: a.mp3, type: audio/ogg, length: 9}", Enclosure("a.mp3", "audio/ogg", 9)),
        ("audio: '🎻 #1.mp3'", Enclosure("%F0%9F%8E%BB%20#1.mp3", "audio/mpeg")),
    ],
)  # fmt: skip
def test_enclosure_has_three_names(front: str, enclosure: Enclosure) -> None:
    assert read(front).enclosure == enclosure


@pytest.mark.parametrize("key", ["enclosure", "audio", "video", "image"])
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:audio/mpeg;base64,x", "file:///etc/x"]
)
def test_other_schemes_are_a_note(key: str, url: str) -> None:
    article = read(f'{key}: "{url}"')
    assert article.enclosure is None and article.image is None
    assert ["links are not taken" in note.message for note in article.notes] == [True]


def test_pictures_of_a_body() -> None:
    html = '<p><img src="a&amp;b.jpg" alt="A &gt; B" width="40" height="x"><img alt="no"></p>'
    (picture,) = list_pictures(html)
    assert picture == Picture("a&b.jpg", "A > B", 40, 0)


def test_troubles_name_the_field_and_the_file() -> None:
    article = read(
        "image: 'my photo.jpg'\nenclosure: talk.mp3", "![a](talk.mp3) ![b](../../../x.png)"
    )
    media = {
        "politics/my photo.jpg": MediaFile("politics/my photo.jpg", trouble="is not there"),
        "politics/talk.mp3": MediaFile("politics/talk.mp3", 1, 9, "audio/mpeg"),
    }
    assert list(find_troubles(article, HERE, media)) == [
        ("image", "my photo.jpg: is not there"),
        ("picture", "talk.mp3: is no picture but audio/mpeg"),
        ("picture", "../../../x.png: leads out of the content folder, or to what is hidden there"),
    ]


@pytest.mark.parametrize("url", ["/etc/passwd", "/talk.mp3", "/other/talk.mp3?x=1"])
def test_recording_outside_of_media_is_a_trouble(url: str) -> None:
    hint = "leads out of the content folder: write /media/... or a path beside the article"
    assert list(find_troubles(read(f"audio: {url}"), HERE, {})) == [("enclosure", f"{url}: {hint}")]
    for fine in ("https://a.test/x", "//a.test/x", "/media/talk.mp3"):
        assert list(find_troubles(read(f"audio: {fine}"), HERE, {})) == []


def test_article_that_lives_elsewhere_names_nothing_of_ours() -> None:
    article = read("image: photo.jpg\nlink: https://far.example/a", "![a](b.png)")
    assert list(find_troubles(article, HERE, {})) == []

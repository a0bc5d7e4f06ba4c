"""Media files that come late, grow, change and go: what feeds and the admin see of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from media_files import draw_picture, record_mp3
from sites import Site, article

from feedsvc.cli import main
from feedsvc.ingest import Reading, read_article
from feedsvc.publication import load_publication
from feedsvc.scan import source as scan_source
from feedsvc.scan.identity import hash_visible
from feedsvc.service import Service
from feedsvc.store import State

SETTLE = timedelta(seconds=10)


class Newsroom:
    """A site whose clock moves only when a test says so.

    It is behind the disk's, so that a file is only known to be still by looking at it twice.
    """

    def __init__(self, root: Path) -> None:
        self.site = Site(root, settle=f"{SETTLE.seconds}s")
        self.now = datetime.now(UTC) - timedelta(days=1)
        self.open()

    def open(self) -> None:
        """Begin anew, as after a restart."""
        self.service = Service(self.site.load(), lambda: self.now)
        self.service.start()

    def wait(self, seconds: float = SETTLE.seconds * 2 + 1) -> None:
        self.now += timedelta(seconds=seconds)

    def scan(self) -> None:
        """Let files settle, and look at everything."""
        self.wait()
        self.service.scan()
        while self.service.next_look():
            self.wait()
            self.service.look()
        self.wait(2)  # a feed changes once a second
        self.service.publish()

    def put(self, path: str, data: bytes) -> Path:
        """Write a file below the content folder."""
        return self.site.write(path, data)

    def item(self, section: str = "sports") -> dict[str, Any]:
        """Return the only entry of a feed."""
        paths = load_publication(self.service.store).representations
        (item,) = json.loads(paths[f"/feeds/{section}.json"].bodies["identity"])["items"]
        return dict(item)

    def rss(self) -> str:
        paths = load_publication(self.service.store).representations
        return paths["/feeds/sports.xml"].bodies["identity"].decode()

    def etags(self) -> dict[str, str]:
        paths = load_publication(self.service.store).representations
        return {path: one.etag for path, one in paths.items() if path.endswith(".atom")}

    def problems(self) -> dict[str, str]:
        """Return what `feedsvc problems` lists."""
        result = CliRunner().invoke(main, ["problems", "--json", "--config", str(self.site.config)])
        return {one["path"]: one["message"] for one in json.loads(result.output)}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    made = Newsroom(tmp_path)
    yield made
    made.service.close()


@pytest.fixture
def talking(room: Newsroom) -> Newsroom:
    """One with an episode and a picture."""
    room.put("sports/talk.mp3", record_mp3(5))
    room.put("sports/photo.png", draw_picture(400, 300))
    text = article("Talk", date="2026-01-02", audio="talk.mp3", image="photo.png")
    room.put("sports/talk.md", text.encode())
    room.put("politics/vote.md", article("Vote", date="2026-01-02").encode())
    room.scan()
    return room


def test_facts_stand_in_the_feeds(talking: Newsroom) -> None:
    item = talking.item()
    assert item["attachments"] == [
        {
            "url": "http://gazette.test/media/sports/talk.mp3",
            "mime_type": "audio/mpeg",
            "size_in_bytes": len(record_mp3(5)),
            "duration_in_seconds": 5,
        }
    ]
    assert item["image"] == "http://gazette.test/media/sports/photo.png"
    rss = talking.rss()
    size = len(draw_picture(400, 300))
    facts = f'fileSize="{size}" type="image/png" medium="image" width="400" height="300"'
    assert f'<media:content url="http://gazette.test/media/sports/photo.png" {facts}' in rss
    assert 'photo.png" width="400" height="300"/>' in rss.partition("<media:thumbnail")[2]
    assert talking.problems() == {}


def test_file_that_comes_after_its_article(room: Newsroom) -> None:
    """The article is not delayed for it; nothing that an app would fail on stands in the feed."""
    text = article("Talk", date="2026-01-02", audio="talk.mp3", image="photo.png")
    room.put("sports/talk.md", text.encode())
    room.scan()
    before = room.item()
    assert "attachments" not in before and "image" not in before
    missing = "there is no such file in the content folder"
    assert room.problems() in (
        {"sports/talk.md": f"enclosure: talk.mp3: {missing}"},
        {"sports/talk.md": f"image: photo.png: {missing}"},
    )
    room.put("sports/talk.mp3", record_mp3(5))
    room.put("sports/photo.png", draw_picture(40, 30))
    room.scan()
    after = room.item()
    assert after["attachments"][0]["duration_in_seconds"] == 5 and "image" in after
    assert after["date_modified"] == before["date_modified"]
    assert room.problems() == {}


@pytest.mark.parametrize("by", ["scan", "event"])
def test_what_happens_to_a_file_reaches_its_feeds_alone(talking: Newsroom, by: str) -> None:
    """R11, F13: also those of the whole site; no date of an article moves (P10)."""
    before, etags = talking.item(), talking.etags()
    talking.put("sports/talk.mp3", record_mp3(9))
    if by == "event":
        talking.service.look(["sports/talk.mp3"])
    talking.scan()
    after = talking.item()
    assert after["attachments"][0]["duration_in_seconds"] == 9
    assert after["date_modified"] == before["date_modified"]
    changed = {path for path, etag in talking.etags().items() if etags[path] != etag}
    assert changed == {"/feeds/all.atom", "/feeds/sports.atom"}


def test_file_that_goes_and_comes_back(talking: Newsroom) -> None:
    file, away = talking.site.content / "sports/talk.mp3", talking.site.root / "away"
    before = talking.item()
    file.rename(away)
    talking.scan()
    assert "attachments" not in talking.item()
    assert "there is no such file" in talking.problems()["sports/talk.md"]
    away.rename(file)
    talking.scan()
    assert talking.item() == before and talking.problems() == {}


def test_folder_that_goes_takes_its_files_along(talking: Newsroom) -> None:
    """An event names the folder alone."""
    talking.put("sounds/a.mp3", record_mp3(2))
    talking.put("sports/talk.md", article("Talk", audio="../sounds/a.mp3").encode())
    talking.scan()
    assert talking.item()["attachments"][0]["duration_in_seconds"] == 2
    shutil.rmtree(talking.site.content / "sounds")
    talking.service.look(["sounds"])
    talking.wait()
    talking.service.look()
    talking.service.publish()
    assert "attachments" not in talking.item()


def test_F30_file_that_is_being_copied_is_not_there_yet(room: Newsroom) -> None:
    """Readers would get a part of it."""
    room.put("sports/talk.md", article("Talk", audio="talk.mp3").encode())
    room.scan()
    whole = record_mp3(8)
    for part in (10_000, 50_000, 90_000):
        room.put("sports/talk.mp3", whole[:part])
        room.wait()
        room.service.scan()
        assert room.service.next_look() is not None
        assert "attachments" not in room.item()
    room.put("sports/talk.mp3", whole)
    room.scan()
    assert room.item()["attachments"][0]["size_in_bytes"] == len(whole)
    assert room.service.next_look() is None


def test_F30_file_that_is_being_copied_when_its_article_comes(room: Newsroom) -> None:
    room.put("sports/talk.md", article("Talk", audio="talk.mp3").encode())
    room.put("sports/talk.mp3", record_mp3(8)[:10_000])
    room.service.scan()
    room.wait()
    room.service.look()
    assert "attachments" not in room.item()
    room.put("sports/talk.mp3", record_mp3(8))
    room.wait()
    room.service.look()
    assert "attachments" not in room.item()
    room.scan()
    assert room.item()["attachments"][0]["duration_in_seconds"] == 8


def test_file_that_is_deleted_and_written_again_never_leaves(talking: Newsroom) -> None:
    """As some programs save."""
    file = talking.site.content / "sports/talk.mp3"
    before = load_publication(talking.service.store).revision
    file.rename(talking.site.root / "kept")
    talking.service.look(["sports/talk.mp3"])
    talking.service.publish()
    (talking.site.root / "kept").rename(file)
    talking.scan()
    assert load_publication(talking.service.store).revision == before


def test_F30_file_that_is_copied_over_leaves_while_it_grows(talking: Newsroom) -> None:
    """The first look leaves it: most files are replaced in a moment. The second does not."""
    whole = record_mp3(20)
    for size, there in ((10_000, True), (50_000, False), (90_000, False)):
        talking.put("sports/talk.mp3", whole[:size])
        talking.wait()
        talking.service.look(["sports/talk.mp3"])
        talking.service.publish()
        assert ("attachments" in talking.item()) is there
    assert talking.problems() == {"sports/talk.md": "enclosure: talk.mp3: is still being written"}
    talking.put("sports/talk.mp3", whole)
    talking.scan()
    assert talking.item()["attachments"][0]["duration_in_seconds"] == 20


def test_file_that_is_renamed_into_place_is_taken_at_once(talking: Newsroom) -> None:
    fresh = talking.site.write("sports/new.part", record_mp3(12))
    os.utime(fresh, (1e9, 1e9))
    fresh.rename(talking.site.content / "sports/talk.mp3")
    report = talking.service.look(["sports/talk.mp3"], ["sports/talk.mp3"])
    assert report.media == ["sports/talk.mp3"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.mp3", b"", "enclosure: empty.mp3: is empty"),
        ("text.mp3", b"not found " * 99, "enclosure: text.mp3: is no recording that can be read"),
        ("text.png", b"not found", "enclosure: text.png: is no picture that can be read"),
        ("my take #1 100%.mp3", b"", "enclosure: my take #1 100%.mp3: is empty"),
        ("a.docx", b"x", "enclosure: a.docx: is of a kind that is not served"),
    ],
)
def test_bad_file_is_left_out_and_reported(
    room: Newsroom, name: str, data: bytes, said: str
) -> None:
    """F2: the article itself is published all the same; `check` and `explain` say it as well."""
    room.put(f"sports/{name}", data)
    room.put("sports/a.md", article("A", enclosure=json.dumps(name)).encode())
    room.scan()
    assert "attachments" not in room.item()
    assert room.problems()["sports/a.md"].startswith(said)
    for command in (["check"], ["explain", "sports/a.md"]):
        options = ["--json", "--config", str(room.site.config)]
        result = CliRunner().invoke(main, [*command, *options])
        assert said.partition(": ")[2] in result.output.replace('\\"', '"')


def test_reference_to_nowhere_is_left_out(room: Newsroom) -> None:
    """Out of the folder; by another scheme it is a note, and no enclosure at all."""
    room.put("../outside.mp3", record_mp3(1))
    room.put("sports/a.md", article("A", enclosure="../../outside.mp3").encode())
    room.scan()
    assert "attachments" not in room.item()
    assert "leads out of the content folder" in room.problems()["sports/a.md"]
    room.put("sports/a.md", article("A", enclosure="'javascript:alert(1)'").encode())
    room.scan()
    assert "attachments" not in room.item()


def test_recording_outside_of_media_is_left_out_and_reported(room: Newsroom) -> None:
    """It would go out as 0 bytes of any file's name; with a link it is that site's own."""
    room.put("sports/a.md", article("A", audio="/etc/passwd").encode())
    room.scan()
    assert "attachments" not in room.item()
    said = "enclosure: /etc/passwd: leads out of the content folder: write /media/... or a path"
    assert room.problems()["sports/a.md"].startswith(said)
    revision = load_publication(room.service.store).revision
    room.scan()
    assert load_publication(room.service.store).revision == revision
    text = article("A", audio="/talk.mp3", link="https://far.test/a")
    room.put("sports/a.md", text.encode())
    room.scan()
    assert room.item()["attachments"][0]["url"] == "https://far.test/talk.mp3"
    assert room.problems() == {}


def test_pictures_of_a_text_are_left_out_until_they_are_mended(room: Newsroom) -> None:
    """F2: and what held nothing else with them; what lies elsewhere stays."""
    body = (
        "One\n\n![gone](none.png)\n\nTwo ![empty](empty.png)![text](text.png)"
        "![sound](a.mp3)![out](../../out.png)![far](https://cdn.test/a.png)\n\n"
        "[![linked](none.png)](https://x.test/)\n"
    )
    room.put("sports/empty.png", b"")
    room.put("sports/text.png", b"not found")
    room.put("sports/a.mp3", record_mp3(1))
    room.put("sports/a.md", article("A", body).encode())
    room.scan()
    html = room.item()["content_html"]
    expected = '<p>One</p> <p>Two <img src="https://cdn.test/a.png" alt="far"></p>'
    assert " ".join(html.split()) == expected
    before = room.item()
    for name in ("none.png", "empty.png", "text.png"):
        room.put(f"sports/{name}", draw_picture(300, 200))
    room.scan()
    after = room.item()["content_html"]
    assert (after.count("none.png"), after.count("empty.png"), after.count("text.png")) == (2, 1, 1)
    assert after.count("<img") == 5 and 'href="https://x.test/"' in after
    (room.site.content / "sports/none.png").unlink()
    room.scan()
    assert "none.png" not in room.item()["content_html"]
    assert room.item()["date_modified"] == before["date_modified"]


def test_F7_links_to_no_file_start_at_the_article(room: Newsroom) -> None:
    """Below /media/ they could only lead to nothing."""
    links = (
        "[a](relative/page.html) [b](?q=1) [c](#top) [d](map.PDF?x) [e](/about) [f](mailto:a@b.c)"
    )
    room.put("sports/a.md", article("A", links).encode())
    room.scan()
    item = room.item()
    page, site = item["url"], "http://gazette.test"
    hrefs = re.findall('href="([^"]*)"', item["content_html"])
    assert hrefs == [
        f"{page.rpartition('/')[0]}/relative/page.html",
        f"{page}?q=1",
        f"{page}#top",
        f"{site}/media/sports/map.PDF?x",
        f"{site}/about",
        "mailto:a@b.c",
    ]


@pytest.mark.parametrize("name", ["a%20 b.jpg", "a b%20c.jpg", "a b#1%20 🎈\"'.jpg"])
def test_F7_name_with_a_space_and_an_escape_reaches_every_feed(room: Newsroom, name: str) -> None:
    room.put(f"x/{name}", draw_picture(300, 200))
    text = article(
        "A", f"![k](<../x/{name}>)", image=json.dumps(f"../x/{name}", ensure_ascii=False)
    )
    room.put("sports/a.md", text.encode())
    room.scan()
    item = room.item()
    (within,) = re.findall('<img src="([^"]*)"', item["content_html"])
    assert unquote(unescape(within)) == f"http://gazette.test/media/x/{name}"
    assert item["image"] == unescape(within) and room.problems() == {}
    for suffix in ("xml", "atom"):
        paths = load_publication(room.service.store).representations
        feed = paths[f"/feeds/sports.{suffix}"].bodies["identity"].decode()
        assert unescape(unescape(feed)).count(f'="{item["image"]}"') >= 2


def test_foreign_file_stays_as_it_is_written(room: Newsroom) -> None:
    facts = "{url: https://cdn.test/a b.mp3, type: audio/mpeg, length: 77}"
    room.put("sports/a.md", article("A", enclosure=facts).encode())
    room.scan()
    assert room.item()["attachments"] == [
        {"url": "https://cdn.test/a%20b.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 77}
    ]


def test_first_picture_of_a_text_stands_for_the_article(room: Newsroom) -> None:
    """But no icon, and none that is not there."""
    room.put("sports/icon.png", draw_picture(20, 20))
    room.put("sports/big photo.png", draw_picture(300, 200))
    body = "![](none.png) ![](icon.png) ![A boat](<big photo.png>)"
    room.put("sports/a.md", article("A", body).encode())
    room.scan()
    assert room.item()["image"] == "http://gazette.test/media/sports/big%20photo.png"
    assert room.problems()["sports/a.md"].startswith("picture: none.png: there is no such file")


def test_entries_that_show_one_file_change_with_it(room: Newsroom) -> None:
    room.put("logo.png", draw_picture(40, 30))
    for section in ("sports", "politics"):
        room.put(f"{section}/a.md", article(section, image="../logo.png").encode())
    room.scan()
    etags = room.etags()
    room.put("logo.png", draw_picture(80, 60))
    room.scan()
    changed = {path for path, etag in room.etags().items() if etags[path] != etag}
    assert changed == {f"/feeds/{name}.atom" for name in ("all", "sports", "politics")}


def test_entry_that_shows_a_known_file_from_now_on(room: Newsroom) -> None:
    """Its feeds are built again, though neither the file nor the article changed."""
    room.put("logo.png", draw_picture(40, 30))
    for section in ("sports", "politics"):
        room.put(f"{section}/a.md", article(section, image="../logo.png").encode())
    room.scan()
    assert 'width="40"' in room.rss()
    uid = next(one.uid for one in room.service.store.entries(State.LIVE) if "sp" in one.path)
    with room.service.store.writing() as writer:
        writer.put_media((), {uid: ()})
    room.wait()
    room.service.publish()
    assert 'width="40"' not in room.rss()
    room.service._scanner.reread()
    room.scan()
    assert 'width="40"' in room.rss()


def test_what_nobody_shows_any_more_is_forgotten(talking: Newsroom) -> None:
    assert set(talking.service.store.media_marks()) == {"sports/talk.mp3", "sports/photo.png"}
    talking.put("sports/talk.md", article("Talk", date="2026-01-02", image="photo.png").encode())
    talking.scan()
    assert set(talking.service.store.media_marks()) == {"sports/photo.png"}
    (talking.site.content / "sports/talk.md").unlink()
    talking.scan()
    assert talking.service.store.media_marks() == {}


def test_article_that_moves_names_other_files(talking: Newsroom) -> None:
    """A name is beside its article."""
    content = talking.site.content
    (content / "sports/talk.md").rename(content / "politics/talk.md")
    (content / "politics/vote.md").unlink()
    talking.scan()
    assert "there is no such file" in talking.problems()["politics/talk.md"]
    (content / "sports/talk.mp3").rename(content / "politics/talk.mp3")
    talking.scan()
    (one,) = talking.item("politics")["attachments"]
    assert one["url"] == "http://gazette.test/media/politics/talk.mp3"


def test_restart_finds_what_happened_meanwhile(talking: Newsroom) -> None:
    talking.service.close()
    talking.put("sports/talk.mp3", record_mp3(7))
    talking.open()
    talking.scan()
    assert talking.item()["attachments"][0]["duration_in_seconds"] == 7


def test_F12_rescan_changes_nothing(talking: Newsroom) -> None:
    """R10: not one byte; and files that nobody names are not even looked at."""
    talking.put("sports/other.mp3", record_mp3(1))
    before = load_publication(talking.service.store)
    talking.scan()
    talking.service._scanner.reread()
    talking.scan()
    assert load_publication(talking.service.store).revision == before.revision


def test_no_change_looks_at_named_files_alone(
    talking: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan costs one stat for each file that is named, and none that is not is opened."""
    looked: list[str] = []
    stat_media = scan_source.stat_media

    def watch(root: Path, path: str) -> os.stat_result | None:
        looked.append(path)
        return stat_media(root, path)

    monkeypatch.setattr(scan_source, "stat_media", watch)
    monkeypatch.setattr(scan_source, "describe_media", lambda *_: pytest.fail("was opened"))
    talking.site.write("sports/other.mp3", record_mp3(1))
    talking.wait()
    talking.service.scan()
    assert sorted(looked) == ["sports/photo.png", "sports/talk.mp3"]


def test_lost_store_gives_the_same_feed_again(talking: Newsroom) -> None:
    """F14: all facts come from the folder."""
    before = talking.item()
    talking.service.close()
    shutil.rmtree(talking.site.store.parent)
    talking.open()
    talking.scan()
    assert talking.item() == before


def test_P10_R45_what_a_version_without_media_made_of_an_article_stands() -> None:
    """Else every article with a picture would count as edited after an update."""
    text = article(
        "T",
        "Body ![](x.png)",
        image="{url: a b.png, caption: c, credit: d, width: 4, height: 5}",
        enclosure="{url: x.mp3, length: 7}",
        correction="It was wrong",
    )
    now = datetime(2026, 1, 2, tzinfo=UTC)
    read = read_article("a/b.md", text.encode(), now, Reading(now=now))
    assert hash_visible(read) == "4a99c98955395f62ce4e53acda14b049"


def test_store_of_a_version_without_media_learns_of_them(talking: Newsroom) -> None:
    """Articles are read once more, and no date of theirs moves."""
    before = talking.item()
    with talking.service.store.writing() as writer:
        for entry in talking.service.store.entries(State.LIVE):
            writer.put_media((), {entry.uid: ()})
        config = talking.service.config
        read_by = [config.cleaning.model_dump_json(), config.site.language, config.site.timezone]
        # What it was read by, as that version has it.
        digest = hashlib.blake2b("\0".join(read_by).encode(), digest_size=16).hexdigest()
        writer.put_fact("read_by", digest)
    assert talking.service.store.media_marks() == {}
    talking.service.close()
    talking.open()
    talking.scan()
    assert talking.item() == before


def test_files_that_vanish_all_at_once_are_doubted(room: Newsroom) -> None:
    """An unmounted disk must not empty a podcast; a person may say that it was meant."""
    for number in range(12):
        room.put(f"sounds/{number}.mp3", record_mp3(1))
        text = article(f"Talk {number}", date="2026-01-02", audio=f"../sounds/{number}.mp3")
        room.put(f"sports/{number}.md", text.encode())
        room.put(f"sports/also {number}.md", text.replace("Talk", "Also").encode())
    room.scan()
    before = load_publication(room.service.store)
    away = room.site.root / "away"
    away.mkdir()
    for folder in room.site.content.iterdir():
        folder.rename(away / folder.name)
    for _ in range(3):
        room.scan()
    assert load_publication(room.service.store).revision == before.revision
    for folder in away.iterdir():
        folder.rename(room.site.content / folder.name)
    room.scan()
    assert load_publication(room.service.store).revision == before.revision
    assert room.problems() == {}

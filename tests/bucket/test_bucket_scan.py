"""Scanning a bucket as a folder: the same decisions, with a real server and a real store."""

from __future__ import annotations

import http.server
import threading
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from buckets import S3
from sites import article

from feedsvc.bucket import list_objects, read_object
from feedsvc.bucket.objects import open_bucket
from feedsvc.config import Bucket, parse_config
from feedsvc.errors import ContentFolderError
from feedsvc.service import Service
from feedsvc.store import State, StoredEntry


class Place(Protocol):
    """Where articles are put."""

    def put(self, path: str, text: str) -> None: ...
    def delete(self, path: str) -> None: ...


class Disk:
    def __init__(self, root: Path) -> None:
        self.root, self.address = root, str(root)
        root.mkdir()

    def put(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def delete(self, path: str) -> None:
        (self.root / path).unlink()


class Prefix:
    def __init__(self, s3: S3) -> None:
        self.s3, self.prefix = s3, f"run-{uuid4().hex}"
        self.address = f"s3://news-desk/{self.prefix}"
        self.bucket = Bucket("news-desk", self.prefix)

    def put(self, path: str, text: str | bytes) -> None:
        self.s3.put(f"{self.prefix}/{path}", text)

    def delete(self, path: str) -> None:
        self.s3.delete(f"{self.prefix}/{path}")


class Desk:
    """A site over a place, whose clock only moves when a test says so."""

    def __init__(self, folder: Path, place: Disk | Prefix) -> None:
        self.place = place
        self.now = datetime(2026, 11, 28, 12, tzinfo=UTC)
        config = (
            'site: {id: "test.example,2026-01-01", base_url: "https://test.example"}\n'
            f'content: {{folder: "{place.address}", settle: 0}}\n'
            "sections: {politics: Politics, sports: Sports}\n"
        )
        loaded = parse_config(config.encode(), folder / "config.yaml", {})
        self.service = Service(loaded, clock=lambda: self.now)
        self.service.start()

    def scan(self, accept: bool = False) -> str:
        """Scan, let time pass, and look at what is due; return why it halted, if it did."""
        self.service.scan(accept_deletions=accept)
        self.now += timedelta(seconds=5)
        report = self.service.scan(accept_deletions=accept)
        self.now += timedelta(seconds=5)
        return report.halted

    def live(self) -> dict[str, StoredEntry]:
        return {one.path: one for one in self.service.store.entries(State.LIVE)}

    def problems(self) -> dict[str, str]:
        return {one.path: one.message for one in self.service.store.problems()}


@pytest.fixture
def prefix(s3: S3) -> Prefix:
    return Prefix(s3)


@pytest.fixture(params=["folder", "bucket"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    bucket = request.param == "bucket"
    place = request.getfixturevalue("prefix") if bucket else Disk(tmp_path / "content")
    made = Desk(tmp_path, place)
    yield made
    made.service.close()


@pytest.fixture
def far(tmp_path: Path, prefix: Prefix) -> Iterator[Desk]:
    made = Desk(tmp_path, prefix)
    yield made
    made.service.close()


def test_new_changed_moved_and_deleted(desk: Desk) -> None:
    desk.place.put("politics/a b.md", article("First"))
    desk.scan()
    first = desk.live()["politics/a b.md"]
    assert first.article.title == "First" and first.filing.sections == ("politics",)
    # The same number of bytes, in the same second perhaps: only the ETag tells.
    desk.place.put("politics/a b.md", article("Fresh"))
    desk.scan()
    assert desk.live()["politics/a b.md"].article.title == "Fresh"
    assert desk.live()["politics/a b.md"].id == first.id
    desk.place.put("sports/c.md", article("Fresh"))
    desk.place.delete("politics/a b.md")
    desk.scan()
    assert {path: one.id for path, one in desk.live().items()} == {"sports/c.md": first.id}
    desk.place.delete("sports/c.md")
    desk.scan()
    assert desk.live() == {} and desk.problems() == {}


def test_more_than_half_gone_at_once_is_doubted(desk: Desk) -> None:
    for number in range(20):
        desk.place.put(f"politics/{number}.md", article(f"Number {number}"))
    desk.scan()
    assert len(desk.live()) == 20
    for number in range(11):
        desk.place.delete(f"politics/{number}.md")
    assert "vanished at once" in desk.scan()
    assert len(desk.live()) == 20 and "vanished" in str(desk.problems())
    desk.scan(accept=True)
    assert len(desk.live()) == 9


def test_one_look_is_not_enough_to_delete(desk: Desk) -> None:
    desk.place.put("a.md", article("Stays"))
    desk.scan()
    desk.place.delete("a.md")
    desk.service.scan()
    desk.place.put("a.md", article("Stays"))
    desk.now += timedelta(seconds=5)
    desk.service.look()
    assert list(desk.live()) == ["a.md"]


def test_names_of_both_spellings(far: Desk, prefix: Prefix) -> None:
    apart = unicodedata.normalize("NFD", "Straße/é.md")
    prefix.put(apart, article("Accents"))
    prefix.put(".hidden/x.md", article("Hidden"))
    prefix.put("note.md~", article("Temporary"))
    far.scan()
    assert list(far.live()) == [unicodedata.normalize("NFC", apart)]
    assert far.problems() == {}


def test_a_key_that_is_no_path_costs_only_its_folder(far: Desk, prefix: Prefix) -> None:
    prefix.put("good/a.md", article("Good"))
    prefix.put("bad/b.md", article("There before"))
    far.scan()
    prefix.put("bad//c.md", article("No path"))
    prefix.delete("bad/b.md")
    prefix.put("good/d.md", article("Goes on"))
    far.scan()
    assert set(far.live()) == {"good/a.md", "good/d.md", "bad/b.md"}
    assert "rename that object" in far.problems()["bad"]
    prefix.delete("bad//c.md")
    far.scan()
    assert set(far.live()) == {"good/a.md", "good/d.md"} and far.problems() == {}


def test_too_large_and_gone(far: Desk, prefix: Prefix) -> None:
    prefix.put("large.md", b"x" * 5_000_001)
    far.scan()
    assert "content.max_bytes allows" in far.problems()["large.md"]
    assert read_object(prefix.bucket, "large.md", 5_000_000)[0] is None
    with pytest.raises(FileNotFoundError):
        read_object(prefix.bucket, "none.md", 5)


def test_no_bucket_is_one_clear_line(s3: S3) -> None:
    with pytest.raises(ContentFolderError, match="is missing: create the bucket"):
        list_objects(Bucket("no-such-bucket"))


def test_a_listing_cut_off_deletes_nothing(
    far: Desk, prefix: Prefix, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        prefix.put(f"{number}.md", article(f"Number {number}"))
    far.scan()
    page = (
        b'<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated>'
        b"<NextContinuationToken>more</NextContinuationToken></ListBucketResult>"
    )

    class Half(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = "continuation-token" not in self.path
            self.send_response(200 if good else 500)
            self.send_header("Content-Length", str(len(page) if good else 0))
            self.end_headers()
            self.wfile.write(page if good else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Half)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        open_bucket.cache_clear()
        for _ in range(2):
            with pytest.raises(ContentFolderError, match="cannot be read"):
                far.service.scan()
            far.now += timedelta(seconds=10)
            far.service.look()
        assert len(far.live()) == 3
    finally:
        server.shutdown()
        server.server_close()

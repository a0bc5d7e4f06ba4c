"""Exporting a site whose articles and media lie in a bucket."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from buckets import S3
from obstore.store import S3Store
from serving import command, picture
from sites import Site, article, snapshot

from feedsvc.config import parse_bucket
from feedsvc.export.layout import ExportError
from feedsvc.export.media import find_source

if TYPE_CHECKING:
    from typing_extensions import Buffer

# A recording that obstore puts in several parts.
_SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(range(256)) * 48_000


@pytest.fixture
def prefix(s3: S3, site: Site) -> str:
    """A prefix of the bucket that is the site's content folder, with two articles and media."""
    made = f"run-{uuid4().hex}"
    text = site.config.read_text().replace("folder: content", f"folder: s3://news-desk/{made}")
    site.config.write_text(
        text.replace("  title:", "  icon: http://gazette.test/media/own/icon.png\n  title:")
    )
    s3.put(f"{made}/own/icon.png", picture())
    s3.put(f"{made}/politics/a.md", article("First", image="Mädchen.png"))
    s3.put(f"{made}/politics/Mädchen.png", picture())
    s3.put(f"{made}/politics/b.md", article("Second", enclosure="b.mp3"))
    s3.put(f"{made}/politics/b.mp3", _SOUND)
    assert command(site, "scan").returncode == 0
    return made


def export(site: Site, target: str) -> dict[str, object]:
    run = command(site, "export", target, "--json")
    assert run.returncode == 0, run.stderr
    said: dict[str, object] = json.loads(run.stdout)
    return said


def test_media_come_from_the_bucket(s3: S3, site: Site, prefix: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = export(site, str(out))
    assert (out / "media/politics/Mädchen.png").read_bytes() == picture()
    assert (out / "media/politics/b.mp3").read_bytes() == _SOUND
    assert (out / "media/own/icon.png").read_bytes() == picture()
    assert not list((out / "media").rglob("*.md"))
    assert isinstance(first["put"], int) and first["put"] > 40
    before, asked = snapshot(out), s3.count_requests()
    again = export(site, str(out))
    assert (again["put"], again["deleted"]) == (0, 0) and snapshot(out) == before
    # What the scan knows is not asked again; only the site's own icon is.
    assert s3.count_requests() - asked == 1


def test_a_changed_and_a_deleted_file(s3: S3, site: Site, prefix: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(site, str(out))
    s3.put(f"{prefix}/politics/b.mp3", _SOUND[:100_000])
    s3.delete(f"{prefix}/politics/Mädchen.png")
    for _ in range(2):  # a deletion is believed at the second look
        command(site, "scan")
    export(site, str(out))
    assert (out / "media/politics/b.mp3").read_bytes() == _SOUND[:100_000]
    assert not (out / "media/politics/Mädchen.png").exists()


def test_from_bucket_to_bucket(s3: S3, site: Site, prefix: str) -> None:
    target = f"out-{uuid4().hex}"
    export(site, f"s3://news-desk/{target}")
    store = S3Store("news-desk", prefix=target)
    got = store.get("media/politics/b.mp3")
    assert bytes(got.bytes()) == _SOUND
    assert got.attributes["Content-Type"] == "audio/mpeg"
    assert bytes(store.get("media/politics/Mädchen.png").bytes()) == picture()
    assert export(site, f"s3://news-desk/{target}")["put"] == 0


@pytest.mark.parametrize("below", ["", "/out", "/politics"])
def test_not_into_the_content_folder(site: Site, prefix: str, below: str) -> None:
    run = command(site, "export", f"s3://news-desk/{prefix}{below}")
    assert run.returncode == 2 and "lies in the content folder" in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_bucket_that_is_away(
    s3: S3, site: Site, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear line; what was exported before stays as it is."""
    out = tmp_path / "out"
    export(site, str(out))
    before = snapshot(out)
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    run = command(site, "export", str(out))
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert "icon.png cannot be read" in run.stderr and "does not answer" in run.stderr
    assert snapshot(out) == before


class Disk(io.BytesIO):
    """A file being written, to which something happens at its first byte."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self._happens = happens

    def write(self, data: Buffer) -> int:
        self._happens()
        return super().write(data)


def test_who_broke_off_is_named(s3: S3, prefix: str) -> None:
    """A recording that is replaced while it is copied could not be read; a full disk, written."""
    key = f"{prefix}/politics/b.mp3"
    source = find_source(parse_bucket(f"s3://news-desk/{prefix}"), "politics/b.mp3", None)
    assert source

    def fill_the_disk() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        source.copy_to(Disk(fill_the_disk))
    whole = io.BytesIO()
    source.copy_to(whole)
    assert whole.getvalue() == _SOUND
    with pytest.raises(ExportError, match=r"b\.mp3 cannot be read"):
        source.copy_to(Disk(partial(s3.put, key, _SOUND[::-1])))


def test_without_the_library(site: Site, prefix: str, tmp_path: Path) -> None:
    """The commands that need it say what to install."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "obstore.py").write_text("raise ImportError('hidden')\n")
    for words in (
        ["scan"],
        ["check"],
        ["doctor"],
        ["serve"],
        ["explain", "politics/a.md"],
        ["export", str(tmp_path / "out")],
    ):
        run = command(site, *words, PYTHONPATH=str(hidden))
        assert run.returncode in (1, 2), words
        assert "pip install 'feedsvc[s3]'" in run.stderr + run.stdout, words
        assert "Traceback" not in run.stderr, words

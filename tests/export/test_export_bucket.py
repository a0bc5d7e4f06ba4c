"""Exporting to a bucket: one object an address with right headers, and only what changed."""

from __future__ import annotations

import gzip
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from exporting import fill, find_broken, start_export
from obstore.store import S3Store
from s3_servers import KEYS, SERVERS, fetch, make_bucket, serving_buckets
from sites import Site, article, free_port, wait_until

from feedsvc.cli import main
from feedsvc.export import (
    BucketTarget,
    Exported,
    ExportError,
    File,
    PublishedSite,
    export_site,
)
from feedsvc.store import Store

Export = Callable[..., Exported]


@pytest.fixture(scope="module", params=SERVERS)
def buckets(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    with serving_buckets(request.param, tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture
def bucket(buckets: int, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The name of an empty bucket, to be had by the usual variables."""
    for name, value in {**KEYS, "AWS_ENDPOINT": f"http://127.0.0.1:{buckets}"}.items():
        monkeypatch.setenv(name, value)
    name = "b" + str(abs(hash(request.node.name)))
    make_bucket(buckets, name)
    return name


@pytest.fixture
def news(site: Site) -> Site:
    for number in range(12):
        site.write(f"politics/{number}.md", article(f"Story {number}", "A long story. " * 80))
    site.scan()
    return site


def export(site: Site, url: str, **options: object) -> Exported:
    store = Store(f"sqlite:///{site.store}")
    published = PublishedSite(store, site.content, lambda: datetime.now(UTC))
    try:
        return export_site(published, BucketTarget(url, **options))  # type: ignore[arg-type]
    finally:
        store.close()


def list_names(bucket: str) -> set[str]:
    return {one["path"] for found in S3Store(bucket).list() for one in found}


def test_objects_and_their_headers(news: Site, bucket: str, buckets: int) -> None:
    done = export(news, f"s3://{bucket}/site")
    names = list_names(bucket)
    assert {"site/index.html", "site/feeds/index.html", "site/feeds/politics.xml"} <= names
    assert {"site/sections/politics", "site/sitemap.xml", "site/_redirects"} <= names
    assert not any(name.endswith((".gz", ".br")) for name in names if "manifest" not in name)
    assert done.put == len(names) - 1  # and the manifest
    for name, type_ in (
        ("feeds/politics.xml", "application/rss+xml; charset=utf-8"),
        ("feeds/politics.json", "application/feed+json"),
        ("sections/politics", "text/html; charset=utf-8"),
    ):
        answer = fetch(buckets, f"/{bucket}/site/{name}")
        assert answer.headers["content-type"] == type_
        assert answer.headers["cache-control"].startswith("public, max-age=")
        assert "content-encoding" not in answer.headers
        assert b"Story 3" in answer.body


def test_all_codings(news: Site, bucket: str, buckets: int) -> None:
    """The plain name in the coding that is wanted, the others beside it."""
    export(news, f"s3://{bucket}", coding="gzip", variants=True)
    plain = fetch(buckets, f"/{bucket}/feeds/politics.xml")
    assert plain.headers["content-encoding"] == "gzip"
    assert b"Story 3" in gzip.decompress(plain.body)
    for end, coding in ((".gz", "gzip"), (".br", "br"), (".zst", "zstd")):
        answer = fetch(buckets, f"/{bucket}/feeds/politics.xml{end}")
        assert answer.headers["content-encoding"] == coding
        assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    # Another run that wants only one takes the others away.
    export(news, f"s3://{bucket}")
    assert "content-encoding" not in fetch(buckets, f"/{bucket}/feeds/politics.xml").headers
    assert "feeds/politics.xml.br" not in list_names(bucket)


def test_only_what_changed(news: Site, bucket: str, buckets: int) -> None:
    first = export(news, f"s3://{bucket}")
    assert export(news, f"s3://{bucket}").put == 0
    news.write("politics/new.md", article("Quite new"))
    (news.content / "politics/3.md").unlink()
    news.scan()
    done = export(news, f"s3://{bucket}")
    assert 0 < done.put < first.put and done.deleted == 1
    assert not any(name.startswith("sections/sports") for name in done.names)
    order = [next(at for at, name in enumerate(done.names) if name.startswith(start)) for start in
             ("articles/", "feeds/politics.", "sections/politics", "index.html")]  # fmt: skip
    assert order == sorted(order)
    assert b"Quite new" in fetch(buckets, f"/{bucket}/feeds/politics.xml").body


def test_what_is_not_ours_stays(news: Site, bucket: str, buckets: int) -> None:
    export(news, f"s3://{bucket}/a")
    S3Store(bucket).put("a/theirs.txt", b"theirs")
    S3Store(bucket).put("b/theirs.txt", b"theirs")
    (news.content / "politics/3.md").unlink()
    news.scan()
    export(news, f"s3://{bucket}/a")
    assert {"a/theirs.txt", "b/theirs.txt"} <= list_names(bucket)
    run = invoke(news, f"s3://{bucket}/b")
    assert run.exit_code == 1 and "is not empty" in run.stderr
    assert {name for name in list_names(bucket) if name.startswith("b/")} == {"b/theirs.txt"}


def invoke(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", "--config", str(site.config), *arguments])


def test_a_bucket_that_fails(
    news: Site, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One clear line, and exit code 1."""
    run = invoke(news, "s3://no-such-bucket/x")
    assert run.exit_code == 1 and "there is no such bucket" in run.stderr
    assert run.stderr.count("\n") == 1
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    run = invoke(news, f"s3://{bucket}")
    assert run.exit_code == 1 and run.stderr.count("\n") == 1 and "cannot be used" in run.stderr
    run = invoke(news, "s3:///x")
    assert run.exit_code == 2 and "write s3://bucket" in run.stderr


def copy_out(bucket: str, folder: Path) -> Path:
    """Copy a bucket's objects to files; of articles and sections only their names count."""
    store = S3Store(bucket)
    for name in list_names(bucket):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        counts = name.startswith("feeds") or "." in name
        file.write_bytes(bytes(store.get(name).bytes()) if counts else b"")
    return folder


class Broken(BucketTarget):
    """A bucket that fails after so many batches."""

    left = 0

    def put(self, files: Sequence[File]) -> None:
        self.left -= 1
        if self.left < 0:
            raise ExportError("the bucket went away")
        super().put(files)


@pytest.mark.parametrize("batches", [0, 1, 3, 6])
def test_a_first_run_that_breaks_off(news: Site, bucket: str, batches: int) -> None:
    """The next one mends it, also where a name in doubt is a folder of others."""
    url = f"s3://{bucket}/site"
    target = Broken(url)
    target.left = batches
    store = Store(f"sqlite:///{news.store}")
    published = PublishedSite(store, news.content, lambda: datetime.now(UTC))
    with pytest.raises(ExportError, match="went away"):
        export_site(published, target)
    store.close()
    export(news, url)
    assert "site/feeds/politics.xml" in list_names(bucket)
    assert not any("journal" in name for name in list_names(bucket))
    assert export(news, url).put == 0


def test_killed_at_any_moment(news: Site, bucket: str, tmp_path: Path) -> None:
    """kill -9 at random points: what stands there points to nothing that is missing."""
    news.configure("feeds:\n  items: 5\n")
    fill(news, 20)
    news.scan()
    export(news, f"s3://{bucket}")
    assert not find_broken(copy_out(bucket, tmp_path / "first"))
    chance = random.Random(9)
    killed = 0
    journal = ".feedsvc-export/journal.json.gz"
    for turn in range(4):
        fill(news, 15, 100 + 15 * turn)
        for number in range(3):
            (news.content / f"politics/{3 * turn + number}.md").unlink(missing_ok=True)
        news.scan()
        process = start_export(news, f"s3://{bucket}")
        wait_until(lambda: journal in list_names(bucket), 20)
        time.sleep(chance.uniform(0, 0.4))
        process.kill()
        process.communicate()
        killed += journal in list_names(bucket)
        assert not find_broken(copy_out(bucket, tmp_path / str(turn))), turn
    assert killed >= 2
    export(news, f"s3://{bucket}")
    make_bucket(int(os.environ["AWS_ENDPOINT"].rpartition(":")[2]), f"{bucket}-fresh")
    export(news, f"s3://{bucket}-fresh")
    ours, theirs = (
        {name for name in list_names(one) if not name.startswith(".feedsvc")}
        for one in (bucket, f"{bucket}-fresh")
    )
    assert ours == theirs
    for name in ours - {"news-sitemap.xml", "_redirects", "nginx-redirects.map"}:
        one, other = (bytes(S3Store(at).get(name).bytes()) for at in (bucket, f"{bucket}-fresh"))
        assert one == other, name

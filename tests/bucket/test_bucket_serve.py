"""A real ``feedsvc serve`` over a real bucket: from object to feed, and through an outage."""

from __future__ import annotations

import json
import time
import zipfile
from uuid import uuid4

import pytest
from buckets import S3
from serving import command, picture
from sites import Server, Site, article, wait_until


@pytest.fixture
def prefix(s3: S3, site: Site) -> str:
    """A prefix of the bucket, which is the site's content folder; looked at each second."""
    made = f"run-{uuid4().hex}"
    text = site.config.read_text().replace("folder: content", f"folder: s3://news-desk/{made}")
    site.config.write_text(text.replace("scan_every: 5s", "scan_every: 1s"))
    return made


def test_serve_over_a_bucket(s3: S3, site: Site, prefix: str) -> None:
    s3.put(f"{prefix}/politics/a.md", article("First", image="a.png"))
    s3.put(f"{prefix}/politics/a.png", picture())
    server = Server(site)
    try:
        server.wait_ready()
        wait_until(lambda: "First" in server.items())
        wait_until(lambda: b"media/politics/a.png" in server.get("/feeds/all.json").body)
        shown = server.get("/media/politics/a.png")
        assert (shown.status, shown.body) == (200, picture())
        assert shown.headers["content-type"] == "image/png"
        part = server.get("/media/politics/a.png", Range="bytes=1-3")
        assert (part.status, part.body) == (206, b"PNG")
        again = server.get("/media/politics/a.png", If_None_Match=shown.headers["etag"])
        assert again.status == 304
        for hidden in ("/media/politics/a.md", "/media/..%2Fa.png", "/media/none.png"):
            assert server.get(hidden).status == 404, hidden

        s3.put(f"{prefix}/sports/b.md", article("Second"))
        wait_until(lambda: {"First", "Second"} == set(server.items()))
        ids = {one.id for one in server.items().values()}
        s3.put(f"{prefix}/sports/b.md", article("Sequel"))
        wait_until(lambda: {"First", "Sequel"} == set(server.items()))
        assert {one.id for one in server.items().values()} == ids
        s3.delete(f"{prefix}/sports/b.md")
        wait_until(lambda: {"First"} == set(server.items()))

        # The server of the bucket dies, and with it all that was in it.
        s3.stop()
        wait_until(lambda: "cannot be read" in server.get("/readyz").text, 60.0)
        assert "does not answer" in server.get("/readyz").text
        # Nobody outside learns where the bucket is.
        for secret in (str(s3.port), "news-desk"):
            assert secret not in server.get("/readyz").text
        time.sleep(3)  # some scans more that fail
        assert set(server.items()) == {"First"}
        assert server.get("/media/politics/a.png").status == 503
        s3.start()
        s3.put(f"{prefix}/politics/a.md", article("First", image="a.png"))
        s3.put(f"{prefix}/politics/c.md", article("Third"))
        wait_until(lambda: {"First", "Third"} == set(server.items()), 60.0)
        wait_until(lambda: "cannot be read" not in server.get("/readyz").text)
        # Told once, however often it was tried.
        told = [line for line in server.log.splitlines() if "folder unreadable" in line]
        assert sum("does not answer" in line for line in told) == 1, told
        assert server.stop() == 0
    finally:
        server.kill()


def test_commands_over_a_bucket(s3: S3, site: Site, prefix: str) -> None:
    s3.put(f"{prefix}/politics/a.md", article("First"))
    scanned = command(site, "scan", "--json")
    assert scanned.returncode == 0, scanned
    assert json.loads(scanned.stdout)["new"] == ["politics/a.md"]
    told = command(site, "explain", "politics/a.md")
    assert told.returncode == 0 and "First" in told.stdout
    missing = command(site, "explain", "politics/none.md")
    assert missing.returncode == 1 and "cannot be read" in missing.stdout
    assert command(site, "check").returncode == 0
    doctor = command(site, "doctor", "--json")
    (content,) = [one for one in json.loads(doctor.stdout)["checks"] if one["check"] == "content"]
    assert content["state"] == "ok" and "1 objects" in content["what"]
    saved = command(site, "backup", "--content", str(site.root / "all.zip"))
    assert saved.returncode != 0 and "rclone sync" in saved.stderr
    assert command(site, "backup", str(site.root / "store.zip")).returncode == 0
    assert "content" not in str(zipfile.ZipFile(site.root / "store.zip").namelist())
    filed = command(site, "file", "politics/a.md", "sports")
    assert filed.returncode == 0, filed
    gone = command(site, "withdraw", "politics/a.md")
    assert gone.returncode == 0, gone
    for each in (scanned, told, missing, doctor, saved):
        assert "Traceback" not in each.stdout + each.stderr


@pytest.mark.parametrize("words", [("scan",), ("check",), ("doctor",), ("explain", "a.md")])
def test_commands_while_the_bucket_does_not_answer(
    words: tuple[str, ...], site: Site, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    done = command(site, *words)
    assert done.returncode != 0 and "Traceback" not in done.stdout + done.stderr
    assert "cannot be read" in done.stdout + done.stderr

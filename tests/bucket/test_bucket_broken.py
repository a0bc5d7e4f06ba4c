"""A server of buckets that gives no parts: what it says of media is told, and breaks nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from s3_servers import KEYS, write_command
from servers import running
from serving import command, picture
from sites import Server, Site, article, ask, free_port

from feedsvc.bucket.objects import open_bucket


@pytest.fixture
def port(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> int:
    """The port of rclone's server, whose answer to a range is 200; the content lies there."""
    port = free_port()
    for name, value in {**KEYS, "AWS_ENDPOINT": f"http://127.0.0.1:{port}"}.items():
        monkeypatch.setenv(name, value)
    open_bucket.cache_clear()
    text = site.config.read_text().replace("folder: content", "folder: s3://news-desk")
    site.config.write_text(text)
    folder = tmp_path / "buckets" / "news-desk" / "politics"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(article("First", image="a.png"))
    (folder / "a.png").write_bytes(picture() * 3)
    return port


def test_articles_come_and_their_pictures_do_not(site: Site, port: int, tmp_path: Path) -> None:
    words = write_command("rclone", port, tmp_path / "buckets")
    with running(words, tmp_path / "rclone.log", lambda: ask(port, "/").status < 500):
        assert command(site, "scan").returncode == 0
        said = command(site, "problems")
        assert "image: a.png: cannot be read" in said.stdout
        server = Server(site)
        try:
            server.wait_ready()
            assert "First" in server.items()
            answer = server.get("/media/politics/a.png")
            assert answer.status == 503 and answer.headers["retry-after"]
        finally:
            server.kill()
        assert "media/politics/a.png cannot be read" in server.log
        assert "Traceback" not in server.log

"""Media files dropped into the folder of a running site, as people do it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from media_files import draw_picture, record_mp3
from sites import Server, Site, article, serving, wait_until


def item_of(server: Server) -> dict[str, Any]:
    (item,) = json.loads(server.get("/feeds/all.json").body)["items"]
    return dict(item)


def test_files_may_come_in_any_order_and_go(tmp_path: Path) -> None:
    """Events wake the engine: the next look by the clock is an hour away."""
    site = Site(tmp_path / "site", settle="0.2s")
    site.configure()
    site.config.write_text(site.config.read_text().replace("scan_every: 5s", "scan_every: 1h"))
    text = article("Talk", date="2026-01-02", audio='"my talk #1.mp3"', image="sub/photo.png")
    site.write("sports/talk.md", text)
    with serving(site) as server:
        updated = item_of(server)["date_modified"]
        assert "attachments" not in item_of(server)
        sound = site.write("sports/my talk #1.mp3", record_mp3(3))
        wait_until(lambda: "attachments" in item_of(server))
        # A folder that is moved in names none of its files.
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub/photo.png").write_bytes(draw_picture(300, 200))
        (tmp_path / "sub").rename(site.content / "sports/sub")
        wait_until(lambda: "image" in item_of(server))
        (one,) = item_of(server)["attachments"]
        path = one["url"].removeprefix("http://gazette.test")
        assert path == "/media/sports/my%20talk%20%231.mp3"
        answer = server.get(path, Range="bytes=10-19")
        assert (answer.status, answer.body) == (206, record_mp3(3)[10:20])
        site.write("sports/my talk #1.mp3", record_mp3(9))
        wait_until(lambda: item_of(server)["attachments"][0]["duration_in_seconds"] == 9)
        sound.unlink()
        wait_until(lambda: "attachments" not in item_of(server))
        assert item_of(server)["date_modified"] == updated
        page = server.get(item_of(server)["url"].removeprefix("http://gazette.test")).text
        assert "<audio" not in page and "photo.png" in page

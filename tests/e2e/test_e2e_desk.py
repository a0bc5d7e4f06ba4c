"""A desk beside a running ``feedsvc serve``: corrections, holds, floods."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sites import Site, article, at, plain_environment, serving, wait_until

OLD = at(datetime(2020, 1, 1, tzinfo=UTC))
FERRY = ("ferry", "Gannet", "Island", "pier", "sailors", "cargo", "ropes", "gulls", "harbour")
COUNCIL = ("council", "taxes", "vote", "members", "budget", "mayor", "roads", "debate", "hall")


def tell(site: Site, path: str, words: tuple[str, ...], number: int) -> None:
    """Write an article of the same words as its like, and of no sentence that is alike."""
    turned = [*words[number:], *words[:number]]
    text = ". ".join(" ".join(turned[at:] + turned[:at]) for at in range(1, 9, number + 2))
    site.write(path, article(f"{words[0]} {number}", text))


def command(site: Site, *words: str) -> str:
    """Run a command as a person does, beside the server."""
    done = subprocess.run(
        [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)],
        capture_output=True,
        text=True,
        cwd=site.root,
        env=plain_environment(),
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def test_a_correction_is_live_and_learned_beside_a_server(tmp_path: Path) -> None:
    """Without a restart, and without anything that reads the folder again."""
    site = Site(tmp_path / "site", settle="50ms")
    for number in (1, 2, 3):
        tell(site, f"politics/{number}.md", COUNCIL, number)
    tell(site, "1.md", FERRY, 1)
    with serving(site) as server:
        wait_until(lambda: len(server.items()) == 4 or None)
        assert json.loads(command(site, "review", "--json"))[0]["path"] == "1.md"
        command(site, "file", "1.md", "sports")
        wait_until(lambda: "ferry 1" in server.items("sports"), 2.0)
        time.sleep(2.5)  # the engine has learned it by then, whatever it does
        tell(site, "2.md", FERRY, 2)
        wait_until(lambda: "ferry 2" in server.items("sports"))


def test_a_hold_ends_by_itself_also_after_a_kill(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", settle="50ms")
    site.config.write_text(site.config.read_text().replace("content:\n", "content:\n  hold: 6s\n"))
    with serving(site) as server:
        written = datetime.now(UTC)
        site.write("politics/a.md", article("A"))
        wait_until(lambda: "a.md" in command(site, "review"))
        assert server.items() == {}
        server.kill()
    with serving(site) as server:
        wait_until(lambda: "A" in server.items())
        assert datetime.now(UTC) - written >= timedelta(seconds=6)
        assert server.get("/feeds/politics.xml").status == 200


def test_a_folder_of_old_articles_is_no_news_to_a_running_site(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", settle="50ms")
    site.write("politics/first.md", article("First"))
    archive = tmp_path / "archive"
    archive.mkdir()
    for number in range(40):
        text = article(f"Old {number}", f"It was number {number}, then.", date=OLD)
        (archive / f"{number}.md").write_text(text)
    with serving(site) as server:
        wait_until(lambda: "First" in server.items())
        shutil.copytree(archive, site.content / "politics" / "archive")
        site.write("politics/news.md", article("News"))
        wait_until(lambda: "News" in server.items())
        wait_until(lambda: "feeds.flood_age" in server.log)
        wait_until(lambda: command(site, "sections").count(" 42 ") == 2 or None)
        wait_until(lambda: set(server.items("politics")) == {"First", "News"})
        assert set(server.items()) == {"First", "News"}
        archived: set[str] = set()
        for number in itertools.count(1):  # a copy that several scans saw fills several documents
            page = server.get(f"/feeds/politics/archive/{number}.atom")
            if page.status != 200:
                break
            archived |= set(re.findall("<title>(Old [0-9]+)</title>", page.text))
        assert archived == {f"Old {number}" for number in range(40)}
        assert server.get("/sitemap.xml").text.count("/articles/") == 42
        command(site, "scan", "--as-news")
        wait_until(lambda: len(server.items()) == 42)

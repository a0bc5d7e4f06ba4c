"""Furniture that is known only now: stored articles are cleaned again, without their files."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sites import Site, serving, wait_until

from feedsvc.cli import main
from feedsvc.publication import load_publication
from feedsvc.service import Service

# No structural rule knows these: only other articles tell that they are the site's.
FURNITURE = (
    "Hear the evening bulletin on medium wave, every day but Sunday",
    "A warm word for the people who sort our letters",
)
NAMES = """heron lantern quarry tunnel orchard ferry bakery archive windmill kiosk chapel viaduct
    harbour observatory brewery library funicular pier glasshouse foundry belfry"""
TOPICS = NAMES.split()
TALK = """after before council money neighbours winter plans repairs quietly tickets visitors
    engineers older brick school autumn petition volunteers bridge answer"""
WORDS = TALK.split()


def sentence(number: int, shift: int) -> str:
    """Return a sentence whose words stand in an order that no other story has."""
    order = random.Random(f"{number} {shift}").sample(WORDS, 16)
    return f"The {TOPICS[number]}, they say: {' '.join(order)}, and that is how it was told."


def story(number: int, extra: str = "") -> str:
    """Return a page with the site's furniture around a story of its own."""
    return "\n\n".join(
        [
            f"The {TOPICS[number]} is to open again",
            sentence(number, 1),
            FURNITURE[0],
            sentence(number, 2),
            *([extra] if extra else []),
            FURNITURE[1],
        ]
    )


class Newsroom:
    """A site whose clock moves only when a test says so."""

    def __init__(self, root: Path) -> None:
        self.site = Site(root)
        # Ahead of the disk's, so that every file is still by now.
        self.now = datetime.now(UTC) + timedelta(seconds=5)
        self.open()

    def open(self) -> None:
        """Begin anew, as after a restart."""
        self.service = Service(self.site.load(), lambda: self.now)
        self.service.start()

    def take(self, *numbers: int, extra: str = "") -> None:
        """Let stories arrive together, and then a quiet moment."""
        for number in numbers:
            self.site.write(f"sports/{number}.txt", story(number, extra))
        self.now += timedelta(seconds=2)
        self.service.scan()
        self.clean()

    def clean(self) -> list[str]:
        self.now += timedelta(seconds=2)
        return self.service.clean_again(quiet=True)

    def items(self) -> dict[str, dict[str, Any]]:
        """Return the entries of the feed, by the first word that differs."""
        paths = load_publication(self.service.store).representations
        items = json.loads(paths["/feeds/sports.json"].bodies["identity"])["items"]
        return {item["title"].split()[1]: item for item in items}

    def bytes(self) -> dict[str, bytes]:
        paths = load_publication(self.service.store).representations
        return {path: one.bodies["identity"] for path, one in paths.items() if "/feeds/" in path}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.service.close()


def has_furniture(item: dict[str, Any]) -> bool:
    return any(line in item["content_html"] for line in FURNITURE)


def test_second_article_shows_the_furniture_of_the_first(room: Newsroom) -> None:
    room.take(0)
    assert has_furniture(room.items()["heron"])  # nobody could know
    room.take(1)
    assert not any(map(has_furniture, room.items().values()))
    assert sentence(0, 1) in room.items()["heron"]["content_html"]


def test_folder_is_not_read_again(room: Newsroom) -> None:
    room.take(0)
    room.site.write("sports/1.txt", story(1))
    room.now += timedelta(seconds=2)
    room.service.scan()
    shutil.rmtree(room.site.content)
    room.clean()
    assert not has_furniture(room.items()["heron"])


def test_within_the_first_hour_the_article_is_shown_as_updated(room: Newsroom) -> None:
    room.take(0)
    before = room.items()["heron"]
    room.now += timedelta(minutes=59)
    room.take(1)
    after = room.items()["heron"]
    assert after["date_modified"] > before["date_modified"]
    assert after["date_published"] == before["date_published"]
    assert after["id"] == before["id"]


def test_after_the_first_hour_its_date_stays(room: Newsroom) -> None:
    """R45: nobody edited it, and readers would show an old article as new."""
    room.take(0)
    before = room.items()["heron"]
    room.now += timedelta(minutes=61)
    room.take(1)
    after = room.items()["heron"]
    assert not has_furniture(after)
    assert after["date_modified"] == before["date_modified"]


def test_sentence_that_was_taken_for_furniture_comes_back(room: Newsroom) -> None:
    quote = "He who pays the ferryman twice has only himself to thank"
    for number in (0, 1):
        room.take(number, extra=quote)
    assert not any(quote in item["content_html"] for item in room.items().values())
    # Of twenty articles two may well quote the same words.
    room.take(*range(2, 21))
    items = room.items()
    assert quote in items["heron"]["content_html"]
    assert quote in items["lantern"]["content_html"]
    assert not any(map(has_furniture, items.values()))


def test_order_of_arrival_does_not_matter(room: Newsroom, tmp_path: Path) -> None:
    """F12: a lost store that is built again from the folder gives the same texts."""
    for number in range(12):
        room.take(number)
    other = Newsroom(tmp_path / "other")
    other.take(*reversed(range(12)))
    for word, item in room.items().items():
        assert other.items()[word]["content_html"] == item["content_html"]
    other.service.close()


def test_nothing_changes_where_nothing_came(room: Newsroom) -> None:
    room.take(*range(8))
    before = room.bytes()
    assert room.clean() == []
    room.service.close()
    room.open()
    assert room.clean() == []
    assert room.bytes() == before


def test_cleaning_that_was_cut_short_is_taken_up_again(room: Newsroom) -> None:
    room.take(0)
    room.site.write("sports/1.txt", story(1))
    room.now += timedelta(seconds=2)
    room.service.scan()  # and the process dies before the quiet moment
    room.service.close()
    room.open()
    assert room.clean() == ["sports/0.txt"]
    assert not has_furniture(room.items()["heron"])


def test_copy_of_the_same_story_is_no_furniture(room: Newsroom) -> None:
    room.site.write("sports/copy.txt", story(0) + "\n\nAn update of the last hour says no more.")
    room.take(0, 1)
    item = room.items()["heron"]
    assert sentence(0, 1) in item["content_html"]
    assert not has_furniture(item)


def test_deleted_file_teaches_no_more(room: Newsroom) -> None:
    room.take(0, 1)
    (room.site.content / "sports/1.txt").unlink()
    for _ in range(2):  # it is believed to be gone when it is missing twice
        room.now += timedelta(seconds=2)
        room.service.scan(accept_deletions=True)
    assert [path for path, _ in room.service.store.newest_sources(10)] == ["sports/0.txt"]


def test_corrected_file_is_cleaned_with_what_is_known(room: Newsroom) -> None:
    room.take(0, 1, 2)
    room.site.write("sports/0.txt", story(0, extra="A sentence that was added later stays here."))
    room.now += timedelta(minutes=5)
    room.service.scan()
    content = room.items()["heron"]["content_html"]
    assert "added later" in content
    assert not has_furniture(room.items()["heron"])


def test_explain_and_scan_say_what_was_learned(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for number in (0, 1):
        file = site.write(f"sports/{number}.txt", story(number))
        os.utime(file, (1_700_000_000, 1_700_000_000))
        run = CliRunner().invoke(main, ["scan", "--config", str(site.config)])
        assert run.exit_code == 0, run.output
    assert "cleaned again" in run.output
    command = ["explain", "--json", "--config", str(site.config), "sports/0.txt"]
    facts = json.loads(CliRunner().invoke(main, command).stdout)
    cuts = {cut["text"]: cut["reason"] for cut in facts["cuts"]}
    assert cuts[FURNITURE[0]] == "stands in other articles of the site"
    assert not any(line in facts["text"] for line in FURNITURE)


def test_running_server_cleans_again_within_seconds(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write("sports/0.txt", story(0))
    with serving(site) as server:
        feed = wait_until(lambda: (text := server.get("/feeds/sports.atom").text) and text)
        assert FURNITURE[0] in feed
        site.write("sports/1.txt", story(1))
        wait_until(lambda: FURNITURE[0] not in server.get("/feeds/sports.atom").text)
        assert server.get("/feeds/sports.atom").text.count("<entry") == 2


def test_rules_of_the_config_are_no_edit_of_old_articles(room: Newsroom) -> None:
    """R45: read otherwise, the text of an old article changes, and its date stays."""
    room.take(0, 1)
    before = room.items()["heron"]
    assert sentence(0, 2) in before["content_html"]
    room.now += timedelta(hours=2)
    room.site.configure("cleaning: {drop: ['The heron, they say: .*'] }\n")
    room.service.reload(room.site.load())
    room.now += timedelta(seconds=2)
    room.site.write("sports/2.txt", story(2))
    room.service.scan()
    room.clean()
    items = room.items()
    assert "they say" not in items["heron"]["content_html"]
    assert items["heron"]["date_modified"] == before["date_modified"]
    assert set(items) == {"heron", "lantern", "quarry"}


def test_edit_of_the_same_file_moves_its_date(room: Newsroom) -> None:
    room.take(0, 1)
    before = room.items()["heron"]
    room.now += timedelta(hours=2)
    room.take(0, extra="A sentence that an editor added in the afternoon.")
    assert room.items()["heron"]["date_modified"] > before["date_modified"]

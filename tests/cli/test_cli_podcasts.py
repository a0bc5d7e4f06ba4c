"""``feedsvc check`` says what Apple would refuse of a podcast, and what it would pass over."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from media_files import draw_picture, record_mp3
from sites import Site, article

GOOD = """\
  talk:
    title: Talk
    match: {any: [recording]}
    podcast:
      owner: {name: Ann Lee, email: ann@gazette.test}
      category: News
      artwork: talk/cover.jpg
"""
Run = Callable[..., Result]


def faults_of(run: Run) -> list[str]:
    """Return what the command says, a fault a line: its place, key, words, and a ? for warnings."""
    result = run("check", "--json")
    found = [
        f"{'?' if one['warning'] else ''}{one['file']} {one['key']}: {one['message']}"
        for one in json.loads(result.stdout)
    ]
    assert result.exit_code == int(any(not one.startswith("?") for one in found))
    return found


@pytest.fixture
def podcast(site: Site) -> Site:
    """A site with a podcast in which nothing is wrong."""
    site.configure(GOOD)
    site.write("talk/cover.jpg", draw_picture(1400, 1400, "JPEG"))
    site.write("talk/one.mp3", record_mp3(1))
    site.write("talk/one.md", article("One", enclosure="one.mp3"))
    return site


def test_nothing_is_wrong(podcast: Site, run: Run) -> None:
    assert faults_of(run) == []


def test_what_is_missing_in_the_config(podcast: Site, run: Run) -> None:
    podcast.configure("  talk: {title: Talk, podcast: {}}\n")
    assert faults_of(run) == [
        "config.yaml sections.talk.podcast.category: is missing: Apple refuses a podcast without"
        " one",
        "?config.yaml sections.talk.podcast.owner: is missing: directories write there to see that"
        " the podcast is yours",
        "config.yaml sections.talk.podcast.artwork: is missing: Apple refuses a podcast without it",
    ]


@pytest.mark.parametrize(
    ("picture", "trouble"),
    [
        (draw_picture(1399, 1399, "JPEG"), "has 1399 x 1399 pixels"),
        (draw_picture(3001, 3001, "JPEG"), "has 3001 x 3001 pixels"),
        (draw_picture(2000, 1500, "JPEG"), "has 2000 x 1500 pixels"),
        (draw_picture(3000, 3000), ""),  # its name says JPEG, and it is as good
        (b"no picture at all", "is no picture that can be read, though its name says so"),
        (b"", "is empty"),
        (None, "there is no such file in the content folder"),
    ],
)
def test_artwork(podcast: Site, run: Run, picture: bytes | None, trouble: str) -> None:
    if picture is None:
        (podcast.content / "talk/cover.jpg").unlink()
    else:
        podcast.write("talk/cover.jpg", picture)
    key = "config.yaml sections.talk.podcast.artwork"
    assert faults_of(run) == ([f"{key}: talk/cover.jpg {trouble}"] if trouble else [])


def test_artwork_that_lies_elsewhere_is_not_asked_for(podcast: Site, run: Run) -> None:
    podcast.configure(GOOD.replace("talk/cover.jpg", "https://nowhere.invalid/cover.jpg"))
    assert faults_of(run) == []


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ({}, 'enclosure: is no sound or video: Apple leaves it out of the podcast "talk"'),
        (
            {"enclosure": "https://cdn.test/a.pdf"},
            'enclosure: is no sound or video: Apple leaves it out of the podcast "talk"',
        ),
        (
            {"enclosure": "https://cdn.test/a.ogg"},
            "enclosure: is audio/ogg: Apple plays MP3, M4A, MP4, M4V and MOV",
        ),
        (
            {"enclosure": "https://cdn.test/a.mp3", "syndication": "summary"},
            'syndication: keeps the recording out of the podcast "talk"',
        ),
        ({"enclosure": "https://cdn.test/a.mp3"}, ""),
        ({"enclosure": "https://cdn.test/a.mp4"}, ""),
    ],
)
def test_articles_that_apple_passes_over(
    podcast: Site, run: Run, front: dict[str, str], said: str
) -> None:
    """They stay in the feed; so it is no more than a warning."""
    podcast.write("talk/two.md", article("Two", **front))
    podcast.write("politics/none.md", article("Nobody asked for sound here"))
    assert faults_of(run) == ([f"?talk/two.md {said}"] if said else [])


def test_articles_of_a_serial_have_numbers(podcast: Site, run: Run) -> None:
    podcast.configure(GOOD + "      type: serial\n")
    podcast.write("talk/two.md", article("Two", enclosure="one.mp3", episode="2"))
    assert faults_of(run) == [
        '?talk/one.md episode: is missing: the podcast "talk" is serial, its episodes have numbers'
    ]


def test_articles_that_a_rule_has_filed(podcast: Site, run: Run) -> None:
    podcast.write("elsewhere/two.md", article("A recording"))
    assert [one.split(":")[0] for one in faults_of(run)] == ["?elsewhere/two.md enclosure"]


def test_articles_that_the_model_has_filed(podcast: Site, run: Run) -> None:
    """Only the store knows of those."""
    podcast.configure(GOOD + "filing: {fallback: talk}\n")
    podcast.write("elsewhere/two.md", article("What no rule knows", "Zebra."))
    assert faults_of(run) == []
    podcast.scan()
    assert [one.split(":")[0] for one in faults_of(run)] == ["?elsewhere/two.md enclosure"]

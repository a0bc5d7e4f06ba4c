"""Podcasts as a site publishes them: no rule of Apple's is broken, whatever articles hold."""

from __future__ import annotations

from pathlib import Path

import feedparser
import pytest
from atom_rules import find_atom_faults
from hostile import HOSTILE
from json_rules import find_json_faults
from lxml import etree
from media_files import draw_picture, record_mp3
from podcast_rules import ITUNES, find_podcast_faults
from published import Published, publish
from rss_rules import find_rss_faults
from sites import Site, article

# Beside the podcast a section that has sound as well, but is none.
SECTIONS = """\
  talk:
    title: Talk & <b>more</b>
    description: What the city talks about
    podcast:
      author: Ann & Bo
      owner: {name: Ann Lee, email: ann@gazette.test}
      category: [news > politics, Society & Culture]
      artwork: talk/the cover é.jpg
      explicit: true
      complete: true
      new_feed_url: https://pods.test/talk?a=1&b=2
  bare:
    title: Bare
    podcast: {category: History, artwork: "https://cdn.test/cover.png"}
  radio: Radio
"""


@pytest.fixture(scope="module")
def podcasts(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Two podcasts, one among hostile articles and one with nothing in it."""
    site = Site(tmp_path_factory.mktemp("podcasts"))
    site.configure(SECTIONS)
    for path, text in HOSTILE.items():
        site.write(f"talk/{Path(path).name}", text)
    site.write("talk/mañana & 5%.mp3", record_mp3(2))
    site.write("talk/cover.jpg", draw_picture(1400, 1400, "JPEG"))
    front = {"enclosure": '"mañana & 5%.mp3"', "episode": "2", "season": "1"}
    front |= {"episode_type": "trailer", "explicit": "false", "image": "cover.jpg"}
    site.write("talk/good.md", article("Good", **front))
    far = {"enclosure": "https://cdn.test/far.m4a", "duration": "1:02:03"}
    site.write("talk/far.md", article("Far", **far, image="picture.webp"))
    odd = {
        "enclosure": "https://cdn.test/odd.mp4",
        "duration": "later",
        "episode": "-1",
        "season": "x",
    }
    odd |= {"episode_type": "teaser", "explicit": "clean"}
    site.write("talk/odd.md", article("Odd", **odd))
    site.write("talk/silent.md", article("Silent", episode="7"))
    site.write("radio/show.md", article("A show", enclosure="show.mp3", episode="3"))
    with site.service() as service:
        return publish(service, len(HOSTILE) + 5)


@pytest.mark.parametrize("name", ["talk", "bare"])
def test_no_rule_is_broken(podcasts: Published, name: str) -> None:
    rss = podcasts.feeds("xml")[name]
    assert find_podcast_faults(rss) == {}
    assert find_rss_faults(rss) == {}
    assert find_atom_faults(podcasts.feeds("atom")[name]) == {}
    assert find_json_faults(podcasts.feeds("json")[name]) == {}


def test_other_feeds_have_none_of_it(podcasts: Published) -> None:
    for name, body in podcasts.feeds("xml").items():
        assert (b"itunes" in body) == (name in ("talk", "bare")), name
    for suffix in ("atom", "json"):
        assert all(b"itunes" not in body for body in podcasts.feeds(suffix).values())


def test_the_config_is_what_is_said(podcasts: Published) -> None:
    channel = etree.fromstring(podcasts.feeds("xml")["talk"]).find("channel")
    assert channel is not None
    found = {
        one.tag.partition("}")[2]: one.get("href") or one.text
        for one in channel
        if ITUNES in str(one.tag)
    }
    assert {name: found[name] for name in ("author", "explicit", "type", "complete")} == {
        "author": "Ann & Bo",
        "explicit": "true",
        "type": "episodic",
        "complete": "Yes",
    }
    assert found["image"] == "http://gazette.test/media/talk/the%20cover%20%C3%A9.jpg"
    assert found["new-feed-url"] == "https://pods.test/talk?a=1&b=2"


def test_an_episode_is_what_its_article_says(podcasts: Published) -> None:
    """P25: and the address of its recording leads there, whatever the file is called."""
    parsed = feedparser.parse(podcasts.feeds("xml")["talk"])
    items = {one.title: one for one in parsed.entries}
    good, far, odd, silent = (items[title] for title in ("Good", "Far", "Odd", "Silent"))
    assert good.enclosures[0] == {
        "href": "http://gazette.test/media/talk/ma%C3%B1ana%20&%205%25.mp3",
        "length": str(len(record_mp3(2))),
        "type": "audio/mpeg",
    }
    assert (good.itunes_duration, good.itunes_episode, good.itunes_season) == ("2", "2", "1")
    assert good.itunes_episodetype == "trailer"
    assert good.image.href == "http://gazette.test/media/talk/cover.jpg"
    assert far.enclosures[0].type == "audio/x-m4a" and far.itunes_duration == "3723"
    for name in ("duration", "episode", "season", "episodetype", "explicit"):
        assert f"itunes_{name}" not in odd
    assert "image" not in far
    assert not silent.enclosures and "itunes_episode" not in silent

"""Real podcast clients, and readers that know enclosures, take a podcast's episode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from gpodder_reader import Gpodder, Recording
from media_files import draw_picture, record_mp3
from python_readers import Lemon24
from sfeed_reader import Sfeed
from sites import Server, Site, article, serving
from wire import Wire, recording

PODCAST = """\
  talk:
    title: Talk of the Town
    podcast:
      author: The Desk
      owner: {name: Ann Lee, email: ann@gazette.test}
      category: News > Daily News
      artwork: talk/cover.jpg
"""
# Long enough to be lost half way.
SECONDS = 30
DATA = record_mp3(SECONDS)
PATH = f"/media/talk/{quote('the bridge, part 1.mp3')}".replace("%2C", ",")


@dataclass(frozen=True, slots=True)
class Show:
    """A podcast of a server behind a recorder."""

    server: Server
    wire: Wire

    def url(self, suffix: str) -> str:
        return f"{self.server.site.base_url}/feeds/talk.{suffix}"

    @property
    def recording(self) -> str:
        """The address of the one recording."""
        return self.server.site.base_url + PATH


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """A podcast with an episode, and with an article that has nothing to hear."""
    with recording() as wire:
        site = Site(tmp_path_factory.mktemp("show"), base_url=f"http://127.0.0.1:{wire.port}")
        site.configure(PODCAST)
        site.write("talk/cover.jpg", draw_picture(1400, 1400, "JPEG"))
        site.write("talk/the bridge, part 1.mp3", DATA)
        front = {"enclosure": '"the bridge, part 1.mp3"', "episode": "1", "date": "2026-01-02"}
        site.write("talk/bridge.md", article("The bridge", "Who *pays*?", **front))
        site.write("talk/silent.md", article("Nothing to hear", date="2026-01-01"))
        with serving(site) as server:
            wire.upstream = server.port
            yield Show(server, wire)


@pytest.mark.parametrize("suffix", ["xml", "atom"])
def test_gpodder_subscribes(show: Show, tmp_path: Path, suffix: str) -> None:
    """It knows the episode and its file; an article without one has none there either."""
    gpodder = Gpodder(tmp_path / "home")
    gpodder.fetch(show.url(suffix))
    # Atom has no word for how long a recording lasts.
    seconds = SECONDS if suffix == "xml" else 0
    bridge = Recording("The bridge", show.recording, "audio/mpeg", len(DATA), seconds)
    recordings = gpodder.recordings()
    assert recordings["The bridge"] == bridge
    assert (recordings["Nothing to hear"].url, recordings["Nothing to hear"].length) == ("", 0)
    bridge_item, silent_item = sorted(gpodder.items(), key=lambda item: item.title, reverse=True)
    assert bridge_item.id.startswith("tag:gazette.test,2026-01-01:")
    assert "<em>pays</em>" in bridge_item.content
    assert silent_item.title == "Nothing to hear"


def test_gpodder_downloads_and_goes_on_where_it_was(show: Show, tmp_path: Path) -> None:
    """A lost connection costs no byte twice: what is missing is asked for, and comes as 206."""
    gpodder = Gpodder(tmp_path / "home")
    gpodder.fetch(show.url("xml"))
    before = len(show.wire.about(PATH))
    half = len(DATA) // 2
    show.wire.breaks[PATH] = half
    gpodder.download()
    first, second = show.wire.about(PATH)[before:]
    assert first.status == 200 and "range" not in first.asked
    assert first.answered["content-type"] == "audio/mpeg"
    assert first.answered["content-length"] == str(len(DATA))
    assert second.asked["range"] == f"bytes={half}-"
    assert second.status == 206
    assert second.answered["content-range"] == f"bytes {half}-{len(DATA) - 1}/{len(DATA)}"
    (file,) = gpodder.files()
    assert file.read_bytes() == DATA


def test_artwork_is_where_the_feed_says(show: Show) -> None:
    """HEAD tells the same of it: so Apple finds out whether it is a new one."""
    server = show.server
    whole, head = (server.get("/media/talk/cover.jpg", how) for how in ("GET", "HEAD"))
    assert whole.status == head.status == 200
    assert whole.headers["content-type"] == "image/jpeg"
    assert head.headers["content-length"] == str(len(whole.body))


@pytest.mark.parametrize("suffix", Sfeed.formats)
def test_sfeed_shows_the_enclosure(show: Show, tmp_path: Path, suffix: str) -> None:
    sfeed = Sfeed(tmp_path / "home")
    sfeed.fetch(show.url(suffix))
    assert sfeed.enclosures() == {"The bridge": show.recording, "Nothing to hear": ""}


@pytest.mark.parametrize("suffix", Lemon24.formats)
def test_reader_shows_the_enclosure(show: Show, tmp_path: Path, suffix: str) -> None:
    """P18, P25, P42: address, type and length."""
    reader = Lemon24(tmp_path / "home")
    reader.fetch(show.url(suffix))
    assert reader.enclosures() == {
        "The bridge": [(show.recording, "audio/mpeg", len(DATA))],
        "Nothing to hear": [],
    }

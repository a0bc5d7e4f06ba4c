"""Sound and video in a person's browser: ours is played, and nothing is fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from browsing import CHROMIUM, DESK, DRIVER, HOST, PHONE, Browser, Screen
from media_files import draw_picture, film_mp4, record_wav
from selenium.webdriver.common.keys import Keys
from sites import Server, Site, article, serving, wait_until

SECONDS = 3
SAYS = "const one = document.querySelector(arguments[0]); return "


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with recordings of its own, and with some that lie elsewhere."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip("needs a browser: apt-get install chromium chromium-driver (Debian)")
    site = Site(tmp_path_factory.mktemp("talks"), base_url=f"http://{HOST}")
    site.write("culture/talk #1 100%.wav", record_wav(SECONDS))
    site.write("culture/tide.mp4", film_mp4(95))
    site.write("culture/tide.png", draw_picture(640, 360))
    site.write("culture/heard.md", article("Heard", audio='"talk #1 100%.wav"'))
    image = "{url: tide.png, caption: The tide at noon, credit: A. Nielsen}"
    site.write("culture/seen.md", article("Seen", video="tide.mp4", image=image))
    body = 'Look: <video src="https://far.test/a.mp4" autoplay poster="https://far.test/a.jpg">'
    body += '</video><audio src="https://far.test/a.mp3" autoplay></audio> and listen.'
    far = article("Far", body, enclosure="https://far.test/film.mp4", date="2026-01-02")
    site.write("culture/far.md", far)
    site.scan()
    with serving(site) as server:
        yield server


@pytest.fixture(scope="module")
def viewer(talks: Server) -> Iterator[Browser]:
    browser = Browser(talks.port)
    try:
        yield browser
    finally:
        browser.close()


class Visit:
    """A look at articles, and all that the browser asked for on the way."""

    def __init__(self, browser: Browser, links: Mapping[str, str]) -> None:
        self.browser = browser
        self._links = links
        self._asked: list[str] = []

    def open(self, title: str) -> None:
        """Go to an article."""
        self.browser.open(self._links[title])

    def asked(self) -> list[str]:
        """Return every address that was asked for since the visit began."""
        self._asked += self.browser.take_requests()
        return self._asked


@pytest.fixture
def visit(talks: Server, viewer: Browser) -> Iterator[Visit]:
    """A visit; in the end, no page complained or asked anyone else."""
    links = {title: urlsplit(item.link).path for title, item in talks.items().items()}
    viewer.set_up(DESK)
    viewer.take_requests()
    viewer.take_complaints()
    visit = Visit(viewer, links)
    yield visit
    assert visit.asked(), "the browser's record of requests is empty"
    assert {urlsplit(url).hostname for url in visit.asked()} <= {HOST, None}
    assert not viewer.take_complaints()


def test_own_recording_is_played(viewer: Browser, visit: Visit) -> None:
    """It is fetched only when somebody wants to hear it, and by parts then."""
    visit.open("Heard")
    assert viewer.ask(SAYS + "[one.controls, one.preload]", "audio") == [True, "none"]
    assert not any(".wav" in url for url in visit.asked())
    while (focus := viewer.press(Keys.TAB)).tag != "audio":
        assert focus.tag != "body", "the player cannot be reached by the keyboard"
    assert focus.seen and focus.ring >= 2
    viewer.press(Keys.SPACE)
    wait_until(lambda: viewer.ask(SAYS + "one.currentTime > 0.2", "audio"))
    assert viewer.ask(SAYS + "[Math.round(one.duration), one.error]", "audio") == [SECONDS, None]
    viewer.ask("const one = document.querySelector('audio'); one.currentTime = 2.5")
    wait_until(lambda: viewer.ask(SAYS + "one.ended", "audio"))
    link = viewer.ask(SAYS + "one.innerText", ".enclosure")
    assert link == "Open the recording (audio/wav, 0.1 MB, 0:03)"


def test_recording_opens_by_itself(viewer: Browser, visit: Visit) -> None:
    """Who follows the link below it hears it in a window of its own."""
    visit.open("Heard")
    viewer.driver.get(viewer.ask("return document.querySelector('.enclosure a').href"))
    viewer.ask("const one = document.querySelector('video'); one.muted = true; one.play()")
    wait_until(lambda: viewer.ask(SAYS + "one.currentTime > 0.2", "video"))


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=lambda screen: screen.name)
@pytest.mark.parametrize("title", ["Heard", "Seen"])
def test_player_fits(viewer: Browser, visit: Visit, title: str, screen: Screen) -> None:
    """It is as wide as the text, and its picture stands there before it is asked for."""
    viewer.set_up(screen)
    visit.open(title)
    player = "audio, video"
    width, room = viewer.ask(SAYS + "[one.offsetWidth, one.closest('article').offsetWidth]", player)
    assert width == room
    assert viewer.ask("return document.documentElement.scrollWidth") <= screen.width
    assert viewer.ask(SAYS + "one.getAttribute('aria-label')", player) == title
    if title == "Seen":
        wait_until(lambda: any("tide.png" in url for url in visit.asked()))
        assert viewer.ask("return document.querySelectorAll('article img').length") == 0
        assert "The tide at noon" in viewer.ask(SAYS + "one.innerText", "figcaption")
    viewer.take_picture(f"player-{title.lower()}-{screen.name}")


def test_foreign_video_is_only_linked(viewer: Browser, visit: Visit) -> None:
    """Nothing is asked of another host, neither by the enclosure nor by what stood in the body."""
    visit.open("Far")
    assert viewer.ask("return document.querySelectorAll('video, audio').length") == 0
    assert viewer.ask(SAYS + "one.href", ".enclosure a") == "https://far.test/film.mp4"


def test_policy_forbids_what_got_through(viewer: Browser, visit: Visit) -> None:
    """And if a page had a foreign video all the same, the browser would refuse it."""
    visit.open("Far")
    viewer.ask(
        "const one = document.createElement('video'); one.src = 'https://far.test/a.mp4';"
        "one.id = 'far'; document.body.append(one); one.load()"
    )
    wait_until(lambda: viewer.ask(SAYS + "one.error && one.error.code", "#far"))
    said = viewer.take_complaints()
    assert any("Content Security Policy" in line and "media-src 'self'" in line for line in said)

"""Walks through the site in a real browser: by keyboard alone, on every screen, in both schemes.

After each test the fixture ``browser`` also looks whether the console complained (an error, or
something that the Content-Security-Policy forbade), and whether any request left the site.
"""

from __future__ import annotations

import pytest
from browsing import DESK, PHONE, SMALLEST, Browser, Screen
from selenium.webdriver.common.keys import Keys
from sites import Server, wait_until

ARTICLE = "/articles/[0-9a-f]{16}-council-votes.*"
PAGES = {
    "home": "/",
    "section": "/sections/politics",
    "empty": "/sections/letters",
    "long": "/sections/sports",
    "rtl-section": "/sections/world",
    "feeds": "/feeds/",
    "article": "Council votes",
    "rtl-article": "افتتاح",
    "long-article": "Donau",
    "missing": "/nothing",
}

OUTCOME = "return document.querySelector('output').innerText"

# Each piece of text whose contrast with what is painted behind it is below AA (WCAG 2.2, 1.4.3).
FAINT = """
const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const clear = (colour) => parts(colour)[3] === 0;
const behind = (one) => {
  const colour = getComputedStyle(one).backgroundColor;
  return clear(colour) && one.parentElement ? behind(one.parentElement) : colour;
};
const faint = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const one = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !one.checkVisibility()) continue;
  const style = getComputedStyle(one);
  const [high, low] = [light(style.color), light(behind(one))].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05), size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${walker.currentNode.data}`);
}
return faint;
"""
every_page = pytest.mark.parametrize("page", PAGES)
screens = pytest.mark.parametrize("screen", [PHONE, DESK], ids=lambda screen: screen.name)
schemes = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def path_of(gazette: Server, page: str) -> str:
    """Return where a page of the list above is; an article is found by its headline."""
    path = PAGES[page]
    if path.startswith("/"):
        return path
    (link,) = (item.link for item in gazette.items().values() if item.title.startswith(path))
    return link.removeprefix(gazette.site.base_url)


@screens
@schemes
def test_walk_by_keyboard_from_the_front_page_to_a_subscription(
    browser: Browser, screen: Screen, dark: bool
) -> None:
    """Whatever has the focus on the way is on the screen and has a ring (see ``tab_to``)."""
    browser.set_up(screen, dark)
    browser.open("/")
    # The first Tab is the way past the navigation.
    assert browser.press(Keys.TAB).text == "Skip to the content"
    assert browser.follow() == "/#main"
    assert browser.press(Keys.TAB).href.startswith("/articles/")
    # Back into the navigation that was skipped.
    assert browser.press(Keys.TAB, shift=True).href == "/feeds/"
    browser.tab_to("/sections/politics", shift=True)
    assert browser.follow() == "/sections/politics"
    browser.tab_to(ARTICLE)
    assert browser.follow().startswith("/articles/")
    assert browser.ask("return document.querySelector('h1').innerText").startswith("Council votes")
    browser.tab_to("#main")
    browser.follow()
    browser.tab_to("/sections/politics")  # below the text: "More in Politics"
    assert browser.follow() == "/sections/politics"
    if screen is PHONE:  # beside the articles on a desk, below them here: there is a short way
        browser.tab_to("#subscribe")
        assert browser.follow() == "/sections/politics#subscribe"
    field = browser.tab_to("feed-address")
    assert field.tag == "input"
    button = browser.press(Keys.TAB)
    assert (button.tag, button.seen, button.ring) == ("button", True, 3)
    browser.press(Keys.ENTER)
    wait_until(lambda: browser.ask(OUTCOME).startswith("Copied"))
    browser.tab_to("https://feedly.com/.*")


@pytest.mark.parametrize("own", [True, False], ids=["with a clipboard", "without https"])
def test_copy_button_copies_the_address_and_says_so(browser: Browser, own: bool) -> None:
    browser.set_up(DESK)
    for section in ("sports", "politics"):  # the second shows that the first is not what we read
        path = f"/sections/{section}"
        browser.open(path, *[browser.origin] * own)
        assert browser.ask("return isSecureContext") is own
        browser.ask("document.querySelector('#copy button').focus()")
        browser.press(Keys.ENTER)
        wait_until(lambda: browser.ask(OUTCOME) == "Copied: now paste it into your reader.")
        wait_until(lambda: browser.focus().tag == "button")
        assert browser.read_clipboard() == f"http://gazette.test/feeds/{section}.xml"


def test_address_stays_selected_where_copying_is_refused(browser: Browser) -> None:
    browser.set_up(DESK)
    browser.open("/sections/politics")
    browser.ask("document.execCommand = () => false; document.querySelector('button').focus()")
    browser.press(Keys.ENTER)
    wait_until(lambda: browser.ask(OUTCOME) == "Selected: copy it from the field.")
    selected = (
        "const field = document.activeElement;"
        "return field.value.slice(field.selectionStart, field.selectionEnd)"
    )
    assert browser.ask(selected) == "http://gazette.test/feeds/politics.xml"


@every_page
def test_page_without_scripts_lacks_only_the_button(
    browser: Browser, gazette: Server, page: str
) -> None:
    path = path_of(gazette, page)
    text = "return document.body.innerText"
    browser.set_up(DESK)
    browser.open(path)
    with_scripts = browser.ask(text)
    browser.set_up(DESK, scripts=False)
    browser.open(path)
    without = browser.ask(text)
    if page in ("home", "section", "empty", "long", "rtl-section"):
        assert "Then paste it into your reader." in with_scripts
        field = browser.ask(
            "const field = document.getElementById('feed-address');"
            "return [field.checkVisibility(), field.value, field.readOnly, field.disabled]"
        )
        name = "all" if page == "home" else path.rpartition("/")[2]
        assert field == [True, f"http://gazette.test/feeds/{name}.xml", True, False]
    lines = ("Copy", "the feed address", "Then paste it into your reader.")
    kept = [line for line in with_scripts.splitlines() if line.strip() not in lines]
    assert [line for line in without.splitlines() if line] == [line for line in kept if line]


@every_page
@pytest.mark.parametrize("screen", [SMALLEST, PHONE, DESK], ids=lambda screen: screen.name)
def test_nothing_runs_over_the_side(
    browser: Browser, gazette: Server, screen: Screen, page: str
) -> None:
    """WCAG 1.4.10; what is wider than the screen, tables and code, scrolls by itself."""
    browser.set_up(screen)
    browser.open(path_of(gazette, page))
    assert browser.ask("return document.documentElement.scrollWidth") == screen.width
    outside = browser.ask(
        "return [...document.querySelectorAll('body *:not(.unseen)')].filter(one => {"
        "  const box = one.getBoundingClientRect();"
        "  return box.width && (box.left < -1 || box.right > innerWidth + 1)"
        "    && !one.closest('pre, table');"
        "}).map(one => one.outerHTML.slice(0, 100))"
    )
    assert outside == []


@every_page
@screens
@schemes
def test_page_has_its_colours_and_a_picture_is_kept(
    browser: Browser, gazette: Server, page: str, screen: Screen, dark: bool
) -> None:
    """The pictures are for people: build/screenshots/."""
    browser.set_up(screen, dark)
    browser.open(path_of(gazette, page))
    ground = browser.ask("return getComputedStyle(document.documentElement).backgroundColor")
    assert ground == ("rgb(21, 23, 26)" if dark else "rgb(251, 248, 241)")
    assert browser.ask(FAINT) == []
    loaded = "return [...document.images].every(one => one.complete && one.naturalWidth)"
    assert browser.ask(loaded)
    browser.take_picture(f"{page}-{screen.name}-{'dark' if dark else 'light'}")


@pytest.mark.parametrize("page", ["section", "article", "feeds"])
def test_paper_shows_what_is_to_be_read(browser: Browser, gazette: Server, page: str) -> None:
    """Also for those who like it dark: ink on paper."""
    browser.set_up(DESK, dark=True, media="print")
    browser.open(path_of(gazette, page))
    shown = browser.ask(
        "return [...document.querySelectorAll('nav, aside, .skip, .colophon ul, h1')]"
        ".filter(one => one.checkVisibility()).map(one => one.className || one.localName)"
    )
    assert shown == (["h1", "correction"] if page == "article" else ["h1"])
    colours = "const look = getComputedStyle(document.body.parentElement);"
    colours += "return [look.color, look.backgroundColor]"
    assert browser.ask(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    browser.take_picture(f"{page}-print")


@pytest.mark.parametrize("page", ["rtl-section", "rtl-article"])
def test_page_from_right_to_left_begins_at_the_right(
    browser: Browser, gazette: Server, page: str
) -> None:
    browser.set_up(DESK)
    browser.open(path_of(gazette, page))
    side = (
        "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
        "const words = document.createRange();"
        "words.selectNodeContents(document.querySelector(arguments[0]));"
        "const text = words.getBoundingClientRect();"
        "return [text.left - box.left, box.right - text.right]"
    )
    before, after = browser.ask(side, "h1")
    assert before > 20 and after < 2  # free room at the left, none at the right
    before, after = browser.ask(side, ".colophon a")  # ours, in English
    assert before < 2

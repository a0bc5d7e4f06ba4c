"""A day at the desk in a real browser: by keyboard alone, on a phone and on a desk.

axe-core audits each page as it is met (WCAG 2.2 A and AA, and its best practices), in both colour
schemes; the fixture ``browser`` sees that no page complains or asks anyone else for anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import CHROMIUM, DESK, DRIVER, PHONE, SMALLEST, Browser, Screen
from selenium.webdriver.common.keys import Keys
from sites import Server, Site, article, serving, wait_until
from werkzeug.security import generate_password_hash

PASSWORD = "four and twenty blackbirds"
HASHED = generate_password_hash(PASSWORD)
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

SECTIONS = """\
  money:
    title: Money
    match: {keywords: [bank, shares, profit, loan]}
"""

NEW_SECTION = """\
  harbour:
    title: The Harbour
    match: {any: [tram, ferry, harbour]}
"""

PAGES = ("", "review", "problems", "articles", "withdrawals", "readers", "hub", "config", "engine")

# What axe finds, as one line for each element.
AUDIT = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then((found) => done(
  found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`))));
"""

# The title of the card in which the focus is.
CARD = "return document.activeElement.closest('.cards > li')?.querySelector('h2').innerText"

# Whether there are pictures, and each of them is drawn.
DRAWN = """
const pictures = [...document.querySelectorAll("figure img")];
return pictures.length === 2 && pictures.every((one) => one.complete && one.naturalWidth > 0);
"""

WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
NOTES = "return [...document.querySelectorAll('.note')].map((one) => one.innerText).join('|')"

screens = pytest.mark.parametrize("screen", [PHONE, DESK], ids=lambda screen: screen.name)


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Server]:
    """A site of its own for each walk, with a password, and something of each kind to do."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip("needs a browser: apt-get install chromium chromium-driver (Debian)")
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests/browser")
    site = Site(tmp_path, base_url="http://paper.test")
    lock(site)
    for number in range(12):
        site.write(f"politics/{number}.md", article(f"Vote {number}", date=f"2026-01-{number + 1}"))
    site.write("ferry.md", article("The ferry sails again", date="2026-02-01"))
    site.write("shed.md", article("A shed burned down", "Nobody was hurt.", date="2026-02-02"))
    site.write("broken.md", b"---\ntitle: [unclosed\n---\n\xff\xfe\x00")
    scraped = "Shares fall\n\nSHARE THIS\n\nThe bank said that its shares and profit fell.\n"
    site.write("scraped.txt", scraped)
    with serving(site) as server:
        yield server


@pytest.fixture
def browser(paper: Server) -> Iterator[Browser]:
    """A browser that reaches this site alone, and in the end has had nothing to complain of."""
    browser = Browser(paper.port)
    browser.take_requests()
    try:
        yield browser
        wrong = [url for url in browser.take_requests() if browser.origin not in url]
        assert not [url for url in wrong if not url.startswith("data:")]
        said = [line for line in browser.take_complaints() if " 401 " not in line]
        assert not said
    finally:
        browser.close()


def lock(site: Site, more: str = "") -> None:
    """Write the config, with a password."""
    site.configure(f"{SECTIONS}{more}admin:\n  password_hash: {HASHED}\n")


def open_page(browser: Browser, path: str) -> None:
    browser.open(f"/admin/{path}", origin=browser.origin)


def press_until(browser: Browser, words: str, most: int = 120) -> None:
    """Press Tab until what has the focus says ``words``; on the way it is always seen."""
    for _ in range(most):
        focus = browser.press(Keys.TAB)
        if focus.tag == "body":  # past the end: the browser begins anew
            continue
        assert focus.seen and focus.ring >= 2, f"nobody sees where the focus is: {focus}"
        if words in focus.text or words == focus.id:
            return
    raise AssertionError(f'"{words}" cannot be reached by the keyboard on {browser.path}')


def type_text(browser: Browser, text: str) -> None:
    for one in text:
        browser.press(one)


def audit(browser: Browser) -> None:
    """Let axe look at the page in both colour schemes; on every screen it fits."""
    for dark in (False, True):
        browser.set_up(browser.screen, dark=dark)
        browser.ask(AXE.read_text(encoding="utf-8") + "; return 1")
        assert browser.driver.execute_async_script(AUDIT) == [], browser.path
    assert browser.ask(WIDER) <= 0, f"{browser.path} must be scrolled sideways"


def wait_for_note(browser: Browser, words: str) -> None:
    wait_until(lambda: words in browser.ask(NOTES))


def sign_in(browser: Browser) -> None:
    """Sign in by keyboard."""
    open_page(browser, "")
    assert browser.path == "/admin/sign-in"
    press_until(browser, "password")
    type_text(browser, PASSWORD)
    assert browser.follow() == "/admin/"


def choose_section(browser: Browser, title: str, section: str) -> None:
    """Choose a section for an article of the review list, and file it there."""
    for _ in range(120):
        browser.press(Keys.TAB)
        if browser.ask(CARD) == title and browser.focus().tag == "select":
            break
    type_text(browser, section)
    press_until(browser, "File there", most=1)
    browser.press(Keys.ENTER)


@screens
def test_a_day_at_the_desk(browser: Browser, paper: Server, screen: Screen) -> None:
    browser.set_up(screen)
    paper.get("/feeds/all.xml", User_Agent="Feedbin feed-id:1 - 142 subscribers")
    open_page(browser, "review")
    audit(browser)
    press_until(browser, "password")
    type_text(browser, "not the password")
    browser.press(Keys.ENTER)
    wait_for_note(browser, "not the password")
    audit(browser)
    press_until(browser, "password")
    type_text(browser, PASSWORD)
    assert browser.follow() == "/admin/review"  # where one wanted to go
    audit(browser)

    # One key files an article from the review list.
    press_until(browser, "A shed burned down")
    assert browser.follow().startswith("/admin/articles/")
    audit(browser)
    open_page(browser, "review")
    choose_section(browser, "A shed burned down", "Arts")
    wait_for_note(browser, "is filed in culture")
    wait_until(lambda: "A shed burned down" in paper.items("culture"))

    # A section is added through the file, and fills by itself.
    assert paper.get("/feeds/harbour.atom").status == 404
    lock(paper.site, NEW_SECTION)
    wait_until(lambda: paper.get("/feeds/harbour.atom").status == 200)
    assert list(paper.items("harbour")) == ["The ferry sails again"]
    open_page(browser, "")
    assert "The Harbour" in browser.ask("return document.querySelector('table').innerText")

    # An article is withdrawn, and the withdrawal taken back.
    open_page(browser, "articles")
    press_until(browser, "Vote 3")
    browser.follow()
    press_until(browser, "reason")
    type_text(browser, "wrong")
    press_until(browser, "Withdraw")
    browser.press(Keys.ENTER)
    wait_for_note(browser, "was withdrawn")
    wait_until(lambda: "Vote 3" not in paper.items())
    audit(browser)
    open_page(browser, "withdrawals")
    audit(browser)
    press_until(browser, "Take back")
    browser.press(Keys.ENTER)
    wait_for_note(browser, "was taken back")
    wait_until(lambda: "Vote 3" in paper.items())

    # Who reads is seen in pictures, and read in the tables behind them.
    wait_until(lambda: open_page(browser, "readers") or browser.ask(DRAWN), 40)
    audit(browser)
    press_until(browser, "The same as a table")
    browser.press(Keys.ENTER)
    assert browser.ask("return document.querySelector('details[open] table').innerText.length") > 9

    press_until(browser, "Sign out")
    browser.press(Keys.ENTER)
    wait_until(lambda: browser.path == "/admin/sign-in")
    open_page(browser, "")
    assert browser.path == "/admin/sign-in"


@pytest.mark.parametrize("screen", [PHONE, DESK, SMALLEST], ids=lambda screen: screen.name)
def test_every_page_is_sound_on_every_screen(
    browser: Browser, paper: Server, screen: Screen
) -> None:
    browser.set_up(screen)
    sign_in(browser)
    for page in PAGES:
        open_page(browser, page)
        assert browser.ask("return document.querySelectorAll('h1').length") == 1
        audit(browser)
        browser.take_picture(f"desk-{page or 'overview'}-{screen.name}")
    # A config with a fault is said on every screen, and changes nothing.
    paper.site.config.write_text(paper.site.config.read_text() + "feeds: {items: many}\n")
    for page, words in (("config", "feeds.items"), ("", "has a fault")):
        # Each look loads the page anew, which takes a busy machine seconds.
        wait_until(
            lambda at=page, said=words: open_page(browser, at) or said in browser.ask(NOTES), 60
        )
        audit(browser)
    assert paper.get("/feeds/money.atom").status == 200

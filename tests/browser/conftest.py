"""One server and one browser for all of these tests: starting them takes longer than a test."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from browsing import CHROMIUM, DRIVER, HOST, Browser
from browsing_site import write_site
from sites import Server, Site, serving


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with something of everything, served."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip("needs a browser: apt-get install chromium chromium-driver (Debian)")
    site = Site(tmp_path_factory.mktemp("gazette"), base_url=f"http://{HOST}")
    write_site(site)
    site.scan()
    with serving(site) as server:
        yield server


@pytest.fixture(scope="session")
def running_browser(gazette: Server) -> Iterator[Browser]:
    """A browser that reaches that site alone."""
    browser = Browser(gazette.port)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """The browser; whatever a test did with it, no page complained or asked anyone else."""
    running_browser.take_requests()
    running_browser.take_complaints()
    yield running_browser
    hosts = (HOST, urlsplit(running_browser.origin).netloc, "")  # none: data: and the blank page
    requests = running_browser.take_requests()
    assert requests, "the browser's record of requests is empty"
    assert not [url for url in requests if urlsplit(url).netloc not in hosts]
    # That the page which says so is a 404 is no fault of the page.
    said = [line for line in running_browser.take_complaints() if f"{HOST}/nothing - " not in line]
    assert not said

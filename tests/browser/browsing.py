"""A person's browser: real keys, real pixels, and a record of what the page asked for."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from sites import PROJECT, wait_until

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
SCREENSHOTS = PROJECT / "build" / "screenshots"

HOST = "gazette.test"
# A whole page is taken, but no more than this of a long list.
TALLEST = 6_000


class Screen(NamedTuple):
    """What a page is looked at on; sizes are CSS pixels."""

    name: str
    width: int
    height: int


PHONE, DESK, SMALLEST = (
    Screen("phone", 390, 844), Screen("desk", 1280, 900), Screen("smallest", 320, 640),
)  # fmt: skip

_FOCUS = """
const one = document.activeElement, style = getComputedStyle(one);
const box = one.getBoundingClientRect();
return {
  tag: one.tagName.toLowerCase(), id: one.id, href: one.getAttribute("href"),
  text: (one.innerText || "").trim().slice(0, 80),
  seen: box.width > 4 && box.height > 4 && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth,
  ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
};
"""


class Focus(NamedTuple):
    """What has the keyboard; ``seen`` says it is on the screen, ``ring`` how thick its outline."""

    tag: str
    id: str
    href: str | None
    text: str
    seen: bool
    ring: float


class Browser:
    """A headless Chromium that reaches one server on this machine, and nothing else."""

    def __init__(self, port: int) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for option in (
            "headless=new", "no-sandbox", "disable-gpu", "hide-scrollbars", "no-first-run",
            "disable-dev-shm-usage", "disable-background-networking", "disable-component-update",
            f"host-resolver-rules=MAP {HOST}:80 127.0.0.1:{port}, "
            "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ):  # fmt: skip
            options.add_argument(f"--{option}")
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(options, Service(str(DRIVER)))
        self.origin = f"http://127.0.0.1:{port}"  # the other name of the same site
        self.screen = DESK
        self._tell("Emulation.setFocusEmulationEnabled", enabled=True)
        # A person is asked for these, or has just pressed a key; a headless browser says no.
        clipboard = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self._tell("Browser.grantPermissions", origin=self.origin, permissions=clipboard)

    def close(self) -> None:
        """End it and its driver."""
        self.driver.quit()

    def set_up(
        self, screen: Screen, dark: bool = False, media: str = "", scripts: bool = True
    ) -> None:
        """Choose the screen, the person's colours, print or screen, and whether scripts run."""
        self.screen = screen
        self._resize(screen.height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._tell("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self._tell("Emulation.setScriptExecutionDisabled", value=not scripts)

    def open(self, path: str, origin: str = f"http://{HOST}") -> None:
        """Go to a page as by typing its address."""
        self.driver.get(origin + path)

    @property
    def path(self) -> str:
        """Where we are."""
        parts = urlsplit(self.driver.current_url)
        return parts.path + (f"#{parts.fragment}" if parts.fragment else "")

    def ask(self, script: str, *values: object) -> Any:
        """Return what a function body says of the page."""
        return self.driver.execute_script(script, *values)

    def press(self, key: str, shift: bool = False) -> Focus:
        """Press one key; return what has the focus then."""
        actions = ActionChains(self.driver)
        if shift:
            actions.key_down(Keys.SHIFT)
        actions.send_keys(key)
        if shift:
            actions.key_up(Keys.SHIFT)
        actions.perform()
        return self.focus()

    def focus(self) -> Focus:
        """Return what has the focus."""
        return Focus(**self.ask(_FOCUS))

    def tab_to(self, pattern: str, shift: bool = False, most: int = 80) -> Focus:
        """Press Tab until a link, button or field has the focus whose address or id matches.

        Whatever has it on the way must be on the screen, with a ring that is seen.
        """
        for _ in range(most):
            focus = self.press(Keys.TAB, shift)
            assert focus.seen and focus.ring >= 2, f"nobody sees where the focus is: {focus}"
            if re.fullmatch(pattern, focus.href or focus.id):
                return focus
        raise AssertionError(f"{pattern} cannot be reached by the keyboard on {self.path}")

    def follow(self) -> str:
        """Press Enter on the link that has the focus; return the path it led to."""
        before = self.driver.current_url
        ActionChains(self.driver).send_keys(Keys.ENTER).perform()
        wait_until(lambda: self.driver.current_url != before)
        wait_until(lambda: self.ask("return document.readyState") == "complete")
        return self.path

    def take_picture(self, name: str) -> None:
        """Keep the whole page as ``name``.png."""
        height = self.ask("return document.documentElement.scrollHeight")
        # A taller screen, because pictures of what lies beyond it are shifted in RTL pages.
        self._resize(min(height, TALLEST))
        shot = self._tell("Page.captureScreenshot", format="png")
        self._resize(self.screen.height)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def take_requests(self) -> list[str]:
        """Return every address that pages asked for since the last time."""
        found = []
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def take_complaints(self) -> list[str]:
        """Return what the console says since the last time: errors, and what the policy forbade."""
        return [line["message"] for line in self.driver.get_log("browser")]

    def read_clipboard(self) -> str:
        """Return what was copied, as text; only a page with https or of this machine may ask."""
        self.open("/", self.origin)
        script = "const done = arguments[0]; navigator.clipboard.readText().then(done, done)"
        return str(self.driver.execute_async_script(script))

    def _resize(self, height: int) -> None:
        screen = self.screen
        self._tell(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width,
            height=height,
            deviceScaleFactor=1,
            mobile=screen is not DESK,
        )

    def _tell(self, command: str, **values: object) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self.driver.execute_cdp_cmd(command, values)
        return answer

"""Our hub as a subscriber of callbacks sees it, for tests beside the conformance suite."""

from __future__ import annotations

import http.client
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from callbacks import Push, Subscriber
from sites import Answer, Server, Site, article, wait_until

CONFIG = """\
site: {id: "gazette.test,2026-01-01", title: The Test Gazette}
content: {folder: content, settle: 0s, scan_every: 2s}
hub: {allow_private: true}
sections:
  politics: Politics and Government
  sports: Sports
"""


@dataclass(slots=True)
class HubAtWork:
    """A hub, one topic of it, and what makes it publish; ``site`` and ``server`` if it is ours."""

    url: str
    topic: str
    subscriber: Subscriber
    site: Site | None = None
    server: Server | None = None
    _numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    def post(self, form: dict[str, str] | str, kind: str = "") -> Answer:
        """Send the hub a form."""
        body = (form if isinstance(form, str) else urlencode(form)).encode()
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            kind = kind or "application/x-www-form-urlencoded"
            connection.request("POST", parts.path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        finally:
            connection.close()

    def form(self, callback: str, mode: str = "subscribe", **more: str) -> dict[str, str]:
        """Return the form of a request; ``more`` are parameters without their ``hub.``."""
        said = {"mode": mode, "topic": self.topic, "callback": callback} | more
        return {f"hub.{name}": value for name, value in said.items()}

    def subscribe(self, callback: str, **more: str) -> None:
        """Subscribe, and wait until that is verified."""
        self._ask_and_wait(self.form(callback, **more))

    def unsubscribe(self, callback: str) -> None:
        """Unsubscribe, and wait until that is verified."""
        self._ask_and_wait(self.form(callback, "unsubscribe"))

    def _ask_and_wait(self, form: dict[str, str]) -> None:
        path = urlsplit(form["hub.callback"]).path
        before = len(self.subscriber.questions[path])
        answer = self.post(form)
        assert answer.status == 202, answer
        wait_until(lambda: len(self.subscriber.questions[path]) > before)
        time.sleep(0.3)  # until the answer has been taken note of

    def publish(self) -> str:
        """Publish something; return words that stand in the topic then."""
        assert self.site
        number = self._numbers()
        title = f"Headline number {number} of the day"
        self.site.write(f"politics/{number}.md", article(title))
        return title

    def push(self, path: str, title: str, count: int = 1) -> Push:
        """Wait until a callback was pushed to; return the last push that has ``title``."""

        def find() -> list[Push] | None:
            found = [one for one in self.subscriber.pushes[path] if title.encode() in one.body]
            return found if len(found) >= count else None

        return wait_until(find)[-1]

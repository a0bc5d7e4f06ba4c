"""rssCloud's door: readers ask here to be notified, and their handlers are tested before we answer.

What the answer says is true: a reader that was told yes polls less from then on. So a request waits
for the engine, which alone talks to handlers (the same guard, limits and slots as WebSub); how long
it waits is bounded, and how many wait at a time. The protocol is told in `feedsvc.hub.rsscloud`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from xml.sax.saxutils import quoteattr

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from feedsvc.config import CLOUD_PATH
from feedsvc.hub import CLOUD_LEASE, RefusedRequest, Registration, name_of, read_registration
from feedsvc.publication import CUTS_MOST, is_cut
from feedsvc.store import CHALLENGE, RSSCLOUD, Check, HubTables
from feedsvc.web.cuts import IDLE
from feedsvc.web.hub import (
    BODY_MOST,
    CHECKS_MOST,
    FAILURES_AN_HOUR,
    FORM,
    REQUESTS_A_MINUTE,
    SUBSCRIPTIONS_A_HOST,
    is_void,
    read_form,
)
from feedsvc.web.site import LiveSite

# In seconds: a handler has ten, and the engine comes to it within one.
_PATIENCE = 15.0
# How often to look whether the engine has tested it, in seconds; readers are answered in a moment.
_LOOK_EVERY = 0.05

# Each takes a thread of the worker, which has forty, and does nothing in it.
_WAITING_MOST = 8
# When to come back then, in seconds: those before will have been answered.
_COME_BACK = 20

_WELCOME = """\
This is the rssCloud of {title} ({base}/).

POST a form here to be notified of what is new in its RSS feeds:
  protocol      http-post
  domain        the host of your handler; without it, the address that the request comes from
  port, path    where your handler is there
  url1, url2 ...  the feeds, by the URLs that they call themselves

What it does is told by https://scripting.com/opmlHowto/dave/rssCloud/walkthrough.html
"""

_Since = Mapping[str, datetime]


class _AskedTooMuch(Exception):
    """Somebody is to ask again, after so many seconds."""

    def __init__(self, why: str, seconds: int, status: int = 429) -> None:
        super().__init__(f"{why}: try again in {seconds} seconds")
        self.seconds = seconds
        self.status = status


class CloudDesk:
    """Takes the requests of rssCloud's readers on behalf of one worker."""

    def __init__(self, live: LiveSite) -> None:
        self._live = live
        self._places = threading.BoundedSemaphore(_WAITING_MOST)

    def answer(self) -> Response:
        """Answer a request to be notified."""
        config = self._live.config
        if not config.hub.rsscloud:
            return _say("This site does not speak rssCloud.\n", 404)
        if request.method != "POST":
            site = config.site
            return _say(_WELCOME.format(title=site.title, base=site.base_url))
        try:
            registration = read_registration(read_form(), request.remote_addr or "", config)
            self._register(registration)
        except RefusedRequest as error:
            return _tell(False, str(error))
        except UnsupportedMediaType:
            return _tell(False, f"send a form as {FORM}", 415)
        except RequestEntityTooLarge:
            return _tell(False, f"the form is too long: at most {BODY_MOST} bytes", 413)
        except _AskedTooMuch as error:
            response = _tell(False, str(error), error.status)
            response.headers["Retry-After"] = str(error.seconds)
            return response
        hours, count = CLOUD_LEASE // 3600, len(registration.feeds)
        told = f"{registration.handler} is notified of {count} feed{'' if count == 1 else 's'}"
        return _tell(True, f"{told} for {hours} hours: ask again each day")

    def _register(self, registration: Registration) -> None:
        """Let a handler be tested, and wait for that.

        Raises RefusedRequest, _AskedTooMuch and StoreError.
        """
        if not self._places.acquire(blocking=False):
            raise _AskedTooMuch("too many handlers are being tested", _COME_BACK, 503)
        try:
            before = self._write_down(registration, self._live.clock())
            is_tested = self._wait(registration)
        finally:
            self._places.release()
        host, handler = registration.host, registration.handler
        with self._live.store.reading_hub() as hub:
            after = hub.list_handled(host, handler)
        failed = [
            url for path, url in registration.feeds.items() if after.get(path) == before.get(path)
        ]
        if failed and not is_tested:
            raise RefusedRequest(f"{handler} could not be tested in time: try again later")
        if failed:
            wanted = "2xx and the challenge" if registration.mode == CHALLENGE else "2xx"
            raise RefusedRequest(
                f"{handler} did not pass the test, which it passes by answering with {wanted} "
                f"within ten seconds; feeds that it is not notified of: {' '.join(failed)}"
            )

    def _write_down(self, registration: Registration, now: datetime) -> _Since:
        """Write down what is to be tested; return since when the handler hears of which path."""
        for path in registration.feeds:
            if is_void(name_of(path), self._live, now):
                raise RefusedRequest("a feed that nothing was ever in cannot be told of")
        with self._live.store.writing() as writer:
            hub = writer.hub
            wait = self._admit(hub, registration, now)
            before = hub.list_handled(registration.host, registration.handler)
            for path, url in () if wait else registration.feeds.items():
                name = name_of(path)
                if not is_cut(name) and not hub.is_published(path):
                    raise RefusedRequest("a feed that is published here no more cannot be told of")
                hub.ask(_make_check(registration, path, url, now), now)
                if is_cut(name):
                    writer.keep_cut(name, CUTS_MOST, now - IDLE, now)
        if wait:
            raise wait
        return before

    def _admit(
        self, hub: HubTables, registration: Registration, now: datetime
    ) -> _AskedTooMuch | None:
        """Say why a request is not served; each feed counts, since each is a test of the handler.

        What is counted so is kept, whether it is served or not.
        """
        host, handler = registration.host, registration.handler
        if hub.count_checks() >= CHECKS_MOST:
            return _AskedTooMuch("there is too much to test", 60)
        for number in range(len(registration.feeds)):
            if wait := hub.admit(host, now, REQUESTS_A_MINUTE, FAILURES_AN_HOUR - number):
                return _AskedTooMuch(f"{host} asks for too much", wait)
        fresh = [path for path in registration.feeds if not hub.has(path, handler, now, RSSCLOUD)]
        if fresh and hub.count_host(host) + len(fresh) > SUBSCRIPTIONS_A_HOST:
            raise RefusedRequest(
                f"{host} has {SUBSCRIPTIONS_A_HOST} subscriptions, and may have no more"
            )
        return None

    def _wait(self, registration: Registration) -> bool:
        """Wait until the engine has tested a handler; return False, and drop that, if it lasts."""
        host, handler = registration.host, registration.handler
        end = time.monotonic() + _PATIENCE
        while True:
            with self._live.store.reading_hub() as hub:
                if not registration.feeds.keys() & hub.list_tested(host, handler):
                    return True
            if time.monotonic() >= end:
                break
            time.sleep(_LOOK_EVERY)
        with self._live.store.writing() as writer:
            writer.hub.drop_tests(host, handler)
        return False


def add_rsscloud(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer where rssCloud's readers ask to be notified."""
    desk = CloudDesk(live)

    @app.route(CLOUD_PATH, methods=["GET", "POST"])
    def please_notify() -> Response:
        return desk.answer()


def _make_check(registration: Registration, path: str, url: str, now: datetime) -> Check:
    return Check(
        path=path,
        callback=registration.handler,
        mode=registration.mode,
        topic=url,
        host=registration.host,
        asked=now,
        lease=CLOUD_LEASE,
    )


def _tell(success: bool, message: str, status: int = 200) -> Response:
    """Answer in rssCloud's words: a refusal is one whatever the status, which readers look past."""
    said = f"<notifyResult success={quoteattr(str(success).lower())} msg={quoteattr(message)}/>"
    return _say(f'<?xml version="1.0"?>\n{said}\n', status, "text/xml; charset=utf-8")


def _say(text: str, status: int = 200, kind: str = "text/plain; charset=utf-8") -> Response:
    response = Response(text, status, content_type=kind)
    response.headers["Cache-Control"] = "no-store"
    return response

"""The hub's door: takes requests, writes down what was asked for, and answers at once (WebSub 5.1).

Verification and delivery are the engine's: a request never waits for a subscriber (H7).
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from feedsvc.config import HUB_PATH
from feedsvc.errors import KeyFileError
from feedsvc.hub import PUBLISH, Intent, RefusedRequest, name_of, open_vault, read_request
from feedsvc.publication import CUTS_MOST, has_entries, is_cut, read_cut
from feedsvc.store import SUBSCRIBE, UNSUBSCRIBE, Check, HubTables
from feedsvc.web.cuts import IDLE
from feedsvc.web.site import LiveSite

if TYPE_CHECKING:
    from feedsvc.hub.keys import Vault

log = logging.getLogger(__name__)

# What a request is written in (WebSub 5.1).
FORM = "application/x-www-form-urlencoded"

# A form of the longest callback, topic and secret has 4,500 bytes.
BODY_MOST = 16_384

# What one host of callbacks may ask for in a minute: an aggregator that comes to a large site
# subscribes to all of its feeds at once.
REQUESTS_A_MINUTE = 300

# Verifications of a host which may fail in an hour, or be under way; and as many more for each
# subscription that it has. With three tries each, who wants nothing of us is hit no more than 60
# times an hour by what strangers ask for.
FAILURES_AN_HOUR = 20

# Requests that wait to be verified, of all hosts together: what a hundred slots do in a minute when
# nobody answers is 600.
CHECKS_MOST = 10_000

# Subscriptions of one host of callbacks.
SUBSCRIPTIONS_A_HOST = 10_000

_WELCOME = """\
This is the WebSub hub of {title} ({base}/).

POST a form here to be told of what is new at once:
  hub.mode      subscribe, or unsubscribe
  hub.topic     a feed of this site, by the URL that it calls itself
  hub.callback  the URL that is to be pushed to
  hub.secret, hub.lease_seconds  if you like

What it does is told by https://www.w3.org/TR/websub/
"""


class HubDesk:
    """Takes the requests of subscribers on behalf of one worker."""

    def __init__(self, live: LiveSite) -> None:
        self._live = live

    @cached_property
    def _vault(self) -> Vault:
        return open_vault(self._live.store)

    def answer(self) -> Response:
        """Answer a request to the hub."""
        config = self._live.config
        if not config.hub.is_builtin:
            return _say("This site has no hub of its own.\n", 404)
        if request.method != "POST":
            site = config.site
            return _say(_WELCOME.format(title=site.title, base=site.base_url))
        try:
            intent = read_request(read_form(), config)
            return self._serve(intent, self._live.clock())
        except RefusedRequest as error:
            return _say(f"{error}\n", 400)
        except UnsupportedMediaType:
            return _say(f"Send a form as {FORM}.\n", 415)
        except RequestEntityTooLarge:
            return _say(f"The form is too long: at most {BODY_MOST} bytes.\n", 413)
        except KeyFileError as error:
            log.error("%s", error)
            response = _say("The hub cannot take requests now. Please try again later.\n", 503)
            response.headers["Retry-After"] = "60"
            return response

    def _serve(self, intent: Intent, now: datetime) -> Response:
        """Write down what is asked for. Raises RefusedRequest, and StoreError."""
        if intent.mode == PUBLISH:
            # What changed is pushed before anybody could ping: the engine publishes it itself.
            return _say("", 202)
        name = name_of(intent.path)
        if is_void(name, self._live, now):
            raise RefusedRequest("hub.topic is a feed that nothing was ever in")
        secret = self._vault.seal(intent.secret)
        with self._live.store.writing() as writer:
            if not is_cut(name) and not writer.hub.is_published(intent.path):
                # The engine has put a newer config in force, and denied who was subscribed.
                raise RefusedRequest("hub.topic is published here no more")
            refusal = self._admit(writer.hub, intent, now)
            if refusal is None:
                check = Check(
                    path=intent.path,
                    callback=intent.callback,
                    mode=intent.mode,
                    topic=intent.topic,
                    host=intent.host,
                    asked=now,
                    secret=secret,
                    lease=intent.lease,
                )
                writer.hub.ask(check, now)
                if is_cut(name) and intent.mode == SUBSCRIBE:
                    writer.keep_cut(name, CUTS_MOST, now - IDLE, now)
        return refusal or _say("", 202)

    def _admit(self, hub: HubTables, intent: Intent, now: datetime) -> Response | None:
        """Say why a request is not served, within the transaction that would serve it."""
        if hub.count_checks() >= CHECKS_MOST:
            return _ask_to_wait("The hub has too much to verify", 60)
        if wait := hub.admit(intent.host, now, REQUESTS_A_MINUTE, FAILURES_AN_HOUR):
            return _ask_to_wait(f"{intent.host} asks for too much", wait)
        known = hub.has(intent.path, intent.callback, now)
        if intent.mode == UNSUBSCRIBE and not known:
            return _say("This callback is not subscribed to this topic.\n", 404)
        if not known and hub.count_host(intent.host) >= SUBSCRIPTIONS_A_HOST:
            return _ask_to_wait(f"{intent.host} has {SUBSCRIPTIONS_A_HOST} subscriptions", 3600)
        return None


def read_form() -> dict[str, str]:
    """Return the form of this request. Raises UnsupportedMediaType, and RequestEntityTooLarge."""
    if request.mimetype != FORM:
        raise UnsupportedMediaType
    # One byte more: of a form without a length, what is longer would be cut without a word.
    request.max_content_length = BODY_MOST + 1
    if len(request.get_data()) > BODY_MOST:
        raise RequestEntityTooLarge
    return request.form.to_dict(flat=True)


def is_void(name: str, live: LiveSite, now: datetime) -> bool:
    """Whether nobody can mean the feed of this name, because nothing was ever in it."""
    cut = read_cut(name, live.config) if is_cut(name) else None
    return is_cut(name) and (cut is None or not has_entries(cut, live.store, now))


def add_hub(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer at /hub."""
    desk = HubDesk(live)

    @app.route(HUB_PATH, methods=["GET", "POST"])
    def hub() -> Response:
        return desk.answer()


def _ask_to_wait(why: str, seconds: int) -> Response:
    response = _say(f"{why}: try again in {seconds} seconds.\n", 429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _say(text: str, status: int = 200) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response

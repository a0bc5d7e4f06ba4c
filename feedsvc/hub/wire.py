"""What goes over the network: asking callbacks, pushing to them, telling hubs elsewhere."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from feedsvc import __version__
from feedsvc.hub.addresses import ForbiddenAddress, make_socket_factory
from feedsvc.hub.retries import read_retry_after
from feedsvc.model import Representation
from feedsvc.store import CHALLENGE, DENIED, RSSCLOUD, SUBSCRIBE, TRIAL, Check

# Seconds: a subscriber that takes longer would hold up nobody, but a slot.
CONNECT_TIMEOUT, TOTAL_TIMEOUT = 5.0, 10.0

# How many exchanges are under way at most, and how many names are looked up at a time.
IN_FLIGHT, LOOKUPS = 1_000, 64

# What is read of an answer: a challenge is shorter, and nothing else is of interest.
ANSWER_BYTES = 4_096

# What pushes are signed by, unless a site wants it otherwise (WebSub 7.1).
SIGNATURE_METHOD = "sha256"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an exchange ended; ``failed`` is empty if it went well.

    ``gone`` is 410; ``may_pass`` says that it may go well another time; ``again`` is when the other
    side wants to be asked again.
    """

    failed: str = ""
    gone: bool = False
    may_pass: bool = True
    again: datetime | None = None


def sign(body: bytes, secret: bytes, method: str = SIGNATURE_METHOD) -> str:
    """Return the X-Hub-Signature of a body (WebSub 7.1)."""
    return f"{method}={hmac.digest(secret, body, method).hex()}"


def write_question(check: Check, challenge: str) -> str:
    """Return the URL that asks a callback whether it meant that (WebSub 5.3), or tells it no (5.2).

    The callback's own query stays as it is; ours comes behind it (H12).
    """
    said = {"hub.mode": check.mode, "hub.topic": check.topic}
    if check.mode == CHALLENGE:
        said = {"url": check.topic, "challenge": challenge}
    elif check.mode == DENIED:
        said["hub.reason"] = check.reason
    else:
        said["hub.challenge"] = challenge
    if check.mode == SUBSCRIBE:
        said["hub.lease_seconds"] = str(check.lease)
    return f"{check.callback}{'&' if '?' in check.callback else '?'}{urlencode(said)}"


class Wire:
    """One HTTP client for all exchanges; use it as an async context manager."""

    def __init__(self, site: str, allow_private: bool, signature: str = SIGNATURE_METHOD) -> None:
        self._signature = signature
        self._agent = f"feedsvc/{__version__} (+{site})"
        self._connect = make_socket_factory(allow_private)
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Wire:
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")
        asyncio.get_running_loop().set_default_executor(self._lookups)
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT, socket_factory=self._connect)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, sock_connect=CONNECT_TIMEOUT),
            headers={"User-Agent": self._agent, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        # It would ask a callback that breaks off a second time by itself; we count the tries.
        self._session._retry_connection = False
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def ask(self, check: Check) -> Outcome:
        """Ask a callback whether it meant what it is said to have asked for (H11-H16).

        A handler of rssCloud is asked once: who named it waits for the answer.
        """
        if check.mode == TRIAL:
            outcome = await self.notify(check.callback, check.topic, check.asked)
        else:
            outcome = await self._question(check)
        return replace(outcome, may_pass=False) if check.kind == RSSCLOUD else outcome

    async def _question(self, check: Check) -> Outcome:
        challenge = secrets.token_urlsafe(32)
        url = write_question(check, challenge)
        status, answer, _ = await self._exchange("GET", url, None, {})
        if not status or status >= 500:
            return Outcome(answer.decode() if not status else f"answered {status}")
        if not 200 <= status < 300:
            return Outcome(f"answered {status}", may_pass=False)
        if check.mode != DENIED and answer != challenge.encode():
            return Outcome("did not answer with the challenge", may_pass=False)
        return Outcome()

    async def push(
        self, callback: str, shown: Representation, secret: bytes, now: datetime
    ) -> Outcome:
        """Push what is published to a callback, signed if there is a ``secret`` (H27-H34)."""
        body = shown.bodies["identity"]
        headers = {"Content-Type": shown.content_type, "Link": shown.link}
        if secret:
            headers["X-Hub-Signature"] = sign(body, secret, self._signature)
        return await self._post(callback, body, headers, now)

    async def ping(self, hub: str, topic: str, now: datetime) -> Outcome:
        """Tell a hub elsewhere that a topic changed (H38)."""
        form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._post(hub, form.encode(), headers, now)

    async def notify(self, handler: str, topic: str, now: datetime) -> Outcome:
        """Tell a handler of rssCloud that a feed changed."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._post(handler, urlencode({"url": topic}).encode(), headers, now)

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> Outcome:
        status, answer, after = await self._exchange("POST", url, body, headers)
        if 200 <= status < 300:
            return Outcome()
        failed = f"answered {status}" if status else answer.decode()
        again = read_retry_after(after, now) if status in (429, 503) else None
        return Outcome(failed, gone=status == 410, again=again)

    async def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes, str]:
        """Send one request; return status, the answer's beginning and its Retry-After.

        Status 0 is none at all; then the answer says why. No redirect is followed (H15, H34).
        """
        try:
            async with self._session.request(
                method, URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
            ) as response:
                answer = await _read_beginning(response)
                return response.status, answer, response.headers.get("Retry-After", "")
        except TimeoutError:
            return 0, b"took too long", ""
        except (aiohttp.ClientError, OSError, ValueError, UnicodeError) as error:
            return 0, _describe(error).encode(), ""


async def _read_beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read at most so much that a longer answer is seen to be longer.

    A short one is read whole, so that the connection can be used again.
    """
    found = b""
    if response.content.at_eof():
        return found
    async for chunk in response.content.iter_any():
        found += chunk
        if len(found) > ANSWER_BYTES:
            break
    return found


def _describe(error: Exception) -> str:
    """Say in a few words why nothing came over; what was refused is named."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ForbiddenAddress):
            return str(cause)
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
            continue
        if (found := getattr(cause, "os_error", None)) is not None and found is not cause:
            cause = found
            continue
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "its certificate is not good"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "cannot be connected to"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError):
        return "broke off"
    return "gave no HTTP answer" if isinstance(error, aiohttp.ClientError) else "cannot be reached"

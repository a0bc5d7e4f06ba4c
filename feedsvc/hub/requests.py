"""The form of a request to the hub -> what is asked for, or why not (WebSub 5.1)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from feedsvc.config import Config
from feedsvc.hub.addresses import find_fault
from feedsvc.hub.topics import find_path
from feedsvc.store import SUBSCRIBE, UNSUBSCRIBE

PUBLISH = "publish"

# Leases in seconds: what is granted at least, where nothing was asked for, and at most.
LEASE_LEAST, LEASE_DEFAULT, LEASE_MOST = 86_400, 10 * 86_400, 30 * 86_400

# The longest secret, in bytes of UTF-8, is one less (WebSub 5.1).
_SECRET_BYTES = 200
# Longer URLs are nobody's: browsers and servers give up at 2,000 to 8,000 characters.
_URL_MOST = 2_000
# All that is read of a form.
_READ = tuple(
    f"hub.{name}" for name in ("mode", "topic", "url", "callback", "secret", "lease_seconds")
)
# A lease of more digits is for ever, which no lease is.
_DIGITS_MOST = 18


class RefusedRequest(Exception):
    """A request that the hub does not serve; the message, for the subscriber, says why."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What is asked for; ``path`` is where the topic is published, ``lease`` in seconds."""

    mode: str
    topic: str
    path: str
    callback: str = ""
    host: str = ""
    secret: str = ""
    lease: int = LEASE_DEFAULT


def read_request(form: Mapping[str, str], config: Config) -> Intent:
    """Read the form of a subscription, an unsubscription or a ping.

    Parameters that nobody knows are ignored (H3). Raises RefusedRequest.
    """
    for name in _READ:
        if any("\ud800" <= letter <= "\udfff" for letter in form.get(name, "")):
            raise RefusedRequest(f"{name} is no text: write it in UTF-8")
    mode = form.get("hub.mode", "")
    if mode == PUBLISH:
        return _read_ping(form, config)
    if mode not in (SUBSCRIBE, UNSUBSCRIBE):
        known = f'"{mode[:40]}" is not known' if mode else "is missing"
        raise RefusedRequest(f"hub.mode {known}: write subscribe, unsubscribe or publish")
    topic, path = _read_topic(form, config)
    callback = form.get("hub.callback", "")
    if not callback:
        raise RefusedRequest("hub.callback is missing: name the URL that is to be pushed to")
    host = check_callback(callback, "hub.callback", config)
    if mode == UNSUBSCRIBE:
        return Intent(mode, topic, path, callback, host)
    secret = form.get("hub.secret", "")
    if len(secret.encode()) >= _SECRET_BYTES:
        raise RefusedRequest("hub.secret is too long: at most 199 bytes")
    return Intent(mode, topic, path, callback, host, secret, _read_lease(form))


def _read_ping(form: Mapping[str, str], config: Config) -> Intent:
    topic = form.get("hub.url") or form.get("hub.topic") or ""
    if not topic:
        raise RefusedRequest("hub.url is missing: name the feed that changed")
    return Intent(PUBLISH, topic, _find_path(topic, config))


def _read_topic(form: Mapping[str, str], config: Config) -> tuple[str, str]:
    topic = form.get("hub.topic", "")
    if not topic:
        raise RefusedRequest("hub.topic is missing: name the feed, by the URL that it calls itself")
    return topic, _find_path(topic, config)


def _find_path(topic: str, config: Config) -> str:
    path = find_path(topic, config) if len(topic) <= _URL_MOST else ""
    if not path:
        raise RefusedRequest(
            "hub.topic is no feed of this site: write it exactly as the feed names itself "
            f"(rel=self), such as {config.site.base_url}/feeds/all.atom"
        )
    return path


def check_callback(callback: str, called: str, config: Config) -> str:
    """Return the host of a URL that is to be told, which faults call ``called``.

    It is looked at as far as the URL shows: its address is when it is connected to. Raises
    RefusedRequest.
    """
    try:
        parts = urlsplit(callback)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RefusedRequest(f"{called} is no URL") from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise RefusedRequest(f"{called} is no http or https URL")
    if len(callback) > _URL_MOST:
        raise RefusedRequest(f"{called} is too long: at most {_URL_MOST} characters")
    if any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in callback) or parts.fragment:
        raise RefusedRequest(f"{called} is no URL: it has spaces, controls or a fragment")
    if parts.username or parts.password or port == 0:
        raise RefusedRequest(f"{called} may hold no user name, no password and no port 0")
    if not config.hub.allow_private and (fault := _find_host_fault(host)):
        raise RefusedRequest(f"{called} is not public: {fault}")
    return host.lower().rstrip(".")


def _find_host_fault(host: str) -> str:
    """Say why nobody may be pushed to at a host, as far as its name shows that."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal", ".home.arpa")):
        return f"{name} is a name of a private network"
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        pass
    else:
        return find_fault(name)
    try:
        # Old spellings of an IPv4 address, which resolvers take: 127.1, 0x7f000001, 2130706433.
        return find_fault(socket.inet_ntoa(socket.inet_aton(name)))
    except OSError:
        return ""  # what a name resolves to is looked at when it is connected to


def _read_lease(form: Mapping[str, str]) -> int:
    asked = form.get("hub.lease_seconds", "")
    if not asked:
        return LEASE_DEFAULT
    if not (asked.isascii() and asked.isdigit()) or not int(asked[:_DIGITS_MOST]):
        raise RefusedRequest("hub.lease_seconds is no positive number of seconds")
    seconds = int(asked) if len(asked) <= _DIGITS_MOST else LEASE_MOST
    return min(max(seconds, LEASE_LEAST), LEASE_MOST)

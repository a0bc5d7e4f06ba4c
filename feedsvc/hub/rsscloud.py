"""The form of rssCloud's pleaseNotify -> which handler wants to hear of what, or why not.

This follows Dave Winer's "Implementor's guide to rssCloud" (the walkthrough, with the `domain` and
`challenge` of October 2009), https://scripting.com/opmlHowto/dave/rssCloud/walkthrough.html, over
REST alone (http-post). The lease of 25 hours stands in the RSS Advisory Board's "RssCloud API",
https://www.rssboard.org/rsscloud-interface, section 4. That a handler at port 443 is reached by
https is the custom of https://github.com/rsscloud/rsscloud-server.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from feedsvc.config import Config
from feedsvc.hub.requests import RefusedRequest, check_callback
from feedsvc.hub.topics import find_path
from feedsvc.store import CHALLENGE, TRIAL

# In seconds: readers ask anew each 24 hours.
CLOUD_LEASE = 25 * 3600

_PROTOCOL = "http-post"
_HTTPS = 443

# Feeds in one request: as many handlers are tested at a time, so that all have an answer in time.
_FEEDS_MOST = 100
# A URL that is longer is no feed of ours; see `feedsvc.hub.requests`.
_URL_MOST = 2_000

_FEED = re.compile(r"url[0-9]{1,6}")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
_PORT = re.compile(r"[0-9]{1,5}")
# What may stand in a URL as it is (RFC 3986), after the slash that a path begins with.
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")


@dataclass(frozen=True, slots=True)
class Registration:
    """What is asked for: that ``handler`` hears of ``feeds`` (path -> URL, as it was written).

    ``mode`` is how the handler is tested: CHALLENGE, or TRIAL where it is at the caller's address.
    """

    handler: str
    host: str
    mode: str
    feeds: Mapping[str, str]


def read_registration(form: Mapping[str, str], caller: str, config: Config) -> Registration:
    """Read the form of a pleaseNotify that came from the IP address ``caller``.

    Parameters that nobody knows are ignored, and so is notifyProcedure, which http-post has no use
    for. Raises RefusedRequest.
    """
    protocol = form.get("protocol", "")
    if protocol != _PROTOCOL:
        known = f"{protocol[:20]!a} is not known here" if protocol else "is missing"
        raise RefusedRequest(
            f"protocol {known}: write {_PROTOCOL}; a handler at port {_HTTPS} is reached by https"
        )
    port = _read_port(form.get("port", ""))
    path = form.get("path", "")
    path = path if path.startswith("/") else f"/{path}"
    if not form.get("path") or not _PATH.fullmatch(path):
        raise RefusedRequest("path is missing, or no path of a URL: write such as /notify")
    domain = form.get("domain", "")
    host = _read_domain(domain) if domain else _bracket(caller)
    scheme = "https" if port == _HTTPS else "http"
    handler = f"{scheme}://{host}:{port}{path}"
    whose = f"the handler at {host}"
    if not domain:
        whose = f"domain is missing, and {host}, where the request came from,"
    host = check_callback(handler, whose, config)
    return Registration(handler, host, CHALLENGE if domain else TRIAL, _read_feeds(form, config))


def _read_port(text: str) -> int:
    if not _PORT.fullmatch(text) or not 0 < int(text) < 65_536:
        raise RefusedRequest("port is missing, or no number from 1 to 65535")
    return int(text)


def _read_domain(domain: str) -> str:
    if _HOST.fullmatch(domain):
        return domain
    return _bracket(domain.removeprefix("[").removesuffix("]"))


def _bracket(address: str) -> str:
    """Return an IP address as it stands in a URL."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise RefusedRequest(
            "domain is no host: write its name alone, such as reader.example"
        ) from None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        return str(ip.ipv4_mapped)  # a server that listens to both families names it so
    return f"[{ip.compressed}]" if isinstance(ip, ipaddress.IPv6Address) else str(ip)


def _read_feeds(form: Mapping[str, str], config: Config) -> dict[str, str]:
    names = sorted((name for name in form if _FEED.fullmatch(name)), key=lambda one: int(one[3:]))
    if not names:
        raise RefusedRequest("url1 is missing: name the feed that is to be told of")
    if len(names) > _FEEDS_MOST:
        raise RefusedRequest(f"too many feeds at once: at most {_FEEDS_MOST}")
    feeds: dict[str, str] = {}
    for name in names:
        url = form[name]
        path = find_path(url, config) if len(url) <= _URL_MOST else ""
        if not path.endswith(".xml"):
            raise RefusedRequest(
                f"{name} is no RSS feed of this site: write it exactly as the feed names itself "
                f"(rel=self), such as {config.site.base_url}/feeds/all.xml"
            )
        feeds.setdefault(path, url)
    return feeds

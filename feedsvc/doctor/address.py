"""Whether base_url leads here, decided from what it answered: pure."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson

from feedsvc.doctor.findings import FAULT, OK, WARNING, Finding
from feedsvc.doctor.visit import Reply

# Certificates are renewed a month before their end; with two weeks left that did not happen.
CERTIFICATE_LEAST = timedelta(days=14)

_START = "feedsvc serve, and the proxy before it (deploy/ has examples)"
_CACHED = ("age", "x-cache", "x-cache-status", "cf-cache-status")


def check_reach(base_url: str, health: Reply, now: datetime) -> list[Finding]:
    """Judge the answer of ``base_url``/healthz."""
    found = []
    if is_loopback(base_url):
        what = f"site.base_url is {base_url}, which no reader on another machine can reach"
        fix = "set site.base_url to the address that readers use, such as https://news.example"
        found.append(Finding("base_url", WARNING, what, fix))
    if health.trouble:
        what = f"{health.url} {health.trouble}"
        return [*found, Finding("base_url", FAULT, what, _START)]
    if 300 <= health.status < 400:
        to = health.headers.get("location", "nowhere")[:200]
        what = f"{base_url} redirects to {to}: each reader would pay for that at each poll"
        fix = "write the address that answers as site.base_url"
        return [*found, Finding("base_url", WARNING, what, fix)]
    if health.status != 200 or not _is_ours(health.body):
        what = f"{health.url} answers {health.status}, and not as feedsvc does"
        fix = "let the proxy pass the whole of base_url on to feedsvc (deploy/nginx.conf)"
        return [*found, Finding("base_url", FAULT, what, fix)]
    if health.certificate_ends and health.certificate_ends < now + CERTIFICATE_LEAST:
        what = f"the certificate of {base_url} ends on {health.certificate_ends:%Y-%m-%d %H:%M} UTC"
        fix = "renew it: certbot renew, say; and see why that did not happen by itself"
        found.append(Finding("certificate", WARNING, what, fix))
    return found


def is_current(feed: Reply, etag: str) -> bool:
    """Whether a feed is the one of this store, in the state that it has now."""
    # Proxies add W/ or the name of an encoding (R5).
    given = feed.headers.get("etag", "").removeprefix("W/").strip('"').partition("-")[0]
    return feed.status == 200 and bool(etag) and given == etag


def check_feed(feed: Reply, etag: str, tag: str) -> Finding:
    """Judge the feed that base_url gives; ``etag`` is the store's, ``tag`` what ids begin with."""
    if is_current(feed, etag):
        return Finding("base_url", OK, f"{feed.url} gives what this store publishes")
    if not etag:
        what = "nothing is published yet: what base_url gives cannot be compared"
        return Finding("base_url", WARNING, what, "feedsvc serve")
    if feed.trouble or feed.status != 200:
        what = f"{feed.url} {feed.trouble or f'answers {feed.status}'}"
        return Finding("base_url", FAULT, what, _START)
    if f'"tag:{tag}:'.encode() not in feed.body:
        what = f"another site answers at {feed.url}: its feed is none of this store"
        fix = "set site.base_url to this site's address, or lead that address here"
        return Finding("base_url", FAULT, what, fix)
    if any(name in feed.headers for name in _CACHED):
        return Finding("base_url", OK, f"{feed.url} is this site, in a state that a cache has")
    what = f"{feed.url} is this site in another state than this store"
    fix = "end other engines and workers of this site, and restart feedsvc serve"
    return Finding("base_url", WARNING, what, fix)


def check_hub(hub: Reply) -> Finding:
    """Judge whether subscribers can come to the hub."""
    if hub.status == 200 and b"WebSub hub" in hub.body:
        return Finding("hub", OK, f"subscribers reach {hub.url}")
    what = f"{hub.url} {hub.trouble or f'answers {hub.status}, and not as the hub does'}"
    fix = "let the proxy pass /hub on, POST as well; or set hub.mode: none"
    return Finding("hub", FAULT, what, fix)


def is_loopback(base_url: str) -> bool:
    """Whether an address leads nowhere but to the machine that asks."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_ours(body: bytes) -> bool:
    """Whether this is what feedsvc's /healthz answers."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and told.get("ok") is True and "version" in told

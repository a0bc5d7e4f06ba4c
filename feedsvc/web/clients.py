"""Who asks: the address of a client, also behind a proxy on this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

# What proxies add; an answer to who sends one of these is not an answer to this machine.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

# The longest text of an IPv6 address with a zone.
_ADDRESS_MOST = 64


def find_client(environ: Mapping[str, Any]) -> str:
    """Return the address of who asks.

    What X-Forwarded-For says last counts where the request comes from this machine: from a proxy.
    """
    address = str(environ.get("REMOTE_ADDR", ""))
    if is_loopback(address) and (forwarded := environ.get("HTTP_X_FORWARDED_FOR")):
        return str(forwarded).rpartition(",")[2].strip()[:_ADDRESS_MOST]
    return address[:_ADDRESS_MOST]


def is_local(environ: Mapping[str, Any]) -> bool:
    """Whether a person at this very machine asks: no proxy, and no name that could be rebound."""
    if not is_loopback(str(environ.get("REMOTE_ADDR", ""))):
        return False
    if any(environ.get(name) for name in _FORWARDED):
        return False
    host = str(environ.get("HTTP_HOST", "")).lower()
    name, _, port = host.rpartition(":")
    if not name or not port.isdigit():
        name = host
    return name in _LOCAL_HOSTS


def is_secure(environ: Mapping[str, Any], base_url: str) -> bool:
    """Whether readers come by https, as far as can be known behind a proxy."""
    proxied = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).strip().lower() == "https"
    return proxied or base_url.startswith("https://") or environ.get("wsgi.url_scheme") == "https"


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)

"""Which addresses a callback may have: public ones, looked at when they are connected to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

# What may be called global and still is no place for a subscriber: ranges that carry other
# addresses, and what Python's own list learned of late (protocols, where some clouds keep their
# machines' secrets; documentation).
_CARRIERS = tuple(
    map(
        ipaddress.ip_network,
        (
            *("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48", "192.88.99.0/24"),
            *("192.0.0.0/24", "2001::/23", "3fff::/20"),
        ),
    )
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")

AddrInfo = tuple[Any, Any, int, str, Any]


class ForbiddenAddress(OSError):
    """A callback leads to an address that is not public."""


def find_fault(address: str) -> str:
    """Say why an IP address may not be connected to; empty if it may.

    IPv4 only if global; IPv6 only within 2000::/3, without 6to4 and Teredo; a mapped IPv4 address
    is judged as what it is.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is no IP address"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    is_carrier = any(ip.version == one.version and ip in one for one in _CARRIERS)
    if not ip.is_global or ip.is_multicast or ip.is_reserved or is_carrier:
        return f"{ip} is not a public address"
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_V6:
        return f"{ip} is not a public address"
    return ""


def make_socket_factory(allow_private: bool) -> Callable[[AddrInfo], socket.socket]:
    """Return what makes the sockets of a client, and refuses those that would lead inside.

    It sees the very address that is connected to: a name that resolves otherwise the next time, or
    an odd spelling of a number, makes no difference.
    """

    def make_socket(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allow_private and (fault := find_fault(str(address[0]))):
            raise ForbiddenAddress(fault)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make_socket

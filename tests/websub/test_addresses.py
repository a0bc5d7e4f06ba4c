"""No callback leads inside: forty spellings of forbidden addresses, and names that change."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import parse_config
from feedsvc.hub import RefusedRequest, read_request
from feedsvc.hub.addresses import find_fault
from feedsvc.hub.wire import Outcome, Wire
from feedsvc.model import Representation
from feedsvc.store import SUBSCRIBE, Check

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONFIG = parse_config(
    b"site: {id: 'a.example,2026'}\nsections: {p: P}\n", Path("config.yaml"), {}
).config
TOPIC = "http://127.0.0.1:8080/feeds/p.atom"

# Hosts as they may stand in a URL, each of which leads to this machine or a network behind it.
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "0x0",
    "localhost",
    "LocalHost",
    "localhost.",
    "a.localhost",
    "printer.local",
    "metadata.google.internal",
    "router.home.arpa",
    "10.0.0.1",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "0xc0a80001",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.0.9",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:c0a8:1::1]",
    "[2001:0:7f00:1::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2001:20::1]",
    "[3fff::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[::1%25lo]",
    "[fc00::1]",
    "[fd00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[4000::1]",
]

PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450::1"]


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_request_for_it_is_taken(host: str) -> None:
    form = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": f"http://{host}/x"}
    with pytest.raises(RefusedRequest, match="not public"):
        read_request(form, CONFIG)


def test_public_addresses_are_taken() -> None:
    for address in PUBLIC:
        assert not find_fault(address)
        host = f"[{address}]" if ":" in address else address
        callback = f"https://{host}:8443/x"
        form = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": callback}
        assert read_request(form, CONFIG).callback == callback


class Listener:
    """Listens on all addresses of this machine, and counts who connects."""

    def __init__(self) -> None:
        self.connected = 0
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._sockets[0].getsockname()[1]
        if socket.has_ipv6:
            try:
                address = ("::1", self.port)
                self._sockets.append(socket.create_server(address, family=socket.AF_INET6))
            except OSError:
                pass  # a machine without IPv6
        for one in self._sockets:
            threading.Thread(target=self._count, args=(one,), daemon=True).start()

    def _count(self, one: socket.socket) -> None:
        while True:
            try:
                connection, _ = one.accept()
            except OSError:
                return
            self.connected += 1
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        for one in self._sockets:
            one.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """What nobody may reach."""
    one = Listener()
    yield one
    one.close()


class Resolver(AbstractResolver):
    """Resolves every name to the addresses it has been given, each once; the last one stays."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            {"hostname": host, "host": address, "port": port, "family": kind}
            | {"proto": 0, "flags": socket.AI_NUMERICHOST}  # type: ignore[return-value]
        ]

    async def close(self) -> None:
        """Nothing is open."""


def reach(
    url: str, *, allow_private: bool = False, resolver: Resolver | None = None
) -> list[Outcome]:
    """Ask a callback and push to it, as the hub does, past what requests are refused for."""
    shown = Representation("text/plain", {"identity": b"x"}, NOW, 0)

    async def act() -> list[Outcome]:
        async with Wire("http://a.example", allow_private) as wire:
            if resolver:
                wire._session.connector._resolver = resolver  # type: ignore[union-attr]
            check = Check("/x", url, SUBSCRIBE, TOPIC, "host", NOW, lease=1)
            return [
                await wire.ask(check),
                await wire.push(url, shown, b"secret", NOW),
                await wire.ping(url, TOPIC, NOW),
            ]

    return asyncio.run(act())


@pytest.mark.parametrize(
    "host",
    [host for host in SPELLINGS if not host.endswith((".local", ".internal", ".arpa"))],
)
def test_nothing_connects_to_it(listener: Listener, host: str) -> None:
    """Whatever let it through: what is connected to is looked at."""
    before = listener.connected
    for outcome in reach(f"http://{host}:{listener.port}/x"):
        assert outcome.failed
    assert listener.connected == before


def test_the_guard_is_what_keeps_it_away(listener: Listener) -> None:
    before = listener.connected
    reach(f"http://127.0.0.1:{listener.port}/x", allow_private=True)
    assert listener.connected > before


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside(listener: Listener, inside: str) -> None:
    before = listener.connected
    url = f"http://harmless.example:{listener.port}/x"
    for outcome in reach(url, resolver=Resolver(inside)):
        assert outcome.failed.endswith("is not a public address"), outcome
    assert listener.connected == before


def test_a_name_that_is_another_address_the_next_time(listener: Listener) -> None:
    """Public when it is looked at, this machine when it is connected to (rebinding)."""
    before = listener.connected
    url = f"http://rebinding.example:{listener.port}/x"
    first, *rest = reach(url, resolver=Resolver("192.0.2.1", "127.0.0.1"))
    assert first.failed
    for outcome in rest:
        assert outcome.failed.endswith("is not a public address")
    assert listener.connected == before


# What is no number for us, and one for some resolvers; what hides the host from a careless eye.
DISGUISES = [
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "%31%32%37.0.0.1",
    "127.0.0.1%00",
    "127.0.0.1%2f.reader.example",
    "loc%61lhost",
    "ｌocalhost",
    "reader.example%40127.0.0.1",
    "[::ffff:127.0.0.1%25lo]",
]


@pytest.mark.parametrize("host", DISGUISES)
def test_no_disguise_leads_to_it(listener: Listener, host: str) -> None:
    """Refused at once, or where it is connected to; never an error of ours."""
    before = listener.connected
    callback = f"http://{host}:{listener.port}/x"
    form = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": callback}
    with contextlib.suppress(RefusedRequest):
        read_request(form, CONFIG)
    for outcome in reach(callback):
        assert outcome.failed
    assert listener.connected == before


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_H15_H34_a_redirect_leads_nowhere(listener: Listener, status: int) -> None:
    """Whatever is connected to may say where else to go: nobody goes there."""
    before = listener.connected
    with redirecting(status, f"http://127.0.0.1:{listener.port}/inside") as (base, asked):
        # Private addresses are allowed here, so that only the redirect can be what is refused.
        for outcome in reach(f"{base}/x", allow_private=True):
            assert outcome.failed == f"answered {status}"
    assert asked == ["GET", "POST", "POST"] and listener.connected == before


@contextlib.contextmanager
def redirecting(status: int, location: str) -> Iterator[tuple[str, list[str]]]:
    """Run a server that sends everybody elsewhere."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


class Names(Resolver):
    """Resolves a name to several addresses at a time."""

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return all of them."""
        found = [await Resolver(one).resolve(host, port) for one in self.addresses]
        return [one for some in found for one in some]


@pytest.mark.parametrize(
    "inside", [["127.0.0.1", "::1"], ["::ffff:127.0.0.1", "10.0.0.1"], ["0.0.0.0", "127.0.0.1"]]
)
def test_a_name_with_several_addresses(listener: Listener, inside: list[str]) -> None:
    """Each is looked at: when one is refused, the next one is no way round."""
    before = listener.connected
    url = f"http://harmless.example:{listener.port}/x"
    for outcome in reach(url, resolver=Names(*inside)):
        assert outcome.failed
    assert listener.connected == before


def test_a_name_of_this_machine_by_the_machines_own_resolver(listener: Listener) -> None:
    """Past what requests are refused for: the names that the system itself knows."""
    before = listener.connected
    for name in {"localhost", "LOCALHOST", socket.gethostname()}:
        for outcome in reach(f"http://{name}:{listener.port}/x"):
            assert outcome.failed
    assert listener.connected == before


@given(st.ip_addresses(v=4))
def test_no_more_is_public_than_python_says(address: ipaddress.IPv4Address) -> None:
    """And a mapped address is judged as what it is."""
    fault = find_fault(str(address))
    assert fault or (address.is_global and not address.is_multicast)
    assert bool(find_fault(f"::ffff:{address}")) == bool(fault)
    carried = address.packed.hex()
    for form in (f"2002:{carried[:4]}:{carried[4:]}::1", f"64:ff9b::{carried[:4]}:{carried[4:]}"):
        assert find_fault(form)


@given(st.ip_addresses(v=6))
def test_only_global_unicast_is_public(address: ipaddress.IPv6Address) -> None:
    if not address.ipv4_mapped and not find_fault(str(address)):
        assert address in ipaddress.ip_network("2000::/3") and address.is_global

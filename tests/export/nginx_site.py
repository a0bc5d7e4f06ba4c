"""A real nginx over an exported folder, with nothing but what the export wrote for it."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sites import ask, free_port, wait_until

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

_MAIN = """\
daemon off;
{user}
worker_processes 1;
pid {root}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    include {folder}/nginx.conf;
    server {{
        listen 127.0.0.1:{port};
        include {folder}/nginx-site.conf;
    }}
}}
"""


@contextlib.contextmanager
def serving_folder(root: Path, folder: Path) -> Iterator[int]:
    """Serve an exported folder at a port."""
    assert NGINX
    root.mkdir()
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    text = _MAIN.format(root=root, folder=folder, port=port, user=user)
    (root / "main.conf").write_text(text, encoding="utf-8")
    log = root / "nginx.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [NGINX, "-p", str(root), "-c", str(root / "main.conf")],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )

    def answers() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return ask(port, "/").status == 200
        return False

    try:
        wait_until(answers)
        yield port
    finally:
        process.terminate()
        process.wait(20)

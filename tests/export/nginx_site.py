"""A real nginx over an exported folder, with nothing but what the export wrote for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from servers import serving_nginx
from sites import ask, free_port

_SITE = """\
include {folder}/nginx.conf;
    server {{
        listen 127.0.0.1:{port};
        include {folder}/nginx-site.conf;
    }}"""


@contextlib.contextmanager
def serving_folder(root: Path, folder: Path, home: str = "/") -> Iterator[int]:
    """Serve an exported folder at a port; its page ``home`` is there then."""
    root.mkdir()
    port = free_port()
    site = _SITE.format(folder=folder, port=port)
    with serving_nginx(root, site, lambda: ask(port, home).status == 200):
        yield port

"""Buckets of two servers that speak S3's language: moto's, and rclone's over a folder."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sites import PROJECT, Answer, ask, free_port, wait_until

_PROGRAMS = PROJECT / ".venv/bucket/bin"
MOTO, RCLONE = _PROGRAMS / "moto_server", _PROGRAMS / "rclone"
SERVERS = ("moto", "rclone")

KEYS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


def write_command(server: str, port: int, folder: Path) -> list[str]:
    """Return the command of a server of buckets; ``folder`` is where rclone keeps them."""
    if server == "moto":
        return [str(MOTO), "-H", "127.0.0.1", "-p", str(port)]
    folder.mkdir(exist_ok=True)
    addressed = ["--addr", f"127.0.0.1:{port}", "--config", "/dev/null"]
    return [str(RCLONE), "serve", "s3", *addressed, str(folder)]


@contextlib.contextmanager
def serving_buckets(server: str, root: Path) -> Iterator[int]:
    """Run one of ``SERVERS`` and yield its port."""
    port, log = free_port(), root / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            write_command(server, port, root / "buckets"),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", "")},
        )

    def answers() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return ask(port, "/").status < 500
        return False

    try:
        wait_until(answers, 60)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def make_bucket(port: int, name: str) -> None:
    """Make a bucket."""
    assert ask(port, f"/{name}", "PUT", {"Content-Length": "0"}).status == 200


def fetch(port: int, path: str) -> Answer:
    """Return an object as its owner gets it; moto looks at no signature, only for one."""
    key = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, Signature=0"
    return ask(port, path, headers={"Authorization": key})

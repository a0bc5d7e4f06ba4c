"""A real bucket for tests: moto's server, in a process of its own on loopback."""

from __future__ import annotations

import http.client
import subprocess
from pathlib import Path
from urllib.parse import quote

from sites import PROJECT, free_port, wait_until

SERVER = PROJECT / ".venv" / "bucket" / "bin" / "moto_server"
_SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}


class S3:
    """A server of buckets, and one bucket of it; told over plain HTTP, beside our own client."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self._log = log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(SERVER), "-H", "127.0.0.1", "-p", str(self.port)], stdout=log, stderr=log
            )
        wait_until(self._answers, 60.0)
        self.ask("PUT", "")

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "", expect=None) < 500
        except OSError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def ask(self, method: str, key: str, data: bytes = b"", expect: int | None = 300) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, f"/news-desk/{quote(key)}", data, _SIGNED)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        assert expect is None or answer.status < expect, (method, key, answer.status)
        return answer.status

    def put(self, key: str, data: str | bytes) -> None:
        self.ask("PUT", key, data.encode() if isinstance(data, str) else data)

    def delete(self, key: str) -> None:
        self.ask("DELETE", key)

    def count_requests(self) -> int:
        """Return how many requests its log has."""
        return self._log.read_bytes().count(b'HTTP/1.1" ')

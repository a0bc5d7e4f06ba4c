"""A real nginx with the configuration of deploy/, as a process of ours; only places are changed."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from servers import DEPLOY, adapt, serving_nginx
from sites import Answer, free_port

NAME = "news.example"
BASE = f"https://{NAME}"

# Second addresses of this machine, for clients that are not 127.0.0.1; Linux has them all.
ELSEWHERE = "127.0.0.2"

# Where certbot puts the certificate and its key.
_KEYS = "/etc/letsencrypt/live/news.example/"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An nginx at work."""

    root: Path
    plain_port: int
    port: int

    def get(
        self,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] = {},
        body: bytes | None = None,
        host: str = NAME,
        source: str = "127.0.0.1",
    ) -> Answer:
        """Ask over https, from an address of this machine."""
        context = ssl.create_default_context(cafile=self.root / "fullchain.pem")
        context.check_hostname = False
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=20, context=context, source_address=(source, 0)
        )
        return _exchange(connection, path, method, {"Host": host, **headers}, body)

    def get_plain(self, path: str, host: str = NAME) -> Answer:
        """Ask over http."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=20)
        return _exchange(connection, path, "GET", {"Host": host}, None)


def _exchange(
    connection: http.client.HTTPConnection,
    path: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Answer:
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())


@contextlib.contextmanager
def proxying(root: Path, backend: int) -> Iterator[Proxy]:
    """Run nginx in front of what listens at the port ``backend``."""
    root.mkdir()
    write_certificate(root)
    proxy = Proxy(root, free_port(), free_port())
    places = {
        "listen 80;": f"listen 127.0.0.1:{proxy.plain_port};",
        "listen [::]:80;": f"listen {ELSEWHERE}:{proxy.plain_port};",
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "listen [::]:443 ": f"listen {ELSEWHERE}:{proxy.port} ",
        "127.0.0.1:8080": f"127.0.0.1:{backend}",
        _KEYS: f"{root}/",
        "/var/cache/nginx/feedsvc": f"{root}/cache",
    }
    file = root / "feedsvc.conf"
    file.write_text(adapt(DEPLOY / "nginx.conf", places, _KEYS), encoding="utf-8")
    with serving_nginx(root, f"include {file};", lambda: proxy.get_plain("/").status == 301):
        yield proxy


def write_certificate(root: Path) -> None:
    """Write a certificate for the site's name, as certbot would."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False)
        .sign(key, hashes.SHA256())
    )
    (root / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (root / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def find_script() -> Path:
    """Return a program that a unit may name: the interpreter's own feedsvc."""
    return Path(sys.executable).with_name("feedsvc")

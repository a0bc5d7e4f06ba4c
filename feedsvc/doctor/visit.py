"""Asking an address once, as a reader would, and with every bound: time, bytes, no redirects."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

# For each step of an exchange, and for all of it, in seconds.
STEP_MOST = 5.0
WHOLE_MOST = 12.0

_PIECE = 16_384


@dataclass(frozen=True, slots=True)
class Reply:
    """What an address answered; ``trouble`` says why it did not. Header names are lower-case.

    ``certificate_ends`` is known where it is https.
    """

    url: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: str = ""
    certificate_ends: datetime | None = None


def visit(url: str, most: int, context: ssl.SSLContext | None = None) -> Reply:
    """Get ``url`` and up to ``most`` bytes of what it answers; never raises for what happens there.

    It follows no redirect, and uses no proxy: this machine's own way counts.
    """
    end = time.monotonic() + WHOLE_MOST
    parts = urlsplit(url)
    ends: datetime | None = None
    try:
        connection = _connect(parts.scheme, parts.hostname or "", parts.port, context)
        with contextlib.closing(connection):
            connection.connect()
            if isinstance(connection.sock, ssl.SSLSocket):
                ends = _read_end(connection.sock)
            headers = {"Accept-Encoding": "identity", "User-Agent": "feedsvc doctor"}
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            body = b""
            while len(body) < most and (piece := answer.read1(min(_PIECE, most - len(body)))):
                body += piece
                if time.monotonic() > end:
                    return Reply(url, trouble=f"takes longer than {WHOLE_MOST:.0f} s")
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(url, answer.status, found, body, "", ends)
    except ssl.SSLCertVerificationError as error:
        return Reply(url, trouble=f"the certificate is not accepted: {error.verify_message}")
    except TimeoutError:
        return Reply(url, trouble=f"does not answer within {STEP_MOST:.0f} s")
    except socket.gaierror as error:
        return Reply(url, trouble=f"the host's name cannot be found: {error.strerror}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error) or type(error).__name__
        return Reply(url, trouble=f"does not answer: {reason}"[:300])


def _connect(
    scheme: str, host: str, port: int | None, context: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    if scheme == "https":
        context = context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=STEP_MOST, context=context)
    return http.client.HTTPConnection(host, port, timeout=STEP_MOST)


def _read_end(sock: ssl.SSLSocket) -> datetime | None:
    """Return when the certificate of the other side ends."""
    ends = (sock.getpeercert() or {}).get("notAfter")
    if not isinstance(ends, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)

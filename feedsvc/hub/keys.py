"""The key that secrets are encrypted and sessions signed with; it lies beside the store."""

from __future__ import annotations

import contextlib
import hmac
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from feedsvc.errors import KeyFileError

# Secrets in use at a time; decrypting one costs as much as signing a feed.
_REMEMBERED = 20_000


class Vault:
    """Encrypts and decrypts secrets with the key in a file, which it makes when there is none."""

    def __init__(self, path: Path) -> None:
        """Raises KeyFileError."""
        try:
            with contextlib.suppress(FileExistsError):
                _write_key(path)
            self._fernet = Fernet(path.read_bytes().strip())
        except OSError as error:
            raise KeyFileError(f"the hub's key {path} cannot be used: {error.strerror}") from None
        except ValueError:
            raise KeyFileError(
                f"the hub's key {path} is damaged: put the old one back, or remove it and let "
                "subscribers subscribe again"
            ) from None
        self.open = lru_cache(maxsize=_REMEMBERED)(self._open)

    def seal(self, secret: str) -> bytes | None:
        """Encrypt a secret; None if there is none."""
        return self._fernet.encrypt(secret.encode()) if secret else None

    def _open(self, sealed: bytes) -> bytes:
        """Decrypt a secret. Raises KeyFileError if it was encrypted with another key."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise KeyFileError("the secret was encrypted with another key") from None


def derive_key(path: Path, purpose: str) -> bytes:
    """Return 32 bytes that only who has the key file can make, others for each ``purpose``.

    Raises KeyFileError.
    """
    try:
        with contextlib.suppress(FileExistsError):
            _write_key(path)
        return hmac.digest(path.read_bytes().strip(), purpose.encode(), "sha256")
    except OSError as error:
        raise KeyFileError(f"the hub's key {path} cannot be used: {error.strerror}") from None


def key_path_of(store_url: str) -> Path:
    """Return where the key of a store lies: beside an SQLite file, else in the current folder."""
    _, separator, file = store_url.partition("sqlite:///")
    return Path(f"{file}.key" if separator and file else "feedsvc.key")


def _write_key(path: Path) -> None:
    """Make a key that only its owner reads, whole or not at all. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(path)
    # A name that nobody else has: one left by a process that was killed must not stand in the way.
    descriptor, half = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # of mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)  # the first of several processes wins
    finally:
        os.unlink(half)  # noqa: PTH108

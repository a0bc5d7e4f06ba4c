"""The key that secrets are encrypted and sessions signed with.

It lies in a file beside the store's, so that a copy of the store alone gives nothing away. A store
that several machines share keeps it itself: whoever may read that store may read the secrets.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from feedsvc.errors import KeyFileError
from feedsvc.store import Store

# Secrets in use at a time; decrypting one costs as much as signing a feed.
_REMEMBERED = 20_000

# Under this name a store keeps the key of its own.
_KEY_FACT = "hub_key"


class Vault:
    """Encrypts and decrypts secrets with the key that is kept in ``place``."""

    def __init__(self, place: Path | Store) -> None:
        """Make a key where there is none. Raises KeyFileError, or StoreError."""
        try:
            self._fernet = Fernet(_read_key(place))
        except ValueError:
            where = place if isinstance(place, Path) else "in the store"
            raise KeyFileError(
                f"the hub's key {where} is damaged: put the old one back, or remove it and let "
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


def derive_key(place: Path | Store, purpose: str) -> bytes:
    """Return 32 bytes that only who has the key can make, others for each ``purpose``.

    Raises KeyFileError, or StoreError.
    """
    return hmac.digest(_read_key(place), purpose.encode(), "sha256")


def key_path_of(store_url: str) -> Path | None:
    """Return where the key of a store lies: beside an SQLite file, else in no file."""
    _, separator, file = store_url.partition("sqlite:///")
    return Path(f"{file}.key") if separator and file else None


def find_place(store: Store) -> Path | Store:
    """Return where the key of a store is kept."""
    return key_path_of(store.url) or store


def copy_key(source: Store, target: Store) -> None:
    """Let what was sealed for one store be opened in another, to which all of it was copied.

    Raises KeyFileError, or StoreError.
    """
    old, new = find_place(source), find_place(target)
    if isinstance(old, Path) and not old.exists():
        return  # nothing was ever sealed
    key = _read_key(old)
    with target.writing() as writer:
        writer.put_fact(_KEY_FACT, key.decode() if isinstance(new, Store) else "")
    if isinstance(new, Path) and not (new.exists() and new.read_bytes().strip() == key):
        new.unlink(missing_ok=True)
        _write_key(new, key)


def _read_key(place: Path | Store) -> bytes:
    """Return a key; the first who asks makes it."""
    if isinstance(place, Store):
        if not (key := place.fact(_KEY_FACT)):
            # The first of several processes wins: the others wait for him, and look again.
            with place.writing() as writer:
                if not (key := place.fact(_KEY_FACT)):
                    key = Fernet.generate_key().decode()
                    writer.put_fact(_KEY_FACT, key)
        return key.encode()
    try:
        with contextlib.suppress(FileExistsError):
            _write_key(place)
        return place.read_bytes().strip()
    except OSError as error:
        raise KeyFileError(f"the hub's key {place} cannot be used: {error.strerror}") from None


def _write_key(path: Path, key: bytes = b"") -> None:
    """Write a key, or a new one, that only its owner reads, whole or not at all.

    Raises FileExistsError.
    """
    if path.exists():
        raise FileExistsError(path)
    # A name that nobody else has: one left by a process that was killed must not stand in the way.
    descriptor, half = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # of mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write((key or Fernet.generate_key()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)  # the first of several processes wins
    finally:
        os.unlink(half)  # noqa: PTH108

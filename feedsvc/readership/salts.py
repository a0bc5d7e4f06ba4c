"""How clients are counted without anybody being known: hashes that end with their day."""

from __future__ import annotations

import hashlib
import os

from feedsvc.readership.tallying import Client

# As many as a hash of addresses needs to withstand guessing, which there are few of.
SALT_BYTES = 16

# Rows that a day may have; beyond that one in two is kept, and counts for two, and so on.
CLIENTS_MOST = 100_000


def make_salt() -> bytes:
    """Return what the hashes of a day are made with."""
    return os.urandom(SALT_BYTES)


def hash_client(client: Client, salt: bytes) -> int:
    """Return the number that stands for a client of one feed on one day, as the store keeps it.

    It differs by feed, so that not even within a day it says who reads what else.
    """
    said = b"\0".join((client.feed.encode(), client.reader.encode(), client.identity))
    digest = hashlib.blake2b(said, key=salt, digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def is_sampled(number: int, level: int) -> bool:
    """Whether a client is one of those that are kept: one in 2**level."""
    return number & ((1 << level) - 1) == 0

"""A bucket as a place for articles: how its address is written, and what is wrong with one."""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEME = "s3://"

# What Amazon allows as a bucket's name; servers that speak its protocol allow no more.
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# A key has 1,024 bytes at most, and the articles below want some.
_PREFIX_MOST = 500
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or what lies in it below a prefix; where its server is, the environment says."""

    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{SCHEME}{self.name}/{self.prefix}" if self.prefix else f"{SCHEME}{self.name}"


def is_address(value: str) -> bool:
    """Whether a text is written as an address, and not as a folder of the disk."""
    return bool(_ADDRESS.match(value))


def parse_bucket(value: str) -> Bucket:
    """Return the bucket that an address means; ValueError says what is wrong, never a secret."""
    if not value.startswith(SCHEME):
        raise ValueError("write a folder, or a bucket such as s3://news/articles")
    name, slash, prefix = value.removeprefix(SCHEME).partition("/")
    if "@" in name or ":" in name:
        raise ValueError(
            "leave out the credentials: they are read from AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and the server from AWS_ENDPOINT"
        )
    if not name:
        raise ValueError("names no bucket: write s3://bucket or s3://bucket/prefix")
    if not _NAME.fullmatch(name):
        raise ValueError("write a bucket's name of 3 to 63 characters: a-z, 0-9, - and .")
    if slash and (not prefix or prefix.endswith("/")):
        raise ValueError("leave out the slash at the end")
    if any(letter in prefix for letter in "?#\\") or not prefix.isprintable():
        raise ValueError("leave out ?, #, \\ and control characters")
    if prefix and any(part in ("", ".", "..") for part in prefix.split("/")):
        raise ValueError("write the prefix without empty parts, . and ..")
    if len(prefix) > _PREFIX_MOST:
        raise ValueError(f"write a prefix of {_PREFIX_MOST} characters at most")
    return Bucket(name, prefix)

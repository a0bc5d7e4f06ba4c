"""What a backup says of itself, and which members it may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from feedsvc.errors import BackupError

# The form of the archive; another number is read by another version.
FORMAT = 1

MANIFEST, STORE, CONFIG, KEY = "manifest.json", "store.db", "config.yaml", "hub.key"
CONTENT = "content/"

# A site of a thousand articles a day for years, with pictures. Who has more copies the folder as
# other large folders are copied.
CONTENT_FILES_MOST = 200_000
CONTENT_BYTES_MOST = 50_000_000_000

# Half a kilobyte for each content file: its path, its hash and its time.
MANIFEST_BYTES_MOST = 512 * (CONTENT_FILES_MOST + 1_000)

# A store of a million articles has 5 GB.
STORE_BYTES_MOST = 200_000_000_000

# A config is a page or two of text (the reader of config.yaml has the same bound), a key 45 bytes.
CONFIG_BYTES_MOST = 2_000_000
KEY_BYTES_MOST = 1_000

# Paths of file systems are no longer.
_PATH_MOST = 4_096

# What no terminal should be shown, and no text can hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup; ``modified_ns`` is when it was changed, 0 where nobody asks."""

    size: int
    sha256: str
    modified_ns: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: ``form`` is that of the store's tables, ``site`` what ids are made with.

    ``members`` are all files but the manifest itself, by name.
    """

    feedsvc: str
    form: str
    made: datetime
    site: str
    members: Mapping[str, Member]

    @property
    def content(self) -> dict[str, Member]:
        """The files of the content folder, by their path in it."""
        return {
            name.removeprefix(CONTENT): member
            for name, member in self.members.items()
            if name.startswith(CONTENT)
        }


def write_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as JSON that people can read, too."""
    members = {
        name: {"size": one.size, "sha256": one.sha256}
        | ({"modified_ns": one.modified_ns} if one.modified_ns else {})
        for name, one in manifest.members.items()
    }
    value = {
        "format": FORMAT,
        "feedsvc": manifest.feedsvc,
        "form": manifest.form,
        "made": manifest.made.isoformat(),
        "site": manifest.site,
        "members": members,
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest that may come from anybody.

    Raises BackupError when it is none, of another form, or names what no backup holds.
    """
    try:
        value = orjson.loads(data)
        if value["format"] != FORMAT:
            raise BackupError(
                f"the backup has the form {value['format']!r:.40}, and this version of feedsvc "
                f"knows {FORMAT}: restore it with the version that made it"
            )
        members = {str(name): _read_member(one) for name, one in value["members"].items()}
        manifest = Manifest(
            feedsvc=_read_text(value["feedsvc"]),
            form=_read_text(value["form"]),
            made=datetime.fromisoformat(value["made"]),
            site=_read_text(value["site"]),
            members=members,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"the backup's {MANIFEST} cannot be read: {error}") from None
    _check_members(manifest)
    return manifest


def find_fault(name: str) -> str:
    """Return why no backup may have a member of this name; nothing if it may."""
    if name in (MANIFEST, STORE, CONFIG, KEY):
        return ""
    if not name.startswith(CONTENT):
        return "is no part of a backup"
    path = name.removeprefix(CONTENT)
    parts = path.split("/")
    if len(name.encode(errors="replace")) > _PATH_MOST or _CONTROL.search(path) or "\\" in path:
        return "has a name that no backup holds"
    # What is hidden is never an article; "." and ".." lead elsewhere, and so does a leading slash.
    if any(not part or part[0] == "." for part in parts):
        return "leads out of the content folder, or is hidden"
    return ""


def most_of(name: str) -> int:
    """Return how many bytes a member may have."""
    known = {
        MANIFEST: MANIFEST_BYTES_MOST,
        STORE: STORE_BYTES_MOST,
        CONFIG: CONFIG_BYTES_MOST,
        KEY: KEY_BYTES_MOST,
    }
    return known.get(name, CONTENT_BYTES_MOST)


def _check_members(manifest: Manifest) -> None:
    for name, member in manifest.members.items():
        if fault := "is the manifest itself" if name == MANIFEST else find_fault(name):
            raise BackupError(f"the backup is refused: its member {name!r:.200} {fault}")
        if member.size > most_of(name):
            raise BackupError(f"the backup is refused: its member {name!r:.200} is too large")
    if missing := {STORE, CONFIG} - manifest.members.keys():
        raise BackupError(f"the backup is not whole: it has no {' and no '.join(sorted(missing))}")
    content = manifest.content.values()
    if len(content) > CONTENT_FILES_MOST or sum(one.size for one in content) > CONTENT_BYTES_MOST:
        raise BackupError("the backup is refused: it has more content files than any backup")


def _read_member(value: Any) -> Member:
    size, sha256, modified_ns = value["size"], value["sha256"], value.get("modified_ns", 0)
    if type(size) is not int or type(modified_ns) is not int or size < 0:
        raise ValueError("a member's size or time is no number")
    # Moments that file systems can keep.
    if not 0 <= modified_ns < 2**63 or len(_read_text(sha256)) != 64:
        raise ValueError("a member's hash or time cannot be")
    return Member(size, sha256, modified_ns)


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 500:
        raise ValueError("a text is none, or too long")
    return value

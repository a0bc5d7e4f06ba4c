"""Which folders are watched, by what the kernel says is mounted there."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.config import parse_config
from feedsvc.scan import find_watched

_MOUNTS = "1 1 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / /mnt/share rw - {kind} server:/x rw\n"


@pytest.mark.parametrize(
    ("kind", "folder", "watch", "watched"),
    [
        ("nfs4", "/mnt/share/news", "auto", False),
        ("cifs", "/mnt/share", "auto", False),
        ("fuse.sshfs", "/mnt/share", "auto", False),
        ("ext4", "/mnt/share", "auto", True),
        ("nfs4", "/mnt/other", "auto", True),
        ("nfs4", "/mnt/share", "on", True),
        ("ext4", "/mnt/share", "off", False),
        ("ext4", "s3://news/a", "on", False),
    ],
)
def test_what_is_watched(kind: str, folder: str, watch: str, watched: bool) -> None:
    text = f"content: {{folder: '{folder}', watch: {watch}}}\n".encode()
    content = parse_config(text, Path("/srv/config.yaml"), {}).config.content
    assert find_watched(content, _MOUNTS.format(kind=kind)) == (Path(folder) if watched else None)

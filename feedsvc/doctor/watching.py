"""Which folder's events are worth listening to: none where they would miss what others write."""

from __future__ import annotations

import os
from pathlib import Path

from feedsvc.config import Bucket, ContentConfig
from feedsvc.doctor.checks import find_file_system, is_network
from feedsvc.doctor.look import read_mounts


def find_watched(content: ContentConfig) -> Path | None:
    """Return the folder to watch; None where only scans are to see what changes."""
    folder = content.folder
    if isinstance(folder, Bucket) or content.watch == "off":
        return None
    if content.watch == "auto" and is_network(
        find_file_system(read_mounts(), os.path.realpath(folder))
    ):
        return None
    return folder

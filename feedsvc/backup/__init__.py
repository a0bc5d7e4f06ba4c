"""Backups: one file of one moment, and putting it back."""

from feedsvc.backup.archive import Archive, open_archive
from feedsvc.backup.make import Made, make_backup
from feedsvc.backup.manifest import Manifest
from feedsvc.backup.restore import Restored, restore_backup

__all__ = [
    "Archive",
    "Made",
    "Manifest",
    "Restored",
    "make_backup",
    "open_archive",
    "restore_backup",
]

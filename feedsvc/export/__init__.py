"""Static export: what is published, as files in a folder or objects in a bucket."""

from feedsvc.export.bucket import BucketTarget
from feedsvc.export.folder import FolderTarget
from feedsvc.export.layout import SUFFIXES, ExportError, Layout
from feedsvc.export.run import Exported, StoppedError, export_site
from feedsvc.export.site import PublishedSite
from feedsvc.export.targets import File, Target
from feedsvc.export.watching import keep_exported

__all__ = [
    "SUFFIXES",
    "BucketTarget",
    "ExportError",
    "Exported",
    "File",
    "FolderTarget",
    "Layout",
    "PublishedSite",
    "StoppedError",
    "Target",
    "export_site",
    "keep_exported",
]

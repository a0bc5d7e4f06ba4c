"""Articles in a bucket: listing its objects, reading one, and media in parts."""

from feedsvc.bucket.media import describe_object, find_object, open_object
from feedsvc.bucket.objects import (
    READS_AT_ONCE,
    Found,
    ObjectStatus,
    Patience,
    find_key_fault,
    list_objects,
    open_bucket,
    read_object,
    require_library,
    stat_object,
)

__all__ = [
    "READS_AT_ONCE",
    "Found",
    "ObjectStatus",
    "Patience",
    "describe_object",
    "find_key_fault",
    "find_object",
    "list_objects",
    "open_bucket",
    "open_object",
    "read_object",
    "require_library",
    "stat_object",
]

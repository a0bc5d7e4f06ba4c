"""The door of the ingest room: the bytes of one file in, one clean article out."""

from feedsvc.ingest.article import (
    FILE_TIME,
    SUFFIXES,
    decode_article,
    is_plain,
    read_article,
    read_text,
)
from feedsvc.ingest.decoding import decode_text
from feedsvc.ingest.habits import MAX_ARTICLES, SiteHabits, choose_evenly, habits_of
from feedsvc.ingest.media import (
    BEING_WRITTEN,
    MEDIA_TYPES,
    MISSING,
    REFERENCES_MOST,
    SNIFFED_BYTES,
    Reference,
    find_media,
    find_troubles,
    judge_address,
    list_candidates,
    list_pictures,
    list_references,
    settle_type,
    sniff_type,
    type_of_name,
)
from feedsvc.ingest.mediafacts import (
    describe_media,
    describe_stream,
    locate_media,
    open_media,
    require_served,
    stat_media,
)
from feedsvc.ingest.reading import Reading, reading_for
from feedsvc.ingest.slugs import slugify

__all__ = [
    "BEING_WRITTEN",
    "FILE_TIME",
    "MAX_ARTICLES",
    "MEDIA_TYPES",
    "MISSING",
    "REFERENCES_MOST",
    "SNIFFED_BYTES",
    "SUFFIXES",
    "Reading",
    "Reference",
    "SiteHabits",
    "choose_evenly",
    "decode_article",
    "decode_text",
    "describe_media",
    "describe_stream",
    "find_media",
    "find_troubles",
    "habits_of",
    "is_plain",
    "judge_address",
    "list_candidates",
    "list_pictures",
    "list_references",
    "locate_media",
    "open_media",
    "read_article",
    "read_text",
    "reading_for",
    "require_served",
    "settle_type",
    "slugify",
    "sniff_type",
    "stat_media",
    "type_of_name",
]

"""The door of the ingest room: the bytes of one file in, one clean article out."""

from feedsvc.ingest.article import SUFFIXES, read_article
from feedsvc.ingest.decoding import decode_text
from feedsvc.ingest.habits import SiteHabits, habits_of
from feedsvc.ingest.reading import Reading, reading_for
from feedsvc.ingest.slugs import slugify

__all__ = [
    "SUFFIXES",
    "Reading",
    "SiteHabits",
    "decode_text",
    "habits_of",
    "read_article",
    "reading_for",
    "slugify",
]

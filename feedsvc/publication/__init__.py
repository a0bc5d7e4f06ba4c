"""What the world sees: building it from the store, compressing it once, loading it."""

from feedsvc.publication.addresses import write_gone, write_redirect
from feedsvc.publication.build import Published, Publisher
from feedsvc.publication.compress import Document, represent_all
from feedsvc.publication.cuts import (
    CUTS_MOST,
    Cut,
    has_entries,
    is_cut,
    make_cut,
    path_of,
    read_cut,
)
from feedsvc.publication.feeds import (
    date_feed,
    link_of,
    make_archive,
    make_entry,
    make_feed,
    page_path,
)
from feedsvc.publication.load import NOTHING, load_publication

__all__ = [
    "CUTS_MOST",
    "NOTHING",
    "Cut",
    "Document",
    "Published",
    "Publisher",
    "date_feed",
    "has_entries",
    "is_cut",
    "link_of",
    "load_publication",
    "make_archive",
    "make_cut",
    "make_entry",
    "make_feed",
    "page_path",
    "path_of",
    "read_cut",
    "represent_all",
    "write_gone",
    "write_redirect",
]

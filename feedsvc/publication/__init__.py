"""What the world sees: building it from the store, compressing it once, loading it."""

from feedsvc.publication.addresses import write_gone, write_redirect
from feedsvc.publication.build import Published, Publisher
from feedsvc.publication.compress import Document, represent_all
from feedsvc.publication.feeds import link_of, make_archive, make_entry, make_feed, page_path
from feedsvc.publication.load import NOTHING, load_publication

__all__ = [
    "NOTHING",
    "Document",
    "Published",
    "Publisher",
    "link_of",
    "load_publication",
    "make_archive",
    "make_entry",
    "make_feed",
    "page_path",
    "represent_all",
    "write_gone",
    "write_redirect",
]

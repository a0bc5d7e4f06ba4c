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
    read_cut,
)
from feedsvc.publication.feeds import (
    date_feed,
    link_of,
    make_archive,
    make_entry,
    make_feed,
    make_page_path,
    page_path,
)
from feedsvc.publication.forecast import UNKNOWN, Fate, Forecast, forecast
from feedsvc.publication.history import GROWN_MOST, count_recent
from feedsvc.publication.load import NOTHING, load_publication
from feedsvc.publication.media import url_of_media
from feedsvc.publication.partners import (
    POLLS_FACT,
    find_end_of_token,
    load_polls,
    shape_partner,
)
from feedsvc.publication.published import (
    PUBLISHED_FACTS,
    list_known_tokens,
    load_published,
    make_published,
)
from feedsvc.publication.purging import find_targets, list_public

__all__ = [
    "CUTS_MOST",
    "GROWN_MOST",
    "NOTHING",
    "POLLS_FACT",
    "PUBLISHED_FACTS",
    "UNKNOWN",
    "Cut",
    "Document",
    "Fate",
    "Forecast",
    "Published",
    "Publisher",
    "count_recent",
    "date_feed",
    "find_end_of_token",
    "find_targets",
    "forecast",
    "has_entries",
    "is_cut",
    "link_of",
    "list_known_tokens",
    "list_public",
    "load_polls",
    "load_publication",
    "load_published",
    "make_archive",
    "make_cut",
    "make_entry",
    "make_feed",
    "make_page_path",
    "make_published",
    "page_path",
    "read_cut",
    "represent_all",
    "shape_partner",
    "url_of_media",
    "write_gone",
    "write_redirect",
]

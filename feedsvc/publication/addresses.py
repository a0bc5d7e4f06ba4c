"""The addresses that lead elsewhere for good, or to nothing any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from feedsvc.config import Config
from feedsvc.publication.compress import Document
from feedsvc.render import FORMATS, render_message
from feedsvc.store import WHOLE_SITE

# Permanent: a redirect, and a stylesheet that has its hash in its name.
FOREVER = 365 * 86400

# An admin may take a section back; whoever asks again sees it after a day.
GONE_MAX_AGE = 86400

# Where readers and people guess the main feed to be (R60).
_GUESSES = {
    "/feed": "xml",
    "/feed/": "xml",
    "/feed.xml": "xml",
    "/rss": "xml",
    "/rss.xml": "xml",
    "/index.xml": "xml",
    "/atom.xml": "atom",
    "/feed.json": "json",
}

_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_ENDED = "This section has ended. Its feeds are no more; the front page has all the others."


def write_redirects(config: Config, now: datetime) -> Iterator[tuple[str, Document]]:
    """Yield the other addresses of feeds, each one permanent redirect (R21, R60, F27)."""
    # Without the host: it holds behind any proxy, and on any port.
    base = urlsplit(config.site.base_url).path
    names = (WHOLE_SITE, *config.sections)
    targets = {f"/feeds/{name}.rss": f"{base}/feeds/{name}.xml" for name in names}
    targets["/feeds"] = f"{base}/feeds/"
    targets |= {path: f"{base}/feeds/{WHOLE_SITE}.{end}" for path, end in _GUESSES.items()}
    for name, section in config.sections.items():
        for old in section.moved_from:
            # In one hop: the old .rss leads to where the new .rss would lead.
            ends = {**{suffix: suffix for suffix in FORMATS}, "rss": "xml"}
            targets |= {f"/feeds/{old}.{a}": f"{base}/feeds/{name}.{b}" for a, b in ends.items()}
            targets[f"/sections/{old}"] = f"{base}/sections/{name}"
    for path, target in targets.items():
        yield path, write_redirect(target, now)


def write_removed(config: Config, now: datetime) -> Iterator[tuple[str, Document]]:
    """Yield the addresses of sections that an admin has called removed (R23, F27)."""
    for name in config.removed:
        for suffix in (*FORMATS, "rss"):
            yield f"/feeds/{name}.{suffix}", write_gone(now)
        page = render_message(config.site, 410, "This section has ended", _ENDED)
        second = now.replace(microsecond=0)
        yield f"/sections/{name}", Document(_HTML, page, second, GONE_MAX_AGE, gone=True)


def write_redirect(target: str, now: datetime) -> Document:
    """Return the document that leads to ``target`` for good."""
    body = f"Moved for good to {target}\n".encode()
    return Document(_TEXT, body, now.replace(microsecond=0), FOREVER, target)


def write_gone(now: datetime) -> Document:
    """Return the document that says to a reader that a feed is no more."""
    body = b"410 Gone\nThis section has ended.\n"
    return Document(_TEXT, body, now.replace(microsecond=0), GONE_MAX_AGE, gone=True)

"""What each path answers, made once for all requests: every header of every encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

from feedsvc.model import Representation
from feedsvc.partners import PREFIX
from feedsvc.publication import is_cut
from feedsvc.surrogates import write_key_headers

Headers = list[tuple[str, str]]

PAGE_SECURITY = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src * data:; "
        "media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
]
SECURITY = [("X-Content-Type-Options", "nosniff")]


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding of one path, with all that its answers say."""

    etag: str
    body: bytes
    headers: Headers
    unchanged: Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """All that one path can answer."""

    status: str
    modified: float
    tag: str
    variants: Mapping[str, Variant]
    cut: str = ""  # the name of the feed, if it is kept only for as long as it is asked for
    counted: str = ""  # the path of a feed, whose readers are counted


# For a minute beyond its age a cache may answer at once and ask anew behind the reader's back:
# nobody waits. When we are down it may go on for a day: old news beats a feed in error.
_STALE = ", stale-while-revalidate=60, stale-if-error=86400"


def prepare(representation: Representation, path: str, is_kept: bool = True) -> Answer:
    """Make all that ``path`` can answer, with every header (R2-R14).

    ``is_kept`` says that it is in the publication, and not made for somebody who asked.
    """
    modified = representation.modified.timestamp()
    scope = "private" if path.startswith(PREFIX) else "public"
    cache = f"{scope}, max-age={representation.max_age}"
    page = representation.content_type.startswith("text/html")
    if representation.max_age >= 86400:
        cache += ", immutable"
    elif scope == "public":
        cache += _STALE
    variants: dict[str, Variant] = {}
    for coding, body in representation.bodies.items():
        suffix = "" if coding == "identity" else f"-{coding}"
        etag = f'"{representation.etag}{suffix}"'
        unchanged = [
            ("ETag", etag),
            ("Last-Modified", formatdate(modified, usegmt=True)),
            ("Cache-Control", cache),
            ("Vary", "Accept-Encoding"),
            *([] if scope == "private" else write_key_headers(path)),
            *([("Link", representation.link)] if representation.link else ()),
        ]
        headers = [
            ("Content-Type", representation.content_type),
            ("Content-Length", str(len(body))),
            *unchanged,
            *SECURITY,
        ]
        if page:
            headers += PAGE_SECURITY
        if coding != "identity":
            headers.insert(2, ("Content-Encoding", coding))
        if representation.location:
            headers.append(("Location", representation.location))
        variants[coding] = Variant(etag, body, headers, unchanged)
    if representation.gone:
        return Answer("410 Gone", modified, "", variants)
    if representation.location:
        # No 304: a client that asks an old address must always learn the new one (R21).
        return Answer("301 Moved Permanently", modified, "", variants)
    counted = path if path.startswith("/feeds/") and not page else ""
    name = counted.removeprefix("/feeds/").rpartition(".")[0]
    cut = name if is_kept and is_cut(name) else ""
    return Answer("200 OK", modified, representation.etag, variants, cut, counted)

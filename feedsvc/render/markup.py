"""HTML as readers need it: every URL absolute, and the first sentences as plain text."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from html import escape, unescape
from posixpath import splitext
from urllib.parse import urljoin, urlsplit

from .text import strip_forbidden

# How a summary that nobody wrote is made.
EXCERPT_CHARS = 300  # what readers and partners show of a summary (partners.md)
_LEAST_CHARS = 120  # a sentence that ends before this says too little: cut at a word instead
_WINDOW_CHARS = 8_000  # HTML that is read for an excerpt: enough for 300 characters of any prose

# Attributes whose value is one URL (R49); srcset holds several.
_URL_ATTRIBUTES = frozenset({"href", "src", "poster", "cite"})
_LINKS = frozenset({"href", "cite"})
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_MEDIA_SCHEMES = frozenset({"http", "https"})

# Something that may need work: the `=` of such an attribute whose value does not begin with
# http(s)://, or one with a space before it. The `=` stands first to make the search quick.
_SUSPECT = re.compile(
    r"=(?:(?<=\s=)|(?<=srcset=)|(?:(?<=href=)|(?<=src=)|(?<=poster=)|(?<=cite=))"
    r"""(?!\s*+["']?+https?://[^\s"'\\]))""",
    re.IGNORECASE,
)
# One start tag as HTML's tokenizer reads it. Every part is possessive and the end of the text
# closes whatever is open, so that a match never fails and the work stays linear.
_ATTRIBUTE = (
    r"""=?+[^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+"""
)
_TAG = re.compile(rf"<(?P<name>[A-Za-z][^\s/>]*+)(?P<rest>(?:[\s/]++|(?=[^>]){_ATTRIBUTE})*+)>?+")
_NAMED = re.compile(
    r"""(?P<space>[\s/]*+)(?P<name>=?+[^\s/>=]++)
    (?:\s*+=\s*+(?:"(?P<double>[^"]*+)(?:"|\Z)|'(?P<single>[^']*+)(?:'|\Z)
      |(?P<bare>[^\s>"'][^\s>]*+)))?+""",
    re.VERBOSE,
)
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
_DESCRIPTOR = re.compile(r"[^,]*+")
_URL_NOISE = str.maketrans("", "", "\t\n\r")

_BLOCK = re.compile(
    r"<(?=/?(?:p|div|li|ul|ol|br|blockquote|section|article|td|th|tr|dd|dt|pre)\b)", re.IGNORECASE
)
_HALF_ENTITY = re.compile(r"&[#A-Za-z0-9]{0,32}\Z")
# Not prose: their text is left out of an excerpt.
_ASIDE = {"figure", "figcaption", "table", "script", "style", "h1", "h2", "h3", "h4", "h5", "h6"}
# A sentence ends at a stop that does not belong to an initial or a title ("D.C.", "Dr.").
_SENTENCE_END = re.compile(
    r"[.!?…](?<![A-Z].)(?<!\bMr.)(?<!\bMs.)(?<!\bMrs.)(?<!\bDr.)(?<!\bSt.)(?<!\bGov.)(?<!\bSen.)"
    r"(?<!\bRep.)(?<!\bNo.)[\"'”’»)\]]?(?=\s)|[。！？][」』）]?"
)


def absolute_html(html: str, base: str, page: str = "", suffixes: Collection[str] = ()) -> str:
    """Return ``html`` with every href, src, srcset, poster and cite absolute (F7, R49).

    ``base`` is the absolute URL from which relative ones start; ``page`` is where the article
    itself is, to which a mere fragment belongs, if that is elsewhere. ``suffixes`` are those of the
    files at ``base``: a relative link to anything else starts at ``page``. An attribute that cannot
    be made a URL that readers follow (``javascript:``, ``data:``) is dropped, and with it an
    ``img`` that loses its only source (F8). HTML in which nothing is relative comes back as it is.
    """
    if not _SUSPECT.search(html):
        return html

    def mend(tag: re.Match[str]) -> str:
        rest = tag["rest"]
        if not rest or not _SUSPECT.search(rest):
            return tag[0]
        mended = _NAMED.sub(
            lambda attribute: _mend_attribute(attribute, base, page, suffixes), rest
        )
        if tag["name"].lower() == "img" and not _has_source(mended):
            return ""
        return f"<{tag['name']}{mended}{'>' if tag[0].endswith('>') else ''}"

    return _TAG.sub(mend, html)


def first_sentences(html: str) -> str:
    """Return the beginning of ``html`` as plain text of at most ``EXCERPT_CHARS`` characters (F5).

    It ends with a sentence if one ends in time, else with a word and an ellipsis. Entities are
    decoded before the cut, so none is ever halved.
    """
    if len(html) <= _WINDOW_CHARS:
        return _first_sentences(html, whole=True)
    # An entity that the window cuts in two goes here; a tag that it cuts, the parser drops.
    return _first_sentences(_HALF_ENTITY.sub("", html[:_WINDOW_CHARS]), whole=False)


def cut_text(text: str, limit: int, whole: bool = True) -> str:
    """Return ``text`` in at most ``limit`` characters, cut after a sentence or a word.

    ``whole`` says that ``text`` is all there is; else something was cut off before.
    """
    if whole and len(text) <= limit:
        return text
    room = text[: limit - 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(text[:limit])]
    if ends and ends[-1] >= min(_LEAST_CHARS, limit // 2):
        return text[: ends[-1]]
    if len(text) >= limit and not text[limit - 1].isspace():
        words = room.rsplit(None, 1)
        room = words[0] if len(words) == 2 else room
    return room.rstrip(" \t\n,;:–—-") + "…"


@lru_cache(maxsize=2048)  # the same entries are rendered in every format, section and publish
def _first_sentences(html: str, whole: bool) -> str:
    import nh3

    spaced = _BLOCK.sub(" <", strip_forbidden(html))
    text = unescape(nh3.clean(spaced, tags=set(), attributes={}, clean_content_tags=_ASIDE))
    return cut_text(" ".join(text.split()), EXCERPT_CHARS, whole)


def _mend_attribute(
    attribute: re.Match[str], base: str, page: str, suffixes: Collection[str]
) -> str:
    name = attribute["name"].lower()
    value = next((attribute[kind] for kind in ("double", "single", "bare") if attribute[kind]), "")
    if name in _URL_ATTRIBUTES:
        schemes = _LINK_SCHEMES if name in _LINKS else _MEDIA_SCHEMES
        value = unescape(value)
        paged = value.startswith("#") or (name in _LINKS and _is_page(value, suffixes))
        here = page if page and paged else base
        mended = _absolute(value, here, schemes) if value or name == "href" else ""
    elif name == "srcset":
        mended = _absolute_srcset(unescape(value), base)
    else:
        return attribute[0]
    quoted = escape(mended, quote=False).replace('"', "&quot;")
    return f'{attribute["space"] or " "}{name}="{quoted}"' if mended else ""


def _is_page(url: str, suffixes: Collection[str]) -> bool:
    path = re.split(r"[?#]", url.strip(), maxsplit=1)[0]
    return bool(suffixes) and url[:1] != "/" and splitext(path)[1].lower() not in suffixes


def _absolute(url: str, base: str, schemes: frozenset[str]) -> str:
    url = url.translate(_URL_NOISE).strip()
    try:
        parts = urlsplit(joined := urljoin(base, url))
    except ValueError:  # such as `http://[`
        return ""
    if parts.scheme not in schemes or (parts.scheme in _MEDIA_SCHEMES and not parts.netloc):
        return ""
    return joined.replace(" ", "%20")


def _absolute_srcset(value: str, base: str) -> str:
    candidates: list[str] = []
    position = 0
    while found := _CANDIDATE.match(value, position):
        position = found.end()
        url, descriptor = found[1].rstrip(","), ""
        if url == found[1]:
            rest = _DESCRIPTOR.match(value, position)
            descriptor, position = (rest[0].strip(), rest.end()) if rest else ("", position)
        if joined := _absolute(url, base, _MEDIA_SCHEMES) if url else "":
            candidates.append(f"{joined} {descriptor}".rstrip())
    return ", ".join(candidates)


def _has_source(attributes: str) -> bool:
    return any(found["name"].lower() in ("src", "srcset") for found in _NAMED.finditer(attributes))

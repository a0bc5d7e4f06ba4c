"""What is looked for in titles, links, names and HTML, and taken out where a partner forbids it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from feedsvc.plain import decode_entities, squeeze, text_of

# What click counters and advertisers put into links.
_TRACKING = re.compile(
    r"(?:utm_\w*|(?:fb|g|dc|y|tt|tw|ms|wick|epik)clid|gclsrc|[gw]braid|igshid|igsh|mc_[ce]id|"
    r"_hs(?:enc|mi)|mkt_tok|xtor|cmpid|ref_src|s_cid)",
    re.IGNORECASE,
)
_TITLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TITLE_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,31});")
_BRACKET = re.compile(r"(?=[<(\[])")

_ATTRIBUTES = r'(?:\s[^<>"]*(?:"[^"]*"[^<>"]*)*)?'
_ANCHOR = re.compile(rf"<a{_ATTRIBUTES}>(?P<inner>.*?)</a>", re.DOTALL)
_IMAGE = re.compile(rf"<img{_ATTRIBUTES}>")
_VALUE = re.compile(r'\s(?P<name>src|width|height)="(?P<value>[^"]*)"')
# Longer is a sentence with a link, and no invitation to go elsewhere.
_READ_MORE_CHARS = 60
_READ_MORE = re.compile(
    r"\W*(?:(?:click|tap) here\b.*|(?:continue|keep) reading\b.*|more|"
    r"(?:read|see|view|learn|find out) (?:(?:the )?(?:more|rest|on|full|whole|entire)\b.*|on)|"
    r"weiter ?lesen|mehr(?: lesen| dazu)?|zum (?:ganzen )?artikel|lire (?:la suite|plus)\b.*|"
    r"en savoir plus|(?:leer|ver) más\b.*|(?:seguir|sigue) leyendo\b.*|"
    r"leggi (?:tutto|di più|l['’]articolo)\b.*|continua a leggere|lees (?:meer|verder)|"
    r"(?:ler|leia) mais\b.*|läs mer|les mer|læs mere|"
    r"czytaj (?:więcej|dalej)|читать (?:далее|дальше))"
    r"\W*",
    re.IGNORECASE,
)
_HOLLOW = re.compile(r"<(p|figure|figcaption|div|li|ul)>\s*</\1>")
# An empty list item in an empty list in an empty figure.
_NESTED_MOST = 3


def has_markup(title: str) -> bool:
    """Whether a partner could take a part of a title for HTML."""
    return bool(_TITLE_TAG.search(title) or _TITLE_ENTITY.search(title))


def strip_markup(title: str) -> str:
    """Return a title without tags, its entities decoded."""
    # An entity may hide a tag, and that another one; what is left after this many is text.
    for _ in range(_NESTED_MOST):
        if not has_markup(title):
            break
        title = decode_entities(_TITLE_TAG.sub("", title))
    return squeeze(title)


def list_tracking(url: str) -> list[str]:
    """Return the parameters of a link that only tell where its reader came from."""
    query = url.partition("#")[0].partition("?")[2]
    names = (part.partition("=")[0] for part in re.split("[&;]", query))
    return [name for name in names if _TRACKING.fullmatch(name)]


def strip_tracking(url: str) -> str:
    """Return a link without them; the rest of it stays letter by letter."""
    if not list_tracking(url):
        return url
    address, hash_, fragment = url.partition("#")
    path, _, query = address.partition("?")
    parts = re.split("([&;])", query)
    # Each part with the sign before it.
    pairs = zip(["", *parts[1::2]], parts[::2], strict=True)
    kept = [sign + part for sign, part in pairs if not _TRACKING.fullmatch(part.partition("=")[0])]
    rest = "".join(kept).lstrip("&;")
    return f"{path}{'?' if rest else ''}{rest}{hash_}{fragment}"


def add_parameters(url: str, **values: str) -> str:
    """Return a link with more parameters at the end of its query."""
    address, hash_, fragment = url.partition("#")
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
    return f"{address}{'&' if '?' in address else '?'}{added}{hash_}{fragment}"


def has_address(name: str) -> bool:
    """Whether an e-mail address (or the name of an account) stands in a name."""
    return "@" in name


def strip_address(name: str) -> str:
    """Return a name without the e-mail addresses in it: they are no business of a partner's."""
    if not has_address(name):
        return name
    words = _BRACKET.sub(" ", name).split()
    return " ".join(word for word in words if not has_address(word)).strip(" ,;:-")


def host_of(url: str) -> str:
    """Return the host of a web address; empty if it is none."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def is_https(url: str) -> bool:
    """Whether a URL is a whole one with https."""
    return url.startswith("https://") and bool(host_of(url))


def list_read_more(content: str) -> list[str]:
    """Return the texts of links that only lead to the rest of an article."""
    texts = (squeeze(text_of(found["inner"])) for found in _ANCHOR.finditer(content))
    return [text for text in texts if _is_read_more(text)]


def strip_read_more(content: str) -> str:
    """Return HTML without those links, and without the paragraphs that held nothing else."""

    def drop(found: re.Match[str]) -> str:
        return "" if _is_read_more(squeeze(text_of(found["inner"]))) else found[0]

    return drop_hollow(_ANCHOR.sub(drop, content))


def drop_hollow(content: str) -> str:
    """Return HTML without elements that have lost all that stood in them."""
    for _ in range(_NESTED_MOST):
        content, changed = _HOLLOW.subn("", content)
        if not changed:
            break
    return content


def filter_images(content: str, mend: Callable[[str, int, int], str | None]) -> str:
    """Return HTML in which ``mend`` has judged each ``img``: its URL, width and height.

    It returns the URL to have instead, or None to leave the picture out. Sizes are 0 where none
    are written.
    """

    def judge(found: re.Match[str]) -> str:
        values = {one["name"]: one["value"] for one in _VALUE.finditer(found[0])}
        url = html.unescape(values.get("src", ""))
        sizes = [values.get(name, "") for name in ("width", "height")]
        width, height = (int(one) if one.isdecimal() and len(one) < 7 else 0 for one in sizes)
        better = mend(url, width, height)
        if better is None:
            return ""
        if better == url:
            return found[0]
        return found[0].replace(f'src="{values["src"]}"', f'src="{html.escape(better)}"', 1)

    return drop_hollow(_IMAGE.sub(judge, content)) if "<img" in content else content


def _is_read_more(text: str) -> bool:
    return len(text) <= _READ_MORE_CHARS and bool(_READ_MORE.fullmatch(text))

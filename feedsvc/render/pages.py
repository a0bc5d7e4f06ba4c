"""The pages for people: the site, its sections, its articles and its feeds as HTML (R61).

Every function is pure and returns a complete document as UTF-8: same values, same bytes (R10). No
page needs a script, and apart from an article's own pictures none loads anything from elsewhere, so
that all of them work under ``default-src 'none'; script-src 'self'; style-src 'self'; img-src *;
media-src 'self'``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import unescape
from pathlib import Path
from types import MappingProxyType

import jinja2
import orjson
from markupsafe import Markup, escape

from feedsvc.config import SiteConfig
from feedsvc.model import Entry, Feed

from .markup import cut_text
from .player import describe_player
from .text import strip_forbidden
from .view import (
    Link,
    View,
    headline_of,
    is_web,
    language_of,
    list_alternates,
    section_path,
    summary_of,
)

# The front page: one lead and four rows of two; a section there is a taste of it, not its archive.
LATEST_ON_HOME = 9
HEADLINES_A_SECTION = 5

# What search engines and link previews show of a description.
DESCRIPTION_CHARS = 200
# HTML in which an article's first words are looked for, to see whether the standfirst is the same.
OPENING_CHARS = 4_000

_HEADING = re.compile(r"<(/?)h([1-6])(?=[\s>])", re.IGNORECASE)
_IMAGE = re.compile(r'<img(?=\s)((?:[^>"]|"[^"]*+")*+)>', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_TAG = re.compile(r"<[^<>]*+>")
# Characters that XML takes and HTML calls a parse error.
_HTML_CONTROLS = re.compile("[\x7f-\x9f]+")
# What could end a <script> element, or begin a comment in it, inside of a JSON string.
_SCRIPT_ESCAPES = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))

_HERE = Path(__file__).parent

STYLESHEET: bytes = (_HERE / "static" / "site.css").read_bytes()
SCRIPT: bytes = (_HERE / "static" / "site.js").read_bytes()
ICON: bytes = (_HERE / "static" / "icon.svg").read_bytes()


def _address_static(stem: str, suffix: str, data: bytes) -> str:
    return f"/static/{stem}.{hashlib.blake2b(data, digest_size=6).hexdigest()}.{suffix}"


_STYLESHEET_PATH = _address_static("site", "css", STYLESHEET)
_SCRIPT_PATH = _address_static("site", "js", SCRIPT)
_ICON_PATH = _address_static("icon", "svg", ICON)

#: Path (below base_url) -> bytes and content type. A path names its bytes: cache it for ever.
STATIC: Mapping[str, tuple[bytes, str]] = MappingProxyType(
    {
        _STYLESHEET_PATH: (STYLESHEET, "text/css; charset=utf-8"),
        _SCRIPT_PATH: (SCRIPT, "text/javascript; charset=utf-8"),
        _ICON_PATH: (ICON, "image/svg+xml"),
    }
)


def render_home(site: SiteConfig, feeds: Sequence[Feed], hubs: Sequence[str] = ()) -> bytes:
    """Return the front page: the newest articles, and each section with its newest headlines.

    ``feeds[0]`` is the whole site's, the rest are the sections' in their order; ``hubs`` tell of
    changes (W3).
    """
    view = View(site, language_of(site.language))
    return _render(
        "home.html",
        view,
        hubs=hubs,
        title=site.title,
        description=site.description,
        canonical=f"{site.base_url}/",
        nav=view.list_sections(feeds[1:]),
        alternates=list_alternates(feeds[0]),
        main=feeds[0],
        latest=feeds[0].entries[:LATEST_ON_HOME],
        sections=[(feed, feed.entries[:HEADLINES_A_SECTION]) for feed in feeds[1:]],
    )


def render_section(site: SiteConfig, feed: Feed, feeds: Sequence[Feed]) -> bytes:
    """Return a section's page: its articles, and how to subscribe to it.

    ``feeds`` are all of the site, as for ``render_home``; they make the navigation.
    """
    view = View(site, language_of(feed.language or site.language))
    return _render(
        "section.html",
        view,
        title=_title_within(site, view.name(feed)),
        description=feed.description,
        canonical=site.base_url + section_path(feed),
        nav=view.list_sections(feeds[1:], feed.name),
        alternates=list_alternates(feed),
        feed=feed,
    )


def render_article(
    site: SiteConfig,
    entry: Entry,
    sections: Sequence[tuple[str, str]],
    *,
    feed: Feed | None = None,
) -> bytes:
    """Return an article's page, in the article's own language and direction.

    ``sections`` are title and URL of those it is filed in, the primary one first. ``entry.content``
    is trusted to be sanitised. ``feed`` is what readers that are given this page's address are
    offered (R59); nothing, if it is left out.
    """
    view = View(site, language_of(entry.language or site.language))
    summary = _squeeze(entry.summary)
    description = cut_text(summary_of(entry), DESCRIPTION_CHARS)
    filed = [Link(title, view.inside(url)) for title, url in sections]
    titles = {link.title for link in filed}
    image = entry.image if entry.image and is_web(entry.image.url) else None
    return _render(
        "article.html",
        view,
        title=_title_within(site, headline_of(entry)),
        description=description,
        canonical=entry.link if is_web(entry.link) else "",
        nav=filed,
        alternates=list_alternates(feed) if feed else [],
        entry=entry,
        standfirst="" if _opens_with(entry.content, summary) else summary,
        # A picture that the text shows anyway is shown once; a link's preview needs it either way.
        figure=None if image and _shows(entry.content, image.url) else image,
        image=image,
        body=Markup(_fit_body(entry.content)),  # noqa: S704 - sanitised upstream
        tags=[tag for tag in entry.categories if tag not in titles],
        enclosure=describe_player(view, entry.enclosure, image),
        elsewhere=view.host_elsewhere(entry.link),
        facts=_dump_for_script(_state_facts(view, entry, filed, description)),
    )


def render_feed_list(site: SiteConfig, feeds: Sequence[Feed]) -> bytes:
    """Return the page that says what a feed is and lists every feed in each format.

    ``feeds`` are as for ``render_home``.
    """
    view = View(site, language_of(site.language))
    return _render(
        "feeds.html",
        view,
        title=_title_within(site, "Feeds"),
        description=f"Every feed of {site.title}, as RSS, Atom and JSON Feed.",
        canonical=f"{site.base_url}/feeds/",
        nav=view.list_sections(feeds[1:]),
        alternates=list_alternates(feeds[0]),
        feeds=feeds,
    )


def render_message(site: SiteConfig, status: int, title: str, text: str) -> bytes:
    """Return a page that says why there is nothing else to see: 404, 410 or 503."""
    view = View(site, language_of(site.language))
    return _render(
        "message.html",
        view,
        title=_title_within(site, title),
        description="",
        canonical="",
        nav=[],
        alternates=[],
        status=status,
        heading=title,
        text=text,
    )


def _render(template: str, view: View, **values: object) -> bytes:
    page = (
        _environment()
        .get_template(template)
        .render(
            view=view,
            site=view.site,
            stylesheet=view.path(_STYLESHEET_PATH),
            script=view.path(_SCRIPT_PATH),
            icon=view.site.icon or view.path(_ICON_PATH),
            **values,
        )
    )
    return _HTML_CONTROLS.sub("", strip_forbidden(page)).encode()


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _state_facts(
    view: View, entry: Entry, sections: Sequence[Link], description: str
) -> dict[str, object]:
    """The article as schema.org's NewsArticle; what is not known is left out."""
    site = view.site
    publisher = {"@type": "Organization", "name": site.title, "url": f"{site.base_url}/"}
    if site.logo:
        publisher["logo"] = site.logo
    link = entry.link if is_web(entry.link) else ""
    facts: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": headline_of(entry),
        "description": description,
        "datePublished": view.stamp(entry.published),
        "dateModified": view.stamp(entry.updated),
        "author": [{"@type": "Person", "name": name} for name in entry.authors] or publisher,
        "publisher": publisher,
        "image": entry.image.url if entry.image and is_web(entry.image.url) else "",
        "url": link,
        "mainEntityOfPage": link,
        "inLanguage": view.language,
        "articleSection": [section.title for section in sections],
        "keywords": list(entry.categories),
        "correction": entry.correction,
    }
    return {key: value for key, value in facts.items() if value}


def _dump_for_script(facts: dict[str, object]) -> Markup:
    """Return ``facts`` as JSON that no HTML parser takes for anything else, or ends early."""
    try:
        data = orjson.dumps(facts)
    except orjson.JSONEncodeError:  # a lone surrogate somewhere: rare, so only then look for it
        data = orjson.dumps(_mend(facts))
    for character, escaped in _SCRIPT_ESCAPES:
        data = data.replace(character, escaped)
    return Markup(data.decode())  # noqa: S704 - made safe for <script> just above


def _mend(value: object) -> object:
    if isinstance(value, str):
        return strip_forbidden(value)
    if isinstance(value, dict):
        return {key: _mend(one) for key, one in value.items()}
    return [_mend(one) for one in value] if isinstance(value, list) else value


def _fit_body(content: str) -> str:
    """Return an article's text as it fits below its headline, the h1 of the page.

    Its headings leave out no level, and a picture of which nothing is said is passed over by those
    who do not see it, instead of being read out as a file name.
    """
    level = 1

    def place_heading(tag: re.Match[str]) -> str:
        nonlocal level
        if not tag[1]:
            level = min(max(int(tag[2]), 2), level + 1)
        return f"<{tag[1]}h{max(level, 2)}"

    return _IMAGE.sub(_silence_image, _HEADING.sub(place_heading, content))


def _silence_image(tag: re.Match[str]) -> str:
    named = re.search(r"\salt\b", _QUOTED.sub("", tag[1]), re.IGNORECASE)
    return tag[0] if named else f'<img alt=""{tag[1]}>'


def _shows(content: str, url: str) -> bool:
    return url in content or str(escape(url)) in content


def _opens_with(content: str, summary: str) -> bool:
    """Whether a standfirst only says the first words of the article over again."""
    opening = _squeeze(unescape(_TAG.sub("", content[:OPENING_CHARS])))
    return opening.startswith(summary.removesuffix("…").removesuffix("...").rstrip())


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _title_within(site: SiteConfig, title: str) -> str:
    return title if site.title in title else f"{title} – {site.title}"

"""What an HTML page says of itself: ``<meta>``, JSON-LD, ``<time>``, ``<link>``, ``<html lang>``.

All of it becomes items with the keys of front matter, the weakest source first, so that one reader
(``fields``) checks them and the later, stronger ones win.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from feedsvc.ingest.characters import make_safe
from feedsvc.ingest.datelines import MAX_DATE_LINE
from feedsvc.ingest.fields import KEYS
from feedsvc.ingest.frontmatter import Item, Value
from feedsvc.ingest.pageblocks import letters_of
from feedsvc.ingest.pageheadings import find_heading, list_headings
from feedsvc.ingest.pagejson import MAX_VALUE, read_json_ld
from feedsvc.ingest.people import read_byline
from feedsvc.plain import squeeze

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# The names that pages use -> our keys; each is (strength, key), and the strongest wins.
_META: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        name: (strength, key)
        for key, strength, names in (
            ("summary", 1, "description"),
            ("summary", 2, "twitter:description"),
            ("summary", 3, "og:description"),
            ("image", 1, "twitter:image twitter:image:src"),
            ("image", 3, "og:image"),
            ("authors", 1, "article:author dc.creator byl parsely-author sailthru.author"),
            ("authors", 2, "author"),
            ("date", 1, "dc.date dcterms.created parsely-pub-date sailthru.date"),
            ("date", 2, "date pubdate publishdate publish-date dc.date.issued og:pubdate"),
            ("date", 3, "datepublished article:published datecreated"),
            ("date", 4, "article:published_time"),
            ("updated", 2, "og:updated_time lastmod last-modified"),
            ("updated", 3, "datemodified"),
            ("updated", 4, "article:modified_time"),
            ("section", 2, "article:section"),
            ("section", 3, "section"),
            ("tags", 1, "keywords"),
            ("tags", 2, "news_keywords"),
            ("tags", 3, "article:tag tags"),
            ("rights", 1, "copyright dc.rights dcterms.rights"),
            ("rights", 2, "rights"),
            ("language", 1, "content-language"),
            ("language", 2, "language dc.language"),
        )
        for name in names.split()
    }
)
_OWN_PREFIX = "feedsvc:"
_JSON_LD = 5
# What <html lang> says is what browsers and screen readers go by.
_HTML_LANG = 6
_LISTS = frozenset({"authors", "tags", "section"})
# What an element is asked for whose itemprop is one of _META's names.
_MICRODATA = frozenset({"datepublished", "datecreated", "datemodified", "author", "description"})
_UPDATED = re.compile(r"modif|updat|edit|aktual|revis", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi|creat|post|date|issued", re.IGNORECASE)
_DATA_DATES: tuple[str, ...] = (
    "data-published",
    "data-publish-date",
    "data-pubdate",
    "data-datetime",
)
_DATA_DATES += ("data-timestamp", "data-date", "data-time", "data-updated", "data-modified")
_TRACKING = r"(?:utm_\w{1,20}|fbclid|gclid|mc_[ce]id)=[^&]*"
_CAME_BY = re.compile(rf"(?<=\?)(?:{_TRACKING}(?:&|$))+|&{_TRACKING}")
_EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
# Where the times of other articles stand, and those of comments.
_ASIDE = frozenset({"aside", "nav", "footer"})
_OTHERS = re.compile(
    r"(?:^|[\s_-])(?:comments?|respond|related|recommended|most-?read|sidebar)(?=[\s_-]|$)",
    re.IGNORECASE,
)
_AUTHORS = (
    "//a[@rel='author']"
    " | //*[contains(concat(' ', @class, ' '), ' vcard ') and contains(@class, 'author')]"
)
_EVENT = re.compile(r"(?:start|end)date", re.IGNORECASE)
# Bounds on what one page can make us read; real pages have far less.
_MAX_TIMES = 20
_MAX_META = 300
_MAX_ABOVE = 60
_MAX_BYLINE = 160
# The article holds more than this of what ``<main>`` holds; a teaser does not.
_MOST = 0.5
# Above a text there is no more than its headline; the text itself is a paragraph at least.
_MAX_HEADLINE = 300
_MIN_TEXT = 100


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The items that a page states, and what is read from several places of it.

    ``heading`` is its ``h1``, ``title`` its headline or ``title`` element, ``site`` its site's
    name, ``source`` the agency among its authors, ``body`` the text that its JSON-LD states.
    """

    items: tuple[Item, ...]
    heading: str
    title: str
    site: str
    source: str = ""
    body: str = ""


def read_page_facts(tree: HtmlElement) -> PageFacts:
    """Collect what the page says of itself; nothing here raises."""
    found: dict[str, tuple[int, Value]] = {}
    own: list[Item] = []
    site = headline = address = ""
    extra: dict[str, str] = {}

    def offer(strength: int, key: str, value: Value) -> None:
        known = found.get(key)
        if not known or strength > known[0]:
            found[key] = (strength, value)
        elif strength == known[0] and key in _LISTS:
            found[key] = (strength, _as_list(known[1]) + _as_list(value))

    for name, content in _read_meta(tree):
        if name.startswith(_OWN_PREFIX):
            own.append(Item(name.removeprefix(_OWN_PREFIX), 0, content))
        elif name in _META and not (name == "article:author" and "://" in content):
            offer(*_META[name], content)
        elif name in KEYS and name not in ("title", "link", "url"):
            offer(2, name, content)
        elif name == "og:site_name":
            site = content
        elif name == "og:url":
            address = content
        elif name in ("og:title", "twitter:title"):
            headline = headline or content
        elif name.startswith("og:image:"):
            extra.setdefault(name.removeprefix("og:image:"), content)
    for key, moment in _read_times(tree):
        offer(0, key, moment)
    for name, text in _read_microdata(tree):
        offer(*_META[name], text)
    link = _find_canonical(tree)
    titles = tree.xpath("//title")
    title = squeeze(make_safe(titles[0].text_content())) if titles else ""
    stated = read_json_ld(tree, (title, headline, *list_headings(tree)), link or address)
    headline = stated.headline or headline
    for key, value in stated.items:
        offer(_JSON_LD, key, value)
    if language := tree.get("lang"):
        offer(_HTML_LANG, "language", make_safe(language))
    if link:
        offer(1, "link", link)
    _complete_image(found, extra)
    site = site or stated.publisher
    people: Sequence[Value] = stated.people or _as_list(found.get("authors", (0, []))[1])
    authors, source = _sort_authors(people, stated.organisations, (site, stated.publisher))
    found.pop("authors", None)
    if authors:
        found["authors"] = (1, list(authors))
    items = [Item(key, 0, value) for key, (_, value) in found.items()]
    return PageFacts(
        items=(*_without_doubles(items, own), *own),
        heading=find_heading(tree, (headline, title), site),
        title=headline or title,
        site=site,
        source=source,
        body=stated.body,
    )


def _without_doubles(items: list[Item], own: list[Item]) -> list[Item]:
    named = {KEYS.get(item.key) for item in own}
    return [item for item in items if KEYS.get(item.key) not in named]


def _read_meta(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in tree.xpath("//meta[@content]")[:_MAX_META]:
        name = meta.get("name") or meta.get("property") or meta.get("itemprop")
        name = name or meta.get("http-equiv") or ""
        content = squeeze(make_safe(meta.get("content") or ""))[:MAX_VALUE]
        if name and content:
            yield name.strip().casefold(), content


def _find_canonical(tree: HtmlElement) -> str:
    for link in tree.xpath("//link[@href]")[:_MAX_META]:
        if "canonical" in (link.get("rel") or "").casefold().split():
            href = squeeze(make_safe(link.get("href") or ""))
            scheme, _, rest = href.partition("://")
            # Broken templates name the home page as every article's address.
            if scheme.casefold() in ("http", "https") and rest.partition("/")[2]:
                # The way by which somebody came to the page, or a place in it, is not its address.
                bare = href.partition("#")[0] if "#!" not in href else href
                return _CAME_BY.sub("", bare).rstrip("?")
            return ""
    return ""


def _read_times(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Read the first time of each kind inside the article, or on a page without such an element."""
    homes = [*tree.xpath("//article[.//h1]")[:1], *tree.xpath("//article | //main")[:1]]
    if homes and homes[0].tag == "main":
        homes[:0] = _find_lone_article(homes[0])
    for home in homes or (tree,):
        found = list(_read_times_in(home))
        yield from found
        if found:
            return


def _find_lone_article(main: HtmlElement) -> list[HtmlElement]:
    """Find the one article of a page whose headline stands above it, not a teaser below it."""
    inner = main.xpath(".//article[not(ancestor::article)]")[:2]
    if len(inner) != 1 or _stands_beside(inner[0], main):
        return []
    enough = len(main.text_content()) * _MOST
    return [one for one in inner if len(one.text_content()) >= enough]


def _read_times_in(home: HtmlElement) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    guess = ""
    for time in list(home.iter("time"))[:_MAX_TIMES]:
        moment = make_safe(time.get("datetime") or "")
        if not moment or _is_of_others(time, home):
            continue
        kind = f"{time.get('itemprop') or ''} {time.get('class') or ''}"[:200]
        if _EVENT.search(kind):
            continue
        key = "updated" if _UPDATED.search(kind) else "date"
        if key == "date" and not _PUBLISHED.search(kind) and time.get("pubdate") is None:
            guess = guess or ("" if is_in_prose(time) else moment)
        elif key not in seen:
            seen.add(key)
            yield key, moment
    if "date" not in seen:
        if guess:
            yield "date", guess
        else:
            yield from _read_data_dates(home)


def _is_of_others(time: HtmlElement, home: HtmlElement) -> bool:
    """Whether a time is that of a comment, of another article or of the page itself."""
    if _stands_beside(time, home):
        return True
    for above in islice(time.iterancestors(), _MAX_ABOVE):
        if above is home:
            return False
        if above.tag == "article" or (above.tag in _ASIDE and not _is_above_text(above)):
            return True
        if above.tag == "header" and next(above.iter("h1", "h2"), None) is None:
            return home.tag not in ("article", "main")
    return False


def _is_above_text(footer: HtmlElement) -> bool:
    """Whether a ``footer`` is none: Drupal writes who and when in one above the text."""
    if footer.tag != "footer":
        return False
    before = sum(len(one.text_content()) for one in islice(footer.itersiblings(preceding=True), 9))
    behind = sum(len(one.text_content()) for one in islice(footer.itersiblings(), 9))
    return before <= _MAX_HEADLINE and behind > before + _MIN_TEXT


def _stands_beside(element: HtmlElement, home: HtmlElement) -> bool:
    """Whether an element stands in a box of comments or of other articles."""
    for above in islice(element.iterancestors(), _MAX_ABOVE):
        if above is home:
            return False
        kind = f"{above.get('id') or ''} {above.get('class') or ''} {above.get('itemprop') or ''}"
        if _OTHERS.search(kind[:200]) and next(above.iter("h1"), None) is None:
            return True
    return False


def drop_others(home: HtmlElement) -> None:
    """Take the boxes of comments and of other articles off an article."""
    for box in home.xpath(".//*[@id or @class]"):
        if box.getparent() is None:
            continue  # gone with the box that it stood in
        found = _OTHERS.search(f"{box.get('id') or ''} {box.get('class') or ''}"[:200])
        if not found or next(box.iter("h1"), None) is not None:
            continue
        # "has-sidebar" may be said of the text; comments can be longer than it.
        is_said = found[0].strip(" _-").casefold().startswith(("comment", "respond"))
        if is_said or len(box.text_content()) <= _MOST * len(home.text_content()):
            box.drop_tree()


def is_in_prose(time: HtmlElement) -> bool:
    """Whether a time stands in a sentence, as the date of what is told there."""
    above = time.getparent()
    if above is None or above.tag not in ("p", "li", "em", "strong", "td"):
        return False
    text = squeeze(above.text_content())
    return len(text) > MAX_DATE_LINE or text.endswith(".")


def _read_data_dates(home: HtmlElement) -> Iterator[tuple[str, str]]:
    """Read the dates that scripts would have written out."""
    names = " or ".join(f"@{name}" for name in _DATA_DATES)
    for element in home.xpath(f".//*[{names}]")[:_MAX_TIMES]:
        if any(above.tag in _ASIDE for above in element.iterancestors()):
            continue
        name = next(name for name in _DATA_DATES if element.get(name) is not None)
        text = make_safe(element.get(name) or "").strip()
        if _EPOCH.fullmatch(text):
            text = datetime.fromtimestamp(int(text[:10]), UTC).isoformat()
        if len(text) >= len("2026-03-04"):
            yield "updated" if _UPDATED.search(name) else "date", text
            return


def _read_microdata(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for element in tree.xpath("//*[@itemprop][not(self::meta)]")[:_MAX_META]:
        name = (element.get("itemprop") or "").casefold()
        if name not in _MICRODATA or _stands_beside(element, tree):
            continue
        text = element.get("content") or element.get("datetime") or ""
        if not text:
            inner = element.xpath(".//*[@itemprop='name']")[:1] or [element]
            text = inner[0].get("content") or inner[0].text_content()
        text = squeeze(make_safe(text[:MAX_VALUE]))
        if text and (name != "author" or len(text) <= _MAX_BYLINE):
            yield name, text
    for link in tree.xpath(_AUTHORS)[:_MAX_TIMES]:
        text = squeeze(make_safe(link.text_content()))
        if text and len(text) <= _MAX_BYLINE and not _stands_beside(link, tree):
            yield "article:author", text


def _sort_authors(
    written: Sequence[Value], organisations: Sequence[str], site: Sequence[str]
) -> tuple[list[str], str]:
    """Part the people from the agency; the site itself and addresses of profiles are neither."""
    own = {letters_of(name) for name in site if name}
    names: list[str] = []
    source = ""
    for one in written:
        text = squeeze(one) if isinstance(one, str) else ""
        if not text or "://" in text or text.startswith(("@", "www.")) or letters_of(text) in own:
            continue
        # "Von Greta Öhler" is written by her; "Von Miller" is called so.
        said = read_byline(text)
        line = text if text[:3].casefold() == "by " else f"By {text}"
        byline = said if said and said.authors else read_byline(line)
        if byline and (byline.authors or byline.source):
            names.extend(byline.authors)
            source = source or byline.source
        elif not byline:
            names.append(line[3:].strip())
    for name in organisations:
        if letters_of(name) not in own:
            source = source or name
    return list(dict.fromkeys(names)), "" if letters_of(source) in own else source


def _complete_image(found: dict[str, tuple[int, Value]], extra: Mapping[str, str]) -> None:
    strength, image = found.get("image", (0, ""))
    if isinstance(image, str) and image and extra:
        # A text for those who cannot see it says what is shown, as a caption does.
        sizes = {key: extra.get(key, "") for key in ("alt", "width", "height")}
        found["image"] = (strength, {"url": image, **sizes})


def _as_list(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list) else [value]

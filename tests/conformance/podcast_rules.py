"""What Apple asks of a podcast's RSS feed beyond what everybody asks of RSS: one check a rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from lxml import etree
from rulebook import Rulebook
from values import is_web_url
from xml_rules import XmlDocument

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
CATEGORIES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "apple_categories.yaml").read_text(encoding="utf-8")
)
# The types that Apple plays, and how the names of such files end. Beside its own `audio/x-m4a` and
# `video/x-m4v` stand the registered names of the same.
TYPES = {
    "audio/mpeg": "mp3", "audio/x-m4a": "m4a", "audio/mp4": "m4a",
    "video/mp4": "mp4 m4v", "video/x-m4v": "m4v", "video/quicktime": "mov",
}  # fmt: skip
_PICTURE = re.compile(r".+\.(jpe?g|png)", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_DURATION = re.compile(r"[1-9]\d*|(\d{1,2}:)?[0-5]?\d:[0-5]\d")

PODCAST_RULES: Rulebook[XmlDocument] = Rulebook()


def find_podcast_faults(data: bytes) -> dict[str, list[str]]:
    """Return what Apple would refuse or pass over in an RSS document, by rule."""
    return PODCAST_RULES.find_faults(XmlDocument(data))


def _channel(document: XmlDocument) -> etree._Element:
    channel = document.root.find("channel")
    assert channel is not None
    return channel


def _items(document: XmlDocument) -> list[etree._Element]:
    return _channel(document).findall("item")


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(f"{{{ITUNES}}}{name}")


def _texts(parent: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in _all(parent, name)]


def _parents(document: XmlDocument) -> list[etree._Element]:
    return [_channel(document), *_items(document)]


def _is_picture(url: str) -> bool:
    return is_web_url(url) and bool(_PICTURE.fullmatch(urlsplit(url).path))


@PODCAST_RULES.rule("namespace")
def _its_words_are_known(document: XmlDocument) -> Iterator[str]:
    if document.root.nsmap.get("itunes") != ITUNES:
        yield f"itunes is {document.root.nsmap.get('itunes')}"


@PODCAST_RULES.rule("once")
def _nothing_is_said_twice(document: XmlDocument) -> Iterator[str]:
    for parent in _parents(document):
        names = Counter(one.tag for one in parent if ITUNES in str(one.tag))
        names.pop(f"{{{ITUNES}}}category", None)
        yield from (f"{name} {count} times" for name, count in names.items() if count > 1)


@PODCAST_RULES.rule("language")
def _language_is_told(document: XmlDocument) -> Iterator[str]:
    if not re.fullmatch(
        r"[a-z]{2}(-[A-Za-z]{2,4})?", _channel(document).findtext("language") or ""
    ):
        yield f"language {_channel(document).findtext('language')!r}"


@PODCAST_RULES.rule("author")
def _author_is_told(document: XmlDocument) -> Iterator[str]:
    if not "".join(_texts(_channel(document), "author")).strip():
        yield "nobody"


@PODCAST_RULES.rule("owner")
def _owner_can_be_written_to(document: XmlDocument) -> Iterator[str]:
    for owner in _all(_channel(document), "owner"):
        if not "".join(_texts(owner, "name")).strip():
            yield "has no name"
        if not _EMAIL.fullmatch("".join(_texts(owner, "email"))):
            yield f"has the address {_texts(owner, 'email')}"


@PODCAST_RULES.rule("category")
def _category_is_of_the_list(document: XmlDocument) -> Iterator[str]:
    found = _all(_channel(document), "category")
    if not found:
        yield "there is none"
    for one in found:
        name = one.get("text", "")
        if name not in CATEGORIES:
            yield name
        below = [sub.get("text", "") for sub in _all(one, "category")]
        yield from (f"{name} > {sub}" for sub in below if sub not in CATEGORIES.get(name, ()))


@PODCAST_RULES.rule("explicit")
def _explicit_is_true_or_false(document: XmlDocument) -> Iterator[str]:
    if not _texts(_channel(document), "explicit"):
        yield "the channel does not say"
    for parent in _parents(document):
        yield from (text for text in _texts(parent, "explicit") if text not in ("true", "false"))


@PODCAST_RULES.rule("type")
def _type_is_known(document: XmlDocument) -> Iterator[str]:
    for text in _texts(_channel(document), "type"):
        if text not in ("episodic", "serial"):
            yield text


@PODCAST_RULES.rule("image")
def _artwork_is_a_picture(document: XmlDocument) -> Iterator[str]:
    if not _all(_channel(document), "image"):
        yield "the channel has none"
    for parent in _parents(document):
        for one in _all(parent, "image"):
            if not _is_picture(one.get("href", "")):
                yield f"{parent.tag}: {one.get('href')}"


@PODCAST_RULES.rule("complete")
def _complete_is_yes(document: XmlDocument) -> Iterator[str]:
    yield from (text for text in _texts(_channel(document), "complete") if text != "Yes")


@PODCAST_RULES.rule("new-feed-url")
def _new_address_is_one(document: XmlDocument) -> Iterator[str]:
    for text in _texts(_channel(document), "new-feed-url"):
        if not is_web_url(text):
            yield text


@PODCAST_RULES.rule("enclosure")
def _enclosure_can_be_played(document: XmlDocument) -> Iterator[str]:
    urls = Counter(one.get("url", "") for one in document.root.iter("enclosure"))
    yield from (f"{url} stands in {count} items" for url, count in urls.items() if count > 1)
    for item in _items(document):
        # What has none stays in the feed; it says nothing to podcast apps.
        said = [one for one in item if ITUNES in str(one.tag)]
        if item.find("enclosure") is None:
            yield from (f"{one.tag} without an enclosure" for one in said)
        for one in item.findall("enclosure"):
            end = urlsplit(one.get("url", "")).path.rpartition(".")[2].lower()
            if said and end not in TYPES.get(one.get("type", ""), "").split():
                yield f"{one.get('url')} as {one.get('type')}"


@PODCAST_RULES.rule("title")
def _episode_has_a_title(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        yield from ("an empty title" for text in _texts(item, "title") if not text.strip())


@PODCAST_RULES.rule("duration")
def _duration_is_a_time(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        yield from (one for one in _texts(item, "duration") if not _DURATION.fullmatch(one))


@PODCAST_RULES.rule("number")
def _numbers_count_from_one(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        for name in ("episode", "season"):
            for text in _texts(item, name):
                if not re.fullmatch(r"[1-9]\d*", text):
                    yield f"{name} {text}"


@PODCAST_RULES.rule("serial")
def _episodes_of_a_serial_are_numbered(document: XmlDocument) -> Iterator[str]:
    if _texts(_channel(document), "type") == ["serial"]:
        for item in _items(document):
            if item.find("enclosure") is not None and not _texts(item, "episode"):
                yield f"{item.findtext('title')} has no number"


@PODCAST_RULES.rule("episodeType")
def _kind_of_episode_is_known(document: XmlDocument) -> Iterator[str]:
    for item in _items(document):
        for text in _texts(item, "episodeType"):
            if text not in ("full", "trailer", "bonus"):
                yield text

"""Any text in any field of a file or of the config: well-formed, and read back as it was meant.

From the file to the published bytes, with the store between; tests/render has the renderers alone.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml
from atom_rules import find_atom_faults
from hypothesis import example, given, settings
from hypothesis import strategies as st
from json_rules import find_json_faults
from rss_rules import find_rss_faults
from sites import FORMATS, Site, plain_text
from values import read_description

from feedsvc.errors import ConfigError
from feedsvc.ingest.characters import plain_line
from feedsvc.publication import load_publication
from feedsvc.render import plain_title

FIND_FAULTS = {"xml": find_rss_faults, "atom": find_atom_faults, "json": find_json_faults}
TITLES = yaml.safe_load((Path(__file__).parent / "cases/titles.yaml").read_text(encoding="utf-8"))
# Each example is a site of its own, with a store and a scan.
EXAMPLES = 60

PIECES = [
    *("<", "&", "<b>", "</b>", "&amp;", "&lt;", "&#60;", "&#", "]]>", "<![CDATA[", "\x00", "\r"),
    *("\ufffe", "\n", " ", ";", ",", "\\", '"', "'", "%", "\u2028", "\u202e", "é", "🌉"),
]
# A file is UTF-8, so it has no surrogates; tests/bad_input has those that get in all the same. And
# feedparser takes U+0080 to U+00BF for text that somebody decoded wrongly, and mends it:
# tests/render holds them against what it makes of them.
LETTERS = st.text(
    st.characters(max_codepoint=0x7F)
    | st.characters(min_codepoint=0xC0, exclude_categories=["Cs"]),
    max_size=6,
)
ANY = st.lists(LETTERS | st.sampled_from(PIECES), max_size=6).map("".join)
# Nothing here means anything to XML, HTML, YAML, Markdown or a list of names.
HARMLESS = st.text("abcdefghijklmnopqrstuvwxyzäöüßéñçøÅабв橋דש0123456789", min_size=1, max_size=12)
PROSE = st.lists(HARMLESS, min_size=1, max_size=6).map(" ".join)
FIELDS = ("title", "summary", "author", "tag", "link", "image", "correction")


def quote(text: str) -> str:
    """Write ``text`` as YAML reads it back exactly, whatever is in it."""
    return '"' + "".join(map(_quote_one, text)) + '"'


def _quote_one(one: str) -> str:
    return one if " " <= one <= "~" and one not in '"\\' else f"\\U{ord(one):08X}"


def publish(fields: Mapping[str, str], words: str, site_title: str, title: str) -> dict[str, bytes]:
    """Return the feeds of a site with one article, as bytes by format."""
    front = {
        "title": quote(fields["title"]),
        "summary": quote(fields["summary"]),
        "authors": f"[{quote('Ann Lee')}, {quote(fields['author'])}]",
        "tags": f"[{quote(fields['tag'])}]",
        "link": quote("https://x.example/" + fields["link"]),
        "image": quote("https://x.example/" + fields["image"]),
        "correction": quote(fields["correction"]),
        "date": "2026-01-02",
    }
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "site")
        text = site.config.read_text().replace("The Test Gazette", quote(site_title))
        site.config.write_text(text + f"  any: {{title: {quote(title)}}}\n", encoding="utf-8")
        lines = "".join(f"{key}: {value}\n" for key, value in front.items())
        site.write("any/one.md", f"---\n{lines}---\nWords.\n\n{words}\n")
        with site.service() as service:
            service.finish_pass(service.scan(None, True), True)
            assert service.store.problems() == []
            paths = load_publication(service.store).representations
        return {suffix: paths[f"/feeds/any.{suffix}"].bodies["identity"] for suffix in FORMATS}


def read_back(suffix: str, document: bytes) -> dict[str, Any]:
    """Return what a reader makes of the feed and its only entry."""
    if suffix == "json":
        feed = json.loads(document)
        (one,) = feed["items"]
        names = [author["name"] for author in one["authors"]]
        content, tags = one["content_html"], one["tags"]
    else:
        # What feedparser does to HTML by itself is not what is asked here.
        feed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
        assert not feed.bozo, feed.get("bozo_exception")
        (one,) = feed.entries
        names = [author.name for author in one.authors]
        content, tags = one.content[0].value, [tag.term for tag in one.tags]
        feed = feed.feed
    return {
        "feed": feed["title"],
        "title": one["title"],
        "summary": read_description(one["summary"]) if suffix == "xml" else one["summary"],
        "authors": names,
        "tags": tags,
        "link": one["link"] if suffix != "json" else one["url"],
        "text": plain_text(content),
    }


@pytest.mark.parametrize(("written", "shown"), [tuple(case.values()) for case in TITLES])
def test_F6_titles(written: str, shown: str) -> None:
    """Each title in every format, as a reader shows it."""
    fields = dict.fromkeys(FIELDS, "x") | {"title": written}
    for suffix, document in publish(fields, "", "Site", "Section").items():
        assert read_back(suffix, document)["title"] == shown, suffix


@pytest.mark.parametrize("case", TITLES, ids=range(len(TITLES)))
def test_rule_of_titles_is_the_one_of_the_cases(case: dict[str, str]) -> None:
    """What the properties below expect is itself held against data first."""
    assert as_ruled(case["written"]) == case["shown"]


def as_ruled(text: str) -> str:
    """Return ``text`` as readers.md wants a title: stripped and decoded once, then made safe."""
    return plain_title(plain_line(text))


@settings(max_examples=EXAMPLES)
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, ANY)), ANY, ANY, ANY)
@example(dict.fromkeys(FIELDS, "<b>&lt;3]]>\ufffe\x00</b>"), "<b>&lt;3]]></b>", "&", "]]><b>")
@example(dict.fromkeys(FIELDS, ""), "", "", "")
def test_any_text_in_any_field_breaks_no_rule(
    fields: dict[str, str], words: str, site_title: str, title: str
) -> None:
    """F1, F2, F4, F5, F29, R33, P1, P11, P30, P44: every rule holds, and the formats agree."""
    try:
        documents = publish(fields, words.replace("\x00", ""), "S" + site_title, "T" + title)
    except ConfigError:
        return  # a config that cannot be used is refused as a whole, and says so
    for suffix, document in documents.items():
        assert FIND_FAULTS[suffix](document) == {}
    rss, atom, feed = (read_back(suffix, document) for suffix, document in documents.items())
    assert rss == atom == feed


@settings(max_examples=EXAMPLES)
@given(ANY.map(lambda text: f"S {text}"), ANY.map(lambda text: f"T {text}"))
@example("S <b>&amp;", "T ]]> &lt;3")
def test_titles_of_site_and_section_come_back(site_title: str, title: str) -> None:
    """The admin's words are plain text already: nothing is stripped, and nothing decoded."""
    fields = dict.fromkeys(FIELDS, "x")
    try:
        documents = publish(fields, "", site_title, title)
    except ConfigError:
        return
    for suffix, document in documents.items():
        assert read_back(suffix, document)["feed"] == plain_title(f"{title} - {site_title}")


@settings(max_examples=EXAMPLES)
@given(*(ANY.map(f"{mark} {{}}".format) for mark in "tsc"))
@example("t &lt;b&gt; &amp;amp;", "s &lt;b&gt; &amp;amp;", "c &lt;b&gt; &amp;amp;")
def test_title_and_summary_come_back_as_ruled(title: str, summary: str, correction: str) -> None:
    """F4, F5, F6, P30: stripped and decoded once, escaped once, white space squeezed."""
    texts = {"title": title, "summary": summary, "correction": correction}
    for suffix, document in publish(dict.fromkeys(FIELDS, "x") | texts, "", "Site", "T").items():
        found = read_back(suffix, document)
        assert found["title"] == as_ruled(title), suffix
        assert found["summary"] == as_ruled(summary), suffix
        told = re.sub(r"\s+", " ", f"Correction: {plain_line(correction)}")
        assert found["text"].startswith(told), suffix


@settings(max_examples=EXAMPLES)
@given(
    st.fixed_dictionaries(dict.fromkeys(("title", "summary", "author", "tag"), PROSE)), PROSE, PROSE
)
def test_harmless_text_comes_back_letter_by_letter(
    fields: dict[str, str], words: str, title: str
) -> None:
    """No function of the product has a say in what is expected here."""
    texts = dict.fromkeys(FIELDS, "x") | fields
    for suffix, document in publish(texts, words, "Site", f"T {title}").items():
        found = read_back(suffix, document)
        assert found["title"] == fields["title"]
        assert found["summary"] == fields["summary"]
        assert found["authors"][-1] == fields["author"]
        assert found["tags"][-1] == fields["tag"]
        assert found["feed"] == f"T {title} - Site"
        assert found["text"].endswith(words)

"""Every rule over every feed of the sample site, of a hostile site and of a bare one."""

from __future__ import annotations

import json

import feedparser
import jsonschema
import listparser
import pytest
from atom_rules import find_atom_faults
from hostile import EMPTY
from json_rules import find_json_faults
from published import Published
from rss_rules import find_rss_faults
from sites import FORMATS, PROJECT, parse_feed

FIND_FAULTS = {"xml": find_rss_faults, "atom": find_atom_faults, "json": find_json_faults}
SCHEMA = json.loads((PROJECT / "tests/render/json_feed.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_rule_is_broken(published: Published, suffix: str) -> None:
    """P1-P46 and what readers ask, in every section's feed."""
    feeds = published.feeds(suffix)
    faults = {name: FIND_FAULTS[suffix](body) for name, body in feeds.items()}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_article_is_in_a_feed(published: Published, suffix: str) -> None:
    """What is looked at is all there is: nothing was refused, or fell out by the way."""
    assert len(parse_feed(suffix, published.feeds(suffix)["all"])) == published.expected


def test_json_follows_the_schema(published: Published) -> None:
    """P35-P46, R36: as the product's own schema has it."""
    for body in published.feeds("json").values():
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(body))


@pytest.mark.parametrize(("suffix", "version"), [("xml", "rss20"), ("atom", "atom10")])
def test_reader_is_content(published: Published, suffix: str, version: str) -> None:
    """R35: also with a feed that has no entry."""
    for name, body in published.feeds(suffix).items():
        parsed = feedparser.parse(body)
        assert not parsed.bozo, (name, parsed.get("bozo_exception"))
        assert parsed.version == version
        assert parsed.feed.title and parsed.feed.link and parsed.feed.updated_parsed
        assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)  # R41


def test_opml_leads_to_the_feeds(published: Published) -> None:
    """Every feed that is published, by its RSS, and each address is one that answers."""
    parsed = listparser.parse(published.paths["/feeds.opml"].bodies["identity"])
    assert not parsed.bozo
    found = {one.url.partition("/feeds/")[2] for one in parsed.feeds}
    assert found == {f"{name}.xml" for name in published.feeds("xml")}
    assert all(one.title for one in parsed.feeds)


@pytest.mark.parametrize("suffix", FORMATS)
def test_empty_section_is_titled(hostile: Published, suffix: str) -> None:
    """R35: its title is the section's, without its markup or anything that looks like it."""
    body = hostile.feeds(suffix)[EMPTY]
    parsed = json.loads(body) if suffix == "json" else feedparser.parse(body).feed
    assert parse_feed(suffix, body) == []
    assert parsed["title"].startswith("Void ") and parsed["title"].endswith("The Test Gazette")


def test_formats_agree(published: Published) -> None:
    """R37: the same ids and titles in the same order, whatever the format."""
    rss, atom, feed = (
        {
            name: [(one["id"], one["title"]) for one in parse_feed(suffix, body)]
            for name, body in published.feeds(suffix).items()
        }
        for suffix in FORMATS
    )
    assert rss == atom == feed

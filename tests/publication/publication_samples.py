"""What every test of the publication may use: articles, an engine's pass, and what readers get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sites import FORMATS, article, clock_from, parse_feed
from werkzeug.test import Client

from feedsvc.model import Publication
from feedsvc.publication import load_publication
from feedsvc.service import Service
from feedsvc.web.fastpath import FastPath

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

SECTIONS = ("politics", "sports", "culture")

LOOSE = "The goalkeeper saved a penalty; the coach praised the team, the league and its stadium."

ARTICLES = {
    **{
        f"{name}/{number}.md": article(
            f"{name.title()} no. {number}: “Élan”",
            f"What {name} did on day {number}, told *slowly*.\n\n![Picture](picture.jpg)",
            date=f"2026-0{number % 3 + 1}-1{number} 0{number}:30",  # no zone: the site's
            tags=f"[{name}, day {number}]",
        )
        for name in SECTIONS
        for number in range(9)
    },
    # Namesakes: which of the two gets the plain id must not depend on who is read first.
    **{f"twins/{n}.md": article(f"Markdown {n}", date="2026-05-01") for n in range(4)},
    **{f"twins/{n}.txt": f"Text {n}\n\nMay 2, 2026\n\nWords of {n}.\n" for n in range(4)},
    "sports/page.html": "<html><head><title>A page</title>"
    '<meta name="date" content="2026-05-06T07:08:09+02:00"></head>'
    "<body><article><p>The page says this, and it says it at some length.</p></article></body>",
    "politics/plain.txt": "A plain text\n\nMay 7, 2026\n\nIt says something in a few words.\n",
    "same.md": article("The same moment", LOOSE, date="2026-03-01"),
    "culture/same.md": article("The same moment too", date="2026-03-01"),
    "politics/same.md": article("And a third", date="2026-03-01", sections="[politics, sports]"),
    "loose.md": article("The match of the league", LOOSE, date="2026-04-01"),
    "culture/naïve café.md": article("Accents in a name", date="2026-04-02"),
}


def look(service: Service) -> Publication:
    """Take what lies in the folder, deletions at once, and return what is published."""
    take(service)
    return load_publication(service.store)


def take(service: Service) -> None:
    """Take and publish what lies in the folder, some seconds after the last time.

    A feed is published once a second at most; the clock saves the tests the wait.
    """
    service.clock = clock_from(service.clock() + timedelta(seconds=2))
    service.finish_pass(service.scan(None, True), True)


def feeds_of(publication: Publication, name: str) -> dict[str, bytes]:
    """Return a feed's plain bytes by format."""
    found = publication.representations
    return {form: found[f"/feeds/{name}.{form}"].bodies["identity"] for form in FORMATS}


def titles_of(publication: Publication, name: str) -> list[str]:
    """Return the titles of a feed in their order, and check that its formats agree."""
    formats = [
        [item["title"] for item in parse_feed(form, body)]
        for form, body in feeds_of(publication, name).items()
    ]
    assert formats[0] == formats[1] == formats[2]
    return formats[0]


def client_of(publication: Publication, base_url: str = "http://gazette.test") -> Client:
    """Return an HTTP client of a web worker that has loaded the publication."""
    fast = FastPath(lambda environ, start: pytest.fail(f"not published: {environ['PATH_INFO']}"))
    fast.publish(publication, base_url)
    return Client(fast)

"""The sample articles of the project become what an editor would make of them.

``seeds_expected.yaml`` says for each file what that is. The project's own config files them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from sites import PROJECT, plain_text

from feedsvc.config import Config, load_config
from feedsvc.publication import make_entry
from feedsvc.service import Service
from feedsvc.store import State, StoredEntry

EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load(
    (PROJECT / "tests" / "seeds_expected.yaml").read_text(encoding="utf-8")
)

# An article about which the model is in doubt goes to a person: better than to a wrong section.
UNFILED_MOST = 3


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The sample site after one scan, with a store of its own."""
    store = tmp_path_factory.mktemp("samples") / "feedsvc.db"
    environment = {"FEEDSVC_STORE__URL": f"sqlite:///{store}"}
    service = Service(load_config(PROJECT / "config.yaml", environment))
    service.start()
    service.finish_pass(service.scan())
    yield service
    service.close()


@pytest.fixture(scope="module")
def entries(service: Service) -> dict[str, StoredEntry]:
    """Every entry of the sample site, by the path of its file."""
    return {entry.path: entry for entry in service.store.entries(*State)}


def test_every_sample_is_expected(service: Service, entries: dict[str, StoredEntry]) -> None:
    """Nothing is refused, and nothing is there of which nobody said what it should become."""
    assert service.store.problems() == []
    assert entries.keys() == EXPECTED.keys()


@pytest.mark.parametrize("path", EXPECTED)
@pytest.mark.parametrize("what", ["title", "standfirst", "authors"])
def test_facts(entries: dict[str, StoredEntry], path: str, what: str) -> None:
    """Title, standfirst and authors, exactly."""
    article = entries[path].article
    expected = EXPECTED[path][what]
    if what == "standfirst" and not expected:
        return  # where a file states none, the summary is made of its text
    found = {
        "title": article.title,
        "standfirst": article.summary,
        "authors": list(article.authors),
    }[what]
    assert found == expected


@pytest.mark.parametrize("path", EXPECTED)
def test_date(entries: dict[str, StoredEntry], path: str) -> None:
    """The day, or that only the file's time tells it."""
    stamp = entries[path].article.published
    if EXPECTED[path]["published"]:
        assert f"{stamp.at:%Y-%m-%d}" == EXPECTED[path]["published"]
        assert stamp.source != "file time"
    else:
        assert stamp.source == "file time"


@pytest.mark.parametrize("path", EXPECTED)
def test_text(entries: dict[str, StoredEntry], path: str) -> None:
    """The body begins and ends where the article does."""
    text = re.sub(r"\s+", " ", entries[path].article.text).strip()
    assert text.startswith(EXPECTED[path]["first"]), text[:200]
    assert text.endswith(EXPECTED[path]["last"]), text[-200:]


@pytest.mark.parametrize("path", EXPECTED)
def test_furniture_is_gone(service: Service, entries: dict[str, StoredEntry], path: str) -> None:
    """What belongs to the site is in no part of the entry."""
    entry = make_entry(entries[path], service.config)
    parts = [
        entry.title,
        entry.summary,
        plain_text(entry.content),
        *entry.authors,
        *entry.categories,
        entry.image.caption if entry.image else "",
    ]
    found = [word for word in EXPECTED[path]["must_not"] for part in parts if word in part]
    assert found == []


def test_sections(entries: dict[str, StoredEntry]) -> None:
    """No article is filed wrongly, and hardly any waits for a person."""
    wrong, unfiled = {}, []
    for path, expected in EXPECTED.items():
        sections = entries[path].filing.sections
        if not sections:
            unfiled.append(path)
        elif sections[0] != expected["section"]:
            wrong[path] = sections
    assert wrong == {}
    assert len(unfiled) <= UNFILED_MOST, unfiled


def test_sections_of_the_config_are_all_used(service: Service) -> None:
    """Each of the ten sections has something to show on the sample site."""
    config: Config = service.config
    counts = service.store.counts(service.clock())
    assert len(config.sections) == 10
    assert config.sections.keys() <= counts.keys()

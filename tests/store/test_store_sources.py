"""The text of plain files as it was scraped: kept, found, replaced and forgotten."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import update

from feedsvc.errors import StoreError
from feedsvc.store import Store, pack_text, schema


def put(store: Store, **texts: str) -> None:
    with store.writing() as writer:
        writer.put_sources({path: pack_text(text) for path, text in texts.items()})


def test_newest_come_first_and_no_more_than_asked(store: Store) -> None:
    put(store, a="one", b="two")
    put(store, c="three")
    assert store.newest_sources(2) == [("c", "three"), ("b", "two")]


def test_text_that_was_read_again_is_the_newest(store: Store) -> None:
    put(store, a="one", b="two")
    before = store.newest_source()
    put(store, a="one, corrected")
    assert store.newest_sources(9) == [("a", "one, corrected"), ("b", "two")]
    assert store.newest_source() > before


def test_texts_go_with_their_files(store: Store) -> None:
    put(store, a="one", b="two", c="three")
    with store.writing() as writer:
        writer.drop_files(["a"])
        writer.drop_sources(["b", "unknown"])
        assert writer.sources_of(["a", "b", "c"]) == {"c": "three"}
        assert writer.sources_of([]) == {}


def test_nothing_is_known_of_an_empty_store(store: Store) -> None:
    put(store)
    assert store.newest_source() == 0
    assert store.newest_sources(9) == []


@given(text=st.text(st.characters()))  # surrogates too: what a scraper leaves
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_text_comes_back(store: Store, text: str) -> None:
    put(store, a=text)
    assert store.newest_sources(1) == [("a", text)]


def test_damaged_text_is_one_clear_line(store: Store) -> None:
    put(store, a="one")
    with store.writing() as writer:
        writer._connection.execute(update(schema.sources).values(text=b"damaged"))
    with pytest.raises(StoreError, match=r"^the store is damaged: the text of a cannot be read"):
        store.newest_sources(1)

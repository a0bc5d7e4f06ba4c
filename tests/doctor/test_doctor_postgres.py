"""What ``feedsvc doctor`` says of a store on a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres import Server
from sites import Site, article
from sqlalchemy import create_engine, text

from feedsvc.doctor import examine_site
from feedsvc.doctor.findings import FAULT, OK, WARNING
from feedsvc.service import read_clock
from feedsvc.store import Store, examine_store, mend_store


@pytest.fixture
def served(tmp_path: Path, postgres: Server) -> Site:
    """A site whose store is on a server."""
    return Site(tmp_path / "site", store_url=postgres.make_database())


def say(site: Site) -> list[tuple[str, str, str]]:
    """Return what is found of the store."""
    found = examine_site(site.config, {}, read_clock)
    return [(one.state, one.what, one.fix) for one in found if one.check == "store"]


def test_a_server_without_our_tables(served: Site) -> None:
    ((level, what, _),) = say(served)
    assert level == WARNING and "there is none yet at postgresql+psycopg://" in what


def test_a_whole_store_and_rows_that_nothing_leads_to(served: Site) -> None:
    served.write("politics/one.md", article("One"))
    served.scan()
    ((level, what, _),) = say(served)
    assert level == OK and "is whole, with 1 files" in what
    engine = create_engine(served.store_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO copies (path, uid) VALUES ('x', 'nobody')"))
    engine.dispose()
    ((level, what, fix),) = say(served)
    assert level == WARNING and "1 of copies" in what and "--fix" in fix
    assert mend_store(served.store_url) == {"copies": 1}
    assert say(served)[0][0] == OK


def test_there_is_an_end_to_looking(served: Site) -> None:
    """A question that takes too long is broken off, and all the rest is known."""
    served.write("politics/one.md", article("One"))
    served.scan()
    store = Store(served.store_url)
    engine = create_engine(served.store_url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE filed IN ACCESS EXCLUSIVE MODE"))
        health = examine_store(served.store_url, 0.2)
    engine.dispose()
    store.close()
    assert health.is_usable and not health.is_checked and health.known == {"politics/one.md"}


def test_a_server_that_is_not_there(served: Site) -> None:
    served.store_url = "postgresql+psycopg://u:secret@127.0.0.1:9/d"
    served.configure()
    ((level, what, fix),) = say(served)
    assert level == FAULT and "cannot be read" in what and "secret" not in what + fix

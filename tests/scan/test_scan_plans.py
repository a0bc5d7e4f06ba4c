"""How the databases look up what one more article needs: never by walking through a table."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from postgres import ENGINES, Server, find_store
from sites import Site, article
from sqlalchemy import Engine, Row, create_engine, event

from feedsvc.store import Store
from feedsvc.web.site import LiveSite

# These grow with every article; what else there is stays small.
_GROWING = {"entries", "filed", "files", "labels", "sketches", "sources", "copies", "archives"}

Statement = tuple[str, Any]


@pytest.fixture(params=ENGINES)
def large(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A site with archives, an expiry and plain text, on each engine."""
    site = Site(tmp_path / "site", store_url=find_store(request))
    site.configure("feeds: {items: 5, flood_items: 10}\n")
    for number in range(40):
        site.write(f"politics/{number}.md", _tell(number, expires="2030-01-02"))
        site.write(f"{number}.txt", f"Report {number}\n\n" + _tell(100 + number))
    site.scan()
    return site


def _tell(number: int, **front: str) -> str:
    chance = random.Random(number)
    words = [f"w{chance.randrange(5000)}" for _ in range(300)]
    return article(f"Story {number}", " ".join(words), author="A. Writer", tags="[one]", **front)


@pytest.fixture
def heard() -> Iterator[list[Statement]]:
    """What the databases are asked, from when the test empties it on."""
    found: list[Statement] = []

    def hear(_: object, __: object, asked: str, values: Any, ___: object, many: bool) -> None:
        if not many:
            found.append((asked, values))

    event.listen(Engine, "before_cursor_execute", hear)
    yield found
    event.remove(Engine, "before_cursor_execute", hear)


def find_walks(url: str, statements: list[Statement]) -> list[str]:
    """Return the statements for which the database would walk through a table that grows."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # As small as these tables are it would rather walk than look up.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            how, read = "EXPLAIN (FORMAT JSON)", _read_postgres
        else:
            how, read = "EXPLAIN QUERY PLAN", _read_sqlite
        walked = []
        for asked, values in statements:
            if asked.split()[0] in ("SELECT", "UPDATE", "DELETE", "WITH"):
                rows = connection.exec_driver_sql(f"{how} {asked}", values).fetchall()
                is_limited = "LIMIT" in asked
                found = _GROWING.intersection(read(rows, is_limited))
                walked += [f"{table}: {asked}" for table in found]
    engine.dispose()
    return walked


def _read_sqlite(rows: Sequence[Row[Any]], is_limited: bool) -> Iterator[str]:
    for *_, step in rows:
        words = step.split()
        if words[0] == "SCAN" and not (is_limited and "INDEX" in words):
            yield words[1].rstrip("_0123456789")  # its name where it is there twice


def _read_postgres(rows: Sequence[Row[Any]], _is_limited: bool) -> Iterator[str]:
    ((plans,),) = rows
    for one in plans:
        yield from _find_walked(one["Plan"], False)


def _find_walked(node: dict[str, Any], is_limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    whole = "Index" in kind and kind != "Bitmap Index Scan" and "Index Cond" not in node
    if kind == "Seq Scan" or (whole and not is_limited):
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _find_walked(below, is_limited or kind == "Limit")


def test_one_more_article_walks_through_nothing(large: Site, heard: list[Statement]) -> None:
    """However many there are: taking it, its feeds, a worker that loads them, and an editor."""
    url = large.load().config.store.url
    live = LiveSite(Store(url))
    live.refresh()
    with large.service() as service:
        service.scan()
        service.warm_up()
        large.write("politics/new.md", _tell(1000, expires="2030-01-02"))
        large.write("new.txt", "Report\n\n" + _tell(1001))
        heard.clear()
        report = service.look(["politics/new.md", "new.txt"])
        assert len(report.outcome.new) == 2
        service.next_look()
        service.next_release()
        service.publish_marked()
        live.refresh()
        entry = service.find_entry("new.txt")
        assert entry
        service.correct(entry, ["sports"], "an editor")
        service.withdraw(entry, "an editor")
        service.restore(entry, "an editor")
        service.find_nearest({})
        large.content.joinpath("politics/new.md").write_text(_tell(1002))
        assert service.look(["politics/new.md"]).outcome.changed
        large.content.joinpath("politics/new.md").unlink()
        service.finish_pass(service.look(["politics/new.md"]))
    live.stop()
    asked = list({statement: (statement, values) for statement, values in heard}.values())
    assert len(asked) > 40
    assert find_walks(url, asked) == []


@pytest.mark.parametrize("many", [5, 1000])
def test_postgres_counts_what_came_at_once(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """By itself it would do so a minute later; a handful of articles is no reason."""
    monkeypatch.setattr("feedsvc.service._MANY_AT_ONCE", many)
    url = postgres.make_database()
    site = Site(tmp_path / "site", store_url=url)
    for number in range(10):
        site.write(f"politics/{number}.md", _tell(number))
    site.scan()
    query = "SELECT relname, reltuples FROM pg_class WHERE relname IN ('entries', 'filed')"
    found = dict(postgres.ask(url.rpartition("/")[2], query))
    assert found == ({"entries": 10, "filed": 20} if many == 5 else {"entries": -1, "filed": -1})

"""``feedsvc migrate`` and ``feedsvc copy-store``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from postgres import Server
from sites import Site, article, serving, wait_until

from feedsvc.cli import main
from feedsvc.errors import StoreError
from feedsvc.store import JOBS_FACT, Store


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, words)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_migrate_says_what_it_did(site: Site) -> None:
    assert run("migrate", "--config", str(site.config)) == (0, "The store is ready.\n")
    again = run("migrate", "--config", str(site.config))
    assert again == (0, "The store was ready: nothing to do.\n")


def test_a_site_moves_to_postgresql_and_goes_on(site: Site, postgres: Server) -> None:
    site.write("politics/one.md", article("One"))
    site.scan()
    source, target = f"sqlite:///{site.store}", postgres.make_database()
    code, said = run("copy-store", source, target)
    assert code == 0 and "Copied 1 entries, 0 subscriptions" in said, said
    site.store_url = target
    site.configure()
    site.write("politics/two.md", article("Two"))
    site.scan()
    code, said = run("copy-store", target, source, "--json")
    assert code == 0 and json.loads(said)["rows"]["entries"] == 2


def test_an_engine_at_the_old_place_is_told_while_it_is_there(site: Site, tmp_path: Path) -> None:
    """And no longer: its last word is no sign that it is at work."""
    site.write("politics/one.md", article("One"))
    source, target = f"sqlite:///{site.store}", f"sqlite:///{tmp_path}/new.db"
    with serving(site, role="engine") as server:
        store = wait_until(lambda: site.store.exists() and Store(source))
        wait_until(lambda: has_published(store))
        wait_until(lambda: store.crew().active and store.fact(JOBS_FACT))
        code, said = run("copy-store", source, target)
        assert code == 0 and "is at work at FROM: end it" in said, said
        assert server.stop() == 0
    code, said = run("copy-store", source, target)
    assert code == 0 and "Copied 1 entries" in said and "at work" not in said, said
    store.close()


def has_published(store: Store) -> bool:
    try:
        return store.revision() > 0
    except StoreError:  # its tables are being made
        return False


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("sqlite:///nowhere.db", "sqlite:///new.db", "there is no store at nowhere.db"),
        ("nonsense", "sqlite:///new.db", "is not a database URL"),
        ("postgresql://u:secret@h/d", "sqlite:///new.db", "postgresql+psycopg://u:***@h/d"),
        ("sqlite:///a.db", "sqlite:///a.db", "both stores are the same"),
        (
            "postgresql+psycopg://u:secret@127.0.0.1:9/d?connect_timeout=2",
            "sqlite:///new.db",
            "the store cannot be copied",
        ),
        ("postgresql://u@h/d?password=secret", "sqlite:///new.db", "u@h/d?password=***"),
        (
            "sqlite:///nowhere.db",
            "postgresql+psycopg://u@127.0.0.1:9/d?password=secret&connect_timeout=2",
            "there is no store at nowhere.db",
        ),
    ],
)
def test_faults_are_one_line(
    source: str, target: str, why: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    code, said = run("copy-store", source, target)
    assert code == 2 and why in said and "secret" not in said, said
    assert "Traceback" not in said and len(said.splitlines()) <= 2, said

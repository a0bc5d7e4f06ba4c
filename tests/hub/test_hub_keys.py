"""The key of subscribers' secrets: its owner's alone, one for all processes, and needed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import PROJECT

from feedsvc.errors import KeyFileError
from feedsvc.hub.keys import Vault, key_path_of
from feedsvc.store import SUBSCRIBE, Check, Store

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECRET = "correct horse battery staple"


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    key = tmp_path / "s.db.key"
    Vault(key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [key]


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    key = tmp_path / "key"
    sealed, written = Vault(key).seal(SECRET), key.read_bytes()
    assert sealed and Vault(key).open(sealed) == SECRET.encode() and key.read_bytes() == written


def test_the_key_lies_beside_the_store() -> None:
    assert key_path_of("sqlite:////srv/site/var/feedsvc.db") == Path("/srv/site/var/feedsvc.db.key")


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """What seals and opens."""
    return Vault(tmp_path_factory.mktemp("vault") / "key")


@given(st.text(min_size=1, max_size=199))
def test_what_is_sealed_is_opened_again(vault: Vault, secret: str) -> None:
    sealed = vault.seal(secret)
    assert sealed and vault.open(sealed) == secret.encode()
    assert len(secret) < 4 or secret.encode() not in sealed
    assert sealed != vault.seal(secret), "equal secrets shall not be seen to be equal"


def test_no_secret_is_none(vault: Vault) -> None:
    assert vault.seal("") is None


def test_a_dump_of_the_store_gives_no_secret(tmp_path: Path) -> None:
    """Neither as it is written, nor by another key."""
    file = tmp_path / "s.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    vault = Vault(key_path_of(store.url))
    sealed = vault.seal(SECRET)
    with store.writing() as writer:
        check = Check("/x", "http://r.example/", SUBSCRIBE, "t", "r.example", NOW, sealed, 86_400)
        writer.hub.ask(check, NOW)
        (claimed,) = writer.hub.claim_checks(NOW, NOW, 1)
        writer.hub.confirm(claimed, NOW)
        writer.hub.ask(replace(check, path="/y"), NOW)
    with store.reading_hub() as hub:
        (one,) = hub.subscriptions()
        assert one.secret == sealed
    store.close()
    dump = b"".join(each.read_bytes() for each in tmp_path.glob("s.db*") if each.suffix != ".key")
    assert SECRET.encode() not in dump
    assert sealed and sealed in dump
    key_path_of(store.url).unlink()
    with pytest.raises(KeyFileError, match="another key"):
        Vault(key_path_of(store.url)).open(one.secret)


# Waits for a sign, so that all begin at once.
_MEET = """
import sys
from pathlib import Path
from feedsvc.hub.keys import Vault
print("ready", flush=True)
sys.stdin.readline()
sealed = Vault(Path(sys.argv[1])).seal("secret")
print(sealed.decode(), flush=True)
"""


def test_processes_that_meet_at_a_new_key_have_one(tmp_path: Path) -> None:
    key = tmp_path / "key"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MEET, str(key)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in processes:
        assert one.stdout and one.stdout.readline() == "ready\n"
    for one in processes:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    sealed = [one.communicate(timeout=20)[0].strip() for one in processes]
    assert [one.returncode for one in processes] == [0, 0]
    vault = Vault(key)
    assert {vault.open(one.encode()) for one in sealed} == {b"secret"}
    assert list(tmp_path.iterdir()) == [key]


def test_threads_that_meet_at_a_new_key_have_one(tmp_path: Path) -> None:
    """Two requests that are the first ones of a worker."""
    for number in range(20):
        key, gate = tmp_path / str(number) / "key", threading.Barrier(8)
        key.parent.mkdir()
        sealed: list[bytes | None] = []

        def meet(key: Path = key, gate: threading.Barrier = gate, sealed: list = sealed) -> None:
            gate.wait()
            sealed.append(Vault(key).seal("secret"))

        threads = [threading.Thread(target=meet) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        vault = Vault(key)
        assert [vault.open(one) for one in sealed if one] == [b"secret"] * 8


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path: Path) -> None:
    """In a container every process may have the same number."""
    (tmp_path / f"key.{os.getpid()}").write_bytes(b"half a k")
    vault = Vault(tmp_path / "key")
    assert vault.seal(SECRET)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"short", b"x" * 44, b"A" * 43, b"\xff" * 44, b"\0" * 44, "é".encode() * 22],
)
def test_a_damaged_key_is_named(tmp_path: Path, content: bytes) -> None:
    key = tmp_path / "key"
    key.write_bytes(content)
    with pytest.raises(KeyFileError, match="damaged") as found:
        Vault(key)
    assert str(key) in str(found.value) and key.read_bytes() == content


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    for place in (tmp_path / "no folder" / "key", tmp_path):
        with pytest.raises(KeyFileError, match="cannot be used") as found:
            Vault(place)
        assert str(place) in str(found.value)


@given(st.binary(max_size=80))
def test_what_another_sealed_is_never_opened(vault: Vault, sealed: bytes) -> None:
    with pytest.raises(KeyFileError, match="another key"):
        vault.open(sealed)

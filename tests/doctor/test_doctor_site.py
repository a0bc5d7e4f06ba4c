"""``feedsvc doctor`` on real sites: each finding made real, nothing written, nothing waited for."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sites import Server, Site, article, free_port, snapshot
from sqlalchemy import Connection
from werkzeug.security import generate_password_hash

from feedsvc.cli import main
from feedsvc.doctor import FAULT, OK, WARNING, Finding, examine_site
from feedsvc.doctor import examine as examine_module
from feedsvc.doctor import visit as visit_module
from feedsvc.doctor.look import within
from feedsvc.doctor.visit import visit
from feedsvc.store import Store, examine_store
from feedsvc.store import health as health_module

# What the site cannot help.
MACHINE = ("disk of the store", "disk of the content", "watch limits", "open files")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site at an address of this machine where nobody answers yet."""
    port = free_port()
    site = Site(tmp_path / "site", base_url=f"http://127.0.0.1:{port}")
    for number in range(3):
        site.write(f"politics/{number}.md", article(f"Politics {number}", tags="climate"))
    site.scan()
    return site


def examine(site: Site, ahead: timedelta = timedelta(0)) -> list[Finding]:
    """Return all that is said of a site, by a clock that is ahead by so much."""
    return list(examine_site(site.config, {}, lambda: datetime.now(UTC) + ahead))


def find(found: list[Finding], check: str, says: str = "") -> Finding:
    """Return what a check says; it must name what mends it."""
    (one,) = [one for one in found if one.check == check and says in one.what]
    assert bool(one.fix) == one.is_bad
    return one


def run_sql(site: Site, *statements: str) -> None:
    """Change a store behind its back."""
    with contextlib.closing(sqlite3.connect(site.store)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA journal_mode = DELETE")


def run(site: Site, *words: str) -> tuple[int, dict[str, Any]]:
    """Run the command for a program."""
    result = CliRunner().invoke(main, ["doctor", "--json", *words, "--config", str(site.config)])
    assert isinstance(result.exception, SystemExit), result
    return result.exit_code, json.loads(result.stdout)


def test_a_site_that_is_well(tmp_path: Path) -> None:
    port = free_port()
    site = Site(tmp_path / "site", base_url=f"http://127.0.0.1:{port}")
    site.write("politics/a.md", article("A"))
    server = Server(site, "--port", str(port))
    server.port = port
    try:
        server.wait_ready()
        site.write("politics/b.md", article("B"))
        found = examine(site)
        # Whatever this machine is like, the site is well; only its address leads nowhere else.
        bad = [one.what for one in found if one.is_bad and one.check not in MACHINE]
        assert bad == [
            f"site.base_url is {site.base_url}, which no reader on another machine can reach"
        ]
        assert find(found, "base_url", "gives what").state == OK
        assert find(found, "hub").state == OK and find(found, "store").state == OK
        # The same address, of a site that is another one.
        other = Site(tmp_path / "other", base_url=site.base_url)
        other.config.write_text(other.config.read_text().replace("gazette.test", "herald.test"))
        other.write("politics/c.md", article("C"))
        other.scan()
        assert find(examine(other), "base_url", "another site").state == FAULT
    finally:
        server.kill()


def test_nothing_is_written(site: Site) -> None:
    before = snapshot(site.root)
    folders = {path: path.stat().st_mtime_ns for path in site.root.rglob("*") if path.is_dir()}
    examine(site)
    assert snapshot(site.root) == before
    assert {path: path.stat().st_mtime_ns for path in folders} == folders
    fresh = Site(site.root.parent / "fresh", base_url=site.base_url)
    found = examine(fresh)
    assert find(found, "store").state == WARNING and not fresh.store.parent.exists()
    code, told = run(fresh, "--fix")
    assert code == 1 and told["mended"] == {} and not fresh.store.parent.exists()


def truncate(site: Site) -> None:
    """Half of the store is lost."""
    os.truncate(site.store, site.store.stat().st_size // 2)


def overwrite(site: Site) -> None:
    """The middle of the store is lost."""
    data = bytearray(site.store.read_bytes())
    data[8192:-4096] = bytes(len(data) - 12288)
    site.store.write_bytes(data)


def replace(site: Site) -> None:
    """The store is another file."""
    site.store.write_bytes(b"no database" * 1000)


def make_folder(site: Site) -> None:
    """The store is a folder."""
    site.store.unlink()
    site.store.mkdir()


def empty(site: Site) -> None:
    """The store is an empty file."""
    site.store.write_bytes(b"")


@pytest.mark.parametrize("spoil", [truncate, overwrite, replace, make_folder, empty])
def test_a_damaged_store(site: Site, spoil: Callable[[Site], None]) -> None:
    spoil(site)
    finding = find(examine(site), "store")
    assert finding.state == FAULT and "restore" in finding.fix
    before = snapshot(site.root)
    result = CliRunner().invoke(main, ["doctor", "--fix", "--config", str(site.config)])
    assert result.exit_code in (1, 2) and isinstance(result.exception, SystemExit)
    assert snapshot(site.root) == before  # what is damaged is not for --fix


def test_a_store_of_another_version(site: Site) -> None:
    run_sql(site, "UPDATE alembic_version SET version_num = '0999'")
    assert "0999" in find(examine(site), "store").what
    assert run(site, "--fix")[1]["mended"] == {}


ORPHANS = {
    "filed": "INSERT INTO filed (section, published, uid) VALUES ('politics', 1, 'gone')",
    "labels": "INSERT INTO labels (name, published, uid) VALUES ('tag/climate', 1, 'gone')",
    "tombstones": "INSERT INTO tombstones VALUES ('politics', 'gone', 1, 0)",
    "media_uses": "INSERT INTO media_uses VALUES ('gone', 'a.png')",
    "copies": "INSERT INTO copies VALUES ('gone.md', 'gone')",
    "sketches": "INSERT INTO sketches VALUES (1, 'gone.md')",
    "sources": "INSERT INTO sources VALUES ('gone.md', 99, x'00')",
    "deliveries": "INSERT INTO deliveries VALUES (99, '/feeds/all.atom', 1, 1, 0, 1, 0, NULL)",
}


@pytest.mark.parametrize("table", ORPHANS)
def test_rows_that_nothing_leads_to(site: Site, table: str) -> None:
    assert find(examine(site), "store").state == OK
    run_sql(site, ORPHANS[table])
    finding = find(examine(site), "store")
    assert finding.state == WARNING and f"1 of {table}" in finding.what and "--fix" in finding.fix
    published = published_by(site)
    assert run(site, "--fix")[1]["mended"] == {table: 1}
    assert find(examine(site), "store").state == OK
    assert published_by(site) == published and not dirty(site)


def published_by(site: Site) -> dict[str, str]:
    """Return the ETags of what is published."""
    with contextlib.closing(sqlite3.connect(site.store)) as connection:
        return dict(connection.execute("SELECT path, etag FROM representations"))


def dirty(site: Site) -> list[str]:
    """Return the feeds that wait to be built."""
    with contextlib.closing(sqlite3.connect(site.store)) as connection:
        return [name for (name,) in connection.execute("SELECT section FROM dirty")]


def test_mending_builds_what_had_the_rows_and_says_so(site: Site) -> None:
    """An entry that stood in a feed went behind everybody's back: it goes from the feed, too."""
    run_sql(site, "DELETE FROM entries WHERE path = 'politics/1.md'", "DELETE FROM labels")
    before = published_by(site)
    result = CliRunner().invoke(main, ["doctor", "--fix", "--config", str(site.config)])
    assert "mended: rows deleted: 2 of filed" in result.stdout
    changed = {path for path, etag in published_by(site).items() if before.get(path) != etag}
    assert {"/feeds/politics.atom", "/feeds/all.json"} <= changed
    assert "/feeds/sports.atom" not in changed


def test_a_busy_life_leaves_no_orphans(site: Site) -> None:
    """What we do ourselves never looks like damage: edits, moves, copies, deletions, refusals."""
    text = "A long story that is told twice. " * 30
    site.write("a.txt", f"Title of it\n\n{text}")
    site.write("b.txt", f"Title of it\n\n{text}")
    site.write("bad.md", b"\xff\xfe\x00bad" * 10)
    site.scan()
    (site.content / "a.txt").unlink()
    (site.content / "politics/0.md").rename(site.content / "politics/moved.md")
    (site.content / "politics/1.md").unlink()
    site.write("politics/2.md", article("Edited", tags="other"))
    site.write("bad.md", article("Good now"))
    site.scan()
    site.scan()
    found = examine(site)
    assert find(found, "store").state == OK, found
    assert find(found, "content").state == OK, found


def test_articles_without_a_file_in_the_ledger(site: Site) -> None:
    run_sql(site, "DELETE FROM files WHERE path = 'politics/1.md'")
    finding = find(examine(site), "store", "not in the ledger")
    assert finding.state == WARNING and "politics/1.md" in finding.what
    site.scan()
    assert find(examine(site), "store").state == OK


def test_the_content_folder(site: Site) -> None:
    late = timedelta(minutes=5)
    site.write("new.md", article("New"))
    assert find(examine(site), "content").state == OK  # it came just now
    assert "never read: new.md" in find(examine(site, late), "content").what
    (site.content / "politics/1.md").unlink()
    assert find(examine(site), "content", "gone: politics/1.md").state == WARNING
    (site.content / "politics/2.md").unlink()
    assert find(examine(site), "content", "2 files").state == FAULT
    (site.content).rename(site.root / "away")
    assert find(examine(site), "content").state == FAULT


def test_what_cannot_be_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root reads everything: the system is asked in its place."""
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: not str(path).endswith("1.md") and real(path, mode)
    )
    finding = find(examine(site), "content")
    assert finding.state == FAULT and "politics/1.md" in finding.what


def test_a_clock_that_ran_ahead(site: Site) -> None:
    finding = find(examine(site, -timedelta(hours=1)), "clock")
    assert finding.state == WARNING and "feeds' dates" in finding.what
    # An embargo is no wrong clock.
    site.write("later.md", article("Later", date="2090-01-01"))
    site.scan()
    assert find(examine(site), "clock").state == OK


def test_loose_permissions(site: Site) -> None:
    key = Path(f"{site.store}.key")
    key.write_text("secret")
    key.chmod(0o644)
    site.configure(f"admin:\n  password_hash: {generate_password_hash('secret')}\n")
    site.config.chmod(0o644)
    found = [one for one in examine(site) if one.check == "permissions"]
    assert [one.fix for one in found] == [f"chmod o= {site.config}", f"chmod 600 {key}"]
    for one in found:
        subprocess.run(one.fix.split(), check=True, timeout=10)
    assert find(examine(site), "permissions").state == OK


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("feeds:\n  itmes: 3\n", "did you mean items?"),
        ("store:\n  url: 'sqlite://'\n", "store.url"),
        ("store:\n  url: postgresql://a:secret@b/c\n", "store.url"),
        ("x: [", "config.yaml"),
    ],
)
def test_a_faulty_config(site: Site, text: str, says: str) -> None:
    site.configure(text)
    code, told = run(site)
    (one,) = told["checks"]
    assert code == 1 and not told["fine"] and one["state"] == FAULT
    assert says in one["what"] and one["fix"] and "secret" not in one["what"]


def test_no_config_at_all(tmp_path: Path) -> None:
    (one,) = examine_site(tmp_path / "none.yaml", {}, lambda: datetime.now(UTC))
    assert one.state == FAULT and "no such file" in one.what


def test_a_config_that_is_odd(site: Site) -> None:
    site.config.write_text(site.config.read_text().replace("  id: gazette.test,2026-01-01\n", ""))
    assert find(examine(site), "config").state == WARNING


def test_who_begins_to_write_meanwhile_is_no_damage(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that nobody has open is read without locks: what is seen then is looked at again."""
    real, looks = health_module._check_pages, 0
    store = Store(site.load().config.store.url)

    def check(connection: Connection) -> tuple[str, ...]:
        nonlocal looks
        looks += 1
        if looks > 1:
            return real(connection)
        store.revision()
        return ("half of a page",)

    monkeypatch.setattr(health_module, "_check_pages", check)
    assert not examine_store(site.store, 60).damage and looks == 2
    store.close()


# Nothing hangs


def test_a_look_is_given_up() -> None:
    began, over = time.monotonic(), threading.Event()
    with pytest.raises(TimeoutError):
        within(0.1, lambda: over.wait(60))
    over.set()
    assert time.monotonic() - began < 30
    assert within(10, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 // 0)


def test_a_long_check_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    health = examine_store(site.store, 60)
    assert health.is_checked and not health.damage and len(health.known) == 3
    monkeypatch.setattr("feedsvc.store.health._INSTRUCTIONS", 1)
    cut = examine_store(site.store, -1)
    assert not cut.is_checked and len(cut.known) == 3
    (finding,) = examine_module.checks_of_store(site.store, cut)
    assert finding.state == WARNING and "quick_check" in finding.fix


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Take connections and treat each as ``answer`` says."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError), server.accept()[0] as connection:
                    connection.settimeout(5)
                    connection.recv(4096)
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join(30)


def test_an_address_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit_module, "STEP_MOST", 0.3)
    over = threading.Event()
    with listening(lambda _: over.wait(10)) as url:
        assert "does not answer within" in visit(url, 100).trouble
        over.set()


def test_an_address_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit_module, "WHOLE_MOST", 0.5)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.02)

    began = time.monotonic()
    with listening(drip) as url:
        assert "takes longer than" in visit(url, 10_000).trouble
    assert time.monotonic() - began < 20


def test_an_address_that_says_too_much() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)

    with listening(flood) as url:
        assert len(visit(url, 5_000).body) == 5_000


def test_an_address_that_is_no_http() -> None:
    with listening(lambda connection: connection.sendall(b"220 mail ESMTP\r\n")) as url:
        assert "does not answer" in visit(url, 100).trouble
    assert visit(f"http://127.0.0.1:{free_port()}", 100).trouble
    assert "name" in visit("http://no-such-host.invalid/", 100).trouble


def test_redirects_are_not_followed() -> None:
    def lead_away(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n")

    with listening(lead_away) as url:
        assert visit(url, 100).status == 302


@contextlib.contextmanager
def serving_tls(folder: Path, days: int) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Answer "ok" over https, with a certificate that ends in so many days."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "c.pem", folder / "k.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ok":true,"version":"1"}')

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(pem, secret)
    server.socket = inside.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        trusting = ssl.create_default_context(cafile=str(pem))
        yield f"https://localhost:{server.server_address[1]}", trusting
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.mark.parametrize(("days", "is_bad"), [(60, False), (5, True)])
def test_a_certificate_that_ends_soon(site: Site, tmp_path: Path, days: int, is_bad: bool) -> None:
    with serving_tls(tmp_path, days) as (url, trusting):
        site.base_url = url
        site.configure()
        found = list(examine_site(site.config, {}, lambda: datetime.now(UTC), trusting))
        assert [one.state for one in found if one.check == "certificate"] == [WARNING] * is_bad
        trouble = visit(f"{url}/healthz", 100).trouble
        assert "certificate is not accepted" in trouble

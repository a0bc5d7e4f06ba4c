"""What a doctor says of what was seen: each check where it is fine, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from feedsvc.config import Config
from feedsvc.doctor import FAULT, OK, WARNING, Finding, checks
from feedsvc.doctor.address import check_feed, check_hub, check_reach, is_loopback
from feedsvc.doctor.checks import ContentSeen
from feedsvc.doctor.findings import name_some, write_size
from feedsvc.doctor.visit import Reply
from feedsvc.scan import find_file_system

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GB = 10**9
FOLDER = Path("/srv/news")
BASE = "https://news.example"
ALIVE = b'{"ok":true,"version":"1"}'


def states(found: list[Finding] | Finding) -> list[str]:
    """Return the states of findings; what is bad must say what to do."""
    listed = [found] if isinstance(found, Finding) else found
    assert all(bool(one.fix) == one.is_bad for one in listed), listed
    return [one.state for one in listed]


@pytest.mark.parametrize(
    ("free", "total", "store", "state"),
    [
        (50 * GB, 100 * GB, GB, OK),
        (9 * GB, 100 * GB, GB, WARNING),
        (50 * GB, 100 * GB, 26 * GB, WARNING),
        (10**7, 10**8, 0, FAULT),
        (10**7, 100 * GB, 0, FAULT),
    ],
)
def test_disk(free: int, total: int, store: int, state: str) -> None:
    assert states(checks.check_disk("store", FOLDER, free, total, store)) == [state]


def test_size() -> None:
    assert states(checks.check_size(GB, 32_000_000)) == [OK]
    assert states(checks.check_size(GB, 300_000_000)) == [WARNING]


def test_clock() -> None:
    past = {"a": NOW, "b": NOW + timedelta(seconds=30)}
    assert states(checks.check_clock(NOW, past)) == [OK]
    found = checks.check_clock(NOW, {**past, "feeds' dates": NOW + timedelta(days=1)})
    assert states(found) == [WARNING] and "feeds' dates, until 2026-03-02 12:00:00" in found.what


@pytest.mark.parametrize(
    ("folders", "watches", "instances", "state"),
    [
        (3, 8192, 128, OK),
        (3, None, None, OK),
        (8000, 8192, 128, FAULT),
        (10_000, 8192, 128, FAULT),
        (3, 8192, 4, WARNING),
    ],
)
def test_watches(folders: int, watches: int | None, instances: int | None, state: str) -> None:
    found = checks.check_watches(folders, watches, instances)
    assert states(found) == [state]
    if state == FAULT:
        limit = int(found.fix.partition("max_user_watches=")[2].split()[0])
        assert checks.check_watches(folders, limit, instances).state == OK


@pytest.mark.parametrize(
    ("soft", "hard", "subscriptions", "state"),
    [
        (1024, 4096, 0, OK),
        (1024, 4096, 700, OK),
        (1024, 4096, 5_000, FAULT),
        (100, 100, 0, FAULT),
        (1256, 4096, 10**6, OK),
    ],
)
def test_open_files(soft: int, hard: int, subscriptions: int, state: str) -> None:
    assert states(checks.check_open_files(soft, hard, subscriptions)) == [state]


@pytest.mark.parametrize(
    ("config", "secret", "key", "wanted"),
    [
        (0o644, "", 0o600, [OK]),
        (0o644, "", None, [OK]),
        (0o640, "the token of a", 0o600, [OK]),
        (0o644, "the token of a", 0o600, [FAULT]),
        (0o604, "the token of a", 0o640, [FAULT, FAULT]),
        (0o600, "", 0o604, [FAULT]),
    ],
)
def test_permissions(config: int, secret: str, key: int | None, wanted: list[str]) -> None:
    found = checks.check_modes(Path("c.yaml"), config, secret, Path("s.key"), key)
    assert states(found) == wanted


def test_what_is_secret() -> None:
    assert checks.name_secret(Config()) == ""
    admin = Config.model_validate({"admin": {"password_hash": generate_password_hash("secret")}})
    assert "password" in checks.name_secret(admin)
    partners = Config.model_validate({"partners": {"a": {}, "b": {"token": "secret"}}})
    assert checks.name_secret(partners) == "the token of b"


def test_time_zones() -> None:
    assert states(checks.check_zones(lambda name: name)) == [OK]

    def fail(name: str) -> None:
        raise LookupError(name)

    assert states(checks.check_zones(fail)) == [FAULT]


SEEN = ContentSeen({"a.md": 100.0, "b.md": 100.0}, folders=1)


@pytest.mark.parametrize(
    ("seen", "known", "troubled", "wanted", "says"),
    [
        (SEEN, {"a.md", "b.md"}, set(), [OK], "2 articles"),
        (SEEN, None, set(), [OK], "2 articles"),
        (SEEN, {"a.md"}, set(), [WARNING], "never read: b.md"),
        (SEEN, {"a.md"}, {"b.md"}, [WARNING], "1 problems: b.md"),
        (ContentSeen({"new.md": 999.0}), set(), set(), [OK], "1 articles"),
        (SEEN, {"a.md", "b.md", "c.md"}, set(), [WARNING], "gone: c.md"),
        (ContentSeen({}), {"a.md", "b.md", "c.md"}, set(), [FAULT], "3 files"),
        (ContentSeen({}, failed=("x",)), {"x/a.md"}, set(), [FAULT], "folders that cannot be"),
        (ContentSeen({"a.md": 1.0}, unreadable=("a.md",)), {"a.md"}, set(), [FAULT], "files that"),
    ],
)
def test_content(
    seen: ContentSeen, known: set[str] | None, troubled: set[str], wanted: list[str], says: str
) -> None:
    listed = None if known is None else frozenset(known)
    found = checks.check_content(FOLDER, seen, listed, frozenset(troubled), 500.0)
    assert states(found) == wanted and says in found[0].what


MOUNTS = """\
22 1 252:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:40 / /srv rw shared:2 - nfs4 files:/srv rw,vers=4.2
31 30 8:1 / /srv/local\\040disk rw - xfs /dev/sdb1 rw
32 22 0:41 / /home/ö rw - fuse.sshfs a:/ rw
33 22 0:42 / /tmp rw - tmpfs tmpfs rw
bad line
34 22 0:43 / /srvx rw - btrfs x rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "is_far"),
    [
        ("/", "ext4", False),
        ("/var/news", "ext4", False),
        ("/srv/news", "nfs4", True),
        ("/srv", "nfs4", True),
        ("/srv/local disk/news", "xfs", False),
        ("/home/ö/news", "fuse.sshfs", True),
        ("/srvx/news", "btrfs", False),
        ("/tmp/x", "tmpfs", False),
    ],
)
def test_network_file_systems(path: str, kind: str, is_far: bool) -> None:
    assert find_file_system(MOUNTS, path) == kind
    content = checks.check_file_system("content", Path(path), kind, 30.0)
    store = checks.check_file_system("store", Path(path), kind, 30.0)
    assert bool(content) == bool(store) == is_far
    if content and store:
        assert states([content, store]) == [WARNING, FAULT]


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    """Return what an address answered."""
    return Reply(
        BASE, status, {name.replace("_", "-"): text for name, text in headers.items()}, body
    )


@pytest.mark.parametrize(
    ("base", "answer", "wanted", "says"),
    [
        (BASE, reply(200, ALIVE), [], ""),
        (
            "http://127.0.0.1:8080",
            reply(200, ALIVE),
            [WARNING],
            "another machine",
        ),
        (
            "http://localhost",
            reply(200, ALIVE),
            [WARNING],
            "another machine",
        ),
        (BASE, Reply(BASE, trouble="does not answer"), [FAULT], "does not answer"),
        (BASE, reply(301, location="https://www.news.example/"), [WARNING], "www.news.example"),
        (BASE, reply(404, b"not found"), [FAULT], "answers 404"),
        (BASE, reply(200, b"<html>Welcome to nginx!"), [FAULT], "not as feedsvc does"),
    ],
)
def test_reach(base: str, answer: Reply, wanted: list[str], says: str) -> None:
    found = check_reach(base, answer, NOW)
    assert states(found) == wanted and says in "".join(one.what for one in found)


def test_certificates() -> None:
    for days, wanted in ((15, []), (13, [WARNING]), (-1, [WARNING])):
        ends = NOW + timedelta(days=days)
        answer = Reply(BASE, 200, {}, b'{"ok":true,"version":"1"}', "", ends)
        assert states(check_reach(BASE, answer, NOW)) == wanted


OURS = b'{"items": [{"id": "tag:news.example,2026:1"}]}'
TAG = "news.example,2026"


@pytest.mark.parametrize(
    ("status", "body", "headers", "etag", "state", "says"),
    [
        (200, OURS, {"etag": '"abc"'}, "abc", OK, "what this store publishes"),
        (200, OURS, {"etag": 'W/"abc-gzip"'}, "abc", OK, "what this store publishes"),
        (200, OURS, {"etag": '"old"'}, "abc", WARNING, "another state"),
        (200, OURS, {"etag": '"old"', "x-cache-status": "HIT"}, "abc", OK, "a cache has"),
        (200, OURS, {"etag": '"old"', "age": "9"}, "abc", OK, "a cache has"),
        (200, b'{"items": []}', {"etag": '"x"'}, "abc", FAULT, "another site"),
        (200, b"<html>", {}, "abc", FAULT, "another site"),
        (200, OURS, {"etag": '"abc"'}, "", WARNING, "nothing is published"),
        (502, b"", {}, "abc", FAULT, "answers 502"),
    ],
)
def test_feed(
    status: int, body: bytes, headers: Mapping[str, str], etag: str, state: str, says: str
) -> None:
    found = check_feed(Reply(BASE, status, headers, body), etag, TAG)
    assert states(found) == [state] and says in found.what


def test_hub() -> None:
    assert states(check_hub(reply(200, b"This is the WebSub hub of News"))) == [OK]
    assert states(check_hub(reply(405))) == [FAULT]
    assert states(check_hub(Reply(BASE, trouble="does not answer"))) == [FAULT]


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("127.0.0.1:80", True),
        ("127.8.8.8", True),
        ("[::1]:8080", True),
        ("localhost", True),
        ("news.localhost.", True),
        ("0.0.0.0", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("[2001:db8::1]", False),
    ],
)
def test_loopback(host: str, wanted: bool) -> None:
    assert is_loopback(f"http://{host}/news") is wanted


def test_words() -> None:
    assert name_some(["b", "a"]) == "a, b" and name_some("abcde") == "a, b, c and 2 more"
    sizes = (0, 999, 1_000, 2_500_000, 7 * GB, 3_000 * GB)
    assert [*map(write_size, sizes)] == [
        "0 bytes",
        "999 bytes",
        "1 kB",
        "2.5 MB",
        "7.0 GB",
        "3.0 TB",
    ]

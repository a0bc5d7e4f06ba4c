"""All bad input at once, through a real ``feedsvc serve``: each is reported or harmless (F1-F6)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import CASES, Case
from sites import FORMATS, Server, Site, article, parse_feed, plain_text, serving, wait_until

from feedsvc.store import State, Store, StoredEntry

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site whose folder holds every case and one good article, served."""
    site = Site(tmp_path_factory.mktemp("bad"), settle="50ms")
    site.configure("feeds:\n  items: 500\n")
    for case in CASES:
        case.put(site)
    site.write("politics/good.md", article("A good article"))
    with serving(site) as server:
        wait_until(lambda: "A good article" in server.items())
        yield server
        for suffix in FORMATS:
            parse_feed(suffix, server.get(f"/feeds/all.{suffix}").body)


@pytest.fixture(scope="module")
def store(server: Server) -> Iterator[Store]:
    """The store of that site."""
    store = Store(f"sqlite:///{server.site.store}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def feeds(server: Server) -> dict[str, dict[str, tuple[str, str]]]:
    """Title and content of every entry by id, as each format has them."""
    found = {}
    for suffix in FORMATS:
        answer = server.get(f"/feeds/all.{suffix}")
        assert answer.status == 200
        assert not FORBIDDEN.search(answer.text)
        entries = parse_feed(suffix, answer.body)
        found[suffix] = {one["id"]: (one["title"], one["content"]) for one in entries}
        assert len(found[suffix]) == len(entries), "ids are unique (R41, F17)"
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(
    case: Case, server: Server, store: Store, feeds: dict[str, dict[str, tuple[str, str]]]
) -> None:
    """Refused with its reason, or published harmless in every format; never half of both."""
    problems = {one.path: one.message for one in store.problems()}
    entries = {entry.path: entry for entry in store.entries(State.LIVE)}
    entry = entries.get(case.path)
    if case.refused:
        assert case.refused in problems[case.path]
    if not case.title:
        assert entry is None
    else:
        assert case.path not in problems
        assert entry is not None
        check_published(case, entry, feeds)
        page = server.get(f"/articles/{entry.uid}-x")
        assert page.status == 301
        assert server.get(page.headers["location"]).status == 200
    for entries_of in feeds.values():
        for text in ("SECRET", "root:x:"):
            assert not any(text in part for parts in entries_of.values() for part in parts)


def check_published(
    case: Case, entry: StoredEntry, feeds: dict[str, dict[str, tuple[str, str]]]
) -> None:
    """Check what every format says of one case."""
    for suffix, entries in feeds.items():
        title, content = entries[entry.id]
        # An RSS title is HTML to readers; the rule of titles makes it the same as plain text.
        if case.title != "*":
            assert title == case.title, suffix
        assert title.strip() and len(title) <= 1000
        assert case.within in plain_text(content), suffix
        for word in case.without:
            assert word not in title + content, suffix
        assert not FORBIDDEN.search(title + content)
        assert not re.search(r"<(script|style|form|svg|iframe)|\son\w+=|javascript:", content)


def test_good_neighbour_is_untouched(server: Server) -> None:
    """F2: whatever lies beside it."""
    assert [*server.items("politics")] == ["A good article"]


def test_nothing_is_a_500(server: Server, store: Store) -> None:
    """Every page there is."""
    with_pages = [f"/articles/{entry.uid}" for entry in store.entries(*State)]
    for path in ["/", "/feeds/", "/feeds.opml", "/sections/politics", "/readyz", *with_pages]:
        assert server.get(path).status in (200, 301, 404), path


def test_commands_bear_it(server: Server) -> None:
    """check, problems and explain speak of bad input without a traceback."""
    site = server.site
    for words in (["check"], ["check", "--json"], ["problems"], ["problems", "--json"]):
        result = feedsvc(site, *words)
        assert result.returncode == 1 and "Traceback" not in result.stderr, result.stderr
    told = {one["path"] for one in json.loads(feedsvc(site, "problems", "--json").stdout)}
    assert {case.path for case in CASES if case.refused} <= told


def test_log_has_no_traceback(server: Server) -> None:
    """A bad file is a line for the admin at most."""
    assert "Traceback" not in server.log
    assert "please report this" not in json.dumps(
        json.loads(feedsvc(server.site, "problems", "--json").stdout)
    )


def test_removed_bad_file_clears_its_problem(server: Server, store: Store) -> None:
    """What is gone needs nobody any more."""
    server.site.write("politics/short-lived.md", b"")
    wait_until(lambda: "politics/short-lived.md" in {one.path for one in store.problems()})
    (server.site.content / "politics/short-lived.md").unlink()
    wait_until(lambda: "politics/short-lived.md" not in {one.path for one in store.problems()})


@pytest.mark.parametrize("suffix", ["txt", "md", "html"])
def test_long_lines_are_read_in_time(site: Site, suffix: str) -> None:
    """No pattern of ours may take ages: 1 MB in one line, of what patterns stumble over."""
    for number, part in enumerate(("a ", "<b", "---", "By A ", "[](", "&#x1;", "2026-01-0", "**")):
        data = f"Title {number}\n\n" + part * (1_000_000 // len(part))
        site.write(f"long/{number}.{suffix}", data)
    began = time.monotonic()
    site.scan()
    assert time.monotonic() - began < 20


# Needs a user for whom permissions count; as root, another process becomes one.
AS_NOBODY = """\
import os, sys
from pathlib import Path
import feedsvc.cli.scan, feedsvc.ingest.article, feedsvc.store.migrate
from alembic import command, config, util
root = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
from sites import Site
site = Site(root)
site.scan()          # loads what the scan below needs
(root / "content/closed").chmod(0)
if os.getuid() == 0:
    for path in [root, *root.rglob("*")]:
        os.chown(path, 65534, 65534)
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
with site.service() as service:
    report = service.scan()
    print([(one.path, one.kind, one.message) for one in service.store.problems()])
    print(sorted(entry.article.title for entry in service.store.newest("all", service.clock(), 9)))
(root / "content/closed").chmod(0o755)
with site.service() as service:
    service.scan()
    print(service.store.problems())
"""


def test_folder_that_cannot_be_read() -> None:
    """It is reported, the rest goes on, and what was published from it stays."""
    with tempfile.TemporaryDirectory() as folder:  # the folders of pytest are closed to others
        Path(folder).chmod(0o755)
        site = Site(Path(folder) / "site")
        site.write("closed/inside.md", article("Inside"))
        site.write("politics/open.md", article("Open"))
        line = [sys.executable, "-c", AS_NOBODY, str(site.root), str(Path(__file__).parents[1])]
        result = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        (site.content / "closed").chmod(0o755)
    assert result.stderr == "" and result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "[('closed', 'folder', 'the folder cannot be read: Permission denied')]",
        "['Inside', 'Open']",
        "[]",
    ]


def feedsvc(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a site."""
    line = [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

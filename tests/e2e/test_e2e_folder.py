"""From a file in the folder to a feed over HTTP, with a real engine and a real worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from sites import Item, Server, Site, article, at, serving, wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One site at work; every test has articles of its own."""
    site = Site(tmp_path_factory.mktemp("folder"), settle="100ms")
    with serving(site) as server:
        yield server


def wait_for(server: Server, title: str, section: str = "all", words: str = "") -> Item:
    """Wait until a feed has an entry, with ``words`` in its content."""

    def look() -> Item | None:
        item = server.items(section).get(title)
        return item if item and words in item.content else None

    return wait_until(look)


def page_of(server: Server, item: Item) -> int:
    """Return the status of an entry's page."""
    return server.get(item.link.removeprefix("http://gazette.test")).status


def test_dropped_file_appears(server: Server) -> None:
    """The reason why all this exists; and it appears in its section, and nowhere else."""
    server.site.write("politics/dropped.md", article("Dropped", "Words of *weight*."))
    item = wait_for(server, "Dropped", "politics")
    assert "<em>weight</em>" in item.content
    # The whole site may follow its sections a second later (R8).
    wait_until(lambda: "Dropped" in server.items("all"))
    assert "Dropped" not in server.items("sports")
    assert page_of(server, item) == 200


def test_other_sections_keep_their_tags(server: Server) -> None:
    """R11, F13: an article in politics leaves the feed of sports alone, byte for byte."""
    before = server.get("/feeds/sports.xml"), server.get("/feeds/politics.xml")
    server.site.write("politics/tags.md", article("Tags move"))
    wait_for(server, "Tags move")
    after = server.get("/feeds/sports.xml"), server.get("/feeds/politics.xml")
    assert after[0].body == before[0].body
    for name in ("etag", "last-modified"):
        assert after[0].headers[name] == before[0].headers[name]
    assert after[1].headers["etag"] != before[1].headers["etag"]


def test_edit_keeps_the_id_and_moves_updated(server: Server) -> None:
    """R37, R44, R45, R8: the same entry, its date of publication as it was, the feed newer."""
    path = "politics/edited.md"
    server.site.write(path, article("Edited", "Before.", date="2026-01-02"))
    before = wait_for(server, "Edited")
    first = server.get("/feeds/politics.atom")
    server.site.write(path, article("Edited", "After.", date="2026-01-02"))
    after = wait_for(server, "Edited", words="After")
    assert after.id == before.id
    assert after.published == before.published
    assert datetime.fromisoformat(after.updated) > datetime.fromisoformat(before.updated)
    assert server.get("/feeds/politics.atom").headers["etag"] != first.headers["etag"]
    assert parsedate_to_datetime(
        server.get("/feeds/politics.atom").headers["last-modified"]
    ) > parsedate_to_datetime(first.headers["last-modified"])


def test_headline_may_change(server: Server) -> None:
    """R37: a new headline moves the page; the id stays, and the old address leads on."""
    server.site.write("politics/headline.md", article("First headline"))
    before = wait_for(server, "First headline")
    server.site.write("politics/headline.md", article("Second headline"))
    after = wait_for(server, "Second headline")
    assert after.id == before.id and after.link != before.link
    assert "First headline" not in server.items()
    moved = server.get(before.link.removeprefix("http://gazette.test"))
    assert f"http://gazette.test{moved.headers['location']}" == after.link


def test_rename_keeps_the_id(server: Server) -> None:
    """R37: and the file may move to another section by it."""
    file = server.site.write("politics/renamed.md", article("Renamed"))
    before = wait_for(server, "Renamed", "politics")
    (server.site.content / "sports").mkdir(exist_ok=True)
    file.rename(server.site.content / "sports" / "under-another-name.md")
    after = wait_for(server, "Renamed", "sports")
    assert after == before
    wait_until(lambda: "Renamed" not in server.items("politics"))
    assert page_of(server, after) == 200


def test_deleted_file_leaves_and_may_come_back(server: Server) -> None:
    """P8, R23: gone from the feeds, its page says so; and it comes back as itself."""
    text = article("Deleted", "Here and gone and here again.")
    file = server.site.write("politics/deleted.md", text)
    before = wait_for(server, "Deleted")
    file.unlink()
    wait_until(lambda: "Deleted" not in server.items())
    assert "Deleted" not in server.items("politics")
    assert page_of(server, before) == 410
    server.site.write("politics/deleted.md", text)
    after = wait_for(server, "Deleted")
    assert (after.id, after.published) == (before.id, before.published)
    assert after.updated > before.updated  # P55: published again needs a later date
    assert page_of(server, after) == 200


def test_withdrawn_article_leaves(server: Server) -> None:
    """An editor takes an article back without deleting its file."""
    server.site.write("politics/taken.md", article("Taken back"))
    item = wait_for(server, "Taken back")
    server.site.write("politics/taken.md", article("Taken back", status="withdrawn"))
    wait_until(lambda: "Taken back" not in server.items())
    assert page_of(server, item) == 410


def test_atomic_rename_appears(server: Server) -> None:
    """Editors write another file and rename it over the old one; its temporary never appears."""
    temporary = server.site.write("politics/.atomic.md.swp", article("Atomic"))
    temporary.rename(server.site.content / "politics" / "atomic.md")
    before = wait_for(server, "Atomic")
    temporary = server.site.write("politics/atomic.md.tmp", article("Atomic", "Rewritten."))
    temporary.replace(server.site.content / "politics" / "atomic.md")
    after = wait_for(server, "Atomic", words="Rewritten")
    assert after.id == before.id


def test_folder_that_is_moved_in_appears(server: Server) -> None:
    """No event names the files of a folder that comes as a whole."""
    staging = server.site.root / "staging"
    staging.mkdir()
    for number in range(30):
        (staging / f"{number}.md").write_text(article(f"Moved in {number}"))
    staging.rename(server.site.content / "culture")
    wait_until(lambda: sum(title.startswith("Moved in") for title in server.items("culture")) == 30)


def test_half_written_file_is_never_published(server: Server) -> None:
    """F30: a file that is still growing waits, however slowly it grows."""
    whole = article("Slow", "Start. " + "And on it goes. " * 200 + "The very end.")
    step = len(whole) // 12 + 1
    file = server.site.content / "politics" / "slow.md"
    with file.open("w") as handle:
        for start in range(0, len(whole), step):
            handle.write(whole[start : start + step])
            handle.flush()
            end = time.monotonic() + 0.05  # half of the settle time
            while time.monotonic() < end:
                assert "Slow" not in server.items()
    assert "The very end." in wait_for(server, "Slow").content


def test_expiry_takes_out(server: Server) -> None:
    """An entry leaves the feeds at its second, and its page says so."""
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    server.site.write("politics/expiring.md", article("Expiring", expires=at(moment)))
    item = wait_for(server, "Expiring")
    left = wait_until(lambda: None if "Expiring" in server.items() else datetime.now(UTC))
    assert moment <= left < moment + timedelta(seconds=1)
    assert "Expiring" not in server.items("politics")
    assert page_of(server, item) == 410


def test_bad_file_is_a_problem_until_it_is_mended(server: Server) -> None:
    """F2: it spoils nothing else, is listed, and clears by itself."""
    server.site.write("politics/bad.md", b"\x00\x01\x02\x03 no text")
    server.site.write("politics/neighbour.md", article("Neighbour of a bad file"))
    wait_for(server, "Neighbour of a bad file")
    assert problems_of(server.site)["politics/bad.md"] == "refused"
    server.site.write("politics/bad.md", article("Mended"))
    wait_for(server, "Mended")
    assert "politics/bad.md" not in problems_of(server.site)


def problems_of(site: Site) -> dict[str, str]:
    """Return what needs a person, kind by path, as another process reads it."""
    from feedsvc.store import Store

    store = Store(site.load().config.store.url)
    try:
        return {one.path: one.kind for one in store.problems()}
    finally:
        store.close()

"""Workers to ask, and one site in every state an article can be in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from sites import Answer, Server, Site, article, clock_from, serving

from feedsvc.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.site import LiveSite

# When the site was published: its feeds are old enough to be asked about any second since.
THEN = datetime(2026, 2, 1, tzinfo=UTC)

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 200


class Fetch(Protocol):
    """Asks for a path: through Flask's test client or over a socket."""

    def __call__(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Return the answer; ``_`` in a header's name stands for ``-``."""


class Worker:
    """A site as one web worker serves it, in this process and behind Flask's test client."""

    def __init__(self, site: Site, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self.store = Store(site.load().config.store.url)
        self.live = LiveSite(self.store, site.content, clock)
        self.app = create_app(self.live)

    def fetch(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path; ``_`` in a header's name stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.app.test_client().open(path, method=method, headers=named)
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, found, answer.data)


@pytest.fixture
def open_worker() -> Iterator[Callable[..., Worker]]:
    """Open workers, and close their stores in the end."""
    opened: list[Worker] = []

    def open_one(site: Site, *clock: Callable[[], datetime], load: bool = True) -> Worker:
        opened.append(Worker(site, *clock))
        if load:
            opened[-1].live.refresh()
        return opened[-1]

    yield open_one
    for worker in opened:
        worker.live.stop()
        worker.store.close()


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with articles that are live, embargoed, withdrawn, expired and gone; and media."""
    site = Site(tmp_path_factory.mktemp("gazette"))
    body = "\n\n".join(f"Paragraph {n} of a long report on the budget vote." for n in range(60))
    site.write("politics/budget.md", article("Budget passes", body, date="2026-01-03"))
    site.write("politics/recount.md", article("Recount begins", body, date="2026-01-02"))
    site.write("sports/final.md", article("Final goes to penalties", date="2026-01-04"))
    site.write("politics/withdrawn.md", article("Withdrawn story", date="2026-01-05"))
    site.write("politics/gone.md", article("Deleted story", date="2026-01-06"))
    site.write("politics/draft.md", article("Draft story", status="draft"))
    site.write(
        "politics/secret.md",
        article("Embargoed story", embargo=f"{datetime.now(UTC).year + 2}-01-01"),
    )
    expired = article("Expired story", date="2026-01-07", expires="2026-01-08")
    site.write("politics/expired.md", expired)
    site.write("politics/photo.png", PNG)
    site.write("politics/.hidden.png", PNG)
    site.write(".private/photo.png", PNG)
    site.write("politics/notes.docx", b"not for the public")
    (site.root / "outside.png").write_bytes(PNG)
    (site.content / "politics/link.png").symlink_to(site.root / "outside.png")
    site.scan(clock_from(THEN))
    site.write(
        "politics/withdrawn.md", article("Withdrawn story", date="2026-01-05", status="withdrawn")
    )
    (site.content / "politics/gone.md").unlink()
    site.scan(clock_from(THEN + timedelta(hours=1)))
    return site


@pytest.fixture(scope="session")
def server(gazette: Site) -> Iterator[Server]:
    """The site behind real HTTP, by two workers."""
    with serving(gazette, workers=2) as server:
        yield server


@pytest.fixture(scope="session")
def gazette_worker(gazette: Site, server: Server) -> Worker:
    """The site in this process; after the server, so that both have the same publication."""
    worker = Worker(gazette)
    worker.live.refresh()
    return worker


@pytest.fixture(params=["flask", "http"])
def fetch(request: pytest.FixtureRequest, gazette_worker: Worker, server: Server) -> Fetch:
    """Ask the site for a path, both ways."""
    return gazette_worker.fetch if request.param == "flask" else server.get

"""Several engines and a web replica on one store and one content folder."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sites import Server, Site, article, wait_until

from feedsvc.store import State, Store, StoredEntry

# Another engine takes over within one interval and 2 s. What is measured here also has the settle
# time, the publishing and the web worker in it, on a machine that runs other tests: the bound that
# fails a test is wider.
BOUND = 5.0
SLACK = 15.0


@dataclass(slots=True)
class Crew:
    """A site at work: ``engines`` that run, and the web replica that readers ask."""

    site: Site
    web: Server
    engines: list[Server] = field(default_factory=list)
    ended: list[Server] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def start(self) -> Server:
        """Start one more engine."""
        engine = Server(self.site, "--log-json", role="engine")
        self.engines.append(engine)
        return engine

    def state(self) -> dict[str, object]:
        """Return what /readyz says of the engines."""
        said: dict[str, object] = json.loads(self.web.get("/readyz").body)["engine"]
        return said

    def find_active(self) -> Server | None:
        """Return the engine at work, if one is and we run it."""
        active = str(self.state()["active"])
        return next((one for one in self.engines if active.endswith(f":{one.process.pid}")), None)

    def wait_active(self, standby: int = 1) -> Server:
        """Wait until an engine is at work and so many stand by; return the one at work."""

        def find() -> Server | None:
            found = self.find_active()
            return found if found and self.state()["standby"] == standby else None

        return wait_until(find)

    def kill(self, engine: Server) -> None:
        """End an engine as a power cut would."""
        engine.kill()
        self.engines.remove(engine)
        self.ended.append(engine)

    def stop(self, engine: Server) -> None:
        """End an engine in order."""
        assert engine.stop() == 0
        self.engines.remove(engine)
        self.ended.append(engine)

    def freeze(self, engine: Server) -> None:
        """Let a whole engine stand still; it does not hear of anything then."""
        engine.process.send_signal(signal.SIGSTOP)

    def thaw(self, engine: Server) -> None:
        """Let it go on, as if nothing had been."""
        engine.process.send_signal(signal.SIGCONT)

    def tell(self, kind: str = "") -> str:
        """Drop an article; return its title."""
        number = len(self.names)
        name = f"{kind}{number:03}"
        self.names.append(name)
        title = f"Report {name}"
        # No two alike, or they were one story.
        words = " ".join(f"{name}word{at}" for at in range(40))
        self.site.write(f"politics/{name}.md", article(title, words))
        return title

    def wait_shown(self, title: str) -> float:
        """Wait until a title is in the feed; return how long that took, in seconds."""
        began = time.monotonic()
        wait_until(lambda: title in self.web.items(), SLACK)
        return time.monotonic() - began

    def entries(self) -> list[StoredEntry]:
        """Return all entries of the store."""
        with opened(self.site) as store:
            return list(store.entries(*State))

    def events(self, name: str) -> list[dict[str, str]]:
        """Return the lines of an event from the logs of all engines, in no order."""
        found = []
        for engine in (*self.engines, *self.ended):
            for line in engine.log.splitlines():
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if said.get("event") == name:
                        found.append(said)
        return found

    def check_whole(self) -> None:
        """Every file is one entry, in the feed once, and decided once."""
        titles = sorted(f"Report {name}" for name in self.names)
        wait_until(lambda: sorted(self.web.items()) == titles, SLACK)
        body = self.web.get("/feeds/politics.json").body
        items = json.loads(body)["items"]
        assert sorted(one["title"] for one in items) == titles
        assert len({one["id"] for one in items}) == len(titles)
        entries = self.entries()
        assert sorted(one.article.title for one in entries) == titles
        paths = [one["path"] for one in self.events("article new")]
        assert len(paths) == len(set(paths)), "an article was taken twice"
        assert not self.events("article gone") and not self.events("article changed")


@contextlib.contextmanager
def opened(site: Site) -> Iterator[Store]:
    """Look into the store as another process would."""
    store = Store(site.load().config.store.url)
    try:
        yield store
    finally:
        store.close()

"""What the engine's jobs did: when each ran last, how long that took, and what went wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from feedsvc.bulletin import JobRun

#: What each job is for, in the order in which they are shown.
JOBS: Mapping[str, str] = MappingProxyType(
    {
        "scan": "looks at the whole content folder",
        "look": "looks at files that were still being written",
        "clean": "cleans articles again, once more of the site is known",
        "publish": "builds what commands and readers asked for",
        "release": "publishes what an embargo or a hold ends for, and drops what expires",
        "turn": "takes over from another engine, or lets it",
        "config": "takes a saved config.yaml",
        "orders": "does what was asked for here",
        "review": "finds the nearest sections for the review list",
        "hub": "starts the WebSub hub",
        "purge": "tells caches in front of the site what they have to forget",
        "statistics": "closes past days of the readers' figures",
        "report": "tells this page about the jobs",
        "warm-up": "loads the filing model before the first article needs it",
    }
)


@dataclass(slots=True)
class _Run:
    last: datetime
    took: float
    trouble: str = ""


class JobBook:
    """Runs jobs and keeps a line on each; safe for several threads at once."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._own = threading.local()

    def run(self, name: str, act: Callable[[], object]) -> None:
        """Run a job, and note how that went."""
        began, last = time.monotonic(), datetime.now(UTC)
        self._own.trouble = ""
        try:
            act()
        finally:
            took = time.monotonic() - began
            self._runs[name] = _Run(last, took, self._own.trouble)

    def note_trouble(self, trouble: str) -> None:
        """Note what went wrong in the job that this thread runs."""
        self._own.trouble = trouble

    def list_runs(self, upcoming: Mapping[str, datetime | None]) -> list[JobRun]:
        """Return a line for each job that has run, or has a next run in ``upcoming``."""
        known = {**JOBS, **dict.fromkeys(sorted({*upcoming, *self._runs} - {*JOBS}), "")}
        lines = []
        for name, about in known.items():
            run = self._runs.get(name)
            if run or name in upcoming:
                last, took, trouble = (run.last, run.took, run.trouble) if run else (None, None, "")
                lines.append(JobRun(name, about, last, took, upcoming.get(name), trouble))
        return lines

"""The engine's clockwork: APScheduler's jobs, and what file-system events wake.

Events only make things happen sooner. All that must happen is found again by looking: a scan that
repeats, the moments kept in the store, and the config file's own date (rule 5 of the house).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.util import undefined

from feedsvc.bulletin import tell_config, tell_jobs, tell_nearest
from feedsvc.config import LoadedConfig
from feedsvc.configwatch import ConfigWatch
from feedsvc.errors import ContentFolderError, EndedError, FeedsvcError
from feedsvc.folderwatch import Changes, FolderWatch
from feedsvc.hub import make_courier
from feedsvc.jobbook import JobBook
from feedsvc.lead import Lead
from feedsvc.logs import Complaints, get_log
from feedsvc.orders import carry_out_orders
from feedsvc.readership import close_days
from feedsvc.service import Service

if TYPE_CHECKING:
    from feedsvc.config.schema import HubConfig
    from feedsvc.hub.courier import Courier

log = get_log(__name__)

# How often the config file's date is looked at, in seconds; an edit is in force within two.
CONFIG_EVERY = 0.25

# How often to build what others have marked, in seconds: a command, or a worker that was asked for
# a feed which nobody had asked for before.
PUBLISH_EVERY = 2.0

# How often to look for what was asked for on the dashboard, in seconds: somebody waits for it.
ORDERS_EVERY = 0.5

# How often to look whether caches in front of the site have to forget something, in seconds.
PURGE_EVERY = 0.5

# How often the dashboard is told of the engine, and of what is nearest to unsure articles.
REPORT_EVERY = 5.0
REVIEW_EVERY = 10.0

# Events miss files in folders that are copied or moved in, so a whole scan follows them once the
# folder has been quiet for so long (seconds), or for some times what a scan takes.
_QUIET = 2.0
_QUIET_SCANS = 10.0

# The hub's libraries take long to load, and readers are served first.
_HUB_AFTER = timedelta(seconds=1)

# Days of the statistics are closed each hour (in seconds), and readers are served first.
CLOSE_EVERY = 3600.0
_CLOSE_FIRST = timedelta(minutes=1)

# While something does not answer, what is due waits so long for the next try.
_REST = timedelta(seconds=1)

# The same complaint is told again after so long, in seconds.
_COMPLAIN_AGAIN = 60.0

# What each engine does for itself, whether it is at work or stands by.
_OWN_JOBS = frozenset({"config", "turn"})

# A moment that lies further ahead is looked for again then: timers stay short.
_FAR = timedelta(days=1)


class Engine:
    """Runs a service: scans, releases, expires and reloads until it is stopped.

    ``read_config`` reads the config file anew; it raises ConfigError. ``scanned`` is set when the
    first scan is through. With a ``lead`` it works only while that holds the site's tick, and
    stands by otherwise: then it reads the config, watches the folder, and does nothing else.
    """

    def __init__(
        self,
        service: Service,
        read_config: Callable[[], LoadedConfig],
        lead: Lead | None = None,
    ) -> None:
        self._service = service
        self._lead = lead
        self._stopping = threading.Event()
        self._scan_took = 0.0
        self._folder_trouble = ""
        self._config = ConfigWatch(service, read_config)
        self._scan_latest = datetime.now(UTC)
        self.scanned = threading.Event()
        self._courier: Courier | None = None
        self._turn = threading.Lock()
        self._hub_turn = threading.Lock()
        self._courier_for: tuple[str, HubConfig] | None = None
        self._folder = FolderWatch(lambda: service.config.content, self._notice, self._stopping)
        self._started = datetime.now(UTC)
        self._book = JobBook()
        self._nearest: Mapping[str, tuple[str, ...]] = {}
        self._rest_until = datetime.min.replace(tzinfo=UTC)
        self._complaints = Complaints(_COMPLAIN_AGAIN)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            # A job that is late is done now, and once: what it does is found by looking.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def start(self) -> None:
        """Start the clockwork; the first scan begins at once, in the background."""
        self._every(self._service.config.content.scan_every, self._scan, "scan", datetime.now(UTC))
        self._every(CONFIG_EVERY, self._check_config, "config")
        self._every(PUBLISH_EVERY, self._build, "publish")
        self._every(ORDERS_EVERY, self._carry_out, "orders")
        self._every(REPORT_EVERY, self._report, "report")
        self._every(REVIEW_EVERY, self._review, "review")
        self._every(PURGE_EVERY, self._purge, "purge")
        self._every(CLOSE_EVERY, self._close_days, "statistics", datetime.now(UTC) + _CLOSE_FIRST)
        self._scheduler.start()
        if self._service.is_at_work:
            self._begin_work()
        if self._lead:
            self._lead.on_change = self._change_turns
            self._change_turns()  # it may have come or gone before we listened
        self._folder.start()

    def _begin_work(self) -> None:
        """Do what comes before all else once this engine is at work."""
        self._guard(self._tell_config)
        self._at(self._service.clock(), self._service.warm_up, "warm-up")
        self._guard(self._report)
        self._plan_release()
        self._at(self._service.clock() + _HUB_AFTER, self._equip_hub, "hub")

    def _change_turns(self) -> None:
        """Take over, or stand by, as the lead says; in a job, since that may take a while."""
        self._at(datetime.now(UTC), self._take_turn, "turn")

    def _take_turn(self) -> None:
        with self._turn:
            if not (self._lead and self._lead.fence.claim):
                self._equip_hub()  # which ends the courier
            elif not self._service.is_at_work:
                began = time.monotonic()
                try:
                    self._service.take_over()
                except Exception:
                    self._lead.give_up()
                    raise
                log.info(
                    "at work",
                    engine=self._lead.name,
                    ready_after=round(time.monotonic() - began, 3),
                )
                self._begin_work()
                self._wake_scan(0.0)

    def stop(self) -> None:
        """End all jobs; what is being done is finished, and no new one begins."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._folder.join()
        if self._courier:
            self._courier.stop()

    def _equip_hub(self) -> None:
        """Let the courier deliver as the config says: start it, replace it or end it."""
        with self._hub_turn:
            config = self._service.config
            at_work = self._service.is_at_work
            wanted = (config.site.base_url, config.hub) if at_work else None
            if wanted == self._courier_for:
                return
            if self._courier:
                self._courier.stop()
                self._courier = None
            if at_work and config.hub.is_at_work:
                # What was delivered is written down even if another engine is at work by then.
                store = self._lead.store if self._lead else self._service.store
                self._courier = make_courier(store, config, self._service.clock)
                self._courier.start()
            self._courier_for = wanted

    def _scan(self) -> None:
        began = time.monotonic()

        def scan() -> None:
            try:
                report = self._service.scan(self._go_on)
            except ContentFolderError as error:
                if str(error) != self._folder_trouble:
                    log.error("folder unreadable", why=str(error), published="stays as it is")
                    self._folder_trouble = str(error)
                    self._service.report_folder(str(error))
                return
            if self._folder_trouble:
                self._folder_trouble = ""
                self._service.report_folder("")
            if report.changed:
                out = report.outcome
                log.info(
                    "scan",
                    files=report.seen,
                    new=len(out.new),
                    changed=len(out.changed),
                    moved=len(out.moved),
                    gone=len(out.gone),
                    refused=len(out.refused),
                )

        self._guard(scan)
        self._guard(partial(self._service.clean_again, quiet=True))
        self._scan_took = time.monotonic() - began
        every = self._service.config.content.scan_every
        self._scan_latest = datetime.now(UTC) + timedelta(seconds=every)
        self.scanned.set()
        self._plan_next()

    def _go_on(self, _done: int, _files: int) -> None:
        """Break off between two batches, if the engine is to end: thousands may be left."""
        if self._stopping.is_set():
            raise EndedError("the engine was asked to end")

    def _carry_out(self) -> None:
        if carry_out_orders(self._service):
            self._review()
            self._plan_next()

    def _purge(self) -> None:
        if (config := self._service.config).purge:
            from feedsvc.purge import send_due  # its libraries take long to load, and few need them

            send_due(self._service.store, config, self._service.clock, self._stopping.is_set)

    def _report(self) -> None:
        """Tell the dashboard that the engine lives, and what its jobs do."""
        upcoming = {job.id: job.next_run_time for job in self._scheduler.get_jobs()}
        runs = self._book.list_runs(upcoming)
        tell_jobs(self._service.store, runs, self._started, datetime.now(UTC))

    def _review(self) -> None:
        """Find the sections nearest to what is on the review list, if that has changed."""
        if (nearest := self._service.find_nearest(self._nearest)) != self._nearest:
            tell_nearest(self._service.store, nearest)
            self._nearest = nearest

    def _tell_config(self) -> None:
        tell_config(self._service.store, self._service.loaded, self._service.clock())

    def _look(self) -> None:
        self._guard(self._service.look)
        self._plan_next()

    def _clean(self) -> None:
        self._service.clean_again(quiet=False)

    def _release(self) -> None:
        self._guard(self._service.publish)
        self._plan_release()

    def _build(self) -> None:
        """Build what others have marked; a look that finds nothing must cost an edit no time."""
        self._service.publish_marked()

    def _close_days(self) -> None:
        service = self._service
        keep = timedelta(seconds=service.config.statistics.keep)
        close_days(service.store, keep, service.clock())

    def _plan_next(self) -> None:
        """Set the timers for what comes due: files that settle, embargoes that end."""
        self._guard(self._set_timers)

    def _set_timers(self) -> None:
        due = self._service.next_look()
        if due:
            self._at(due, self._look, "look")
        if self._service.wants_cleaning():
            self._at(self._service.clock(), self._clean, "clean")
        self._plan_release()

    def _plan_release(self) -> None:
        try:
            due = self._service.next_release()
        except FeedsvcError as error:
            log.error("%s", error)
            due = None
        # Never later than a day: clocks are set, and timers of years are not to be trusted.
        now = self._service.clock()
        self._at(min(due or now + _FAR, now + _FAR), self._release, "release")

    def _every(
        self,
        seconds: float,
        act: Callable[[], None],
        name: str,
        first: Any = undefined,
    ) -> None:
        job = partial(self._run, name, act)
        self._scheduler.add_job(
            job, "interval", seconds=seconds, id=name, name=name, next_run_time=first
        )

    def _at(self, moment: datetime, act: Callable[[], None], name: str) -> None:
        if not self._stopping.is_set():
            job = partial(self._run, name, act)
            self._scheduler.add_job(
                job,
                "date",
                run_date=max(moment, self._rest_until),
                id=name,
                name=name,
                replace_existing=True,
                max_instances=2,
            )

    def _run(self, name: str, act: Callable[[], None]) -> None:
        """Run a job, if it is this engine's turn or needs none; whatever it raises ends here."""
        if name in _OWN_JOBS or self._service.is_at_work:
            self._book.run(name, partial(self._guard, act))

    def _check_config(self) -> None:
        before = self._service.config
        loaded = self._config.look()
        if loaded is None or self._service.config == before or not self._service.is_at_work:
            return
        for warning in loaded.warnings:
            log.warning("config warning", **warning.keys())
        self._guard(self._tell_config)
        self._guard(self._equip_hub)
        content = self._service.config.content
        self._scheduler.reschedule_job("scan", trigger="interval", seconds=content.scan_every)
        if content != before.content or self._service.wants_scan:
            self._wake_scan(0.0)
        self._plan_next()

    def _notice(self, changes: Changes) -> None:
        """Look at what events have named."""
        if not self._service.is_at_work:
            return  # whoever takes over looks at everything
        self._guard(lambda: self._service.look(changes.paths, changes.renamed, self._go_on))
        self._plan_next()
        self._wake_scan(max(_QUIET, self._scan_took * _QUIET_SCANS))

    def _wake_scan(self, wait: float) -> None:
        """Let the next scan come after ``wait`` quiet seconds, but no later than its turn."""
        soon = datetime.now(UTC) + timedelta(seconds=wait)
        # The job is not there any more while the engine is being stopped.
        with contextlib.suppress(JobLookupError):
            self._scheduler.modify_job("scan", next_run_time=min(soon, self._scan_latest))

    def _guard(self, act: Callable[[], Any]) -> None:
        """Run one job; what goes wrong is logged, and the clockwork goes on."""
        try:
            act()
        except EndedError:
            return
        except FeedsvcError as error:
            self._book.note_trouble(str(error))
            self._rest_until = self._service.clock() + _REST
            if self._complaints.is_news(str(error), time.monotonic()):
                log.error("%s", error)
        except Exception as error:
            self._book.note_trouble(f"{type(error).__name__}: {error}")
            log.exception("a job failed; it will be tried again")

"""The engine's clockwork: APScheduler's jobs, and the thread that file-system events wake.

Events only make things happen sooner. All that must happen is found again by looking: a scan that
repeats, the moments kept in the store, and the config file's own date (rule 5 of the house).
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.util import undefined
from watchfiles import Change, watch

from feedsvc.bulletin import tell_config, tell_jobs, tell_nearest
from feedsvc.config import AGAIN_AFTER, LoadedConfig, Mark, Stillness
from feedsvc.errors import ConfigError, ContentFolderError, EndedError, FeedsvcError
from feedsvc.hub import make_courier
from feedsvc.jobbook import JobBook
from feedsvc.lead import Lead
from feedsvc.logs import Complaints, get_log
from feedsvc.orders import carry_out_orders
from feedsvc.readership import close_days
from feedsvc.scan import find_watched, read_mounts
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

# Events are handed over when none came for `step`, but after `debounce` at the latest; both in ms.
# The settle time of a file runs meanwhile, so this costs a new article nothing.
_EVENT_STEP = 20
_EVENT_DEBOUNCE = 400

# Events miss files in folders that are copied or moved in, so a whole scan follows them once the
# folder has been quiet for so long (seconds), or for some times what a scan takes.
_QUIET = 2.0
_QUIET_SCANS = 10.0

# How long to wait before trying to watch a folder again that could not be watched, in seconds.
_WATCH_AGAIN = 5.0

# The hub's libraries take long to load, and readers are served first.
_HUB_AFTER = timedelta(seconds=1)

# Days of the statistics are closed each hour (in seconds), and readers are served first.
CLOSE_EVERY = 3600.0
_CLOSE_FIRST = timedelta(minutes=1)
# Faults of a config that are told one by one; `feedsvc check` tells all.
_FAULTS_TOLD = 20

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
        self._read_config = read_config
        self._lead = lead
        self._stopping = threading.Event()
        self._scan_took = 0.0
        self._folder_trouble = ""
        self._config_file = Stillness(_mark_of(service.loaded.path))
        # A config that must not come into force, unless an admin allows it.
        self._refused: LoadedConfig | None = None
        self._scan_latest = datetime.now(UTC)
        self.scanned = threading.Event()
        self._courier: Courier | None = None
        self._turn = threading.Lock()
        self._hub_turn = threading.Lock()
        self._courier_for: tuple[str, HubConfig] | None = None
        self._watcher: threading.Thread | None = None
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
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

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
        if self._watcher:
            self._watcher.join(timeout=1.0)
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
        path, now = self._service.loaded.path, time.monotonic()
        mark = _mark_of(path)
        if self._refused and self._service.allows(self._refused):
            self._config_file.read_again()
            self._refused = None
        if not self._config_file.is_due(mark, now):
            return
        loaded: LoadedConfig | None = None
        before = self._service.config
        try:
            loaded = self._read_config()
            if _mark_of(path) != mark:
                self._config_file.read_again()
                return  # it was saved again just now
            self._service.reload(loaded)
            self._refused = None
        except ConfigError as error:
            self._refused = loaded
            for fault in error.faults[:_FAULTS_TOLD]:
                log.error("config refused", **fault.keys())
            if (more := len(error.faults) - _FAULTS_TOLD) > 0:
                log.error("more config faults", faults=more)
            if not self._service.is_at_work:
                return  # the engine at work reports what is wrong with its own
            self._try_again_if_failed(partial(self._service.report_config, error, path.name))
            return
        except Exception:
            self._config_file.read_again(now + AGAIN_AFTER)
            raise
        if self._service.config == before or not self._service.is_at_work:
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

    def _try_again_if_failed(self, report: Callable[[], None]) -> None:
        """Report what is wrong with the config; where the store cannot take it, read it again."""
        try:
            report()
        except FeedsvcError:
            self._config_file.read_again(time.monotonic() + AGAIN_AFTER)
            raise

    def _watch(self) -> None:
        """Hand file-system events over as hints, for as long as the engine runs."""
        while not self._stopping.is_set():
            folder = find_watched(self._service.config.content, read_mounts())
            if folder is None:  # only scans see what changes there
                self._stopping.wait(_WATCH_AGAIN)
                continue
            try:
                for changes in watch(
                    folder,
                    stop_event=self._stopping,
                    step=_EVENT_STEP,
                    debounce=_EVENT_DEBOUNCE,
                    rust_timeout=500,
                    yield_on_timeout=True,
                    watch_filter=None,
                    raise_interrupt=False,
                ):
                    if self._is_elsewhere(folder):
                        break
                    if changes:
                        self._notice(changes, folder)
            except (OSError, RuntimeError) as error:
                log.debug("the content folder cannot be watched: %s", error)
                self._stopping.wait(_WATCH_AGAIN)

    def _is_elsewhere(self, folder: Path) -> bool:
        content = self._service.config.content
        return content.folder != folder or content.watch == "off" or not folder.is_dir()

    def _notice(self, changes: set[tuple[Change, str]], folder: Path) -> None:
        """Look at what events have named."""
        if not self._service.is_at_work:
            return  # whoever takes over looks at everything
        kinds: dict[str, set[Change]] = {}
        for change, name in changes:
            if name != str(folder):
                kinds.setdefault(os.path.relpath(name, folder), set()).add(change)
        # A file that was written here is also reported as modified; one that only appeared was
        # renamed into place, or linked.
        renamed = {path for path, seen in kinds.items() if seen == {Change.added}}
        self._guard(lambda: self._service.look(kinds, renamed, self._go_on))
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


def _mark_of(path: Path) -> Mark:
    try:
        status = path.stat()
    except OSError:
        return None
    # The time of any change as well: who makes a file readable does not write it.
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)

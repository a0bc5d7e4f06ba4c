"""What a running site says of itself, to standard error: one form in every process.

For people it is one line an event; for programs (``FEEDSVC_LOG=json``), one JSON object a line.
Libraries that log have the same form.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.stdlib import BoundLogger, PositionalArgumentsFormatter, ProcessorFormatter
from structlog.typing import EventDict

from feedsvc.loglines import render_json, render_line, tell_time

# Says in which form a process logs, ``json`` or nothing; processes that it starts take it over.
FORM_VARIABLE = "FEEDSVC_LOG"
JSON_FORM = "json"

# They tell of their own work; only their warnings are for an admin.
_TALKATIVE = ("aiohttp", "alembic", "apscheduler", "asyncio", "watchfiles")

_as_json = False


def get_log(name: str) -> BoundLogger:
    """Return the log that takes events under ``name``, each with keys of its own.

    They are records of ``logging`` as all others: its levels count, and its handlers see them.
    """
    log: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            PositionalArgumentsFormatter(),
            _hand_over,
        ],
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )
    return log


class Complaints:
    """Tells what was said a moment ago from what is news: whatever repeats fills no disk.

    ``again_after`` is after how many seconds the same is news again.
    """

    # Different ones that are remembered: causes of trouble are few, and bounded anyhow.
    _MOST = 100

    def __init__(self, again_after: float) -> None:
        self._again_after = again_after
        self._told: dict[str, float] = {}

    def is_news(self, text: str, now: float) -> bool:
        """Return whether a complaint is to be told at ``now``, in seconds."""
        told = self._told.get(text)
        if told is not None and now - told < self._again_after:
            return False
        if len(self._told) >= self._MOST:
            self._told.clear()
        self._told[text] = now
        return True


def start_log(as_json: bool = False, level: int = logging.INFO) -> None:
    """Write what is logged in this process to standard error, from ``level`` on.

    ``as_json`` chooses the form for programs. Called again, it replaces what it had set up.
    """
    global _as_json
    _as_json = as_json
    screen = _Screen()
    render = _render_for_programs if as_json else _render_for_people
    screen.setFormatter(ProcessorFormatter(processors=[render]))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Screen)]:
        root.removeHandler(old)
    root.addHandler(screen)
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # It warns when a job that comes every half second is still at work: that is how it should be.
    logging.getLogger("apscheduler.scheduler").setLevel(max(level, logging.ERROR))
    # It names no file, and what it cannot read is read in another way.
    logging.getLogger("trafilatura").setLevel(max(level, logging.CRITICAL))
    if as_json:
        # What nobody caught, and what Python warns of, would else be told in a form of its own.
        logging.captureWarnings(True)
        threading.excepthook = _tell_of_thread
        sys.excepthook = _tell_of_process


def is_json() -> bool:
    """Whether this process logs for programs, which want every event there is."""
    return _as_json


def wants_json(environment: Mapping[str, str]) -> bool:
    """Whether the environment asks for the form for programs."""
    return environment.get(FORM_VARIABLE, "").strip().lower() == JSON_FORM


class _Event(dict[str, Any]):
    """An event on its way to the formatter; a handler that knows nothing of it shows a line."""

    def __str__(self) -> str:
        keys = {key: value for key, value in self.items() if key not in ("event", "exc_info")}
        return render_line("", "info", str(self.get("event", "")), keys)


class _Screen(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at that moment: a progress bar may stand in for it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        """Standard error, as it is now."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """Keep nothing."""


def _hand_over(logger: logging.Logger, name: str, event: EventDict) -> tuple[Any, Any]:
    (keys,), kwargs = ProcessorFormatter.wrap_for_formatter(logger, name, event)
    return (_Event(keys),), kwargs


def _render_for_programs(_logger: Any, _name: str, event: EventDict) -> str:
    record, told, exception = _take_apart(event)
    head = {
        "at": tell_time(datetime.fromtimestamp(record.created, UTC)),
        "level": record.levelname.lower(),
        "event": told.pop("event", ""),
        "logger": record.name,
        "process": record.process,
    }
    return render_json(head, told, exception)


def _render_for_people(_logger: Any, _name: str, event: EventDict) -> str:
    record, told, exception = _take_apart(event)
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    start = f"{datetime.fromtimestamp(record.created):%H:%M:%S}"  # in the zone of the machine
    level, text = record.levelname.lower(), str(told.pop("event", ""))
    return render_line(start, level, text, told, exception, coloured)


def _take_apart(event: EventDict) -> tuple[logging.LogRecord, dict[str, Any], str]:
    """Return the record, the event with its keys, and what is to be told of an exception."""
    told = dict(event)
    record: logging.LogRecord = told.pop("_record")
    told.pop("_from_structlog", None)
    info, stack = told.pop("exc_info", None), told.pop("stack_info", None)
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    elif info and not isinstance(info, tuple):
        info = sys.exc_info()
    exception = "".join(traceback.format_exception(*info)) if info and info[0] else ""
    return record, told, exception + str(stack or "")


def _tell_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else "unknown"
        get_log(__name__).error("a thread ended", thread=name, exc_info=args.exc_value or True)


def _tell_of_process(_kind: Any, error: BaseException, _trace: Any) -> None:
    get_log(__name__).critical("the process ended", exc_info=error)

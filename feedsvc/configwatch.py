"""The config file while the engine runs: an edit comes into force, or is reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from feedsvc.config import AGAIN_AFTER, LoadedConfig, Mark, Stillness
from feedsvc.errors import ConfigError, FeedsvcError
from feedsvc.logs import get_log
from feedsvc.service import Service

log = get_log(__name__)

# Faults of a config that are told one by one; `feedsvc check` tells all.
_FAULTS_TOLD = 20


class ConfigWatch:
    """Puts a service under the config file as it stands now.

    ``read_config`` reads the file anew; it raises ConfigError.
    """

    def __init__(self, service: Service, read_config: Callable[[], LoadedConfig]) -> None:
        self._service = service
        self._read_config = read_config
        self._file = Stillness(_mark_of(service.loaded.path))
        # A config that must not come into force, unless an admin allows it.
        self._refused: LoadedConfig | None = None

    def look(self) -> LoadedConfig | None:
        """Put the config in force if it was edited; return it, or None if there is nothing new.

        One that cannot be used is reported, and the one before stays. Raises FeedsvcError when that
        cannot be done now; it is tried again.
        """
        path, now = self._service.loaded.path, time.monotonic()
        mark = _mark_of(path)
        if self._refused and self._service.allows(self._refused):
            self._file.read_again()
            self._refused = None
        if not self._file.is_due(mark, now):
            return None
        loaded: LoadedConfig | None = None
        try:
            loaded = self._read_config()
            if _mark_of(path) != mark:
                self._file.read_again()
                return None  # it was saved again just now
            self._service.reload(loaded)
            self._refused = None
        except ConfigError as error:
            self._refused = loaded
            self._report(error, path)
            return None
        except Exception:
            self._file.read_again(now + AGAIN_AFTER)
            raise
        return loaded

    def _report(self, error: ConfigError, path: Path) -> None:
        for fault in error.faults[:_FAULTS_TOLD]:
            log.error("config refused", **fault.keys())
        if (more := len(error.faults) - _FAULTS_TOLD) > 0:
            log.error("more config faults", faults=more)
        if not self._service.is_at_work:
            return  # the engine at work reports what is wrong with its own
        try:
            self._service.report_config(error, path.name)
        except FeedsvcError:
            self._file.read_again(time.monotonic() + AGAIN_AFTER)
            raise


def _mark_of(path: Path) -> Mark:
    try:
        status = path.stat()
    except OSError:
        return None
    # The time of any change as well: who makes a file readable does not write it.
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)

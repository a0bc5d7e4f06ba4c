"""How often a worker does something costly: so often a second, whoever asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Allowance:
    """How often something may be done now: ``rate`` times a second, ``most`` times at once."""

    def __init__(
        self, rate: float, most: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._most, self._clock = rate, most, clock
        self._left, self._since = most, clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one, if there is one."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._since) * self._rate)
            self._since = now
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True

"""A question to the store for which nobody waits longer than a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from feedsvc.errors import StoreError

Answer = TypeVar("Answer")


class BriefQuestion(Generic[Answer]):
    """Asks in a thread of its own, one at a time; who comes meanwhile shares the answer.

    What the store takes longer for than ``patience`` seconds is an error to who waits, and goes on.
    """

    def __init__(self, ask: Callable[[], Answer], patience: float) -> None:
        self._ask = ask
        self._patience = patience
        self._lock = threading.Lock()
        self._under_way: Future[Answer] | None = None
        self._until = 0.0

    def answer(self) -> Answer:
        """Return the answer. Raises StoreError, at once if the time was up before."""
        with self._lock:
            asked = self._under_way
            if asked is None or asked.done():
                asked = self._under_way = Future()
                self._until = time.monotonic() + self._patience
                # Not a pool's thread: nobody waits at the end of the process for what hangs.
                threading.Thread(
                    target=self._find, args=(asked,), name="question", daemon=True
                ).start()
            left = self._until - time.monotonic()
        try:
            return asked.result(max(0.0, left))
        except TimeoutError:
            reason = f"nothing came back within {self._patience:g} s"
            raise StoreError(f"the store does not answer: {reason}") from None

    def _find(self, asked: Future[Answer]) -> None:
        try:
            asked.set_result(self._ask())
        except BaseException as error:
            asked.set_exception(error)  # it is raised where somebody waits

"""What persons want done: written down for the engine, whose answer is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from flask import Response
from werkzeug.datastructures import MultiDict

from feedsvc.store import ACCEPT, FILE, RESTORE, WITHDRAW, Order
from feedsvc.web.site import LiveSite

# How long a person waits for the engine before the page says that it is still to be done; both in
# seconds.
_WAIT, _LOOK_EVERY = 4.0, 0.05

_REASON_CHARS = 500

# An article can hardly be in more sections than this.
_SECTIONS_MOST = 50

_ACTIONS = (FILE, WITHDRAW, RESTORE)

_UID_CHARS = 16


class OrderDesk:
    """Takes orders on behalf of one worker. ``path`` gives the address of a page of the desk."""

    def __init__(self, live: LiveSite, path: Callable[[str], str]) -> None:
        self._live = live
        self._path = path

    def take(self, uid: str, form: MultiDict[str, str], who: str) -> Response:
        """Write down what is to be done to an article; go back to where it was asked for."""
        action = form.get("action", "")
        if action not in _ACTIONS or len(uid) != _UID_CHARS:
            return Response("There is no such action.\n", 400, content_type="text/plain")
        sections = list(dict.fromkeys(one for one in form.getlist("section") if one))
        detail = {
            "sections": [] if form.get("auto") else sections[:_SECTIONS_MOST],
            "reason": " ".join(form.get("reason", "").split())[:_REASON_CHARS],
        }
        if action == FILE and not sections and not form.get("auto"):
            return self._go_back(form, uid, 0)
        return self._go_back(form, uid, self._ask(Order(self._now(), who, action, uid, detail)))

    def accept_deletions(self, who: str) -> Response:
        """Let the engine believe that the files which vanished are gone."""
        number = self._ask(Order(self._now(), who, ACCEPT))
        return self._go(f"problems?done={number}")

    def find_outcome(self, number: str) -> Order | None:
        """Return the order of this number, for the page that tells how it went."""
        if not number.isdigit() or len(number) > 9 or number == "0":
            return None
        with self._live.store.reading_orders() as orders:
            return orders.order(int(number))

    def _ask(self, order: Order) -> int:
        with self._live.store.writing() as writer:
            number = writer.orders.ask(order)
        end = time.monotonic() + _WAIT
        while time.monotonic() < end:
            time.sleep(_LOOK_EVERY)
            known = self.find_outcome(str(number))
            if known is None or known.done:
                break
        return number

    def _go_back(self, form: MultiDict[str, str], uid: str, number: int) -> Response:
        back = form.get("back", "")
        page = back if back in ("review", "problems", "withdrawals") else f"articles/{uid}"
        return self._go(f"{page}?done={number}")

    def _go(self, page: str) -> Response:
        return Response(status=303, headers={"Location": self._path(page)})

    def _now(self) -> datetime:
        return self._live.clock()

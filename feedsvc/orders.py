"""Carrying out what persons asked for on the dashboard.

A web worker only writes an order down; the engine, which alone changes the site, does it within a
second. So a worker needs neither the content folder nor the filing model, and may be anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from feedsvc.errors import FeedsvcError
from feedsvc.service import Service
from feedsvc.store import ACCEPT, FILE, RESTORE, WITHDRAW, Order, State, StoredEntry

log = logging.getLogger(__name__)

# Orders that are taken at a time: a person gives one, and the others' turn comes in between.
_AT_A_TIME = 20

# How long the outcome of an order is kept for who asked for it.
_KEPT = timedelta(days=1)


class _CannotBeDone(FeedsvcError):
    """An order that makes no sense any more; the message is for who gave it."""


def carry_out_orders(service: Service) -> int:
    """Do what was asked for, and write down how it went; return how many orders there were.

    An order that fails, however that is, says so and is not tried again. Raises StoreError.
    """
    with service.store.reading_orders() as orders:
        waiting = orders.waiting(_AT_A_TIME)
    for order in waiting:
        with service.store.reading_orders() as orders:
            still = orders.order(order.number)
        if still is None or still.done:
            continue  # this engine was stopped for a while, and another one has done it
        trouble = True
        try:
            outcome, trouble = _find_action(order)(service, order), False
        except FeedsvcError as error:
            outcome = str(error)
        except Exception:
            log.exception("an order failed: %s", order.action)
            outcome = "this failed; the engine's log says why"
        now = service.clock()
        with service.store.writing() as writer:
            writer.orders.finish(order.number, outcome, trouble, now)
            writer.orders.forget(now - _KEPT)
    return len(waiting)


def _find_action(order: Order) -> Callable[[Service, Order], str]:
    if order.action not in _ACTIONS:
        raise _CannotBeDone(f'this engine knows no "{order.action}": is it of another version?')
    return _ACTIONS[order.action]


def _file(service: Service, order: Order) -> str:
    """File an entry in the sections that the order names; with none a correction is taken back."""
    entry = _find(service, order)
    if entry.state is State.GONE:
        raise _CannotBeDone(f"{entry.path} was deleted: there is nothing to file")
    sections = [str(name) for name in order.detail.get("sections", ())]
    if unknown := [name for name in sections if name not in service.config.sections]:
        raise _CannotBeDone(f'"{unknown[0]}" is no section any more: nothing was changed')
    if not sections and not entry.corrected:
        raise _CannotBeDone(f"{entry.path} was not filed by a person: nothing was changed")
    done = service.correct(entry, sections, order.who)
    stands = ", ".join(done.entry.filing.sections) or "no section"
    how = "filed in" if sections else "decided by feedsvc again: it is in"
    learned = f" Of {done.again} unsure articles {len(done.moved)} moved." if done.moved else ""
    return f"“{entry.article.title}” is {how} {stands}.{learned}"


def _withdraw(service: Service, order: Order) -> str:
    entry = _find(service, order)
    if entry.withheld:
        raise _CannotBeDone(f"“{entry.article.title}” was withdrawn before: nothing was changed")
    service.withdraw(entry, order.who, str(order.detail.get("reason", "")))
    return f"“{entry.article.title}” was withdrawn: it has left every feed and page."


def _restore(service: Service, order: Order) -> str:
    entry = _find(service, order)
    if not entry.withheld:
        raise _CannotBeDone(f"“{entry.article.title}” is not withdrawn: nothing was changed")
    now = service.restore(entry, order.who, str(order.detail.get("reason", "")))
    return f"The withdrawal of “{entry.article.title}” was taken back: it is {now.state.value}."


def _accept(service: Service, order: Order) -> str:
    """Believe that files which vanished all at once are gone."""
    report = service.scan(accept_deletions=True)
    service.finish_pass(report, accept_deletions=True)
    gone = len(report.outcome.gone)
    return f"{gone} article{'' if gone == 1 else 's'} left the site with their files."


def _find(service: Service, order: Order) -> StoredEntry:
    entry = service.store.entry(order.uid)
    if entry is None:
        raise _CannotBeDone("there is no such article any more: nothing was changed")
    return entry


_ACTIONS: Mapping[str, Callable[[Service, Order], str]] = MappingProxyType(
    {FILE: _file, WITHDRAW: _withdraw, RESTORE: _restore, ACCEPT: _accept}
)

"""Sends what caches have to forget, and writes down how that went."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from yarl import URL

from feedsvc import __version__
from feedsvc.config import Config
from feedsvc.config.purging import PurgeConfig
from feedsvc.logs import get_log
from feedsvc.publication import find_targets
from feedsvc.purge.requests import (
    KEPT,
    PurgeRequest,
    describe_refusal,
    find_next_try,
    is_done,
    make_requests,
)
from feedsvc.scan import CACHE
from feedsvc.store import Purge, Store

log = get_log(__name__)

# How many purges are taken in hand at once for each cache, and how many are under way.
_MOST, _AT_ONCE = 500, 8

# Seconds for one request; and for all that is due at one moment: what is left comes again.
_CONNECT_TIMEOUT, _TOTAL_TIMEOUT = 3.0, 10.0
_ALL_TIMEOUT = 30.0
_LOOK_EVERY = 0.1

# What is read of an answer: nothing of it is of interest, but the connection serves again.
_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Told:
    """How it went with one target; ``failed`` is empty if the cache has forgotten it."""

    cache: PurgeConfig
    target: str
    failed: str = ""


def send_due(
    store: Store,
    config: Config,
    clock: Callable[[], datetime],
    should_stop: Callable[[], bool] = lambda: False,
) -> int:
    """Tell each cache what it has to forget by now; return how much was told.

    What a cache does not take is tried again, for a day. Raises StoreError.
    """
    owed: dict[str, list[Purge]] = {}
    began = clock()
    with store.reading_purges() as purges:
        for cache in config.purge:
            if due := purges.due(cache.id, began, _MOST):
                owed[cache.id] = due
    if not owed:
        return 0
    caches = [cache for cache in config.purge if cache.id in owed]
    wanted = {cache.id: [one.target for one in owed[cache.id]] for cache in caches}
    told = asyncio.run(_tell_all(caches, config.site.base_url, wanted, should_stop, _ALL_TIMEOUT))
    for cache in caches:
        _write_down(store, cache, owed[cache.id], told, began, clock())
    return sum(not one.failed for one in told)


def send_now(config: Config, paths: Iterable[str]) -> list[Told]:
    """Tell each cache at once to forget ``paths``, and return how that went."""
    named = list(paths)
    wanted = {cache.id: sorted(find_targets(cache, named)) for cache in config.purge}
    return asyncio.run(_tell_all(config.purge, config.site.base_url, wanted))


def send_keys_now(config: Config, key: str) -> list[Told]:
    """Tell each cache that goes by keys to forget all that has this one."""
    caches = [cache for cache in config.purge if cache.by_key]
    wanted = {cache.id: [key] for cache in caches}
    return asyncio.run(_tell_all(caches, config.site.base_url, wanted))


def _write_down(
    store: Store,
    cache: PurgeConfig,
    owed: Sequence[Purge],
    told: Iterable[Told],
    sent: datetime,
    now: datetime,
) -> None:
    outcomes = {one.target: one.failed for one in told if one.cache.id == cache.id}
    failed = {target: why for target, why in outcomes.items() if why}
    done = [one for one in owed if outcomes.get(one.target) == ""]
    hopeless = [one for one in owed if one.target in failed and now - one.since > KEPT]
    again = [one for one in owed if one.target in failed and one not in hopeless]
    where = f"purge {cache.name}"
    with store.writing() as writer:
        writer.purges.settle(done, sent)
        writer.purges.drop(hopeless)
        for attempt in {one.attempt for one in again}:
            some = [one for one in again if one.attempt == attempt]
            writer.purges.put_off(some, find_next_try(attempt, now))
        writer.purges.tally(len(done), len(failed))
        if failed:
            writer.put_problem(where, CACHE, next(iter(failed.values())), now)
        elif done:
            writer.clear_problems([where])
    if done:
        log.info("purged", cache=cache.name, targets=[one.target for one in done])
    if failed:
        why = next(iter(failed.values()))
        log.warning("purge failed", cache=cache.name, why=why, waiting=len(again))


async def _tell_all(
    caches: Iterable[PurgeConfig],
    base_url: str,
    wanted: Mapping[str, Sequence[str]],
    should_stop: Callable[[], bool] = lambda: False,
    within: float = math.inf,
) -> list[Told]:
    """Tell several caches side by side: one that hangs keeps no other from forgetting.

    What was not told ``within`` so many seconds, or before it was to stop, is not in the answer.
    """
    timeout = aiohttp.ClientTimeout(total=_TOTAL_TIMEOUT, connect=_CONNECT_TIMEOUT)
    headers = {"User-Agent": f"feedsvc/{__version__} (purge)"}
    jar = aiohttp.DummyCookieJar()
    told: list[Told] = []
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=jar) as session:
        each = [_tell(session, one, base_url, wanted[one.id], told) for one in caches]
        telling = asyncio.gather(*each)
        end = time.monotonic() + within
        while not telling.done() and time.monotonic() < end and not should_stop():
            await asyncio.wait([telling], timeout=_LOOK_EVERY)
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
    return told


async def _tell(
    session: aiohttp.ClientSession,
    cache: PurgeConfig,
    base_url: str,
    targets: Sequence[str],
    told: list[Told],
) -> None:
    """Tell one cache; once it does not answer, all that is left fails with that."""
    free, silent = asyncio.Semaphore(_AT_ONCE), ""

    async def tell_one(request: PurgeRequest) -> None:
        nonlocal silent
        async with free:
            failed = silent
            if not silent:
                try:
                    status = await _exchange(session, request)
                    failed = "" if is_done(status) else describe_refusal(request, status)
                except TimeoutError:
                    failed = silent = f"did not answer within {_TOTAL_TIMEOUT:g} s"
                except (aiohttp.ClientError, OSError, ValueError) as error:
                    failed = silent = f"cannot be told: {error or type(error).__name__}"
        told.extend(Told(cache, target, failed) for target in request.targets)

    await asyncio.gather(*map(tell_one, make_requests(cache, base_url, targets)))


async def _exchange(session: aiohttp.ClientSession, request: PurgeRequest) -> int:
    url = URL(request.url, encoded=True)  # as it stands: caches compare bytes
    body = request.body.encode() or None
    asked = session.request(
        request.method, url, headers=request.headers, data=body, allow_redirects=False
    )
    async with asked as answer:
        await answer.content.read(_ANSWER_BYTES)
        return answer.status

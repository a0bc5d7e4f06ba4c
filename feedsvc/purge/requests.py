"""The requests that make a cache forget, and what its answers mean. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from feedsvc.config.purging import KEY, KEYS, PATH, URL, PurgeConfig
from feedsvc.labels import quote_path

# So many keys in one request: Fastly takes 256.
_KEYS_MOST = 200

# A cache that does not take purges is asked again after so long, in seconds: twice as long each
# time, up to a minute.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

# After a day a cache has forgotten all that has an age by itself: no answer of ours that may change
# lasts longer.
KEPT = timedelta(days=1)

# Nothing was there: nginx' module says 404 or 412, others 404 or 410.
_NOT_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.PRECONDITION_FAILED})


@dataclass(frozen=True, slots=True)
class PurgeRequest:
    """One request to a cache, and the targets that it makes it forget."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    targets: tuple[str, ...]


def make_requests(
    cache: PurgeConfig, base_url: str, targets: Sequence[str]
) -> Iterator[PurgeRequest]:
    """Yield the requests that make a cache forget ``targets``: paths, or keys if it goes by these.

    What is told by address carries the Host of ``base_url``, unless the cache's own headers do: a
    cache knows pages by host and path.
    """
    if KEYS in cache.places:
        for at in range(0, len(targets), _KEYS_MOST):
            some = tuple(targets[at : at + _KEYS_MOST])
            yield _fill(cache, {KEYS: " ".join(some)}, some)
        return
    scheme, _, rest = base_url.partition("://")
    host, slash, base_path = rest.partition("/")
    for target in targets:
        if cache.by_key:
            yield _fill(cache, {KEY: target}, (target,))
            continue
        path = slash + base_path + quote_path(target)
        values = {PATH: path, URL: f"{scheme}://{host}{path}"}
        yield _fill(cache, values, (target,), host)


def _fill(
    cache: PurgeConfig, values: Mapping[str, str], targets: tuple[str, ...], host: str = ""
) -> PurgeRequest:
    def fill(text: str) -> str:
        for place, value in values.items():
            text = text.replace(f"{{{place}}}", value)
        return text

    url = fill(cache.url)
    headers = {name: fill(text) for name, text in cache.headers.items()}
    if not cache.places:
        url = url.rstrip("/") + values[PATH]
        if "host" not in map(str.lower, headers):
            headers["Host"] = host
    return PurgeRequest(cache.method, url, headers, fill(cache.body), targets)


def is_done(status: int) -> bool:
    """Whether a cache that answers with ``status`` has nothing of the target any more."""
    return 200 <= status < 300 or status in _NOT_THERE


def describe_refusal(request: PurgeRequest, status: int) -> str:
    """Return what a cache's answer says to a person; no address, since tokens stand there."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    target = request.targets[0]
    return f"answered {status} {phrase}".rstrip() + f" to {request.method} for {target}"


def find_next_try(attempt: int, now: datetime) -> datetime:
    """Return when to tell a cache again what it has not taken ``attempt`` times before."""
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 10))
    return now + timedelta(seconds=pause)
